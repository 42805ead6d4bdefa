"""A driver for the tests of a cluster: trees, texts while a worker is killed, and trees once more.

Run as `python cluster_job.py check MASTER STORE`, or `python cluster_job.py run MASTER STORE CACHE GROUP OUT`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphsocial.embed import Embedded, EncoderInfo
from graphsocial.scale import spark as on_spark

REPOST, FOLLOW = ("user", "repost", "post"), ("user", "follow", "user")


class SlowEncoder:
    """Counts of letters, slowly, telling on disk that it is at work; sent to workers with its code."""

    info = EncoderInfo("slow", "text", 8, "00")
    layout = "one token of letters"
    tokens = 1

    def __init__(self, told: str, seconds: float):
        self.told, self.seconds = told, seconds

    def embed(self, texts: Sequence[str]) -> Embedded:
        Path(self.told, str(os.getpid())).touch()
        time.sleep(self.seconds)
        tokens = np.array([np.bincount([ord(c) % 8 for c in text], minlength=8) for text in texts], np.float16)
        return Embedded(tokens[:, None, :], np.ones((len(texts), 1), bool))


def trees(graph: on_spark.SparkGraph) -> dict[str, np.ndarray]:
    found = on_spark.collect_cascades(graph, on_spark.cascade_trees(graph, REPOST, FOLLOW, members_per_task=500))
    return {"node": found.node.astype(str), "parent": found.parent, "time": found.time, "offsets": found.offsets}


def kill_when_at_work(told: Path, group: int) -> None:
    while len(list(told.iterdir())) < 2:  # both workers are at it
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)


def main() -> None:
    kind, master, store = sys.argv[1:4]
    session = on_spark.open_session(master, memory="700m", partitions=4)
    try:
        if kind == "check":
            on_spark.check_workers(session, tasks=16)
            return
        cache, group, out = Path(sys.argv[4]), int(sys.argv[5]), Path(sys.argv[6])
        told = out.parent / "told"
        told.mkdir()
        graph = on_spark.spark_graph(session, store)
        before = trees(graph)
        threading.Thread(target=kill_when_at_work, args=(told, group), daemon=True).start()
        report = on_spark.embed_texts(session, store, cache, SlowEncoder(str(told), 4.0), shards=6)
        after = trees(graph)
        once_more = on_spark.embed_texts(session, store, cache, SlowEncoder(str(told), 0.0), shards=2)
        counts = np.array([report.texts, report.known, report.encoded, once_more.known, once_more.encoded])
        both = {f"{name}_before": array for name, array in before.items()}
        np.savez(out, counts=counts, **both, **{f"{name}_after": array for name, array in after.items()})
    finally:
        session.stop()


if __name__ == "__main__":
    main()
