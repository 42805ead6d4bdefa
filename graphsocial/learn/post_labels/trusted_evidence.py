"""Which simple models to believe, judged on groups that they were not fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.metrics import MACRO_F1


def trusted_evidence(
    evidence: Mapping[str, np.ndarray], target: np.ndarray, group: np.ndarray
) -> tuple[tuple[str, ...], float]:
    """The streams whose mean foretells the classes best on training posts, all of whose evidence is out of fold.

    Each group (an event, a picture) counts the same, however many posts it has: posts are drawn down to the same
    weight. What is no better than another set with fewer streams is not taken.

    Args:
        evidence: Centred log-probabilities by name, of models fitted without the post's group, [post, class].
        target: Class codes [post].
        group: What the label belongs to [post].

    Returns:
        Names, and the macro-F1 that they reach on the training posts.

    Raises:
        SchemaError: No evidence.

    >>> target = np.array([0, 0, 1, 1])
    >>> right = np.where(np.eye(2)[target] > 0, 1.0, -1.0)
    >>> trusted_evidence({"text": right, "image": -2 * right}, target, np.arange(4))
    (('text',), 1.0)
    """
    if not evidence:
        raise SchemaError("got no evidence, expected at least one stream")
    weight = _even(group)
    best: tuple[tuple[str, ...], float] = ((), -1.0)
    for size in range(1, len(evidence) + 1):
        for names in combinations(sorted(evidence), size):
            score = _weighted_macro_f1(mean_evidence(evidence, names), target, weight)
            if score > best[1] + 1e-9:
                best = names, score
    return best


def mean_evidence(evidence: Mapping[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
    """Mean over the named streams that say anything about a post, float64 [post, class]."""
    said = np.stack([np.asarray(evidence[name], dtype=np.float64) for name in names])
    speaks = (said != 0).any(axis=2).sum(axis=0)
    mean: np.ndarray = said.sum(axis=0) / np.maximum(speaks, 1)[:, None]
    return mean


def _even(group: np.ndarray) -> np.ndarray:
    """Weights that sum to 1 in each group."""
    code, size = np.unique(np.asarray(group).astype(str), return_inverse=True, return_counts=True)[1:]
    weight: np.ndarray = 1.0 / size[code]
    return weight


def _weighted_macro_f1(logits: np.ndarray, target: np.ndarray, weight: np.ndarray) -> float:
    assert MACRO_F1.sums is not None
    rows = MACRO_F1.sums.rows(logits, target, np.arange(len(target)))
    return float(MACRO_F1.sums.value(weight @ rows))
