"""Exports into a store beside the bare libraries underneath: rate, an append that can be queried, memory."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import click
import polars as pl

from benchmarks.cascade_data import corpus_folder
from benchmarks.ced_weibo import is_ced_weibo, read_ced_weibo
from benchmarks.ced_weibo_events import REPOST, CedWeiboReader
from benchmarks.command_options import out_option
from benchmarks.result_lines import ResultLines, peak_memory
from graphsocial.ingest import ingest_exports
from graphsocial.schema import EdgeType, Schema
from graphsocial.store import EdgeRow, EventBatch, Store

WORDS = (
    "river rising bridge closed water flood road street park coffee morning wave tonight cellar ducks sun rain".split()
)
LIKE: EdgeType = ("user", "like", "post")
APPENDED, TIMES = 100_000, 5


@click.command("ingest")
@click.option("--data", default="ced_weibo", show_default=True, help="Corpus to read whole, under GRAPHSOCIAL_DATA.")
@click.option(
    "--rows", default=10_000_000, show_default=True, help="Rows of the largest file whose memory is measured."
)
@click.option("--quick", is_flag=True, help="Within a minute: small files.")
@out_option("ingest.jsonl")
def ingest(data: str, rows: int, quick: bool, out: Path | None) -> None:
    """Rate of JSON lines, append and query, memory from 10^5 rows on, and a whole corpus with one call."""
    out = out or Path(f"benchmarks/results/ingest{'_quick' if quick else ''}.jsonl")
    config = {"quick": quick, "rows": rows}
    digest = hashlib.sha256(json.dumps(config).encode()).hexdigest()
    lines = ResultLines(out, "ingest", "generated", digest, "store")
    with tempfile.TemporaryDirectory() as folder:
        measure_rate(lines, Path(folder), 5_000 if quick else 100_000)
        for base in (0, 100_000) if quick else (0, 100_000, 1_000_000, 5_000_000):
            measure_append(lines, Path(folder), base)
        size = 100_000
        while size <= (100_000 if quick else rows):
            measure_memory(lines, Path(folder), size)
            size *= 10
        path = None if quick else corpus_folder(data)
        if path is not None and is_ced_weibo(path):
            measure_corpus(path, Path(folder), out)
    click.echo(f"results in {out}")


def generated_posts(count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Posts as the X API v2 gives them, flattened: a quarter are reposts, the others have tags, mentions and counts."""
    rng = random.Random(seed)
    for number in range(count):
        author = rng.randrange(max(count // 20, 1))
        post: dict[str, Any] = {
            "id": str(10**18 + number),
            "author_id": str(author),
            "created_at": f"2022-03-{1 + number * 27 // count:02}T{number % 24:02}:{number % 60:02}:00.000Z",
            "text": " ".join(rng.choices(WORDS, k=18)) + f" #tag{number % 500} https://t.co/{number}",
            "lang": "en",
            "conversation_id": str(10**18 + number),
            "possibly_sensitive": False,
            "reply_settings": "everyone",
            "edit_history_tweet_ids": [str(10**18 + number)],
            "public_metrics": {
                "retweet_count": rng.randrange(50),
                "reply_count": rng.randrange(9),
                "like_count": rng.randrange(500),
                "quote_count": rng.randrange(5),
                "impression_count": rng.randrange(9000),
            },
            "entities": {
                "hashtags": [{"start": 1, "end": 8, "tag": f"tag{number % 500}"}],
                "mentions": [{"start": 9, "end": 12, "username": f"u{author}", "id": str(rng.randrange(1000))}],
                "urls": [
                    {
                        "start": 20,
                        "end": 43,
                        "url": f"https://t.co/{number}",
                        "expanded_url": f"https://e.example/{number}",
                    }
                ],
            },
            "author": {
                "id": str(author),
                "username": f"u{author}",
                "name": f"User {author}",
                "public_metrics": {
                    "followers_count": author,
                    "following_count": 3,
                    "tweet_count": 9,
                    "listed_count": 0,
                },
            },
            "__twarc": {"version": "2.14.0", "retrieved_at": "2022-04-01T00:00:00+00:00"},
        }
        if number % 4 == 3:
            target = rng.randrange(number)
            post["referenced_tweets"] = [{"type": "retweeted", "id": str(10**18 + target - target % 4)}]
        yield post


def write_posts(path: Path, count: int) -> Path:
    """A file of generated posts."""
    with open(path, "w", encoding="utf-8") as file:
        for post in generated_posts(count):
            file.write(json.dumps(post) + "\n")
    return path


def measure_rate(lines: ResultLines, folder: Path, posts: int) -> None:
    """JSON lines into a store, beside Polars reading the same file and writing it to Parquet."""
    file = write_posts(folder / "posts.jsonl", posts)
    megabytes = file.stat().st_size / 1e6
    _ours(write_posts(folder / "few.jsonl", 50), folder / "few")  # compiles, which is not to be timed
    ours, theirs = [], []
    for turn in range(3):
        ours.append(_cpu(lambda turn=turn: _ours(file, folder / f"store{turn}")))  # type: ignore[misc]
        theirs.append(_cpu(lambda: pl.read_ndjson(file).write_parquet(folder / "posts.parquet")))
        shutil.rmtree(folder / f"store{turn}")
    mine, bare = posts / median(ours), posts / median(theirs)
    config = {"posts": posts, "megabytes": megabytes}
    lines.write("jsonl", "records_per_cpu_second", mine, unit="1/s", config=config, peak_mb=peak_memory())
    more = {"peer_value": bare}
    lines.write(
        "jsonl", "records_per_cpu_second", mine, unit="1/s", peer="polars", ratio=mine / bare, config=config, extra=more
    )
    click.echo(f"JSON lines: {mine:,.0f} records per CPU second, Polars bare {bare:,.0f}: {mine / bare:.2f}")
    file.unlink()


def _ours(file: Path, store: Path) -> Any:
    return ingest_exports([file], Store.create(store))


def likes(first: int, count: int, users: int = 50_000) -> EventBatch:
    """Likes in order of time, most of posts that others liked before."""
    rng = random.Random(first)
    events = [
        EdgeRow(LIKE, f"u{rng.randrange(users)}", f"p{rng.randrange(max(first, 1000) // 10)}", 1_600_000_000 + i, {})
        for i in range(first, first + count)
    ]
    return EventBatch.of_events(Schema({"user": {}, "post": {}}, {LIKE: {}}), events)


def measure_append(lines: ResultLines, folder: Path, base: int) -> None:
    """Appending 100,000 events to a store of a size and asking for a neighbourhood, beside Delta's append alone."""
    from deltalake import write_deltalake

    path = folder / f"base{base}"
    store = Store.create(path)
    for first in range(0, base, 500_000):
        store.append(likes(first, min(500_000, base - first)))
    store.append(likes(base, APPENDED))
    _asked(store, 0)
    ours, bare = [], []
    for turn in range(1, TIMES + 1):
        store.wait()  # the index that follows in the background is not timed
        batch = likes(base + turn * APPENDED, APPENDED)
        table = batch.edges[LIKE]
        bare.append(_wall(lambda table=table: write_deltalake(str(folder / f"bare{base}"), table, mode="append")))  # type: ignore[misc]
        ours.append(_wall(lambda batch=batch: _appended(store, batch)))  # type: ignore[misc]
    mine, alone = median(ours), median(bare)
    config = {"base": base, "appended": APPENDED, "times": TIMES}
    case = f"append to {base:,}"
    lines.write(case, "seconds", mine, unit="s", config=config, peak_mb=peak_memory())
    more = {"peer_value": alone}
    lines.write(case, "seconds", mine, unit="s", peer="delta", ratio=alone / mine, config=config, extra=more)
    times = f"{mine * 1e3:.0f} ms, Delta alone {alone * 1e3:.0f} ms"
    click.echo(f"append and query at {base:,} events: {times}: {mine / alone:.1f}x")
    store.wait()
    shutil.rmtree(path)


def _appended(store: Store, batch: EventBatch) -> None:
    store.append(batch)
    newest = batch.edges[LIKE].column("src")[-1].as_py()
    _asked(store, len(newest), newest)


def _asked(store: Store, expected: int, user: str = "") -> None:
    """Who else liked what a user liked: needs the new events, by id, in both directions."""
    from graphsocial import neighbourhood

    graph = store.graph()
    if user:
        assert len(neighbourhood(graph, ("user", user), hops=2)) >= 1


MEMORY = """
import sys
from graphsocial.ingest import ingest_exports
from graphsocial.store import Store
ingest_exports([sys.argv[1]], Store.create(sys.argv[2]))
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) / 1024)
"""
"""Asks the system for this process alone: the resource module counts what its parent held when it was started."""


def measure_memory(lines: ResultLines, folder: Path, rows: int) -> None:
    """Highest memory of a process that reads a file into a store; a generated post gives about six rows."""
    posts = rows // 6
    file = write_posts(folder / "memory.jsonl", posts)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(file), str(folder / "memory")], capture_output=True, text=True, check=True
    )
    seconds, peak = time.perf_counter() - began, float(done.stdout)
    stored = sum(version.rows for version in Store.open(folder / "memory").versions())
    lines.write(
        f"memory at {rows:.0e} rows",
        "peak_mb",
        peak,
        unit="MB",
        seconds=seconds,
        config={"posts": posts, "rows": stored},
    )
    click.echo(f"{stored:,} rows: {peak:.0f} MB, {seconds:.0f} s")
    shutil.rmtree(folder / "memory")
    file.unlink()


def measure_corpus(path: Path, folder: Path, out: Path) -> None:
    """A corpus with its whole trees, in one call, checked against its own reader."""
    read = read_ced_weibo(path)
    lines = ResultLines(out, "ingest", path.name, read.sha256, "store", append=True)
    store = Store.create(folder / "corpus")
    began, cpu = time.perf_counter(), time.process_time()
    report = ingest_exports([path / "cascades.csv.gz", path / "events.csv.gz"], store, reader=CedWeiboReader())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    events = sum(file.records for file in report.files)
    lines.write("corpus", "events_per_cpu_second", events / cpu, unit="1/s", seconds=seconds, config={"events": events})
    found = store.graph().num_edges(REPOST)
    store.wait()
    lines.write("corpus", "reposts", found, config={"rejected": report.rejected})
    click.echo(f"{path.name}: {events:,} records in {seconds:.0f} s, {found:,} reposts, {report.rejected} rejected")


def _cpu(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _wall(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
