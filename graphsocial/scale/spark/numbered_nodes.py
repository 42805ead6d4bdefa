"""Nodes with their canonical positions, counted on many machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_ROW_BITS = 33
"""Spark's own ids hold the partition in the bits above these, and the row in it below."""


def numbered_nodes(nodes: DataFrame) -> DataFrame:
    """Nodes in canonical order, by first known time and then by id, with `number` from 0 on; kept by the executors.

    Args:
        nodes: `id` and `first_known`.

    Returns:
        `number`, `id`, `first_known`.
    """
    from pyspark.sql import functions as f

    ordered = nodes.orderBy("first_known", "id").withColumn("place", f.monotonically_increasing_id()).persist()
    part = f.shiftright("place", _ROW_BITS)
    sizes = {row["part"]: row["count"] for row in ordered.groupBy(part.alias("part")).count().collect()}
    first, before = {}, 0
    for which in sorted(sizes):
        first[which] = before
        before += sizes[which]
    starts = f.array(*(f.lit(first.get(which, 0)).cast("bigint") for which in range(max(sizes, default=0) + 1)))
    row = f.col("place").bitwiseAND((1 << _ROW_BITS) - 1)
    number = f.element_at(starts, part.cast("int") + 1) + row
    return ordered.select(number.alias("number"), "id", "first_known")
