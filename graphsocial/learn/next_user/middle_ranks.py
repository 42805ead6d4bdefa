"""Middle ranks of the right user, among all users or estimated from a sample of them."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.next_user.sampled import Sampled
from graphsocial.learn.next_user.sparse_scores import ROUNDING


def sampled_ranks(sampled: Sampled, residual: np.ndarray) -> np.ndarray:
    """Middle ranks estimated from a sample, in which a drawn candidate stands for several."""
    score = np.where(sampled.score > 0, sampled.score, np.exp(sampled.base.astype(np.float64))) * np.exp(residual)
    right, stands_for = score[:, :1], np.exp(sampled.weight.astype(np.float64))
    above = score > right * (1 + ROUNDING)
    tied = ~above & (score >= right * (1 - ROUNDING))
    return 1 + (above * stands_for).sum(axis=1) + ((tied * stands_for).sum(axis=1) - 1) / 2


def full_ranks(score: np.ndarray, right: np.ndarray, end: np.ndarray | None) -> np.ndarray:
    """Middle ranks among all users whose score is not negative, and the end of the cascade where it is a candidate.

    Args:
        score: [target, user].
        right: Code of the right user, -1 for the end [target].
        end: Log odds that the cascade ends [target], None where that is no candidate.
    """
    wrong = (~np.isfinite(score)).sum() + (0 if end is None else (~np.isfinite(end)).sum())
    if wrong:
        raise SchemaError(f"{wrong} scores are no finite numbers: the training diverged")
    rows = np.arange(len(right))
    if end is None:
        mine = score[rows, right]
    else:
        candidates = np.maximum(score, 0)
        chance = 1 / (1 + np.exp(-end))
        odds = chance / np.maximum(1 - chance, 1e-12) * candidates.sum(axis=1)  # on the scale of the users' scores
        mine = np.where(right >= 0, score[rows, right], odds)
    above = (score > (mine * (1 + ROUNDING))[:, None]).sum(axis=1)
    tied = (score >= (mine * (1 - ROUNDING))[:, None]).sum(axis=1) - above
    if end is None:
        return 1 + above + (tied - 1) / 2
    user = right >= 0
    end_above = odds > mine * (1 + ROUNDING)
    end_tied = ~end_above & (odds >= mine * (1 - ROUNDING))
    return 1 + above + (tied - user) / 2 + np.where(user, end_above + end_tied / 2, 0)


def reciprocal_at_100(ranks: np.ndarray) -> np.ndarray:
    """What each rank adds to MAP@100."""
    return np.where(ranks <= 100, 1 / ranks, 0)
