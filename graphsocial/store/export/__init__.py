"""Graphs in the files of other tools: GEXF, GraphML, Parquet, Raphtory, the Temporal Graph Benchmark, cascade lines."""

from graphsocial.store.export.export_graph import export_graph
from graphsocial.store.export.export_report import ExportReport

__all__ = ["ExportReport", "export_graph"]
