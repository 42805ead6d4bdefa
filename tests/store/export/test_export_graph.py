"""One call for all formats: what it refuses, that it is atomic, and that a view stays within what it knows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.schema import Schema
from graphsocial.store.export import ExportReport, export_graph, raphtory, tgb, xml_writer
from graphsocial.store.export.export_graph import FORMATS
from tests.store.export.graphs import AUTHOR, FOLLOW, REPOST, SHARE, graph_of


def small() -> SocialGraph:
    return graph_of(
        {
            "user": [{"id": "ann", "known_at": 3, "bot": True}],
            "post": [{"id": "p", "known_at": 10, "text": "hello"}, {"id": "late", "known_at": 40, "text": "secret"}],
        },
        {
            AUTHOR: [{"src": "ann", "dst": "p", "time": 10}, {"src": "zoe", "dst": "late", "time": 40}],
            SHARE: [{"src": "bob", "dst": "p", "time": 20, "event": 7}, {"src": "zed", "dst": "p", "time": 50}],
            REPOST: [{"src": "bob", "dst": "ann", "time": 20, "weight": 0.5}],
            FOLLOW: [{"src": "bob", "dst": "ann", "time": None}],
        },
        {
            "user": [
                {"id": "ann", "measured_at": 5, "followers": 1},
                {"id": "ann", "measured_at": 45, "followers": 987654321},
            ]
        },
    )


def relation_of(format: str) -> dict[str, object]:
    return {"relation": SHARE} if format in ("tgb", "cascades_tsv") else {}


def texts(path: Path) -> Iterator[str]:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return (str(pq.read_table(f).to_pylist()) if f.suffix == ".parquet" else f.read_text("utf-8") for f in files)


@pytest.mark.parametrize("format", FORMATS)
def test_a_view_writes_only_what_it_knows(format: str, tmp_path: Path) -> None:
    report = export_graph(small().as_of(30), tmp_path / "out", format, **relation_of(format))
    written = "".join(texts(tmp_path / "out"))
    for later in ("secret", "late", "zoe", "zed", "987654321"):
        assert later not in written, later
    assert any("the view ends at 1970-01-01 00:00:30Z" in sentence for sentence in report.lost)
    whole = export_graph(small(), tmp_path / "whole", format, **relation_of(format))
    assert not any("the view" in sentence for sentence in whole.lost)


@pytest.mark.parametrize("format", FORMATS)
def test_an_interrupted_export_leaves_what_was_there(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    export_graph(small().as_of(30), target, format, **relation_of(format))
    before = list(texts(target))

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(raphtory, "_write_edges", fail)
    monkeypatch.setattr(tgb, "write_numbers", fail)
    with pytest.raises(KeyboardInterrupt):
        export_graph(small(), target, format, **relation_of(format))
    assert list(texts(target)) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_an_xml_file_cut_in_the_middle_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leaves = iter(range(20))

    def fail_at_the_end(self: xml_writer.XmlWriter, name: str, *_: object) -> None:
        next(leaves)

    monkeypatch.setattr(xml_writer.XmlWriter, "leaf", fail_at_the_end)
    with pytest.raises(StopIteration):
        export_graph(small(), tmp_path / "out.gexf", "gexf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS)
def test_an_earlier_export_is_replaced_and_nothing_else_is(format: str, tmp_path: Path) -> None:
    target = tmp_path / "new" / "out"
    export_graph(small(), target, format, **relation_of(format))
    again = export_graph(small().as_of(15), target, format, **relation_of(format))
    assert "secret" not in "".join(texts(target))
    assert [entry.name for entry in target.parent.iterdir()] == ["out"]
    if target.is_dir():
        assert {entry.name for entry in target.iterdir()} == set(again.files)
        (target / "mine.txt").write_text("mine")
        with pytest.raises(DataIntegrityError, match="out is no"):
            export_graph(small(), target, format, **relation_of(format))
        assert (target / "mine.txt").read_text() == "mine"
        file = tmp_path / "file"
        file.write_text("mine")
        with pytest.raises(DataIntegrityError):
            export_graph(small(), file, format, **relation_of(format))
        assert file.read_text() == "mine"
    else:
        assert again.files == ("out",)
        (tmp_path / "folder").mkdir()
        with pytest.raises(DataIntegrityError, match="is a folder"):
            export_graph(small(), tmp_path / "folder", format, **relation_of(format))


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"unknown export format 'gefx', expected one of gexf, .*Did you mean 'gexf'"):
        export_graph(small(), tmp_path / "x", "gefx")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="ends like a compressed file"):
        export_graph(small(), tmp_path / "x.gexf.gz", "gexf")
    with pytest.raises(SchemaError, match="writes all relations"):
        export_graph(small(), tmp_path / "x", "graphml", relation=SHARE)
    with pytest.raises(SchemaError, match="writes one relation, got relation='repost'"):
        export_graph(small(), tmp_path / "x", "tgb", relation="repost")
    with pytest.raises(SchemaError, match="writes one relation, got relation=None"):
        export_graph(small(), tmp_path / "x", "cascades_tsv")
    with pytest.raises(SchemaError, match=r"unknown relation 'folow'.* Did you mean 'follow'"):
        export_graph(small(), tmp_path / "x", "tgb", relation="folow")
    with pytest.raises(SchemaError, match="unknown edge type"):
        export_graph(small(), tmp_path / "x", "tgb", relation=("user", "like", "post"))
    assert list(tmp_path.iterdir()) == []


def test_a_relation_that_only_one_edge_type_has_is_enough(tmp_path: Path) -> None:
    assert export_graph(small(), tmp_path / "x", "tgb", relation="author").written[AUTHOR] == 2
    alone = SocialGraph.build(Schema({"user": {}}, {FOLLOW: {}}, crawled_at={FOLLOW: 3}), {}, {})
    assert export_graph(alone, tmp_path / "y", "tgb").written == {"user": 0, FOLLOW: 0}


@pytest.mark.parametrize("format", ["gexf", "graphml", "raphtory", "parquet"])
def test_the_empty_graph(format: str, tmp_path: Path) -> None:
    report = export_graph(SocialGraph.build(Schema({}, {}), {}, {}), tmp_path / "out", format)
    assert report.written == {} and report.lost == ()
    assert repr(report).splitlines()[-2:] == ["  nodes: none", "  edges: none"]


def test_a_report_says_what_is_lost(tmp_path: Path) -> None:
    graph = small()
    graph.media_root = "/pictures"
    report = export_graph(graph.assume_known("post", "seen").window(5, 46), tmp_path / "g.gexf", "gexf")
    assert isinstance(report, ExportReport) and report.path == tmp_path / "g.gexf"
    assert report.lost == (
        "that the view ends at 1970-01-01 00:00:46Z: the file looks like a graph without an end",
        "that the view starts at 1970-01-01 00:00:05Z: the file looks like a graph without a start",
        "the media folder /pictures",
        "that column post.seen is treated as known with its row",
        "1 earlier measurements of user.followers: the file holds the last ones",
    )
    assert repr(report).splitlines()[1:5] == [
        "  nodes: user 3, post 2",
        "  edges: user follow user 0, user repost user 1, user repost post 1, user author post 2",
        "  lost:  that the view ends at 1970-01-01 00:00:46Z: the file looks like a graph without an end",
        "         that the view starts at 1970-01-01 00:00:05Z: the file looks like a graph without a start",
    ]
