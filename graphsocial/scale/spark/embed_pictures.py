"""Tokens of the pictures that a store names, encoded by many machines into one cache: every content once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphsocial.embed.contents import file_hash
from graphsocial.embed.encoder import Embedded, ImageEmbedder
from graphsocial.embed.image import image_embedder
from graphsocial.embed.picture import read_image
from graphsocial.embed.token_cache import TokenCache
from graphsocial.embed.video import VIDEO_SUFFIXES
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.scale.spark.embedding_shards import FLUSH_EVERY, encode_shards, not_cached
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.scale.spark.session import check_session
from graphsocial.scale.spark.stored_frames import rows_of
from graphsocial.scale.spark.window_cells import whole_number
from graphsocial.scale.spark.worker_versions import check_workers
from graphsocial.store import Store
from graphsocial.store.stored_rows import node_table

if TYPE_CHECKING:
    from PIL.Image import Image
    from pyspark.sql import DataFrame, SparkSession

TOGETHER = 64
"""Pictures that a worker holds decoded, and encodes at once."""


@dataclass(frozen=True)
class EmbeddedPictures:
    """What a job over the pictures of a store did.

    Attributes:
        encoder: Name of the encoder.
        pictures: Distinct pictures, by their bytes.
        known: Those that the cache had already.
        encoded: Those that were encoded now.
        broken: Those that are none, or damaged.
        unread: Paths that lead to no file under the media folder.
        clips: Paths of clips, which are left to one machine.
    """

    encoder: str
    pictures: int
    known: int
    encoded: int
    broken: int
    unread: int
    clips: int


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
    spark = check_session(spark)
    if shards is not None:
        whole_number("shards", shards)
    store = Store.open(path)
    version = store.version if version is None else version
    about = store.about(version)
    if "path" not in about.schema.nodes.get("media", {}):
        return EmbeddedPictures(image if isinstance(image, str) else image.info.name, 0, 0, 0, 0, 0, 0)
    encoder = image_embedder(image, grid=image_grid) if isinstance(image, str) else image
    if encoder.info.modality != "image":
        raise SchemaError(f"{encoder.info.name} encodes {encoder.info.modality}, expected an encoder of image")
    folder = Path(os.path.abspath(cache))
    held = TokenCache(folder, encoder.info, encoder.layout)
    root = _media_folder(store.path, about.media_root, media_root)
    check_workers(spark)
    from pyspark.sql import functions as f

    with plain_errors("embedding pictures"):
        stored = rows_of(spark, store.log.files(version), node_table("media"), [("path", "string")])
        named = _hashed(stored.where("path <> ''").distinct(), root).persist()
        contents = named.where("key IS NOT NULL").groupBy("key").agg(f.min("path").alias("content")).persist()
        clips, unread = named.where("clip").count(), named.where("key IS NULL AND NOT clip").count()
        pictures = contents.count()

        def encode(keys: list[bytes], paths: list[str], again: bool) -> tuple[int, int]:
            return encode_pictures(keys, [root / path for path in paths], image, image_grid, folder, again)

        encoded, broken = encode_shards(spark, contents, held, encode, shards)
        for frame in (contents, named):
            frame.unpersist()
    known = pictures - encoded - broken
    return EmbeddedPictures(encoder.info.name, pictures, known, encoded, broken, unread, clips)


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
    left = not_cached(cache, keys, encoder) if again else list(range(len(keys)))
    left.sort(key=keys.__getitem__)
    broken = 0
    for start in range(0, len(left), FLUSH_EVERY):
        done: list[bytes] = []
        found: list[Embedded] = []
        flushed = left[start : start + FLUSH_EVERY]
        for first in range(0, len(flushed), TOGETHER):
            rows, pictures = _decoded(flushed[first : first + TOGETHER], paths, encoder.size)
            broken += len(flushed[first : first + TOGETHER]) - len(rows)
            if rows:
                done += [keys[row] for row in rows]
                found.append(encoder.embed(pictures))
        if done:
            arrays = {name: np.concatenate([getattr(part, name) for part in found]) for name in ("tokens", "mask")}
            cache.write(done, arrays)
    return len(keys) - broken, broken


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


def _hashed(paths: DataFrame, root: Path) -> DataFrame:
    """Paths with the hash of each picture's bytes, none where it cannot be read: `path`, `key`, `clip`."""

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            named = batch.column(0).to_pylist()
            clip = [Path(path).suffix.lower() in VIDEO_SUFFIXES for path in named]
            found = ["" if moves else file_hash(root / path, root) for path, moves in zip(named, clip, strict=True)]
            keys = pa.array([None if isinstance(key, str) else key for key in found], pa.binary())
            columns = {"path": pa.array(named, pa.string()), "key": keys, "clip": pa.array(clip, pa.bool_())}
            yield pa.RecordBatch.from_pydict(columns)

    return paths.mapInArrow(read, "path string, key binary, clip boolean")


def _media_folder(store: Path, own: str | None, given: str | os.PathLike[str] | None) -> Path:
    """The folder that paths are relative to; SchemaError where none is known or it is no folder."""
    if given is None and own is None:
        raise SchemaError(
            "the store's media have paths, but nothing says which folder they start from: pass media_root="
        )
    root = Path(os.path.abspath(store / str(own) if given is None else Path(given).expanduser()))
    if not root.is_dir():
        raise SchemaError(f"media_root {str(root)!r} is no folder")
    return root
