"""Tasks alone, in pairs and together on a small world: every line is there, and the same seed gives the same lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.multitask import Transfers, multitask, write
from benchmarks.result_lines import ResultLines
from benchmarks.table import rendered
from graphsocial.errors import SchemaError
from graphsocial.learn import Task, TrainingConfig
from tests.leakage.erasable_world import MENTION, REPOST
from tests.leakage.outputs import SPLIT
from tests.learn.small_training import world_graph, world_tokens

TASKS = {task.name: task for task in (Task.popularity(column="reposts"), Task.link(MENTION, REPOST, negatives=3))}


def measured(seeds: int) -> Transfers:
    training = TrainingConfig(epochs=1, batch_size=200, fanout=(3,), warmup=1)
    run = Transfers(world_graph(), world_tokens(), TASKS, SPLIT, training)
    for seed in range(seeds):
        run.train(seed)
    return run


def test_lines_and_table(tmp_path: Path):
    run = measured(1)
    write(ResultLines(tmp_path / "multitask_x.jsonl", "multitask", "x", "0", "strict"), run, {"seeds": 1})
    lines = [json.loads(text) for text in (tmp_path / "multitask_x.jsonl").read_text().splitlines()]
    found = {(line["case"], line["metric"]): line for line in lines}
    assert len(found) == len(lines)
    for case in ("alone", "beside_popularity", "all_pcgrad", "all_uncertainty"):
        assert 0 < found[case, "mrr/part=link"]["value"] <= 1
    gain = found["beside_popularity", "gain_over_alone/part=link"]
    alone, beside = (found[case, "mrr/part=link"]["value"] for case in ("alone", "beside_popularity"))
    assert gain["value"] == pytest.approx(beside - alone) and gain["interval"][0] <= gain["value"]
    error = found["beside_link", "gain_over_alone/part=popularity"]
    alone, beside = (found[case, "msle/part=popularity"]["value"] for case in ("alone", "beside_link"))
    assert error["value"] == pytest.approx(alone - beside)
    cosine = found["pair", "mean_cosine/part=link+popularity"]
    assert -1 <= cosine["value"] <= 1 and len(cosine["config"]["each_seed"]) == 1
    assert ("all_pcgrad", "gain_over_mean/part=link") in found
    table = rendered(tmp_path, "multitask", "")
    assert "| link/mrr |" in table and "| link+popularity/mean_cosine |" not in table.split("\n")[1]


def test_a_folder_without_tasks_is_refused(tmp_path: Path):
    result = CliRunner().invoke(multitask, ["--data", str(tmp_path)])
    assert isinstance(result.exception, SchemaError) and "has no tasks.toml" in str(result.exception)
