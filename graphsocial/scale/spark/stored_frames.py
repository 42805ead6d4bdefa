"""The rows of a store as Spark reads them: nodes with the moment each is first known, edges with their times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphsocial.graph.time import AFTER_ALL, NEVER
from graphsocial.schema import UNKNOWN_TIME, EdgeType, Schema
from graphsocial.store.graph_of_rows import PARTS_OF_POSTS
from graphsocial.store.stored_rows import edge_table, measured_table, node_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SQL_TYPE = {"string": "string", "int": "bigint", "float": "double", "bool": "boolean"}

Files = Sequence[tuple[Path, str]]
"""Parquet files of a version, and the name of the rows in each, as `EventLog.files` tells them."""


def rows_of(spark: SparkSession, files: Files, table: str, columns: Sequence[tuple[str, str]]) -> DataFrame:
    """Rows of one name; columns that a file lacks are null.

    Args:
        spark: The session.
        files: Files of the version.
        table: Name under which the rows stand.
        columns: Name and SQL type of each column to read.
    """
    schema = ", ".join(f"`{name}` {kind}" for name, kind in columns)
    paths = [plain_path(path) for path, name in files if name == table]
    if not paths:
        return spark.createDataFrame([], schema)
    return spark.read.schema(schema).parquet(*paths).select(*(f"`{name}`" for name, _ in columns))


def edge_frame(spark: SparkSession, files: Files, schema: Schema, edge_type: EdgeType) -> DataFrame:
    """Edges of a type by the ids of their ends, each once: `src`, `dst`, `time`, `recorded`.

    As the graph of the store has them: an edge of unknown time counts from the relation's crawl on, and what a post is
    made of stands once, at its earliest time.
    """
    from pyspark.sql import functions as f

    described = [(name, _SQL_TYPE[column.type]) for name, column in schema.edges[edge_type].items()]
    ends = [("src", "string"), ("dst", "string"), ("time", "bigint")]
    rows = rows_of(spark, files, edge_table(edge_type), [*ends, *described])
    of_post = edge_type[0] == "post" and edge_type[1] in PARTS_OF_POSTS
    if of_post or edge_type == ("user", "author", "post"):
        rows = rows.groupBy("src", "dst").agg(f.min("time").alias("time"))
    else:
        rows = rows.distinct()  # two writers may have appended a row at once
    crawl = f.lit(schema.crawled_at.get(edge_type, AFTER_ALL)).cast("bigint")
    recorded = f.col("time").isNotNull()
    return rows.select("src", "dst", f.coalesce("time", crawl).alias("time"), recorded.alias("recorded"))


def node_frame(
    spark: SparkSession, files: Files, schema: Schema, node_type: str, edges: dict[EdgeType, DataFrame]
) -> DataFrame:
    """Nodes of a type, each once: `id` and `first_known`, as the graph of the store has them.

    Args:
        spark: The session.
        files: Files of the version.
        schema: Types and columns.
        node_type: Which nodes.
        edges: Edges of every relation of the schema, see `edge_frame`.
    """
    from pyspark.sql import functions as f

    rows = rows_of(
        spark, files, node_table(node_type), [("id", "string"), ("known_at", "bigint"), ("first_known", "bigint")]
    )
    timeless, never = f.col("known_at").isNull(), f.lit(NEVER).cast("bigint")
    # the earliest row counts, and one without a time is the earliest; see `graph_of_rows`
    stated = rows.groupBy("id").agg(
        f.when(f.bool_or(timeless), f.nullif(f.min(f.when(timeless, f.col("first_known"))), never))
        .otherwise(f.min(f.least("known_at", "first_known")))
        .alias("stated"),
        f.lit(True).alias("has_row"),
    )
    heard = [
        frame.groupBy(f.col(end).alias("id")).agg(f.min("time").alias("heard"))
        for edge_type, frame in edges.items()
        for end, place in (("src", 0), ("dst", 2))
        if edge_type[place] == node_type
    ]
    measured = rows_of(spark, files, measured_table(node_type), [("id", "string"), ("measured_at", "bigint")])
    heard.append(measured.groupBy("id").agg(f.min(f.coalesce("measured_at", never)).alias("heard")))
    every = heard[0]
    for frame in heard[1:]:
        every = every.union(frame)
    every = every.groupBy("id").agg(f.min("heard").alias("heard"))
    first = f.least("stated", f.when(f.col("heard") < never, f.col("heard")))
    nothing = f.when(f.col("has_row"), f.lit(UNKNOWN_TIME).cast("bigint")).otherwise(never)
    return stated.join(every, "id", "full_outer").select("id", f.coalesce(first, nothing).alias("first_known"))


def plain_path(path: Path) -> str:
    r"""A path as Spark takes it: on this machine's files, whatever the cluster's own are, and without wildcards.

    >>> plain_path(Path("/data/store[1]/x.parquet"))
    'file:///data/store\\[1\\]/x.parquet'
    """
    return "file://" + re.sub(r"([\[\]{}*?\\])", r"\\\1", str(path))
