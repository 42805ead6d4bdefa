"""Explained predictions: the text, what the model said, the evidence, and whether deleting it mattered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphsocial.report.drawing import Plot
from graphsocial.report.numbers import MISSING, as_interval, as_number, readable, style_for
from graphsocial.report.plots.deletion import deletion_plot, deletion_words
from graphsocial.report.times import show_time

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and halves of surrogate pairs: not allowed in a page."""

_LONGEST_TEXT = 600
_SHOWN = 5


@dataclass(frozen=True)
class EvidenceRow:
    """One piece of evidence; `width` is its effect relative to the largest, in percent."""

    kind: str
    what: str
    effect: str
    attention: str
    width: float
    positive: bool


@dataclass(frozen=True)
class Explained:
    """One explained prediction as the page shows it."""

    task: str
    node_type: str
    node_id: str
    facts: list[tuple[str, str]]
    text: str
    clipped: str
    rows: list[EvidenceRow]
    deletion: str
    plot: Plot | None
    stability: str


def explained_predictions(
    explanations: Sequence[Mapping[str, Any]], predictions: Sequence[Mapping[str, Any]]
) -> list[Explained]:
    """Five explanations, taken in turn from every task, each joined with its entry in `predictions.json`."""
    known = {_key(entry): entry for entry in predictions}
    chosen = _in_turn(explanations)[:_SHOWN]
    return [_explained(entry, known.get(_key(entry), {}), number) for number, entry in enumerate(chosen, 1)]


def clip(text: str, longest: int = _LONGEST_TEXT) -> tuple[str, str]:
    """The text cut to what a reader will read, and a note of what was cut.

    >>> clip("short"), clip("x" * 20, longest=10)
    (('short', ''), ('xxxxxxxxxx…', 'first 10 of 20 characters'))
    """
    text = _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    if len(text) <= longest:
        return text, ""
    return text[:longest].rstrip() + "…", f"first {longest:,} of {len(text):,} characters"


def show_value(value: Any) -> str:
    """A prediction in words: a number, a label, or a value per class."""
    if isinstance(value, Mapping):
        style = style_for(value.values())
        return ", ".join(
            f"{key} {style.number(inner) if as_number(inner) is not None else inner}" for key, inner in value.items()
        )
    if isinstance(value, list | tuple):
        style = style_for(value)
        return ", ".join(style.number(inner) if as_number(inner) is not None else str(inner) for inner in value)
    number = as_number(value)
    if number is None:
        return MISSING if value is None else str(value)
    return f"{number:,.0f}" if isinstance(value, int) else style_for([number]).number(number)


def node_name(node: Any) -> tuple[str, str]:
    """Type and id of a node given as `[type, id]`."""
    if isinstance(node, list | tuple) and len(node) == 2:
        return str(node[0]), str(node[1])
    return "", str(node)


def _explained(entry: Mapping[str, Any], prediction: Mapping[str, Any], number: int) -> Explained:
    node_type, node_id = node_name(entry["node"])
    text, clipped = clip(str(entry.get("text") or ""))
    faithfulness = entry.get("faithfulness")
    checked = isinstance(faithfulness, Mapping)
    stability = as_number(entry.get("stability"))
    facts = [
        ("as of", show_time(entry.get("as_of"))),
        ("prediction", show_value(entry.get("prediction", prediction.get("value")))),
        ("explained output", show_value(entry.get("target"))),
        ("label", show_value(prediction.get("label"))),
        ("probabilities", show_value(prediction.get("probabilities"))),
        ("interval", style_for([prediction.get("interval")]).interval(prediction.get("interval"))),
        ("truth", show_value(prediction.get("truth"))),
    ]
    return Explained(
        task=readable(entry["task"]),
        node_type=node_type,
        node_id=node_id,
        facts=[(label, value) for label, value in facts if value != MISSING],
        text=text,
        clipped=clipped,
        rows=_rows(entry["evidence"]),
        deletion=deletion_words(dict(faithfulness)) if checked else "The deletion check was not run.",  # type: ignore[arg-type]
        plot=deletion_plot(dict(faithfulness), f"deletion{number}") if checked else None,  # type: ignore[arg-type]
        stability="" if stability is None else f"Agreement of the ranking over seeds: {stability:.2f}.",
    )


def _rows(evidence: Any) -> list[EvidenceRow]:
    entries = [entry for entry in evidence if isinstance(entry, Mapping)] if isinstance(evidence, list) else []
    effects = {position: as_number(entry.get("effect")) or 0.0 for position, entry in enumerate(entries)}
    largest = max((abs(effect) for effect in effects.values()), default=0.0) or 1.0
    style, shares = style_for(e.get("effect") for e in entries), style_for(e.get("attention") for e in entries)
    order = sorted(effects, key=lambda position: (-abs(effects[position]), position))
    return [
        EvidenceRow(
            kind=str(entries[position].get("kind", "")),
            what=clip(str(entries[position].get("what", "")), 160)[0],
            effect=style.number(entries[position].get("effect")),
            attention=shares.number(entries[position].get("attention")),
            width=round(100 * abs(effects[position]) / largest, 1),
            positive=effects[position] >= 0,
        )
        for position in order
    ]


@dataclass(frozen=True)
class PredictionRow:
    """One prediction as a table line."""

    task: str
    node_type: str
    node_id: str
    as_of: str
    value: str
    interval: str
    truth: str


def prediction_rows(predictions: Sequence[Mapping[str, Any]], shown: int = 15) -> list[PredictionRow]:
    """The first predictions of every task in turn, as table lines."""
    rows = []
    for entry in sorted(_in_turn(predictions)[:shown], key=lambda entry: str(entry["task"])):
        value = entry.get("label") if entry.get("label") is not None else entry.get("value")
        interval = as_interval(entry.get("interval"))
        rows.append(
            PredictionRow(
                readable(entry["task"]),
                *node_name(entry["node"]),
                show_time(entry.get("as_of")),
                show_value(value),
                style_for([interval]).interval(interval),
                show_value(entry.get("truth")),
            )
        )
    return rows


def _in_turn(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Entries reordered so that tasks take turns, each task's own order kept."""
    turn: dict[str, int] = {}
    ranked = []
    for position, entry in enumerate(entries):
        task = str(entry["task"])
        turn[task] = turn.get(task, -1) + 1
        ranked.append((turn[task], position))
    return [entries[position] for _, position in sorted(ranked)]


def _key(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return (str(entry["task"]), str(entry["node"]), str(entry.get("as_of")))
