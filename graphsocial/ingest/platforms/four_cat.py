"""Exports of 4CAT, as CSV or as NDJSON, and what the browser extension Zeeschuimer saves for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from graphsocial.errors import EventFormatError
from graphsocial.ingest.byte_stream import COMPRESSIONS, DAMAGE, open_bytes
from graphsocial.ingest.csv_rows import CsvFile
from graphsocial.ingest.export_reader import HEAD, FileSample, Records
from graphsocial.ingest.json_fields import Json, object_at, text_at, unix_time_at
from graphsocial.ingest.json_lines import json_lines, json_object
from graphsocial.ingest.platforms.four_cat_items import add_item, is_mapped
from graphsocial.ingest.platforms.four_cat_tiktok import add_tiktok
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.schema import Schema
from graphsocial.store.events import Event

_LOOKED_AT = 50
"""Lines that tell JSON from CSV."""


@dataclass
class FourCatReader:
    """Items as 4CAT maps them from its data sources (`id`, `thread_id`, `body`, `author`, `timestamp`, …).

    CSV and JSON lines of mapped items are read, whatever the platform. 4CAT's NDJSON and that of Zeeschuimer hold raw
    items: those of TikTok are read, all others are refused by the name of their platform, because CSV exports hold the
    same. A user is named by the author's id where the data source gives one, else by the name; mentions give names, so
    where authors have ids a mention is of `@name`. `Anonymous` and `REDACTED` are no authors. Messages of Telegram and
    posts of boards are numbered within their chat or board, which becomes part of their id; posts and users of Reddit
    are named as in Pushshift's files. Answers and quotes are made only where the item names the other post; a repost
    whose original is not named is skipped. Counts below zero stand for hidden ones and are none, except Reddit's score.

    Attributes:
        collected_at: When the export was made, int64 seconds UTC, for records that do not say.
    """

    collected_at: int | None = None

    format: ClassVar[str] = "4cat"
    documented: ClassVar[str] = (
        "4CAT 1.x, mapped items of its data sources (github.com/digitalmethodsinitiative/4cat, datasources), "
        "Zeeschuimer 1.x NDJSON (github.com/digitalmethodsinitiative/zeeschuimer)"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "The 4CAT server ran on UTC, in which `timestamp` and `collected_at` are read; rows whose `timestamp` and "
        "`unix_timestamp` differ are refused.",
        "`thread_id` names the post that began the conversation, except on Telegram, where it is the chat.",
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def recognises(self, sample: FileSample) -> bool:
        """Whether the header or the first objects are of mapped items, or of what Zeeschuimer wraps around raw ones."""
        return is_mapped(dict.fromkeys(sample.header())) or any(
            is_mapped(first) or _is_raw(first) for first in sample.first
        )

    def records(self, path: Path) -> Records:
        """Rows of a CSV file or lines of an NDJSON file; the first lines tell which."""
        return json_lines(path) if _holds_json(path) else _rows(path)

    def events(self, record: Any) -> list[Event]:
        """What an item says: a post, its author, its counts and what it leads to."""
        item: Json = json_object(record) if isinstance(record, bytes) else record
        out = RecordEvents()
        if not _is_raw(item):
            if not is_mapped(item):
                raise EventFormatError("a raw item, which is not read; export CSV from 4CAT instead", field="thread_id")
            add_item(item, self.collected_at, out)
            return out.events
        about, data = item, item
        if "__import_meta" in item:
            about = object_at(item, "__import_meta")
        else:
            data = object_at(item, "data")
        platform = text_at(about, "source_platform")
        if platform != "tiktok.com":
            message = f"4CAT's NDJSON of {platform or 'an unnamed platform'} is not read; export CSV from 4CAT instead"
            raise EventFormatError(message, field="source_platform")
        at = unix_time_at(about, "timestamp_collected", per_second=1_000)
        add_tiktok(data, self.collected_at if at is None else at, out)
        return out.events


def _is_raw(item: Json) -> bool:
    return "__import_meta" in item or {"data", "source_platform", "timestamp_collected"} <= item.keys()


def _holds_json(path: Path) -> bool:
    """Whether the first lines are JSON, of which a damaged one is no proof that the file is CSV."""
    head = b""
    with open_bytes(path) as stream:
        try:
            while len(head) < HEAD and (part := stream.read1(HEAD)):
                head += part
        except DAMAGE:
            if not head:
                return True  # reading its lines says what is wrong with the file
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return True
    lines = [line for line in head.splitlines()[:_LOOKED_AT] if line.strip()]
    objects = sum(map(_is_object, lines))
    # texts in the cells of a CSV file may hold any number of lines that look like JSON
    header = FileSample(path, path.name, head, ()).header()
    return 2 * objects >= len(lines) > 0 and not is_mapped(dict.fromkeys(header))


def _is_object(line: bytes) -> bool:
    try:
        json_object(line)
    except EventFormatError:
        return False
    return True


def _rows(path: Path) -> Records:
    if path.suffix.lower() in COMPRESSIONS and path.suffix != ".gz":
        raise EventFormatError(f"{path}: CSV is read plain or as .gz, unpack it", str(path))
    file = CsvFile(path)
    names = file.header()
    for line, cells in file.rows(names):
        yield line, cells if isinstance(cells, EventFormatError) else dict(zip(names, cells, strict=True))
