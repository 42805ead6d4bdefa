"""Any table as events: what a mapping makes of each row, and that it is what a whole folder gives."""

from __future__ import annotations

import gzip
import json
import pickle
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import DataIntegrityError, EventFormatError, SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.ingest import EdgeMapping, TableMapping, parse_mapping, read_folder
from graphsocial.ingest.export_reader import ExportReader, FileSample
from graphsocial.ingest.formats import mapped_table
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.schema import MEASURED, Column
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow
from tests.ingest.platforms.reading import Read, read

AUTHOR = ("user", "author", "post")
SHOW = ("post", "show", "media")
TAG = ("post", "tag", "hashtag")
FOLLOW = ("user", "follow", "user")
REPOST = ("user", "repost", "user")
LIKE = ("user", "like", "post")


def events_of(folder: Path) -> dict[str, Read]:
    """What the readers of a folder make of each file, by its name."""
    return {path.name: read(reader, path) for path, reader in MappedTableReader.for_folder(folder)}


def table(**raw: Any) -> TableMapping:
    return parse_mapping({"table": [{"files": "t.csv"} | raw]}).tables[0]


POSTS = table(
    node="post",
    id="id",
    time="at",
    columns={"text": "string", "likes": {"type": "int", "known_at": "unknown"}},
    edges=[{"type": ["user", "author", "post"], "src": "by", "dst": "id"}],
)


# ---- conventional names


@pytest.fixture
def conventional(tmp_path: Path) -> Path:
    (tmp_path / "posts.csv").write_text(
        "post,user,time,text,images,hashtags,verdict,likes\n"
        "p1,ann,10,hello,cat dog,#Sea storm #sea,good,3\n"
        "p2,bob,1970-01-01T00:00:20Z,,,,,\n"
    )
    (tmp_path / "edges.csv").write_text(
        "src,dst,relation,time,weight\nbob,ann,repost,30,1\nann,bob,follow,,2\nbob,p1,like,40,\nbob,ann,hugs,50,1\n"
    )
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "cat.jpg").write_bytes(b"x")
    return tmp_path


def test_conventional_names(conventional: Path) -> None:
    found = events_of(conventional)
    assert found["posts.csv"].events == [
        NodeRow("post", "p1", 10, {"text": "hello"}),
        Measurement("post", "p1", None, {"verdict": "good", "likes": 3}),
        EdgeRow(AUTHOR, "ann", "p1", 10, {}),
        EdgeRow(SHOW, "p1", "cat", 10, {}),
        EdgeRow(SHOW, "p1", "dog", 10, {}),
        EdgeRow(TAG, "p1", "sea", 10, {}),
        EdgeRow(TAG, "p1", "storm", 10, {}),
        NodeRow("media", "cat", None, {"path": "images/cat.jpg"}),
        NodeRow("post", "p2", 20, {"text": None}),
        EdgeRow(AUTHOR, "bob", "p2", 20, {}),
    ]
    assert found["edges.csv"].events == [
        EdgeRow(REPOST, "bob", "ann", 30, {"weight": 1}),
        EdgeRow(FOLLOW, "ann", "bob", None, {"weight": 2}),
        EdgeRow(LIKE, "bob", "p1", 40, {"weight": None}),
    ]
    assert [(line, field) for line, field, _ in found["edges.csv"].rejects] == [(5, "relation")]


def test_the_schemas_of_conventional_tables(conventional: Path) -> None:
    (_, posts), (_, edges) = MappedTableReader.for_folder(conventional)
    assert posts.schema.nodes == {
        "user": {},
        "post": {
            "text": Column("string"),
            "verdict": Column("string", MEASURED),
            "likes": Column("int", MEASURED),
        },
        "hashtag": {},
        "media": {"path": Column("string", note="file, relative to the media root")},
    }
    assert posts.schema.edges == {AUTHOR: {}, SHOW: {}, TAG: {}}
    assert edges.schema.nodes == {"user": {}, "post": {}}, "no media stand in this table"
    assert edges.schema.edges == {kind: {"weight": Column("int", NEVER)} for kind in (REPOST, FOLLOW, LIKE)}
    assert edges.schema.crawled_at == {}, "nobody recorded when the edges without a time were crawled"


def test_a_reader_keeps_the_contract_and_may_travel_to_another_process(conventional: Path) -> None:
    path, made = MappedTableReader.for_folder(conventional)[0]
    reader: ExportReader = made
    assert reader.format == "table"
    assert reader.documented
    twin = pickle.loads(pickle.dumps(reader))  # noqa: S301 - our own bytes
    assert read(twin, path).events == read(reader, path).events


# ---- a mapping in the style of the shipped corpus

