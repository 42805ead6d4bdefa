"""Sizes without a simulation: what came in the past, and boosted quantiles of it given the post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks.bridge_block import Block
from benchmarks.bridge_data import BridgeData
from benchmarks.bridge_forecasts import Forecasts, mean_crps
from graphsocial.learn.activation.spread_context import spread_context

LEVELS = (np.arange(19) + 0.5) / 19
COMPONENTS = 16
"""Of each modality's content."""


@dataclass(frozen=True)
class TreeSettings:
    """Sizes of the boosted trees that the validation part chooses among.

    Attributes:
        trees: Number of trees.
        rate: Learning rate.
        leaf: Fewest examples in a leaf.
        content: Whether the content's components are read, where there are any.
        whole: Whether quantiles are rounded to whole numbers of adopters.
    """

    trees: int
    rate: float
    leaf: int
    content: bool = True
    whole: bool = False


SETTINGS = (
    TreeSettings(100, 0.06, 40),
    TreeSettings(100, 0.06, 40, content=False),
    TreeSettings(60, 0.06, 20),
    TreeSettings(40, 0.05, 80),
)


def climatology(data: BridgeData, training: Sequence[Block], test: Block) -> Forecasts:
    """The same for every post: what came after training posts; users by how often they acted."""
    moments, horizons = data.asked.moments, len(data.asked.horizons)
    came = _outcomes(data, training, data.test_time, data.horizon, moments)
    draws = np.quantile(came[:, :horizons], (np.arange(199) + 0.5) / 199, axis=0, method="inverted_cdf").T
    examples = len(test.windows)
    events = np.bincount(data.record.user[data.record.time < data.test_time], minlength=test.users)
    rows = sparse.vstack([sparse.csr_matrix(events.astype(np.float32))] * examples, format="csr")
    growth = np.log2(1 + np.median(came[:, horizons:], axis=0))
    return Forecasts(np.tile(draws, (examples, 1, 1)), np.tile(growth, (examples, 1)), rows)


class SizeHead:
    """Boosted quantiles (Friedman 2001) of log2(1 + new adopters), one ensemble per horizon and level.

    Args:
        data: The corpus.
        training: Training blocks, the validation part last.
        settings: What the validation part chooses among.
    """

    def __init__(self, data: BridgeData, training: Sequence[Block], settings: Sequence[TreeSettings] = SETTINGS):
        self.data, self._training = data, training
        horizon, moment = data.choice_horizon, np.array([data.choice_horizon], dtype=np.float64)
        early = _by(training[:-1], data.valid_time, horizon)
        valid = training[-1].by(data.test_time, horizon)
        came = data.came(valid, moment)[:, 0]
        inputs, answers = self._inputs(early, early), _outcomes(data, early, data.valid_time, horizon, moment)[:, 0]
        asked = self._inputs([valid], early)
        losses: list[tuple[float, int, TreeSettings]] = []
        for some in settings:
            quantiles = _quantiles(some, inputs, answers, asked)
            for whole in (False, True):
                chosen = TreeSettings(some.trees, some.rate, some.leaf, some.content, whole)
                losses.append((mean_crps(Forecasts(_drawn(quantiles, whole)[:, None]), came), len(losses), chosen))
        self.valid_crps, _, self.settings = min(losses)

    def forecast(self, test: Block) -> Forecasts:
        """Fitted on all whose outcome was known when the test began."""
        data = self.data
        known = _by(self._training, data.test_time, data.horizon)
        inputs, asked = self._inputs(known, known), self._inputs([test], known)
        came = _outcomes(data, known, data.test_time, data.horizon, data.asked.moments)
        horizons = len(data.asked.horizons)
        counts = [
            _drawn(_quantiles(self.settings, inputs, came[:, h], asked), self.settings.whole) for h in range(horizons)
        ]
        curve = [
            _quantiles(self.settings, inputs, came[:, h], asked, (0.5,))[:, 0] for h in range(horizons, came.shape[1])
        ]
        return Forecasts(np.stack(counts, axis=1), np.maximum(np.stack(curve, axis=1), 0))

    def _inputs(self, blocks: Sequence[Block], fitted: Sequence[Block]) -> tuple[np.ndarray, np.ndarray]:
        """Context, and components of the content fitted on some blocks, [example, channel] each."""
        context = np.concatenate([spread_context(self.data.record, b.edges, b.windows) for b in blocks])
        parts = [np.zeros((len(context), 0))]
        of, asked = (np.concatenate([b.windows.cascade for b in some]) for some in (fitted, blocks))
        for _, rows in sorted(self.data.content.items()):
            width = min(COMPONENTS, rows.shape[1] - 1, len(of) - 1)
            parts.append(TruncatedSVD(width, random_state=0).fit(rows[of]).transform(rows[asked]))
        return context, np.concatenate(parts, axis=1)


def _by(blocks: Sequence[Block], time: int, horizon: int) -> list[Block]:
    known = [block.by(time, horizon) for block in blocks]
    return [block for block in known if len(block.windows)]


def _outcomes(data: BridgeData, blocks: Sequence[Block], time: int, horizon: int, moments: np.ndarray) -> np.ndarray:
    """New adopters by each moment, of all examples whose horizon ended before a time, int64 [example, moment]."""
    return np.concatenate([data.came(block, moments) for block in _by(blocks, time, horizon)])


def _quantiles(
    settings: TreeSettings,
    inputs: tuple[np.ndarray, np.ndarray],
    came: np.ndarray,
    asked: tuple[np.ndarray, np.ndarray],
    levels: Sequence[float] | np.ndarray = LEVELS,
) -> np.ndarray:
    """Quantiles of log2(1 + new adopters), ascending, float64 [example, level]."""
    x, at = (np.concatenate(part if settings.content else part[:1], axis=1) for part in (inputs, asked))
    columns = [
        HistGradientBoostingRegressor(
            loss="quantile",
            quantile=level,
            max_iter=settings.trees,
            learning_rate=settings.rate,
            max_depth=4,
            min_samples_leaf=min(settings.leaf, max(len(x) // 10, 1)),
            early_stopping=False,
            random_state=0,
        )
        .fit(x, np.log2(1 + came))
        .predict(at)
        for level in levels
    ]
    return np.sort(np.stack(columns, axis=1), axis=1)


def _drawn(quantiles: np.ndarray, whole: bool) -> np.ndarray:
    """Quantiles as numbers of adopters, at least 0, float64 [example, level]."""
    counts = np.maximum(2.0**quantiles - 1, 0)
    return np.rint(counts) if whole else counts
