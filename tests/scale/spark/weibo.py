"""The Weibo corpus as a store: authors, reposts, and who reposted whom as follows that hold from the beginning on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from graphsocial.schema import Schema
from graphsocial.store import EventBatch, Store

AUTHOR, REPOST, FOLLOW = ("user", "author", "post"), ("user", "repost", "post"), ("user", "follow", "user")


def weibo_store(corpus: Path, path: Path, cascades: int | None = None) -> Store:
    """A store of the first cascades, all when None.

    Args:
        corpus: Folder `ced_weibo`.
        path: Folder of the store.
        cascades: How many.
    """
    posts = pl.read_csv(corpus / "cascades.csv.gz", columns=["cascade", "author", "time"]).sort("cascade")
    events = pl.read_csv(corpus / "events.csv.gz", columns=["cascade", "node", "user", "parent_node", "dt_seconds"])
    if cascades is not None:
        posts, events = posts.head(cascades), events.filter(pl.col("cascade") < cascades)
    parents = events.select("cascade", pl.col("node").alias("parent_node"), pl.col("user").alias("parent"))
    events = events.join(posts.select("cascade", "author", "time"), on="cascade").join(
        parents, on=["cascade", "parent_node"], how="left"
    )
    user = pl.format("u{}", "user")
    when = pl.col("time") + pl.col("dt_seconds")
    reposts = events.select(user.alias("src"), pl.format("p{}", "cascade").alias("dst"), when)
    followed = pl.coalesce("parent", "author")
    follows = events.filter(pl.col("user") != followed).select(
        user.alias("src"), pl.format("u{}", followed).alias("dst"), pl.lit(0, pl.Int64).alias("time")
    )
    authors = posts.select(pl.format("u{}", "author").alias("src"), pl.format("p{}", "cascade").alias("dst"), "time")
    edges = {AUTHOR: authors, REPOST: reposts, FOLLOW: follows.unique()}
    schema = Schema({"user": {}, "post": {}}, {edge_type: {} for edge_type in edges})
    store = Store.create(path)
    store.append(EventBatch(schema, edges={e: frame.to_arrow() for e, frame in edges.items()}))
    store.wait()
    return store


def same(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether two columns are equal, value by value."""
    return len(found) == len(expected) and bool((np.asarray(found) == np.asarray(expected)).all())
