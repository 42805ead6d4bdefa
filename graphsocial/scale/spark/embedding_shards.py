"""Contents dealt out by hash to tasks that encode them into one cache: every content once, also after a kill."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from graphsocial.embed.token_cache import TokenCache

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FLUSH_EVERY = 512
"""Contents between two writes to the cache: what a killed worker can cost."""

_CACHE_FILES = "*.safetensors"

EncodeShard = Callable[[list[bytes], list[str], bool], tuple[int, int]]
"""Encodes contents with given hashes into the cache, told whether an earlier attempt may have left some there; returns
how many are in it, and how many cannot be encoded."""

EncodeRows = Callable[[list[int]], tuple[list[int], dict[str, np.ndarray]]]
"""Encodes contents at given positions; returns which of them could be, and their arrays."""


@dataclass(frozen=True)
class EmbeddedContents:
    """What a job over contents of one modality did.

    Attributes:
        encoder: Name of the encoder.
        contents: Distinct contents.
        known: Those that the cache had already.
        encoded: Those that were encoded now.
    """

    encoder: str
    contents: int
    known: int
    encoded: int


def encode_shards(
    spark: SparkSession, contents: DataFrame, cache: TokenCache, encode: EncodeShard, shards: int | None
) -> tuple[int, int]:
    """Encodes what the cache does not hold yet; returns how many contents were, and how many cannot be.

    Args:
        spark: The session.
        contents: `key` (32 bytes) and `content`, each key once.
        cache: Where tokens go.
        encode: Runs on workers.
        shards: Tasks, None for one for each core.
    """
    known = _cached_keys(spark, cache)
    waiting = contents if known is None else contents.join(known, "key", "left_anti")
    dealt = waiting.repartition(shards or spark.sparkContext.defaultParallelism, "key")
    begun = cache.folder.parent / f".job-{uuid.uuid4().hex}"
    begun.mkdir()

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        keys: list[bytes] = []
        items: list[str] = []
        for batch in batches:
            keys += batch.column("key").to_pylist()
            items += batch.column("content").to_pylist()
        encoded, broken = encode(keys, items, _begun_before(begun)) if keys else (0, 0)
        yield pa.RecordBatch.from_pydict({"encoded": [encoded], "broken": [broken]})

    try:
        counts = dealt.mapInArrow(run, "encoded bigint, broken bigint").collect()
        return sum(row[0] for row in counts), sum(row[1] for row in counts)
    finally:
        shutil.rmtree(begun, ignore_errors=True)


def fill_cache(
    cache: TokenCache,
    keys: Sequence[bytes],
    shape: tuple[int, int],
    encode: EncodeRows,
    again: bool,
    flush_every: int,
    order: Callable[[int], Any] | None = None,
) -> tuple[int, int]:
    """Encodes one shard's contents into the cache; returns how many it has of them, and how many cannot be encoded.

    Args:
        cache: Where tokens go.
        keys: Hash of each content.
        shape: Tokens of a content, and their channels.
        encode: Encodes some.
        again: Whether an earlier attempt may have left something in the cache.
        flush_every: Contents between two writes.
        order: Which positions come first; None for order of hashes.
    """
    left = _not_cached(cache, keys, shape) if again else range(len(keys))
    rows = sorted(left, key=order or keys.__getitem__)
    broken = 0
    for start in range(0, len(rows), flush_every):
        part = rows[start : start + flush_every]
        done, arrays = encode(part)
        broken += len(part) - len(done)
        cache.write([keys[row] for row in done], arrays)
    return len(keys) - broken, broken


def _not_cached(cache: TokenCache, keys: Sequence[bytes], shape: tuple[int, int]) -> list[int]:
    """Positions of the contents that the cache does not hold."""
    arrays = {"tokens": np.zeros((len(keys), *shape), np.float16), "mask": np.zeros((len(keys), shape[0]), bool)}
    return np.flatnonzero(~cache.read(keys, arrays)).tolist()


def _cached_keys(spark: SparkSession, cache: TokenCache) -> DataFrame | None:
    """Hashes of the contents that the cache holds undamaged, None where it has no file."""
    files = [str(path) for path in sorted(cache.folder.glob(_CACHE_FILES))]
    if not files:
        return None
    sent = spark.sparkContext.broadcast(files)

    def keys_of(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import safetensors.numpy

        for batch in batches:
            for place in batch.column(0).to_pylist():
                data = Path(sent.value[place]).read_bytes()
                whole = hashlib.sha256(data).hexdigest() == Path(sent.value[place]).name.partition(".")[0]
                keys = safetensors.numpy.load(data)["keys"] if whole else np.empty((0, 32), np.uint8)
                yield pa.RecordBatch.from_pydict({"key": pa.array([key.tobytes() for key in keys], pa.binary())})

    parts = min(len(files), 32 * spark.sparkContext.defaultParallelism)
    return spark.range(0, len(files), 1, parts).mapInArrow(keys_of, "key binary").distinct()


def _begun_before(folder: Path) -> bool:
    """Whether a task on this shard was begun before, which Spark does not tell when it runs a whole stage again."""
    from pyspark import TaskContext

    context = TaskContext.get()
    assert context is not None
    try:
        (folder / str(context.partitionId())).touch(exist_ok=False)
        return False
    except FileExistsError:
        return True
