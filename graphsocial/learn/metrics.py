"""Numbers that judge predictions: classes, counts, quantiles, intervals, rankings.

A metric takes `(prediction, target, query)` arrays of one length. Where a metric is a function of sums over examples,
`sums` says which, so that thousands of bootstrap resamples cost one matrix product instead of thousands of evaluations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score

from graphsocial.errors import SchemaError

MetricFunction = Callable[[np.ndarray, np.ndarray, np.ndarray], float]
"""(prediction, target, query) to a number."""

PerExample = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(prediction, target, query) to a number per example, [example], or several, [example, statistic]."""

QUANTILE_LEVELS = (0.05, 0.5, 0.95)
"""Levels of the quantiles that forecasts consist of; the outer pair is the 90 % interval."""


@dataclass(frozen=True)
class Sums:
    """A metric as a function of sums over examples.

    Attributes:
        rows: (prediction, target, query) to what each example adds, float64 [example, statistic].
        value: Sums [..., statistic] to values of the metric [...]; nan where it is undefined.
    """

    rows: PerExample
    value: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Metric:
    """A number that judges predictions; call it with (prediction, target, query).

    Attributes:
        name: As it stands in reports.
        higher_is_better: Which way it counts.
        function: Does the work on checked, non-empty arrays.
        sums: The same metric from sums over examples, None when there is no such form.

    >>> ACCURACY(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0]), np.arange(2))
    0.5
    """

    name: str
    higher_is_better: bool
    function: MetricFunction
    sums: Sums | None = None

    def __call__(self, prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
        """Value over all examples; nan for none.

        Raises:
            SchemaError: Lengths differ, or a prediction or target is not a finite number.
        """
        prediction, target, query = checked(self.name, prediction, target, query)
        return float(self.function(prediction, target, query)) if len(target) else float("nan")


def checked(
    name: str, prediction: np.ndarray, target: np.ndarray, query: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The arrays of a metric, or SchemaError when they do not fit together."""
    prediction, target, query = np.asarray(prediction), np.asarray(target), np.asarray(query)
    if prediction.ndim not in (1, 2) or target.ndim != 1 or not len(prediction) == len(target) == len(query):
        raise SchemaError(
            f"{name} got prediction {prediction.shape}, target {target.shape} and query {query.shape}, "
            "expected [example] or [example, output], [example] and [example]"
        )
    for what, array in (("prediction", prediction), ("target", target)):
        if not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
            raise SchemaError(f"{name} got a {what} of type {array.dtype}, expected numbers")
        wrong = int(len(array) - np.isfinite(array.reshape(len(array), -1)).all(axis=1).sum()) if array.size else 0
        if wrong:
            raise SchemaError(f"{name} got {wrong} of {len(array)} {what}s that are not finite numbers")
    return prediction, target, query


def _share(values: np.ndarray) -> np.ndarray:
    """Sum over count, from sums [..., 2]; nan where nothing was counted."""
    total, count = values[..., 0], values[..., 1]
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _mean_of(losses: PerExample) -> tuple[MetricFunction, Sums]:
    """Function and sums of a metric that is the mean of a value per example [example]."""

    def rows(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        each = np.asarray(losses(prediction, target, query), dtype=np.float64)
        return np.stack([each, np.ones(len(each))], axis=1)

    return lambda p, t, q: float(np.mean(losses(p, t, q))), Sums(rows, _share)


# ---- classes


def predicted_class(prediction: np.ndarray) -> np.ndarray:
    """Class codes [example], from probabilities [example, class] (ties: the lower code) or codes themselves."""
    return prediction.argmax(axis=1) if prediction.ndim == 2 else _codes(prediction)


def _codes(values: np.ndarray) -> np.ndarray:
    codes = values.astype(np.int64)
    if (codes != values).any() or (codes < 0).any():
        raise SchemaError(f"got class codes such as {values[(codes != values) | (codes < 0)][0]}, expected 0, 1, 2, …")
    return codes


def accuracy(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
    """Share of examples whose most probable class is the target."""
    return float(accuracy_score(_codes(target), predicted_class(prediction)))


def macro_f1(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
    """Mean F1 over the classes that occur in the targets or in the predictions, each counting the same."""
    return float(f1_score(_codes(target), predicted_class(prediction), average="macro", zero_division=0))


def _class_counts(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Per class: hits, predictions, targets, [example, 3 * class]."""
    predicted, true = predicted_class(prediction), _codes(target)
    classes = np.arange(max(predicted.max(), true.max()) + 1)
    is_predicted, is_true = predicted[:, None] == classes, true[:, None] == classes
    return np.concatenate([is_predicted & is_true, is_predicted, is_true], axis=1).astype(np.float64)


def _macro_f1_of_counts(sums: np.ndarray) -> np.ndarray:
    hits, predicted, true = np.split(sums, 3, axis=-1)
    either = predicted + true
    f1 = np.divide(2 * hits, either, out=np.zeros(either.shape), where=either > 0)
    return _share(np.stack([f1.sum(axis=-1), (either > 0).sum(axis=-1)], axis=-1))


# ---- counts


def _squared_log_error(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
    if prediction.ndim != 1 or (target < 0).any():
        raise SchemaError(f"msle got prediction {prediction.shape}, expected one log1p count per raw count >= 0")
    return (prediction.astype(np.float64) - np.log1p(target.astype(np.float64))) ** 2


def msle(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
    """Mean squared difference between log1p predictions and log1p of raw counts."""
    return float(_squared_log_error(prediction, target, query).mean())


def spearman(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
    """Rank correlation: 0 for a constant prediction (it ranks nothing), nan where the targets are all equal."""
    if prediction.ndim != 1:
        raise SchemaError(f"spearman got prediction {prediction.shape}, expected [example]")
    if np.ptp(target) == 0:
        return float("nan")
    return 0.0 if np.ptp(prediction) == 0 else float(spearmanr(prediction, target).statistic)


# ---- quantiles and intervals: prediction and target on one scale


def _pinball(levels: tuple[float, ...]) -> PerExample:
    def losses(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        if prediction.shape != (len(target), len(levels)):
            raise SchemaError(f"quantiles have shape {prediction.shape}, expected [example, {len(levels)}]: {levels}")
        missed = target[:, None] - prediction.astype(np.float64)
        return np.maximum(np.asarray(levels) * missed, (np.asarray(levels) - 1) * missed).mean(axis=1)

    return losses


def mean_pinball(levels: tuple[float, ...] = QUANTILE_LEVELS) -> Metric:
    """Pinball loss of quantiles [example, quantile], mean over examples and levels (Koenker and Bassett 1978).

    Args:
        levels: Level of each column; the target must be on the scale of the quantiles (log1p for counts).
    """
    return Metric("pinball", False, *_mean_of(_pinball(tuple(levels))))


def _ends(prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last column, the ends of the interval."""
    if prediction.ndim != 2 or prediction.shape[1] < 2:
        raise SchemaError(
            f"an interval takes its ends, got prediction {prediction.shape}, expected [example, 2 or more]"
        )
    return prediction[:, 0].astype(np.float64), prediction[:, -1].astype(np.float64)


def _inside(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
    low, high = _ends(prediction)
    return ((low <= target) & (target <= high)).astype(np.float64)


def _width(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
    low, high = _ends(prediction)
    return high - low


def _interval_scores(level: float) -> PerExample:
    def losses(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        low, high = _ends(prediction)
        outside = np.maximum(low - target, 0) + np.maximum(target - high, 0)
        return high - low + 2 / (1 - level) * outside

    return losses


def interval_score(level: float = 0.9) -> Metric:
    """Width plus 2 / (1 - level) times what the target lies outside, mean (Gneiting and Raftery 2007, eq. 43).

    Args:
        level: Nominal coverage of the interval between the first and the last column of the prediction.
    """
    return Metric("interval_score", False, *_mean_of(_interval_scores(level)))


# ---- rankings: a query's candidates are its rows, those with target > 0 are right


def candidate_ranks(
    prediction: np.ndarray, target: np.ndarray, query: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Realistic rank of every right candidate among the wrong ones of its query.

    The realistic rank is the mean of the optimistic one (ties after it) and the pessimistic one (ties before it), so a
    constant score earns the middle and may be half an integer. Right candidates do not push each other down.

    Returns:
        Rows of the right candidates, best first within a query; their rank, float64; their query's code, each [right].

    >>> rows, rank, _ = candidate_ranks(np.array([3.0, 1.0, 1.0]), np.array([0, 1, 0]), np.zeros(3))
    >>> rank.tolist()
    [2.5]
    """
    if prediction.ndim != 1:
        raise SchemaError(f"a ranking takes one score per candidate, got prediction {prediction.shape}")
    code = np.unique(query, return_inverse=True)[1]
    order = np.lexsort((-prediction, code))
    score, code, wrong = prediction[order], code[order], target[order] <= 0
    before = np.concatenate([[0], np.cumsum(wrong)])  # wrong candidates in front of each place, over all queries
    new_query = np.concatenate([[True], code[1:] != code[:-1]])
    new_tie = new_query | np.concatenate([[True], score[1:] != score[:-1]])
    tie_starts = np.flatnonzero(new_tie)
    tie = np.cumsum(new_tie) - 1
    tie_ends = np.append(tie_starts[1:], len(score))
    query_start = np.flatnonzero(new_query)[code]
    ahead = before[tie_starts[tie]] - before[query_start]
    tied = before[tie_ends[tie]] - before[tie_starts[tie]]
    rank = 1 + ahead + tied / 2
    right = np.flatnonzero(~wrong)
    return order[right], rank[right], code[right]


def _per_query(value: Callable[[np.ndarray, np.ndarray, int], np.ndarray]) -> tuple[MetricFunction, Sums]:
    """Function and sums of a metric that is the mean of a value per query; a query without a right answer counts 0.

    `value` takes ranks and query codes of the right candidates and the number of queries.
    """

    def rows(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        _, first = np.unique(query, return_index=True)
        out = np.zeros((len(query), 2))
        _, rank, code = candidate_ranks(prediction, target, query)
        out[first, 0], out[first, 1] = value(rank, code, len(first)), 1
        return out

    return lambda p, t, q: float(_share(rows(p, t, q).sum(axis=0))), Sums(rows, _share)


def _mean_per_query(each: np.ndarray, code: np.ndarray, queries: int) -> np.ndarray:
    return np.bincount(code, each, queries) / np.maximum(np.bincount(code, minlength=queries), 1)


def _reciprocal(rank: np.ndarray, code: np.ndarray, queries: int) -> np.ndarray:
    return _mean_per_query(1 / rank, code, queries)


def reciprocal_rank_at(k: int | None = None) -> Metric:
    """Mean over queries of 1 / realistic rank, 0 beyond rank k; several right candidates count as their mean."""
    if k is None:
        return Metric("mrr", True, *_per_query(_reciprocal))
    return Metric(f"mrr@{k}", True, *_per_query(lambda r, c, n: _mean_per_query((r <= k) / r, c, n)))


def hits_at(k: int) -> Metric:
    """Share of right candidates whose realistic rank is at most k, mean over queries."""
    return Metric(f"hits@{k}", True, *_per_query(lambda r, c, n: _mean_per_query((r <= k).astype(float), c, n)))


def ndcg_at(k: int) -> Metric:
    """Normalised discounted cumulative gain of right candidates ranked at most k (Järvelin and Kekäläinen 2002).

    A right candidate stands at its realistic rank among the wrong ones, plus the number of right ones before it.
    """

    def value(rank: np.ndarray, code: np.ndarray, queries: int) -> np.ndarray:
        right = np.bincount(code, minlength=queries)
        before = np.arange(len(rank)) - np.repeat(np.cumsum(right) - right, right)
        place = rank + before
        gain = np.bincount(code, (place <= k) / np.log2(1 + place), queries)
        ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2, k + 2)))])
        return np.divide(gain, ideal[np.minimum(right, k)], out=np.zeros(queries), where=right > 0)

    return Metric(f"ndcg@{k}", True, *_per_query(value))


def hits_at_k(prediction: np.ndarray, target: np.ndarray, query: np.ndarray, k: int) -> float:
    """`hits_at(k)` of the arrays."""
    return hits_at(k)(prediction, target, query)


def ndcg_at_k(prediction: np.ndarray, target: np.ndarray, query: np.ndarray, k: int) -> float:
    """`ndcg_at(k)` of the arrays."""
    return ndcg_at(k)(prediction, target, query)


# ---- scores of yes/no answers, over all examples


def _positive_score(prediction: np.ndarray) -> np.ndarray:
    """Score of the answer yes: the last of two columns, or the only one."""
    if prediction.ndim == 2 and prediction.shape[1] > 2:
        raise SchemaError(f"a yes/no score has one or two columns, got prediction {prediction.shape}")
    return prediction[:, -1] if prediction.ndim == 2 else prediction


def average_precision(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
    """Area under precision over recall as a step function; nan without a positive target."""
    yes = target > 0
    return float(average_precision_score(yes, _positive_score(prediction))) if yes.any() else float("nan")


def roc_auc(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
    """Chance that a positive scores above a negative, ties counting half; nan without one of either."""
    yes = target > 0
    return float(roc_auc_score(yes, _positive_score(prediction))) if yes.any() and not yes.all() else float("nan")


ACCURACY = Metric("accuracy", True, accuracy, _mean_of(lambda p, t, q: predicted_class(p) == t)[1])
MACRO_F1 = Metric("macro_f1", True, macro_f1, Sums(_class_counts, _macro_f1_of_counts))
MSLE = Metric("msle", False, msle, _mean_of(_squared_log_error)[1])
SPEARMAN = Metric("spearman", True, spearman)
PINBALL = mean_pinball()
COVERAGE = Metric("interval_coverage", True, *_mean_of(_inside))
"""Share of targets inside the outer quantiles; better only up to the nominal level, so read it beside WIDTH."""
WIDTH = Metric("interval_width", False, *_mean_of(_width))
INTERVAL_SCORE = interval_score()
MRR = reciprocal_rank_at()
AVERAGE_PRECISION = Metric("average_precision", True, average_precision)
ROC_AUC = Metric("roc_auc", True, roc_auc)
