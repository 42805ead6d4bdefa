"""Who took up which item and when, on many machines: what cascade trees are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphsocial.errors import SchemaError
from graphsocial.scale.spark.spark_graph import SparkGraph
from graphsocial.schema import UNKNOWN_TIME, EdgeType

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NOBODY = -1
"""Position of an author whom nobody recorded."""


def cascade_items(graph: SparkGraph, edge_type: EdgeType) -> DataFrame:
    """Items that the view knows or that were passed on in it: `item`, `author` (-1 where unknown), `began`.

    Raises:
        SchemaError: Unknown edge type, or one between nodes of one type.
    """
    from pyspark.sql import functions as f

    edge_type = graph.schema.check_edge_type(edge_type)
    if edge_type[0] == edge_type[2]:
        raise SchemaError(
            f"got {' '.join(edge_type)}, between nodes of one type, expected a relation to items of another type, "
            "such as user repost post"
        )
    nodes = graph.nodes(edge_type[2]).selectExpr("number AS item", "first_known")
    passed_on = graph.edges(edge_type).selectExpr("dst AS item", "true AS passed_on").distinct()
    published = (
        f.col("first_known") != f.lit(UNKNOWN_TIME) if graph.start is None else f.col("first_known") >= graph.start
    )
    items = nodes.join(passed_on, "item", "left").where(published | f.col("passed_on"))
    relation = (edge_type[0], "author", edge_type[2])
    if relation not in graph.schema.edges:
        nobody = f.lit(NOBODY).cast("bigint")
        return items.select("item", nobody.alias("author"), f.col("first_known").alias("began"))
    # of several authors the earliest counts, of equally early ones the first in canonical order
    written = graph.without_start().edges(relation).groupBy(f.col("dst").alias("item"))
    first = written.agg(f.min(f.struct("time", "src")).alias("first"))
    return items.join(first, "item", "left").select(
        "item",
        f.coalesce(f.col("first.src"), f.lit(NOBODY).cast("bigint")).alias("author"),
        f.coalesce(f.col("first.time"), f.col("first_known")).alias("began"),
    )


def cascade_members(graph: SparkGraph, edge_type: EdgeType, items: DataFrame) -> DataFrame:
    """Authors and adopters, each adopter once, at its first time: `item`, `user`, `time`, `is_author`.

    Args:
        graph: View whose edges count.
        edge_type: Who passed on what.
        items: See `cascade_items`.
    """
    from pyspark.sql import functions as f

    adopted = graph.edges(edge_type).groupBy(f.col("dst").alias("item"), f.col("src").alias("user"))
    adopters = adopted.agg(f.min("time").alias("time")).join(items.select("item", "author"), "item")
    adopters = adopters.where(f.col("user") != f.col("author")).select("item", "user", "time")
    authors = items.selectExpr("item", "author AS user", "began AS time")
    return authors.withColumn("is_author", f.lit(True)).union(adopters.withColumn("is_author", f.lit(False)))
