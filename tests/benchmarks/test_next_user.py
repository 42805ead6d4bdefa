"""The next-user benchmark on a small folder: its lines, its table and its errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmarks import next_user_models
from benchmarks.__main__ import main
from benchmarks.cascade_links import cascade_links
from graphsocial.ingest import read_cascade_folder
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.counting import Counting
from graphsocial.learn.next_user.floors import FLOORS, next_user_floors
from graphsocial.learn.next_user.split import PROTOCOLS, next_user_split

METRICS = {"hits@10", "hits@50", "hits@100", "map@10", "map@100", "mrr"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("data") / "toy"
    folder.mkdir()
    rows = ["cascade\tsplit\tevents(user:time ...)"]
    for i in range(80):
        members = rng.choice(40, int(rng.integers(2, 9)), replace=False)
        rows.append(f"c{i}\tnone\t" + " ".join(f"u{m}:{100 * i + 30 * j}" for j, m in enumerate(members)))
    rows.append("broken\tnone\tu1:yesterday u2:1 u3:2")
    (folder / "cascades.tsv").write_text("\n".join(rows) + "\n")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], prog_name="benchmarks")


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_lines_of_the_floors(corpus: Path, tmp_path: Path, protocol: str) -> None:
    out = tmp_path / "out.jsonl"
    done = run("next_user", "--data", corpus, "--protocol", protocol, "--model", "none", "--out", out)
    assert done.exit_code == 0, done.output
    assert "1 with a time that is no number" in done.output and "best floor" in done.output
    lines = lines_of(out)
    assert {line["case"] for line in lines} == set(FLOORS)
    assert {line["metric"] for line in lines if "/" not in line["metric"]} == METRICS
    keys = [(line["case"], line["metric"]) for line in lines]
    assert len(keys) == len(set(keys)), "a case has a metric twice"
    for line in lines:
        assert (line["benchmark"], line["data"], line["protocol"]) == ("next_user", "toy", protocol)
        assert len(line["data_sha256"]) == 64 and line["seed"] is None
        if line["metric"] in METRICS:
            assert line["interval"][0] <= line["value"] <= line["interval"][1]
            assert line["seconds"] >= 0 and line["peak_mb"] > 0 and line["n"] > 0
        if "/difference" in line["metric"]:
            assert line["peer"] in FLOORS and line["value"] <= 0 and 0 < line["p"] <= 1
    suffixes = {line["metric"].partition("/")[2].partition("=")[0] for line in lines}
    assert {"difference", "no_near_duplicates", "no_near_duplicates/difference", "position", "activity"} <= suffixes


def test_origins_are_pooled(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run("next_user", "--data", corpus, "--model", "counting", "--origins", 4, "--out", out).exit_code == 0
    lines = {(line["case"], line["metric"]): line for line in lines_of(out)}
    parts = [lines["counting", f"hits@10/origin=0.{i}"] for i in (5, 6, 7, 8)]
    pooled = lines["counting", "hits@10/pooled"]
    assert pooled["n"] == sum(part["n"] for part in parts)
    assert pooled["value"] == pytest.approx(sum(part["n"] * part["value"] for part in parts) / pooled["n"])
    assert lines["counting", "hits@10"]["value"] == parts[-1]["value"]


class Learned(Counting):
    """A stand-in for a learned model."""

    config = {"device": "none"}  # noqa: RUF012


def test_a_learned_model_stands_beside_the_floors(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def learned(name: str, folder: object, split: object, seed: int, quick: bool) -> Learned:
        asked.append((name, seed, quick))
        return Learned(name=name)

    monkeypatch.setattr("benchmarks.next_user.learned_ranker", learned)
    out = tmp_path / "out.jsonl"
    done = run("next_user", "--data", corpus, "--seeds", 2, "--out", out)
    assert done.exit_code == 0, done.output
    assert asked == [("graphsocial", 0, False), ("graphsocial", 1, False)]
    lines = {(line["case"], line["metric"]): line for line in lines_of(out)}
    mine = lines["graphsocial", "hits@10"]
    assert mine["value"] == lines["counting", "hits@10"]["value"]
    assert mine["config"]["seeds"] == 2 and mine["config"]["device"] == "none" and mine["seed"] is None
    assert {lines["graphsocial", f"hits@10/seed={seed}"]["seed"] for seed in (0, 1)} == {0, 1}
    assert lines["graphsocial", "hits@10/difference"]["peer"] in FLOORS
    quick = run("next_user", "--data", corpus, "--quick", "--seeds", 5, "--origins", 4, "--out", out)
    assert quick.exit_code == 0 and asked[2:] == [("graphsocial", 0, True)]
    assert {line["seed"] for line in lines_of(out) if line["case"] == "graphsocial"} == {0}


def test_a_quick_run_ranks_the_first_test_cascades_and_compares_on_them(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.next_user.learned_ranker", lambda *_: Learned(name="graphsocial"))
    monkeypatch.setattr("benchmarks.next_user.QUICK_TARGETS", 15)
    out = tmp_path / "out.jsonl"
    assert run("next_user", "--data", corpus, "--quick", "--out", out).exit_code == 0
    lines = {(line["case"], line["metric"]): line for line in lines_of(out)}
    split = next_user_split(CascadeTable.of(read_cascade_folder(corpus).cascades), "strict")
    targets = split.targets("test").cascade
    first = [int((targets < split.valid_end + n).sum()) for n in range(9)]
    few = max(n for n in first if n <= 15)
    assert 0 < few < len(targets)
    assert lines["counting", "hits@10"]["n"] == len(targets) and lines["graphsocial", "hits@10"]["n"] == few
    counting = Counting().ranks(split, "test")[:few]
    assert lines["graphsocial", "mrr"]["value"] == pytest.approx((1 / counting).mean())  # it ranks as counting does
    best = max((1 / floor.ranks(split, "test")[:few]).mean() for floor in next_user_floors(split))
    difference = lines.get(("graphsocial", "mrr/difference"))  # none where counting is the best floor itself
    assert (0 if difference is None else difference["value"]) == pytest.approx((1 / counting).mean() - best)


def test_finished_trainings_are_kept(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def learned(name: str, folder: object, split: object, seed: int, quick: bool) -> Learned:
        asked.append(seed)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return Learned(name=name)

    monkeypatch.setattr("benchmarks.next_user.learned_ranker", learned)
    out, keep = tmp_path / "out.jsonl", tmp_path / "kept"
    command = ("next_user", "--data", corpus, "--seeds", 2, "--out", out, "--keep", keep)
    assert run(*command).exit_code == 130
    assert {line["case"] for line in lines_of(out)} == set(FLOORS), "what was measured before the interruption stays"
    assert run(*command).exit_code == 0 and asked == [0, 1, 1]
    first = [{**line, "seconds": 0} for line in lines_of(out) if line["case"] == "graphsocial"]
    assert run(*command).exit_code == 0 and asked == [0, 1, 1]
    again = [{**line, "seconds": 0} for line in lines_of(out) if line["case"] == "graphsocial"]
    assert again == first
    text = (corpus / "cascades.tsv").read_text()
    other = tmp_path / "toy"
    other.mkdir()
    (other / "cascades.tsv").write_text(text.replace("c7\t", "c700\t"))
    done = run("next_user", "--data", other, "--seeds", 2, "--out", out, "--keep", keep)
    assert done.exit_code == 1 and "made from other data" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--protocol", "stric"], "unknown protocol 'stric'"),
        (["--protocol", "stric"], "Did you mean 'strict'?"),
        (["--model", "graphsocal"], "Did you mean 'graphsocial'?"),
    ],
)
def test_names_with_a_slip(corpus: Path, arguments: list[str], message: str) -> None:
    done = run("next_user", "--data", corpus, *arguments)
    assert done.exit_code == 1 and message in done.output and "Traceback" not in done.output


def test_a_missing_corpus_is_skipped(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out.jsonl"
    monkeypatch.setenv("GRAPHSOCIAL_DATA", str(corpus.parent))
    done = run("next_user", "--data", "toi", "--out", out)
    assert done.exit_code == 0 and "toi: skipped" in done.output and "Did you mean 'toy'?" in done.output
    monkeypatch.delenv("GRAPHSOCIAL_DATA")
    done = run("next_user", "--data", "toy", "--out", out)
    assert done.exit_code == 0 and "GRAPHSOCIAL_DATA is not set" in done.output
    assert not out.exists()


def test_a_corpus_is_found_by_name(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHSOCIAL_DATA", str(corpus.parent))
    out = tmp_path / "out.jsonl"
    assert run("next_user", "--data", "toy", "--model", "none", "--quick", "--out", out).exit_code == 0
    assert lines_of(out)


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = run("next_user", "--data", tmp_path / "nowhere", "--out", out)
    assert done.exit_code == 1 and "no folder" in done.output
    done = run("next_user", "--data", tmp_path, "--out", out)
    assert done.exit_code == 1 and "no cascades.tsv" in done.output
    (tmp_path / "cascades.tsv").write_text("\n".join(f"c{i}\t\ta:{i}" for i in range(20)))
    done = run("next_user", "--data", tmp_path, "--out", out)
    assert done.exit_code == 1 and "nothing to rank" in done.output
    (tmp_path / "cascades.tsv").write_text("\n".join(f"c{i}\t\ta:{i} b:{i}" for i in range(4)))
    done = run("next_user", "--data", tmp_path, "--out", out)
    assert done.exit_code == 1 and "leave the valid part empty" in done.output
    assert not out.exists()


def test_models_are_named_where_they_are_made() -> None:
    assert next_user_models.LEARNED == ("graphsocial", "ms_hgat", "graphsocial_edges")


# ---- with the links of a folder


@pytest.fixture
def linked(corpus: Path, tmp_path: Path) -> Path:
    """The corpus with three edges among its users and one that leads elsewhere."""
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "cascades.tsv").write_text((corpus / "cascades.tsv").read_text())
    (folder / "edges.tsv").write_text("src\tdst\nu1\tu2\nu2\tu3\nu5\tu1\nu1\tnobody\n")
    return folder


def test_the_model_with_links_is_another_case(
    corpus: Path, linked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("next_user", "--data", linked, "--model", "graphsocial_edges", "--quick", "--keep", "kept")
    assert done.exit_code == 0, done.output
    assert "graphsocial_edges seed 0" in done.output
    lines = lines_of(tmp_path / "benchmarks/results/next_user_toy_strict_graphsocial_edges_quick.jsonl")
    assert {line["case"] for line in lines} == {"graphsocial_edges", *FLOORS}
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["toy_strict_graphsocial_edges_0.8_seed0_quick.npz"]
    mine = next(line for line in lines if line["case"] == "graphsocial_edges")
    assert mine["config"]["links"] is True
    listed = " | ".join(mine["config"]["assumptions"])
    assert "links between users have no times" in listed and "in both directions" in listed
    assert "1 of 4 links are left out" in listed
    assert run("next_user", "--data", linked, "--quick", "--keep", "kept").exit_code == 0
    lines = lines_of(tmp_path / "benchmarks/results/next_user_toy_strict_quick.jsonl")
    mine = next(line for line in lines if line["case"] == "graphsocial")
    assert mine["config"]["links"] is False and mine["config"]["assumptions"] == []


def test_links_come_with_the_codes_of_the_table(linked: Path) -> None:
    folder = read_cascade_folder(linked)
    table = CascadeTable.of(folder.cascades)
    links = cascade_links(folder, table)
    assert links.pairs is not None and links.pairs.dtype == np.int64
    assert table.users[links.pairs].tolist() == [["u1", "u2"], ["u2", "u3"], ["u5", "u1"]]


@pytest.mark.parametrize(
    ("edges", "message"),
    [(None, "toy has no edges.tsv"), ("a\tb\nu1\tb\n", "2 edges, none between"), ("src\tdst\n", "0 edges")],
)
def test_a_folder_without_links(linked: Path, tmp_path: Path, edges: str | None, message: str) -> None:
    if edges is None:
        (linked / "edges.tsv").unlink()
    else:
        (linked / "edges.tsv").write_text(edges)
    out = tmp_path / "out.jsonl"
    done = run("next_user", "--data", linked, "--model", "graphsocial_edges", "--out", out)
    assert done.exit_code == 1 and message in done.output and "expected an edges.tsv" in done.output
    assert "Traceback" not in done.output and not out.exists()
