"""Where the right post stands, and what a user would have been shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.recommendation.evidence import Candidates

CUTOFF = 10
METRICS = ("hr@10", "ndcg@10", "hr@1", "mrr")


@dataclass(frozen=True, eq=False)
class Ranked:
    """Ranking of the candidates of some targets.

    Attributes:
        rank: Middle rank of the right post, inf where it is no candidate [target].
        shown: The first `CUTOFF` posts, -1 where there are fewer, int64 [target, place].
        surprise: Mean self-information of the shown posts, in bits [target].
    """

    rank: np.ndarray
    shown: np.ndarray
    surprise: np.ndarray

    @property
    def gains(self) -> np.ndarray:
        """What each target adds to every metric of `METRICS`, float64 [target, metric].

        With one right post, HR@k is rank <= k and NDCG@k is 1 / log2(1 + rank) up to k (Järvelin and Kekäläinen 2002).

        >>> Ranked(np.array([3.0, np.inf]), np.zeros((2, 10)), np.zeros(2)).gains[:, :2].tolist()
        [[1.0, 0.5], [0.0, 0.0]]
        """
        near = self.rank <= CUTOFF
        columns = (near, np.where(near, 1 / np.log2(1 + self.rank), 0), self.rank <= 1, 1 / self.rank)
        return np.stack(columns, axis=1).astype(np.float64)


def ranked(candidates: Candidates, score: np.ndarray) -> Ranked:
    """Ranks all candidates; level ones share the middle of their places, and are shown latest first.

    A post's self-information is -log2 of its share of what happened to the candidates within the window, one added to
    each: what was known then.

    Args:
        candidates: All of them, not a sample.
        score: The higher the better [row].

    Raises:
        SchemaError: A score is no finite number, or there is not one for each row.
    """
    from graphsocial.learn.recommendation.evidence_kernel import CHANNELS

    if score.shape != candidates.post.shape or not np.isfinite(score).all():
        wrong = f", {(~np.isfinite(score)).sum()} of them no number" if score.shape == candidates.post.shape else ""
        raise SchemaError(f"got scores {score.shape}{wrong}, expected {len(candidates.post)} finite ones")
    count = len(candidates)
    target = np.repeat(np.arange(count), candidates.size)
    found = np.flatnonzero(candidates.right >= 0)
    right = np.full(count, np.nan)
    right[found] = score[candidates.right[found]]
    above = np.bincount(target, score > right[target], count)
    level = np.bincount(target, score == right[target], count)
    rank = np.full(count, np.inf)
    rank[found] = 1 + above[found] + (level[found] - 1) / 2
    order = np.lexsort((-candidates.post, -score, target))
    place = np.arange(len(order)) - candidates.offsets[target]
    shown = np.full((count, CUTOFF), -1, dtype=np.int64)
    first = place < CUTOFF
    shown[target[first], place[first]] = candidates.post[order[first]]
    events = np.exp(candidates.channel[:, CHANNELS.index("popularity")].astype(np.float64))  # one added to each
    bits = -np.log2(events / np.bincount(target, events, count)[target])
    total = np.bincount(target[first], bits[order[first]], count)
    return Ranked(rank, shown, total / np.maximum(np.minimum(candidates.size, CUTOFF), 1))


def coverage(shown: np.ndarray, candidates: Candidates) -> float:
    """Share of the posts that were a candidate at least once that are shown at least once."""
    return len(np.unique(shown[shown >= 0])) / max(len(np.unique(candidates.post)), 1)
