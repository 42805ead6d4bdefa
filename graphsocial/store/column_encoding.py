"""How the columns of new Parquet files are encoded: a dictionary only where values repeat."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

SAMPLE = 1024
"""Values at the beginning of each part of a column that are looked at."""


def writer_properties(rows: pa.Table) -> Any:
    """Delta's properties for writing some rows.

    A dictionary of ids that hardly repeat takes as long as all the rest and saves nothing; without it, lengths and
    differences compress well. Statistics by which readers skip files are kept for all columns.

    Args:
        rows: What will be written.

    >>> likes = pa.table({"src": [f"u{i}" for i in range(100)], "lang": ["en", "de"] * 50, "time": range(100)})
    >>> chosen = writer_properties(likes).column_properties
    >>> {name: properties.encoding or "dictionary" for name, properties in chosen.items()}
    {'src': 'DELTA_LENGTH_BYTE_ARRAY', 'lang': 'dictionary', 'time': 'DELTA_BINARY_PACKED'}
    """
    from deltalake import ColumnProperties, WriterProperties

    chosen = {}
    for name in rows.column_names:
        column = rows.column(name)
        if pa.types.is_integer(column.type):
            chosen[name] = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED")
        elif pa.types.is_string(column.type):
            if _repeats(column):
                chosen[name] = ColumnProperties(dictionary_enabled=True)
            else:
                chosen[name] = ColumnProperties(dictionary_enabled=False, encoding="DELTA_LENGTH_BYTE_ARRAY")
    return WriterProperties(
        compression="ZSTD",
        compression_level=1,
        default_column_properties=ColumnProperties(dictionary_enabled=False),
        column_properties=chosen,
    )


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether a value of a sample stands in it twice on average."""
    sample = [chunk.slice(0, SAMPLE).drop_null() for chunk in column.chunks]
    values = sum(len(part) for part in sample)
    return values > 0 and 2 * len(pa.chunked_array(sample, column.type).unique()) <= values
