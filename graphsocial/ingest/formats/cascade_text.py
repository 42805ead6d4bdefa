"""Cascades as text, one per line, in the layouts that papers on cascade prediction publish."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from graphsocial.errors import EventFormatError
from graphsocial.ingest.byte_stream import plain_name
from graphsocial.ingest.cells import shown
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.formats.cascade_events import CASCADE_SCHEMA, cascade_events, post_by, repost_by
from graphsocial.ingest.formats.plain_text import number_in, text_of
from graphsocial.ingest.json_fields import EARLIEST_POST, check_time_unit
from graphsocial.ingest.json_lines import json_lines
from graphsocial.ingest.stated_clock import check_stated_clock
from graphsocial.schema import Schema
from graphsocial.store.events import Event, Skipped

UNKNOWN_USER = "-1"
"""How Weibo's paths name a user whose id is not known."""

_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:e\+?[0-9]+)?"
_LAYOUTS = (
    re.compile(rf"(?:[^\s,]+ +)?[^\s,]+,{_NUMBER} +[^\s,]+,{_NUMBER}(?=\s|$)"),
    re.compile(rf"(?:[^\s,]+ )?[^\s,]+ {_NUMBER},(?:\s*$|[^\s,]+ {_NUMBER},)", re.MULTILINE),
    re.compile(rf"[^\t\n]+\t[^\t\n]+\t{_NUMBER}\t[0-9]+\t[^\s:]+:{_NUMBER}\b"),
)
"""How the first line begins: FOREST, MS-HGAT, CasFlow."""


@dataclass
class CascadeTextReader:
    """Lines of FOREST and DyHGCN, of MS-HGAT, and of DeepHawkes and CasFlow; each line says which it is.

    FOREST writes `user,time user,time`, perhaps with an id of the cascade before. MS-HGAT writes `user time,user time,`
    to the last comma, and begins some lines with one more user, the root, who has no time. CasFlow has five fields
    between tabs: id, root, publish time, number of participants, and paths `root/user/user:elapsed`, each of which says
    who passed the post on to whom. A cascade without an id is named after its file and line.

    Times are seconds since 1970-01-01 UTC unless the reader is told otherwise; what is no such time is refused.

    Attributes:
        per_second: Parts of a second that the file counts: 1000 where it has milliseconds, as FOREST's Twitter.
        step_seconds: Seconds of one step that the file counts: 3600 where it has hours, as FOREST's Memetracker.
        epoch: Start, int64 seconds UTC, from which the times of the file count; None: 1970-01-01, as clocks do.
    """

    per_second: int = 1
    step_seconds: int = 1
    epoch: int | None = None

    format: ClassVar[str] = "cascade_text"
    documented: ClassVar[str] = (
        "cascade files of FOREST (github.com/albertyang33/FOREST), MS-HGAT (github.com/slingling/MS-HGAT), "
        "DeepHawkes (github.com/CaoQi92/DeepHawkes) and CasFlow (github.com/Xovee/casflow)"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "The first user of a cascade wrote its post; everybody after that reposted it.",
        "A root without a time of its own wrote the post no later than the first user joined; the post counts as known "
        "from then on.",
    )
    schema: ClassVar[Schema] = CASCADE_SCHEMA

    def __post_init__(self) -> None:
        check_stated_clock(self.per_second, self.step_seconds, self.epoch)

    def recognises(self, sample: FileSample) -> bool:
        """Whether the first line begins as one of the layouts does."""
        text = sample.text.lstrip()
        return any(layout.match(text) for layout in _LAYOUTS)

    def records(self, path: Path) -> Records:
        """Lines of the file, each with the name that its cascade has where the line gives none."""
        stem = plain_name(path).rpartition(".")[0] or plain_name(path)
        for number, line in json_lines(path):
            yield number, line if isinstance(line, EventFormatError) else (f"{stem}_{number}", line)

    def events(self, record: tuple[str, bytes]) -> list[Event]:
        """Post, author and reposts of a cascade."""
        unnamed, line = record
        text = text_of(line)
        if "\t" in text:
            return self._paths(text)
        words = text.split()
        if words and "," in words[-1].strip(","):  # a comma inside the last word joins a user and a time
            named = "," not in words[0]
            pairs = [word.split(",") for word in (words[1:] if named else words)]
            return cascade_events(words[0] if named else unnamed, self._joined(pairs))
        *pairs, end = [chunk.split() for chunk in text.split(",")]
        if end:
            message = f"got {shown(end[-1])} at the end, expected user,time or a comma: the line is cut off"
            raise EventFormatError(message, field="events")
        root = pairs[0].pop(0) if pairs and len(pairs[0]) == 3 else None
        return cascade_events(unnamed, self._joined(pairs), root)

    def _joined(self, pairs: list[list[str]]) -> list[tuple[str, int]]:
        """Users and times."""
        if not pairs:
            raise EventFormatError("the cascade has no event", field="events")
        for pair in pairs:
            if len(pair) != 2 or not all(pair):
                raise EventFormatError(f"got {shown(','.join(pair))}, expected a user and a time", field="events")
        return [(user, self._time(time, "time")) for user, time in pairs]

    def _paths(self, text: str) -> list[Event]:
        """A line of DeepHawkes or CasFlow."""
        fields = [field.strip() for field in text.split("\t")]
        if len(fields) != 5:
            raise EventFormatError(f"got {len(fields)} fields between tabs, expected 5")
        post, root, published, count, paths = fields
        if not post or not root:
            raise EventFormatError("missing id", field="user" if post else "cascade")
        start, steps = self._time(published, "publish_time"), paths.split()
        if number_in(count, "participants") > len(steps):
            message = f"got {count} participants, but {len(steps)} paths: the line is cut off"
            raise EventFormatError(message, field="participants")
        events = post_by(None if root == UNKNOWN_USER else root, post, start)
        for step in steps:
            path, _, elapsed = step.rpartition(":")
            users = path.split("/")
            if not all(users):
                raise EventFormatError(f"got {shown(step)}, expected user/user:seconds", field="paths")
            seconds = self._elapsed(elapsed, "paths")
            if users == [root] and seconds == 0:  # how the layout writes the author
                continue
            parent = users[-2] if len(users) > 1 and users[-2] != UNKNOWN_USER else None
            unknown = users[-1] == UNKNOWN_USER
            events.append(Skipped("reposts by unknown users") if unknown else
                          repost_by(users[-1], post, start + seconds, parent))  # fmt: skip
        return events

    def _time(self, text: str, field: str) -> int:
        """A time of the file as seconds since 1970-01-01 UTC."""
        if self.epoch is not None:
            return self.epoch + self._elapsed(text, field)
        value = number_in(text, field) * self.step_seconds
        try:
            check_time_unit(value, self.per_second, field)
        except EventFormatError as error:
            hint = "per_second and step_seconds say in what a file counts, epoch from when"
            raise EventFormatError(f"{error}; {hint}", field=field) from error
        return int(value // self.per_second)

    def _elapsed(self, text: str, field: str) -> int:
        """Whole seconds from a start on."""
        value = number_in(text, field) * self.step_seconds
        if not 0 <= value / self.per_second < EARLIEST_POST:
            raise EventFormatError(f"got {shown(text)}, expected a time that counts from a start, no date", field=field)
        return int(value // self.per_second)
