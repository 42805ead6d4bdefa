"""mapping.toml: every key, and what happens when it is wrong."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphsocial.errors import SchemaError
from graphsocial.ingest import parse_mapping, read_folder

FULL = """
format = 1
name = "tiny"
assumptions = ["the crawl missed private accounts"]

[media]
path = ["images/{id}.jpg", "images/{id}.png"]

[[table]]
files = ["posts-*.csv"]
node = "post"
id = "id"
time = "at"
delimiter = ";"
[table.columns]
text = "string"
stars = { from = "score", type = "float", known_at = "2001-01-01", note = "given by readers" }
pinned = { type = "bool", known_at = "unknown" }
[[table.edges]]
type = ["user", "author", "post"]
src = "by"
dst = "id"
[[table.edges]]
type = ["post", "show", "media"]
src = "id"
dst = "pictures"
split = "|"
[[table.edges]]
type = ["post", "tag", "hashtag"]
src = "id"
dst = "tags"
split = " "
strip = "#"
lower = true
[[table.edges]]
type = ["user", "reply", "user"]
src = "by"
dst = "answers"
optional = true

[[table]]
files = "users.csv"
node = "user"
id = "user"
[table.columns]
bio = "string"

[[table]]
files = "ties.csv"
time = "when"
[[table.edges]]
type_column = "kind"
types = { follows = ["user", "follow", "user"], likes = ["user", "like", "post"] }
src = "a"
dst = "b"
crawled_at = "2001-06-01"
flow = "forward"
[table.edges.columns]
weight = "int"

