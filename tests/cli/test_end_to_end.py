"""From a folder of one's own CSV files to a trained model and its report, by the commands alone."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from graphsocial.cli import main

POSTS, USERS, DAYS = 140, 12, 10
BEGIN = int(datetime(2024, 5, 1, tzinfo=UTC).timestamp())
TASKS = """
[split]
valid = "2024-05-06"
test = "2024-05-08"

[[task]]
kind = "post_label"
column = "mood"
labels_known = "post_time"
resample_by = "show"

[[task]]
kind = "popularity"
column = "likes"
labels_known = "post_time"

[[task]]
kind = "link"
edge_types = [["user", "mention", "user"], ["user", "repost", "user"]]
negatives = 4

[[task]]
kind = "trend"
edge_type = ["post", "tag", "hashtag"]
width = 21600
minimum = 3
"""


class Steps(NamedTuple):
    data: Path
    run: Path
    output: dict[str, str]
    untouched: bool


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def done(*arguments: str | Path) -> str:
    result = command(*arguments)
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result.output


def write_data(folder: Path) -> Path:
    """Posts in two moods, in words and in the colour of their picture; one picture is broken, one row is wrong."""
    rng = np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    for i in range(6):
        colour = (200, 60 + 10 * i, 40) if i % 2 else (30, 60 + 10 * i, 200)
        Image.new("RGB", (40, 30), colour).save(folder / "images" / f"pic{i}.png")
    whole = (folder / "images" / "pic0.png").read_bytes()
    (folder / "images" / "broken.png").write_bytes(whole[: len(whole) // 2])
    times = np.sort(rng.integers(BEGIN, BEGIN + DAYS * 86400, POSTS))
    with (folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["post", "user", "time", "text", "images", "hashtags", "mood", "likes"])
        for i, time in enumerate(times.tolist()):
            calm = bool(rng.integers(2))
            picture = f"pic{2 * rng.integers(3) + (not calm)}" if i % 3 else ""
            words = "a lovely quiet morning 😀" if calm else "flood in the street, help"
            text = {7: "x" * 100_000, 8: "مرحبا بالعالم", 9: "你好世界"}.get(i, f"{words} {rng.integers(5)}")
            mood = "" if i == 5 else ("calm" if calm else "worried")
            shown = "broken" if i == 6 else picture
            likes = int(rng.poisson(2 if calm else 20))
            table.writerow([i, f"u{rng.integers(USERS)}", time, text, shown, f"#tag{i % 2}", mood, likes])
        table.writerow([POSTS, "u1", "-5", "before time", "", "", "calm", 0])
    with (folder / "edges.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["src", "dst", "relation", "time"])
        for time in np.sort(rng.integers(BEGIN, BEGIN + DAYS * 86400, 160)).tolist():
            a, b = rng.choice(USERS, 2, replace=False)
            table.writerow([f"u{a}", f"u{b}", "mention" if rng.integers(2) else "repost", time])
    (folder / "tasks.toml").write_text(TASKS)
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """Every command once, in order."""
    folder = tmp_path_factory.mktemp("end_to_end")
    data, run = write_data(folder / "my_data"), folder / "runs" / "mine"
    before, output = contents(data), {}
    for name, arguments in {
        "ingest": (data, "--out", run),
        "embed": (run,),
        "train": (run, "--tasks", data / "tasks.toml", "--epochs", "2", "--device", "cpu"),
        "evaluate": (run, "--resamples", "20"),
        "predict": (run, "mood", "post:100"),
        "explain": (run, "--count", "2"),
        "report": (run,),
    }.items():
        output[name] = done(name, *arguments)
    return Steps(data, run, output, contents(data) == before)


def read(steps: Steps, name: str) -> Any:
    return json.loads((steps.run / name).read_text(encoding="utf-8"))


def test_every_step_leaves_its_files(steps: Steps) -> None:
    expected = "store.json tokens/table.json model.safetensors history.json tasks.toml metrics.json"
    for name in [*expected.split(), "explanations.json", "predictions.json", "attention.json", "report.html"]:
        assert (steps.run / name).is_file(), name
    assert steps.untouched, "the data folder is only read"
    assert not [p for p in steps.run.rglob("*") if p.name.startswith(".") or p.suffix in (".pkl", ".pt", ".part")]


def test_rejects_and_broken_pictures_are_told(steps: Steps) -> None:
    lines = (steps.run / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(r["file"], r["field"]) for r in map(json.loads, lines)] == [("posts.csv", "time")]
    assert "1 broken media" in steps.output["embed"] and "broken.png" in steps.output["embed"]
    assert "140" in steps.output["ingest"]


def test_metrics_have_values_beside_floors(steps: Steps) -> None:
    metrics = read(steps, "metrics.json")
    assert set(metrics["tasks"]) == {"mood", "popularity", "link", "trend"}
    for name, task in metrics["tasks"].items():
        assert np.isfinite(task["value"]) and task["n"] > 0 and task["floors"], name
        for floor in task["floors"].values():
            assert floor["difference"] == pytest.approx(task["value"] - floor["value"])
    assert {"tasks", "split", "data", "encoders", "assumptions", "provenance"} <= set(metrics)
    assert (
        metrics["encoders"]["text"]["name"] == "builtin:minilm" and metrics["split"]["known_until"] == BEGIN + 7 * 86400
    )
    said = " ".join(metrics["assumptions"])
    assert "post.mood" in said and "post.likes" in said
    assert "builtin:minilm" not in said, "the encoder is older than the data"
    assert metrics["provenance"]["command"].startswith("graphsocial")


def test_history_marks_one_selected_epoch(steps: Steps) -> None:
    history = read(steps, "history.json")
    assert [entry["epoch"] for entry in history] == [0, 1]
    assert sum(entry["selected"] for entry in history) == 1
    assert all(set(entry["validation"]) == {"mood", "popularity", "link", "trend"} for entry in history)
    assert steps.output["train"].count("epoch ") == 2


def test_answers_are_readable(steps: Steps) -> None:
    assert re.match(
        r"Prediction\(mood of \('post', '100'\): (calm|worried) class \(calm 0\.\d\d", steps.output["predict"]
    )
    pair = done("predict", steps.run, "link", "user:u1", "--other", "user:u2", "--as-of", "2024-05-09")
    assert "as of 2024-05-09 00:00:00Z" in pair and "FUTURE" not in pair
    assert "likes" in done("predict", steps.run, "popularity", "post:100")
    assert "in 21600 s" in done("predict", steps.run, "trend", "hashtag:tag1")
    evidence = done("explain", steps.run, "mood", "post:100")
    assert evidence.startswith("Evidence for mood of ('post', '100')") and "deleting the top" in evidence


def test_explanations_hold_evidence(steps: Steps) -> None:
    explained, predicted = read(steps, "explanations.json"), read(steps, "predictions.json")
    assert len(explained) == len(predicted) == 2
    for entry in explained:
        assert entry["evidence"] and {"kind", "what", "effect"} <= set(entry["evidence"][0])
        effects = [abs(row["effect"]) for row in entry["evidence"]]
        assert effects == sorted(effects, reverse=True)


def test_report_is_one_offline_page(steps: Steps) -> None:
    page = (steps.run / "report.html").read_text(encoding="utf-8")
    for name in ("mood", "popularity", "link", "trend", "tfidf_linear", "builtin:minilm"):
        assert name in page
    assert not re.search(r"""(?:src|href)=["']https?://[^"']+\.(?:js|css|png|jpg|woff)""", page)
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?!data:|#)""", page)


def test_steps_can_be_repeated(steps: Steps) -> None:
    model = (steps.run / "model.safetensors").read_bytes()
    metrics = read(steps, "metrics.json")["tasks"]
    again = done("train", steps.run, "--tasks", steps.data / "tasks.toml", "--epochs", "2", "--device", "cpu")
    assert "resuming after epoch 1" in again and "epoch 2" not in again
    assert (steps.run / "model.safetensors").read_bytes() == model
    done("embed", steps.run)
    done("evaluate", steps.run, "--resamples", "20")
    assert read(steps, "metrics.json")["tasks"] == metrics


def test_other_data_under_a_trained_model_is_refused(steps: Steps, tmp_path: Path) -> None:
    """A run folder whose graph is from elsewhere fails in one line."""
    import shutil

    run = tmp_path / "run"
    shutil.copytree(steps.run, run, ignore=shutil.ignore_patterns("store.json", "events", "index"))
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "posts.csv").write_text("post,user,time,text\n1,ann,2024-05-01,hello\n2,bob,2024-05-09,there\n")
    done("ingest", folder, "--out", run)
    done("embed", run, "--cache", steps.run.parent / ".cache" / "tokens")
    for arguments in (
        ("evaluate", run),
        ("predict", run, "mood", "post:1"),
        ("train", run, "--tasks", run / "tasks.toml"),
    ):
        result = command(*arguments)
        assert result.exit_code == 1 and "Traceback" not in result.output, result.output
        assert result.output.splitlines()[-1].startswith("error: "), result.output
        assert isinstance(result.exception, SystemExit), result.exception
