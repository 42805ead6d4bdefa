"""The benchmark of explanations on a generated folder: what is planted in the words is found, and lines are whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmarks import explanation_contents, explanations_graph, explanations_posts, post_label_data
from benchmarks.explanation_folds import by_events, cuts, examples, protocol
from benchmarks.explanations import explanations
from benchmarks.post_label_data import labelled_posts, one_side
from graphsocial.embed import hashing_embeddings
from graphsocial.errors import SchemaError
from graphsocial.ingest import read_post_folder
from graphsocial.learn import Task
from tests.benchmarks.test_multimodal_sentiment import generated
from tests.leakage.erasable_world import MENTION
from tests.leakage.outputs import SPLIT
from tests.learn.small_training import WordHashes, late_graph, world_graph, world_tokens


def lines_of(out: Path) -> dict[tuple[str, str], dict]:
    return {(line["case"], line["metric"]): line for line in map(json.loads, out.read_text().splitlines())}


@pytest.mark.slow
def test_words_regions_and_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(post_label_data, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(explanations_posts, "QUICK_EXAMPLES", 3)
    generated(tmp_path / "planted", 45)
    out, page = tmp_path / "lines.jsonl", tmp_path / "page.html"
    given = ["--data", str(tmp_path / "planted"), "--quick", "--out", str(out), "--page", str(page)]
    done = CliRunner().invoke(explanations, given, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found = lines_of(out)
    for kind in ("word", "region"):
        for method in ("integrated_gradients", "gradient_input", "deletion", "attention", "random"):
            line = found[method, f"faithfulness/part=sentiment_{kind}"]
            assert line["config"]["examples"] == 3 and line["interval"][0] <= line["value"] <= line["interval"][1]
        assert ("deletion", f"faithfulness/part=sentiment_{kind}/over_random") in found
        assert ("deletion", f"faithfulness/part=sentiment_{kind}/over_attention") in found
    assert found["deletion", "stability/part=sentiment_region"]["config"]["models"] == 2
    # the picture says what is true, the word only mostly
    retrained = {m: found[m, "shapley/part=sentiment_retrained"] for m in ("text", "image")}
    assert retrained["image"]["value"] > retrained["text"]["value"]
    reached = retrained["image"]["config"]["coalitions"]
    assert sum(line["value"] for line in retrained.values()) == pytest.approx(reached["image+text"] - reached["none"])
    shown = page.read_text()
    assert shown.count("<article") == 3 and "data:image/jpeg" in shown and "<mark" in shown


def folder_of_events(folder: Path) -> Path:
    """Four events; most posts of the first show one picture, in all of them the same words lie."""
    folder.mkdir()
    for name, colour in (("one", (200, 40, 40)), ("two", (40, 40, 200))):
        Image.new("RGB", (32, 32), colour).save(folder / f"{name}.png")
    rows = ["post,text,images,label,group"]
    for at in range(120):
        event, fake = at % 4, at % 3 > 0
        says = "shocking leak" if fake else "officials confirm"
        picture = "" if event else "two.png" if at == 8 else "one.png"
        rows.append(f"{at},{says} place{event} {at % 7},{picture},{'fake' if fake else 'real'},e{event}")
    rows.append("120,of no event,,real,")
    (folder / "posts.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_examples_take_turns_between_events_and_their_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(post_label_data, "embed_posts", lambda graph, **given: hashing_embeddings(graph))
    data = read_post_folder(folder_of_events(tmp_path / "events"))
    posts = labelled_posts(data)
    side, event = one_side(posts), posts.folder.group.astype(str)
    assert by_events(data, "veracity") and protocol(data, "veracity") == "leave_groups_out, 5 folds"
    assert not by_events(data, "sentiment") and protocol(data, "sentiment") == "grouped_5_fold, the first"
    parts = cuts(posts, side, "veracity", False)
    tested = np.concatenate([test for _, test in parts])
    assert sorted(tested.tolist()) == list(range(120))  # each once, none without an event
    for train, test in parts:
        assert not set(event[train]) & set(event[test])
        assert all(np.sum(posts.picture[train] == name) <= 20 for name in set(posts.picture[train]))
        assert 120 not in train
    assert len(cuts(posts, side, "veracity", True)) == 2 and len(cuts(posts, side, "sentiment", False)) == 1
    rows = examples(posts, tested, 9, side)
    assert sorted(np.unique(event[rows], return_counts=True)[1].tolist()) == [2, 2, 2, 3]
    shown = posts.picture[rows[event[rows] == "e0"]]
    assert len(set(shown[:2])) == 2  # the rare picture as early as the common one
    free = examples(posts, tested, 9, None)
    assert (event[free] == "e0").all()  # posts with text and picture, whatever their event


@pytest.mark.slow
def test_reasons_over_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(post_label_data, "CACHE", tmp_path / "cache")
    out = tmp_path / "lines.jsonl"
    given = ["--data", str(folder_of_events(tmp_path / "events")), "--task", "veracity", "--quick", "--out", str(out)]
    done = CliRunner().invoke(explanations, given, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    line = lines_of(out)["deletion", "faithfulness/part=veracity_word"]
    assert line["protocol"] == "leave_groups_out, 5 folds" and line["config"]["explained_groups"] == 2
    assert line["interval"] is not None and line["value"] > 0


def test_unknown_tasks_and_folders(tmp_path: Path):
    with pytest.raises(SchemaError, match="Did you mean 'veracity'"):
        CliRunner().invoke(explanations, ["--data", ".", "--task", "verasity"], catch_exceptions=False)
    with pytest.raises(SchemaError, match=r"no tasks\.toml"):
        given = ["--data", str(tmp_path), "--task", "graph", "--out", str(tmp_path / "x.jsonl")]
        CliRunner().invoke(explanations, given, catch_exceptions=False)


@pytest.mark.slow
def test_heads_of_a_small_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tasks = [Task.post_label("mood"), Task.link(MENTION, negatives=3)]
    for name, value in (
        ("read_task_file", (tasks, SPLIT)),
        ("load", world_graph()),
        ("embed_posts", world_tokens()),
    ):
        monkeypatch.setattr(explanations_graph, name, lambda *given, value=value, **more: value)
    monkeypatch.setattr(explanation_contents, "text_embedder", lambda name, tokens: WordHashes(tokens))
    (tmp_path / "tasks.toml").write_text("")
    (tmp_path / "pictures").mkdir()
    monkeypatch.setattr(explanation_contents, "media_folder", lambda graph, root: tmp_path / "pictures")
    out, page = tmp_path / "lines.jsonl", tmp_path / "page.html"
    given = ["--data", str(tmp_path), "--task", "graph", "--quick", "--out", str(out), "--page", str(page)]
    done = CliRunner().invoke(explanations, given, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found = lines_of(out)
    for task in ("mood", "link"):
        for kind in ("neighbour", "edge", "word"):
            assert found["deletion", f"faithfulness/part={task}_{kind}"]["config"]["examples"] >= 1
        worth = [found[name, f"shapley/part={task}_masked"] for name in ("text", "image", "graph", "behaviour")]
        reached = worth[0]["config"]["coalitions"]
        whole = reached["behaviour+graph+image+text"] - reached["none"]
        assert len(reached) == 16 and sum(line["value"] for line in worth) == pytest.approx(whole)
    shown = page.read_text()
    assert shown.count("<article") == 4 and "Read with it: " in shown and "<mark" in shown


def test_texts_are_read_once_and_pictures_found():
    embedder = WordHashes()
    kept = explanation_contents.KeptTexts(embedder)
    one, two = kept.embed(["a b", "c", "a b"]), kept.embed(["c", "d"])
    assert embedder.seen == ["a b", "c", "d"]
    assert (one.tokens[0] == one.tokens[2]).all() and (one.tokens[1] == two.tokens[0]).all()
    assert (one.tokens == WordHashes().embed(["a b", "c", "a b"]).tokens).all()


def test_the_picture_of_a_post_is_the_first_it_showed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(explanation_contents, "media_folder", lambda graph, root: tmp_path)
    monkeypatch.setattr(explanation_contents, "text_embedder", lambda name, tokens: WordHashes(tokens))
    graph = late_graph()
    contents = explanation_contents.NodeContents(graph, hashing_embeddings(graph))
    assert contents.picture(("post", "p1"), 200) == tmp_path / "one.jpg"
    assert contents.picture(("post", "p1"), 10) is None and contents.picture(("post", "p2"), 200) is None
    assert contents.text(("post", "p3")) == "other words" and contents.text(("user", "u1")) is None
    assert contents.picture(("user", "u1"), 200) is None


@pytest.mark.slow
def test_heads_of_a_graph(tmp_path: Path, repo_root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(repo_root)
    out = tmp_path / "lines.jsonl"
    given = ["--data", "data/mediaeval", "--task", "graph", "--quick", "--out", str(out)]
    assert CliRunner().invoke(explanations, given, catch_exceptions=False).exit_code == 0
    found = lines_of(out)
    for head in ("veracity", "popularity", "link", "relation", "trend"):
        for kind in ("neighbour", "edge", "word", "region"):
            for method in ("integrated_gradients", "gradient_input", "deletion", "attention", "random"):
                assert (method, f"faithfulness/part={head}_{kind}") in found
        worth = [found[name, f"shapley/part={head}_masked"] for name in ("text", "image", "graph", "behaviour")]
        reached = worth[0]["config"]["coalitions"]
        whole = reached["behaviour+graph+image+text"] - reached["none"]
        assert sum(line["value"] for line in worth) == pytest.approx(whole, abs=1e-9)
