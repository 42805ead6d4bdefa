"""Pictures of a store into a token cache: the tokens of one machine, every content once, broken files counted."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import safetensors.numpy
from PIL import Image

from graphsocial.embed import Embedded, EncoderInfo, TokenCache, embed_posts
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.scale import spark as on_spark
from graphsocial.scale.spark.embed_pictures import encode_pictures
from graphsocial.schema import Column, Schema
from graphsocial.store import EventBatch, Store
from graphsocial.store.about import About

SHOW = ("post", "show", "media")
PICTURES = 30


def eye(fail_after: int | None = None, log: Path | None = None) -> Any:
    """Mean colours, of a class that travels with its code; may fail after some calls, and log how many pictures."""

    class Colours:
        info = EncoderInfo("colours", "image", 3, "00")
        layout = "one token of colour"
        tokens = 1
        size = 16

        def __init__(self) -> None:
            self.calls = 0

        def embed(self, images: Sequence[Any]) -> Embedded:
            import uuid

            if fail_after is not None and self.calls >= fail_after:
                raise RuntimeError("killed")
            self.calls += 1
            if log is not None:
                (log / uuid.uuid4().hex).write_text(str(len(images)))
            tokens = np.array([np.asarray(image).reshape(-1, 3).mean(axis=0) for image in images], np.float16)
            return Embedded(tokens[:, None, :], np.ones((len(images), 1), bool))

    return Colours()


def draw(folder: Path, count: int) -> list[str]:
    """Pictures that all differ."""
    folder.mkdir()
    for n in range(count):
        Image.new("RGB", (20, 20), (n % 256, n // 256, 7)).save(folder / f"{n}.png")
    return [f"{n}.png" for n in range(count)]


def keys_in(cache: Path) -> list[bytes]:
    return [key.tobytes() for path in cache.rglob("*.safetensors") for key in safetensors.numpy.load_file(path)["keys"]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Thirty pictures, two copies, and what is no picture; the store says where they are."""
    folder = tmp_path_factory.mktemp("pictures")
    names = draw(folder / "media files", PICTURES)
    for n in range(2):
        (folder / "media files" / f"copy{n}.png").write_bytes((folder / "media files" / f"{n}.png").read_bytes())
    (folder / "media files" / "words.jpg").write_text("no picture")
    (folder / "secret.png").write_bytes((folder / "media files" / "0.png").read_bytes())
    paths = [*names, "copy0.png", "copy1.png", "words.jpg", "gone.jpg", "../secret.png", "clip.mp4", None, ""]
    ids = [f"m{n}" for n in range(len(paths))]
    media = pa.table({"id": ids, "path": pa.array(paths, pa.string()), "known_at": np.full(len(ids), 10)})
    shown = pa.table({"src": [f"p{n % 9}" for n in range(len(ids))], "dst": ids, "time": np.arange(len(ids)) + 20})
    schema = Schema({"post": {}, "media": {"path": Column()}}, {SHOW: {}})
    made = Store.create(folder / "store")
    about = About(schema, media_root=os.path.relpath(folder / "media files", made.path))
    made.append(EventBatch(schema, nodes={"media": media}, edges={SHOW: shown}), about=about)
    made.wait()
    return made


def test_a_shard_goes_on_where_its_first_attempt_was_killed(tmp_path: Path) -> None:
    paths = [tmp_path / "media" / name for name in draw(tmp_path / "media", 600)]
    keys = [hashlib.sha256(path.read_bytes()).digest() for path in paths]
    cache = tmp_path / "cache"
    with pytest.raises(RuntimeError, match="killed"):
        encode_pictures(keys, paths, eye(fail_after=9), 1, cache, again=False)
    assert len(keys_in(cache)) == 512
    second = eye()
    assert encode_pictures(keys, paths, second, 1, cache, again=True) == (600, 0)
    assert second.calls == 2
    assert sorted(keys_in(cache)) == sorted(keys)
    arrays = {"tokens": np.zeros((600, 1, 3), np.float16), "mask": np.zeros((600, 1), bool)}
    assert TokenCache(cache, second.info, second.layout).read(keys, arrays).all()
    assert arrays["tokens"][:, 0, 0].tolist() == [n % 256 for n in range(600)]


@pytest.mark.spark
def test_a_store_on_spark(spark: Any, store: Store, tmp_path: Path) -> None:
    cache, log = tmp_path / "cache", tmp_path / "log"
    log.mkdir()
    report = on_spark.embed_pictures(spark, store.path, cache, eye(log=log), shards=3)
    assert (report.pictures, report.known, report.encoded) == (PICTURES + 1, 0, PICTURES)  # copies are one content
    assert (report.broken, report.unread, report.clips) == (1, 2, 1)
    assert len(set(keys_in(cache))) == len(keys_in(cache)) == PICTURES
    assert sum(int(path.read_text()) for path in log.iterdir()) == PICTURES
    again = on_spark.embed_pictures(spark, store.path, cache, eye(fail_after=0))
    assert (again.known, again.encoded, again.broken) == (PICTURES, 0, 1)
    assert not list(cache.rglob(".job-*"))

    # one machine takes all of it from there, and has what it would have made itself
    world = store.graph()
    alone = embed_posts(world, image=eye())
    fetched = embed_posts(world, image=eye(fail_after=0), cache=cache)
    assert (alone.tokens["image"].tokens == fetched.tokens["image"].tokens).all()
    assert [problem.path for problem in fetched.problems] == [problem.path for problem in alone.problems]


@pytest.mark.spark
@pytest.mark.slow
def test_the_packaged_encoder_gives_the_tokens_of_one_machine(spark: Any, store: Store, tmp_path: Path) -> None:
    report = on_spark.embed_pictures(spark, store.path, tmp_path, shards=2)
    assert (report.encoded, report.broken) == (PICTURES, 1)
    alone = embed_posts(store.graph()).tokens["image"]
    fetched = embed_posts(store.graph(), cache=tmp_path).tokens["image"]
    assert (alone.tokens == fetched.tokens).all()  # batches have one shape, so who shares one changes no bit


@pytest.mark.spark
def test_bad_input(spark: Any, store: Store, stored: Path, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="shards=0"):
        on_spark.embed_pictures(spark, store.path, tmp_path, eye(), shards=0)
    with pytest.raises(SchemaError, match="is no folder"):
        on_spark.embed_pictures(spark, store.path, tmp_path, eye(), media_root=tmp_path / "gone")
    with pytest.raises(DataIntegrityError, match="no store"):
        on_spark.embed_pictures(spark, tmp_path, tmp_path / "cache", eye())
    assert on_spark.embed_pictures(spark, stored, tmp_path, "builtin:never_loaded").pictures == 0  # no media there
