"""Rows of the README's tables, read from result lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.table_layout import layout_of
from graphsocial.errors import EventFormatError

PROTOCOLS = ("legacy", "users_only", "strict", "prequential")
OURS = "graphsocial"
"""Column of the lines without a peer, where every peer is a column."""
LEARNED = ("graphsocial", "graphsocial_edges", "ms_hgat")
"""Cases that are claimed to be better than something: their differences are corrected together, each case by itself."""


@dataclass(frozen=True)
class Row:
    """Lines of one case on one corpus under one protocol that stand side by side.

    Attributes:
        data: Name of the corpus.
        protocol: Which protocol.
        case: What was measured.
        label: What the row is called: the case, unless the layout says otherwise.
        lines: By column.
    """

    data: str
    protocol: str
    case: str
    label: str
    lines: dict[str, dict[str, Any]]


def read_rows(results: Path, name: str) -> list[Row]:
    """Every row of a benchmark, ordered by corpus, protocol and learned cases first; quick runs are left out.

    Where several files hold the same case, the first in order of their names counts.

    Raises:
        EventFormatError: A line that is no result line.
    """
    cells: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
    for path in sorted(results.glob(f"{name}*.jsonl")):
        mine: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                line = json.loads(text)
                key = (line["data"], line["protocol"], line["case"])
                if line["benchmark"] == name and not line["config"].get("quick"):
                    mine.setdefault(key, {})[_name(line)] = line
            except (ValueError, KeyError, TypeError) as error:
                raise EventFormatError(f"{path} line {number} is no result line: {error}", str(path), number) from error
        cells = mine | cells
    rows = _side_by_side(row for key, lines in cells.items() for row in _laid_out(name, *key, lines))
    place = {protocol: i for i, protocol in enumerate(PROTOCOLS)}
    return sorted(rows, key=lambda r: (r.data, place.get(r.protocol, 9), r.case not in LEARNED))


def _side_by_side(rows: Iterable[Row]) -> list[Row]:
    """Rows of one label as one row, where cases are columns."""
    joined: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        first = joined.setdefault((row.data, row.protocol, row.label), row)
        if first is not row:
            first.lines.update({column: line for column, line in row.lines.items() if column not in first.lines})
    return list(joined.values())


def _name(line: dict[str, Any]) -> str:
    """What a line is found by: its metric, or where peers are columns the peer, or the size that it was measured at."""
    if not layout_of(line["benchmark"]).by_peer:
        return str(line["metric"])
    return line["peer"] or line["metric"].partition("/")[2] or OURS


def _laid_out(name: str, data: str, protocol: str, case: str, lines: dict[str, dict[str, Any]]) -> list[Row]:
    rows: dict[str, Row] = {}
    for metric, line in lines.items():
        label, column = layout_of(name).place(case, metric)
        rows.setdefault(label, Row(data, protocol, case, label, {})).lines[column] = line
    return list(rows.values())
