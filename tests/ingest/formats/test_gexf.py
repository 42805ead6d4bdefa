"""GEXF that this project, NetworkX and Gephi wrote."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.schema import Schema
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow
from graphsocial.store.export import export_graph
from tests.ingest.formats.graph_mutations import damaged, read_anything
from tests.ingest.formats.graph_reading import read_graph
from tests.ingest.platforms.reading import read
from tests.store.export.graphs import AUTHOR, FOLLOW, REPOST, graph_of, said

NOON = 1646827200
"""2022-03-09T12:00:00Z."""
NEVER = 2**63 - 1
NOT_READ = "attributes that are not read"

GEPHI = """<?xml version='1.0' encoding='UTF-8'?>
<gexf xmlns="http://gexf.net/1.3" version="1.3" xmlns:viz="http://gexf.net/1.3/viz">
  <meta lastmodifieddate="2022-03-10"><creator>Gephi 0.10.1</creator><description>A few friends</description></meta>
  <graph defaultedgetype="directed" timeformat="datetime" timerepresentation="interval" mode="dynamic">
    <attributes class="node" mode="static">
      <attribute id="type" title="type" type="string"/>
      <attribute id="modularity_class" title="Modularity Class" type="integer"><default>0</default></attribute>
    </attributes>
    <attributes class="node" mode="dynamic"><attribute id="indegree" title="indegree" type="float"/></attributes>
    <attributes class="edge" mode="static">
      <attribute id="relation" title="relation" type="string"/>
    </attributes>
    <nodes>
      <node id="ann" label="Ann B." start="2022-03-09T12:00:00Z">
        <attvalues>
          <attvalue for="modularity_class" value="1"/>
          <attvalue for="indegree" value="2" start="2022-03-09T12:00:00Z"/>
        </attvalues>
        <viz:size value="10.0"/><viz:color r="1" g="2" b="3"/>
      </node>
      <node id="bob" label="bob" start="-Infinity" end="2022-03-10"/>
      <node id="p1" label="Post"><attvalues><attvalue for="type" value="post"/></attvalues></node>
      <node id="cy"><spells><spell start="2022-03-09"/></spells></node>
    </nodes>
    <edges>
      <edge id="0" source="bob" target="ann" weight="2.0" start="2022-03-09T12:00:07+01:00"/>
      <edge id="1" source="ann" target="p1" timestamp="1646827260" kind="wrote">
        <attvalues><attvalue for="relation" value="author"/></attvalues>
      </edge>
      <edge id="2" source="bob" target="cy" type="mutual" label="friends"/>
      <edge id="3" source="cy" target="ann" timestamps="[2022-03-09, 2022-03-10]"/>
      <edge id="4" source="cy" target="p1"/>
      <edge id="5" source="cy" target="nobody"/>
      <edge id="6" source="cy" target="ann"><attvalues><attvalue for="relation" value="hates"/></attvalues></edge>
    </edges>
  </graph>
