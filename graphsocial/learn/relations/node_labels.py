"""Labels of nodes, from those of their neighbours and from what they say: rules and a linear model."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from graphsocial.learn.relations.pair_scores import PairScores
from graphsocial.learn.relations.relation_edges import RelationEdges

ROUNDS, KEPT = 30, 0.9
"""Of label propagation: rounds, and the share that comes from neighbours in each."""


def label_propagation(
    edges: RelationEdges, rows: np.ndarray, labelled: np.ndarray, label: np.ndarray, classes: int
) -> np.ndarray:
    """Shares of classes after labels have spread along edges in either direction, float64 [node, class].

    Zhou et al. 2004, "Learning with local and global consistency", NeurIPS. A node that no label reaches gets the
    shares of the labelled ones.

    Args:
        edges: Relations; joined by several of them counts several times.
        rows: Which edges carry labels, bool [edge].
        labelled: Nodes whose label is known.
        label: Their class numbers.
        classes: Number of classes.
    """
    n = edges.nodes
    a, b = edges.src[rows], edges.dst[rows]
    weight = sparse.coo_array((np.ones(len(a)), (a, b)), shape=(n, n)).tocsr()
    weight = weight + weight.T
    scale = sparse.diags_array(1 / np.sqrt(np.maximum(weight.sum(axis=0), 1)))
    spread = (scale @ weight @ scale).tocsr()
    start = np.zeros((n, classes))
    start[labelled, label] = 1
    state = start.copy()
    for _ in range(ROUNDS):
        state = KEPT * (spread @ state) + (1 - KEPT) * start
    total = state.sum(axis=1, keepdims=True)
    prior = np.bincount(label, minlength=classes) / max(len(label), 1)
    return np.where(total > 0, state / np.maximum(total, 1e-300), prior)


def structure_vectors(edges: RelationEdges, rank: int = 16) -> np.ndarray:
    """Factors of every relation, of the node as source and as target, standardised, float64 [node, channel]."""
    parts = []
    for relation in range(len(edges.names)):
        mine = edges.relation == relation
        parts += PairScores(edges.src[mine], edges.dst[mine], edges.nodes).factors(rank)
    every = np.concatenate(parts, axis=1)
    return np.asarray((every - every.mean(axis=0)) / (every.std(axis=0) + 1e-9))


def linear_labels(
    vectors: np.ndarray, labelled: np.ndarray, label: np.ndarray, classes: int, strength: float
) -> np.ndarray:
    """Probabilities of classes by logistic regression, float64 [node, class]; a class nobody has gets none.

    Args:
        vectors: Standardised [node, channel].
        labelled: Nodes whose label is known.
        label: Their class numbers.
        classes: Number of classes.
        strength: Inverse of the regularisation.
    """
    found = np.zeros((len(vectors), classes))
    seen = np.unique(label)
    if len(seen) == 1:
        found[:, seen[0]] = 1
        return found
    model = LogisticRegression(C=strength, max_iter=2000).fit(vectors[labelled], label)
    found[:, model.classes_] = model.predict_proba(vectors)
    return found
