"""The `ced_weibo` corpus as events for a store; `benchmarks/ced_weibo.py` says what its files hide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.ced_weibo import CHINA, FILES
from graphsocial.errors import EventFormatError
from graphsocial.ingest.csv_rows import CsvFile
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.schema import Column, EdgeType, Schema
from graphsocial.store import EdgeRow, Event, NodeRow

AUTHOR: EdgeType = ("user", "author", "post")
REPOST: EdgeType = ("user", "repost", "post")


@dataclass
class CedWeiboReader:
    """Roots (`cascades.csv.gz`) become posts, events (`events.csv.gz`, beside the roots) reposts at their own time.

    An event earlier than its root counts at the root's time; which other event it came from stands on the edge.
    """

    format: ClassVar[str] = "ced_weibo"
    documented: ClassVar[str] = "Song et al., arXiv:1811.04175"
    assumptions: ClassVar[tuple[str, ...]] = ("events mix reposts and comments", "times are China's, eight hours ahead")
    schema: ClassVar[Schema] = Schema(
        {"user": {}, "post": {"text": Column()}}, {AUTHOR: {}, REPOST: {"event": Column(), "parent": Column()}}
    )
    _began: dict[str, int] = field(default_factory=dict, repr=False)

    def recognises(self, sample: FileSample) -> bool:
        """Whether it is one of the two files."""
        return sample.path.name in FILES[:2]

    def records(self, path: Path) -> Records:
        """Rows of the file; those of events need the times of the roots."""
        if path.name == FILES[0]:
            yield from CsvFile(path).rows(["cascade", "author", "time", "text"])
            return
        self._began = dict(self._roots(path.parent / FILES[0]))
        yield from CsvFile(path).rows(["cascade", "node", "user", "parent_node", "dt_seconds"])

    def events(self, record: Any) -> list[Event]:
        """A post and its author, or one repost."""
        if len(record) == 4:
            cascade, author, time, text = record
            at = _whole(time, "time") - CHINA
            return [NodeRow("post", cascade, at, {"text": text}), EdgeRow(AUTHOR, author, cascade, at, {})]
        cascade, node, user, parent, age = record
        if cascade not in self._began:
            raise EventFormatError(f"no root {cascade!r}", field="cascade")
        time = self._began[cascade] + max(_whole(age, "dt_seconds"), 0)
        return [EdgeRow(REPOST, user, cascade, time, {"event": node, "parent": None if parent == "-1" else parent})]

    def _roots(self, path: Path) -> Iterator[tuple[str, int]]:
        for _, row in CsvFile(path).rows(["cascade", "time"]):
            if not isinstance(row, EventFormatError):
                yield row[0], _whole(row[1], "time") - CHINA


def _whole(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise EventFormatError(f"got {text!r}, expected a whole number", field=name) from error
