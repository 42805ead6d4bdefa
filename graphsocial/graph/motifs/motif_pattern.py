"""A temporal motif as a pattern of edges in order, such as `A->B, B->C`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np

from graphsocial.errors import SchemaError

LONGEST = 8
"""Edges of the longest pattern."""

_EDGE = re.compile(r"\s*([A-Za-z]\w*)\s*(?:->|→)\s*([A-Za-z]\w*)\s*\Z")


@dataclass(frozen=True)
class MotifPattern:
    """Edges in the order in which they must happen; different names are different nodes.

    Attributes:
        edges: Numbers of source and target of each edge, nodes being numbered as they first appear.
        names: The nodes' names, in that order.

    >>> MotifPattern.read("x->y, z->x")
    MotifPattern(edges=((0, 1), (2, 0)), names=('x', 'y', 'z'))
    >>> str(MotifPattern.read("x->y, z->x").canonical)
    'A->B, C->A'
    """

    edges: tuple[tuple[int, int], ...]
    names: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> MotifPattern:
        """Reads `A->B, B->C`.

        Raises:
            SchemaError: It is no such pattern, has fewer than 2 or more than 8 edges, an edge from a node to itself, or
                an edge that touches no edge before it.
        """
        if not isinstance(text, str):
            raise SchemaError(f"got motif {text!r}, expected edges in order, such as 'A->B, B->C'")
        found = [_EDGE.match(part) for part in text.split(",")]
        if not all(found):
            wrong = text.split(",")[found.index(None)].strip()
            raise SchemaError(f"got {wrong!r} in motif {text!r}, expected edges in order, such as 'A->B, B->C'")
        pairs = [(match[1], match[2]) for match in found if match]
        if not 2 <= len(pairs) <= LONGEST:
            raise SchemaError(f"motif {text!r} has {len(pairs)} edges, expected 2 to {LONGEST}")
        names: list[str] = []
        for source, target in pairs:
            if source == target:
                raise SchemaError(f"motif {text!r} has an edge from {source} to itself, expected two different nodes")
            if names and source not in names and target not in names:
                raise SchemaError(
                    f"{source}->{target} in motif {text!r} touches no edge before it, expected one that does"
                )
            names += [name for name in (source, target) if name not in names]
        return cls(tuple((names.index(s), names.index(t)) for s, t in pairs), tuple(names))

    @property
    def canonical(self) -> MotifPattern:
        """The same pattern with nodes called A, B, C, … as they first appear."""
        return MotifPattern(self.edges, tuple("ABCDEFGHI"[: len(self.names)]))

    def __str__(self) -> str:
        return ", ".join(f"{self.names[s]}->{self.names[t]}" for s, t in self.edges)

    @property
    def array(self) -> np.ndarray:
        """The edges, int64 [edge, end]."""
        return np.array(self.edges, dtype=np.int64)


def canonical_motif(edges: Iterable[tuple[str, str]]) -> str:
    """The pattern of some edges in order, with nodes called A, B, C, … as they first appear.

    >>> canonical_motif([("v", "w"), ("u", "v"), ("v", "w")])
    'A->B, C->A, A->B'
    """
    return str(MotifPattern.read(", ".join(f"{s}->{t}" for s, t in edges)).canonical)


def three_edge_motifs() -> list[str]:
    """The 36 motifs of three edges on two or three nodes (Paranjape, Benson and Leskovec 2017), by second, third edge.

    >>> len(three_edge_motifs()), three_edge_motifs()[:2]
    (36, ['A->B, A->B, A->B', 'A->B, A->B, B->A'])
    """
    pairs = ("A->B", "B->A", "A->C", "C->A", "B->C", "C->B")
    return [f"A->B, {second}, {third}" for second, third in product(pairs, repeat=2)]
