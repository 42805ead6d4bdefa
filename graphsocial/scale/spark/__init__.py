"""Data and graph jobs on Apache Spark, with the rows that one machine would give.

Each function takes a session or a `SparkGraph` and is named after the library's own function whose rows it gives.
Import the room and not its names, so that it stays visible where a job runs:

    from graphsocial.scale import spark as on_spark

    session = on_spark.open_session("local[2]")
    graph = on_spark.spark_graph(session, "stores/mine").as_of("2024-05-01")
    on_spark.pagerank(graph, [("user", "follow", "user")]).show(10)

Nothing of Spark is loaded before a session is opened or used.
"""

from graphsocial.scale.spark.bursts import bursts
from graphsocial.scale.spark.cascade_trees import cascade_trees, collect_cascades
from graphsocial.scale.spark.co_engagement import co_engagement
from graphsocial.scale.spark.components import components
from graphsocial.scale.spark.duckdb_graph import DuckDbGraph
from graphsocial.scale.spark.embed_clips import EmbeddedClips, embed_clips
from graphsocial.scale.spark.embed_pictures import EmbeddedPictures, embed_pictures
from graphsocial.scale.spark.embed_texts import EmbeddedTexts, embed_texts
from graphsocial.scale.spark.ingest_exports import ingest_exports
from graphsocial.scale.spark.java import check_java
from graphsocial.scale.spark.k_anonymous_counts import KAnonymousCounts, k_anonymous_counts
from graphsocial.scale.spark.pagerank import pagerank
from graphsocial.scale.spark.session import open_session
from graphsocial.scale.spark.spark_graph import SparkGraph, spark_graph
from graphsocial.scale.spark.top_per_window import top_per_window
from graphsocial.scale.spark.worker_versions import check_workers

__all__ = [
    "DuckDbGraph",
    "EmbeddedClips",
    "EmbeddedPictures",
    "EmbeddedTexts",
    "KAnonymousCounts",
    "SparkGraph",
    "bursts",
    "cascade_trees",
    "check_java",
    "check_workers",
    "co_engagement",
    "collect_cascades",
    "components",
    "embed_clips",
    "embed_pictures",
    "embed_texts",
    "ingest_exports",
    "k_anonymous_counts",
    "open_session",
    "pagerank",
    "spark_graph",
    "top_per_window",
]
