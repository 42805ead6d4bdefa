"""The next-user benchmark on a small folder: its lines, its table and its errors; and tables of the README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmarks import next_user_models
from benchmarks.__main__ import main
from graphsocial.learn.next_user.counting import Counting
from graphsocial.learn.next_user.floors import FLOORS
from graphsocial.learn.next_user.split import PROTOCOLS

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
    assert next_user_models.LEARNED == ("graphsocial", "ms_hgat")


# ---- tables


README = "# x\n\n<!-- table: next_user columns=hits@10,hits@10/difference -->\nold\n<!-- /table -->\n\nend\n"


@pytest.fixture
def readme(corpus: Path, tmp_path: Path) -> Path:
    out = tmp_path / "results" / "next_user_toy_strict.jsonl"
    assert run("next_user", "--data", corpus, "--model", "none", "--out", out).exit_code == 0
    (tmp_path / "README.md").write_text(README)
    return tmp_path / "README.md"


def table(readme: Path, *more: str) -> Result:
    return run("table", "--readme", readme, "--results", readme.parent / "results", *more)


def test_a_table_is_written_once(readme: Path) -> None:
    stale = table(readme, "--check")
    assert stale.exit_code == 1 and "stale" in stale.output and readme.read_text() == README
    assert table(readme).exit_code == 0
    text = readme.read_text()
    assert text.startswith("# x\n\n<!-- table: next_user") and text.endswith("<!-- /table -->\n\nend\n")
    assert "old" not in text and text.count("| toy | strict |") == len(FLOORS)
    assert table(readme, "--check").exit_code == 0
    assert table(readme).exit_code == 0 and readme.read_text() == text


def test_quick_runs_and_other_benchmarks_stay_out(readme: Path) -> None:
    results = readme.parent / "results"
    (line, *_) = lines_of(results / "next_user_toy_strict.jsonl")
    for name, change in (("quick", {"config": {"quick": True}}), ("other", {"benchmark": "next_user_speed"})):
        (results / f"next_user_{name}.jsonl").write_text(json.dumps({**line, "data": "hidden", **change}) + "\n")
    assert table(readme).exit_code == 0 and "hidden" not in readme.read_text()


def test_differences_of_learned_models_are_corrected(readme: Path) -> None:
    results = readme.parent / "results"
    lines = lines_of(results / "next_user_toy_strict.jsonl")
    line = next(line for line in lines if line["metric"] == "hits@10/difference")
    mine = [{**line, "case": "graphsocial", "data": data, "p": p} for data, p in (("a", 0.01), ("b", 0.04))]
    (results / "next_user_z.jsonl").write_text("".join(json.dumps(m) + "\n" for m in mine))
    assert table(readme).exit_code == 0
    text = readme.read_text()
    assert "p = 0.02 |" in text and "p = 0.04 |" in text and "over its 2 cells" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- table: next_user colums=mrr -->\n<!-- /table -->\n", "Did you mean 'columns'?"),
        ("<!-- table: next_user -->\nno end\n", "table marker"),
    ],
)
def test_broken_markers(readme: Path, text: str, message: str) -> None:
    readme.write_text(text)
    done = table(readme)
    assert done.exit_code == 1 and message in done.output


def test_a_benchmark_without_results_says_how_to_get_them(readme: Path) -> None:
    readme.write_text("<!-- table: unheard_of -->\n<!-- /table -->\n")
    assert table(readme).exit_code == 0
    assert "python -m benchmarks unheard_of" in readme.read_text()


def test_a_broken_result_line_is_named(readme: Path) -> None:
    (readme.parent / "results" / "next_user_bad.jsonl").write_text("{}\n")
    done = table(readme)
    assert done.exit_code == 1 and "next_user_bad.jsonl line 1" in done.output
