from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphsocial.errors import DataIntegrityError
from graphsocial.graph import SocialGraph
from graphsocial.schema import Column, Schema
from graphsocial.store import open_graph, save_graph
from tests.graph.worlds import random_world, snapshot

saving = importlib.import_module("graphsocial.store.save_graph")  # the function of that name hides the module

TEXTS = [
    "plain",
    "👩‍👩‍👧‍👦 flood 🌊🏳️‍🌈",
    "مرحبا \u202eעולם\u202c",
    "飓风桑迪袭击纽约",
    "x" * 100_000,
    "",
    'line\nbreak\ttab\x00null\\ "quote", \',',
    None,
]


def texts_graph() -> SocialGraph:
    schema = Schema({"user": {}, "post": {"text": Column()}}, {("user", "author", "post"): {"via": Column()}})
    ids = [f"p{i} 🐦" for i in range(len(TEXTS))]
    posts = pa.table({"id": ids, "known_at": range(len(TEXTS)), "text": TEXTS})
    author = pa.table({"src": ["用户"] * len(ids), "dst": ids, "time": range(len(ids)), "via": TEXTS})
    return SocialGraph.build(schema, {"post": posts}, {("user", "author", "post"): author}, name="téxts")


def test_every_kind_of_text_survives(tmp_path: Path) -> None:
    graph = texts_graph()
    save_graph(graph, tmp_path / "graph")
    again = open_graph(tmp_path / "graph")
    assert again.column("post", "text").to_pylist() == TEXTS
    assert again.edge_column(("user", "author", "post"), "via").to_pylist() == TEXTS
    assert again.node_ids("user").tolist() == ["用户"] and again.name == "téxts"
    assert again.schema == graph.schema or again.schema.to_json() == graph.schema.to_json()


def test_the_files_open_elsewhere(tmp_path: Path) -> None:
    save_graph(texts_graph(), tmp_path / "graph")
    names = sorted(path.name for path in (tmp_path / "graph").iterdir())
    assert names == ["edges_user_author_post.parquet", "nodes_post.parquet", "nodes_user.parquet", "schema.json"]
    table = pq.read_table(tmp_path / "graph" / "edges_user_author_post.parquet")
    assert table.column_names == ["src", "dst", "time", "via"]


def test_saving_a_view_saves_the_whole_store_and_what_was_assumed(tmp_path: Path) -> None:
    graph = random_world(5).graph().assume_known("post", "label")
    save_graph(graph.window(10, 20), tmp_path / "graph")
    again = open_graph(tmp_path / "graph")
    assert snapshot(again) == snapshot(graph) and again.assumptions == graph.assumptions


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    graph = random_world(6).graph()
    save_graph(graph, tmp_path / "a")
    save_graph(open_graph(tmp_path / "a"), tmp_path / "b")
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_the_media_folder_is_found_again_after_both_moved(tmp_path: Path) -> None:
    graph = texts_graph()
    graph.media_root = str(tmp_path / "here" / "photos")
    save_graph(graph, tmp_path / "here" / "graph")
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert open_graph(tmp_path / "there" / "graph").media_root == str(tmp_path / "there" / "photos")
    assert str(tmp_path) not in (tmp_path / "there" / "graph" / "schema.json").read_text()


def test_the_empty_graph(tmp_path: Path) -> None:
    for i, graph in enumerate([SocialGraph.build(Schema({}, {}), {}, {}), random_world(0).erased(-1).graph()]):
        save_graph(graph, tmp_path / str(i))
        assert repr(open_graph(tmp_path / str(i))) == repr(graph)


