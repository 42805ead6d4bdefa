"""Position of each id: open addressing over the bytes of the ids, built in a tenth of the time of a dict."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pyarrow as pa

T = TypeVar("T")


class IdLookup:
    """Finds ids among the ids of a node type.

    Attributes:
        slots: Position of the id in each slot, -1 where it is free, int32 or int64 [slot]; a power of two of them.

    >>> lookup = IdLookup(pa.array(["ann", "bob"], pa.large_string()))
    >>> lookup.get("bob"), lookup.get("cy"), lookup.find(pa.array(["bob", "cy", "ann"], pa.large_string())).tolist()
    (1, None, [1, -1, 0])
    """

    def __init__(self, ids: pa.Array, slots: np.ndarray | None = None):
        """A table of some ids, no two alike; `slots` are those of an earlier table of the same ids."""
        from graphsocial.graph.id_lookup_kernels import fill  # numba: imported when first needed

        self._starts, self._data = string_bytes(ids)
        if slots is None:
            size = 1 << max(2 * len(ids) - 1, 1).bit_length()
            slots = np.full(size, -1, dtype=np.int32 if len(ids) < 2**31 else np.int64)
            fill(slots, self._starts, self._data)
        self.slots = slots

    def find(self, ids: pa.Array) -> np.ndarray:
        """Position of each id (strings or their UTF-8), -1 for those that are not there, int64 [id]."""
        from graphsocial.graph.id_lookup_kernels import find

        found = np.empty(len(ids), dtype=np.int64)
        find(self.slots, self._starts, self._data, *string_bytes(ids), found)
        if ids.null_count:
            found[np.asarray(ids.is_null())] = -1
        return found

    def get(self, name: str, default: T | None = None) -> int | T | None:
        """Position of one id, or the default."""
        from graphsocial.graph.id_lookup_kernels import find

        text = name.encode("utf-8", "surrogatepass")
        found = np.empty(1, dtype=np.int64)
        data = np.frombuffer(text or b"\0", dtype=np.uint8)
        find(self.slots, self._starts, self._data, np.array([0, len(text)], dtype=np.int64), data, found)
        return int(found[0]) if found[0] >= 0 else default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None


class JoinedLookup:
    """Finds ids among old ones, which may stand elsewhere by now, and new ones.

    Attributes:
        parts: Lookups, each with where its ids stand, int64 [id]; None: where the lookup says.
    """

    def __init__(self, parts: tuple[tuple[IdLookup, np.ndarray | None], ...]):
        self.parts = parts

    @classmethod
    def of(
        cls, old: IdLookup | JoinedLookup, rank: np.ndarray | None, new: IdLookup, place: np.ndarray
    ) -> JoinedLookup:
        """Old ids, moved to `rank` (ascending; None: not moved), and new ones at `place`."""
        before = old.parts if isinstance(old, JoinedLookup) else ((old, None),)
        if rank is not None:
            before = tuple((part, rank if stands is None else rank[stands]) for part, stands in before)
        return cls((*before, (new, place)))

    def find(self, ids: pa.Array) -> np.ndarray:
        """Position of each id, -1 for those that are not there, int64 [id]."""
        found = np.full(len(ids), -1, dtype=np.int64)
        sought = np.arange(len(ids))
        for part, stands in self.parts:
            here = part.find(ids if len(sought) == len(ids) else ids.take(pa.array(sought)))
            known = here >= 0
            found[sought[known]] = here[known] if stands is None else stands[here[known]]
            sought = sought[~known]
        return found

    def get(self, name: str, default: T | None = None) -> int | T | None:
        """Position of one id, or the default."""
        for part, stands in self.parts:
            here = part.get(name)
            if here is not None:
                return here if stands is None else int(stands[here])
        return default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None


def string_bytes(ids: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Where each string begins, int64 [string + 1], and the bytes of all, read-only views; nulls count as empty."""
    if not (pa.types.is_large_string(ids.type) or pa.types.is_large_binary(ids.type)):
        ids = ids.cast(pa.large_string())
    _, offsets, data = ids.buffers()
    if offsets is None or not len(ids):
        return np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.uint8)
    starts = np.frombuffer(offsets, dtype=np.int64)[ids.offset : ids.offset + len(ids) + 1]
    content = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.zeros(1, dtype=np.uint8)
    return starts, content
