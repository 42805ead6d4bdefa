"""Test double: tokens from hashed words and file names. It has learned nothing; no result may rest on it."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np

from graphsocial.embed.contents import SHOW, distinct_texts, has_media, node_contents
from graphsocial.embed.encoder import EncoderInfo
from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.embed.table import EmbeddingTable, ModalityTokens, NodeContents
from graphsocial.graph import SocialGraph


def hashing_embeddings(
    graph: SocialGraph, channels: int = 16, text_tokens: int = 4, image_grid: int = 2
) -> EmbeddingTable:
    """A table of the same form as that of `embed_posts`, in milliseconds and without reading a media file.

    Texts that share words get similar tokens. Pictures get tokens drawn from their path, so equal paths are equal and
    the rest is noise.

    Args:
        graph: View with, optionally, a `text` column of posts and a `path` column of media.
        channels: Width of a token.
        text_tokens: Tokens per text.
        image_grid: Cells along each side of a picture.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Column, Schema
    >>> posts = pa.table({"id": ["p1", "p2"], "known_at": [1, 2], "text": ["hello world", None]})
    >>> graph = SocialGraph.build(Schema({"post": {"text": Column()}}, {}), {"post": posts}, {})
    >>> hashing_embeddings(graph).rows("post", "text", ["p2", "p1"]).tolist()
    [[-1], [0]]
    """
    rule = TextNormalisation()
    tokens: dict[str, ModalityTokens] = {}
    shown: dict[tuple[str, str], NodeContents] = {}
    texts = distinct_texts(graph, rule)
    if texts.items:
        encoded = [_text_tokens(text, text_tokens, channels) for text in texts.items]
        tokens["text"] = _modality("text", encoded, channels)
        every = np.arange(len(texts.items))
        shown["post", "text"] = node_contents(graph.node_ids("post").tolist(), texts.shown["post"], every)
    if has_media(graph):
        paths = graph.column("media", "path").to_pylist()
        position = {path: row for row, path in enumerate(dict.fromkeys(path for path in paths if path))}
        of_media = [[position[path]] if path else [] for path in paths]
        cells = 1 + image_grid**2
        encoded = [(_noise(path, cells, channels), np.ones(cells, bool)) for path in position]
        tokens["image"] = _modality("image", encoded, channels)
        every = np.arange(len(position))
        shown["media", "image"] = node_contents(graph.node_ids("media").tolist(), of_media, every)
        if SHOW in graph.edge_types:
            of_posts: list[dict[int, None]] = [{} for _ in range(graph.num_nodes("post"))]
            edges = graph.edges(SHOW)
            for post, media in zip(edges.src.tolist(), edges.dst.tolist(), strict=True):
                of_posts[post].update(dict.fromkeys(of_media[media]))
            shown["post", "image"] = node_contents(graph.node_ids("post").tolist(), of_posts, every)
    return EmbeddingTable(tokens, shown, rule)


def _modality(modality: str, encoded: list[tuple[np.ndarray, np.ndarray]], channels: int) -> ModalityTokens:
    name = "hashing (test double)"
    encoder = EncoderInfo(
        name=name,
        modality=modality,
        channels=channels,
        sha256=hashlib.sha256(f"{name} {modality} {channels}".encode()).hexdigest(),
        licence="Apache-2.0",
        released="1970-01-01",
        note="hashes, for tests only; it has learned nothing",
    )
    tokens = np.stack([values for values, _ in encoded]).astype(np.float16)
    return ModalityTokens(modality, tokens, np.stack([mask for _, mask in encoded]), encoder, f"hashing {modality} v1")


def _text_tokens(text: str, count: int, channels: int) -> tuple[np.ndarray, np.ndarray]:
    words = text.lower().split(" ")
    vectors = np.stack([_noise(word, 1, channels)[0] for word in words])
    tokens, mask = np.zeros((count, channels)), np.zeros(count, bool)
    parts = [np.arange(len(words)), *_stretches(len(words), count - 1)]
    for token, part in enumerate(parts):
        mean = vectors[part].mean(axis=0)
        tokens[token], mask[token] = mean / max(float(np.linalg.norm(mean)), 1e-6), True
    return tokens, mask


def _noise(word: str, rows: int, channels: int) -> np.ndarray:
    """Signs from an extendable hash, the same on every machine: [row, channel], unit length."""
    bits = hashlib.shake_128(word.encode("utf-8", "replace")).digest(-(-rows * channels // 8))
    signs = np.unpackbits(np.frombuffer(bits, np.uint8))[: rows * channels].reshape(rows, channels)
    return (signs * 2.0 - 1.0) / np.sqrt(channels)


def _stretches(words: int, count: int) -> list[np.ndarray]:
    """Positions of contiguous stretches, as equal as can be; fewer where there are fewer words."""
    made = min(count, words)
    bounds = [words * part // made for part in range(made + 1)] if made else [0]
    return [np.arange(first, last) for first, last in pairwise(bounds)]
