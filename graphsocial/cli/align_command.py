"""The command that learns which pictures go with which words."""

from __future__ import annotations

import time
from pathlib import Path

import click

from graphsocial.cli.group import main
from graphsocial.cli.options import RUN, SEED
from graphsocial.cli.steps import graph_part, items_bar, note, part


@main.command()
@RUN
@click.option("--as-of", metavar="TIME", help="Learn only from what was known before this time.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write [default: RUN/alignment.safetensors].")
@SEED
def align(run: Path, as_of: str | None, out: Path | None, seed: int) -> None:
    """Learn, from a run's posts with words and a picture, one space for both; `graphsocial search` asks it."""
    from graphsocial.embed import EmbeddingTable
    from graphsocial.learn.alignment.alignment import FILE
    from graphsocial.learn.alignment.fit_alignment import measured_alignment
    from graphsocial.store import open_graph

    began = time.perf_counter()
    graph = open_graph(graph_part(run))
    graph = graph if as_of is None else graph.as_of(as_of)
    tokens = EmbeddingTable.open(part(run, "tokens", "embed"))
    with items_bar() as progress:
        found = measured_alignment(graph, tokens, rng=seed, progress=progress)
    out = out or run / FILE
    out.parent.mkdir(parents=True, exist_ok=True)
    found.alignment.save(out)
    click.echo(repr(found))
    for sentence in tokens.assumptions(found.first_use):
        click.echo(f"assumed: {sentence}")
    note(run, align={"seconds": time.perf_counter() - began, "seed": seed})
