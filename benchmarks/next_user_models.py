"""The learned rankers of the next-user benchmark, made by name."""

from __future__ import annotations

import click

from benchmarks.cascade_content import cascade_content
from graphsocial.ingest import CascadeFolder
from graphsocial.learn.next_user.floors import Ranker
from graphsocial.learn.next_user.split import NextUserSplit

LEARNED = ("graphsocial", "ms_hgat")


def learned_ranker(name: str, folder: CascadeFolder, split: NextUserSplit, seed: int, quick: bool) -> Ranker:
    """A model trained on the split's training part and selected on its validation part, ready to rank.

    Whatever it wants to say about itself (epochs, device, settings) goes into its attribute `config`, a dict that the
    benchmark writes into the result lines.

    Args:
        name: One of `LEARNED`.
        folder: Cascades, and edges, texts and images where there are any.
        split: Parts and protocol.
        seed: Of everything random.
        quick: End well within a minute.
    """
    if name == "ms_hgat":
        return _ms_hgat(folder, split, seed, quick)
    return _graphsocial(folder, split, seed, quick)


def _ms_hgat(folder: CascadeFolder, split: NextUserSplit, seed: int, quick: bool) -> Ranker:
    """The published peer: friendships where the folder has them, and a sequence of hypergraphs."""
    from graphsocial.learn.next_user.ms_hgat_ranker import MsHgatRanker  # torch, needed only here
    from graphsocial.learn.next_user.ms_hgat_training import MsHgatTraining

    training = MsHgatTraining(epochs=2, steps=20) if quick else MsHgatTraining()
    ranker = MsHgatRanker(split, folder.edges, seed=seed, training=training)
    for report in ranker.fit():
        click.echo(f"ms_hgat seed {seed}, {report}", err=True)
    return ranker


def _graphsocial(folder: CascadeFolder, split: NextUserSplit, seed: int, quick: bool) -> Ranker:
    """The house's model. Links without times are no part of the headline, so it is not given any."""
    from graphsocial.learn.next_user.model import NextUserModel, NextUserTraining  # torch, needed only here
    from graphsocial.learn.next_user.sampled import Sources

    training = NextUserTraining(epochs=1, most_rows=6_000, judged_rows=500) if quick else NextUserTraining()
    content = {} if quick else cascade_content(folder, split.table)
    model = NextUserModel(split, Sources(None, content), seed=seed, training=training)
    for report in model.fit():
        click.echo(f"graphsocial seed {seed}, {report}", err=True)
    return model
