"""Pairs whose text and picture tell of the same hidden things, among much that they do not share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.learn.alignment.content_pairs import ContentPairs
from graphsocial.schema import Column, Schema


def planted_pairs(
    count: int = 400, shared: int = 6, rng: int = 0, noise: float = 0.3, bent: bool = False
) -> ContentPairs:
    """With `bent`, the picture tells of how large the hidden things are, which no line shows."""
    generator = np.random.default_rng(rng)
    hidden = generator.normal(size=(count, shared))
    to_text, to_image = np.random.default_rng(99).normal(size=(2, shared, 24))
    text = hidden @ to_text + noise * generator.normal(size=(count, 24)) * 3
    image = np.concatenate(
        [(np.abs(hidden) if bent else hidden) @ to_image, generator.normal(size=(count, 8)) * 5], axis=1
    )
    image = image + noise * generator.normal(size=image.shape)
    return ContentPairs(
        text.astype(np.float32),
        image.astype(np.float32),
        np.arange(count),
        np.arange(count) * 10,
        (("text", "made up words"), ("image", "made up pictures")),
    )


def picture_posts(count: int = 120, until: int | None = None) -> SocialGraph:
    """A post a second with words, and for most a picture of its own; nothing from `until` on is there."""
    generator = np.random.default_rng(0)
    said = [" ".join(f"w{w}" for w in generator.integers(0, 40, 5)) for _ in range(count)]
    picture = generator.random(count) < 0.9
    kept = [at for at in range(count) if until is None or at < until]
    shown = [at for at in kept if picture[at]]
    show = ("post", "show", "media")
    ids, files = [f"p{at}" for at in kept], [f"{at}.jpg" for at in shown]
    schema = Schema({"post": {"text": Column("string")}, "media": {"path": Column("string")}}, {show: {}})
    posts = pa.table({"id": ids, "known_at": kept, "text": [said[at] for at in kept]})
    edges = pa.table({"src": [f"p{at}" for at in shown], "dst": files, "time": shown})
    return SocialGraph.build(schema, {"post": posts, "media": pa.table({"id": files, "path": files})}, {show: edges})
