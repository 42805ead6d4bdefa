"""Tokens of the clips that a store names, encoded by many machines into one cache: every content once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.embed.clip import VIDEO_FRAMES, ClipTokens, clip_layout, clip_tokens
from graphsocial.embed.encoder import ImageEmbedder
from graphsocial.embed.image import image_embedder
from graphsocial.embed.token_cache import TokenCache
from graphsocial.errors import DataIntegrityError
from graphsocial.scale.spark.embed_media import EmbeddedMedia, MediaKind, embed_media
from graphsocial.scale.spark.embedding_shards import FLUSH_EVERY, fill_cache

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class EmbeddedClips(EmbeddedMedia):
    """What a job over the clips of a store did."""

    @property
    def clips(self) -> int:
        """Distinct clips, by their bytes."""
        return self.contents

    @property
    def pictures(self) -> int:
        """Paths of pictures, which are left to `embed_pictures`."""
        return self.others


def embed_clips(
    spark: SparkSession,
    path: str | os.PathLike[str],
    cache: str | os.PathLike[str],
    image: str | ImageEmbedder = "builtin:efficientnet_lite0",
    *,
    media_root: str | os.PathLike[str] | None = None,
    version: int | None = None,
    image_grid: int = 2,
    shards: int | None = None,
) -> EmbeddedClips:
    """Encodes the clips that media of a store name into a token cache; `embed_posts(..., cache=cache)` finds them.

    All is as for pictures (`embed_pictures`), arguments and errors, too. Frames of a clip are sampled, and encoded
    together, as on one machine. A clip that cannot be decoded is counted and not kept.

    Args:
        spark: The session.
        path: Folder of the store.
        cache: Folder of the cache; the same path for all workers, as the store's and the media's.
        image: Encoder of the frames or its name, as for `embed_posts`; workers load it themselves.
        media_root: Folder that paths are relative to; None takes the store's own.
        version: Version of the store, the newest when None.
        image_grid: Cells along each side of a frame, where `image` is a name.
        shards: Tasks to encode in, each of which loads the encoder; None for one for each core.

    Raises:
        MissingExtraError: pyspark or the encoder is not installed.
        SchemaError: An unknown encoder or media folder, a cache that cannot be used, or a number out of range.
        DataIntegrityError: There is no such store, or workers run other releases than this one.
    """
    kind = MediaKind("clips", True, clip_layout, encode_clips, EmbeddedClips)
    return embed_media(spark, path, cache, image, kind, media_root, version, image_grid, shards)


def encode_clips(
    keys: list[bytes], paths: list[Path], image: str | ImageEmbedder, grid: int, folder: Path, again: bool
) -> tuple[int, int]:
    """Encodes some clips into the cache; returns how many it has of them, and how many cannot be decoded.

    Args:
        keys: Hash of each clip.
        paths: Files.
        image: Encoder of the frames or its name.
        grid: Cells along each side, where `image` is a name.
        folder: Folder of the cache.
        again: Whether an earlier attempt may have left something in the cache.
    """
    encoder = image_embedder(image, grid=grid) if isinstance(image, str) else image
    cache = TokenCache(folder, encoder.info, clip_layout(encoder))

    def encode(rows: list[int]) -> tuple[list[int], dict[str, np.ndarray]]:
        found: dict[int, ClipTokens] = {}
        for row in rows:
            try:
                found[row] = clip_tokens(paths[row], encoder)
            except DataIntegrityError:
                continue
        names = ClipTokens._fields if found else ()
        return list(found), {name: np.stack([getattr(clip, name) for clip in found.values()]) for name in names}

    shape = VIDEO_FRAMES * encoder.tokens, encoder.info.channels
    return fill_cache(cache, keys, shape, encode, again, FLUSH_EVERY // VIDEO_FRAMES)
