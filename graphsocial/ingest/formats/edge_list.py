"""Edge lists: two users per line, perhaps with a time and a weight."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from graphsocial.errors import EventFormatError, SchemaError, did_you_mean
from graphsocial.ingest.cells import shown
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.formats.plain_text import number_in, text_of
from graphsocial.ingest.json_fields import check_time_unit
from graphsocial.ingest.json_lines import json_lines
from graphsocial.ingest.stated_clock import check_stated_clock
from graphsocial.schema import Column, EdgeType, Schema
from graphsocial.store.events import EdgeRow, Event

COLUMNS = ("src", "dst", "time", "weight", "ignore")
"""What a column may be; a sign is a weight of 1 or -1."""

USER_RELATIONS = ("follow", "mention", "like", "repost", "quote", "reply")
"""Relations that may join two users; the others lead to what a user is not."""

COMMENTS = (b"#", b"%")
"""How comment lines begin, in SNAP's and in KONECT's files."""

_HEADER = frozenset({"src", "dst", "source", "target", "from", "to", "from_node", "to_node", "fromnodeid", "tonodeid"})
_LOOKED_AT = 20


@dataclass
class EdgeListReader:
    """Edges between users as SNAP publishes them: columns between blanks, tabs or commas, `#` before comments.

    What a column is follows from `columns` only. Two columns without it are source and target; a file with more of
    them is refused until they are named.

    Attributes:
        relation: What an edge says, one of `USER_RELATIONS`.
        columns: What each column is, of `COLUMNS`: `("src", "dst", "weight", "time")` for SNAP's signed Bitcoin graphs.
        header: Whether the first line that is no comment names the columns; it is passed over.
        per_second: Parts of a second that times count: 1000 where they are in milliseconds.
        collected_at: When the list was collected, int64 seconds UTC: from then on edges without a time are known.
    """

    relation: str = "follow"
    columns: tuple[str, ...] | None = None
    header: bool = False
    per_second: int = 1
    collected_at: int | None = None
    schema: Schema = field(init=False, repr=False)

    format: ClassVar[str] = "edge_list"
    documented: ClassVar[str] = "SNAP (snap.stanford.edu/data): edge lists, soc-sign-bitcoin-otc"
    assumptions: ClassVar[tuple[str, ...]] = (
        "Each edge leads from source to target as written (who follows stands first), and none is added the other way.",
    )

    def __post_init__(self) -> None:
        check_stated_clock(self.per_second)
        if self.relation not in USER_RELATIONS:
            raise SchemaError(
                f"unknown relation {self.relation!r} between users, expected one of {', '.join(USER_RELATIONS)}."
                f"{did_you_mean(self.relation, USER_RELATIONS)}"
            )
        for name in self.columns or ():
            if name not in COLUMNS:
                message = f"unknown column {name!r}, expected one of {', '.join(COLUMNS)}."
                raise SchemaError(f"{message}{did_you_mean(name, COLUMNS)}")
        once = [name for name in self.columns or ("src", "dst") if name != "ignore"]
        if len(set(once)) < len(once) or not {"src", "dst"} <= set(once):
            raise SchemaError(f"got columns {self.columns}, expected src and dst, and nothing but ignore twice")
        crawled = {} if self.collected_at is None else {self._type: self.collected_at}
        weight = {"weight": Column("float", note="weight or sign of the edge")}
        self.schema = Schema({"user": {}}, {self._type: weight}, crawled_at=crawled)

    @property
    def _type(self) -> EdgeType:
        return ("user", self.relation, "user")

    def recognises(self, sample: FileSample) -> bool:
        """Whether the first lines that are no comments hold the same number of numbers, 2 to 4 or as many as named."""
        lines = [line for line in sample.head.splitlines()[: 5 * _LOOKED_AT] if _is_edge(line)][self.header :]
        rows = [_cells(line.decode("utf-8", errors="replace")) for line in lines[:_LOOKED_AT]]
        wide = {len(row) for row in rows}
        expected = {2, 3, 4} if self.columns is None else {len(self.columns)}
        return len(wide) == 1 and wide <= expected and all(_is_number(cell) for row in rows for cell in row)

    def records(self, path: Path) -> Records:
        """Lines that are no comments.

        Raises:
            EventFormatError: Nobody said what the columns are, and there are more than two.
        """
        first = True
        for number, line in json_lines(path):
            if isinstance(line, EventFormatError):
                yield number, line
            elif _is_edge(line):
                if first and self.columns is None:
                    _check_two(_cells(line.decode("utf-8", errors="replace")), str(path))
                if not (first and self.header):
                    yield number, line
                first = False

    def events(self, record: bytes) -> list[Event]:
        """The edge of a line."""
        cells = _cells(text_of(record))
        if self.columns is None:
            _check_two(cells, None)
        columns = self.columns or ("src", "dst")
        if len(cells) != len(columns):
            raise EventFormatError(f"got {len(cells)} columns, expected {len(columns)}: {', '.join(columns)}")
        row = dict(zip(columns, cells, strict=True))
        for name in ("src", "dst"):
            if not row[name] or len(row[name].split()) > 1:
                raise EventFormatError(f"got {shown(row[name])}, expected an id", field=name)
        if {row["src"].lower(), row["dst"].lower()} <= _HEADER:
            message = "these are names of columns, not users: header=True (--header) passes them over"
            raise EventFormatError(message, field="src")
        time: int | None = None
        if row.get("time"):
            moment = number_in(row["time"], "time")
            check_time_unit(moment, self.per_second, "time")
            time = int(moment // self.per_second)
        weight = float(number_in(row["weight"], "weight")) if row.get("weight") else None
        return [EdgeRow(self._type, row["src"], row["dst"], time, {"weight": weight})]


def _is_edge(line: bytes) -> bool:
    text = line.strip()
    return bool(text) and not text.startswith(COMMENTS)


def _cells(line: str) -> list[str]:
    """Columns of a line; where there is a comma, commas part them."""
    return [cell.strip() for cell in line.split(",")] if "," in line else line.split()


def _check_two(cells: list[str], path: str | None) -> None:
    if len(cells) != 2:
        shown_row = ", ".join(map(shown, cells[:6]))
        message = f'got {len(cells)} columns ({shown_row}), name them, such as columns=("src", "dst", "time")'
        raise EventFormatError(f"{message}; each is one of {', '.join(COLUMNS)}", path)


def _is_number(cell: str) -> bool:
    try:
        number_in(cell, "")
    except EventFormatError:
        return False
    return True
