"""Which relations join a pair, given that one does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.learn.metrics import Metric, Sums
from graphsocial.learn.relations.edge_folds import FOLDS, edge_folds
from graphsocial.learn.relations.relation_edges import RelationEdges
from graphsocial.learn.relations.relation_evidence import RelationEvidence
from graphsocial.learn.relations.relation_examples import POSITIVE, RelationExamples


@dataclass(frozen=True, eq=False)
class TypeQuestions:
    """Joined pairs, by relation whether it is among what joins them; in each the pairs are the same.

    Attributes:
        train: By relation.
        valid: By relation.
        test: By relation.
    """

    train: tuple[RelationExamples, ...]
    valid: tuple[RelationExamples, ...]
    test: tuple[RelationExamples, ...]


def type_questions(
    edges: RelationEdges, seed: int, training_folds: int = FOLDS - 2, most: int | None = None
) -> TypeQuestions:
    """Ordered pairs that some relation joins, held out with all that joins them in either direction.

    Args:
        edges: Relations.
        seed: Of the folds.
        training_folds: How many of the folds 2, 3, … are for training.
        most: Pairs of a fold; None: all.
    """
    fold = edge_folds(edges, "pairs", seed)
    rng, parts = np.random.default_rng(seed), []
    relations = tuple(range(len(edges.names)))
    for asked in range(2 + training_folds):
        rows = np.flatnonzero(fold == asked)
        pairs, place = np.unique(np.stack([edges.src[rows], edges.dst[rows]], axis=1), axis=0, return_inverse=True)
        joins = np.zeros((len(pairs), len(relations)))
        joins[place.ravel(), edges.relation[rows]] = 1
        if most is not None and len(pairs) > most:
            some = np.sort(rng.choice(len(pairs), most, replace=False))
            pairs, joins = pairs[some], joins[some]
        columns = RelationEvidence(edges, (fold != 0) & (fold != asked)).columns(pairs[:, 0], pairs[:, 1], relations)
        kind = np.full(len(pairs), POSITIVE)
        parts.append(
            [RelationExamples(pairs[:, 0], pairs[:, 1], columns[r], joins[:, r], kind, kind != 0) for r in relations]
        )
    train = tuple(RelationExamples.together(several) for several in zip(*parts[2:], strict=True))
    return TypeQuestions(train, tuple(parts[1]), tuple(parts[0]))


def f1_threshold(score: np.ndarray, target: np.ndarray) -> float:
    """The score from which on yes is said, for the largest F1 of yes on these examples.

    >>> f1_threshold(np.array([0.1, 0.4, 0.6]), np.array([0, 1, 1]))
    0.4
    """
    order = np.argsort(-score, kind="stable")
    hits, said = np.cumsum(target[order] > 0), np.arange(1, len(order) + 1)
    last = np.concatenate([score[order][1:] != score[order][:-1], [True]]) if len(order) else np.zeros(0, dtype=bool)
    f1 = np.where(last, 2 * hits / np.maximum(said + (target > 0).sum(), 1), -1)
    return float(score[order][int(np.argmax(f1))]) if len(order) else float("inf")


def bits(joins: np.ndarray) -> np.ndarray:
    """Sets as numbers, of yes or no [pair, relation] to int64 [pair], for metrics that take one target each."""
    return (np.asarray(joins) > 0) @ (1 << np.arange(joins.shape[1]))


def _counts(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
    said = np.atleast_2d(prediction) > 0
    true = (target.astype(np.int64)[:, None] >> np.arange(said.shape[1])) & 1 == 1
    return np.concatenate([said & true, said, true], axis=1).astype(np.float64)


def _macro(sums: np.ndarray) -> np.ndarray:
    hits, said, true = np.split(sums, 3, axis=-1)
    occurs = said + true > 0
    f1 = np.divide(2 * hits, said + true, out=np.zeros(hits.shape), where=occurs)
    total = occurs.sum(axis=-1)
    return np.divide(f1.sum(axis=-1), total, out=np.full(total.shape, np.nan), where=total > 0)


TYPES_F1 = Metric(
    "macro_f1",
    True,
    lambda prediction, target, query: float(_macro(_counts(prediction, target, query).sum(axis=0))),
    Sums(_counts, _macro),
)
"""Mean over relations of the F1 of saying that it joins the pair: yes or no [pair, relation], target as `bits`."""
