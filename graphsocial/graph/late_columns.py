"""Columns that are put together only when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa


class LateColumns(Mapping[str, pa.Array]):
    """Columns by name, each made at its first reading and kept.

    >>> columns = LateColumns({"text": lambda: pa.array(["hi"])})
    >>> list(columns), columns["text"].to_pylist()
    (['text'], ['hi'])
    """

    def __init__(self, makers: Mapping[str, Callable[[], pa.Array]]):
        self._makers = dict(makers)
        self._made: dict[str, pa.Array] = {}

    def __getitem__(self, name: str) -> pa.Array:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)
