"""One machine against Spark on a corpus of a few cascades; what is found to be unequal says so."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.process_tree import tree_cpu_seconds
from benchmarks.spark_jobs import JOBS, same_rows, same_trees
from benchmarks.table import rendered
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet

ROOT = Path(__file__).resolve().parents[2]


def corpus(folder: Path, cascades: int = 40, reposts: int = 60) -> Path:
    """Cascades whose users repost the author or one another, a pair of users everything."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    root = np.arange(cascades)
    pl.DataFrame({"cascade": root, "author": root % 7, "time": 1_000 * root}).write_csv(folder / "cascades.csv")
    node = np.tile(np.arange(reposts), cascades)
    events = pl.DataFrame(
        {
            "cascade": np.repeat(root, reposts),
            "node": node,
            "user": np.where(node < 2, 100 + node, rng.integers(0, 90, len(node))),
            "parent_node": np.where(node > 5, rng.integers(0, 5, len(node)), -1),
            "dt_seconds": 1 + 50 * node + rng.integers(0, 50, len(node)),
        }
    )
    events.write_csv(folder / "events.csv")
    for name in ("cascades", "events"):
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress((folder / f"{name}.csv").read_bytes()))
    return folder


@pytest.mark.spark
@pytest.mark.slow
def test_every_job_has_its_seconds_and_the_same_rows(tmp_path: Path) -> None:
    out = tmp_path / "spark_ced_weibo.jsonl"
    asked = ["spark", "--data", str(corpus(tmp_path / "ced_weibo")), "--quick", "--out", str(out)]
    command = [sys.executable, "-m", "benchmarks", *asked]  # a process of its own, as there is one session in each
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    value = {(line["case"], line["metric"]): line["value"] for line in lines}
    assert {line["config"]["reposts"] for line in lines} == {2_400}
    for name, job in JOBS.items():
        one, many = (value[f"{name}/{engine}", "seconds"] for engine in ("one_machine", "spark"))
        assert value[name, "ratio"] == pytest.approx(many / one)
        assert value[f"{name}/spark", "cpu_seconds"] >= 0
        assert value[name, job.metric] == 1.0 if job.metric == "equal" else value[name, job.metric] < 2e-6
    assert value["session/spark", "seconds"] > 0
    assert value["read/spark", "seconds"] > 0

    for line in lines:
        line["config"]["quick"] = False
    out.write_text("\n".join(map(json.dumps, lines)))
    table = rendered(tmp_path, "spark", "")
    row = next(line for line in table.splitlines() if "| cascade_trees |" in line).split("|")
    assert float(row[4]) == pytest.approx(value["cascade_trees/one_machine", "seconds"], rel=0.01)
    assert row[9].strip() == "1"


def test_what_differs_is_told_apart() -> None:
    rows = pa.table({"a": [1.0, float("nan")], "b": ["x", "y"]})
    assert same_rows(rows, rows) == 1.0
    assert same_rows(rows.slice(0, 1), rows) == 0.0
    assert same_rows(rows.take([1, 0]), rows) == 0.0
    assert same_rows(rows.rename_columns(["a", "c"]), rows) == 0.0
    nodes = np.array(["u", "v", "w"], dtype=object)
    times, offsets, names = np.array([1, 2, 3]), np.array([0, 3]), np.array(["p"], dtype=object)
    one, other = (
        CascadeSet(nodes, np.array([-1, 0, parent]), times, offsets, names, np.array([False])) for parent in (0, 1)
    )
    assert same_trees(one, one) == 1.0
    assert same_trees(one, other) == 0.0


def test_cpu_time_of_what_was_started_counts() -> None:
    before = tree_cpu_seconds()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < .3: pass"], check=True)
    assert tree_cpu_seconds() - before >= 0.25


def test_another_corpus_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["spark", "--data", str(tmp_path)])
    assert isinstance(done.exception, SchemaError) or done.exit_code
    assert "ced_weibo" in f"{done.exception}{done.output}"
