"""A view of a store that Spark holds: nodes by canonical position, edges between positions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from graphsocial.errors import TimeWindowError
from graphsocial.graph import format_time, parse_time
from graphsocial.graph.social_graph import Time
from graphsocial.scale.spark.numbered_nodes import numbered_nodes
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.scale.spark.run_on_spark import run_on_spark
from graphsocial.scale.spark.session import check_session
from graphsocial.scale.spark.stored_frames import edge_frame, node_frame
from graphsocial.scale.spark.worker_versions import check_workers
from graphsocial.schema import EdgeType, Schema
from graphsocial.store import Store

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True, eq=False, repr=False)
class SparkGraph:
    """What a `SocialGraph` of the same store knows, in Spark's frames; positions are the same numbers.

    Attributes:
        spark: The session.
        schema: Types, columns and flow.
        name: What the graph is called.
        stored_nodes: Per node type `number`, `id`, `first_known` of the whole store; see `nodes` for the view's.
        stored_edges: Per edge type `src`, `dst`, `time`, `recorded` of the whole store; see `edges` for the view's.
        start: Views only: edges before this second are left out.
        end: Views only: nothing at or after this second is known.
        kept: What jobs on this graph and its views keep between their steps, see `keep`.
    """

    spark: SparkSession
    schema: Schema
    name: str
    stored_nodes: Mapping[str, DataFrame]
    stored_edges: Mapping[EdgeType, DataFrame]
    start: int | None = None
    end: int | None = None
    kept: list[DataFrame] = field(default_factory=list)

    def __repr__(self) -> str:
        until = "" if self.end is None else f" as of {format_time(self.end)}"
        since = "" if self.start is None else f", edges from {format_time(self.start)}"
        relations = ", ".join(" ".join(edge_type) for edge_type in self.schema.edges) or "no relation"
        return f"SparkGraph {self.name!r}{until}{since}: {relations}"

    def as_of(self, time: Time) -> SparkGraph:
        """The view that knows only what happened strictly before `time`; TimeWindowError past this view's own end."""
        return replace(self, end=self._checked(parse_time(time)))

    def window(self, start: Time, end: Time) -> SparkGraph:
        """The view with the edges of `[start, end)` and all nodes known before `end`.

        Raises:
            TimeWindowError: The window reaches out of this view, or its start is after its end.
        """
        first, last = parse_time(start), self._checked(parse_time(end))
        if first > last or (self.start is not None and first < self.start):
            least = "" if self.start is None else f" from {format_time(self.start)} on"
            raise TimeWindowError(f"got a window {format_time(first)} to {format_time(last)}, expected one{least}")
        return replace(self, start=first, end=last)

    def without_start(self) -> SparkGraph:
        """The view with the same end and all edges before it."""
        return replace(self, start=None)

    def nodes(self, node_type: str) -> DataFrame:
        """Nodes of the view: `number`, `id`, `first_known`."""
        frame = self.stored_nodes[self.schema.check_node_type(node_type)]
        return frame if self.end is None else frame.where(frame.first_known < self.end)

    def num_nodes(self, node_type: str) -> int:
        """Number of nodes known before the view's end."""
        with plain_errors("counting nodes"):
            return int(self.nodes(node_type).count())

    def edges(self, edge_type: EdgeType) -> DataFrame:
        """Edges of the view between positions, in no order: `src`, `dst`, `time`, `recorded`."""
        frame = self.stored_edges[self.schema.check_edge_type(edge_type)]
        frame = frame if self.start is None else frame.where(frame.time >= self.start)
        return frame if self.end is None else frame.where(frame.time < self.end)

    def run(self, expression: ibis.Table, **tables: DataFrame) -> DataFrame:
        """What an Ibis expression over named tables gives on Spark."""
        return run_on_spark(self.spark, expression, tables)

    def keep(self, frame: DataFrame) -> DataFrame:
        """The frame, kept by the executors from when it is first made until `release`."""
        self.kept.append(frame.persist())
        return frame

    def frame(self, table: pa.Table) -> DataFrame:
        """A small table of this process as a frame."""
        return self.spark.createDataFrame(table)

    def rows(self, frame: DataFrame) -> pa.Table:
        """The rows of a frame, here."""
        with plain_errors("a step"):
            return frame.toArrow()

    def release(self) -> None:
        """Lets executors drop what they hold of the store and of jobs on it; further answers make it again."""
        for frame in (*self.kept, *self.stored_nodes.values(), *self.stored_edges.values()):
            frame.unpersist()
        self.kept.clear()

    def _checked(self, end: int) -> int:
        if self.end is not None and end > self.end:
            raise TimeWindowError(
                f"{format_time(end)} lies after this view's own end, {format_time(self.end)}; "
                "a view never reaches past what it knows, take the new one from the whole graph"
            )
        return end


def spark_graph(spark: SparkSession, path: str | os.PathLike[str], version: int | None = None) -> SparkGraph:
    """The graph of a store, read by executors; every worker must see the store's folder under the same path.

    The Parquet files of one version are read as they are: later commits change nothing.

    Args:
        spark: The session.
        path: Folder of the store.
        version: Version of the store, the newest when None.

    Raises:
        MissingExtraError: pyspark is not installed.
        SchemaError: The session is none that can be used.
        DataIntegrityError: There is no such store or version, or workers run other releases than this one.
    """
    spark = check_session(spark)
    store = Store.open(path)
    version = store.version if version is None else version
    schema = store.about(version).schema
    files = store.log.files(version) if version else []
    check_workers(spark)
    edges = {edge_type: edge_frame(spark, files, schema, edge_type) for edge_type in schema.edges}
    with plain_errors("reading the store"):
        nodes = {t: numbered_nodes(node_frame(spark, files, schema, t, edges)) for t in schema.nodes}
    numbered = {e: _between_numbers(frame, nodes[e[0]], nodes[e[2]]).persist() for e, frame in edges.items()}
    return SparkGraph(spark, schema, store.name, nodes, numbered)


def _between_numbers(edges: DataFrame, sources: DataFrame, targets: DataFrame) -> DataFrame:
    src = sources.selectExpr("id AS src", "number AS src_number")
    dst = targets.selectExpr("id AS dst", "number AS dst_number")
    joined = edges.join(src, "src").join(dst, "dst")
    return joined.selectExpr("src_number AS src", "dst_number AS dst", "time", "recorded")
