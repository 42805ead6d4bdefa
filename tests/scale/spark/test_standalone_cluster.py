"""A master and two workers on loopback: one killed in the middle changes nothing, one of another release is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from graphsocial.embed.contents import distinct_texts
from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.graph import SocialGraph, cascade_trees
from tests.scale.spark.standalone import StandaloneCluster

pytestmark = [pytest.mark.spark, pytest.mark.slow]

JOB = Path(__file__).with_name("cluster_job.py")
REPOST, FOLLOW = ("user", "repost", "post"), ("user", "follow", "user")


def run_job(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(JOB), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=580, env=dict(os.environ))


def test_a_worker_killed_in_the_middle_changes_nothing(stored: Path, world: SocialGraph, tmp_path: Path) -> None:
    cache, out = tmp_path / "cache", tmp_path / "found.npz"
    with StandaloneCluster(tmp_path) as cluster:
        victim = cluster.workers[1]
        done = run_job("run", cluster.master, stored, cache, victim.pid, out)
        assert done.returncode == 0, done.stderr[-3_000:]
        assert victim.wait(5) != 0  # it was killed
        assert cluster.workers[0].poll() is None
    found = np.load(out)
    expected = cascade_trees(world, REPOST, FOLLOW)
    for when in ("before", "after"):
        assert found[f"node_{when}"].tolist() == expected.node.tolist()
        for name in ("parent", "time", "offsets"):
            assert found[f"{name}_{when}"].tolist() == getattr(expected, name).tolist()

    texts = distinct_texts(world, TextNormalisation())
    count = len(texts.items)
    assert found["counts"].tolist() == [count, 0, count, count, 0]
    keys = [key.tobytes() for path in cache.rglob("*.safetensors") for key in safetensors.numpy.load_file(path)["keys"]]
    assert sorted(keys) == sorted(texts.keys)  # every content once


def test_a_worker_of_another_release_is_named(stored: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "graphsocial"
    (other / "store").mkdir(parents=True)
    (other / "__init__.py").write_text("__version__ = '0.0.7'\n", encoding="utf-8")
    (other / "store" / "__init__.py").write_text("", encoding="utf-8")
    (other / "store" / "event_store.py").write_text("FORMAT_VERSION = 0\n", encoding="utf-8")
    with StandaloneCluster(tmp_path, python_paths=("", str(other.parent))) as cluster:
        done = run_job("check", cluster.master, stored)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "DataIntegrityError: mixed versions of the store across workers" in last
    assert "package 0.0.7 against" in last
    assert "store 0 against 1 here" in last
