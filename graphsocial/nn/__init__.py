"""Torch starts here: the cross-modal graph encoder, heads, loss balancing, and PyTorch Geometric both ways."""

from graphsocial.nn.attention_share import AttentionShare
from graphsocial.nn.encoder import Encoded, GraphEncoder
from graphsocial.nn.encoder_config import EncoderConfig
from graphsocial.nn.pyg import from_pyg, to_pyg
from graphsocial.nn.seeding import seeded

__all__ = [
    "AttentionShare",
    "Encoded",
    "EncoderConfig",
    "GraphEncoder",
    "from_pyg",
    "seeded",
    "to_pyg",
]
