"""Texts and pictures of the nodes of a graph, as its explanations read and show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphsocial.embed import Embedded, EmbeddingTable, TextEmbedder, text_embedder
from graphsocial.embed.contents import media_folder
from graphsocial.embed.shown_contents import SHOW
from graphsocial.explain import Attribution
from graphsocial.graph import SocialGraph
from graphsocial.report.explanation_page import ShownExplanation
from graphsocial.schema import NodeKey


class KeptTexts:
    """A text encoder that reads each distinct text once: models of several seeds are asked the same.

    Args:
        embedder: The encoder.
    """

    def __init__(self, embedder: TextEmbedder):
        self.info, self.tokens, self.layout = embedder.info, embedder.tokens, embedder.layout
        self._embedder = embedder
        self._read: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def embed(self, texts: Sequence[str]) -> Embedded:
        """See `TextEmbedder`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        if new:
            made = self._embedder.embed(new)
            self._read.update(zip(new, zip(made.tokens, made.mask, strict=True), strict=True))
        found = [self._read[text] for text in texts]
        return Embedded(np.stack([tokens for tokens, _ in found]), np.stack([mask for _, mask in found]))


class NodeContents:
    """What posts say and show.

    Args:
        graph: The graph.
        table: Its tokens.

    Attributes:
        embedder: The text encoder of the tokens, None where there are no texts.
    """

    def __init__(self, graph: SocialGraph, table: EmbeddingTable):
        self._graph, self._normalisation = graph, table.normalisation
        self.embedder: KeptTexts | None = None
        if "text" in table.tokens:
            made = table.tokens["text"]
            self.embedder = KeptTexts(text_embedder(made.encoder.name, tokens=made.tokens.shape[1]))

    def text(self, node: NodeKey) -> str | None:
        """Text of a post as it was embedded, None for other nodes and where there is none."""
        if node[0] != "post" or self.embedder is None:
            return None
        stored = self._graph.column("post", "text")[self._graph.index_of(node)].as_py()
        return None if stored is None else self._normalisation.apply(stored)

    def picture(self, node: NodeKey, before: int) -> Path | None:
        """File of the picture that a post showed first, None for other nodes and where there is none."""
        if node[0] != "post" or SHOW not in self._graph.edge_types:
            return None
        edges = self._graph.edges(SHOW)
        own = np.flatnonzero((edges.src == self._graph.index_of(node)) & (edges.time < before))
        if not len(own):
            return None
        first = edges.dst[own[np.lexsort((edges.dst[own], edges.time[own]))[0]]]
        path = self._graph.column("media", "path")[int(first)].as_py()
        return None if path is None else media_folder(self._graph, None) / path

    def shown(
        self, found: Attribution, node: NodeKey, truth: str, checks: dict[str, tuple[float, float]]
    ) -> ShownExplanation:
        """An explanation with the texts and pictures it is about.

        Args:
            found: The explanation.
            node: The first node asked about.
            truth: What was true.
            checks: As the page takes them.
        """
        before = int(found.as_of) if found.as_of is not None else np.iinfo(np.int64).max
        near = {}
        for name in dict.fromkeys(piece.of for piece in found.pieces if piece.of):
            node_type, _, key = name.partition(" ")
            near[name] = self.text((node_type, key)) or "", self.picture((node_type, key), before)
        return ShownExplanation(
            found, self.text(node) or "", self.picture(node, before), near=near, truth=truth, checks=checks
        )
