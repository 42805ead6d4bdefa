"""How far two profiles of one user lie apart, and how far they would if nothing had changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ProfileDistance:
    """A distance and what it would be without change.

    Attributes:
        distance: Jensen–Shannon distance of the two profiles, 0 for the same to 1 for nothing in common.
        expected: Mean over permutations.
        upper: 95 % quantile over permutations.
        p: Share of permutations at least as far apart, the observed one among them.
    """

    distance: float
    expected: float
    upper: float
    p: float


def jensen_shannon(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Jensen–Shannon distance of count vectors, base 2 (Endres and Schindelin, IEEE Trans. Inf. Theory 49, 2003).

    Args:
        a: Counts, each row above 0 in sum [..., topic].
        b: Counts [..., topic].

    >>> jensen_shannon(np.array([[2, 0], [1, 1]]), np.array([[0, 5], [2, 2]])).tolist()
    [1.0, 0.0]
    """
    p, q = (x / x.sum(axis=-1, keepdims=True) for x in (a, b))
    middle = (p + q) / 2

    def bits(x: np.ndarray) -> np.ndarray:
        ratio = np.divide(x, middle, out=np.ones_like(middle), where=x > 0)
        return (x * np.log2(ratio)).sum(axis=-1)

    return np.sqrt(np.maximum((bits(p) + bits(q)) / 2, 0))


def profile_distance(
    topic: np.ndarray, later: np.ndarray, together: np.ndarray, topics: int, permutations: int, rng: np.random.Generator
) -> ProfileDistance:
    """Distance of the profiles of an earlier and a later window, against posts dealt to the two at random.

    What was posted together is dealt together: the posts of one conversation are about one thing, and would pass for
    drift one by one. A run of posts that reaches over the cut counts where its posts are.

    Args:
        topic: Of each post [post].
        later: Which posts lie in the later window, bool [post].
        together: Number of the run that each post belongs to, ascending [post].
        topics: How many there are.
        permutations: Times the runs are dealt.
        rng: Deals them.
    """
    block = np.unique(np.stack([later, together]), axis=1, return_inverse=True)[1].ravel()
    count = np.zeros((block.max() + 1, topics))
    np.add.at(count, (block, topic), 1.0)
    is_later = np.zeros(len(count), dtype=bool)
    is_later[block] = later
    observed = float(jensen_shannon(count[~is_later].sum(axis=0), count[is_later].sum(axis=0)))
    dealt = rng.permuted(np.tile(is_later, (permutations, 1)), axis=1).astype(np.float64)
    after = dealt @ count
    chance = jensen_shannon(count.sum(axis=0) - after, after)
    far = int((chance >= observed - 1e-12).sum())
    return ProfileDistance(
        observed, float(chance.mean()), float(np.quantile(chance, 0.95)), (far + 1) / (permutations + 1)
    )
