"""The fused vector of one node, by a trained encoder."""

from __future__ import annotations

import numpy as np
import torch

from graphsocial.graph import SocialGraph
from graphsocial.learn.batching import ContentIndex, make_batch
from graphsocial.learn.examples import Examples
from graphsocial.learn.trainer import Trainer
from graphsocial.schema import NodeKey


def node_vector(trainer: Trainer, view: SocialGraph, content: ContentIndex, node: NodeKey) -> np.ndarray:
    """What the encoder makes of a node as of the end of a view, float32 [channel].

    Args:
        trainer: Trained model.
        view: View with an end.
        content: Token rows of its nodes.
        node: The node.

    Raises:
        UnknownNodeError: When the view does not know the node.
    """
    place = view.index_of(node)
    row = Examples(
        "embedding",
        {"node": (node[0], np.array([place]))},
        np.array([view.end]),
        np.zeros(1),
        np.array(["embedding"], dtype=object),
        np.zeros(1, np.int64),
    )
    batch = make_batch(view, content, {"embedding": row}, trainer.training.fanout, 0).to(trainer.device)
    assert trainer.model is not None
    trainer.model.eval()
    with torch.inference_mode():
        fused = trainer.model.encoder(batch.data).fused[node[0]][0]
    return fused.float().cpu().numpy()  # type: ignore[no-any-return]