[[table]]
files = "more.csv"
optional = true
time = "when"
[[table.edges]]
type = ["user", "mention", "user"]
src = "a"
dst = "b"
"""


@pytest.fixture
def full(tmp_path):
    (tmp_path / "mapping.toml").write_text(FULL)
    (tmp_path / "posts-1.csv").write_text(
        "id;by;at;text;score;pinned;pictures;tags;answers\n"
        "p1;ann;2000-01-01;hi;4.5;yes;cat|dog | cat;#Storm storm #sea;\n"
    )
    (tmp_path / "posts-2.csv").write_text(
        "text;id;by;at;score;pinned;pictures;tags;answers\nho;p2;bob;2000-01-02T00:00:00+00:00;;;;;ann\n"
    )
    (tmp_path / "users.csv").write_text("user,bio\nann,sailor\neve,silent\n")
    (tmp_path / "ties.csv").write_text("a,b,kind,when,weight\nann,bob,follows,,3\nbob,p1,likes,2000-01-03,1\n")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "dog.png").write_bytes(b"x")
    return tmp_path


def test_every_key_does_what_it_says(full):
    graph, report = read_folder(full)
    assert (graph.name, graph.media_root, report.rejected) == ("tiny", str(full), 0)
    assert graph.node_ids("post").tolist() == ["p1", "p2"]
    assert graph.column("post", "stars").to_pylist() == [4.5, None]
    assert graph.column("post", "pinned").to_pylist() == [True, None]
    assert sorted(graph.node_ids("hashtag")) == ["sea", "storm"]
    path = dict(zip(graph.node_ids("media"), graph.column("media", "path").to_pylist(), strict=True))
    assert path == {"cat": None, "dog": "images/dog.png"}
    assert (report.media, report.media_without_file) == (2, 1)
    assert graph.num_edges(("user", "reply", "user")) == 1
    assert graph.edge_column(("user", "follow", "user"), "weight").to_pylist() == [3]
    assert graph.schema.flow_of(("user", "follow", "user")) == "forward"
    assert "the crawl missed private accounts" in graph.assumptions
    assert report.unread == ()


def test_what_was_measured_later_stays_hidden_until_then(full):
    graph, _ = read_folder(full)
    last = "2000-01-03T00:00:00"  # the like is the last event
    after_last = graph.as_of("2000-01-03T00:00:01")
    assert after_last.column("post", "pinned").to_pylist() == [None, None]
    assert graph.as_of("2000-01-03T00:00:02").column("post", "pinned").to_pylist() == [True, None]
    assert graph.as_of("2001-01-01").column("post", "stars").to_pylist() == [None, None]
    assert graph.as_of("2001-01-01T00:00:01").column("post", "stars").to_pylist() == [4.5, None]
    assert graph.as_of(last).column("post", "text").to_pylist() == ["hi", "ho"]
    # rows of a table without a time are known after the last event, edges without one from the crawl
    assert not after_last.has_node(("user", "eve"))
    assert graph.as_of("2000-01-03T00:00:02").has_node(("user", "eve"))
    assert graph.as_of("2001-06-01").num_edges(("user", "follow", "user")) == 0
    assert graph.as_of("2001-06-01T00:00:01").num_edges(("user", "follow", "user")) == 1


def test_a_stated_last_event_holds_for_an_extract(full):
    text = (full / "mapping.toml").read_text()
    (full / "mapping.toml").write_text(text.replace("format = 1", "format = 1\nlast_event = 2000-02-01"))
    graph, _ = read_folder(full)
    assert graph.as_of("2000-02-01").column("post", "pinned").null_count == 2


def test_media_ids_cannot_leave_the_folder(full):
    for wrong in ("../mapping.toml", "/etc/hosts"):
        (full / "posts-1.csv").write_text(
            f"id;by;at;text;score;pinned;pictures;tags;answers\np1;ann;2000-01-01;hi;;;{wrong};;\n"
        )
        (full / "mapping.toml").write_text(FULL.replace('"images/{id}.jpg"', '"{id}"'))
        graph, report = read_folder(full)
        assert report.examples[0].field == "pictures"
        assert "leads out of the folder" in report.examples[0].reason
        assert graph.num_nodes("media") == 0


def test_an_unknown_relation_is_a_reject(full):
    (full / "ties.csv").write_text("a,b,kind,when,weight\nann,bob,followed,,3\n")
    _, report = read_folder(full)
    assert report.examples[0].field == "kind"
    assert "Did you mean 'follows'" in report.examples[0].reason


def test_parquet_holds_times_lists_and_numbers(tmp_path):
    (tmp_path / "mapping.toml").write_text(
        '[[table]]\nfiles = "p.parquet"\nnode = "post"\nid = "id"\ntime = "at"\ncolumns = { likes = "int" }\n'
        '[[table.edges]]\ntype = ["user", "author", "post"]\nsrc = "by"\ndst = "id"\n'
        '[[table.edges]]\ntype = ["post", "tag", "hashtag"]\nsrc = "id"\ndst = "tags"\nsplit = " "\n'
    )
    table = pa.table(
        {
            "id": [1, 2, None],
            "by": ["ann", "bob", "cy"],
            "at": pa.array([10, 20, 30], pa.timestamp("s")),
            "likes": [1.0, None, 3.0],
            "tags": [["sea", "storm"], [], None],
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")
    graph, report = read_folder(tmp_path)
    assert graph.node_ids("post").tolist() == ["1", "2"]
    assert graph.known_at("post").tolist() == [10, 20]
    assert graph.column("post", "likes").to_pylist() == [1, None]
    assert graph.num_edges(("post", "tag", "hashtag")) == 2
    assert [(r.line, r.field) for r in report.examples] == [(4, "id")]


def test_a_table_may_use_no_quotes(tmp_path):
    (tmp_path / "mapping.toml").write_text(
        '[[table]]\nfiles = "p.tsv"\nnode = "post"\nid = "id"\ntime = "at"\ndelimiter = "\\t"\nquote = ""\n'
        'columns = { text = "string" }\n'
    )
    (tmp_path / "p.tsv").write_text('id\tat\ttext\n1\t10\t"so" he said\n2\t20\t"open\n')
    graph, report = read_folder(tmp_path)
    assert report.rejected == 0
    assert graph.column("post", "text").to_pylist() == ['"so" he said', '"open']


TABLE = {"files": "p.csv", "node": "post", "id": "id", "time": "t"}
EDGES = {"type": ["user", "author", "post"], "src": "by", "dst": "id"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({}, "has no 'table'"),
        ({"table": [TABLE], "nmae": "x"}, "unknown key 'nmae'.*Did you mean 'name'"),
        ({"table": [TABLE | {"fiels": 1}]}, "unknown key 'fiels'.*Did you mean 'files'"),
        ({"table": [TABLE | {"node": "pots"}]}, "unknown node type 'pots'.*Did you mean 'post'"),
        ({"table": [{"files": "p.csv", "node": "post"}]}, "expected both or neither"),
        ({"table": [{"files": "p.csv"}]}, "neither nodes nor edges"),
        ({"table": [TABLE | {"files": 3}]}, "expected a string or a list of strings"),
        ({"table": [TABLE | {"files": []}]}, "names no files"),
        ({"table": ["x"]}, "expected a table of keys"),
        ({"table": [TABLE | {"columns": {"a": "sting"}}]}, "unknown column type 'sting'.*Did you mean 'string'"),
        ({"table": [TABLE | {"columns": {"a": {"known_at": "later"}}}]}, "known_at 'later', expected 'row', 'unknown'"),
        ({"table": [TABLE | {"columns": {"id": "string"}}]}, "takes a name kept for"),
        ({"table": [TABLE | {"edges": [EDGES | {"type": ["user", "post"]}]}]}, "expected .*target type"),
        ({"table": [TABLE | {"edges": [EDGES | {"type": ["user", "writes", "post"]}]}]}, "unknown relation 'writes'"),
        ({"table": [TABLE | {"edges": [EDGES | {"flow": "up"}]}]}, "unknown flow 'up'"),
        ({"table": [TABLE | {"edges": [{"src": "a", "dst": "b"}]}]}, "either a type or a type_column"),
        ({"table": [{"files": "e.csv", "edges": [EDGES]}]}, "neither a time column nor crawled_at"),
        ({"table": [TABLE | {"delimiter": ",,"}]}, "expected one character"),
        ({"table": [TABLE], "media": {"path": "images/x.jpg"}}, "has no {id}"),
        ({"table": [TABLE | {"node": "media"}], "media": {"path": "{id}"}}, "one of the two"),
        ({"table": [TABLE], "format": 2}, "format 2, expected 1"),
        ({"table": [TABLE], "format": True}, "expected a whole number"),
        ({"table": [TABLE], "last_event": "soon"}, "last_event"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(raw, message):
    with pytest.raises(SchemaError, match=message):
        parse_mapping(raw)


@pytest.mark.parametrize("pattern", ["/etc/passwd", "../other.csv", "a/../../b.csv"])
def test_files_cannot_leave_the_folder(tmp_path, pattern):
    (tmp_path / "mapping.toml").write_text(f'[[table]]\nfiles = "{pattern}"\nnode = "post"\nid = "id"\n')
    with pytest.raises(SchemaError, match="leads out of the folder"):
        read_folder(tmp_path)


def test_broken_toml_is_named(tmp_path):
    (tmp_path / "mapping.toml").write_text("[[table]\n")
    with pytest.raises(SchemaError, match=r"mapping\.toml cannot be read as TOML"):
        read_folder(tmp_path)


def test_two_descriptions_of_one_column(tmp_path):
    one = '[[table]]\nfiles = "{}.csv"\nnode = "post"\nid = "id"\ntime = "t"\ncolumns = {{ a = "{}" }}\n'
    (tmp_path / "mapping.toml").write_text(one.format("x", "int") + one.format("y", "string"))
    for name in "xy":
        (tmp_path / f"{name}.csv").write_text("id,t,a\n")
    with pytest.raises(SchemaError, match="column 'a' of post in two ways"):
        read_folder(tmp_path)
