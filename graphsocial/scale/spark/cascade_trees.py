"""Cascade trees of more items than one machine can hold: a grouped map over posts and the follow lists they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.exposures.cascade_parents import UNEXPOSED, Unexposed, check_choice
from graphsocial.scale.spark.cascade_members import NOBODY, cascade_items, cascade_members
from graphsocial.scale.spark.grown_trees import GROWN, grown_trees
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.scale.spark.spark_graph import SparkGraph
from graphsocial.scale.spark.window_cells import whole_number
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PARENTS = ("latest", "first")

_ALWAYS = -(2**62)
"""Since when a follow exposes that counts as older than everything."""


def cascade_trees(
    graph: SparkGraph,
    edge_type: EdgeType,
    follow: EdgeType,
    parents: str = "latest",
    unexposed: Unexposed = "author",
    assume_always: bool = False,
    members_per_task: int = 200_000,
) -> DataFrame:
    """The members of the cascades that `graphsocial.graph.cascade_trees` finds, in its order; `collect_cascades` joins
    them to a `CascadeSet`.

    Joining members with follows and with members again makes a row for every follow of every adopter of every item,
    and does not end. Here a task gets the members of some items and, once for each task and not once for each item, the
    follow lists of their adopters; it finds parents with the kernel that one machine uses. An item with more members
    than a task should have is split by adopters: each part is told all members, who are few bytes, and gets the follow
    lists of its own adopters only.

    Args:
        graph: View whose edges count.
        edge_type: Who passed on what, such as user repost post.
        follow: Relation between adopters along whose flow items spread.
        parents: "latest" or "first" exposure before the adoption.
        unexposed: Adopters whom nobody exposed hang under the "author" or are a "root".
        assume_always: Treat follows whose own time nobody recorded as older than everything.
        members_per_task: About as many adopters as a task looks for the parents of.

    Returns:
        `name` (the item), `place` (of the member in its cascade, 0 for the author), `node` ("" for an author whom
        nobody recorded), `parent` (the parent's place, -1 for a root), `time`.

    Raises:
        SchemaError: Unknown relation or choice, or relations that do not fit together.
    """
    from pyspark.sql import functions as f

    check_choice("parents", parents, PARENTS)
    check_choice("unexposed", unexposed, UNEXPOSED)
    whole_number("members_per_task", members_per_task)
    items = graph.keep(cascade_items(graph, edge_type))
    follow = graph.schema.check_edge_type(follow)
    if follow[0] != edge_type[0] or follow[2] != edge_type[0]:
        raise SchemaError(
            f"got {' '.join(follow)} for who is exposed to whom, expected a relation from {edge_type[0]} to "
            f"{edge_type[0]}, the node type of the adopters"
        )
    members = graph.keep(cascade_members(graph, edge_type, items))
    units = _in_units(members, int(members_per_task))
    lists = _follow_lists(graph, follow, assume_always, members, units)

    def grow(key: Any, left: pa.Table, right: pa.Table) -> pa.Table:
        return grown_trees(left, right, parents, unexposed)

    grown = units.groupBy("bucket").cogroup(lists.groupBy("bucket")).applyInArrow(grow, GROWN)
    names = graph.nodes(edge_type[2]).selectExpr("number AS item", "id AS name")
    people = graph.nodes(edge_type[0]).selectExpr("number AS user", "id AS node")
    named = grown.join(names, "item").join(people, "user", "left").join(items.select("item", "began"), "item")
    return named.orderBy("began", "item", "place").select(
        "name", "place", f.coalesce("node", f.lit("")).alias("node"), "parent", "time"
    )


def collect_cascades(graph: SparkGraph, trees: DataFrame) -> CascadeSet:
    """The trees as the library's own cascades, here; they must fit into memory.

    Args:
        graph: The view they are of.
        trees: What `cascade_trees` gave.
    """
    with plain_errors("cascade trees"):
        rows = trees.toArrow()
    place, parent = (rows.column(name).to_numpy() for name in ("place", "parent"))
    first = np.flatnonzero(place == 0)
    offsets = np.append(first, len(place)).astype(np.int64)
    up = np.where(parent >= 0, parent + np.repeat(first, np.diff(offsets)), -1)
    name, node = (np.array(rows.column(column).to_pylist(), dtype=object) for column in ("name", "node"))
    censored = np.full(len(first), graph.end is not None)
    time = rows.column("time").to_numpy()
    return CascadeSet(node, up, time, offsets, name[first], censored, known_until=graph.end)


def _in_units(members: DataFrame, members_per_task: int) -> DataFrame:
    """Members with the `bucket` of the task, `chunk`, and whether they are `asked` for: every member once."""
    from pyspark.sql import functions as f

    sizes = members.groupBy("item").agg(f.count("*").alias("size"))
    with plain_errors("cascade trees"):
        total = members.count()
    wanted = int(members.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)
    buckets = max(wanted, -(-total // members_per_task))
    chunks = f.ceil(f.col("size") / members_per_task).cast("int")
    split = members.join(sizes.select("item", chunks.alias("chunks")), "item")
    split = split.withColumn("chunk", f.explode(f.sequence(f.lit(0), f.col("chunks") - 1)))
    mine = f.pmod(f.xxhash64("user"), f.col("chunks")) == f.col("chunk")
    asked = f.when(f.col("is_author"), f.col("chunk") == 0).otherwise(mine)
    bucket = f.pmod(f.xxhash64("item", "chunk"), f.lit(buckets)).cast("int")
    return split.select(
        bucket.alias("bucket"), "item", f.col("chunk").cast("bigint").alias("chunk"), "user", "time", "is_author",
        asked.alias("asked"),
    )  # fmt: skip


def _follow_lists(
    graph: SparkGraph, follow: EdgeType, assume_always: bool, members: DataFrame, units: DataFrame
) -> DataFrame:
    """For every bucket the follows of its asked adopters: `bucket`, `user`, `source`, `since`."""
    from pyspark.sql import functions as f

    child, source = ("dst", "src") if graph.schema.flow_of(follow) == "forward" else ("src", "dst")
    since = f.col("time")
    if assume_always:
        since = f.when(f.col("recorded"), since).otherwise(f.lit(_ALWAYS).cast("bigint"))
    edges = graph.without_start().edges(follow)
    lists = edges.select(f.col(child).alias("user"), f.col(source).alias("source"), since.alias("since"))
    people = members.where(f.col("user") != NOBODY).select(f.col("user").alias("source")).distinct()
    lists = lists.join(people, "source", "left_semi")  # who adopts nothing exposes nobody
    asking = units.where(f.col("asked") & ~f.col("is_author")).select("bucket", "user").distinct()
    found = asking.join(lists, "user").select("bucket", "user", "source", "since")
    return found.toDF(*found.columns)  # new columns, as those of one frame cannot stand on both sides of a cogroup
