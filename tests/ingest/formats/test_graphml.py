"""GraphML that this project, NetworkX, igraph and yEd wrote."""

from __future__ import annotations

import gzip
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow
from graphsocial.store.export import export_graph
from tests.ingest.formats.graph_mutations import damaged, read_anything
from tests.ingest.formats.graph_reading import read_graph
from tests.ingest.platforms.reading import read
from tests.store.export.graphs import FOLLOW, REPOST, graph_of, said

NOON = 1646827200
"""2022-03-09T12:00:00Z."""
NEVER = 2**63 - 1
NOT_READ = "attributes that are not read"

HANDMADE = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
  <key id="k" for="node" attr.name="type" attr.type="string"/>
  <key id="l" for="all" attr.name="label" attr.type="string"/>
  <key id="r" for="edge" attr.name="relation" attr.type="string"><default>mention</default></key>
  <key id="t" for="edge" attr.name="timestamp" attr.type="string"/>
  <key id="g" for="node" yfiles.type="nodegraphics"/>
  <key id="w" for="edge" attr.name="weight" attr.type="double"/>
  <graph id="G" edgedefault="directed">
    <data key="l">all of them</data>
    <node id="ann"><data key="l">Ann</data><data key="g"><y:ShapeNode/></data></node>
    <node id="p1"><data key="k">post</data><data key="l">p1</data></node>
    <node id="group"><graph edgedefault="directed"><node id="bob"/></graph></node>
    <edge source="p1" target="ann"><data key="t">2022-03-09T12:00:00Z</data></edge>
    <edge source="ann" target="bob" directed="false"><data key="r">follow</data><data key="w">1</data></edge>
    <edge source="ann" target="p1" directed="false"><data key="r">author</data><data key="t">1646827260</data></edge>
    <edge source="bob" target="p1"><data key="t">1646827260000</data><data key="r">like</data></edge>
    <edge source="p1" target="bob"><data key="r">follow</data></edge>
    <hyperedge><endpoint node="ann"/><endpoint node="bob"/></hyperedge>
  </graph>
