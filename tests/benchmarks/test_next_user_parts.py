"""The benchmark of the next-user model's parts, and that of its cost, on a small folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmarks.__main__ import main
from benchmarks.cascade_content import CascadeContent
from benchmarks.next_user_cost import HISTORIES
from benchmarks.next_user_parts import FULL, OF_CONTENT, PARTS, shuffled, trained_without
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.learn.next_user.rank_metrics import METRICS
from graphsocial.learn.next_user.tiny_world import tiny_split
from graphsocial.learn.next_user.training import NextUserTraining

VECTORS = {"text": np.random.default_rng(1).standard_normal((60, 5)).astype(np.float32)}
CONTENT = CascadeContent(VECTORS, ("texts are made up",))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("data") / "toy"
    folder.mkdir()
    rows = ["cascade\tsplit\tevents(user:time ...)"]
    for i in range(60):
        members = rng.choice(30, int(rng.integers(3, 8)), replace=False)
        rows.append(f"c{i}\tnone\t" + " ".join(f"u{m}:{100 * i + 30 * j}" for j, m in enumerate(members)))
    (folder / "cascades.tsv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def with_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors as if the folder had texts; the real encoder takes longer to load than these tests to run."""
    for module in ("next_user_models", "next_user_parts", "next_user_cost"):
        monkeypatch.setattr(f"benchmarks.{module}.cascade_content", lambda folder, table: CONTENT)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], prog_name="benchmarks")


def lines_of(path: Path) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    by_metric = {line["metric"]: line for line in lines}
    assert len(by_metric) == len(lines), "a metric is there twice"
    assert {line["case"] for line in lines} == {FULL}
    return by_metric


@pytest.mark.usefixtures("with_content")
def test_every_part_is_left_out_once(corpus: Path, tmp_path: Path) -> None:
    out, keep = tmp_path / "out.jsonl", tmp_path / "kept"
    command = ("next_user_parts", "--data", corpus, "--seeds", 2, "--keep", keep, "--out", out)
    done = run(*command)
    assert done.exit_code == 0, done.output
    assert all(f"\n{name} " in done.output.partition("Differences: full - part")[2] for name in ("full", *PARTS))
    lines = lines_of(out)
    assert set(lines) == {
        f"{metric}/part={part}{suffix}"
        for metric in METRICS
        for part in ("full", *PARTS)
        for suffix in ("", "/difference")
        if (part, suffix) != ("full", "/difference")
    }
    for part in PARTS:
        gap = lines[f"map@100/part={part}/difference"]
        whole, without = lines["map@100/part=full"], lines[f"map@100/part={part}"]
        assert gap["value"] == pytest.approx(whole["value"] - without["value"])
        assert gap["interval"][0] <= gap["value"] <= gap["interval"][1] and 0 < gap["p"] <= 1 and gap["peer"] == part
        assert without["config"]["seeds"] == 2 and without["seed"] is None
    changed = {
        "no_content": {"content", "parameters", "assumptions"},
        "shuffled_content": set(),
        "no_graph": {"hops", "parameters"},
        "no_sequence": {"use_sequence"},
        "no_multitask": {"size_weight"},
    }
    outcomes = {"best_epoch", "share", "phase_seconds"}
    full = lines["hits@10/part=full"]["config"]
    assert "texts are made up" in full["assumptions"]
    for part, names in changed.items():
        config = lines[f"hits@10/part={part}"]["config"]
        assert {name for name in full if full[name] != config[name]} - outcomes == names, part
    assert len(list(keep.glob("toy_strict_graphsocial*.npz"))) == 2 * (1 + len(PARTS))
    again = run(*command)
    assert again.exit_code == 0 and "map@100" in again.output and "epoch" not in again.stderr, "nothing trains twice"
    assert lines_of(out) == lines


