"""Per task: the model beside all its floors, every value and difference with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphsocial.report.numbers import MISSING, as_number, readable, style_for
from graphsocial.report.verdict import WORDS, Verdict, headline, strongest_floor, verdict_of


@dataclass(frozen=True)
class SystemRow:
    """The model or a floor, as one line of a task's table."""

    name: str
    note: str
    value: str
    interval: str
    difference: str = ""
    difference_interval: str = ""
    verdict: Verdict | None = None
    words: str = ""
    strongest: bool = False


@dataclass(frozen=True)
class TaskResult:
    """A task as the page shows it."""

    name: str
    metric: str
    direction: str
    better: str
    verdict: Verdict
    sentence: str
    rows: list[SystemRow]
    counts: list[tuple[str, str]]
    beaten: str


def task_result(name: str, task: Mapping[str, Any]) -> TaskResult:
    """Lays one task of `metrics.json` out.

    Args:
        name: Name of the task.
        task: Its entry; everything but `value` may be missing.
    """
    floors: Mapping[str, Any] = task.get("floors") or {}
    higher = bool(task.get("higher_is_better", True))
    keys = ("value", "interval", "difference", "difference_interval")
    style = style_for([task.get("value"), task.get("interval"), *(f.get(key) for f in floors.values() for key in keys)])
    rows = [SystemRow("the model", "", style.number(task.get("value")), style.interval(task.get("interval")))]
    best = strongest_floor(task)
    verdicts: list[Verdict] = []
    for floor_name, floor in sorted(floors.items(), key=lambda item: (_order(item[1], higher), item[0])):
        verdict = verdict_of(floor.get("difference_interval"), higher)
        verdicts.append(verdict)
        kind = {True: "train-free", False: "trained"}.get(floor.get("train_free"), "")  # type: ignore[call-overload]
        rows.append(
            SystemRow(
                name=readable(floor_name),
                note=kind,
                value=style.number(floor.get("value")),
                interval=style.interval(floor.get("interval")),
                difference=style.number(floor.get("difference")),
                difference_interval=style.interval(floor.get("difference_interval")),
                verdict=verdict,
                words={"better": "model better", "worse": "model worse"}.get(verdict, WORDS[verdict]),
                strongest=floor_name == best and len(floors) > 1,
            )
        )
    verdict, sentence = headline(task)
    return TaskResult(
        name=readable(name),
        metric=readable(task.get("metric", "metric")),
        direction="higher is better" if higher else "lower is better",
        better=str(task.get("better") or ""),
        verdict=verdict,
        sentence=sentence,
        rows=rows,
        counts=_counts(task),
        beaten=_beaten(verdicts),
    )


def _order(floor: Mapping[str, Any], higher: bool) -> float:
    value = as_number(floor.get("value"))
    return float("inf") if value is None else (-value if higher else value)


def _beaten(verdicts: list[Verdict]) -> str:
    if not verdicts:
        return ""
    better = verdicts.count("better")
    floors = "floor" if len(verdicts) == 1 else "floors"
    return f"Measurably better than {better} of {len(verdicts)} {floors}."


def _counts(task: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How many examples there were, what the bootstrap resampled, and what was left out and why."""
    rows = []
    for key, label in (("n_train", "training examples"), ("n_valid", "validation examples"), ("n", "test examples")):
        if key in task:
            count = as_number(task[key])
            rows.append((label, MISSING if count is None else f"{count:,.0f}"))
    groups = task.get("groups")
    if groups is not None:
        count = as_number(groups)
        text = ", ".join(map(str, groups)) if isinstance(groups, list) else str(groups)
        rows.append(("resampled in groups of" if count is None else "groups resampled", text))
    dropped = task.get("dropped") or {}
    if isinstance(dropped, Mapping):
        rows += [(f"dropped: {readable(reason)}", f"{as_number(n) or 0:,.0f}") for reason, n in dropped.items()]
    return rows
