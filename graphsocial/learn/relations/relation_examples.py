"""Questions whether a relation joins a pair, with evidence from which the answer was taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.relations.edge_folds import FOLDS, HeldOut, edge_folds, pair_folds
from graphsocial.learn.relations.negative_pairs import Allowed, two_hop_pairs, uniform_pairs
from graphsocial.learn.relations.relation_edges import RelationEdges
from graphsocial.learn.relations.relation_evidence import RelationEvidence
from graphsocial.learn.seeds import derived_seed

POSITIVE, UNIFORM, TWO_HOP = 0, 1, 2
"""What a pair is: joined, drawn evenly, or two random steps from the source of a joined one."""


@dataclass(frozen=True, eq=False)
class RelationExamples:
    """Pairs and one relation.

    Attributes:
        src: int64 [pair].
        dst: int64 [pair].
        evidence: Columns of `RelationEvidence`, float64 [pair, column].
        target: Whether the relation joins them (or another yes-or-no answer, or an amount), float64 [pair].
        kind: `POSITIVE`, `UNIFORM` or `TWO_HOP`, int64 [pair].
        hops: Whether they are two hops apart in what is seen, bool [pair].
    """

    src: np.ndarray
    dst: np.ndarray
    evidence: np.ndarray
    target: np.ndarray
    kind: np.ndarray
    hops: np.ndarray

    def __len__(self) -> int:
        return len(self.src)

    def __getitem__(self, rows: np.ndarray) -> RelationExamples:
        return RelationExamples(*(getattr(self, column.name)[rows] for column in fields(self)))

    def against(self, negatives: int) -> RelationExamples:
        """The positive pairs and the negatives of one kind.

        Beside negatives two hops apart, positives that are not (as an edge leads back, or they share nobody) would be
        told from them by that alone, and are left out.
        """
        if negatives == TWO_HOP:
            return self[self.hops & (self.kind != UNIFORM)]
        return self[(self.kind == POSITIVE) | (self.kind == negatives)]

    @classmethod
    def together(cls, parts: Sequence[RelationExamples]) -> RelationExamples:
        """One after the other."""
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))


@dataclass(frozen=True, eq=False)
class RelationSplit:
    """Questions about held-out edges, by relation.

    Attributes:
        held_out: What was held out.
        train: By relation.
        valid: By relation.
        test: By relation.
    """

    held_out: HeldOut
    train: tuple[RelationExamples, ...]
    valid: tuple[RelationExamples, ...]
    test: tuple[RelationExamples, ...]


def random_split(
    edges: RelationEdges,
    held_out: HeldOut,
    seed: int,
    training_folds: int = FOLDS - 2,
    most: int | None = None,
    most_test: int | None = None,
) -> RelationSplit:
    """Questions of a random split of edges; nothing about it is temporal.

    Fold 0 is the test and is seen by no evidence but as its own questions' answers. The evidence of every other fold
    is taken from the edges outside that fold and the test's, so that training pairs look as test pairs do: their own
    edges are not among what is known. Negatives of the test are pairs that no edge of the relation joins, those of
    the other folds pairs that none outside the test joins.

    Args:
        edges: Relations.
        held_out: Edges alone, or all that joins a pair.
        seed: Of folds and negatives; it belongs to the split, not to the learning.
        training_folds: How many of the folds 2, 3, … ask training questions.
        most: Positive pairs of a training or validation fold and relation; None: all.
        most_test: Positive pairs of the test by relation; None: all.

    Raises:
        SchemaError: There are too few edges to have every fold filled.
    """
    if len(edges) < FOLDS:
        raise SchemaError(f"got {len(edges)} edges, expected at least {FOLDS}, one for each fold")
    fold = edge_folds(edges, held_out, seed)
    parts = []
    for asked in range(2 + training_folds):
        rng = np.random.default_rng(derived_seed(seed, "negatives", held_out, asked))
        seen = (fold != 0) & (fold != asked)
        limit = most_test if asked == 0 else most
        parts.append(_questions(edges, fold, asked, seen, held_out, seed, limit, rng))
    train = [RelationExamples.together(several) for several in zip(*parts[2:], strict=True)]
    return RelationSplit(held_out, tuple(train), tuple(parts[1]), tuple(parts[0]))


def _questions(
    edges: RelationEdges,
    fold: np.ndarray,
    asked: int,
    seen: np.ndarray,
    held_out: HeldOut,
    seed: int,
    most: int | None,
    rng: np.random.Generator,
) -> list[RelationExamples]:
    evidence = RelationEvidence(edges, seen)
    known = np.ones(len(edges), dtype=bool) if asked == 0 else fold != 0
    allowed: Allowed | None = None
    if held_out == "pairs":

        def allowed(src: np.ndarray, dst: np.ndarray) -> np.ndarray:
            return pair_folds(src, dst, seed) == asked

    found = []
    for relation in range(len(edges.names)):
        rows = np.flatnonzero((edges.relation == relation) & (fold == asked))
        if most is not None and len(rows) > most:
            rows = np.sort(rng.choice(rows, most, replace=False))
        joined = edges.keys((edges.relation == relation) & known)
        pools = edges.pools(relation)
        even = uniform_pairs(len(rows), pools, edges.nodes, joined, rng, allowed)
        graph = evidence.scores[relation].both
        hops = two_hop_pairs(edges.src[rows], graph, pools[1], joined, rng, allowed)
        pairs = np.concatenate([np.stack([edges.src[rows], edges.dst[rows]], axis=1), even, hops])
        kind = np.repeat([POSITIVE, UNIFORM, TWO_HOP], [len(rows), len(even), len(hops)])
        (columns,) = evidence.columns(pairs[:, 0], pairs[:, 1], (relation,))
        target, hops = (kind == POSITIVE).astype(np.float64), evidence.two_hops(relation, pairs[:, 0], pairs[:, 1])
        found.append(RelationExamples(pairs[:, 0], pairs[:, 1], columns, target, kind, hops))
    return found