NEWS = """
format = 1
name = "news"
last_event = 2015-04-27T19:26:51Z
assumptions = ["the crawl missed private accounts"]

[media]
path = "images/{id}.jpg"

[[table]]
files = "posts.csv.gz"
node = "post"
id = "post"
time = "time"

[table.columns]
text = { type = "string", note = "text of the post" }
veracity = { type = "string", known_at = "unknown" }
author_followers = { from = "followers", type = "int", known_at = "unknown", note = "of the author, at the crawl" }
author_verified = { from = "verified", type = "bool", known_at = "unknown" }
score = { type = "float", known_at = 2016-01-01 }

[[table.edges]]
type = ["user", "author", "post"]
src = "user"
dst = "post"
flow = "forward"

[[table.edges]]
type = ["post", "show", "media"]
src = "post"
dst = "images"
split = " "

[[table.edges]]
type = ["post", "tag", "hashtag"]
src = "post"
dst = "hashtags"
split = " "
lower = true

[[table]]
files = "user_edges.csv.gz"
time = "time"

[[table.edges]]
type_column = "type"
src = "src"
dst = "dst"

[table.edges.types]
repost = ["user", "repost", "user"]
likes = ["user", "like", "post"]

[table.edges.columns]
post = { type = "string", note = "post whose text says so" }
"""
POSTS_CSV = """post,user,time,veracity,images,hashtags,followers,verified,score,unused,text
21,7146,1351198834,real,img0039,,247,false,.5,x,"@u17845  hurricane!!!
<url>"
22,7139,1351201477,,img0039 img0040,nasa Sandy hurricane SANDY,,,,x,Hurricane Sandy
x,7139,soon,,,,,,,x,?
24,7139,1351201477,,,,many,,,x,?
"""
EDGES_CSV = """src,dst,type,time,post
7146,17845,repost,1351198834,21
11054,22,likes,1351427636,
11057,18313,likez,1351431650,27
11057,18313,repost,,27
"""


@pytest.fixture
def news(tmp_path: Path) -> Path:
    (tmp_path / "mapping.toml").write_text(NEWS)
    (tmp_path / "posts.csv.gz").write_bytes(gzip.compress(POSTS_CSV.encode()))
    (tmp_path / "user_edges.csv.gz").write_bytes(gzip.compress(EDGES_CSV.encode()))
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "img0039.jpg").write_bytes(b"x")
    return tmp_path


def test_a_mapping_gives_nodes_measurements_edges_and_media(news: Path) -> None:
    found = events_of(news)["posts.csv.gz"]
    assert found.events == [
        NodeRow("post", "21", 1351198834, {"text": "@u17845  hurricane!!!\n<url>"}),
        Measurement("post", "21", None, {"veracity": "real", "author_followers": 247, "author_verified": False}),
        Measurement("post", "21", 1451606400, {"score": 0.5}),
        EdgeRow(AUTHOR, "7146", "21", 1351198834, {}),
        EdgeRow(SHOW, "21", "img0039", 1351198834, {}),
        NodeRow("media", "img0039", None, {"path": "images/img0039.jpg"}),
        NodeRow("post", "22", 1351201477, {"text": "Hurricane Sandy"}),
        EdgeRow(AUTHOR, "7139", "22", 1351201477, {}),
        EdgeRow(SHOW, "22", "img0039", 1351201477, {}),
        EdgeRow(SHOW, "22", "img0040", 1351201477, {}),
        EdgeRow(TAG, "22", "nasa", 1351201477, {}),
        EdgeRow(TAG, "22", "sandy", 1351201477, {}),
        EdgeRow(TAG, "22", "hurricane", 1351201477, {}),
        NodeRow("media", "img0039", None, {"path": "images/img0039.jpg"}),
    ]
    # lines are physical: the text of the first row takes two
    assert [(line, field) for line, field, _ in found.rejects] == [(5, "time"), (6, "followers")]


def test_a_column_tells_edge_types_apart(news: Path) -> None:
    found = events_of(news)["user_edges.csv.gz"]
    assert found.events == [
        EdgeRow(REPOST, "7146", "17845", 1351198834, {"post": "21"}),
        EdgeRow(LIKE, "11054", "22", 1351427636, {"post": None}),
    ]
    assert [(line, field) for line, field, _ in found.rejects] == [(4, "type"), (5, "time")]
    assert "Did you mean 'likes'" in found.rejects[0][2]


def test_the_schema_says_what_the_mapping_says(news: Path) -> None:
    (_, posts), (_, edges) = MappedTableReader.for_folder(news)
    assert posts.schema.nodes["post"] == {
        "text": Column("string", note="text of the post"),
        "veracity": Column("string", MEASURED),
        "author_followers": Column("int", MEASURED, "of the author, at the crawl"),
        "author_verified": Column("bool", MEASURED),
        "score": Column("float", MEASURED),
    }
    assert posts.schema.flow == {AUTHOR: "forward"}
    columns = {"post": Column("string", note="post whose text says so")}
    assert edges.schema.edges == {REPOST: columns, LIKE: columns}
    assert posts.assumptions == (
        "the crawl missed private accounts",
        "times without a zone are UTC",
        "post.veracity, post.author_followers, post.author_verified: measured at a time nobody recorded, "
        "so no view as of a time shows them",
        "influence travels from source to target along (user, author, post), (post, show, media) (by default), "
        "(post, tag, hashtag) (by default)",
    )
    assert edges.assumptions == (
        "the crawl missed private accounts",
        "times without a zone are UTC",
        "influence travels from target to source along (user, repost, user) (by default), "
        "(user, like, post) (by default)",
    )


# ---- times that are stated, unknown or contradictory


