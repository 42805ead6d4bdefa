"""Small cascades written as lists of parents, and random ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from graphsocial.graph import CascadeSet


def cascades_of(
    parents: Sequence[Sequence[int]],
    times: Sequence[Sequence[float]] | None = None,
    censored: Sequence[bool] | None = None,
    known_until: int | None = None,
) -> CascadeSet:
    """Cascades from parents by position within each, -1 for a root; without times, generations are."""
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in parents], dtype=np.int64)]).astype(np.int64)
    shifted = [up + int(offsets[c]) if up >= 0 else -1 for c, p in enumerate(parents) for up in p]
    if times is None:
        steps: list[int] = []
        for up in shifted:
            steps.append(0 if up < 0 else steps[up] + 1)
        clock: list[float] = list(steps)
    else:
        clock = [time for of_cascade in times for time in of_cascade]
    return CascadeSet(
        np.array([f"n{i}" for i in range(len(shifted))], dtype=object),
        np.array(shifted, dtype=np.int64),
        np.array(clock, dtype=np.float64 if any(isinstance(t, float) for t in clock) else np.int64),
        offsets,
        np.array([f"c{i}" for i in range(len(parents))], dtype=object),
        np.zeros(len(parents), dtype=bool) if censored is None else np.array(censored),
        known_until=known_until,
    )


@st.composite
def forests(draw: st.DrawFn, most: int = 14) -> list[int]:
    """Parents of one forest: each member is a root or has an earlier member for a parent."""
    count = draw(st.integers(1, most))
    return [-1] + [draw(st.integers(-1, i - 1)) for i in range(1, count)]


def branching(rng: np.random.Generator, mean: float, count: int, generations: int = 30) -> CascadeSet:
    """Galton-Watson trees with a Poisson number of children."""
    parents = []
    for _ in range(count):
        found, layer = [-1], [0]
        for _ in range(generations):
            following = []
            for member, children in zip(layer, rng.poisson(mean, len(layer)).tolist(), strict=True):
                for _ in range(children):
                    following.append(len(found))
                    found.append(member)
            layer = following
        parents.append(found)
    return cascades_of(parents)


def reordered(cascades: CascadeSet, order: Sequence[int]) -> CascadeSet:
    """Cascades of a set in another order, with other names of nodes."""
    members = np.concatenate([np.arange(cascades.offsets[c], cascades.offsets[c + 1]) for c in order])
    place = np.empty(len(cascades.node), dtype=np.int64)
    place[members] = np.arange(len(members))
    parent = cascades.parent[members]
    return CascadeSet(
        np.array([f"other {name}" for name in cascades.node[members]], dtype=object),
        np.where(parent >= 0, place[parent], -1),
        cascades.time[members],
        np.concatenate([[0], np.cumsum(cascades.size[list(order)])]),
        cascades.names[list(order)],
        cascades.censored[list(order)],
        known_until=cascades.known_until,
    )


EMPTY = cascades_of([])
