"""One machine against Spark on its two cores: seconds of each job, and whether the rows are the same."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from benchmarks.cascade_data import corpus_folder
from benchmarks.ced_weibo import is_ced_weibo
from benchmarks.command_options import out_option
from benchmarks.process_tree import tree_cpu_seconds
from benchmarks.result_lines import ResultLines
from benchmarks.spark_jobs import JOBS
from benchmarks.spark_weibo import FOLLOW, REPOST, weibo_hash, weibo_store
from graphsocial.errors import SchemaError
from graphsocial.scale.spark import SparkGraph, open_session, spark_graph
from graphsocial.store import Store

MASTER, MEMORY, PARTITIONS = "local[2]", "4g", 4
SMALL, QUICK, WARM = 250, 200, 20
"""Cascades of the smaller size (about 0.12 M reposts), of a quick run, and of one before it that nobody times."""


@dataclass(frozen=True)
class Measured:
    """What a job gave, and what that took."""

    answer: Any
    seconds: float
    cpu_seconds: float


@click.command("spark")
@click.option("--data", default="ced_weibo", show_default=True, help="Folder of that corpus, or its name.")
@click.option("--quick", is_flag=True, help=f"Within about a minute: {QUICK} cascades.")
@out_option("spark_ced_weibo.jsonl")
def spark(data: str, quick: bool, out: Path | None) -> None:
    """Seven jobs on the Weibo corpus at two sizes, by the library alone and on Spark with two threads.

    Seconds are of the wall clock, from a graph that was read to all rows in this process; CPU seconds count the Java
    machine and the Python workers too. Code that compiles when it is first called was called before on one machine; on
    Spark that is what the smaller size pays for, as the first job of every session does.
    """
    corpus = corpus_folder(data)
    if corpus is None:
        return
    if not is_ced_weibo(corpus):
        raise SchemaError(f"{corpus} has no cascades.csv.gz and events.csv.gz, expected the corpus ced_weibo")
    out = out or Path(f"benchmarks/results/spark_ced_weibo{'_quick' if quick else ''}.jsonl")
    sizes = (QUICK,) if quick else (SMALL, None)
    digest = weibo_hash(corpus)
    with tempfile.TemporaryDirectory() as folder:
        alone(weibo_store(corpus, Path(folder) / "warm", WARM))
        stores = {size: weibo_store(corpus, Path(folder) / f"{size}", size) for size in sizes}
        expected = {size: alone(store) for size, store in stores.items()}
        started = _measured(partial(open_session, MASTER, memory=MEMORY, partitions=PARTITIONS))
        try:
            for number, (size, store) in enumerate(stores.items()):
                name = corpus.name if size is None else f"{corpus.name}_first_{size}"
                lines = ResultLines(out, "spark", name, digest, MASTER, append=number > 0)
                told = {"quick": quick, "cascades": size, "memory": MEMORY, "partitions": PARTITIONS}
                told |= {"pyspark": version("pyspark"), "reposts": expected[size]["read"].answer}
                if not number:
                    lines.write("session/spark", "seconds", started.seconds, unit="s", config=told)
                    lines.write("session/spark", "cpu_seconds", started.cpu_seconds, unit="s", config=told)
                click.echo(f"{name}: {told['reposts']:,} reposts; the session took {started.seconds:.0f} s")
                _compare(lines, expected[size], started.answer, store, told)
        finally:
            started.answer.stop()
    click.echo(f"\nresults in {out}")


def alone(store: Store) -> dict[str, Measured]:
    """What every job gives on one machine, by its name; `read` gives the number of reposts."""
    read = _measured(store.graph)
    found = {"read": replace(read, answer=read.answer.num_edges(REPOST))}
    return found | {name: _measured(partial(job.one_machine, read.answer)) for name, job in JOBS.items()}


def _compare(
    lines: ResultLines, expected: dict[str, Measured], session: Any, store: Store, told: dict[str, Any]
) -> None:
    """The same jobs on Spark, and a few lines for each."""
    read = _measured(partial(_read, session, store))
    try:
        _write(lines, "read", expected["read"], read, told)
        for name, job in JOBS.items():
            found = _measured(partial(job.on_spark, read.answer))
            apart = job.compare(found.answer, expected[name].answer)
            lines.write(name, job.metric, apart, config=told)
            _write(lines, name, expected[name], found, told, f"{job.metric} {apart:.2g}")
    finally:
        read.answer.release()


def _read(session: Any, store: Store) -> SparkGraph:
    """The graph with all edges held by the executors, as one machine has them once it has read a store."""
    graph = spark_graph(session, store.path)
    for edge_type in (REPOST, FOLLOW):
        graph.edges(edge_type).count()
    return graph


def _write(lines: ResultLines, name: str, one: Measured, many: Measured, told: dict[str, Any], said: str = "") -> None:
    for engine, took in (("one_machine", one), ("spark", many)):
        lines.write(f"{name}/{engine}", "seconds", took.seconds, unit="s", config=told)
        lines.write(f"{name}/{engine}", "cpu_seconds", took.cpu_seconds, unit="s", config=told)
    times = many.seconds / one.seconds
    lines.write(name, "ratio", times, config=told)
    click.echo(f"{name:20} one machine {one.seconds:8.2f} s  Spark {many.seconds:8.2f} s  {times:6.1f} times  {said}")


def _measured(job: Callable[[], Any]) -> Measured:
    cpu, began = tree_cpu_seconds(), time.perf_counter()
    answer = job()
    seconds = time.perf_counter() - began
    return Measured(answer, seconds, tree_cpu_seconds() - cpu)
