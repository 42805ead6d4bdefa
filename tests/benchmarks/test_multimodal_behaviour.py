"""The benchmarks of behaviour and of the alignment, on small folders with planted habits."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

import benchmarks.multimodal_alignment as alignment_module
import benchmarks.multimodal_behaviour as behaviour_module
from benchmarks.__main__ import main
from benchmarks.behaviour_forecasts import Acts, everyones_shares, log_losses
from benchmarks.behaviour_halves import own_ranks
from benchmarks.post_graph import post_graph
from graphsocial.embed import hashing_embeddings
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.ingest import read_post_folder

HOUR, DAY = 3_600, 86_400
WORDS = ("flood rain water storm river bridge", "song music guitar album concert band", "goal match team score cup win")


def folder(path: Path, posts: list[dict[str, Any]], edges: list[tuple[str, str, str, int]] = ()) -> Path:
    path.mkdir(parents=True)
    with (path / "posts.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["post", "user", "time", "text", "images", "label", "group"], restval="")
        writer.writeheader()
        writer.writerows(posts)
    if edges:
        with (path / "edges.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("src", "dst", "relation", "time"), *edges])
    return path


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashed contents; the real encoders take longer to load than these tests to run."""
    for module in (behaviour_module, alignment_module):
        monkeypatch.setattr(module, "embed_posts", lambda graph, *_, **__: hashing_embeddings(graph, channels=64))


