"""Tables of the README, made from result lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from benchmarks.table_layout import Layout, layout_of
from benchmarks.table_rows import LEARNED, Row, read_rows
from graphsocial.diffusion.holm import holm
from graphsocial.errors import SchemaError, did_you_mean

_MARKER = re.compile(
    r"(<!-- table: (?P<name>\w+)(?P<options>(?: [\w]+=\S+)*) -->\n)(?P<body>.*?)(<!-- /table -->)", re.S
)
_OPTIONS = ("data", "protocol", "case", "columns", "suffix")


@click.command()
@click.option("--readme", type=click.Path(path_type=Path), default=Path("README.md"), show_default=True)
@click.option("--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True)
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 when a table is stale.")
def table(readme: Path, results: Path, check: bool) -> None:
    """Regenerate every table between `<!-- table: NAME -->` and `<!-- /table -->`.

    NAME is a benchmark whose lines are in RESULTS/NAME*.jsonl. Options narrow it down, such as
    `<!-- table: next_user protocol=strict,prequential data=twitter columns=hits@10,map@100 -->`. `case` chooses rows by
    what they, or their cases, are called, and `suffix=pooled` shows the lines of the columns' metrics with the suffix
    `/pooled`.
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


def rendered(results: Path, name: str, options: str) -> str:
    """A Markdown table of a benchmark.

    Raises:
        SchemaError: An option, or a column, that does not exist.
    """
    chosen = dict(option.split("=", 1) for option in options.split())
    for key in chosen:
        if key not in _OPTIONS:
            known = ", ".join(_OPTIONS)
            raise SchemaError(
                f"table {name}: unknown option {key!r}, expected one of {known}.{did_you_mean(key, _OPTIONS)}"
            )
    wanted = {key: value.split(",") for key, value in chosen.items()}
    layout, suffix = layout_of(name), chosen.get("suffix", "")
    found = read_rows(results, name)
    columns = _columns(name, found, layout, wanted.get("columns", ()))
    metrics = {column: _with_suffix(column, suffix) for column in columns}
    rows = [_shown(row, metrics) for row in found if _is_wanted(row, wanted)]
    rows = [row for row in rows if row.lines]
    if not rows:
        return f"\nNo results yet; `python -m benchmarks {name}` makes them.\n\n"
    adjusted, family = corrected(rows)
    head = ["corpus", "protocol", "", *columns]
    body = []
    for row in rows:
        cells = [_cell(row, column, layout, adjusted) for column in columns]
        body.append([row.data, row.protocol, row.label, *cells])
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body)]
    return "\n" + "\n".join(lines) + "\n\n" + _notes(layout, rows, suffix, family) + "\n"


def _columns(name: str, rows: Sequence[Row], layout: Layout, chosen: Sequence[str]) -> tuple[str, ...]:
    there = tuple(dict.fromkeys(column for row in rows for column in row.lines))
    plain = tuple(column for column in there if "/" not in column)
    for column in chosen if there else ():
        if column not in there:
            raise SchemaError(
                f"table {name}: no line has {column!r}, expected one such as {', '.join(layout.columns or plain)}."
                f"{did_you_mean(column, there)}"
            )
    return tuple(chosen) or layout.columns or plain


def _with_suffix(column: str, suffix: str) -> str:
    """The suffix stands after the name of the metric.

    >>> _with_suffix("hits@10/difference", "pooled"), _with_suffix("hits@10", "")
    ('hits@10/pooled/difference', 'hits@10')
    """
    name, _, rest = column.partition("/")
    return "/".join(filter(None, (name, suffix, rest)))


def _is_wanted(row: Row, wanted: Mapping[str, Sequence[str]]) -> bool:
    called = {"data": {row.data}, "protocol": {row.protocol}, "case": {row.label, row.case}}
    return all(names & set(wanted[key]) for key, names in called.items() if key in wanted)


def _shown(row: Row, metrics: Mapping[str, str]) -> Row:
    """The row with the lines that are shown, by column."""
    return replace(row, lines={column: row.lines[metric] for column, metric in metrics.items() if metric in row.lines})


def corrected(rows: Sequence[Row]) -> tuple[dict[tuple[str, ...], float], dict[str, int]]:
    """Holm-adjusted p values of the learned cases' differences, and each case's number of them.

    Args:
        rows: With the lines that the table shows.
    """
    adjusted: dict[tuple[str, ...], float] = {}
    family: dict[str, int] = {}
    for case in LEARNED:
        cells = [
            (_key(row, column), line["p"])
            for row in rows
            for column, line in row.lines.items()
            if row.case == case and line.get("p") is not None
        ]
        if cells:
            adjusted |= {key: float(p) for (key, _), p in zip(cells, holm([p for _, p in cells]), strict=True)}
            family[case] = len(cells)
    return adjusted, family


def _key(row: Row, column: str) -> tuple[str, ...]:
    return row.data, row.protocol, row.case, row.label, column


def _cell(row: Row, column: str, layout: Layout, adjusted: Mapping[tuple[str, ...], float]) -> str:
    line = row.lines.get(column)
    if line is None or line["value"] is None:
        return ""
    if layout.by_peer and line["peer"]:
        outcome = line.get("outcome", "").partition(":")[0]
        recall = f" (recall {line['recall']:.2f})" if line.get("recall", 1) < 1 else ""
        return outcome if line["ratio"] is None else f"{_number(line['ratio'], layout.digits)}×{recall}"
    form = f"{'+' if 'difference' in column else ''}{layout.digits}"
    text = _number(line["value"], form)
    if line["interval"]:
        text += f" [{', '.join(_number(end, form) for end in line['interval'])}]"
    p = adjusted.get(_key(row, column))
    return text if p is None else f"{text}, p = {p:.2g}"


def _counted(cells: int) -> str:
    return "only cell" if cells == 1 else f"{cells} cells"


def _number(value: float, form: str) -> str:
    return f"{value:,.0f}" if form.endswith("g") and abs(value) >= 1000 else f"{value:{form}}"


def _notes(layout: Layout, rows: Sequence[Row], suffix: str, family: Mapping[str, int]) -> str:
    notes = [layout.note]
    if "pooled" in suffix.split("/"):
        counts = sorted({line["config"].get("origins", 1) for row in rows for line in row.lines.values()})
        notes.append(f"Suffix `/{suffix}`: {' or '.join(map(str, counts))} rolling origins as one.")
    elif suffix:
        notes.append(f"Suffix `/{suffix}`.")
    notes += [
        f"p of {case}: Holm-corrected over its {_counted(cells)} of this table." for case, cells in family.items()
    ]
    return " ".join(notes) + "\n"