def test_what_was_measured_is_not_known_before_its_row() -> None:
    reader = MappedTableReader(
        table(node="post", id="id", time="at", columns={"stars": {"type": "int", "known_at": "1970-01-01T00:01:40Z"}})
    )
    assert reader.events(["p", "10", "4"])[1] == Measurement("post", "p", 100, {"stars": 4})
    assert reader.events(["p", "500", "4"])[1] == Measurement("post", "p", 500, {"stars": 4})


def test_a_table_without_a_time_is_known_when_the_mapping_says() -> None:
    columns = {
        "bio": "string",
        "rank": {"type": "int", "known_at": "1970-01-01T00:00:50Z"},
        "class": {"known_at": "unknown"},
    }
    stated = MappedTableReader(table(node="user", id="id", known_at="1970-01-01T00:01:40Z", columns=columns))
    assert stated.events(["ann", "sailor", "1", "a"]) == [
        NodeRow("user", "ann", 100, {"bio": "sailor"}),
        Measurement("user", "ann", 100, {"rank": 1}),
        Measurement("user", "ann", None, {"class": "a"}),
    ]
    assert {name: column.known_at for name, column in stated.schema.nodes["user"].items()} == {
        "bio": "row",
        "rank": MEASURED,
        "class": MEASURED,
    }


def test_values_of_rows_known_nobody_knows_when_are_measured_nobody_knows_when() -> None:
    """Its node is known once an edge names it, and not from the beginning; a later profile must not come along."""
    reader = MappedTableReader(
        table(node="user", id="id", columns={"bio": "string", "rank": {"type": "int", "known_at": "1970-01-02"}})
    )
    assert reader.events(["ann", "sailor", "1"]) == [
        NodeRow("user", "ann", NEVER, {}, NEVER),
        Measurement("user", "ann", None, {"bio": "sailor"}),
        Measurement("user", "ann", 86400, {"rank": 1}),
    ]
    assert reader.schema.nodes["user"]["bio"].known_at == MEASURED
    assert reader.assumptions == (
        "user.bio: measured at a time nobody recorded, so no view as of a time shows them",
    )  # fmt: skip
    assert reader.events(["eve", "", ""]) == [NodeRow("user", "eve", NEVER, {}, NEVER)]


TIES = {
    "type_column": "kind",
    "types": {"follows": ["user", "follow", "user"], "likes": ["user", "like", "post"]},
    "src": "a",
    "dst": "b",
    "columns": {
        "weight": "int",
        "trust": {"type": "float", "known_at": "1970-01-01T00:01:40Z"},
        "label": {"known_at": "unknown"},
    },
}


def test_edges_without_a_time_and_their_columns() -> None:
    reader = MappedTableReader(table(edges=[TIES | {"crawled_at": "1970-01-01T00:03:20Z", "flow": "forward"}]))
    assert reader.table.sources == ("a", "b", "kind", "weight", "trust", "label")
    assert reader.events(["ann", "bob", "follows", "3", "0.5", "kin"]) == [
        EdgeRow(FOLLOW, "ann", "bob", None, {"weight": 3, "trust": 0.5, "label": "kin"})
    ]
    columns = {"weight": Column("int"), "trust": Column("float", 100), "label": Column("string", NEVER)}
    assert reader.schema.edges == {FOLLOW: columns, LIKE: columns}
    assert reader.schema.crawled_at == {FOLLOW: 200, LIKE: 200}
    assert reader.schema.flow == {FOLLOW: "forward", LIKE: "forward"}
    assert reader.assumptions[0] == (
        "(user, follow, user).label, (user, like, post).label: measured at a time nobody recorded, "
        "so no view as of a time shows them"
    )


def test_a_crawl_that_nobody_dated_is_left_out_of_the_schema() -> None:
    reader = MappedTableReader(table(time="when", edges=[TIES | {"crawled_at": "unknown"}]))
    assert reader.schema.crawled_at == {}
    rows = [["", "ann", "p", " likes ", "", "", ""], ["7", "ann", "p", "likes", "", "", ""]]
    assert [event.time for row in rows for event in reader.events(row) if isinstance(event, EdgeRow)] == [None, 7]


def test_an_edge_column_that_nobody_dated_shows_in_no_view_as_of_a_time() -> None:
    schema = MappedTableReader(table(edges=[TIES | {"crawled_at": "1970-01-01"}])).schema
    ends = {"src": ["ann"], "dst": ["bob"], "weight": [1], "trust": [1.0], "label": ["kin"]}
    graph = SocialGraph.build(schema, {}, {FOLLOW: pa.table(ends)})
    assert graph.edge_column(FOLLOW, "label").to_pylist() == ["kin"]
    assert graph.as_of("2030-01-01").edge_column(FOLLOW, "label").to_pylist() == [None]
    assert graph.as_of("2030-01-01").edge_column(FOLLOW, "trust").to_pylist() == [1.0]


def test_a_table_that_contradicts_itself() -> None:
    twice = [TIES | {"crawled_at": "1970-01-01"}, TIES | {"crawled_at": "1970-01-02"}]
    with pytest.raises(SchemaError, match="two crawl times"):
        MappedTableReader(table(edges=twice))
    with pytest.raises(SchemaError, match="one of the two"):
        MappedTableReader(table(node="media", id="id", time="at"), media=("{id}",))


# ---- media


