"""Words and pictures as vectors, made by the encoders that made a run's tokens."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from graphsocial.embed import EmbeddingTable, image_embedder, read_image, text_embedder
from graphsocial.graph import SocialGraph
from graphsocial.schema import NodeKey


class ContentEncoder:
    """Encodes what is asked as the contents of nodes were encoded; an encoder is loaded when it is first needed.

    Args:
        tokens: Content of the nodes.
    """

    def __init__(self, tokens: EmbeddingTable):
        self.tokens = tokens
        self._embedders: dict[str, Any] = {}

    def embedder(self, modality: str) -> Any:
        """The encoder of a modality that was embedded, with as many tokens as the table has."""
        if modality not in self._embedders:
            made = self.tokens.tokens[modality]
            count = made.tokens.shape[1]
            self._embedders[modality] = (
                text_embedder(made.encoder.name, tokens=count)
                if modality == "text"
                else image_embedder(made.encoder.name, grid=max(1, math.isqrt(count - 1)))
            )
        return self._embedders[modality]

    def vector(self, text: str | None, image: str | Path | None) -> np.ndarray:
        """First token of a text, or else of an image file, float32 [channel]."""
        if text is not None:
            return self.embedder("text").embed([self.tokens.normalisation.apply(text)]).tokens[0, 0].astype(np.float32)
        assert image is not None
        eye = self.embedder("image")
        return eye.embed([read_image(Path(image), eye.size)]).tokens[0, 0].astype(np.float32)

    def stored_text(self, graph: SocialGraph, node: NodeKey) -> str | None:
        """What was embedded of a post's text, None for other nodes and where there is none."""
        if node[0] != "post" or "text" not in self.tokens.tokens:
            return None
        stored = graph.column("post", "text")[graph.index_of(node)].as_py()
        return None if stored is None else self.tokens.normalisation.apply(stored)
