"""Tokens of the pictures that a store names, encoded by many machines into one cache: every content once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.embed.encoder import Embedded, ImageEmbedder
from graphsocial.embed.image import image_embedder
from graphsocial.embed.picture import read_image
from graphsocial.embed.token_cache import TokenCache
from graphsocial.errors import DataIntegrityError
from graphsocial.scale.spark.embed_media import EmbeddedMedia, MediaKind, embed_media
from graphsocial.scale.spark.embedding_shards import FLUSH_EVERY, fill_cache

if TYPE_CHECKING:
    from PIL.Image import Image
    from pyspark.sql import SparkSession

TOGETHER = 64
"""Pictures that a worker holds decoded, and encodes at once."""


class EmbeddedPictures(EmbeddedMedia):
    """What a job over the pictures of a store did."""

    @property
    def pictures(self) -> int:
        """Distinct pictures, by their bytes."""
        return self.contents

    @property
    def clips(self) -> int:
        """Paths of clips, which are left to `embed_clips`."""
        return self.others


def embed_pictures(
    spark: SparkSession,
    path: str | os.PathLike[str],
    cache: str | os.PathLike[str],
    image: str | ImageEmbedder = "builtin:efficientnet_lite0",
    *,
    media_root: str | os.PathLike[str] | None = None,
    version: int | None = None,
    image_grid: int = 2,
    shards: int | None = None,
) -> EmbeddedPictures:
    """Encodes the pictures that media of a store name into a token cache; `embed_posts(..., cache=cache)` finds them.

    Files are hashed where they are read, and equal ones are one content; then all is as for texts (`embed_texts`):
    each content is one task's, what was done is kept, and nothing is encoded into the cache twice. Pictures that cannot
    be decoded are counted and not kept, so they are tried again by the next call, and by `embed_posts`, which names
    them.

    Args:
        spark: The session.
        path: Folder of the store.
        cache: Folder of the cache; the same path for all workers, as the store's and the media's.
        image: Encoder or its name, as for `embed_posts`; workers load it themselves.
        media_root: Folder that paths are relative to; None takes the store's own.
        version: Version of the store, the newest when None.
        image_grid: Cells along each side of a picture, where `image` is a name.
        shards: Tasks to encode in, each of which loads the encoder; None for one for each core.

    Raises:
        MissingExtraError: pyspark or the encoder is not installed.
        SchemaError: An unknown encoder or media folder, a cache that cannot be used, or a number out of range.
        DataIntegrityError: There is no such store, or workers run other releases than this one.
    """
    kind = MediaKind("pictures", False, _layout, encode_pictures, EmbeddedPictures)
    return embed_media(spark, path, cache, image, kind, media_root, version, image_grid, shards)


def encode_pictures(
    keys: list[bytes], paths: list[Path], image: str | ImageEmbedder, grid: int, folder: Path, again: bool
) -> tuple[int, int]:
    """Encodes some pictures into the cache; returns how many it has of them, and how many cannot be decoded.

    Args:
        keys: Hash of each picture.
        paths: Files.
        image: Encoder or its name.
        grid: Cells along each side, where `image` is a name.
        folder: Folder of the cache.
        again: Whether an earlier attempt may have left something in the cache.
    """
    encoder = image_embedder(image, grid=grid) if isinstance(image, str) else image
    cache = TokenCache(folder, encoder.info, encoder.layout)

    def encode(flushed: list[int]) -> tuple[list[int], dict[str, np.ndarray]]:
        done: list[int] = []
        found: list[Embedded] = []
        for first in range(0, len(flushed), TOGETHER):
            rows, pictures = _decoded(flushed[first : first + TOGETHER], paths, encoder.size)
            if rows:
                done += rows
                found.append(encoder.embed(pictures))
        if not done:
            return [], {}
        return done, {name: np.concatenate([getattr(part, name) for part in found]) for name in ("tokens", "mask")}

    shape = encoder.tokens, encoder.info.channels
    return fill_cache(cache, keys, shape, encode, again, FLUSH_EVERY)


def _layout(eye: ImageEmbedder) -> str:
    return eye.layout


def _decoded(rows: list[int], paths: list[Path], size: int) -> tuple[list[int], list[Image]]:
    """Pictures that are whole, and which of the rows they are."""
    whole: list[int] = []
    pictures: list[Image] = []
    for row in rows:
        try:
            pictures.append(read_image(paths[row], size))
            whole.append(row)
        except DataIntegrityError:
            continue
    return whole, pictures
