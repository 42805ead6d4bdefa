"""Retrained ablations from result lines: each case beside the full model, with date and hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphsocial.report.numbers import MISSING, as_number, readable, style_for
from graphsocial.report.times import as_time, show_time

_DIFFERENCE = "/difference"


@dataclass(frozen=True)
class AblationRow:
    """One case of one metric."""

    case: str
    value: str
    interval: str
    seeds: str
    difference: str
    difference_interval: str
    words: str
    date: str
    git: str


@dataclass(frozen=True)
class AblationTable:
    """All cases of one metric under one benchmark and protocol."""

    title: str
    note: str
    rows: list[AblationRow]


def ablation_tables(lines: Sequence[Mapping[str, Any]]) -> list[AblationTable]:
    """Groups result lines (design §7) into tables, the full model first in each.

    Lines whose metric ends in `/difference` hold case minus full, with its interval. Several seeds of a case become
    their mean, with the range over seeds in place of an interval.
    """
    tables: dict[tuple[str, ...], dict[str, dict[bool, list[Mapping[str, Any]]]]] = {}
    for line in lines:
        metric = str(line["metric"])
        base = metric.removesuffix(_DIFFERENCE)
        key = (_text(line, "benchmark"), _text(line, "task"), _text(line, "protocol"), base, _text(line, "unit"))
        cases = tables.setdefault(key, {})
        cases.setdefault(str(line["case"]), {False: [], True: []})[metric != base].append(line)
    return [_table(key, cases) for key, cases in tables.items()]


def _table(key: tuple[str, ...], cases: Mapping[str, Mapping[bool, Sequence[Mapping[str, Any]]]]) -> AblationTable:
    benchmark, task, protocol, metric, unit = key
    every = [line for case in cases.values() for found in case.values() for line in found]
    style = style_for([value for line in every for value in (line.get("value"), line.get("interval"))])
    rows = []
    for case in sorted(cases, key=lambda name: (name != "full", list(cases).index(name))):
        values, differences = cases[case][False], cases[case][True]
        mean, interval = _pooled(values)
        gap, gap_interval = _pooled(differences) if differences else (None, None)
        newest = max([*values, *differences], key=lambda line: (_date(line), _text(line, "git")))
        rows.append(
            AblationRow(
                case=readable(case),
                value=style.number(mean),
                interval=style.interval(interval) + (" range" if interval and len(values) > 1 else ""),
                seeds=_seeds(values),
                difference=style.number(gap) if case != "full" else "",
                difference_interval=style.interval(gap_interval) if case != "full" else "",
                words=_words(gap_interval) if case != "full" else "",
                date=_date(newest) or MISSING,
                git=_text(newest, "git")[:12] or MISSING,
            )
        )
    title = " · ".join(part for part in (readable(task), readable(metric)) if part)
    units = f"unit {unit}" if unit and unit not in ("1", metric) else ""
    return AblationTable(title, " · ".join(part for part in (benchmark, protocol, units) if part), rows)


def _pooled(lines: Sequence[Mapping[str, Any]]) -> tuple[float | None, Any]:
    """Value and interval of one line; mean and range of several, one per seed."""
    values = [number for line in lines if (number := as_number(line.get("value"))) is not None]
    if not values:
        return None, None
    if len(lines) == 1:
        return values[0], lines[0].get("interval")
    return sum(values) / len(values), (min(values), max(values))


def _seeds(lines: Sequence[Mapping[str, Any]]) -> str:
    seeds = [line.get("seed") for line in lines]
    if len(seeds) == 1 and isinstance(seeds[0], list):
        return str(len(seeds[0]))
    return str(len(seeds)) if seeds else MISSING


def _words(interval: Any) -> str:
    if not isinstance(interval, list | tuple) or len(interval) != 2:
        return "no interval, no claim"
    low, high = as_number(interval[0]), as_number(interval[1])
    if low is None or high is None:
        return "no interval, no claim"
    return "lower than full" if high < 0 else "higher than full" if low > 0 else "nothing measurable"


def _date(line: Mapping[str, Any]) -> str:
    for key in ("date", "created", "time"):
        if as_time(line.get(key)) is not None:
            return show_time(line[key])[:10]
    return ""


def _text(line: Mapping[str, Any], key: str) -> str:
    value = line.get(key)
    if value is None and key == "task" and isinstance(line.get("config"), Mapping):
        value = line["config"].get("task")
    return "" if value is None else str(value)
