"""Graphs on disk: a Parquet file per node and edge type, schema.json with checksums, atomic replacement, no pickle."""

from graphsocial.store.open_graph import open_graph
from graphsocial.store.save_graph import save_graph

__all__ = ["open_graph", "save_graph"]
