"""GEXF and GraphML hold everything but earlier measurements, and give it back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings

from graphsocial.graph import SocialGraph
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.store.export import export_graph
from tests.ingest.formats.graph_reading import read_graph
from tests.store.export.graphs import graphs, said

READERS = {"gexf": GexfReader(), "graphml": GraphMLReader()}


@pytest.mark.parametrize("format", ["gexf", "graphml"])
@settings(max_examples=100, deadline=None)
@given(graph=graphs())
def test_a_graph_comes_back(format: str, graph: SocialGraph) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph.{format}"
        export_graph(graph, path, format)
        again = read_graph(READERS[format], path)
    assert again.schema.to_json() == graph.schema.to_json()
    assert said(again) == said(graph)


@pytest.mark.parametrize("format", ["gexf", "graphml"])
@settings(max_examples=40, deadline=None)
@given(graph=graphs())
def test_networkx_reads_it(format: str, graph: SocialGraph) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph.{format}"
        report = export_graph(graph, path, format)
        found = nx.read_gexf(path) if format == "gexf" else nx.read_graphml(path, force_multigraph=True)
    assert found.is_directed() and found.number_of_edges() == sum(graph.num_edges(e) for e in graph.edge_types)
    names = [data["type"] for _, data in found.nodes(data=True)]
    assert {t: names.count(t) for t in graph.node_types} == {t: report.written[t] for t in graph.node_types}
