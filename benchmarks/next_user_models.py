"""The learned rankers of the next-user benchmark, made by name."""

from __future__ import annotations

import click

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
    raise click.ClickException(f"{name} is not built yet; --model none runs the floors")
