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
from graphsocial.learn.bootstrap import bootstrap_interval, paired_difference
from graphsocial.learn.metrics import ACCURACY, MACRO_F1, ROC_AUC, predicted_class
from graphsocial.learn.post_labels.fold_difference import fold_difference

RESAMPLES = 1000
MARK = "/"
"""Stands between a case and what was changed of it."""


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
        chosen: Settings chosen, by case.
        size: Learned numbers of a network, by case.
    """

    target: np.ndarray
    classes: Sequence[str]
    unit: np.ndarray
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

    def pooled(self, case: str) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities [post, class] and rows [post] over all folds and seeds."""
        parts = self._parts[case]
        return np.concatenate([part.probability for part in parts]), np.concatenate([part.rows for part in parts])


def write_lines(lines: ResultLines, scores: FoldScores, test_share: float | None, config: Mapping[str, Any]) -> None:
    """Every case's metrics and differences.

    Intervals of metrics come from a bootstrap over units, all seeds of a unit together. `macro_f1/difference` is to
    the best floor, over folds, with the corrected resampled t-test, or over units where parts are no folds; beside it
    `macro_f1/difference/posts` over units. `macro_f1/gain/NAME` is cross-modal attention minus a case without one.

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
        if case in scores.size:
            about |= {"chosen": dict(scores.chosen[case]), "parameters": scores.size[case]}
        probability, rows = scores.pooled(case)
        target, unit, query = scores.target[rows], scores.unit[rows], np.arange(len(rows))
        if "drop_" in case or "loss=" in case:
            name, _, change = case.partition(MARK)
            found = bootstrap_interval(MACRO_F1, probability, target, query, unit, 0, RESAMPLES)
            lines.write(name, f"macro_f1/{change}", found.value, interval=found.interval, config=about)
            if change.startswith("loss="):
                worst = _recall(probability, target).min()
                lines.write(name, f"worst_group/{change}", float(worst), config=about)
            _write_change(lines, scores, case, name, change, about)
            continue
        for metric in (MACRO_F1, ACCURACY):
            found = bootstrap_interval(metric, probability, target, query, unit, 0, RESAMPLES)
            lines.write(case, metric.name, found.value, interval=found.interval, config=about)
        if len(scores.classes) == 2:
            found = bootstrap_interval(ROC_AUC, probability, target, query, unit, 0, 200)
            lines.write(case, ROC_AUC.name, found.value, interval=found.interval, config=about)
        recall = _recall(probability, target)
        lines.write(case, "worst_group", float(recall.min()), config=about | {"class": _worst(recall, scores.classes)})
        for at, name in enumerate(scores.classes):
            lines.write(case, f"f1/{name}", _f1(probability, target, at), config=about)
        if case not in FLOORS:
            _write_difference(lines, scores, case, best, "difference", test_share, about)
    gains = [(CROSS, name, f"gain_over_{name}") for name in ("text", "image", "late_fusion", "cascade")]
    gains += [(case, "text", "gain_over_text") for case in scores.cases if "permuted_" in case]
    for case, other, name in gains:
        if scores.has(case) and scores.has(other):
            _write_difference(lines, scores, case, other, name, test_share, dict(config))


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


def _write_change(
    lines: ResultLines, scores: FoldScores, case: str, name: str, change: str, config: Mapping[str, Any]
) -> None:
    """Difference of a case that lost some of a modality to what the other modality does alone, on the same posts."""
    kind, _, share = change.partition("=")
    alone = [other for other in scores.cases if other in ("text", "image") and kind != f"drop_{other}"]
    if not kind.startswith("drop_") or len(alone) != 1 or not share:
        return
    ours, rows = scores.pooled(case)
    theirs, _ = scores.pooled(alone[0])
    found = paired_difference(
        MACRO_F1, ours, theirs, scores.target[rows], np.arange(len(rows)), scores.unit[rows], 0, RESAMPLES
    )
    about = dict(config) | {"to": alone[0]}
    lines.write(name, f"macro_f1/{change}/gain_over_{alone[0]}", found.value, interval=found.interval, config=about)


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


def _f1(probability: np.ndarray, target: np.ndarray, code: int) -> float:
    predicted, true = predicted_class(probability) == code, target == code
    either = int(predicted.sum() + true.sum())
    return float(2 * (predicted & true).sum() / either) if either else 0.0


def plot_missing(path: Path, scores: FoldScores) -> None:
    """Curves of macro-F1 over the share of posts that lost a modality, with each modality alone as a line.

    Nothing is drawn where nothing was lost.
    """
    curves: dict[str, list[tuple[float, float, tuple[float, float] | None]]] = defaultdict(list)
    for case in scores.cases:
        name, _, change = case.partition(MARK)
        if case == CROSS or change.startswith("drop_"):
            probability, rows = scores.pooled(case)
            query = np.arange(len(rows))
            found = bootstrap_interval(
                MACRO_F1, probability, scores.target[rows], query, scores.unit[rows], 0, RESAMPLES
            )
            kind, _, share = change.removeprefix("drop_").partition("=")
            curves[kind].append((float(share or 0), found.value, found.interval))
    if len(curves) < 2:
        return
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    whole = curves.pop("")
    for number, (kind, points) in enumerate(sorted(curves.items())):
        points = whole + sorted(points)
        x, y = [point[0] for point in points], [point[1] for point in points]
        axes.plot(x, y, marker="o", color=f"C{number}", label=f"without {kind}")
        ends = [point[2] or (point[1], point[1]) for point in points]
        axes.fill_between(x, [end[0] for end in ends], [end[1] for end in ends], color=f"C{number}", alpha=0.15)
    for number, name in enumerate(("text", "image", "tfidf_balanced")):
        if scores.has(name):
            axes.axhline(_macro_f1(scores, name), linestyle=":", color=f"C{number + 3}", label=f"{name} alone")
    axes.set_xlabel("posts that lost the modality, in training and test, %")
    axes.set_ylabel("macro-F1")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, metadata={"Date": None})
