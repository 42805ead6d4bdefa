"""Texts of a store into a token cache: the tokens of one machine, every content once, and on from where it stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from graphsocial.embed import Embedded, EncoderInfo, TokenCache, embed_posts
from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.scale import spark as on_spark
from graphsocial.scale.spark import embed_texts
from graphsocial.scale.spark.embed_texts import encode_shard

RULE = TextNormalisation()


def encoder(fail_after: int | None = None, log: Path | None = None) -> Any:
    """Counts of letters, of a class that travels with its code; may fail after some calls, and log how many texts."""

    class Letters:
        info = EncoderInfo("letters", "text", 8, "00")
        layout = "one token of letters"
        tokens = 1

        def __init__(self) -> None:
            self.calls = 0

        def embed(self, texts: Sequence[str]) -> Embedded:
            import uuid

            if fail_after is not None and self.calls >= fail_after:
                raise RuntimeError("killed")
            self.calls += 1
            if log is not None:
                (log / uuid.uuid4().hex).write_text(str(len(texts)))
            tokens = np.array([np.bincount([ord(c) % 8 for c in text], minlength=8) for text in texts], np.float16)
            return Embedded(tokens[:, None, :], np.ones((len(texts), 1), bool))

    return Letters()


def keys_in(cache: Path) -> list[bytes]:
    return [key.tobytes() for path in cache.rglob("*.safetensors") for key in safetensors.numpy.load_file(path)["keys"]]


def test_a_shard_goes_on_where_its_first_attempt_was_killed(tmp_path: Path) -> None:
    texts = [f"text {'x' * (n % 17)} {n}" for n in range(1_300)]
    keys = [hashlib.sha256(text.encode()).digest() for text in texts]
    with pytest.raises(RuntimeError, match="killed"):
        encode_shard(keys, texts, encoder(fail_after=2), 1, tmp_path, RULE, again=False)
    assert len(keys_in(tmp_path)) == 1_024
    second = encoder()
    encode_shard(keys, texts, second, 1, tmp_path, RULE, again=True)
    assert second.calls == 1
    assert sorted(keys_in(tmp_path)) == sorted(keys)
    arrays = {"tokens": np.zeros((1_300, 1, 8), np.float16), "mask": np.zeros((1_300, 1), bool)}
    assert TokenCache(tmp_path, second.info, second.layout, RULE.hash).read(keys, arrays).all()
    assert (arrays["tokens"] == encoder().embed(texts).tokens).all()


@pytest.mark.spark
def test_a_store_on_spark(spark: Any, stored: Path, world: SocialGraph, tmp_path: Path) -> None:
    cache, log = tmp_path / "cache", tmp_path / "log"
    log.mkdir()
    report = on_spark.embed_texts(spark, stored, cache, encoder(log=log), shards=3)
    assert (report.texts, report.known, report.encoded) == (40, 0, 40)  # twenty posts repeat a text
    assert len(set(keys_in(cache))) == len(keys_in(cache)) == 40
    assert sum(int(path.read_text()) for path in log.iterdir()) == 40
    assert on_spark.embed_texts(spark, stored, cache, encoder(log=log)).encoded == 0
    assert not list(cache.rglob(".job-*"))

    # one machine takes all of it from there, and has what it would have made itself
    alone = embed_posts(world, text=encoder())
    fetched = embed_posts(world, text=encoder(fail_after=0), cache=cache)
    assert (alone.tokens["text"].tokens == fetched.tokens["text"].tokens).all()

    # a damaged file costs what it held
    victim = next(cache.rglob("*.safetensors"))
    lost = len(safetensors.numpy.load_file(victim)["keys"])
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    again = on_spark.embed_texts(spark, stored, cache, encoder(), shards=1)
    assert (again.known, again.encoded) == (40 - lost, lost)
    assert len(fetched.rows("post", "text", ["p0"])) == 1


@pytest.mark.spark
def test_bad_input(spark: Any, stored: Path, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="shards=0"):
        embed_texts(spark, stored, tmp_path, encoder(), shards=0)
    with pytest.raises(SchemaError, match=r"unknown|Did you mean"):
        embed_texts(spark, stored, tmp_path, "builtin:minilmm")
    with pytest.raises(DataIntegrityError, match="no store"):
        embed_texts(spark, tmp_path, tmp_path / "cache", encoder())
