"""A folder with posts.csv and perhaps edges.csv needs no mapping."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphsocial.errors import SchemaError
from graphsocial.ingest import default_mapping, read_folder

POSTS = """post,user,time,text,images,hashtags,verdict,likes,score,pinned
p1,ann,2020-01-01,hello,cat dog.png,#Sea storm,good,3,.5,true
p2,bob,2020-01-02T12:00Z,ho,,,bad,,1,false
"""


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "mine"
    path.mkdir()
    (path / "posts.csv").write_text(POSTS)
    (path / "images").mkdir()
    (path / "images" / "cat.jpg").write_bytes(b"x")
    (path / "images" / "dog.png").write_bytes(b"x")
    return path


def test_posts_alone(folder):
    graph, report = read_folder(folder)
    assert graph.name == "mine"
    assert graph.node_ids("user").tolist() == ["ann", "bob"]
    assert sorted(graph.node_ids("hashtag")) == ["sea", "storm"]
    path = dict(zip(graph.node_ids("media"), graph.column("media", "path").to_pylist(), strict=True))
    assert path == {"cat": "images/cat.jpg", "dog.png": "images/dog.png"}
    columns = {name: column.type for name, column in graph.schema.nodes["post"].items()}
    assert columns == {"text": "string", "verdict": "string", "likes": "int", "score": "float", "pinned": "bool"}
    # labels and counts are measured later: no view sees them before the last event is over
    assert graph.as_of("2020-01-02T12:00:01").column("post", "verdict").null_count == 2
    assert graph.column("post", "verdict").to_pylist() == ["good", "bad"]
    assert report.rejected == 0


def test_edges_beside_them(folder):
    (folder / "edges.csv").write_text(
        "src,dst,relation,time,weight\nbob,ann,repost,2020-01-03,1\nann,bob,follow,,2\nbob,p1,like,2020-01-03,3\n"
        "bob,ann,hugs,2020-01-03,1\n"
    )
    graph, report = read_folder(folder)
    assert graph.num_edges(("user", "repost", "user")) == graph.num_edges(("user", "follow", "user")) == 1
    assert graph.num_edges(("user", "like", "post")) == 1
    assert ("user", "mention", "user") not in graph.edge_types
    assert graph.as_of("2020-01-03T00:00:01").num_edges(("user", "follow", "user")) == 0
    assert [(r.line, r.field) for r in report.examples] == [(5, "relation")]
    assert any("unknown time" in sentence for sentence in graph.assumptions)


def test_a_column_mostly_of_numbers_is_one_and_the_rest_are_rejects(folder):
    rows = "".join(f"p{n},u{n},{n},{n}\n" for n in range(40))
    (folder / "posts.csv").write_text("post,user,time,likes\n" + rows + "x,ann,50,n/a\n")
    graph, report = read_folder(folder)
    assert graph.schema.nodes["post"]["likes"].type == "int"
    assert [(r.line, r.field) for r in report.examples] == [(42, "likes")]


def test_classes_called_yes_and_no_stay_names(folder):
    (folder / "posts.csv").write_text("post,user,time,label\np1,ann,1,yes\np2,bob,2,no\n")
    graph, _ = read_folder(folder)
    assert graph.column("post", "label").to_pylist() == ["yes", "no"]


def test_gzip_tsv_and_parquet_by_the_same_names(folder):
    expected, _ = read_folder(folder)
    (folder / "posts.csv").unlink()
    (folder / "posts.csv.gz").write_bytes(gzip.compress(POSTS.encode()))
    assert repr(read_folder(folder)[0]) == repr(expected)
    (folder / "posts.csv.gz").unlink()
    (folder / "posts.tsv").write_text(POSTS.replace(",", "\t"))
    assert repr(read_folder(folder)[0]) == repr(expected)
    (folder / "posts.tsv").unlink()
    pq.write_table(pa.table({"post": [1], "user": [7], "time": [10]}), folder / "posts.parquet")
    assert read_folder(folder)[0].node_ids("user").tolist() == ["7"]


def test_no_images_and_no_texts_at_all(tmp_path):
    (tmp_path / "posts.csv").write_text("post,user,time\np1,ann,10\n")
    graph, _ = read_folder(tmp_path)
    assert graph.node_types == ("user", "post", "media")
    assert graph.num_nodes("media") == 0


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(SchemaError, match=r"neither a mapping\.toml nor a posts table"):
        default_mapping(tmp_path)
    (tmp_path / "posts.csv").write_text("post,usr,time\n")
    with pytest.raises(SchemaError, match=r"no column 'user'.*Did you mean 'usr'"):
        default_mapping(tmp_path)
    (tmp_path / "posts.tsv").write_text("post\tuser\ttime\n")
    with pytest.raises(SchemaError, match=r"posts\.csv and posts\.tsv, expected one"):
        default_mapping(tmp_path)


def test_tables_that_nobody_reads_are_named(folder):
    (folder / "authors.csv").write_text("a\n")
    assert read_folder(folder)[1].unread == ("authors.csv",)
