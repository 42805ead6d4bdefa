"""GEXF as Gephi and NetworkX read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import networkx as nx

from graphsocial.graph import SocialGraph
from graphsocial.store.export import export_graph
from tests.store.export.graphs import FOLLOW, REPOST, graph_of

GEXF = "{http://gexf.net/1.3}"
NOON = 1351987200
"""2012-11-04T00:00:00Z."""


def small() -> SocialGraph:
    return graph_of(
        {
            "user": [{"id": "ann", "known_at": NOON, "bot": False}],
            "post": [{"id": "p", "text": "a\x00 <b>\n", "name": 2.5}],
        },
        {
            REPOST: [
                {"src": "bob", "dst": "ann", "time": NOON + 60, "weight": 0.5, "event": "_x0041_"},
                {"src": "bob", "dst": "ann", "time": NOON + 60, "weight": 0.75},
            ],
            FOLLOW: [{"src": "bob", "dst": "cy", "time": None}],
        },
        {"user": [{"id": "ann", "measured_at": NOON + 9, "followers": 2**40}]},
    )


def test_nodes_and_edges_are_as_the_format_wants_them(tmp_path: Path) -> None:
    export_graph(small(), tmp_path / "g.gexf", "gexf")
    root = ET.parse(tmp_path / "g.gexf").getroot()
    assert (root.tag, root.get("version")) == (f"{GEXF}gexf", "1.3")
    graph = root.find(f"{GEXF}graph")
    assert graph is not None
    assert graph.attrib == {"defaultedgetype": "directed", "mode": "dynamic", "timeformat": "date"}
    declared = {}
    for attributes in graph.iter(f"{GEXF}attributes"):
        declared |= {(attributes.get("class"), a.get("title")): (a.get("id"), a.get("type")) for a in attributes}
    assert declared["node", "type"][1] == declared["node", "text"][1] == declared["edge", "relation"][1] == "string"
    assert declared["node", "followers"][1] == declared["edge", "time"][1] == "long"
    assert declared["node", "bot"][1] == declared["edge", "type"][1] == "boolean"
    assert declared["node", "post.name"][1] == "double"
    assert len({name for name, _ in declared.values()}) == len(declared)
    ann = next(n for n in graph.iter(f"{GEXF}node") if n.get("id") == "user:ann")
    assert (ann.get("label"), ann.get("start")) == ("ann", "2012-11-04T00:00:00Z")
    edges = list(graph.iter(f"{GEXF}edge"))
    assert [e.get("id") for e in edges] == ["0", "1", "2"]
    assert [e.get("kind") for e in edges] == ["follow", "repost", "repost"]
    assert [e.get("start") for e in edges] == [None, "2012-11-04T00:01:00Z", "2012-11-04T00:01:00Z"]
    assert {(e.get("source"), e.get("target")) for e in edges[1:]} == {("user:bob", "user:ann")}


def test_networkx_finds_types_times_and_columns(tmp_path: Path) -> None:
    report = export_graph(small(), tmp_path / "g.gexf", "gexf")
    found = nx.read_gexf(tmp_path / "g.gexf")
    assert found.nodes["user:ann"] == {
        "type": "user", "id": "ann", "label": "ann", "start": "2012-11-04T00:00:00Z", "bot": False,
        "first_known": NOON, "known_at": NOON, "followers": 2**40, "followers measured_at": NOON + 9,
    }  # fmt: skip
    assert found.nodes["post:p"] == {
        "type": "post", "id": "p", "label": "p", "timeless": True, "text": "a_x0000_ <b>\n", "post.name": 2.5
    }  # fmt: skip
    assert found.nodes["user:bob"]["has_row"] is False
    edges = {key: data for _, _, key, data in found.edges(keys=True, data=True)}
    assert sorted(edges) == ["0", "1", "2"]
    assert "time" not in edges["0"] and edges["0"]["relation"] == "follow"
    assert [edges["1"]["weight"], edges["2"]["weight"]] == [0.5, 0.75] and edges["1"]["time"] == NOON + 60
    assert edges["1"]["user.repost.user.event"] == "_x005F_x0041_"
    assert report.lost == (
        "characters in 2 values that XML forbids: they are written as _xHHHH_, which graphsocial reads back and other "
        "tools show as it stands",
    )


def test_times_of_all_years(tmp_path: Path) -> None:
    times = [-62135596800, -1, 253402300799]
    rows = [{"src": "a", "dst": "b", "time": time} for time in times]
    export_graph(graph_of({}, {REPOST: rows}), tmp_path / "g.gexf", "gexf")
    starts = [e.get("start") for e in ET.parse(tmp_path / "g.gexf").getroot().iter(f"{GEXF}edge")]
    assert starts == ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"]