def test_media_of_either_end_have_the_path_of_their_file_on_every_row(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "b.png").write_bytes(b"x")
    edges = [{"type": ["media", "link", "media"], "src": "from", "dst": "to", "split": " "}]
    reader = MappedTableReader(table(time="at", edges=edges), tmp_path, ("{id}.jpg", "{id}.png"))
    expected = [
        NodeRow("media", "b", None, {"path": "b.png"}),
        NodeRow("media", "a", None, {"path": "a.jpg"}),
    ]
    for _ in range(2):
        assert [e for e in reader.events(["5", "b", "a none a"]) if isinstance(e, NodeRow)] == expected
    with pytest.raises(EventFormatError, match="leads out of the folder") as error:
        reader.events(["5", "b", "a ../a"])
    assert error.value.field == "to"


def test_a_reader_forgets_media_so_that_memory_stays_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped_table, "MEDIA_REMEMBERED", 10)
    for number in range(0, 100, 7):
        (tmp_path / f"m{number}.jpg").write_bytes(b"x")
    edges = [{"type": ["post", "show", "media"], "src": "id", "dst": "media", "split": " "}]
    reader = MappedTableReader(table(node="post", id="id", time="at", edges=edges), tmp_path, ("{id}.jpg",))
    paths = []
    for number in range(50):
        events = reader.events([f"p{number}", "5", f"m{number} m{number + 50}"])
        paths += [event.values["path"] for event in events if isinstance(event, NodeRow) and event.type == "media"]
        assert len(reader._media.found) <= 12
    assert sorted(paths) == sorted(f"m{number}.jpg" for number in range(0, 100, 7))


def test_without_patterns_media_have_no_path() -> None:
    edges = [{"type": ["post", "show", "media"], "src": "id", "dst": "media"}]
    reader = MappedTableReader(table(node="post", id="id", time="at", edges=edges))
    assert reader.schema.nodes["media"] == {}
    assert reader.events(["p", "5", "m"]) == [NodeRow("post", "p", 5, {}), EdgeRow(SHOW, "p", "m", 5, {})]


def test_media_may_have_rows_of_their_own() -> None:
    reader = MappedTableReader(table(node="media", id="id", time="at", columns={"path": "string"}))
    assert reader.events(["m", "5", "x.jpg"]) == [NodeRow("media", "m", 5, {"path": "x.jpg"})]


# ---- formats of files

ROWS: list[dict[str, Any]] = [
    {"id": 1, "at": 10, "text": "hi", "likes": 3, "by": "ann", "tags": ["sea", "storm"]},
    {"id": 2, "at": 20, "text": None, "likes": None, "by": "bob", "tags": []},
    {"id": 3, "at": 30, "text": "ho", "likes": 0, "by": "ann", "tags": None},
]
TAGGED = {
    "node": "post",
    "id": "id",
    "time": "at",
    "columns": {"text": "string", "likes": {"type": "int", "known_at": "unknown"}},
    "edges": [
        {"type": ["user", "author", "post"], "src": "by", "dst": "id"},
        {"type": ["post", "tag", "hashtag"], "src": "id", "dst": "tags", "split": " "},
    ],
}
EXPECTED: list[Event] = [
    NodeRow("post", "1", 10, {"text": "hi"}),
    Measurement("post", "1", None, {"likes": 3}),
    EdgeRow(AUTHOR, "ann", "1", 10, {}),
    EdgeRow(TAG, "1", "sea", 10, {}),
    EdgeRow(TAG, "1", "storm", 10, {}),
    NodeRow("post", "2", 20, {"text": None}),
    EdgeRow(AUTHOR, "bob", "2", 20, {}),
    NodeRow("post", "3", 30, {"text": "ho"}),
    Measurement("post", "3", None, {"likes": 0}),
    EdgeRow(AUTHOR, "ann", "3", 30, {}),
]


def lines(delimiter: str) -> str:
    def cell(value: Any) -> str:
        return "" if value is None else " ".join(value) if isinstance(value, list) else str(value)

    return "\n".join(delimiter.join(row) for row in [list(ROWS[0]), *([*map(cell, r.values())] for r in ROWS)])


def write_parquet(path: Path) -> None:
    content = pa.Table.from_pylist(ROWS)
    moments = pa.array([row["at"] for row in ROWS], pa.timestamp("s", "UTC"))
    pq.write_table(content.set_column(1, "at", moments), path)


@pytest.mark.parametrize(
    "name", ["t.csv", "t.csv.gz", "t.tsv", "t.tsv.gz", "t.parquet", "t.jsonl", "t.ndjson.gz", "t.jsonl.zst"]
)
def test_every_format_says_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    delimiter = "\t" if ".tsv" in name else ","
    if name == "t.parquet":
        write_parquet(path)
    else:
        text = "\n".join(map(json.dumps, ROWS)) if "json" in name else lines(delimiter)
        pack = {".gz": gzip.compress, ".zst": zstandard.compress}.get(path.suffix, bytes)
        path.write_bytes(pack(text.encode()))
    reader = MappedTableReader(table(**TAGGED, delimiter=delimiter))
    found = read(reader, path)
    assert found.events == EXPECTED
    assert found.rejects == []
    first = 1 if "json" in name else 2
    assert [line for line, _ in reader.records(path)] == [first, first + 1, first + 2]