</gexf>
"""


def write(tmp_path: Path, text: str, name: str = "graph.gexf") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def body(nodes: str = "", edges: str = "", graph: str = 'defaultedgetype="directed"', attributes: str = "") -> str:
    return f"<gexf><graph {graph}>{attributes}<nodes>{nodes}</nodes><edges>{edges}</edges></graph></gexf>"


# ---- of other tools


def test_a_file_of_gephi(tmp_path: Path) -> None:
    path = write(tmp_path, GEPHI)
    reader = GexfReader().for_file(path)
    assert reader.header is None and reader.assumptions == GexfReader().assumptions
    found = read(reader, path)
    assert found.nodes == {
        ("user", "ann"): {"known_at": NOON},
        ("user", "bob"): {"known_at": None},
        ("post", "p1"): {"known_at": None},
        ("user", "cy"): {"known_at": None},
    }
    assert found.measured == {("user", "ann"): {"name": "Ann B.", "at": None}}
    assert found.edges == {
        ("follow", "bob", "ann", NOON - 3600 + 7): 1,
        ("author", "ann", "p1", NOON + 60): 1,
        ("follow", "bob", "cy", None): 1,
        ("follow", "cy", "bob", None): 1,
        ("follow", "cy", "ann", None): 1,
    }
    assert found.skipped == {
        NOT_READ: 6,  # modularity class, in-degree, the post's label, weight, kind, the edge's label
        "ends of nodes and edges, which a graph does not hold": 1,
        "spells and lists of times that are not read": 2,
    }
    assert [(line, field) for line, field, _ in found.rejects] == [(9, "relation"), (10, "target"), (11, "relation")]
    assert [reason.split(",")[0] for _, _, reason in found.rejects] == [
        "missing relation of an edge from user to post",
        "no node 'nobody' before this edge",
        "got an edge '(user",
    ]


@pytest.mark.parametrize("version", ["1.2draft", "1.3"])
def test_a_file_of_networkx(version: str, tmp_path: Path) -> None:
    made = nx.MultiDiGraph()
    made.add_node("ann", label="Ann", start=NOON, age=3)
    made.add_node("bob", name="Bob")
    made.add_edge("ann", "bob", start=NOON + 5, weight=2.0)
    made.add_edge("ann", "bob", time=NOON + 9, relation="repost")
    nx.write_gexf(made, tmp_path / "g.gexf", version=version)
    found = read(GexfReader().for_file(tmp_path / "g.gexf"), tmp_path / "g.gexf")
    assert found.nodes == {("user", "ann"): {"known_at": NOON}, ("user", "bob"): {"known_at": None}}
    assert found.measured == {
        ("user", "ann"): {"name": "Ann", "at": None},
        ("user", "bob"): {"name": "Bob", "at": None},
    }
    assert found.edges == {("follow", "ann", "bob", NOON + 5): 1, ("repost", "ann", "bob", NOON + 9): 1}
    assert found.skipped == {NOT_READ: 4}  # age, weight and two keys
    assert found.rejects == []


def test_an_edge_without_a_direction_is_one_each_way(tmp_path: Path) -> None:
    nx.write_gexf(nx.Graph([("ann", "bob"), ("cy", "cy")]), tmp_path / "g.gexf")
    found = read(GexfReader(), tmp_path / "g.gexf")
    assert found.edges == {("follow", *pair, None): 1 for pair in (("ann", "bob"), ("bob", "ann"), ("cy", "cy"))}
    undirected = body("<node id='a'/><node id='b'/>", "<edge source='a' target='b'/>", graph="")
    assert len(read(GexfReader(), write(tmp_path, undirected)).edges) == 2, "GEXF's default is undirected"


def test_edges_without_a_time_are_known_from_the_collection_on(tmp_path: Path) -> None:
    nx.write_gexf(nx.DiGraph([("ann", "bob")]), tmp_path / "g.gexf")
    reader = GexfReader(collected_at=NOON)
    assert reader.for_file(tmp_path / "g.gexf").collected_at == NOON
    graph = read_graph(reader, tmp_path / "g.gexf")
    assert graph.edges(FOLLOW).time.tolist() == [NOON] and graph.edges(FOLLOW).recorded.tolist() == [False]
    assert graph.as_of(NOON).num_nodes("user") == 0


@pytest.mark.parametrize(
    ("start", "time"),
    [
        ("2022-03-09T12:00:00Z", NOON),
        ("2022-03-09T12:00:00.9Z", NOON),
        ("2022-03-09", NOON - 43200),
        ("1646827200", NOON),
        ("1646827200.5", NOON),
        ("1.6468272E9", NOON),
        ("-Infinity", None),
        ("", None),
    ],
)
def test_times_that_can_be_read(start: str, time: int | None, tmp_path: Path) -> None:
    found = read(
        GexfReader(), write(tmp_path, body("<node id='a'/>", f"<edge source='a' target='a' start='{start}'/>"))
    )
    assert found.edges == {("follow", "a", "a", time): 1} and found.rejects == []


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("1646827200000", "expected seconds: that would be a time in milliseconds"),
        ("1.6468272E15", "expected seconds: that would be a time in microseconds"),
        ("2022", "expected seconds: that is no time between 1990 and 2100"),
        ("3.0", "expected seconds: that is no time between"),
        ("soon", "got 'soon', expected a time such as 2022-03-01T12:00:00Z"),
        ("2022-13-01", "expected a time such as"),
        ("Infinity", "expected a number"),
        ("1e300", "expected a number"),
        ("NaN", "expected a number"),
    ],
)
def test_times_that_cannot_be_read_are_refused_and_not_guessed(start: str, reason: str, tmp_path: Path) -> None:
    found = read(
        GexfReader(), write(tmp_path, body("<node id='a'/>", f"<edge source='a' target='a' start='{start}'/>"))
    )
    assert found.edges == {}
    [(line, field, message)] = found.rejects
    assert (line, field) == (2, "start") and reason in message


def test_the_time_zone_of_the_file_counts_for_times_without_one(tmp_path: Path) -> None:
    edges = "".join(f"<edge source='a' target='a' start='2022-03-09T12:00{zone}'/>" for zone in ("", "Z"))
    for zone, hours in (("Europe/Paris", 1), ("UTC", 0)):
        path = write(tmp_path, body("<node id='a'/>", edges, f"defaultedgetype='directed' timezone='{zone}'"))
        times = {time for *_, time in read(GexfReader(), path).edges}
        assert times == {NOON - 3600 * hours, NOON}
    path = write(tmp_path, body("<node id='a'/>", edges, "defaultedgetype='directed' timezone='Mars/Olympus'"))
    assert [field for _, field, _ in read(GexfReader(), path).rejects] == ["start"]


def test_what_a_node_may_say_that_it_is(tmp_path: Path) -> None:
    declared = (
        "<attributes class='node'><attribute id='0' title='type' type='string'><default>post</default></attribute>"
        "<attribute id='1' title='id' type='string'/></attributes>"
    )
    nodes = (
        "<node id='n0'/><node id='n1'><attvalues><attvalue for='0' value='user'/><attvalue for='1' value='ann'/>"
        "</attvalues></node><node id='n2'><attvalues><attvalue for='0' value='bot'/></attvalues></node>"
        "<node id='n3'><attvalues><attvalue for='9' value='x'/></attvalues></node><node/>"
        "<node id='n4'><attvalues><attvalue for='1' value='x'/><attvalue for='1' value='y'/></attvalues></node>"
    )
    found = read(GexfReader(), write(tmp_path, body(nodes, "", attributes=declared)))
    assert set(found.nodes) == {("post", "n0"), ("user", "ann")}
    assert [(line, field) for line, field, _ in found.rejects] == [(3, "type"), (4, "9"), (5, "id"), (6, "1")]
    assert "got 'bot', expected one of user, post" in found.rejects[0][2]


def test_an_id_that_nothing_says_the_type_of_is_an_attribute_like_others(tmp_path: Path) -> None:
    declared = "<attributes class='node'><attribute id='1' title='id' type='string'/></attributes>"
    node = "<node id='n1'><attvalues><attvalue for='1' value='ann'/></attvalues></node>"
    found = read(GexfReader(), write(tmp_path, body(node, "", attributes=declared)))
    assert set(found.nodes) == {("user", "n1")} and found.skipped == {NOT_READ: 1}


def test_nodes_inside_nodes(tmp_path: Path) -> None:
    nested = "<node id='a' label='A'><nodes><node id='b'/><node id='c' pid='a'/></nodes></node>"
    found = read(GexfReader(), write(tmp_path, body(nested)))
    assert set(found.nodes) == {("user", "a"), ("user", "b"), ("user", "c")} and found.skipped == {NOT_READ: 1}
    assert found.measured == {("user", "a"): {"name": "A", "at": None}}


def test_files_that_are_no_gexf(tmp_path: Path) -> None:
    assert read(GexfReader(), write(tmp_path, "<html/>")).rejects == [(1, None, "got XML of <html>, expected <gexf>")]
    assert [line for line, *_ in read(GexfReader(), write(tmp_path, GEPHI[: GEPHI.index("</edges>")])).rejects][
        -1
    ] == 12
    bomb = write(tmp_path, '<!DOCTYPE gexf [<!ENTITY a "b">]>' + body("<node id='&a;'/>"))
    assert GexfReader().for_file(bomb).header is None
    with pytest.raises(EventFormatError, match="has a DOCTYPE, which is refused"):
        read(GexfReader(), bomb)
    with pytest.raises(EventFormatError, match="is not a file"):
        read(GexfReader(), tmp_path / "none.gexf")


def test_compressed_files(tmp_path: Path) -> None:
    packed = tmp_path / "graph.gexf.gz"
    packed.write_bytes(gzip.compress(GEPHI.encode()))
    assert read(GexfReader(), packed).events == read(GexfReader(), write(tmp_path, GEPHI)).events


def test_what_it_recognises() -> None:
    def sample(head: bytes, name: str = "x.xml") -> FileSample:
        return FileSample(Path(name), name, head, ())

    assert GexfReader().recognises(sample(GEPHI.encode()))
    assert GexfReader().recognises(sample(b"\xef\xbb\xbf<ns0:gexf xmlns:ns0='http://gexf.net/1.3'>"))
    assert GexfReader().recognises(sample(b"", "graph.gexf"))
    assert not GexfReader().recognises(sample(b'{"text": "<gexf >"}'))
    assert not GexfReader().recognises(sample(b"<graphml><!-- no gexf --></graphml>"))


@settings(max_examples=300, deadline=None)
@given(damaged(GEPHI))
def test_whatever_stands_in_a_file_is_read_or_refused(text: str) -> None:
    read_anything(GexfReader(), text)


# ---- exported


def exported(tmp_path: Path) -> Path:
    graph = graph_of(
        {"user": [{"id": "ann", "known_at": 9, "first_known": 4, "bot": True}, {"id": "once"}]},
        {
            REPOST: [{"src": "bob", "dst": "ann", "time": 7, "weight": 0.1, "event": "\x00"}],
            FOLLOW: [{"src": "bob", "dst": "ann", "time": None}],
        },
        {
            "user": [
                {"id": "ann", "measured_at": 5, "name": "Ann", "followers": 1},
                {"id": "ann", "measured_at": 8, "followers": 2},
                {"id": "cy", "measured_at": None, "name": "Cy"},
            ]
        },
    )
    export_graph(graph, tmp_path / "own.gexf", "gexf")
    return tmp_path / "own.gexf"


def events_of(reader: GexfReader, path: Path) -> list[Event]:
    mine = reader.for_file(path)
    return [event for _, record in mine.records(path) for event in mine.events(record)]


def test_every_event_of_an_exported_file(tmp_path: Path) -> None:
    path = exported(tmp_path)
    reader = GexfReader(collected_at=NOON).for_file(path)
    assert reader.assumptions == ("a stated one",) and reader.schema.crawled_at == {FOLLOW: 60}
    assert events_of(reader, path) == [
        NodeRow("user", "once", None, {}),
        NodeRow("user", "ann", 9, {"bot": True}, 4),
        Measurement("user", "ann", 5, {"name": "Ann"}),
        Measurement("user", "ann", 8, {"followers": 2}),
        NodeRow("user", "bob", NEVER, {}, 7),
        Measurement("user", "cy", None, {"name": "Cy"}),
        EdgeRow(FOLLOW, "bob", "ann", None, {}),
        EdgeRow(REPOST, "bob", "ann", 7, {"weight": 0.1, "event": "\x00"}),
    ]


def test_an_exported_file_that_was_compressed(tmp_path: Path) -> None:
    path = exported(tmp_path)
    packed = tmp_path / "own.gexf.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert events_of(GexfReader(), packed) == events_of(GexfReader(), path)


def test_an_exported_file_that_networkx_wrote_anew_is_one_of_networkx(tmp_path: Path) -> None:
    graph = graph_of(
        {}, {AUTHOR: [{"src": "ann", "dst": "p", "time": NOON}], REPOST: [{"src": "b", "dst": "ann", "time": NOON}]}
    )
    export_graph(graph, tmp_path / "own.gexf", "gexf")
    nx.write_gexf(nx.read_gexf(tmp_path / "own.gexf"), tmp_path / "theirs.gexf")
    found = read(GexfReader().for_file(tmp_path / "theirs.gexf"), tmp_path / "theirs.gexf")
    assert found.edges == {("author", "ann", "p", NOON): 1, ("repost", "b", "ann", NOON): 1}
    assert set(found.nodes) == {("user", "ann"), ("user", "b"), ("post", "p")} and found.rejects == []


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ('for="node_known_at" value="9"', 'for="node_known_at" value="9.0"', "known_at", "expected a whole number"),
        ('for="node_known_at" value="9"', 'for="node_known_at" value="1646827200000"', "known_at", "outside the years"),
        ('for="node_2" value="true"', 'for="node_2" value="True"', "bot", "expected true or false"),
        ('value="0.1"', 'value="1e999"', "weight", "expected a number"),
        ('value="0.1"', 'value="0,1"', "weight", "expected a number"),
        ('id="user:ann"', 'id="ann"', "id", "got 'ann', expected type:id, the type one of user, post"),
        ('id="user:ann"', 'id="user:eve"', "id", "its attributes name another node than its id"),
        ('target="user:ann" kind="repost"', 'target="hashtag:x" kind="repost"', "target", "expected type:id"),
        ('target="user:ann" kind="repost"', 'target="post:x" kind="repost"', "edge_0", "does not belong to it"),
        ('value="follow"', 'value="like"', "relation", "got an edge 'user like user', expected one of"),
        ('for="edge_time" value="7"', 'for="node_0" value="7"', "node_0", "does not belong to it"),
        (
            'for="node_has_row" value="false"',
            'for="node_known_at" value="false"',
            "known_at",
            "expected a whole number",
        ),
        (
            'for="node_2" value="true"',
            'for="node_has_row" value="false"',
            "has_row",
            "a node without a row has columns",
        ),
        ('for="node_0" value="Ann"', 'for="node_type" value="user"', "node_type", "the attribute has two values"),
        (
            'for="node_timeless" value="true"',
            'for="node_first_known" value="x"',
            "first_known",
            "expected a whole number",
        ),
    ],
)
def test_what_an_export_does_not_write_is_refused(old: str, new: str, field: str, reason: str, tmp_path: Path) -> None:
    path = exported(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    found = read(GexfReader().for_file(path), path)
    assert (field, reason in found.rejects[0][2]) == (found.rejects[0][1], True), found.rejects
    assert len(found.rejects) == text.count(old)


def header_of(path: Path) -> dict[str, object]:
    text = path.read_text().split("<description>")[1].split("</description>")[0]
    return dict(json.loads(text))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 2}, "another release wrote it"),
        ({"name": 7}, "are no texts"),
        ({"name": "\ud800"}, "damaged"),
        ({"assumptions": None}, "damaged"),
        ({"schema": {}}, "not a graph schema"),
        ({"schema": []}, "not a graph schema"),
        ({"schema": {"time_unit": "s", "nodes": {"user": {"x": ["str", "row", ""]}}, "edges": []}}, "column 'x'"),
        ({"schema": {"time_unit": "s", "nodes": {"user": {"x": ["int", 1e99, ""]}}, "edges": []}}, "column 'x'"),
        ({"schema": {"time_unit": "s", "nodes": {"user": {"id": ["int", "row", ""]}}, "edges": []}}, "column 'id'"),
        ({"schema": {"time_unit": "ms", "nodes": {}, "edges": []}}, "time unit 'ms'"),
        ({"schema": {"time_unit": "s", "nodes": {"bot": {}}, "edges": []}}, "unknown node type 'bot'"),
    ],
)
def test_a_header_that_is_damaged(change: dict[str, object], reason: str, tmp_path: Path) -> None:
    path = exported(tmp_path)
    before, after = path.read_text().split("<description>")[0], path.read_text().split("</description>")[1]
    text = json.dumps(header_of(path) | change)
    path.write_text(f"{before}<description>{text}</description>{after}")
    with pytest.raises(EventFormatError, match=reason):
        GexfReader().for_file(path)


def test_a_header_beside_other_attributes_is_not_believed(tmp_path: Path) -> None:
    path = exported(tmp_path)
    path.write_text(path.read_text().replace('title="bot"', 'title="robot"'))
    reader = GexfReader().for_file(path)
    assert reader.header is None and isinstance(reader.schema, Schema)
    found = read(reader, path)
    assert ("user", "ann") in found.nodes and found.skipped[NOT_READ] > 0


def test_a_view_comes_back_as_it_was_seen(tmp_path: Path) -> None:
    graph = graph_of(
        {"post": [{"id": "p", "known_at": 30, "text": "late"}]},
        {AUTHOR: [{"src": "ann", "dst": "p", "time": 10}, {"src": "bob", "dst": "q", "time": 40}]},
        {"user": [{"id": "ann", "measured_at": 5, "followers": 1}, {"id": "ann", "measured_at": 35, "followers": 2}]},
    )
    export_graph(graph.as_of(20), tmp_path / "own.gexf", "gexf")
    again = read_graph(GexfReader(), tmp_path / "own.gexf")
    assert said(again) == said(graph.as_of(20))
    assert again.column("post", "text").to_pylist() == [None] and again.column("user", "followers").to_pylist() == [1]


@pytest.fixture(scope="module")
def own_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return exported(tmp_path_factory.mktemp("own")).read_text()


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_an_exported_file_is_read_or_refused(data: st.DataObject, own_text: str) -> None:
    read_anything(GexfReader(), data.draw(damaged(own_text)))
