"""How fast a network trains on one device: batches made ahead or not, half precision or not, compiled or not.

`training_lines("cuda", quick=False)` measures, `python -m benchmarks.gpu_training --device cuda` prints its lines.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import click
import numpy as np
import pyarrow as pa

from graphsocial import SocialGraph
from graphsocial.embed import EmbeddingTable, hashing_embeddings
from graphsocial.errors import GraphSocialError
from graphsocial.learn import ComputeConfig, Task, TemporalSplit, Trainer, TrainingConfig
from graphsocial.nn import EncoderConfig
from graphsocial.schema import Column, EdgeType, Schema

AUTHOR: EdgeType = ("user", "author", "post")
MENTION: EdgeType = ("user", "mention", "user")
DAY = 86400
BEGIN = 1_350_000_000 // DAY * DAY
SPLIT = TemporalSplit(valid=BEGIN + 8 * DAY, test=BEGIN + 9 * DAY)

WAYS = {
    "as it comes": ComputeConfig(precision="float32", prefetch=0),
    "batches ahead": ComputeConfig(precision="float32", prefetch=4),
    "bfloat16": ComputeConfig(precision="bfloat16", prefetch=0),
    "batches ahead, bfloat16": ComputeConfig(precision="bfloat16", prefetch=4),
    "batches ahead, bfloat16, two parts a step": ComputeConfig(precision="bfloat16", prefetch=4, accumulate=2),
    "batches ahead, bfloat16, compiled": ComputeConfig(precision="bfloat16", prefetch=4, compile=True),
}
"""Ways to compute the same training; the first is what the others are held against."""


def planted_world(posts: int, channels: int, rng: int = 0) -> tuple[SocialGraph, EmbeddingTable]:
    """Users who write posts and mention one another: a word decides a post's mood, a circle whom a user mentions.

    Args:
        posts: Number of posts; a third as many users, twice as many mentions.
        channels: Width of a token; 384 is that of the built-in text encoder.
        rng: Seed.
    """
    draw = np.random.default_rng(rng)
    users, mentions = max(posts // 3, 24), 2 * posts
    happy = draw.random(posts) < 0.5
    words = np.where(happy, "glad", "awful")
    noise = draw.integers(0, 500, (posts, 6))
    texts = [f"{word} {' '.join(f'noise{n}' for n in row)}" for word, row in zip(words, noise, strict=True)]
    time_of_post = np.sort(draw.integers(BEGIN + 1, BEGIN + 10 * DAY, posts))
    ids = [f"u{i:07d}" for i in range(users)]
    names = [f"p{i:07d}" for i in range(posts)]
    one = draw.integers(0, users, mentions)
    other = (one + 1 + draw.integers(0, 20, mentions)) % users
    time_of_mention = np.sort(draw.integers(BEGIN + 1, BEGIN + 10 * DAY, mentions))
    graph = SocialGraph.build(
        Schema({"user": {}, "post": {"text": Column(), "mood": Column()}}, {AUTHOR: {}, MENTION: {}}),
        {
            "user": pa.table({"id": ids, "known_at": np.full(users, BEGIN)}),
            "post": pa.table(
                {
                    "id": names,
                    "known_at": time_of_post,
                    "text": texts,
                    "mood": np.where(happy, "happy", "sad").tolist(),
                }
            ),
        },
        {
            AUTHOR: pa.table(
                {"src": [ids[i] for i in draw.integers(0, users, posts)], "dst": names, "time": time_of_post}
            ),
            MENTION: pa.table({"src": [ids[i] for i in one], "dst": [ids[i] for i in other], "time": time_of_mention}),
        },
        name="planted",
    )
    return graph, hashing_embeddings(graph, channels=channels)


def training_lines(device: str, quick: bool) -> Iterator[dict[str, Any]]:
    """One dict per way to train and measured thing: `case`, `metric`, `value`, `unit`, `seconds`, `config`.

    The first epoch of every run warms caches and compilers up and is not counted; the figures are those of the others
    together. The share of the time spent waiting is the host's: with float32 and no batches ahead it is what the device
    would have to wait, too, since the step waits for the device several times.

    Args:
        device: `cpu`, `cuda` or `cuda:0`.
        quick: A world that a processor trains on within seconds, and no compilation.
    """
    graph, tokens = planted_world(200, 32) if quick else planted_world(6_000, 384)
    encoder = EncoderConfig(channels=16 if quick else 256, heads=4, layers=1 if quick else 2)
    training = TrainingConfig(
        epochs=2 if quick else 3, patience=9, batch_size=160 if quick else 1024, fanout=(4,) if quick else (10, 5)
    )
    ways = {name: way for name, way in WAYS.items() if not (quick and way.compile)}
    first = None
    for name, way in ways.items():
        try:
            lines = _measured(graph, tokens, encoder, training, way, device)
        except GraphSocialError as error:
            yield {"case": name, "metric": "not measured", "value": None, "unit": "", "reason": str(error)}
            continue
        first = first or lines["throughput"]
        config = {"device": device, "compute": asdict(way), "batch_size": training.batch_size}
        for metric, value, unit in (
            ("throughput", lines["throughput"], "examples/s"),
            ("against as it comes", lines["throughput"] / first, "×"),
            ("time spent waiting for batches", lines["waiting"], "share"),
            ("first epoch", lines["first"], "s"),
            ("validation score", lines["score"], ""),
        ):
            yield {
                "case": name,
                "metric": metric,
                "value": value,
                "unit": unit,
                "seconds": lines["seconds"],
                "config": {**config, "channels": encoder.channels, "fanout": list(training.fanout)},
            }


def _measured(
    graph: SocialGraph,
    tokens: EmbeddingTable,
    encoder: EncoderConfig,
    training: TrainingConfig,
    way: ComputeConfig,
    device: str,
) -> dict[str, float]:
    began = time.perf_counter()
    trainer = Trainer(
        [Task.post_label("mood"), Task.link(MENTION, negatives=5)],
        SPLIT,
        encoder=encoder,
        training=replace(training),
        rng=0,
        device=device,
        compute=way,
    )
    reports = list(trainer.epochs(graph, tokens))
    counted = reports[1:]
    return {
        "throughput": float(np.mean([report.examples_per_second for report in counted])),
        "waiting": float(np.mean([report.sampler_share for report in counted])),
        "first": reports[0].seconds,
        "score": reports[-1].score,
        "seconds": time.perf_counter() - began,
    }


@click.command()
@click.option("--device", default="auto", show_default=True)
@click.option("--quick", is_flag=True, help="Within a minute, on a small world.")
def main(device: str, quick: bool) -> None:
    """How fast a network trains on one device; one JSON line per measured thing."""
    for line in training_lines(device, quick):
        click.echo(json.dumps(line))


if __name__ == "__main__":
    main()
