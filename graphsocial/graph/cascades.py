"""Cascades: who passed something on after whom, observed or simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from graphsocial.errors import SchemaError

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class CascadeSet:
    """Many cascades in flat arrays; a cascade's members stand together, parents before their children.

    Attributes:
        node: Ids of the members, object [member]; "" for an author nobody recorded.
        parent: Position in these arrays of the member it came from, -1 for a root, int64 [member].
        time: When the member became active, int64 seconds UTC; simulated: steps, or float64 in the unit of the rates
            [member].
        offsets: First member of each cascade, int64 [cascade + 1].
        names: What each cascade is about: the id of the post, or of the root, object [cascade].
        censored: True where it may have gone on after it was last observed, bool [cascade].
        marks: Further numbers of each member by name, such as the time of its recovery, float64 [member].
        known_until: They were read from what was known before this second; None for all there is, or when simulated.

    Raises:
        SchemaError: The arrays do not fit together.

    >>> ids = np.array(["ann", "bob", "cy", "dee"], dtype=object)
    >>> cascades = CascadeSet(ids, [-1, 0, 1, -1], [0, 5, 9, 3], [0, 3, 4], ["ann", "dee"], [False, True])
    >>> cascades.size.tolist(), cascades.depth.tolist()
    ([3, 1], [2, 0])
    """

    node: np.ndarray
    parent: np.ndarray
    time: np.ndarray
    offsets: np.ndarray
    names: np.ndarray
    censored: np.ndarray
    marks: Mapping[str, np.ndarray] = field(default_factory=dict)
    known_until: int | None = None

    def __post_init__(self) -> None:
        clock = np.float64 if np.asarray(self.time).dtype.kind == "f" else np.int64
        kinds = {"node": object, "parent": np.int64, "time": clock, "offsets": np.int64}
        for name, kind in {**kinds, "names": object, "censored": bool}.items():
            object.__setattr__(self, name, _held(getattr(self, name), kind))
        object.__setattr__(self, "marks", {name: _held(values, np.float64) for name, values in self.marks.items()})
        members, cascades = len(self.node), len(self.names)
        lengths = (len(self.parent), len(self.time), len(self.offsets), len(self.censored))
        if lengths != (members, members, cascades + 1, cascades):
            raise SchemaError(
                f"cascades got lengths {lengths} of parent, time, offsets and censored, "
                f"expected {(members, members, cascades + 1, cascades)} for {members} members and {cascades} names"
            )
        for name, values in self.marks.items():
            if values.shape != (members,):
                raise SchemaError(f"mark {name!r} got shape {values.shape}, expected ({members},), one per member")
        if self.offsets[0] != 0 or self.offsets[-1] != members or (np.diff(self.offsets) < 0).any():
            raise SchemaError(f"cascade offsets, expected to ascend from 0 to {members}, the number of members")
        first = np.repeat(self.offsets[:-1], self.size)
        here = np.arange(members)
        if ((self.parent != -1) & ((self.parent < first) | (self.parent >= here))).any():
            raise SchemaError("a cascade member's parent, expected -1 or an earlier member of the same cascade")

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        if not len(self):
            return "CascadeSet of 0 cascades"
        return (
            f"CascadeSet of {len(self):,} cascades, {len(self.node):,} members, "
            f"largest {self.size.max():,}, deepest {self.depth.max():,}, {self.censored.sum():,} censored"
        )

    @property
    def size(self) -> np.ndarray:
        """Number of members, int64 [cascade]."""
        return np.diff(self.offsets)

    @cached_property
    def generation(self) -> np.ndarray:
        """Steps from the root, int64 [member]."""
        from graphsocial.graph.kernels import generations  # numba: imported when first needed

        return generations(self.parent)

    @cached_property
    def depth(self) -> np.ndarray:
        """Largest number of steps from the root, int64 [cascade]; 0 for a root alone."""
        depth = np.zeros(len(self), dtype=np.int64)
        np.maximum.at(depth, np.repeat(np.arange(len(self)), self.size), self.generation)
        return depth


def _held(values: Any, kind: Any) -> np.ndarray:
    """The values as an array that nobody can write to; one that nobody can write to already is not copied."""
    array = np.asarray(values, dtype=kind)
    if array.flags.writeable or array.base is not None:
        array = array.copy()
        array.setflags(write=False)
    return array


def cascade_tree(cascades: CascadeSet, i: int) -> nx.DiGraph:
    """One cascade as a NetworkX tree: edges run from parent to child, nodes are ids with their `time`.

    Raises:
        SchemaError: There is no i-th cascade.
    """
    import networkx as nx  # a second at import, needed only here

    if not 0 <= i < len(cascades):
        raise SchemaError(f"no cascade {i}, expected 0 to {len(cascades) - 1}")
    tree = nx.DiGraph(name=str(cascades.names[i]))
    for member in range(cascades.offsets[i], cascades.offsets[i + 1]):
        tree.add_node(cascades.node[member], time=cascades.time[member].item())
        if cascades.parent[member] >= 0:
            tree.add_edge(cascades.node[cascades.parent[member]], cascades.node[member])
    return tree