</graphml>
"""


def write(tmp_path: Path, text: str, name: str = "graph.graphml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


# ---- of other tools


def test_what_data_may_say(tmp_path: Path) -> None:
    path = write(tmp_path, HANDMADE)
    found = read(GraphMLReader().for_file(path), path)
    assert found.nodes == {
        ("user", "ann"): {"known_at": None},
        ("post", "p1"): {"known_at": None},
        ("user", "bob"): {"known_at": None},
        ("user", "group"): {"known_at": None},
    }
    assert found.measured == {("user", "ann"): {"name": "Ann", "at": None}}
    assert found.edges == {
        ("mention", "p1", "ann", NOON): 1,
        ("follow", "ann", "bob", None): 1,
        ("follow", "bob", "ann", None): 1,
        ("author", "ann", "p1", NOON + 60): 1,
    }
    assert found.skipped == {NOT_READ: 2, "hyperedges": 1}
    assert [(line, field) for line, field, _ in found.rejects] == [(8, "timestamp"), (9, "relation")]
    assert "that would be a time in milliseconds" in found.rejects[0][2]


def test_a_file_of_networkx(tmp_path: Path) -> None:
    made = nx.MultiDiGraph(name="friends")
    made.add_node("ann", label="Ann", start=NOON, age=3)
    made.add_node("bob", name="Bob & co", label="bob")
    made.add_edge("ann", "bob", start=NOON + 5, weight=2.0)
    made.add_edge("ann", "bob", time=NOON + 9, relation="repost")
    nx.write_graphml(made, tmp_path / "g.graphml")
    found = read(GraphMLReader().for_file(tmp_path / "g.graphml"), tmp_path / "g.graphml")
    assert found.nodes == {("user", "ann"): {"known_at": NOON}, ("user", "bob"): {"known_at": None}}
    assert found.measured == {
        ("user", "ann"): {"name": "Ann", "at": None},
        ("user", "bob"): {"name": "Bob & co", "at": None},
    }
    assert found.edges == {("follow", "ann", "bob", NOON + 5): 1, ("repost", "ann", "bob", NOON + 9): 1}
    assert found.skipped == {NOT_READ: 2} and found.rejects == []


def test_a_file_of_igraph(tmp_path: Path) -> None:
    igraph = pytest.importorskip("igraph")
    made = igraph.Graph.TupleList([("ann", "bob"), ("bob", "cy")], directed=False)
    made.es["time"], made.vs["flag"] = [float(NOON), NOON + 0.5], [True, False, True]
    made.write_graphml(str(tmp_path / "g.graphml"))
    found = read(GraphMLReader().for_file(tmp_path / "g.graphml"), tmp_path / "g.graphml")
    names = {node: row["name"] for (_, node), row in found.measured.items()}
    assert names == {"n0": "ann", "n1": "bob", "n2": "cy"}
    pairs = (("n0", "n1"), ("n1", "n0"), ("n1", "n2"), ("n2", "n1"))
    assert found.edges == {("follow", *pair, NOON): 1 for pair in pairs}
    assert found.skipped == {NOT_READ: 3} and found.rejects == []


def test_edges_without_a_time_are_known_from_the_collection_on(tmp_path: Path) -> None:
    nx.write_graphml(nx.DiGraph([("ann", "bob")]), tmp_path / "g.graphml")
    graph = read_graph(GraphMLReader(collected_at=NOON), tmp_path / "g.graphml")
    assert graph.edges(FOLLOW).time.tolist() == [NOON] and graph.edges(FOLLOW).recorded.tolist() == [False]


def test_edges_before_the_nodes_they_join(tmp_path: Path) -> None:
    text = "<graphml><key id='k' for='node' attr.name='type'/><graph edgedefault='directed'>{}</graph></graphml>"
    edge, nodes = "<edge source='a' target='b'/>", "<node id='a'/><node id='b'><data key='k'>post</data></node>"
    found = read(GraphMLReader(), write(tmp_path, text.format(edge + nodes)))
    assert found.rejects == [(1, "source", "no node 'a' before this edge")]
    untyped = text.replace("type", "kind")
    found = read(GraphMLReader(), write(tmp_path, untyped.format(edge + "<node id='a'/>")))
    assert found.edges == {("follow", "a", "b", None): 1} and found.rejects == []


def test_files_that_are_no_graphml(tmp_path: Path) -> None:
    assert read(GraphMLReader(), write(tmp_path, "<gexf/>")).rejects == [
        (1, None, "got XML of <gexf>, expected <graphml>")
    ]
    found = read(GraphMLReader(), write(tmp_path, "<graphml><graph><node id='a'/></graph></graphml>"))
    assert found.rejects == [(1, "edgedefault", "got edgedefault None, expected directed or undirected")]
    twice = "<node id='a'><data key='k'>user</data><data key='k'>post</data></node><node id='b'><data key='z'/></node>"
    found = read(GraphMLReader(), write(tmp_path, HANDMADE.replace('<node id="ann">', twice + '<node id="ann">')))
    assert [(line, field) for line, field, _ in found.rejects][:2] == [(1, "k"), (2, "z")]
    cut = read(GraphMLReader(), write(tmp_path, HANDMADE[: HANDMADE.index("<hyperedge>")]))
    assert len(cut.edges) == 4 and "nothing from here on can be read" in cut.rejects[-1][2]
    bomb = write(tmp_path, '<!DOCTYPE graphml [<!ENTITY a "b">]><graphml>&a;</graphml>')
    assert GraphMLReader().for_file(bomb).header is None
    with pytest.raises(EventFormatError, match="has a DOCTYPE, which is refused"):
        read(GraphMLReader(), bomb)


def test_what_it_recognises() -> None:
    def sample(head: bytes, name: str = "x.xml") -> FileSample:
        return FileSample(Path(name), name, head, ())

    assert GraphMLReader().recognises(sample(HANDMADE.encode()))
    assert GraphMLReader().recognises(sample(b"", "graph.graphml"))
    assert not GraphMLReader().recognises(sample(b"<gexf/>"))
    assert not GraphMLReader().recognises(sample(b'{"text": "<graphml>"}'))


@settings(max_examples=300, deadline=None)
@given(damaged(HANDMADE))
def test_whatever_stands_in_a_file_is_read_or_refused(text: str) -> None:
    read_anything(GraphMLReader(), text)


# ---- exported


def exported(tmp_path: Path) -> Path:
    graph = graph_of(
        {
            "user": [{"id": "ann", "known_at": 9, "first_known": 4, "bot": True}],
            "post": [{"id": " p\r\n", "text": "\r\n"}],
        },
        {
            REPOST: [{"src": "bob", "dst": "ann", "time": 7, "weight": float("inf"), "event": ""}],
            FOLLOW: [{"src": "bob", "dst": "ann", "time": None}],
        },
        {"user": [{"id": "ann", "measured_at": 8, "followers": 2}]},
    )
    export_graph(graph, tmp_path / "own.graphml", "graphml")
    return tmp_path / "own.graphml"


def events_of(path: Path) -> list[Event]:
    mine = GraphMLReader().for_file(path)
    return [event for _, record in mine.records(path) for event in mine.events(record)]


EVENTS = [
    NodeRow("user", "ann", 9, {"bot": True}, 4),
    Measurement("user", "ann", 8, {"followers": 2}),
    NodeRow("user", "bob", NEVER, {}, 7),
    NodeRow("post", " p\r\n", None, {"text": "\r\n"}),
    EdgeRow(FOLLOW, "bob", "ann", None, {}),
    EdgeRow(REPOST, "bob", "ann", 7, {"weight": float("inf"), "event": ""}),
]


def test_every_event_of_an_exported_file(tmp_path: Path) -> None:
    path = exported(tmp_path)
    assert events_of(path) == EVENTS
    packed = tmp_path / "own.graphml.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert events_of(packed) == EVENTS


def test_an_exported_file_that_networkx_wrote_anew_is_one_of_networkx(tmp_path: Path) -> None:
    graph = graph_of({"post": [{"id": "ann", "text": "t"}]}, {REPOST: [{"src": "bob", "dst": "ann", "time": NOON}]})
    export_graph(graph, tmp_path / "own.graphml", "graphml")
    nx.write_graphml(nx.read_graphml(tmp_path / "own.graphml"), tmp_path / "theirs.graphml")
    found = read(GraphMLReader().for_file(tmp_path / "theirs.graphml"), tmp_path / "theirs.graphml")
    assert found.edges == {("repost", "bob", "ann", NOON): 1}
    assert set(found.nodes) == {("user", "ann"), ("user", "bob"), ("post", "ann")} and found.rejects == []


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ('<data key="node_2">true</data>', '<data key="node_2">1</data>', "bot", "expected true or false"),
        ('<data key="node_2">true</data>', '<data key="node_2"/>', "bot", "expected true or false"),
        ('<data key="node_2">true</data>', '<data key="node_3">true</data>', "node_3", "does not belong to it"),
        ('<data key="edge_time">7</data>', '<data key="edge_time"> 7</data>', "time", "expected a whole number"),
        ('<node id="user:bob">', '<node id="usr:bob">', "id", "expected type:id, the type one of user, post"),
        ('<data key="edge_relation">follow</data>', "", "relation", "got an edge"),
        ('<node id="user:bob">', '<hyperedge/><node id="user:bob">', None, "has nodes and edges, and nothing else"),
    ],
)
def test_what_an_export_does_not_write_is_refused(
    old: str, new: str, field: str | None, reason: str, tmp_path: Path
) -> None:
    path = exported(tmp_path)
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    [(_, found, message)] = read(GraphMLReader().for_file(path), path).rejects
    assert found == field and reason in message


def test_a_header_that_is_damaged(tmp_path: Path) -> None:
    path = exported(tmp_path)
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(EventFormatError, match="another release wrote it"):
        GraphMLReader().for_file(path)


def test_a_window_comes_back_as_it_was_seen(tmp_path: Path) -> None:
    rows = [{"src": "ann", "dst": "bob", "time": time} for time in (5, 15, 25)]
    window = graph_of({}, {REPOST: rows}).window(10, 20)
    export_graph(window, tmp_path / "own.graphml", "graphml")
    again = read_graph(GraphMLReader(), tmp_path / "own.graphml")
    assert said(again) == said(window)
    assert again.known_at("user").tolist() == [5, 5] and again.num_edges(REPOST) == 1


@pytest.fixture(scope="module")
def own_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return exported(tmp_path_factory.mktemp("own")).read_text()


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_an_exported_file_is_read_or_refused(data: st.DataObject, own_text: str) -> None:
    read_anything(GraphMLReader(), data.draw(damaged(own_text)))
