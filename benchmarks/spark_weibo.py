"""The Weibo corpus as a store: authors, reposts, and who reposted whom as follows that hold from the beginning on."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import polars as pl

from benchmarks.ced_weibo import FILES
from graphsocial.schema import EdgeType, Schema
from graphsocial.store import EventBatch, Store

AUTHOR: EdgeType = ("user", "author", "post")
REPOST: EdgeType = ("user", "repost", "post")
FOLLOW: EdgeType = ("user", "follow", "user")


def weibo_store(corpus: Path, path: Path, cascades: int | None = None) -> Store:
    """A store of the first cascades, all when None.

    Args:
        corpus: Folder `ced_weibo`.
        path: Folder of the store.
        cascades: How many.
    """
    posts = pl.read_csv(corpus / FILES[0], columns=["cascade", "author", "time"]).sort("cascade")
    events = pl.read_csv(corpus / FILES[1], columns=["cascade", "node", "user", "parent_node", "dt_seconds"])
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


def weibo_hash(corpus: Path) -> str:
    """Hash of the two files that the store is made of."""
    return sha256(b"".join(sha256((corpus / name).read_bytes()).digest() for name in FILES[:2])).hexdigest()
