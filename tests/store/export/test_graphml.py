"""GraphML as NetworkX and igraph read it."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

from graphsocial.store.export import export_graph
from tests.store.export.test_gexf import NOON, small


def test_networkx_finds_types_times_and_columns(tmp_path: Path) -> None:
    export_graph(small(), tmp_path / "g.graphml", "graphml")
    found = nx.read_graphml(tmp_path / "g.graphml")
    assert isinstance(found, nx.MultiDiGraph)
    assert found.nodes["user:ann"] == {
        "type": "user", "id": "ann", "bot": False,
        "first_known": NOON, "known_at": NOON, "followers": 2**40, "followers measured_at": NOON + 9,
    }  # fmt: skip
    assert found.nodes["post:p"] == {
        "type": "post", "id": "p", "timeless": True, "text": "a_x0000_ <b>\n", "post.name": 2.5
    }  # fmt: skip
    edges = {key: data for _, _, key, data in found.edges(keys=True, data=True)}
    assert edges[0] == {"relation": "follow"}
    assert edges[2] == {"relation": "repost", "time": NOON + 60, "weight": 0.75}


def test_igraph_reads_it(tmp_path: Path) -> None:
    igraph = pytest.importorskip("igraph")
    export_graph(small(), tmp_path / "g.graphml", "graphml")
    with pytest.warns(RuntimeWarning, match="already an 'id' vertex attribute"):  # which is the source's own id
        found = igraph.Graph.Read_GraphML(str(tmp_path / "g.graphml"))
    assert found.is_directed() and (found.vcount(), found.ecount()) == (4, 3)
    assert found.es["relation"] == ["follow", "repost", "repost"]
    assert dict(zip(found.vs["id"], found.vs["type"], strict=True))["ann"] == "user"
