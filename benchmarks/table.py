"""Tables of the README, made from result lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from graphsocial.errors import EventFormatError, SchemaError, did_you_mean
from graphsocial.learn.next_user.holm import holm

COLUMNS = {
    "next_user": ("hits@10", "hits@100", "map@100", "hits@10/difference", "map@100/difference"),
    "cascade_size": ("mse", "mse/difference", "spearman", "coverage", "interval_width", "interval_score"),
}
"""Metrics shown where a marker does not choose; of other benchmarks every metric without a suffix."""

PROTOCOLS = ("legacy", "users_only", "strict", "prequential")
LEARNED = ("graphsocial", "ms_hgat")
"""Cases that are claimed to be better than something: their differences are corrected together, each case by itself."""

_MARKER = re.compile(
    r"(<!-- table: (?P<name>\w+)(?P<options>(?: [\w]+=\S+)*) -->\n)(?P<body>.*?)(<!-- /table -->)", re.S
)
_FILTERS = ("data", "protocol", "case", "columns")


@click.command()
@click.option("--readme", type=click.Path(path_type=Path), default=Path("README.md"), show_default=True)
@click.option("--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True)
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 when a table is stale.")
def table(readme: Path, results: Path, check: bool) -> None:
    """Regenerate every table between `<!-- table: NAME -->` and `<!-- /table -->`.

    NAME is a benchmark whose lines are in RESULTS/NAME*.jsonl. Options narrow it down, such as
    `<!-- table: next_user protocol=strict,prequential data=twitter columns=hits@10,map@100 -->`.
    """
    text = readme.read_text(encoding="utf-8")
    if text.count("<!-- table:") != len(_MARKER.findall(text)):
        raise SchemaError(f"{readme} has a table marker that is not of the form <!-- table: NAME --> … <!-- /table -->")
    fresh = _MARKER.sub(lambda found: f"{found[1]}{rendered(results, found['name'], found['options'])}{found[5]}", text)
    if fresh == text:
        click.echo(f"{readme}: {len(_MARKER.findall(text))} tables are up to date")
    elif check:
        raise SchemaError(f"{readme} is stale: run python -m benchmarks table")
    else:
        readme.write_text(fresh, encoding="utf-8")
        click.echo(f"{readme}: {len(_MARKER.findall(text))} tables written")


@dataclass(frozen=True)
class Row:
    """Lines of one case on one corpus under one protocol, by metric."""

    data: str
    protocol: str
    case: str
    lines: dict[str, dict[str, Any]]


def rendered(results: Path, name: str, options: str) -> str:
    """A Markdown table of a benchmark.

    Raises:
        SchemaError: An option that does not exist.
    """
    chosen = dict(option.split("=", 1) for option in options.split())
    for key in chosen:
        if key not in _FILTERS:
            known = ", ".join(_FILTERS)
            raise SchemaError(
                f"table {name}: unknown option {key!r}, expected one of {known}.{did_you_mean(key, _FILTERS)}"
            )
    wanted = {key: value.split(",") for key, value in chosen.items()}
    rows = [row for row in read_rows(results, name) if _is_wanted(row, wanted)]
    if not rows:
        return f"\nNo results yet; `python -m benchmarks {name}` makes them.\n\n"
    plain = dict.fromkeys(metric for row in rows for metric in row.lines if "/" not in metric)
    columns = wanted.get("columns") or COLUMNS.get(name) or tuple(plain)
    adjusted, family = corrected(rows, columns)
    head = ["corpus", "protocol", "", *columns]
    body = []
    for row in rows:
        cells = [_cell(row, column, adjusted) for column in columns]
        body.append([row.data, row.protocol, row.case, *cells])
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body)]
    return "\n" + "\n".join(lines) + "\n\n" + _notes(family) + "\n"


def _is_wanted(row: Row, wanted: Mapping[str, Sequence[str]]) -> bool:
    return all(getattr(row, key) in wanted[key] for key in ("data", "protocol", "case") if key in wanted)


def read_rows(results: Path, name: str) -> list[Row]:
    """Every case of a benchmark, ordered by corpus, protocol and learned cases first; quick runs are left out.

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
                    mine.setdefault(key, {})[line["metric"]] = line
            except (ValueError, KeyError, TypeError) as error:
                raise EventFormatError(f"{path} line {number} is no result line: {error}", str(path), number) from error
        cells = mine | cells
    place = {protocol: i for i, protocol in enumerate(PROTOCOLS)}
    rows = [Row(*key, lines) for key, lines in cells.items()]
    return sorted(rows, key=lambda r: (r.data, place.get(r.protocol, 9), r.case not in LEARNED))


def corrected(
    rows: Sequence[Row], columns: Sequence[str]
) -> tuple[dict[tuple[str, str, str, str], float], dict[str, int]]:
    """Holm-adjusted p values of the learned cases' differences that the table shows, and each case's number of them."""
    adjusted: dict[tuple[str, str, str, str], float] = {}
    family: dict[str, int] = {}
    for case in LEARNED:
        cells = [
            ((row.data, row.protocol, case, column), row.lines[column]["p"])
            for row in rows
            for column in columns
            if row.case == case and row.lines.get(column, {}).get("p") is not None
        ]
        if cells:
            adjusted |= {key: float(p) for (key, _), p in zip(cells, holm([p for _, p in cells]), strict=True)}
            family[case] = len(cells)
    return adjusted, family


def _cell(row: Row, column: str, adjusted: Mapping[tuple[str, str, str, str], float]) -> str:
    line = row.lines.get(column)
    if line is None or line["value"] is None:
        return ""
    sign = "+" if "difference" in column else ""
    text = f"{line['value']:{sign}.3f}"
    if line["interval"]:
        text += f" [{line['interval'][0]:{sign}.3f}, {line['interval'][1]:{sign}.3f}]"
    p = adjusted.get((row.data, row.protocol, row.case, column))
    return text if p is None else f"{text}, p = {p:.2g}"


def _notes(family: Mapping[str, int]) -> str:
    notes = ["95 % intervals over cascades and seeds; a difference is to the floor that is best on the same targets."]
    notes += [f"p of {case}: Holm-corrected over its {cells} cells of this table." for case, cells in family.items()]
    return " ".join(notes) + "\n"
