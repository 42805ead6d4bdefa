"""The random world with a small trainer, a world that learns things late, and a text encoder that needs no weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from graphsocial.embed import Embedded, EmbeddingTable, EncoderInfo, hashing_embeddings
from graphsocial.embed.hashing import _text_tokens
from graphsocial.graph import SocialGraph
from graphsocial.learn import Task, Trainer, TrainingConfig
from graphsocial.nn import EncoderConfig
from graphsocial.nn.balancing import Balance
from graphsocial.schema import Column, EdgeType, Schema
from tests.leakage.erasable_world import MENTION, REPOST, World, random_world
from tests.leakage.outputs import SPLIT

AUTHOR: EdgeType = ("user", "author", "post")
SHOW: EdgeType = ("post", "show", "media")


def small_world() -> World:
    return random_world(5, users=16, posts=110)


@cache
def world_graph() -> SocialGraph:
    return small_world().graph()


@cache
def world_tokens() -> EmbeddingTable:
    return hashing_embeddings(world_graph())


def small_tasks() -> list[Task]:
    return [Task.post_label("mood"), Task.popularity(column="reposts"), Task.link(MENTION, REPOST, negatives=3)]


def small_trainer(
    tasks: Sequence[Task] | None = None, balance: Balance | None = None, encoder: Any = None, **training: Any
) -> Trainer:
    settings = {"epochs": 2, "batch_size": 200, "fanout": (3,), "warmup": 1, "patience": 9} | training
    return Trainer(
        small_tasks() if tasks is None else tasks,
        SPLIT,
        encoder=EncoderConfig(**({"channels": 8, "heads": 2, "layers": 1} | (encoder or {}))),
        training=TrainingConfig(**settings),
        balance=balance,
        rng=3,
        device="cpu",
    )


def trained(trainer: Trainer, graph: SocialGraph | None = None, tokens: EmbeddingTable | None = None) -> Trainer:
    graph = world_graph() if graph is None else graph
    for _ in trainer.epochs(graph, hashing_embeddings(graph) if tokens is None else tokens):
        pass
    return trainer


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    assert trainer.model is not None
    return {name: value.detach().clone() for name, value in trainer.model.state_dict().items()}


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def late_graph() -> SocialGraph:
    """p1 shows m1 from 10 on and m2 from 50 on; p2 is named at 20 and its row is known at 100."""
    schema = Schema({"user": {}, "post": {"text": Column()}, "media": {"path": Column()}}, {AUTHOR: {}, SHOW: {}})
    posts = {"id": ["p1", "p2", "p3"], "known_at": [10, 100, 15], "text": ["flood here", "flood here", "other words"]}
    nodes = {
        "user": pa.table({"id": ["u1"], "known_at": [1]}),
        "post": pa.table(posts),
        "media": pa.table({"id": ["m1", "m2"], "path": ["one.jpg", "two.jpg"]}),
    }
    edges = {
        AUTHOR: pa.table({"src": ["u1"] * 3, "dst": ["p1", "p2", "p3"], "time": [10, 20, 15]}),
        SHOW: pa.table({"src": ["p1", "p1", "p3"], "dst": ["m1", "m2", "m1"], "time": [10, 50, 15]}),
    }
    return SocialGraph.build(schema, nodes, edges)


class WordHashes:
    """The encoder of `hashing_embeddings`, remembering what it is asked for."""

    layout = "hashing text v1"

    def __init__(self, tokens: int = 4, channels: int = 16):
        self.info = EncoderInfo("hashing (test double)", "text", channels, "00")
        self.tokens, self.channels = tokens, channels
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> Embedded:
        self.seen += texts
        made = [_text_tokens(text, self.tokens, self.channels) for text in texts]
        return Embedded(np.stack([t for t, _ in made]).astype(np.float16), np.stack([m for _, m in made]))
