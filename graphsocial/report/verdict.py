"""What a difference says: better, worse, or nothing that can be measured here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from graphsocial.report.numbers import as_interval, as_number, readable, style_for

Verdict = Literal["better", "worse", "unclear", "unknown"]

WORDS: Mapping[Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "unclear": "not measurably different",
    "unknown": "no interval, no claim",
}


def verdict_of(difference_interval: Any, higher_is_better: bool) -> Verdict:
    """What the 95 % interval of `model − other` says about the model.

    >>> verdict_of([0.01, 0.1], True), verdict_of([0.01, 0.1], False), verdict_of([-0.1, 0.1], True)
    ('better', 'worse', 'unclear')
    """
    pair = as_interval(difference_interval)
    if pair is None:
        return "unknown"
    low, high = sorted(pair)
    if low > 0:
        return "better" if higher_is_better else "worse"
    if high < 0:
        return "worse" if higher_is_better else "better"
    return "unclear"


def strongest_floor(task: Mapping[str, Any]) -> str | None:
    """Name of the floor with the best value, None when no floor has one."""
    sign = 1 if task.get("higher_is_better", True) else -1
    values = {name: as_number(floor.get("value")) for name, floor in (task.get("floors") or {}).items()}
    known = {name: sign * value for name, value in values.items() if value is not None}
    return max(sorted(known), key=lambda name: known[name]) if known else None


def headline(task: Mapping[str, Any]) -> tuple[Verdict, str]:
    """The one sentence a reader should take away about a task, made from its numbers alone.

    Args:
        task: A task of `metrics.json`.

    Returns:
        The verdict against the strongest floor, and the sentence.

    >>> floor = {"value": 0.58, "difference": 0.03, "difference_interval": [-0.05, 0.1]}
    >>> headline({"metric": "macro_f1", "value": 0.61, "interval": [0.5, 0.7], "floors": {"tfidf_linear": floor}})[1]
    "The model's macro-F1 .610 [.500, .700] is not measurably better than TF-IDF + linear, .580:
    difference .030 [−.050, .100]."
    """
    floors = task.get("floors") or {}
    name = strongest_floor(task)
    style = style_for(
        [task.get("value"), task.get("interval")]
        + [f.get(key) for f in floors.values() for key in ("value", "interval", "difference", "difference_interval")]
    )
    metric, value = readable(task.get("metric", "metric")), as_number(task.get("value"))
    if value is None:
        return "unknown", f"The model's {metric} could not be computed on the test part."
    own = f"The model's {metric} {style.number(value)}"
    if as_interval(task.get("interval")):
        own += f" {style.interval(task['interval'])}"
    if name is None:
        return "unknown", f"{own} was compared with no floor, so nothing is claimed."
    floor = floors[name]
    other = f"{readable(name)}, {style.number(floor.get('value'))}"
    verdict = verdict_of(floor.get("difference_interval"), bool(task.get("higher_is_better", True)))
    if verdict == "unknown":
        return verdict, f"{own} stands beside {other}; the difference has no interval, so nothing is claimed."
    words = {"better": "is better than", "worse": "is worse than", "unclear": "is not measurably better than"}
    difference = f"difference {style.number(floor.get('difference'))} {style.interval(floor['difference_interval'])}"
    return verdict, f"{own} {words[verdict]} {other}: {difference}."
