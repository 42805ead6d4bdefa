"""Finds posts that are like a text, a picture or a post, across modalities by a learned alignment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graphsocial.embed import EmbeddingTable
from graphsocial.embed.nearest_posts import nearest_posts
from graphsocial.embed.posts_within import Within, posts_within
from graphsocial.embed.shown_contents import shown_contents
from graphsocial.errors import NotFittedError, SchemaError, did_you_mean
from graphsocial.graph import SocialGraph
from graphsocial.learn.alignment.alignment import FILE as ALIGNMENT
from graphsocial.learn.alignment.alignment import Alignment
from graphsocial.query.answers import SimilarPosts
from graphsocial.query.content_encoder import ContentEncoder
from graphsocial.schema import NodeKey


class PostSearch:
    """Searches the contents of posts; what the alignment makes of them is computed once.

    Args:
        encoder: Encodes what is asked; its table is searched.
        alignment: Learned alignment of texts and pictures, None: each is searched by its like only.
    """

    def __init__(self, encoder: ContentEncoder, alignment: Alignment | None):
        self.encoder, self.tokens, self.alignment = encoder, encoder.tokens, alignment
        self._aligned: EmbeddingTable | None = None

    def similar(
        self,
        view: SocialGraph,
        text: str | None,
        image: str | Path | None,
        node: NodeKey | None,
        *,
        k: int,
        window: tuple[Any, Any] | None,
        within: Within | None,
        modality: str | None,
    ) -> SimilarPosts:
        """Nearest posts that a view with an end knows; arguments and what is raised are those of `Engine.similar`."""
        if sum(q is not None for q in (text, image, node)) != 1:
            raise SchemaError("similar() takes exactly one of text, image and node")
        asked = "text" if image is None else "image"
        modality = asked if modality is None else modality
        if modality not in ("text", "image"):
            raise SchemaError(
                f"similar() got modality={modality!r}, expected text or image."
                f"{did_you_mean(str(modality), ('text', 'image'))}"
            )
        for kind in dict.fromkeys((asked, modality)):
            if kind not in self.tokens.tokens:
                known = ", ".join(self.tokens.tokens) or "nothing"
                raise SchemaError(f"no {kind} was embedded; the table has {known}")
        if node is not None and node[0] != "post":
            raise SchemaError(f"similar() compares posts, got {node}")
        tokens, query = self.tokens, node if node is not None else self.encoder.vector(text, image)
        if modality != asked:
            tokens, (within, query) = self._aligned_tokens(), self._across(view, asked, query, within)
        found = nearest_posts(view, tokens, query, k, modality=modality, within=within, window=window)
        texts = view.column("post", "text") if "text" in view.schema.nodes["post"] else None
        assert view.end is not None
        return SimilarPosts(
            ids=tuple(str(i) for i in found.ids),
            similarity=found.similarity,
            time=found.time,
            text=tuple(None if texts is None else texts[i].as_py() for i in found.position),
            encoder=found.encoder,
            as_of=view.end,
            searched=found.searched,
        )

    def _aligned_tokens(self) -> EmbeddingTable:
        """Contents in the common space of the alignment."""
        if self.alignment is None:
            raise NotFittedError(
                "this engine has no learned alignment of texts and pictures; `fit_alignment` makes one, and "
                f"`save` puts it into the run folder as {ALIGNMENT}"
            )
        if self._aligned is None:
            self._aligned = self.alignment.align(self.tokens)
        return self._aligned

    def _across(
        self, view: SocialGraph, asked: str, query: NodeKey | np.ndarray, within: Within | None
    ) -> tuple[Within | None, np.ndarray]:
        """The query in the common space, and the filter without the post that asks."""
        assert self.alignment is not None
        if isinstance(query, np.ndarray):
            return within, self.alignment.project(asked, query[None])[0]
        own = view.index_of(query)
        shown = shown_contents(view, self.tokens, asked)[asked][own]
        if not (shown >= 0).any():
            raise SchemaError(f"{query} has no {asked} to compare")
        kept = posts_within(view, within)
        vector = self.tokens.tokens[asked].tokens[shown[shown >= 0][0], 0].astype(np.float32)
        return kept[kept != own], self.alignment.project(asked, vector[None])[0]
