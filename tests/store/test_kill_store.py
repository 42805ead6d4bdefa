"""A writer killed at any moment: what it acknowledged is there, nothing is torn, and readers never notice."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graphsocial.store import EventBatch, Store
from tests.store.growing import AUTHOR, POSTS, SCHEMA, events_of

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def start_writer(folder: Path, first: int, batches: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.growing", str(folder), str(first), str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT)


def check_whole(store: Store, acknowledged: set[int]) -> set[int]:
    """Every acknowledged batch is there, every batch there is whole; gives the batches that are there."""
    graph = store.graph()
    posts = [name.removeprefix("p").split("_") for name in graph.node_ids("post")]
    found: dict[int, int] = {}
    for batch, _ in posts:
        found[int(batch)] = found.get(int(batch), 0) + 1
    assert set(found) >= acknowledged, "an acknowledged batch is lost"
    assert set(found.values()) <= {POSTS}, "a batch is torn"
    assert graph.num_edges(AUTHOR) == POSTS * len(found)
    assert len(graph.measurements("user", "followers")) == POSTS * len(found)
    return set(found)


READER = """
import sys, time
from pathlib import Path
from graphsocial.store import Store
from tests.store.growing import POSTS, AUTHOR
store, seen = Store.open(Path(sys.argv[1])), 0
until = time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    version = store.version
    rows = store.log.read("post", version, columns=("id",)).num_rows if version else 0
    assert rows % POSTS == 0, f"version {version} shows {rows} posts"
    assert rows >= seen, "a later version shows less"
    seen = rows
print(seen)
"""


def kill_at_random(folder: Path, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    Store.create(folder).append(EventBatch(SCHEMA))
    acknowledged: set[int] = set()
    first = 0
    for _ in range(kills):
        reader = subprocess.Popen(
            [sys.executable, "-c", READER, str(folder), "2"],
            env=ENVIRONMENT,
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        writer = start_writer(folder, first, 10_000)
        assert writer.stdout is not None
        acknowledged.add(int(writer.stdout.readline()))  # it has begun
        time.sleep(rng.random() * 0.5)
        writer.send_signal(signal.SIGKILL)
        acknowledged |= {int(line) for line in writer.stdout.read().split("\n")[:-1]}
        writer.wait()
        _, errors = reader.communicate(timeout=120)
        assert reader.returncode == 0, errors
        there = check_whole(Store.open(folder), acknowledged)
        assert there - acknowledged <= {max(acknowledged) + 1}, "at most the batch under way"
        acknowledged, first = there, max(there) + 1
    store = Store.open(folder)
    before = store.graph().num_edges(AUTHOR)
    again = store.append(EventBatch.of_events(SCHEMA, [e for batch in sorted(acknowledged) for e in events_of(batch)]))
    assert again.rows == 0
    assert store.graph().num_edges(AUTHOR) == before


def test_kill_a_writer_a_few_times_with_a_reader_beside(tmp_path: Path) -> None:
    kill_at_random(tmp_path / "s", 3, 0)


@pytest.mark.slow
def test_kill_a_writer_fifty_times_with_a_reader_beside(tmp_path: Path) -> None:
    kill_at_random(tmp_path / "s", 50, 1)


def test_kill_nobody_but_write_from_two_processes_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    Store.create(folder).append(EventBatch(SCHEMA))
    # batches 3 to 5 are written by both
    writers = [start_writer(folder, 0, 6), start_writer(folder, 3, 6)]
    for writer in writers:
        output, _ = writer.communicate(timeout=300)
        assert writer.returncode == 0
        assert len(output.split()) == 6
    assert check_whole(Store.open(folder), set(range(9))) == set(range(9))


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """Files that may not grow stand for a disk that is full: the system refuses the write in the same way."""
    store = Store.create(tmp_path / "s")
    store.append(EventBatch.of_events(SCHEMA, events_of(0)))
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from graphsocial.store import EventBatch, Store\n"
        "from tests.store.growing import SCHEMA, events_of\n"
        "store = Store.open(Path(sys.argv[1]))\n"
        "batch = EventBatch.of_events(SCHEMA, events_of(1, 20_000))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try:\n"
        "    store.append(batch)\n"
        "except OSError as error:\n"
        "    sys.exit(0 if error.errno == 27 else 3)\n"
        "sys.exit(4)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(store.path)], env=ENVIRONMENT, cwd=ROOT, timeout=300)
    assert done.returncode == 0
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    assert check_whole(Store.open(store.path), {0}) == {0}
    assert Store.open(store.path).append(EventBatch.of_events(SCHEMA, events_of(1))).rows == 3 * POSTS
