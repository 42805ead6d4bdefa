"""The command that learns how posts spread."""

from __future__ import annotations

from pathlib import Path

import click

from graphsocial.cli.commands import RUN, SEED
from graphsocial.cli.group import main
from graphsocial.cli.steps import graph_part, items_bar, note, part


@main.command()
@RUN
@click.option("--relation", default="repost", show_default=True, help="By which users pass posts on.")
@click.option("--observe", default="1h", show_default=True, help="How much of a post's spread is known when asked.")
@click.option("--horizon", default="7d", show_default=True, help="How long after that counts.")
@click.option("--follow", metavar="REL", help="Social relation to confine edges to [default: who passed on the same].")
@click.option("--as-of", metavar="TIME", help="Learn only from what was known before this time.")
@click.option("--refits", default=0, show_default=True, help="More models, for the intervals of Engine.what_if.")
@click.option("--quick", is_flag=True, help="Few epochs and simulations, for a first look.")
@SEED
def spread(
    run: Path,
    relation: str,
    observe: str,
    horizon: str,
    follow: str | None,
    as_of: str | None,
    refits: int,
    quick: bool,
    seed: int,
) -> None:
    """Learn, from a run's graph and tokens, the chance of everybody to pass a post on; `Engine.activation` asks it."""
    import time

    from graphsocial.embed import EmbeddingTable
    from graphsocial.learn import ActivationTraining, PostSpread
    from graphsocial.learn.cascade_size.duration import parse_duration
    from graphsocial.store import open_graph

    began = time.perf_counter()
    graph = open_graph(graph_part(run))
    graph = graph if as_of is None else graph.as_of(as_of)
    tokens = EmbeddingTable.open(part(run, "tokens", "embed"))
    with items_bar() as progress:
        learned = PostSpread.fit(
            graph,
            tokens,
            ("user", relation, "post"),
            observe=parse_duration(observe),
            horizon=parse_duration(horizon),
            follow=None if follow is None else ("user", follow, "user"),
            refits=refits,
            config=ActivationTraining.quick() if quick else None,
            rng=seed,
            progress=progress,
        )
    learned.save(run / "spread")
    click.echo(repr(learned.model))
    for sentence in learned.model.assumptions:
        click.echo(f"assumed: {sentence}")
    note(run, spread={"seconds": time.perf_counter() - began, "seed": seed})
