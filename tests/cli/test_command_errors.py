"""What a user types wrong ends in one line that says what, got and expected, and loses nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphsocial.cli import main

POSTS = """post,user,time,text,hashtags,mood
1,ann,2024-05-01T09:00:00,first 😀 post,one,calm
2,bob,2024-05-01T10:00:00,مرحبا بالعالم,one,calm
3,cy,2024-05-01T10:15:00,你好世界,two,worried
4,dee,-5,before time,two,worried
5,dee,yesterday,no time,two,worried
6,ann,2024-05-01T11:00:00,rain again,two,worried
7,bob,2024-05-01T12:00:00,sun again,one,calm
"""
TASKS = """[split]
valid = "2024-05-01T10:30"
test = "2024-05-01T11:30"
[[task]]
kind = "post_label"
column = "mood"
labels_known = "post_time"
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def failed(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert result.output.startswith("error: ") and "Traceback" not in result.output, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "my_data"
    folder.mkdir()
    (folder / "posts.csv").write_text(POSTS, encoding="utf-8")
    (folder / "tasks.toml").write_text(TASKS, encoding="utf-8")
    return folder


@pytest.fixture
def ingested(data: Path, tmp_path: Path) -> Path:
    assert run("ingest", data, "--out", tmp_path / "run").exit_code == 0
    return tmp_path / "run"


def test_rejects_are_written_and_the_rest_is_read(ingested: Path) -> None:
    rejects = [json.loads(line) for line in (ingested / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(r["file"], r["line"], r["field"]) for r in rejects] == [("posts.csv", 5, "time"), ("posts.csv", 6, "time")]
    assert all(r["reason"] for r in rejects)


def test_missing_folder(tmp_path: Path) -> None:
    assert "nothing_here" in failed("ingest", tmp_path / "nothing_here", "--out", tmp_path / "run")


def test_wrong_checksum(data: Path, tmp_path: Path) -> None:
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  posts.csv\n", encoding="utf-8")
    assert "posts.csv" in failed("ingest", data, "--out", tmp_path / "run")


def test_steps_out_of_order_name_the_missing_one(ingested: Path, data: Path) -> None:
    assert "graphsocial embed" in failed("train", ingested, "--tasks", data / "tasks.toml")
    assert "graphsocial embed" in failed("evaluate", ingested)
    assert "graphsocial ingest" in failed("embed", ingested / "no_run")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not toml [", "not TOML"),
        (
            '[split]\nvalid = "2024-01-01"\ntest = "2024-01-02"\n[[task]]\nkind = "popularty"\n',
            "Did you mean 'popularity'?",
        ),
        ('[split]\nvalid = "2024-01-02"\ntest = "2024-01-01"\n[[task]]\nkind = "popularity"\n', "not before"),
        ('[[task]]\nkind = "popularity"\n', "[split]"),
        (TASKS.replace("mood", "moood"), "Did you mean 'mood'?"),
        (TASKS.replace('labels_known = "post_time"', ""), "labels_known='post_time'"),
    ],
)
def test_bad_task_file(ingested: Path, tmp_path: Path, text: str, expected: str) -> None:
    from graphsocial.embed import hashing_embeddings
    from graphsocial.store import open_graph

    hashing_embeddings(open_graph(ingested)).save(ingested / "tokens")
    file = tmp_path / "tasks.toml"
    file.write_text(text, encoding="utf-8")
    assert expected in failed("train", ingested, "--tasks", file)


def test_damaged_graph(ingested: Path) -> None:
    shutil.rmtree(ingested / "index")  # which would do without the events
    for path in (ingested / "events").rglob("table=post/*.parquet"):
        path.write_bytes(path.read_bytes()[:100])
    assert "cannot be read" in failed("embed", ingested)


def test_nodes_and_times_are_checked(ingested: Path, data: Path) -> None:
    from graphsocial.embed import hashing_embeddings
    from graphsocial.store import open_graph

    hashing_embeddings(open_graph(ingested)).save(ingested / "tokens")
    done = run("train", ingested, "--tasks", data / "tasks.toml", "--epochs", "1")
    assert done.exit_code == 0, done.output
    assert "type:id" in failed("predict", ingested, "mood", "3")
    assert "'33'" in failed("predict", ingested, "mood", "post:33")
    assert "'mod'" in failed("predict", ingested, "mod", "post:3") and "mood" in failed(
        "predict", ingested, "mod", "post:3"
    )
    assert "noon" in failed("predict", ingested, "mood", "post:3", "--as-of", "noon")
    early = failed("predict", ingested, "mood", "post:1", "--as-of", "2024-05-01T09:30")
    assert "allow_future_model" in early, "weights fitted later than the view"
    assert run("predict", ingested, "mood", "post:3").exit_code == 0


def test_interrupted_training_goes_on_from_the_last_epoch(
    ingested: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphsocial.embed import hashing_embeddings
    from graphsocial.learn import Trainer, workplace
    from graphsocial.store import open_graph

    hashing_embeddings(open_graph(ingested)).save(ingested / "tokens")
    make_batch, calls = workplace.make_batch, []

    def interrupt(*arguments: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 4:  # training and validation batch of two epochs go through
            raise KeyboardInterrupt
        return make_batch(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(workplace, "make_batch", interrupt)
    command = ("train", ingested, "--tasks", data / "tasks.toml", "--epochs", "3")
    stopped = run(*command)
    assert stopped.exit_code == 130 and "goes on" in stopped.output, stopped.output
    done = Trainer.open(ingested / "model.safetensors").progress.epoch
    assert done >= 1
    monkeypatch.setattr(workplace, "make_batch", make_batch)
    resumed = run(*command)
    assert resumed.exit_code == 0 and f"resuming after epoch {done - 1}" in resumed.output, resumed.output
    assert Trainer.open(ingested / "model.safetensors").progress.epoch == 3
