"""What a post would be with other words, another picture, author or time, or with more who pass it on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph, parse_time
from graphsocial.learn.activation.hypothetical_post import HypotheticalPost
from graphsocial.learn.activation.post_spread import PosedPost, PostSpread
from graphsocial.query.content_encoder import ContentEncoder
from graphsocial.schema import NodeKey


def changed_post(
    view: SocialGraph,
    spread: PostSpread,
    encoder: ContentEncoder,
    posed: PosedPost,
    post: NodeKey,
    *,
    text: str | None,
    image: str | Path | None,
    author: str | None,
    time: Any,
    seeds: Sequence[str],
) -> HypotheticalPost:
    """A post with changes made to it; those are described at `Engine.what_if`.

    Args:
        view: Where users and the stored text are looked up.
        spread: How posts spread.
        encoder: Encodes new contents.
        posed: The post as it is.
        post: Which one that is.
        text: Other words.
        image: Another picture, a file.
        author: Another user who begins it.
        time: Another time at which it begins.
        seeds: Users who pass it on besides.

    Raises:
        SchemaError: Content of a modality that the model of spread does not read.
        UnknownNodeError: When the view does not know the author or a seed.
    """
    changed = posed.post
    for who in (*([] if author is None else [author]), *seeds):
        view.index_of(("user", who))
    if author is not None:
        changed = changed.by(author)
    if len(seeds):
        changed = changed.passed_on_by(list(seeds))
    for modality, given in (("text", text), ("image", image)):
        if given is not None and modality not in spread.model.modalities:
            known = ", ".join(spread.model.modalities) or "no content"
            raise SchemaError(f"the model of spread was fitted without {modality}, it reads {known}")
    if text is not None and encoder.tokens.normalisation.apply(text) != encoder.stored_text(view, post):
        changed = changed.saying("text", _as_stored(encoder.vector(text, None)))
    if image is not None:
        changed = changed.saying("image", _as_stored(encoder.vector(None, image)))
    if time is not None:
        changed = changed.moved(parse_time(time))
    return changed


def _as_stored(vector: np.ndarray) -> np.ndarray:
    """Rounded as tokens are kept, so that the same content has the same numbers."""
    return vector.astype(np.float16).astype(np.float32)
