"""The recommendation benchmark on a folder of posts: its lines, what it finds, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks import multimodal_recommendation
from benchmarks.__main__ import main
from graphsocial.embed import hashing_embeddings
from tests.learn.recommendation.worlds import camp_rows

FLOORS = {"popularity", "item_knn", "most_recent", "last_active", "fading_popularity"}
LEARNED = {"text", "graph", "late_fusion", "cross_modal", "not_personal", "cross_modal/shuffled_text"}
LEARNED |= {"text/encoder", "cross_modal/encoder"}


def write(folder: Path, with_text: bool = True, relation: str = "repost", events: int | None = None) -> Path:
    """The world of two camps as a folder of posts."""
    rows, text = camp_rows()
    folder.mkdir()
    posts = [f"{p},{a},{s},{t if with_text else ''}" for p, a, s, t in zip(*rows[:3], text, strict=True)]
    (folder / "posts.csv").write_text("\n".join(["post,user,time,text", *posts]))
    edges = [f"{u},{p},{relation},{t}" for u, p, t in zip(*rows[3:], strict=True)]
    (folder / "edges.csv").write_text("\n".join(["src,dst,relation,time", *edges[:events]]))
    return folder


def run(folder: Path, out: Path, *more: str) -> Result:
    arguments: Sequence[str] = ("multimodal", "--task", "recommendation", "--data", str(folder), "--out", str(out))
    return CliRunner().invoke(main, [*arguments, *more], prog_name="benchmarks")


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("recommendation")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multimodal_recommendation, "embed_posts", lambda graph, *given, **more: hashing_embeddings(graph))
        done = run(write(folder / "camps"), folder / "out.jsonl", "--seeds", "2")
    assert done.exit_code == 0, done.output
    return lines_of(folder / "out.jsonl")


def only(lines: list[dict[str, Any]], case: str, metric: str) -> dict[str, Any]:
    found = [line for line in lines if (line["case"], line["metric"]) == (case, metric)]
    assert len(found) == 1, (case, metric, len(found))
    return found[0]


def test_every_case_has_every_metric_once(lines: list[dict[str, Any]]) -> None:
    keys = [(line["case"], line["metric"]) for line in lines]
    assert len(keys) == len(set(keys)), "a case has a metric twice"
    assert {line["case"] for line in lines} == {"candidates"} | FLOORS | LEARNED
    for case in FLOORS | LEARNED:
        for metric in ("hr@10", "ndcg@10", "hr@1", "mrr", "novelty@10", "hr@10/reposts=16+", "ndcg@10/cold"):
            line = only(lines, case, metric)
            low, high = line["interval"]
            assert low <= line["value"] <= high and line["n"] > 0
        assert 0 < only(lines, case, "coverage@10")["value"] <= 1
    assert {line["protocol"] for line in lines} == {"prequential"}
    assert only(lines, "candidates", "targets")["value"] == only(lines, "graph", "hr@10")["n"]


def test_what_a_training_gives_stands_beside_the_mean_of_the_seeds(lines: list[dict[str, Any]]) -> None:
    seeds = [only(lines, "cross_modal", f"ndcg@10/seed={seed}")["value"] for seed in range(2)]
    assert only(lines, "cross_modal", "ndcg@10")["value"] == pytest.approx(sum(seeds) / 2)


def test_the_camps_are_found_above_the_best_floor(lines: list[dict[str, Any]]) -> None:
    gap = only(lines, "cross_modal", "ndcg@10/difference")
    floors = {case: only(lines, case, "ndcg@10")["value"] for case in FLOORS}
    assert gap["peer"] == max(floors, key=lambda case: floors[case])
    assert gap["value"] == pytest.approx(only(lines, "cross_modal", "ndcg@10")["value"] - max(floors.values()))
    assert gap["interval"][0] > 0


def test_users_are_worth_something_that_posts_alone_are_not(lines: list[dict[str, Any]]) -> None:
    assert only(lines, "cross_modal", "ndcg@10/difference/not_personal")["interval"][0] > 0


def test_words_are_read_by_an_encoder_too(lines: list[dict[str, Any]]) -> None:
    read = only(lines, "cross_modal/encoder", "ndcg@10")["config"]["text_encoder"]
    assert read["encoder"] == "builtin:minilm, 64 axes" and read["characters"].startswith("TF-IDF")
    gap = only(lines, "cross_modal/encoder", "ndcg@10/difference/graph")
    assert gap["interval"][0] <= gap["value"] <= gap["interval"][1] and gap["peer"] == "graph"
    alone = only(lines, "text/encoder", "ndcg@10")
    assert alone["config"]["rule"] is None  # words alone start at no rule
    assert alone["value"] != only(lines, "text", "ndcg@10")["value"]


def test_texts_that_an_encoder_cannot_tell_apart_are_left_to_the_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        multimodal_recommendation, "embed_posts", lambda graph, *given, **more: hashing_embeddings(graph)
    )
    folder = write(tmp_path / "links")
    rows = (folder / "posts.csv").read_text().splitlines()
    links = [f"{row.rpartition(',')[0]},https://t.co/x{at}" for at, row in enumerate(rows[1:])]
    (folder / "posts.csv").write_text("\n".join([rows[0], *links]))
    done = run(folder, tmp_path / "out.jsonl", "--quick")
    assert done.exit_code == 0, done.output
    assert "cross_modal/encoder: skipped, builtin:minilm reads the same in every training post" in done.output
    assert {line["case"] for line in lines_of(tmp_path / "out.jsonl")} >= {"text", "cross_modal", "graph"}


def test_without_words_the_graph_is_all_there_is(tmp_path: Path) -> None:
    done = run(write(tmp_path / "mute", with_text=False, relation="like"), tmp_path / "out.jsonl", "--quick")
    assert done.exit_code == 0, done.output
    assert "text, late_fusion, cross_modal: skipped" in done.output
    lines = lines_of(tmp_path / "out.jsonl")
    assert {line["case"] for line in lines} == {"candidates", "graph", "not_personal"} | FLOORS
    assert all(line["config"]["quick"] for line in lines)


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    few = run(write(tmp_path / "few", events=9), tmp_path / "out.jsonl")
    assert few.exit_code != 0 and "recommendation needs at least 3 events" in few.output
    folder = write(tmp_path / "alone")
    (folder / "edges.csv").unlink()
    alone = run(folder, tmp_path / "out.jsonl")
    assert alone.exit_code != 0 and "alone has no edges" in alone.output
