"""The cascades of a corpus as a graph of users and posts with their content, as any source of posts would give them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchmarks.cascade_content import cascade_content
from graphsocial.embed import EmbeddingTable, text_embedder
from graphsocial.embed.contents import node_contents
from graphsocial.embed.table import ModalityTokens
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet, SocialGraph
from graphsocial.ingest import CascadeFolder
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.schema import Column, Schema

AUTHOR, REPOST = ("user", "author", "post"), ("user", "repost", "post")


def case_graph(folder: CascadeFolder, cascades: CascadeSet) -> SocialGraph:
    """Posts with their texts; the first user of each cascade is taken for the author, the others passed it on.

    Args:
        folder: Where the texts are.
        cascades: One per post, times in seconds.
    """
    order = np.lexsort((cascades.time, np.repeat(np.arange(len(cascades)), cascades.size)))
    user, time = cascades.node[order].astype(str), cascades.time[order].astype(np.int64)
    first = np.zeros(len(user), dtype=bool)
    first[cascades.offsets[:-1]] = True
    names = cascades.names.astype(str)
    post = np.repeat(names, cascades.size)
    texts = [folder.texts.get(name) for name in names.tolist()]
    posts = pa.table({"id": names.tolist(), "known_at": time[first], "text": texts})
    acts = {
        relation: pa.table({"src": user[rows].tolist(), "dst": post[rows].tolist(), "time": time[rows]})
        for relation, rows in ((AUTHOR, first), (REPOST, ~first))
    }
    schema = Schema({"user": {}, "post": {"text": Column("string")}}, {AUTHOR: {}, REPOST: {}})
    return SocialGraph.build(schema, {"post": posts}, acts, name=folder.name)


def case_tokens(folder: CascadeFolder, cascades: CascadeSet) -> EmbeddingTable:
    """Texts as the bridge benchmark reads them, one token each, from the same cache.

    Raises:
        SchemaError: The corpus has no texts.
    """
    table = CascadeTable.of(cascades)
    vectors = cascade_content(folder, table).vectors.get("text")
    if vectors is None:
        raise SchemaError(f"{folder.name} has no texts, expected a corpus of cascades that say something")
    encoder = text_embedder(tokens=1)
    there = np.flatnonzero(np.linalg.norm(vectors, axis=1) > 0)
    tokens = vectors[there][:, None].astype(np.float16)
    made = ModalityTokens("text", tokens, np.ones(tokens.shape[:2], dtype=bool), encoder.info, encoder.layout)
    names = table.names.astype(str)[there].tolist()
    every = np.arange(len(there))
    return EmbeddingTable(
        {"text": made}, {("post", "text"): node_contents(names, [[i] for i in range(len(there))], every)}
    )
