"""A run folder that training can begin on, and the commands that train on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from graphsocial.embed import hashing_embeddings
from graphsocial.store import save_graph
from tests.planted import TEST, VALID, following_world

ROOT = Path(__file__).resolve().parents[3]

TASKS = f"""
[split]
valid = {VALID}
test = {TEST}

[[task]]
kind = "popularity"
column = "retweets"
labels_known = "post_time"

[[task]]
kind = "link"
edge_types = [["user", "repost", "user"]]
negatives = 4
"""


def write_run(folder: Path, posts: int = 120) -> Path:
    graph = following_world(0, posts=posts)
    save_graph(graph, folder / "run")
    hashing_embeddings(graph).save(folder / "run" / "tokens")
    (folder / "tasks.toml").write_text(TASKS)
    return folder / "run"


def train_command(run: Path, *more: str) -> list[str]:
    return ["train", str(run), "--tasks", str(run.parent / "tasks.toml"), "--device", "cpu", *more]


def accelerate_launch(processes: int, command: list[str]) -> list[str]:
    """`accelerate launch`, by its module: its console script also imports what this needs not."""
    several = ["--multi_gpu"] if processes > 1 else ["--cpu"]
    settings = [*several, "--num_processes", str(processes), "--num_machines", "1", "--main_process_port", "0"]
    settings += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    return [sys.executable, "-m", "accelerate.commands.launch", *settings, "-m", "graphsocial", *command]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **more}


def done(command: list[str], expected: int = 0, **more: str) -> str:
    """Output of a command, both streams."""
    ran = subprocess.run(
        command, cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=900, check=False
    )
    assert ran.returncode == expected, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def graphsocial(*command: str) -> list[str]:
    return [sys.executable, "-m", "graphsocial", *command]


def history(run: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((run / "history.json").read_text())
    return found
