"""Lines of a classifier of posts: metrics with intervals, differences to floors, what a missing modality costs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.post_label_cases import CROSS, FLOORS
from benchmarks.result_lines import ResultLines
from graphsocial.errors import SchemaError
from graphsocial.learn.bootstrap import LEVEL, bootstrap_interval, paired_difference
from graphsocial.learn.metrics import ACCURACY, MACRO_F1, ROC_AUC, predicted_class
from graphsocial.learn.post_labels.class_f1 import class_f1, worst_class_f1
from graphsocial.learn.post_labels.fold_difference import fold_difference
from graphsocial.report.drawing import plot_style
from graphsocial.report.plots.missing_modality import MissingPoint, missing_modality_plot

RESAMPLES = 1000
MARK = "/"
"""Stands between a case and what was changed of it."""
LOST, DROP, LOSS = "lost_", "drop_", "loss="
"""How a change begins: a modality is lost in test alone, or in training and test; a fixed loss."""
PLAIN_LOSS = f"{CROSS}/{LOSS}none"


@dataclass(frozen=True, eq=False)
class _Part:
    """Test predictions of one case in one fold of one seed."""

    seed: int
    fold: int
    rows: np.ndarray
    probability: np.ndarray


@dataclass(eq=False)
class FoldScores:
    """Test predictions of every case.

    Attributes:
        target: Class codes of all posts [post].
        classes: Names of the classes.
        unit: What the bootstrap draws [post].
        group: Where posts have groups, what each belongs to [post]; None: nothing is said about groups.
        chosen: Settings chosen, by case.
        size: Learned numbers of a network, by case.
    """

    target: np.ndarray
    classes: Sequence[str]
    unit: np.ndarray
    group: np.ndarray | None = None
    chosen: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    size: dict[str, int] = field(default_factory=dict)
    _parts: dict[str, list[_Part]] = field(default_factory=lambda: defaultdict(list))

    def add(
        self,
        case: str,
        seed: int,
        fold: int,
        rows: np.ndarray,
        probability: np.ndarray,
        chosen: str | None = None,
        size: int | None = None,
    ) -> None:
        """Notes a case's class probabilities of the test posts of one fold."""
        self._parts[case].append(_Part(seed, fold, rows, probability))
        if chosen is not None:
            self.chosen[case][chosen] += 1
        if size is not None:
            self.size[case] = size

    @property
    def cases(self) -> tuple[str, ...]:
        """In the order in which they came."""
        return tuple(self._parts)

    def has(self, case: str) -> bool:
        """Whether the case was measured."""
        return case in self._parts

    def macro_f1(self, case: str) -> np.ndarray:
        """In each fold of each seed, float64 [fold]."""
        return np.array(
            [
                MACRO_F1(part.probability, self.target[part.rows], np.arange(len(part.rows)))
                for part in self._parts[case]
            ]
        )

    def by_group(self, case: str) -> dict[str, float]:
        """Accuracy over the posts of each group, all seeds together.

        Raises:
            SchemaError: Posts have no groups.
        """
        if self.group is None:
            raise SchemaError("posts have no groups, expected one for each")
        probability, rows = self.pooled(case)
        names, code = np.unique(self.group[rows].astype(str), return_inverse=True)
        hit = (predicted_class(probability) == self.target[rows]).astype(np.float64)
        share = np.bincount(code, hit) / np.bincount(code)
        return dict(zip(names.tolist(), share.tolist(), strict=True))

    def pooled(self, case: str) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities [post, class] and rows [post] over all folds and seeds."""
        parts = self._parts[case]
        return np.concatenate([part.probability for part in parts]), np.concatenate([part.rows for part in parts])


def write_lines(lines: ResultLines, scores: FoldScores, test_share: float | None, config: Mapping[str, Any]) -> None:
    """Every case's metrics and differences.

    Intervals of metrics come from a bootstrap over units, all seeds of a unit together. `macro_f1/difference` is to
    the best floor, over folds, with the corrected resampled t-test, or over units where parts are no folds; beside it
    `macro_f1/difference/posts` over units. `macro_f1/gain_over_NAME` is to another case. What losing a modality costs
    stands beside the whole: `macro_f1/lost_NAME=PERCENT` in test alone, `drop_` in training and test alike, each with
    what it has over the other modality alone.

    Args:
        lines: Where they go.
        scores: Predictions.
        test_share: Test posts of a fold divided by all; None where parts are no folds of equal size.
        config: Of the run.
    """
    floors = [name for name in FLOORS if scores.has(name)]
    best = max(floors, key=lambda name: _macro_f1(scores, name))
    for case in scores.cases:
        about = dict(config) | {"best_floor": best}
        about |= {"chosen": dict(scores.chosen[case])} if case in scores.chosen else {}
        about |= {"parameters": scores.size[case]} if case in scores.size else {}
        probability, rows = scores.pooled(case)
        target, unit, query = scores.target[rows], scores.unit[rows], np.arange(len(rows))
        if is_incomplete(case):
            _write_incomplete(lines, scores, case, about)
            continue
        for metric in (MACRO_F1, ACCURACY, worst_class_f1(len(scores.classes))):
            found = bootstrap_interval(metric, probability, target, query, unit, 0, RESAMPLES)
            lines.write(case, metric.name, found.value, interval=found.interval, config=about)
        if len(scores.classes) == 2:
            found = bootstrap_interval(ROC_AUC, probability, target, query, unit, 0, 200)
            lines.write(case, ROC_AUC.name, found.value, interval=found.interval, config=about)
        recall = _recall(probability, target)
        lines.write(case, "worst_group", float(recall.min()), config=about | {"class": _worst(recall, scores.classes)})
        for at, name in enumerate(scores.classes):
            found = bootstrap_interval(class_f1(at), probability, target, query, unit, 0, RESAMPLES)
            if np.isfinite(found.value):
                lines.write(case, f"f1/{name}", found.value, interval=found.interval, config=about)
        if case not in FLOORS:
            _write_difference(lines, scores, case, best, "difference", test_share, about)
        if scores.group is not None:
            _write_groups(lines, scores, case, best, about)
    gains = [(CROSS, name, f"gain_over_{name}") for name in ("text", "image", "late_fusion", "cascade")]
    gains += [(case, "text", "gain_over_text") for case in scores.cases if "permuted_" in case]
    gains += [(case, PLAIN_LOSS, "gain_over_plain_loss") for case in scores.cases if LOSS in case]
    for case, other, name in gains:
        if case != other and scores.has(case) and scores.has(other):
            _write_difference(lines, scores, case, other, name, test_share, dict(config))
            _write_worst_difference(lines, scores, case, other, name, dict(config))


def is_incomplete(case: str) -> bool:
    """Whether a case is another one with some of a modality taken away."""
    return case.partition(MARK)[2].startswith((LOST, DROP))


def _write_incomplete(lines: ResultLines, scores: FoldScores, case: str, about: Mapping[str, Any]) -> None:
    """The metric, and its difference to what the other modality does alone, on the same posts."""
    name, _, change = case.partition(MARK)
    gone = change.partition("=")[0].removeprefix(LOST).removeprefix(DROP)
    probability, rows = scores.pooled(case)
    target, unit, query = scores.target[rows], scores.unit[rows], np.arange(len(rows))
    found = bootstrap_interval(MACRO_F1, probability, target, query, unit, 0, RESAMPLES)
    lines.write(name, f"macro_f1/{change}", found.value, interval=found.interval, config=about)
    alone = [other for other in scores.cases if other in ("text", "image") and other != gone]
    if len(alone) != 1:
        return
    theirs, _ = scores.pooled(alone[0])
    found = paired_difference(MACRO_F1, probability, theirs, target, query, unit, 0, RESAMPLES)
    config = dict(about) | {"to": alone[0]}
    lines.write(name, f"macro_f1/{change}/gain_over_{alone[0]}", found.value, interval=found.interval, config=config)


def _write_groups(lines: ResultLines, scores: FoldScores, case: str, best: str, config: Mapping[str, Any]) -> None:
    """Accuracy where every group counts the same, its difference to the floor over groups, and the worst group's."""
    mine, floor = scores.by_group(case), scores.by_group(best)
    names, draws = sorted(mine), np.random.default_rng(0).integers(0, len(mine), (RESAMPLES, len(mine)))
    each = np.array([mine[name] for name in names])
    low, high = np.quantile(each[draws].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    about = dict(config) | {"by_group": {name: round(mine[name], 4) for name in names}}
    lines.write(case, "group_accuracy", float(each.mean()), interval=(float(low), float(high)), config=about)
    lines.write(case, "worst_group_accuracy", float(each.min()), config=about | {"group": names[int(each.argmin())]})
    if case != best:
        gap = each - np.array([floor[name] for name in names])
        low, high = np.quantile(gap[draws].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        ends = (float(low), float(high))
        lines.write(
            case, "group_accuracy/difference", float(gap.mean()), interval=ends, config=dict(config) | {"to": best}
        )


def _write_worst_difference(
    lines: ResultLines, scores: FoldScores, case: str, other: str, name: str, config: Mapping[str, Any]
) -> None:
    ours, rows = scores.pooled(case)
    theirs, _ = scores.pooled(other)
    metric, target, unit = worst_class_f1(len(scores.classes)), scores.target[rows], scores.unit[rows]
    found = paired_difference(metric, ours, theirs, target, np.arange(len(rows)), unit, 0, RESAMPLES)
    about = dict(config) | {"to": other}
    lines.write(case, f"{metric.name}/{name}", found.value, interval=found.interval, config=about)


def _write_difference(
    lines: ResultLines,
    scores: FoldScores,
    case: str,
    other: str,
    name: str,
    test_share: float | None,
    config: Mapping[str, Any],
) -> None:
    about = dict(config) | {"to": other}
    ours, rows = scores.pooled(case)
    theirs, _ = scores.pooled(other)
    target, unit = scores.target[rows], scores.unit[rows]
    by_post = paired_difference(MACRO_F1, ours, theirs, target, np.arange(len(rows)), unit, 0, RESAMPLES)
    if test_share is None:
        lines.write(case, f"macro_f1/{name}", by_post.value, interval=by_post.interval, config=about)
        return
    found = fold_difference(scores.macro_f1(case), scores.macro_f1(other), test_share)
    about["interval"] = f"corrected resampled t over {found.folds} folds (Nadeau and Bengio 2003)"
    lines.write(case, f"macro_f1/{name}", found.value, interval=found.interval, config=about)
    lines.write(case, f"macro_f1/{name}/posts", by_post.value, interval=by_post.interval, config=about)


def _macro_f1(scores: FoldScores, case: str) -> float:
    probability, rows = scores.pooled(case)
    return MACRO_F1(probability, scores.target[rows], np.arange(len(rows)))


def _recall(probability: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Share of each class that is found, nan for a class that does not occur, float64 [class]."""
    hit = predicted_class(probability) == target
    count = np.bincount(target, minlength=probability.shape[1])
    found = np.bincount(target, weights=hit, minlength=probability.shape[1])
    return np.divide(found, count, out=np.full(len(count), np.inf), where=count > 0)


def _worst(recall: np.ndarray, classes: Sequence[str]) -> str:
    return classes[int(recall.argmin())]


def plot_missing(path: Path, scores: FoldScores) -> None:
    """Draws macro-F1 over the share of posts that lost a modality; nothing where nothing was lost."""
    curves: dict[str, dict[str, list[MissingPoint]]] = defaultdict(lambda: defaultdict(list))
    for case in filter(is_incomplete, scores.cases):
        kind, _, percent = case.partition(MARK)[2].partition("=")
        way = "in test alone" if kind.startswith(LOST) else "in training and test"
        modality = kind.removeprefix(LOST).removeprefix(DROP)
        if not curves[modality][way]:
            curves[modality][way].append(_point(scores, CROSS, 0.0))
        curves[modality][way].append(_point(scores, case, float(percent)))
    if not curves:
        return
    alone = {f"{name} alone": _macro_f1(scores, name) for name in ("text", "image") if scores.has(name)}
    with plot_style():
        figure = missing_modality_plot({name: dict(ways) for name, ways in sorted(curves.items())}, alone)
        figure.savefig(path, metadata={"Date": None})


def _point(scores: FoldScores, case: str, percent: float) -> MissingPoint:
    probability, rows = scores.pooled(case)
    found = bootstrap_interval(
        MACRO_F1, probability, scores.target[rows], np.arange(len(rows)), scores.unit[rows], 0, RESAMPLES
    )
    return MissingPoint(percent, found.value, found.interval)