def test_the_full_model_is_that_of_next_user(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, keep = tmp_path / "out.jsonl", tmp_path / "kept"
    assert run("next_user", "--data", corpus, "--quick", "--keep", keep, "--out", tmp_path / "a.jsonl").exit_code == 0

    def never(*arguments: object) -> None:
        raise AssertionError("the full model is trained again")

    monkeypatch.setattr("benchmarks.next_user.learned_ranker", never)
    done = run("next_user_parts", "--data", corpus, "--quick", "--keep", keep, "--out", out)
    assert done.exit_code == 0, done.output
    assert all(f"{part}: skipped, a quick run reads no content" in done.output for part in OF_CONTENT)
    lines = lines_of(out)
    assert {metric.split("/")[1] for metric in lines} == {
        "part=full", *(f"part={part}" for part in PARTS if part not in OF_CONTENT)
    }  # fmt: skip
    assert all(
        line["config"]["quick"] and line["config"]["epochs"] == 1 and line["seed"] == 0 for line in lines.values()
    )
    theirs = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    (value,) = [line["value"] for line in theirs if (line["case"], line["metric"]) == (FULL, "mrr")]
    assert lines["mrr/part=full"]["value"] == value


def test_a_folder_without_content_skips_its_parts(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.jsonl"
    monkeypatch.setattr("benchmarks.next_user_parts.PARTS", {"no_content": ""})
    done = run("next_user_parts", "--data", corpus, "--seeds", 1, "--out", out)
    assert done.exit_code == 0 and "no_content: skipped, toy has neither texts nor images" in done.output
    assert {metric.split("/")[1] for metric in lines_of(out)} == {"part=full"}


def test_shuffled_content_moves_whole_cascades() -> None:
    rows = np.arange(50.0)[:, None]
    moved = shuffled({"text": rows, "image": -rows}, 3)
    assert np.array_equal(np.sort(moved["text"], axis=0), rows) and (moved["text"] != rows).all()
    assert np.array_equal(moved["image"], -moved["text"])
    assert np.array_equal(shuffled({"text": rows}, 3)["text"], moved["text"])
    assert not np.array_equal(shuffled({"text": rows}, 4)["text"], moved["text"])


def test_settings_that_are_not_kept() -> None:
    with pytest.raises(DataIntegrityError, match="do not say channels"):
        trained_without("no_graph", {"epochs": 1}, tiny_split("strict"), CascadeContent({}), 0)


@pytest.mark.usefixtures("with_content")
def test_the_cost_per_target_at_three_histories(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = run("next_user_cost", "--data", corpus, "--out", out)
    assert done.exit_code == 0, done.output
    assert "whole / first" in done.output
    lines = lines_of(out)
    parts = ("evidence_seconds_per_target", "epoch_seconds_per_target")
    per_target = (*parts, "training_seconds_per_target")
    for metric in (*per_target, "epoch_seconds", "epochs_per_second", "peak_memory"):
        assert all(lines[f"{metric}/history={share:g}"]["value"] > 0 for share in HISTORIES)
    for metric in per_target:
        first, whole = (lines[f"{metric}/history={share}"]["value"] for share in ("0.25", "1"))
        assert lines[f"{metric}/growth"]["value"] == pytest.approx(whole / first)
    assert lines["evidence_seconds_per_target/history=0.5/part=no_content"]["value"] > 0
    for share in HISTORIES:
        evidence, epoch, training = (lines[f"{metric}/history={share:g}"] for metric in per_target)
        epochs = training["config"]["epochs_of_training"]
        assert epochs == NextUserTraining().epochs != training["config"]["epochs"]
        assert training["value"] == pytest.approx(evidence["value"] + epochs * epoch["value"])
    about = [lines[f"epoch_seconds/history={share:g}"]["config"] for share in HISTORIES]
    assert all("texts are made up" in each["assumptions"] for each in about)
    assert [each["cascades"] for each in about] == [12, 24, 48]
    assert about[0]["targets"] < about[1]["targets"] < about[2]["targets"]
    assert all(each["targets"] == each["examples"]["train"] for each in about), (
        "evidence and epochs share their targets"
    )
    assert {each["users"] for each in about} == {30}


@pytest.mark.parametrize(
    ("name", "message"),
    [("next_user_parts", "leave the valid part empty"), ("next_user_cost", "got 4 cascades, expected at least 40")],
)
def test_bad_input(corpus: Path, tmp_path: Path, name: str, message: str) -> None:
    done = run(name, "--data", corpus, "--protocol", "stric")
    assert done.exit_code == 1 and "Did you mean 'strict'?" in done.output and "Traceback" not in done.output
    (tmp_path / "cascades.tsv").write_text("\n".join(f"c{i}\t\ta:{i} b:{i}" for i in range(4)))
    done = run(name, "--data", tmp_path, "--out", tmp_path / "out.jsonl")
    assert done.exit_code == 1 and message in done.output
    assert not (tmp_path / "out.jsonl").exists()


def test_a_part_with_a_slip(corpus: Path) -> None:
    done = run("next_user_parts", "--data", corpus, "--part", "no_grap")
    assert done.exit_code == 1 and "Did you mean 'no_graph'?" in done.output
    with pytest.raises(SchemaError, match="no_grap"):
        trained_without("no_grap", _config(), tiny_split("strict"), CascadeContent({}), 0)


def _config() -> dict[str, Any]:
    from dataclasses import asdict

    from graphsocial.learn.next_user.training import NextUserTraining
    from graphsocial.nn.next_user_net import NextUserNetConfig

    return {**asdict(NextUserNetConfig()), **asdict(NextUserTraining())}


def test_sizes_to_come_beside_their_floor(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = run("next_user_size", "--data", corpus, "--protocol", "users_only", "--quick", "--out", out)
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    values = {(line["case"], line["metric"]): line["value"] for line in lines}
    assert len(values) == len(lines)
    for metric in ("size_pinball", "size_coverage", "size_width", "size_interval_score"):
        gap = values["graphsocial", metric] - values["gradient_boosting", metric]
        assert values["graphsocial", f"{metric}/difference"] == pytest.approx(gap)
    assert 0 <= values["graphsocial", "size_coverage"] <= 1
    assert lines[0]["config"]["horizon_seconds"] > 0
    assert lines[0]["n"] == sum(line["n"] for line in lines if "third=" in line["metric"])
