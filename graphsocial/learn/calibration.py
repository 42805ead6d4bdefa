"""Calibration on the newest validation block: intervals that cover what they say, probabilities that mean it.

What was fitted carries `known_until` and refuses to be used as of an earlier time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.graph import format_time


def newest_block(time: np.ndarray, share: float = 0.5) -> np.ndarray:
    """Mask of the newest examples, bool [example]: at least `share` of them, never splitting equal times.

    Args:
        time: Times of the validation examples, int64 seconds [example].
        share: Least part of the examples, in (0, 1].

    >>> newest_block(np.array([10, 20, 20, 30])).tolist()
    [False, True, True, True]
    """
    if not 0 < share <= 1:
        raise SchemaError(f"share is {share}, expected a number in (0, 1]")
    if not len(time):
        return np.zeros(0, dtype=bool)
    count = int(np.ceil(share * len(time)))
    return time >= np.sort(time)[len(time) - count]


@dataclass(frozen=True)
class ConformalWidening:
    """Offsets that make quantile intervals cover at their nominal rate (conformalised quantile regression).

    Romano, Patterson and Candès, "Conformalized quantile regression", NeurIPS 2019, algorithm 1, for each pair of
    levels (q, 1 - q). The guarantee needs exchangeable examples; over time it is only as good as the newest block is
    like what follows, so coverage on the test part is always reported beside it.

    Attributes:
        levels: Levels of the quantiles, symmetric about 0.5.
        offsets: Added outwards to each quantile [quantile]; negative where the intervals were too wide.
        examples: Number of examples it was fitted on.
        known_until: Their answers were complete at this time, int64 seconds.
    """

    levels: tuple[float, ...]
    offsets: tuple[float, ...]
    examples: int
    known_until: int

    @classmethod
    def fit(
        cls, prediction: np.ndarray, target: np.ndarray, levels: tuple[float, ...], known_until: int
    ) -> ConformalWidening:
        """Offsets from calibration examples the quantiles were not trained on.

        Args:
            prediction: Quantiles [example, quantile].
            target: Answers on the same scale [example].
            levels: Level of each column, ascending and symmetric about 0.5.
            known_until: When the answers were complete, int64 seconds.

        Raises:
            SchemaError: Shapes or levels do not fit.
            NotFittedError: Too few examples n for a coverage c, whose interval would be infinite: ceil((n + 1) c) > n.
        """
        prediction, target = np.asarray(prediction, dtype=np.float64), np.asarray(target, dtype=np.float64)
        _check_levels(levels)
        if prediction.shape != (len(target), len(levels)):
            raise SchemaError(
                f"got quantiles {prediction.shape} and targets {target.shape}, "
                f"expected [example, {len(levels)}] and [example]"
            )
        n, offsets = len(target), np.zeros(len(levels))
        for low in range(len(levels) // 2):
            high = len(levels) - 1 - low
            coverage = levels[high] - levels[low]
            score = np.maximum(prediction[:, low] - target, target - prediction[:, high])
            # rounding keeps 0.9 from being a hair above 9/10
            rank = int(np.ceil(round((n + 1) * coverage, 9)))
            if rank > n:
                needed = int(np.ceil(round(coverage / (1 - coverage), 9)))
                raise NotFittedError(
                    f"intervals of {coverage:.0%} need at least {needed} calibration examples, got {n}"
                )
            offsets[low] = offsets[high] = np.partition(score, rank - 1)[rank - 1]
        return cls(tuple(levels), tuple(float(o) for o in offsets), n, int(known_until))

    def apply(self, prediction: np.ndarray, as_of: int, allow_future_model: bool = False) -> np.ndarray:
        """Calibrated quantiles, ascending, float64 [example, quantile].

        Args:
            prediction: Quantiles [example, quantile].
            as_of: Earliest time the predictions are made at, int64 seconds.
            allow_future_model: Use it although it was not known yet at `as_of`.

        Raises:
            LeakageError: The calibration was not known at `as_of`.
            SchemaError: Another number of quantiles.
        """
        _check_known("an interval calibration", self.known_until, as_of, allow_future_model)
        prediction = np.asarray(prediction, dtype=np.float64)
        if prediction.ndim != 2 or prediction.shape[1] != len(self.levels):
            raise SchemaError(f"got quantiles {prediction.shape}, expected [example, {len(self.levels)}]")
        outwards = np.sign(np.asarray(self.levels) - 0.5)
        return np.sort(prediction + outwards * np.asarray(self.offsets), axis=1)


@dataclass(frozen=True)
class Temperature:
    """One number that softens or sharpens class probabilities without changing their order.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017: p ** (1 / T), normalised.

    Attributes:
        temperature: T; above 1 softens.
        examples: Number of examples it was fitted on.
        known_until: Their answers were complete at this time, int64 seconds.

    >>> Temperature(2.0, examples=9, known_until=100).apply(np.array([[0.8, 0.2]]), as_of=100).round(4).tolist()
    [[0.6667, 0.3333]]
    """

    temperature: float
    examples: int
    known_until: int

    @classmethod
    def fit(cls, probability: np.ndarray, target: np.ndarray, known_until: int) -> Temperature:
        """The temperature in [1/20, 20] with the least log loss on calibration examples.

        Args:
            probability: Class probabilities [example, class].
            target: Class codes [example].
            known_until: When the answers were complete, int64 seconds.

        Raises:
            SchemaError: Shapes do not fit, a probability is negative or a code has no column.
            NotFittedError: There is no example.
        """
        logits, target = _log(probability), np.asarray(target)
        if len(logits) != len(target):
            raise SchemaError(f"got probabilities {logits.shape} and targets {target.shape}, expected one length")
        if not len(target):
            raise NotFittedError("a temperature needs at least one calibration example, got 0")
        code = target.astype(np.int64)
        if code.min() < 0 or code.max() >= logits.shape[1]:
            raise SchemaError(f"class codes {code.min()} to {code.max()}, expected 0 to {logits.shape[1] - 1}")
        rows = np.arange(len(code))

        def log_loss(log_temperature: float) -> float:
            return -float(_log_softmax(logits / np.exp(log_temperature))[rows, code].mean())

        found = minimize_scalar(log_loss, bounds=(-np.log(20), np.log(20)), method="bounded", options={"xatol": 1e-6})
        # where every temperature is as good (uniform probabilities), leave them alone
        best = 0.0 if log_loss(0.0) <= found.fun else float(found.x)
        return cls(float(np.exp(best)), len(code), int(known_until))

    def apply(self, probability: np.ndarray, as_of: int, allow_future_model: bool = False) -> np.ndarray:
        """Calibrated class probabilities, float64 [example, class].

        Args:
            probability: Class probabilities [example, class].
            as_of: Earliest time the predictions are made at, int64 seconds.
            allow_future_model: Use it although it was not known yet at `as_of`.

        Raises:
            LeakageError: The calibration was not known at `as_of`.
        """
        _check_known("a label calibration", self.known_until, as_of, allow_future_model)
        return np.exp(_log_softmax(_log(probability) / self.temperature))


def _check_known(what: str, known_until: int, as_of: int, allow_future_model: bool) -> None:
    if as_of < known_until and not allow_future_model:
        raise LeakageError(
            f"{what} known until {format_time(known_until)} would be used as of {format_time(as_of)}; "
            "pass allow_future_model=True to do so all the same"
        )


def _check_levels(levels: tuple[float, ...]) -> None:
    middle = np.asarray(levels) + np.asarray(levels)[::-1]
    if not levels or list(levels) != sorted(set(levels)) or not np.allclose(middle, 1) or not 0 < levels[0] < 1:
        raise SchemaError(f"quantile levels {levels}, expected ascending numbers in (0, 1), symmetric about 0.5")


def _log(probability: np.ndarray) -> np.ndarray:
    probability = np.asarray(probability, dtype=np.float64)
    if probability.ndim != 2 or not np.isfinite(probability).all() or (probability < 0).any():
        raise SchemaError(
            f"got class probabilities {probability.shape}, expected finite numbers >= 0, [example, class]"
        )
    return np.log(np.maximum(probability, 1e-12))  # a float32 softmax may have rounded down to 0


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
