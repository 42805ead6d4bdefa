"""Which contents the posts of a view show, as of the view."""

from __future__ import annotations

import numpy as np

from graphsocial.embed.table import EmbeddingTable
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.schema import MEASURED, EdgeType

SHOW: EdgeType = ("post", "show", "media")

_SHOWN = {"text": ("text",), "image": ("image", "video"), "video": ("video",)}
"""Modalities in which a modality is looked for: the frames of a clip are tokens of pictures, one encoder saw both."""


def shown_contents(view: SocialGraph, table: EmbeddingTable, modality: str) -> dict[str, np.ndarray]:
    """Contents of each post by the modality whose tokens they have, int64 [post, item], -1 where there is none.

    A text is known with its post's row, a picture or clip once the post shows it and its own row is known. Kept with
    the view, as a long table takes a while to align.

    Args:
        view: Nothing that it does not know is shown.
        table: Contents.
        modality: "text", "image" (clips too, by their frames) or "video".

    Raises:
        SchemaError: Unknown modality, or the table has none of it.
    """
    if modality not in _SHOWN:
        raise SchemaError(
            f"unknown modality {modality!r}, expected one of {', '.join(_SHOWN)}.{did_you_mean(str(modality), _SHOWN)}"
        )
    present = [kind for kind in _SHOWN[modality] if kind in table.tokens]
    if not present:
        raise SchemaError(f"no {modality} was embedded; the table has {', '.join(table.tokens) or 'nothing'}")
    key = ("shown_contents", modality)
    held = view.cache.get(key)
    if held is None or held[0] is not table:
        held = table, {kind: _rows(view, table, kind) for kind in present}
        view.cache[key] = held
    found: dict[str, np.ndarray] = held[1]
    return found


def _rows(view: SocialGraph, table: EmbeddingTable, modality: str) -> np.ndarray:
    if modality == "text":
        rows = table.rows("post", "text", view.node_ids("post"))
        return np.where(_known(view, "post", "text")[:, None], rows, -1)
    if "media" not in view.node_types or SHOW not in view.edge_types:
        return np.full((view.num_nodes("post"), 1), -1, dtype=np.int64)
    shown = table.rows("media", modality, view.node_ids("media"))[:, 0]
    if modality == "image" and "video" in table.tokens:  # of a clip, the clip counts
        clip = table.rows("media", "video", view.node_ids("media"))[:, 0]
        shown = np.where(clip >= 0, -1, shown)
    shown = np.where(_known(view, "media", "path"), shown, -1)
    edges = view.without_start().edges(SHOW)
    order = np.argsort(edges.src, kind="stable")
    post, content = edges.src[order], shown[edges.dst[order]]
    post, content = post[content >= 0], content[content >= 0]
    item = np.arange(len(post)) - np.searchsorted(post, post)
    rows = np.full((view.num_nodes("post"), int(item.max(initial=0)) + 1), -1, dtype=np.int64)
    rows[post, item] = content
    return rows


def content_known_at(view: SocialGraph, node_type: str, column: str) -> np.ndarray:
    """When the content that a column names is known, int64 seconds [node]; 2**63 - 1 where the view does not know it.

    With the node's row, or when the column was measured, whichever is later.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Column, Schema
    >>> posts = pa.table({"id": ["p", "q"], "known_at": [1, 9], "text": ["so", "so"]})
    >>> schema = Schema({"post": {"text": Column("string", known_at=5)}}, {})
    >>> content_known_at(SocialGraph.build(schema, {"post": posts}, {}), "post", "text").tolist()
    [5, 9]
    """
    known = view.row_known_at(node_type)
    declared = view.schema.nodes[node_type].get(column)
    if declared is not None and declared.known_at == MEASURED and (node_type, column) not in view.assumed_known:
        return view.measurements(node_type, column).known_at(len(known))
    if declared is None or not isinstance(declared.known_at, int) or (node_type, column) in view.assumed_known:
        return known
    if view.end is not None and declared.known_at >= view.end:
        return np.full(len(known), NEVER)
    return np.maximum(known, declared.known_at)


def _known(view: SocialGraph, node_type: str, column: str) -> np.ndarray:
    """Whether the view knows what each node shows, bool [node]."""
    return content_known_at(view, node_type, column) != NEVER
