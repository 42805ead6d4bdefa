"""Predictions of a graph model that is given only some of the modalities."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.errors import NotFittedError, SchemaError, did_you_mean
from graphsocial.graph import SocialGraph
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.examples import Examples
from graphsocial.learn.trainer import Trainer
from graphsocial.nn.node_slots import SLOTS

GRAPH_MODALITIES = ("text", "image", "graph", "behaviour")
"""What can be taken from a graph model: the slots of every node (`behaviour`: its place in the graph and its times, the
slot `structure`), and the messages of neighbours (`graph`)."""

_SLOT = {"text": "text", "image": "image", "behaviour": "structure"}


def masked_predictions(
    trainer: Trainer, graph: SocialGraph, content: ContentIndex, examples: Examples, given: Collection[str]
) -> np.ndarray:
    """Predictions when every node holds only some modalities, as its metric takes them.

    A slot that is taken away holds the learned null, as in training with modality dropout; a model without modality
    dropout has never seen that. Without `graph` no neighbour is heard. What a task computed beside the graph
    (`Examples.features`) stays.

    Args:
        trainer: A trained model.
        graph: Graph or view.
        content: Tokens of its nodes.
        examples: Rows of one task.
        given: Some of `GRAPH_MODALITIES`.

    Raises:
        NotFittedError: The trainer has no model.
        SchemaError: There is no such modality.
    """
    if trainer.model is None:
        raise NotFittedError("the trainer has no model yet; train it, or open a checkpoint")
    for name in given:
        if name not in GRAPH_MODALITIES:
            raise SchemaError(
                f"unknown modality {name!r}, expected one of {', '.join(GRAPH_MODALITIES)}."
                f"{did_you_mean(str(name), GRAPH_MODALITIES)}"
            )
    with _only(trainer.model.encoder, given):
        return trainer.predict(graph, content, {examples.name: examples})[examples.name]


@contextmanager
def _only(encoder: Any, given: Collection[str]) -> Iterator[None]:
    config = encoder.config
    gone = torch.tensor([slot in [_SLOT[m] for m in _SLOT if m not in given] for slot in SLOTS])

    def hide(module: nn.Module, args: tuple[Any, ...], out: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        x, present = out
        slots, away = encoder.slots, gone.to(x.device)
        nothing = torch.cat([(slots.null[t] + slots.kind[t]).expand(n, -1, -1) for t, n in args[1].items()])
        return torch.where(away.view(1, -1, 1), nothing.to(x.dtype), x), present & ~away

    hook = encoder.slots.register_forward_hook(hide)
    try:
        encoder.config = replace(config, use_graph=config.use_graph and "graph" in given)
        yield
    finally:
        encoder.config = config
        hook.remove()
