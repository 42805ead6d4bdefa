"""How fast the demo's parts are, beside the raw encoders."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks.result_lines import ResultLines
from graphsocial.embed import EmbeddingTable, embed_posts, image_embedder, normalise_text, read_image, text_embedder
from graphsocial.embed.packaged_weights import minilm_folder
from graphsocial.graph import SocialGraph
from graphsocial.learn import Trainer, TrainingConfig, read_task_file

POSTS = 600


def measure_speed(graph: SocialGraph, tokens: EmbeddingTable, data: Path, lines: ResultLines) -> None:
    """Posts/s of embedding beside the raw encoders, training examples/s, the sampler's share of a step."""
    part = graph.as_of(int(graph.known_at("post")[POSTS]))
    ours, raw = embedding_rates(part)
    lines.write("embedding", "rate", ours, unit="posts/s", peer="raw_encoders", ratio=ours / raw)
    lines.write("raw_encoders", "rate", raw, unit="posts/s")
    tasks, split = read_task_file(data / "tasks.toml")
    trainer = Trainer(tasks, split, training=TrainingConfig(epochs=2), rng=0)
    last = list(trainer.epochs(graph, tokens))[-1]
    lines.write("training", "rate", last.examples_per_second, unit="examples/s")
    lines.write("training", "sampler_share", last.sampler_share, unit="share of a step")
    click.echo(f"embedding {ours:.0f} posts/s, {ours / raw:.2f} of the raw encoders' {raw:.0f}")
    click.echo(f"training {last.examples_per_second:.0f} examples/s, sampler {last.sampler_share:.1%} of a step")


def embedding_rates(view: SocialGraph) -> tuple[float, float]:
    """Posts per second of `embed_posts` without a cache, and of the encoders alone on the same distinct content."""
    posts = view.num_nodes("post")
    text, image = text_embedder("builtin:minilm"), image_embedder("builtin:efficientnet_lite0")
    from sentence_transformers import SentenceTransformer  # the lines above mended torchvision, which it imports

    texts = sorted({normalise_text(t) for t in view.column("post", "text").to_pylist() if t}, key=len)
    root = Path(view.media_root or ".")
    files = [root / p for p in view.column("media", "path").to_pylist() if p]
    raw_model = SentenceTransformer(str(minilm_folder()), device="cpu")
    text.embed(texts[:8])
    raw_model.encode(texts[:8], show_progress_bar=False)
    image.embed([read_image(files[0], image.size)])
    began = time.perf_counter()
    raw_model.encode(texts, batch_size=32, show_progress_bar=False)
    image.embed([read_image(file, image.size) for file in files])
    raw = posts / (time.perf_counter() - began)
    with tempfile.TemporaryDirectory() as cache:
        began = time.perf_counter()
        embed_posts(view, text, image, cache=Path(cache))
        ours = posts / (time.perf_counter() - began)
    return ours, raw


def time_demo(data: Path, lines: ResultLines) -> None:
    """Wall time and memory of the whole demo in a fresh process: with an empty cache, then with a warm one."""
    with tempfile.TemporaryDirectory() as folder:
        for case in ("demo_cold", "demo_warm"):
            command = [sys.executable, "-m", "graphsocial", "demo", "--data", str(data), "--out", f"{folder}/{case}"]
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", _MEASURED, *command], capture_output=True, text=True, check=True
            )
            peak = float(done.stdout.strip().splitlines()[-1])
            lines.write(case, "wall", time.perf_counter() - began, unit="s")
            lines.write(case, "peak_memory", peak, unit="MB")


_MEASURED = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
)
