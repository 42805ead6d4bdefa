"""Media files of one kind that a store names, dealt out by their bytes and encoded into a token cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import pyarrow as pa

from graphsocial.embed.contents import file_hash
from graphsocial.embed.encoder import ImageEmbedder
from graphsocial.embed.image import image_embedder
from graphsocial.embed.token_cache import TokenCache
from graphsocial.embed.video import VIDEO_SUFFIXES
from graphsocial.errors import SchemaError
from graphsocial.scale.spark.embedding_shards import EmbeddedContents, encode_shards
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.scale.spark.session import check_session
from graphsocial.scale.spark.stored_frames import rows_of
from graphsocial.scale.spark.window_cells import whole_number
from graphsocial.scale.spark.worker_versions import check_workers
from graphsocial.store import Store
from graphsocial.store.stored_rows import node_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class EmbeddedMedia(EmbeddedContents):
    """What a job over media files of one kind did.

    Attributes:
        broken: Distinct files that are of another kind than their name says, or damaged.
        unread: Paths that lead to no file under the media folder.
        others: Paths of the other kind, which the job left alone.
    """

    broken: int
    unread: int
    others: int


Report = TypeVar("Report", bound=EmbeddedMedia)

EncodeFiles = Callable[[list[bytes], list[Path], str | ImageEmbedder, int, Path, bool], tuple[int, int]]
"""Encodes files with given hashes: which encoder, cells along each side where that is a name, folder of the cache, and
whether an earlier attempt may have left some there; returns how many are in it, and how many cannot be encoded."""


@dataclass(frozen=True)
class MediaKind(Generic[Report]):
    """Pictures or clips.

    Attributes:
        name: What they are called.
        moves: Whether they are read as video.
        layout: What an encoder's tokens of one are, in a line.
        encode: Runs on workers.
        report: What is told of a job.
    """

    name: str
    moves: bool
    layout: Callable[[ImageEmbedder], str]
    encode: EncodeFiles
    report: type[Report]


def embed_media(
    spark: SparkSession,
    path: str | os.PathLike[str],
    cache: str | os.PathLike[str],
    image: str | ImageEmbedder,
    kind: MediaKind[Report],
    media_root: str | os.PathLike[str] | None,
    version: int | None,
    image_grid: int,
    shards: int | None,
) -> Report:
    """Encodes the files of one kind that media of a store name; arguments and errors as for `embed_pictures`."""
    spark = check_session(spark)
    if shards is not None:
        whole_number("shards", shards)
    store = Store.open(path)
    version = store.version if version is None else version
    about = store.about(version)
    if "path" not in about.schema.nodes.get("media", {}):
        return kind.report(image if isinstance(image, str) else image.info.name, 0, 0, 0, 0, 0, 0)
    encoder = image_embedder(image, grid=image_grid) if isinstance(image, str) else image
    if encoder.info.modality != "image":
        raise SchemaError(f"{encoder.info.name} encodes {encoder.info.modality}, expected an encoder of image")
    folder = Path(os.path.abspath(cache))
    held = TokenCache(folder, encoder.info, kind.layout(encoder))
    root = _media_folder(store.path, about.media_root, media_root)
    check_workers(spark)
    from pyspark.sql import functions as f

    with plain_errors(f"embedding {kind.name}"):
        stored = rows_of(spark, store.log.files(version), node_table("media"), [("path", "string")])
        named = _hashed(stored.where("path <> ''").distinct(), root, kind.moves).persist()
        contents = named.where("key IS NOT NULL").groupBy("key").agg(f.min("path").alias("content")).persist()
        others, unread = named.where("other").count(), named.where("key IS NULL AND NOT other").count()
        distinct = contents.count()

        def encode(keys: list[bytes], paths: list[str], again: bool) -> tuple[int, int]:
            return kind.encode(keys, [root / path for path in paths], image, image_grid, folder, again)

        encoded, broken = encode_shards(spark, contents, held, encode, shards)
        for frame in (contents, named):
            frame.unpersist()
    known = distinct - encoded - broken
    return kind.report(encoder.info.name, distinct, known, encoded, broken, unread, others)


def _hashed(paths: DataFrame, root: Path, moves: bool) -> DataFrame:
    """Paths with the hash of each file's bytes, none where it cannot be read or is of the other kind."""

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            named = batch.column(0).to_pylist()
            other = [(Path(path).suffix.lower() in VIDEO_SUFFIXES) != moves for path in named]
            found = ["" if left else file_hash(root / path, root) for path, left in zip(named, other, strict=True)]
            keys = pa.array([None if isinstance(key, str) else key for key in found], pa.binary())
            columns = {"path": pa.array(named, pa.string()), "key": keys, "other": pa.array(other, pa.bool_())}
            yield pa.RecordBatch.from_pydict(columns)

    return paths.mapInArrow(read, "path string, key binary, other boolean")


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
