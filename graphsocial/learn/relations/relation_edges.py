"""Relations between numbered nodes, each pair once per relation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.schema import UNKNOWN_TIME


@dataclass(frozen=True, eq=False)
class RelationEdges:
    """Edges of several relations, in order of time, the first one of a pair alone.

    Nodes are numbered by when they are first seen, then by id, so that what comes later renumbers nobody.

    Attributes:
        ids: Ids of the nodes, object [node].
        names: Relations, by number.
        src: int64 [edge].
        dst: int64 [edge].
        relation: Numbers of relations, int64 [edge].
        time: Seconds, `UNKNOWN_TIME` where there is none, int64 [edge].
        value: Strength, nan where there is none, float64 [edge].
        loops: Edges from a node to itself, left out.
        repeats: Later edges of a pair and relation, left out.
    """

    ids: np.ndarray
    names: tuple[str, ...]
    src: np.ndarray
    dst: np.ndarray
    relation: np.ndarray
    time: np.ndarray
    value: np.ndarray
    loops: int
    repeats: int

    def __len__(self) -> int:
        return len(self.src)

    @property
    def nodes(self) -> int:
        """How many there are."""
        return len(self.ids)

    @property
    def timed(self) -> bool:
        """Whether every edge has a time."""
        return bool(len(self)) and not (self.time == UNKNOWN_TIME).any()

    @classmethod
    def of(
        cls,
        src: np.ndarray,
        dst: np.ndarray,
        relation: np.ndarray,
        time: np.ndarray,
        value: np.ndarray | None = None,
    ) -> RelationEdges:
        """Numbers nodes and relations.

        Args:
            src: Ids [edge].
            dst: Ids [edge].
            relation: Names [edge].
            time: Seconds or `UNKNOWN_TIME` [edge].
            value: Strengths, nan where there is none [edge]; None: there are none.

        Raises:
            SchemaError: Lengths differ.

        >>> time = np.array([5, 3, 9])
        >>> edges = RelationEdges.of(np.array(["b", "c", "c"]), np.array(["a", "b", "b"]), np.array(["t"] * 3), time)
        >>> edges.ids.tolist(), edges.src.tolist(), edges.dst.tolist(), edges.repeats
        (['b', 'c', 'a'], [1, 0], [0, 2], 1)
        """
        value = np.full(len(src), np.nan) if value is None else np.asarray(value, dtype=np.float64)
        if not len(src) == len(dst) == len(relation) == len(time) == len(value):
            raise SchemaError(
                f"edges got {len(src)} src, {len(dst)} dst, {len(relation)} relations, {len(time)} times and "
                f"{len(value)} values, expected as many of each"
            )
        order = np.lexsort([np.asarray(array).astype(str) for array in (relation, dst, src)] + [time])
        ends = np.concatenate([src[order], dst[order]]).astype(str)
        ids, place = np.unique(ends, return_inverse=True)
        loop = ends[: len(src)] == ends[len(src) :]
        # a loop joins nobody: by itself it brings a node in without a time, and no earlier
        tells = np.tile(~loop | (time[order] == UNKNOWN_TIME), 2)
        first = np.full(len(ids), np.iinfo(np.int64).max)
        np.minimum.at(first, place[tells], np.tile(time[order], 2)[tells])
        rank = np.empty(len(ids), dtype=np.int64)
        canonical = np.lexsort([ids, first])
        rank[canonical] = np.arange(len(ids))
        a, b = rank[place].reshape(2, -1)
        names, kind = np.unique(np.asarray(relation)[order].astype(str), return_inverse=True)
        key = np.where(loop, -1, (kind * len(ids) + a) * len(ids) + b)
        keep = np.zeros(len(a), dtype=bool)
        keep[np.unique(key, return_index=True)[1]] = True
        keep &= ~loop
        return cls(
            ids=ids[canonical].astype(object),
            names=tuple(str(name) for name in names),
            src=a[keep],
            dst=b[keep],
            relation=kind[keep].astype(np.int64),
            time=np.asarray(time, dtype=np.int64)[order][keep],
            value=value[order][keep],
            loops=int(loop.sum()),
            repeats=int((~keep & ~loop).sum()),
        )

    def keys(self, rows: np.ndarray) -> np.ndarray:
        """One number per ordered pair of the chosen edges, sorted, int64 [pair]."""
        return np.unique(pair_keys(self.src[rows], self.dst[rows], self.nodes))

    def pools(self, relation: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes that may be the source and the target of a relation, by what they are in the data.

        Nodes that are only ever pointed at, by relations that point at nobody who acts, are things, not users; the
        targets of such a relation are its own things.
        """
        acts = np.zeros(self.nodes, dtype=bool)
        acts[self.src] = True
        things = np.zeros(self.nodes, dtype=bool)
        for number in range(len(self.names)):
            targets = self.dst[self.relation == number]
            if len(targets) and not acts[targets].any():
                things[targets] = True
        users = np.flatnonzero(~things)
        targets = np.unique(self.dst[self.relation == relation])
        return users, users if not len(targets) or acts[targets].any() else targets


def pair_keys(src: np.ndarray, dst: np.ndarray, nodes: int) -> np.ndarray:
    """One number per ordered pair, int64 [pair]."""
    return np.asarray(src, dtype=np.int64) * nodes + np.asarray(dst, dtype=np.int64)


def among(keys: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which keys are among sorted ones, bool [key].

    >>> among(np.array([3, 4]), np.array([1, 4])).tolist()
    [False, True]
    """
    if not len(known):
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.asarray(known[place] == keys)
