"""Planted cascades as a graph with posts, authors, reposts and follows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.schema import Column, Schema
from tests.learn.activation.planted_spread import PlantedSpread

REPOST, AUTHOR, FOLLOW = ("user", "repost", "post"), ("user", "author", "post"), ("user", "follow", "user")
POSTS, ASKED = 220, 200
"""Posts there are, and the one that is asked about; the model is made just before it starts."""
WORDS = ("river flood water rising bridge", "football match goal keeper league")
QUICK = ActivationTraining(epochs=2, blocks=4, virality_nets=1, virality_epochs=5, judged_posts=10, judged_runs=20)


def graph_of(world: PlantedSpread, posts: int = POSTS) -> SocialGraph:
    """The first posts of a world; each says in words what its topic is."""
    cascades = world.cascades
    first = cascades.offsets[:-1][:posts]
    until = cascades.offsets[posts]
    cascade = np.repeat(np.arange(len(cascades)), cascades.size)[:until]
    later = np.setdiff1d(np.arange(until), first)
    names = cascades.names[:posts].tolist()
    nodes = pa.table(
        {
            "id": names,
            "known_at": cascades.time[first],
            "text": [f"{WORDS[topic]} {i}" for i, topic in enumerate(world.topic[:posts])],
        }
    )
    author = pa.table({"src": cascades.node[first].tolist(), "dst": names, "time": cascades.time[first]})
    repost = pa.table(
        {
            "src": cascades.node[later].tolist(),
            "dst": cascades.names[cascade[later]].tolist(),
            "time": cascades.time[later],
        }
    )
    ids = world.graph.ids
    follow = pa.table(
        {
            "src": ids[world.graph.target].tolist(),
            "dst": ids[world.graph.source].tolist(),
            "time": np.zeros(world.graph.num_edges, dtype=np.int64),
        }
    )
    schema = Schema({"user": {}, "post": {"text": Column("string")}}, {AUTHOR: {}, REPOST: {}, FOLLOW: {}})
    return SocialGraph.build(schema, {"post": nodes}, {AUTHOR: author, REPOST: repost, FOLLOW: follow})