def test_every_damaged_file_is_noticed(tmp_path: Path) -> None:
    save_graph(random_world(3).graph(), tmp_path / "graph")
    for file in sorted((tmp_path / "graph").iterdir()):
        whole = file.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        for damage in (bytes(flipped), whole[: len(whole) // 2], whole + b" x", b""):
            file.write_bytes(damage)
            with pytest.raises(DataIntegrityError, match=file.name):
                open_graph(tmp_path / "graph")
        file.unlink()
        with pytest.raises(DataIntegrityError, match=file.name):
            open_graph(tmp_path / "graph")
        file.write_bytes(whole)
    open_graph(tmp_path / "graph")


def test_cards_that_are_no_cards(tmp_path: Path) -> None:
    save_graph(random_world(3).graph(), tmp_path / "graph")
    card_path = tmp_path / "graph" / "schema.json"
    card = json.loads(card_path.read_text())
    for change, match in (
        ({"name": "another"}, "checksum"),
        ({"version": 99}, "another release"),
        ({"format": "recipe"}, "expected format"),
    ):
        card_path.write_text(json.dumps({**card, **change}))
        with pytest.raises(DataIntegrityError, match=match):
            open_graph(tmp_path / "graph")
    for text in ("[]", "null", '{"format": "graphsocial graph"}', "[" * 100_000):
        card_path.write_text(text)
        with pytest.raises(DataIntegrityError):
            open_graph(tmp_path / "graph")
    forged = {**card, "schema": {"time_unit": "ms"}}
    forged["checksum"] = saving.card_checksum(forged)
    card_path.write_text(json.dumps(forged))
    with pytest.raises(DataIntegrityError, match="does not describe a graph"):
        open_graph(tmp_path / "graph")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataIntegrityError, match="no such folder"):
        open_graph(tmp_path / "nowhere")
    with pytest.raises(DataIntegrityError, match=r"has no schema\.json"):
        open_graph(tmp_path)


def test_only_graphs_are_replaced(tmp_path: Path) -> None:
    graph = random_world(1).graph()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "draft.txt").write_text("years of work")
    (tmp_path / "file").write_text("a file")
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "schema.json").write_text("{}")
    (tmp_path / "mixed" / "draft.txt").write_text("years of work")
    for name in ("thesis", "file", "mixed"):
        with pytest.raises(DataIntegrityError, match="not a graph folder"):
            save_graph(graph, tmp_path / name)
    assert (tmp_path / "thesis" / "draft.txt").read_text() == "years of work"
    (tmp_path / "empty").mkdir()
    save_graph(graph, tmp_path / "empty")
    save_graph(random_world(2).graph(), tmp_path / "empty")
    assert snapshot(open_graph(tmp_path / "empty")) == snapshot(random_world(2).graph())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "file", "mixed", "thesis"], "nothing is left over"


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.parametrize("calls", [1, 3])
def test_an_interrupted_save_leaves_the_old_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, calls: int
) -> None:
    old = random_world(1).graph()
    save_graph(old, tmp_path / "graph")
    left = [calls]

    def failing(path: Path) -> str:
        left[0] -= 1
        if left[0] == 0:
            raise error
        return "checksum"

    monkeypatch.setattr(saving, "file_checksum", failing)
    with pytest.raises((KeyboardInterrupt, OSError)):
        save_graph(random_world(2).graph(), tmp_path / "graph")
    assert snapshot(open_graph(tmp_path / "graph")) == snapshot(old)
    assert [p.name for p in tmp_path.iterdir()] == ["graph"]


def test_a_failed_rename_puts_the_old_graph_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = random_world(1).graph()
    save_graph(old, tmp_path / "graph")
    replace = os.replace

    def failing(source: object, target: object) -> None:
        if ".new-" in str(source):
            raise OSError("the disk went away")
        replace(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="went away"):
        save_graph(random_world(2).graph(), tmp_path / "graph")
    assert snapshot(open_graph(tmp_path / "graph")) == snapshot(old)


KILLED = """
import importlib, os, signal, sys
saving = importlib.import_module("graphsocial.store.save_graph")
from tests.graph.worlds import random_world
step, count = int(sys.argv[2]), 0
def dying(function):
    def wrapped(*arguments, **named):
        global count
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    return wrapped
saving.os.fsync = dying(os.fsync)
saving.os.replace = dying(os.replace)
saving.shutil.rmtree = dying(saving.shutil.rmtree)
saving.save_graph(random_world(2).graph(), sys.argv[1])
"""


def test_kill_at_any_step_leaves_the_old_graph_or_the_new_one_whole(tmp_path: Path) -> None:
    old, new = random_world(1).graph(), random_world(2).graph()
    save_graph(old, tmp_path / "graph")
    found = []
    # 10 flushes, the old graph steps aside, the new one takes its place, a flush, two removals; 99: lives
    for step in (4, 11, 12, 13, 14, 99):
        run = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "graph"), str(step)])
        assert run.returncode == (0 if step == 99 else -signal.SIGKILL)
        said = snapshot(open_graph(tmp_path / "graph"))
        assert said in (snapshot(old), snapshot(new))
        found.append(said == snapshot(new))
        if found[-1]:
            save_graph(old, tmp_path / "graph")  # works over whatever the killed one left
    assert found == [False, False, False, True, True, True]