def test_nested_json_by_dotted_names(tmp_path: Path) -> None:
    reader = MappedTableReader(
        table(
            node="post",
            id="id",
            time="made.at",
            columns={"text": {"from": "body.text"}, "likes": {"from": "counts.likes", "type": "int"}},
            edges=[{"type": ["user", "author", "post"], "src": "user.id", "dst": "id"}],
        )
    )
    records = [
        {"id": "p", "made": {"at": "1970-01-01T00:00:10Z"}, "body": {"text": "hi"}, "user": {"id": 7}},
        {"id": "q", "made": {"at": 20}, "counts": {"likes": 2.0}, "user": {"id": None}},
        {"id": "r", "made": None, "user": {"id": 7}},
        {"id": "s", "made": {"at": 30}, "counts": {"likes": "many"}, "user": {"id": 7}},
        {"id": "t", "made": {"at": 30}, "counts": [1], "user": {"id": 7}},
        {"id": "u", "made": {"at": 30}, "user": {"id": 1.5}},
    ]
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    found = read(reader, path)
    assert found.events == [
        NodeRow("post", "p", 10, {"text": "hi", "likes": None}),
        EdgeRow(AUTHOR, "7", "p", 10, {}),
    ]
    assert [(line, field) for line, field, _ in found.rejects] == [
        (2, "user.id"), (3, "made.at"), (4, "counts.likes"), (5, "counts.likes"), (6, "user.id")
    ]  # fmt: skip


# ---- rejects


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("b,soon,x,2,bob\n", "at", "cannot read 'soon' as a time"),
        ("b,-5,x,2,bob\n", "at", "negative time"),
        ("b,1351198834000,x,2,bob\n", "at", "milliseconds"),
        ("b,,x,2,bob\n", "at", "missing time"),
        ("b,20,x,many,bob\n", "likes", "got 'many', expected a whole number"),
        (" ,20,x,2,bob\n", "id", "missing id"),
        ("b,20,x,2,\n", "by", "missing id"),
        ("b,20,x,2\n", None, "expected 5 fields, got 4"),
        ('b,20,"x"y,2,bob\n', None, "not a CSV row"),
        (b"b,20,\xff\xfe,2,bob\n", "text", "not UTF-8"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_reject_with_its_field(
    tmp_path: Path, row: str | bytes, field: str | None, reason: str
) -> None:
    raw = row if isinstance(row, bytes) else row.encode()
    (tmp_path / "t.csv").write_bytes(b'id,at,text,likes,by\na,10,"1\n2",1,ann\n' + raw + b"z,90,z,9,zoe\n")
    found = read(MappedTableReader(POSTS), tmp_path / "t.csv")
    assert [(kind, name) for kind, name in found.nodes] == [("post", "a"), ("post", "z")]
    [(line, wrong, said)] = found.rejects
    assert (line, wrong) == (4, field)
    assert reason in said


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (["p", 10, ["a", "b"], 1, "ann"], "text", "got ['a', 'b'], expected text"),
        (["p", 10, {"a": 1}, 1, "ann"], "text", "expected text"),
        (["p", 10, b"hi", 1, "ann"], "text", "got b'hi', expected text"),
        ([b"p", 10, "hi", 1, "ann"], "id", "got b'p', expected an id: text or a whole number"),
        (["p", 10, "hi", 1, b"ann"], "by", "expected an id"),
        (["p", 10, "hi", 1, True], "by", "expected an id"),
        (["p", 10, "hi", 1.5, "ann"], "likes", "expected a whole number"),
        (["p", 10, "hi", [1], "ann"], "likes", "expected a whole number"),
        (["p", [10], "hi", 1, "ann"], "at", "expected a time"),
        (["p", True, "hi", 1, "ann"], "at", "cannot read True as a time"),
        (["p", 1351198834000, "hi", 1, "ann"], "at", "milliseconds"),
    ],
)
def test_cells_of_typed_files_do_not_become_text_by_their_notation(row: list[Any], field: str, reason: str) -> None:
    with pytest.raises(EventFormatError) as error:
        MappedTableReader(POSTS).events(row)
    assert error.value.field == field
    assert reason in str(error.value)


@pytest.mark.parametrize("cell", [True, 1.5, b"sea", {"sea": 1}, ["sea", None], ["sea", 1.5], [["sea"]]])
def test_what_is_no_list_of_ids(cell: Any) -> None:
    with pytest.raises(EventFormatError) as error:
        MappedTableReader(table(**TAGGED)).events(["p", 10, "hi", 1, "ann", cell])
    assert error.value.field == "tags"


def test_ids_may_be_numbers_and_times_dates() -> None:
    reader = MappedTableReader(table(**TAGGED))
    for time in (86400, 86400.9, "1970-01-02", date(1970, 1, 2), datetime(1970, 1, 2, tzinfo=UTC)):
        found = reader.events([1, time, 7, 2.0, 3, 4])
        assert found == [
            NodeRow("post", "1", 86400, {"text": "7"}),
            Measurement("post", "1", None, {"likes": 2}),
            EdgeRow(AUTHOR, "3", "1", 86400, {}),
            EdgeRow(TAG, "1", "4", 86400, {}),
        ]


