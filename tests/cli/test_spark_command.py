"""`graphsocial spark`: what it says without Spark, and its rows with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from click.testing import CliRunner

from graphsocial import graph as graphs
from graphsocial.cli import main
from graphsocial.schema import Schema
from graphsocial.store import EventBatch, Store

FOLLOW = ("user", "follow", "user")


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    return result.exit_code, result.output


def test_the_jobs_are_listed() -> None:
    status, said = run("spark", "--help")
    assert status == 0
    for name in ("ingest", "trees", "bursts", "top", "counts", "pairs", "pagerank", "components", "embed"):
        assert f"  {name} " in said


def test_no_java_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    status, said = run("spark", "pagerank", tmp_path, "--out", tmp_path / "out")
    assert status == 1
    assert said.startswith("error: Spark needs Java")
    assert len(said.splitlines()) == 1


def test_a_relation_has_three_names_and_rows_go_into_a_new_folder(tmp_path: Path) -> None:
    status, said = run("spark", "pagerank", tmp_path, "--out", tmp_path / "out", "--relation", "follow")
    assert status == 2
    assert "expected three names" in said
    status, said = run("spark", "components", tmp_path, "--out", tmp_path)
    assert status == 1
    assert "exists" in said


def run_alone(*arguments: object) -> tuple[int, str]:
    """A process of its own: this one may have a session already."""
    command = [sys.executable, "-m", "graphsocial", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")


@pytest.mark.spark
@pytest.mark.slow
def test_rows_and_a_store(tmp_path: Path) -> None:
    edges = pa.table({"src": list("abcx"), "dst": list("bcay"), "time": [1, 2, 3, 4]})
    store = Store.create(tmp_path / "store")
    store.append(EventBatch(Schema({"user": {}}, {FOLLOW: {}}), edges={FOLLOW: edges}))
    status, said = run_alone(
        "spark", "components", store.path, "--out", tmp_path / "rows", "--master", "local[1]", "--as-of", 4
    )
    assert status == 0, said
    assert said.splitlines()[-1] == f"wrote {tmp_path / 'rows'}"
    expected = graphs.components(store.graph().as_of(4), [FOLLOW]).to_polars()
    assert pl.read_parquet(tmp_path / "rows" / "*.parquet").rows() == expected.rows()

    post = {"id": "9", "author_id": "1", "created_at": "2022-03-09T10:00:00.000Z", "text": "x", "public_metrics": {}}
    (tmp_path / "x.jsonl").write_text(json.dumps(post) + "\n{\n", encoding="utf-8")
    status, said = run_alone("spark", "ingest", tmp_path / "x.jsonl", "--out", tmp_path / "run", "--master", "local[1]")
    assert status == 0, said
    assert "1 records rejected" in said
    assert len((tmp_path / "run" / "rejects.jsonl").read_text().splitlines()) == 1
    assert Store.open(tmp_path / "run").graph().has_node(("post", "9"))
