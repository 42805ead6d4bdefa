"""`cascades.tsv`: one cascade per line, its events as `user:time user:time …`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.formats.cascade_events import CASCADE_SCHEMA, cascade_events
from graphsocial.ingest.formats.plain_text import number_in, text_of
from graphsocial.ingest.json_fields import LATEST_POST, check_time_unit
from graphsocial.ingest.json_lines import json_lines
from graphsocial.schema import Schema
from graphsocial.store.events import Event

_EVENT = re.compile(r"[^\s:]\S*:[0-9]+(\.[0-9]*)?")


@dataclass
class CascadesTsvReader:
    """Cascades between tabs: id, a split that is not read and may be missing, and events; a header may precede them.

    A cascade is one post, whose id is the cascade's. Events are taken in order of time, those of one time in the order
    of the list; the first is the author's, the others are reposts. Unlike `read_cascade_folder`, which leaves out
    single events, a line counts only as a whole.
    """

    format: ClassVar[str] = "cascades_tsv"
    documented: ClassVar[str] = "`read_cascade_folder` of this project"
    assumptions: ClassVar[tuple[str, ...]] = (
        "The first user of a cascade wrote its post; everybody after that reposted it.",
        "Times are kept as they are, as some files count seconds from a start of their own.",
    )
    schema: ClassVar[Schema] = CASCADE_SCHEMA

    def recognises(self, sample: FileSample) -> bool:
        """Whether the file has that name, or its first line is a header or a cascade."""
        fields = sample.text.lstrip().split("\n", 1)[0].rstrip("\r").split("\t")
        first = " ".join(_event_fields(fields)).split()[:1]
        return sample.name == "cascades.tsv" or (
            len(fields) > 1 and (_is_header(fields) or any(_EVENT.fullmatch(event) for event in first))
        )

    def records(self, path: Path) -> Records:
        """Lines of the file, without its header."""
        for number, line in json_lines(path):
            named = number == 1 and isinstance(line, bytes)
            if not (named and _is_header(line.decode("utf-8", errors="replace").split("\t"))):
                yield number, line

    def events(self, record: bytes) -> list[Event]:
        """Post, author and reposts of a cascade."""
        fields = text_of(record).split("\t")
        post = fields[0].strip()
        if not post:
            raise EventFormatError("got no id, expected a cascade's", field="cascade")
        joined = [_joined(event) for field in _event_fields(fields) for event in field.split()]
        if not joined:
            raise EventFormatError(f"cascade {shown(post)} has no event", field="events")
        return cascade_events(post, joined)


def _joined(event: str) -> tuple[str, int]:
    user, _, moment = event.rpartition(":")
    if not user or not moment:
        raise EventFormatError(f"got {shown(event)}, expected user:time with seconds from 0 on", field="events")
    time = number_in(moment, "events")
    if time < 0:
        raise EventFormatError(f"got {shown(event)}, expected a time from 0 on", field="events")
    if time >= LATEST_POST:
        check_time_unit(time, 1, "events")
    return user, math.floor(time)


def _is_header(fields: list[str]) -> bool:
    """Whether the first line names columns, by the rule of `CascadeLines`: its first field says so, without events."""
    named = fields[0].strip().lower() in ("cascade", "cascade_id", "cascade id", "id", "#cascade")
    return named and not any(event.rpartition(":")[2][:1].isdecimal() for event in " ".join(fields[1:]).split())


def _event_fields(fields: list[str]) -> list[str]:
    """Fields that hold events: all after the split, or after the id where there is no split."""
    return fields[1:] if len(fields) == 2 else fields[2:]