def test_a_file_that_cannot_be_read_as_a_whole(tmp_path: Path) -> None:
    reader = MappedTableReader(POSTS)

    def refused(content: bytes, name: str = "t.csv") -> EventFormatError:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(EventFormatError) as error:
            reader.records(tmp_path / name)
        return error.value

    missing = refused(b"id,at,text,like,by\n")
    assert (missing.field, missing.line, missing.path) == ("likes", 1, str(tmp_path / "t.csv"))
    assert "is missing" in str(missing)
    assert "Did you mean 'like'" in str(missing)
    assert "stands twice" in str(refused(b"id,at,text,likes,by,by\n"))
    assert "empty" in str(refused(b""))
    assert "not UTF-8" in str(refused(b"\xff\xfei\x00d\x00\n\x00"))
    assert "Parquet" in str(refused(b"no", "t.parquet"))
    assert "header" in str(refused(b"no gzip", "t.csv.gz"))
    with pytest.raises(EventFormatError, match="is not a file"):
        reader.records(tmp_path / "nowhere.csv")


def test_a_parquet_column_that_stands_twice(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array(["a"])] * 6, names=["id", "at", "text", "likes", "by", "by"])
    pq.write_table(twice, tmp_path / "t.parquet")
    with pytest.raises(EventFormatError, match="'by', which the mapping names, stands twice"):
        MappedTableReader(POSTS).records(tmp_path / "t.parquet")


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    """A damaged end does not keep the beginning from being read, which it would if the file were read at once."""
    text = "id,at,text,likes,by\n" + "".join(f"p{n},{n},{n * 7919 % 104729},,ann\n" for n in range(5000))
    whole = gzip.compress(text.encode())
    (tmp_path / "t.csv.gz").write_bytes(whole[: len(whole) // 2])
    records = MappedTableReader(POSTS).records(tmp_path / "t.csv.gz")
    assert next(records) == (2, ["p0", "0", "0", "", "ann"])
    found = read(MappedTableReader(POSTS), tmp_path / "t.csv.gz")
    assert 1000 < len(found.nodes) < 5000
    assert len(found.rejects) == 1


# ---- which file, which table


def test_the_reader_of_a_file_by_its_mapping(news: Path) -> None:
    posts = MappedTableReader.from_mapping_file(news / "mapping.toml", news / "posts.csv.gz")
    assert read(posts, news / "posts.csv.gz").events == events_of(news)["posts.csv.gz"].events
    assert posts.assumptions[0] == "the crawl missed private accounts"
    assert posts.folder == news
    edges = MappedTableReader.from_mapping_file(str(news / "mapping.toml"), str(news / "user_edges.csv.gz"))
    assert edges.table.node is None
    with pytest.raises(SchemaError, match=r"0 tables in more\.csv, expected one; it names posts\.csv\.gz, user_edges"):
        MappedTableReader.from_mapping_file(news / "mapping.toml", news / "more.csv")


def test_a_file_outside_the_folder_of_its_mapping_goes_by_its_name(news: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mapping.toml").write_text(NEWS.replace('"posts.csv.gz"', '"tables/posts-*.csv"'))
    reader = MappedTableReader.from_mapping_file(other / "mapping.toml", tmp_path / "elsewhere" / "posts-1.csv")
    assert reader.table.node == "post"
    (other / "posts-1.csv").write_text("")
    with pytest.raises(SchemaError, match="0 tables"):  # inside the folder, the whole pattern counts
        MappedTableReader.from_mapping_file(other / "mapping.toml", other / "posts-1.csv")


def test_a_file_of_two_tables_stands_twice_in_a_folder(tmp_path: Path) -> None:
    one = '[[table]]\nfiles = "t.csv"\nnode = "{}"\nid = "{}"\ntime = "at"\n'
    (tmp_path / "mapping.toml").write_text(one.format("post", "id") + one.format("user", "by"))
    (tmp_path / "t.csv").write_text("id,at,by\np,1,ann\n")
    found = [(path.name, read(reader, path).events) for path, reader in MappedTableReader.for_folder(tmp_path)]
    assert found == [("t.csv", [NodeRow("post", "p", 1, {})]), ("t.csv", [NodeRow("user", "ann", 1, {})])]
    with pytest.raises(SchemaError, match=r"2 tables in t\.csv, expected one"):
        MappedTableReader.from_mapping_file(tmp_path / "mapping.toml", tmp_path / "t.csv")


def test_files_of_a_folder(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    one = '[[table]]\nfiles = {}\nnode = "post"\nid = "id"\ntime = "at"\n'
    mapping.write_text(one.format('["b*.csv", "?.csv"]') + one.format('"late.csv"') + "optional = true\n")
    with pytest.raises(DataIntegrityError, match=r"no file 'b\*\.csv'"):
        MappedTableReader.for_folder(tmp_path)
    for name in ("b.csv", "a.csv", "b2.csv"):
        (tmp_path / name).write_text("id,at\n")
    assert [path.name for path, _ in MappedTableReader.for_folder(tmp_path)] == ["a.csv", "b.csv", "b2.csv"]
    for pattern in ("/etc/passwd", "../other.csv", "a/../../b.csv"):
        mapping.write_text(one.format(f'"{pattern}"'))
        with pytest.raises(SchemaError, match="leads out of the folder"):
            MappedTableReader.for_folder(tmp_path)
    with pytest.raises(DataIntegrityError, match="no data folder"):
        MappedTableReader.for_folder(tmp_path / "nowhere")


def test_tables_that_contradict_each_other(tmp_path: Path) -> None:
    one = '[[table]]\nfiles = "{0}.csv"\nnode = "post"\nid = "id"\ntime = "t"\ncolumns = {{ a = "{1}" }}\n'
    (tmp_path / "mapping.toml").write_text(one.format("x", "int") + one.format("y", "string"))
    for name in "xy":
        (tmp_path / f"{name}.csv").write_text("id,t,a\n")
    with pytest.raises(SchemaError, match="column 'a' of post in two ways"):
        MappedTableReader.for_folder(tmp_path)


def sample(path: Path, content: str = "", *first: dict[str, Any]) -> FileSample:
    return FileSample(path, path.name, content.encode(), first)


def test_a_file_is_recognised_by_its_columns(tmp_path: Path) -> None:
    reader = MappedTableReader(table(**TAGGED))
    assert reader.recognises(sample(Path("x.csv"), 'more,id,"at",text,likes,by,tags\r\n1\n'))
    assert not reader.recognises(sample(Path("x.csv"), "id,at,text,likes,by\n"))
    assert not reader.recognises(sample(Path("x.csv"), "id;at;text;likes;by;tags\n"))
    assert MappedTableReader(table(**TAGGED, delimiter=";")).recognises(
        sample(Path("x.csv"), "id;at;text;likes;by;tags\n")
    )
    write_parquet(tmp_path / "t.parquet")
    assert reader.recognises(sample(tmp_path / "t.parquet"))
    (tmp_path / "no.parquet").write_bytes(b"PAR1")
    assert not reader.recognises(sample(tmp_path / "no.parquet"))
    assert reader.recognises(sample(Path("x.jsonl"), "", {"no": 1}, {"id": 1}))
    assert not reader.recognises(sample(Path("x.jsonl"), "", {"no": 1}, {"id": None}))
    assert not reader.recognises(sample(Path("x.jsonl")))
    nested = MappedTableReader(
        TableMapping(("e.jsonl",), time="at", edges=(EdgeMapping("from.id", "to.id", ("user", "follow", "user")),))
    )
    assert nested.recognises(sample(Path("x.ndjson"), "", {"from": {"id": 1}, "to": {"id": 2}}))
    assert not nested.recognises(sample(Path("x.ndjson"), "", {"from": {"id": 1}, "to": "ann"}))


# ---- the same as a whole folder


def graph_nodes(graph: SocialGraph) -> dict[tuple[str, str], int]:
    """Time of each row of a node, by type and id; nodes that only edges name are left out."""
    return {
        (kind, name): int(at)
        for kind in graph.node_types
        for name, at in zip(graph.node_ids(kind), graph.row_known_at(kind), strict=True)
        if at != NEVER
    }


def graph_edges(graph: SocialGraph) -> Counter[tuple[str, str, str, int | None]]:
    found: Counter[tuple[str, str, str, int | None]] = Counter()
    for kind in graph.edge_types:
        edges = graph.edges(kind)
        sources, targets = graph.node_ids(kind[0])[edges.src], graph.node_ids(kind[2])[edges.dst]
        for src, dst, at, known in zip(sources, targets, edges.time, edges.recorded, strict=True):
            found[kind[1], src, dst, int(at) if known else None] += 1
    return found


def values(graph: SocialGraph, kind: str) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {(kind, name): {} for name in graph.node_ids(kind)}
    for column in graph.schema.nodes[kind]:
        for name, value in zip(graph.node_ids(kind), graph.column(kind, column).to_pylist(), strict=True):
            if value is not None:
                found[kind, name][column] = value
    return {key: row for key, row in found.items() if row}


def check_same(folder: Path) -> None:
    """What the readers say of a folder is what its graph holds."""
    graph, report = read_folder(folder)
    reads = list(events_of(folder).values())
    rows: dict[tuple[str, str], int | None] = {}
    given: dict[tuple[str, str], dict[str, Any]] = {}
    for one in reads:
        for key, row in one.nodes.items():
            rows[key] = row["known_at"]
            given.setdefault(key, {}).update({k: v for k, v in row.items() if k != "known_at"})
        for key, row in one.measured.items():
            given.setdefault(key, {}).update({k: v for k, v in row.items() if k != "at"})
    assert sum((one.edges for one in reads), Counter()) == graph_edges(graph)
    expected = graph_nodes(graph)
    assert rows.keys() <= expected.keys()
    assert {key: at for key, at in rows.items() if at is not None} == {
        key: at for key, at in expected.items() if rows.get(key) is not None
    }
    assert all(kind == "media" for kind, _ in expected.keys() - rows.keys()), "media without a file have no row"
    expected_values: Mapping[tuple[str, str], dict[str, Any]] = {
        key: row for kind in graph.node_types for key, row in values(graph, kind).items()
    }
    # the last measurement of a node is kept only: what the tests' tables hold for a node stands in one of them
    assert {key: row for key, row in given.items() if row} == expected_values
    assert sum(len(one.rejects) for one in reads) == report.rejected


def test_the_same_as_the_folder_with_conventional_names(conventional: Path) -> None:
    check_same(conventional)


def test_the_same_as_the_folder_with_a_mapping(news: Path) -> None:
    (news / "mapping.toml").write_text(NEWS.replace("score = {", "# "))
    check_same(news)


def test_the_same_as_the_folder_with_json_lines_and_parquet(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(
        '[[table]]\nfiles = ["*.jsonl", "*.parquet"]\nnode = "post"\nid = "id"\ntime = "at"\n'
        '[table.columns]\ntext = "string"\nlikes = { type = "int", known_at = "unknown" }\n'
        '[[table.edges]]\ntype = ["user", "author", "post"]\nsrc = "by"\ndst = "id"\n'
        '[[table.edges]]\ntype = ["post", "tag", "hashtag"]\nsrc = "id"\ndst = "tags"\nsplit = " "\n'
    )
    write_parquet(tmp_path / "t.parquet")
    more = [row | {"id": f"more{row['id']}"} for row in ROWS]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, more)))
    check_same(tmp_path)


# ---- whatever stands in the cells

PIECES = st.sampled_from(
    ["", " ", "p1", "10", "-1", "1e3", "soon", "2020-01-01", "1351198834000", "9" * 25, "true", "yes", "follows",
     "likes", "a b", "#a|#A", "../x", "/etc", "\udcff", "\x00", "é", "nan", "inf", "٣"]
)  # fmt: skip
SIMPLE = (
    PIECES
    | st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=3)
    | st.dates()
    | st.datetimes()
)
CELLS = SIMPLE | st.lists(SIMPLE, max_size=3) | st.dictionaries(st.text(max_size=2), SIMPLE, max_size=2)
EVERY = table(
    node="post",
    id="id",
    time="at",
    columns={
        "text": "string",
        "likes": {"type": "int", "known_at": "unknown"},
        "score": {"type": "float", "known_at": "2001-01-01"},
        "pinned": "bool",
    },
    edges=[
        {"type": ["user", "author", "post"], "src": "by", "dst": "id"},
        {"type": ["post", "show", "media"], "src": "id", "dst": "pictures", "split": "|"},
        {"type": ["post", "tag", "hashtag"], "src": "id", "dst": "tags", "split": " ", "strip": "#", "lower": True},
        {"type": ["user", "reply", "user"], "src": "by", "dst": "answers", "optional": True},
        TIES | {"crawled_at": "unknown", "src": "by"},
    ],
)
READERS = [MappedTableReader(EVERY, media=("{id}",)), MappedTableReader(table(time="at", edges=[TIES]))]


@given(data=st.data(), reader=st.sampled_from(READERS))
def test_whatever_stands_in_the_cells_gives_events_or_an_error_with_its_field(
    data: st.DataObject, reader: MappedTableReader
) -> None:
    good = dict.fromkeys(reader.table.sources, "") | {
        "id": "p1", "by": "ann", "at": "10", "a": "ann", "b": "bob", "kind": "follows"
    }  # fmt: skip
    changed = data.draw(st.dictionaries(st.sampled_from(reader.table.sources), CELLS, max_size=4))
    try:
        found = reader.events(list((good | changed).values()))
    except EventFormatError as error:
        assert error.field in changed
        str(error).encode(errors="surrogatepass")
        return
    for event in found:
        if isinstance(event, EdgeRow):
            assert event.src
            assert event.dst
            assert set(event.values) <= set(reader.schema.edges[event.type])
            assert event.time is None or event.time >= 0
        else:
            assert isinstance(event, NodeRow | Measurement)
            assert event.id
            assert set(event.values) <= set(reader.schema.nodes[event.type])
            types = {"string": str, "int": int, "float": float, "bool": bool}
            for name, value in event.values.items():
                assert value is None or type(value) is types[reader.schema.nodes[event.type][name].type]


@given(raw=st.binary(max_size=200), ending=st.sampled_from(["csv", "jsonl"]))
def test_whatever_bytes_follow_give_rows_or_errors(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, ending: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"t.{ending}"
    head = b"id,at,text,likes,by\n" if ending == "csv" else b'{"id":1,"at":1,"by":2}\n'
    path.write_bytes(head + raw)
    found = read(MappedTableReader(POSTS), path)
    assert len(found.nodes) >= (ending == "jsonl")


MUTATED = {"id": "p", "at": 10, "text": "hi", "likes": 3, "by": {"id": "ann"}, "tags": ["sea"]}
NESTED = table(
    **TAGGED
    | {
        "edges": [
            {"type": ["user", "author", "post"], "src": "by.id", "dst": "id"},
            {"type": ["post", "tag", "hashtag"], "src": "id", "dst": "tags", "split": " "},
        ]
    }
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "a"]), inner, max_size=2),
    max_leaves=5,
)


@given(data=st.data())
def test_objects_with_odd_fields_give_events_or_rejects(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    record: dict[str, Any] = MUTATED | data.draw(st.dictionaries(st.sampled_from([*MUTATED]), ODD, max_size=3))
    for name in data.draw(st.sets(st.sampled_from([*MUTATED]), max_size=2)):
        del record[name]
    line = json.dumps(record)
    line = line[: data.draw(st.integers(len(line) // 2, len(line) * 3))]
    path = tmp_path_factory.mktemp("fuzz") / "t.jsonl"
    path.write_text(line)
    found = read(MappedTableReader(NESTED), path)
    assert len(found.rejects) + len(found.nodes) == 1
