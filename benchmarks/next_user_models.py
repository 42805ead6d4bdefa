"""The learned rankers of the next-user benchmark, made by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from benchmarks.cascade_content import CascadeContent, cascade_content
from benchmarks.cascade_links import CascadeLinks, cascade_links
from graphsocial.ingest import CascadeFolder
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.floors import Ranker
from graphsocial.learn.next_user.split import NextUserSplit

WITH_EDGES = "graphsocial_edges"
"""The house's model with the links of `edges.tsv`. They have no times, so its rows are no part of the headline."""

if TYPE_CHECKING:
    from graphsocial.learn.next_user.model import NextUserModel

LEARNED = ("graphsocial", "ms_hgat", WITH_EDGES)


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
    return trained_model(name, folder, split, seed, quick)


def check_sources(name: str, folder: CascadeFolder, table: CascadeTable) -> None:
    """Raises what making the model would raise for want of data, before time is spent on the floors.

    Args:
        name: One of `LEARNED`, or anything else, which needs nothing.
        folder: Cascades, and edges where there are any.
        table: The cascades that are ranked.

    Raises:
        SchemaError: The model is given links, and the folder has none.
    """
    if name == WITH_EDGES:
        cascade_links(folder, table)


def _ms_hgat(folder: CascadeFolder, split: NextUserSplit, seed: int, quick: bool) -> Ranker:
    """The published peer: friendships where the folder has them, and a sequence of hypergraphs."""
    from graphsocial.learn.next_user.ms_hgat_ranker import MsHgatRanker  # torch, needed only here
    from graphsocial.learn.next_user.ms_hgat_training import MsHgatTraining

    training = MsHgatTraining(epochs=2, steps=20) if quick else MsHgatTraining()
    ranker = MsHgatRanker(split, folder.edges, seed=seed, training=training)
    for report in ranker.fit():
        click.echo(f"ms_hgat seed {seed}, {report}", err=True)
    return ranker


def trained_model(name: str, folder: CascadeFolder, split: NextUserSplit, seed: int, quick: bool) -> NextUserModel:
    """The house's model. Links without times are no part of the headline: it is given them under another name."""
    from graphsocial.learn.next_user.model import NextUserModel  # torch, needed only here
    from graphsocial.learn.next_user.sampled import Sources
    from graphsocial.learn.next_user.training import NextUserTraining

    training = NextUserTraining(epochs=1, most_rows=1_500, judged_rows=300) if quick else NextUserTraining()
    links = cascade_links(folder, split.table) if name == WITH_EDGES else CascadeLinks(None)
    content = CascadeContent({}) if quick else cascade_content(folder, split.table)
    sources = Sources(links.pairs, content.vectors, (*links.assumptions, *content.assumptions))
    model = NextUserModel(split, sources, seed=seed, training=training)
    for report in model.fit():
        click.echo(f"{name} seed {seed}, {report}", err=True)
    return model
