"""Tokens of a store's texts, encoded by many machines into one cache: every content once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphsocial.embed.encoder import TextEmbedder
from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.embed.text import text_embedder
from graphsocial.embed.token_cache import TokenCache
from graphsocial.errors import SchemaError
from graphsocial.scale.spark.embedding_shards import FLUSH_EVERY, EmbeddedContents, encode_shards, fill_cache
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.scale.spark.session import check_session
from graphsocial.scale.spark.stored_frames import rows_of
from graphsocial.scale.spark.window_cells import whole_number
from graphsocial.scale.spark.worker_versions import check_workers
from graphsocial.store import Store
from graphsocial.store.stored_rows import node_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class EmbeddedTexts(EmbeddedContents):
    """What a job over the texts of a store did."""

    @property
    def texts(self) -> int:
        """Distinct texts, as the normalisation leaves them."""
        return self.contents


def embed_texts(
    spark: SparkSession,
    path: str | os.PathLike[str],
    cache: str | os.PathLike[str],
    text: str | TextEmbedder = "builtin:minilm",
    *,
    version: int | None = None,
    text_tokens: int = 4,
    normalisation: TextNormalisation | None = None,
    shards: int | None = None,
) -> EmbeddedTexts:
    """Encodes the texts of all posts of a store into a token cache; `embed_posts(..., cache=cache)` then finds them.

    Texts are dealt out by the hash of their content, so that each is one task's, and every task writes what it has done
    every few hundred texts. A job that was killed goes on from there when it is started again; a task that Spark runs
    again reads first what its first attempt left. So no text is encoded into the cache twice, as long as Spark does
    not run one task in two places at once (`spark.speculation`, which is off unless you turn it on).

    Args:
        spark: The session.
        path: Folder of the store.
        cache: Folder of the cache; the same path for all workers, as the store's.
        text: Encoder or its name, as for `embed_posts`; workers load it themselves.
        version: Version of the store, the newest when None.
        text_tokens: Tokens per text, where `text` is a name.
        normalisation: What is done to texts first.
        shards: Tasks to encode in, each of which loads the encoder; None for one for each core.

    Raises:
        MissingExtraError: pyspark or the encoder is not installed.
        SchemaError: An unknown encoder, a cache that cannot be used, or a number out of range.
        DataIntegrityError: There is no such store, or workers run other releases than this one.
    """
    spark = check_session(spark)
    rule = normalisation or TextNormalisation()
    if shards is not None:
        whole_number("shards", shards)
    encoder = text_embedder(text, tokens=text_tokens) if isinstance(text, str) else text
    if encoder.info.modality != "text":
        raise SchemaError(f"{encoder.info.name} encodes {encoder.info.modality}, expected an encoder of text")
    folder = Path(os.path.abspath(cache))
    held = TokenCache(folder, encoder.info, encoder.layout, rule.hash)
    store = Store.open(path)
    version = store.version if version is None else version
    schema = store.about(version).schema
    if "text" not in schema.nodes.get("post", {}):
        return EmbeddedTexts(encoder.info.name, 0, 0, 0)
    check_workers(spark)
    with plain_errors("embedding texts"):
        stored = rows_of(spark, store.log.files(version), node_table("post"), [("text", "string")])
        contents = _contents(stored, rule).persist()
        texts = contents.count()

        def encode(keys: list[bytes], texts: list[str], again: bool) -> tuple[int, int]:
            return encode_shard(keys, texts, text, text_tokens, folder, rule, again)

        encoded, _ = encode_shards(spark, contents, held, encode, shards)
        contents.unpersist()
    return EmbeddedTexts(encoder.info.name, texts, texts - encoded, encoded)


def _contents(rows: DataFrame, rule: TextNormalisation) -> DataFrame:
    """Distinct normalised texts with their hashes: `key`, `content`."""

    def normalise(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            read = [rule.apply(text) if text else "" for text in batch.column(0).to_pylist()]
            texts = [text for text in dict.fromkeys(read) if text]
            keys = [hashlib.sha256(text.encode()).digest() for text in texts]
            columns = {"key": pa.array(keys, pa.binary()), "content": pa.array(texts, pa.string())}
            yield pa.RecordBatch.from_pydict(columns)

    return rows.distinct().mapInArrow(normalise, "key binary, content string").dropDuplicates(["key"])


def encode_shard(
    keys: list[bytes],
    texts: list[str],
    text: str | TextEmbedder,
    tokens: int,
    folder: Path,
    rule: TextNormalisation,
    again: bool,
) -> tuple[int, int]:
    """Encodes some texts into the cache, those of like length together; returns how many, and how many it could not.

    Args:
        keys: Hash of each text.
        texts: Normalised texts.
        text: Encoder or its name.
        tokens: Tokens per text, where `text` is a name.
        folder: Folder of the cache.
        rule: How texts were normalised.
        again: Whether an earlier attempt may have left something in the cache.
    """
    encoder = text_embedder(text, tokens=tokens) if isinstance(text, str) else text
    cache = TokenCache(folder, encoder.info, encoder.layout, rule.hash)

    def encode(rows: list[int]) -> tuple[list[int], dict[str, np.ndarray]]:
        found = encoder.embed([texts[row] for row in rows])
        return rows, {"tokens": found.tokens, "mask": found.mask}

    shape = encoder.tokens, encoder.info.channels
    return fill_cache(cache, keys, shape, encode, again, FLUSH_EVERY, lambda row: (len(texts[row]), keys[row]))
