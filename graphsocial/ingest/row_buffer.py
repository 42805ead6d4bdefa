"""Rows gathered into Arrow columns, batch by batch."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

BATCH = 16_384
"""Rows held as Python objects before they become a batch of columns."""


class RowBuffer:
    """Takes rows one by one and gives a table."""

    def __init__(self, schema: pa.Schema):
        self._schema = schema
        self._rows: list[tuple[Any, ...]] = []
        self._batches: list[pa.RecordBatch] = []

    def add(self, row: tuple[Any, ...]) -> None:
        """Adds one row, its values in the schema's order."""
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._flush()

    def table(self) -> pa.Table:
        """All rows so far."""
        self._flush()
        return pa.Table.from_batches(self._batches, schema=self._schema)

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(values, type=f.type) for values, f in zip(columns, self._schema, strict=True)]
            self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
            self._rows = []