@pytest.fixture(scope="module")
def habits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty users, each with one usual topic and two usual hours, over sixty days."""
    rng = np.random.default_rng(0)
    posts = []
    for user in range(40):
        for day in range(60):
            topic = user % 3 if rng.random() < 0.8 else int(rng.integers(3))
            hour = int((user * 7) % 24 if rng.random() < 0.7 else rng.integers(24))
            text = " ".join(rng.choice(WORDS[topic].split(), 5, replace=False)) + f" u{user}"
            time = day * DAY + hour * HOUR + int(rng.integers(HOUR))
            posts.append({"post": f"p{len(posts)}", "user": f"u{user}", "time": time, "text": text})
    return folder(tmp_path_factory.mktemp("data") / "habits", posts)


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments], prog_name="benchmarks")
    return result


def lines_of(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    found = {(line["case"], line["metric"]): line for line in lines}
    assert len(found) == len(lines), "a metric is there twice"
    return found


@pytest.mark.usefixtures("hashed")
def test_planted_habits_are_found(habits: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = run("multimodal", "--task", "behaviour", "--data", habits, "--quick", "--out", out)
    assert done.exit_code == 0, done.output
    found = lines_of(out)
    for question in ("next_topic", "next_hour"):
        gain = found["profile", f"{question}/log_loss/difference"]
        assert gain["value"] < -0.3 and gain["interval"][1] < 0, question
        assert gain["config"]["best_floor"] in ("popularity", "last")
        assert ("popularity", f"{question}/log_loss/difference") not in found
    assert found["text", "same_user/hits@10"]["value"] > 0.8 > 3 * found["random", "same_user/hits@10"]["value"]
    assert found["tfidf", "same_user/mrr"]["value"] > 0.9
    assert {line["benchmark"] for line in found.values()} == {"multimodal_behaviour"}


@pytest.mark.usefixtures("hashed")
def test_questions_that_the_data_cannot_answer_are_left_out(tmp_path: Path) -> None:
    posts = [{"post": f"p{i}", "user": f"u{i % 3}", "text": f"some words {i}"} for i in range(9)]
    untimed = folder(tmp_path / "untimed", posts)
    done = run("multimodal", "--task", "behaviour", "--data", untimed, "--quick", "--out", tmp_path / "out.jsonl")
    assert done.exit_code == 0, done.output
    for what in ("next topic: left out", "next hour: left out", "odd and even posts: left out"):
        assert what in done.output
    nobody = folder(tmp_path / "nobody", [{"post": "p", "text": "words"}])
    done = run("multimodal", "--task", "behaviour", "--data", nobody, "--out", tmp_path / "out.jsonl")
    assert isinstance(done.exception, SchemaError) or "names no users" in done.output


def test_everyones_shares_know_only_what_came_before() -> None:
    acts = Acts(np.zeros(4, int), np.array([0, 10, 25, 39]), np.array([0, 1, 1, 1]), 2)
    at, shares = everyones_shares(acts, window=20, step=10)
    by_hand = {0: (1, 1), 10: (2, 1), 20: (2, 2), 30: (1, 3), 40: (1, 3)}
    assert at.tolist() == list(by_hand)
    np.testing.assert_allclose(shares, [np.array(c) / sum(c) for c in by_hand.values()])


def test_losses_by_hand_and_without_the_future() -> None:
    rng = np.random.default_rng(0)
    user = np.repeat(np.arange(30), 40)
    time = np.sort(rng.integers(0, 1000, (30, 40)), axis=1).ravel()
    acts = Acts(user, time, (user + rng.integers(0, 2, len(user))) % 3, 3)
    losses, who, chosen = log_losses(acts, 500, 700, window=300, step=10, min_earlier=2)
    at, shares = everyones_shares(acts, 300, 10)
    asked = [i for i in range(len(user)) if time[i] >= 700 and ((user == user[i]) & (time < time[i])).sum() >= 2]
    assert who.tolist() == user[asked].tolist()
    for place, i in enumerate(asked[:50]):
        own = np.bincount(acts.kind[(user == user[i]) & (time < time[i])], minlength=3)
        base = shares[np.searchsorted(at, time[i], side="right") - 1]
        chance = (own + chosen["strength"] * base) / (own.sum() + chosen["strength"])
        assert losses["profile"][place] == pytest.approx(-np.log2(chance[acts.kind[i]]))
        assert losses["popularity"][place] == pytest.approx(-np.log2(base[acts.kind[i]]))
    early = time < 900
    again, who_then, _ = log_losses(
        Acts(user[early], time[early], acts.kind[early], 3), 500, 700, window=300, step=10, min_earlier=2
    )
    for case, loss in losses.items():
        np.testing.assert_array_equal(loss[time[asked] < 900], again[case])
    assert len(who_then) < len(who)


def test_ranks_of_ones_own_half() -> None:
    assert own_ranks(np.array([[0.9, 0.1, 0.5], [0.7, 0.7, 0.0], [1.0, 1.0, 0.2]])).tolist() == [1, 1.5, 3]


def test_a_folder_as_a_graph(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    path = folder(
        tmp_path / "f",
        [{"post": "p", "user": "ann", "time": 5, "text": "x"}, {"post": "q", "text": "y"}],
        [("bob", "p", "repost", 9), ("bob", "ann", "mention", ""), ("q", "p", "quote", 7), ("bob", "ann", "edge", 1)],
    )
    graph = post_graph(read_post_folder(path))
    assert isinstance(graph, SocialGraph) and graph.media_root is None
    assert {" ".join(e): graph.num_edges(e) for e in graph.edge_types if graph.num_edges(e)} == {
        "user author post": 1,
        "user repost post": 1,
        "user mention user": 1,
        "post quote post": 1,
    }
    assert any("1 edges 'edge' are left out" in line for line in graph.assumptions)


@pytest.mark.usefixtures("hashed")
def test_alignment_beats_chance_on_pictures_that_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures whose hash is that of a word: pairs differ by which words they share, so something is to be learned."""
    rng = np.random.default_rng(0)
    posts = []
    (tmp_path / "t" / "i").mkdir(parents=True)
    for i in range(120):
        name = f"i/{i}.png"
        Image.fromarray(rng.integers(0, 255, (4, 4, 3), dtype=np.uint8)).save(tmp_path / "t" / name)
        posts.append({"post": f"p{i}", "text": " ".join(f"w{w}" for w in rng.integers(0, 30, 6)), "images": name})
    folder(tmp_path / "t" / "f", posts)
    (tmp_path / "t" / "f" / "i").symlink_to(tmp_path / "t" / "i")
    (tmp_path / "t" / "f" / "i").unlink()
    (tmp_path / "t" / "i").rename(tmp_path / "t" / "f" / "i")

    def told(graph: SocialGraph, *_: Any, **__: Any) -> Any:
        table = hashing_embeddings(graph, channels=64)
        picture, text = table.tokens["image"].tokens, table.tokens["text"].tokens
        for post in graph.node_ids("post"):
            row, other = table.rows("post", "image", [post])[0, 0], table.rows("post", "text", [post])[0, 0]
            picture[row, 0] = text[other, 0][::-1]
        return table

    monkeypatch.setattr(alignment_module, "embed_posts", told)
    out = tmp_path / "out.jsonl"
    done = run("multimodal_alignment", "--data", tmp_path / "t" / "f", "--quick", "--out", out)
    assert done.exit_code == 0, done.output
    found = lines_of(out)
    for way in ("text_to_image", "image_to_text"):
        for k in (1, 5, 10):
            assert {case for case, metric in found if metric == f"{way}/recall@{k}"} == {
                "random", "ridge", "cca", "alignment"
            }  # fmt: skip
        assert found["alignment", f"{way}/recall@5"]["value"] > 2 * found["random", f"{way}/recall@5"]["value"]
        assert found["random", f"{way}/recall@5"]["value"] == pytest.approx(5 / 24, abs=0.01)
        assert ("alignment", f"{way}/recall@10/difference") in found
    few = folder(tmp_path / "few", [{"post": "p", "text": "x"}])
    done = run("multimodal_alignment", "--data", few, "--out", out)
    assert isinstance(done.exception, SchemaError) or "has not both" in done.output
