"""Clips of a store into a token cache: the bits of one machine, every content once, broken files counted."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from graphsocial.embed import TokenCache, embed_posts
from graphsocial.embed.clip import VIDEO_FRAMES, clip_layout
from graphsocial.errors import SchemaError
from graphsocial.scale import spark as on_spark
from graphsocial.scale.spark.embed_clips import encode_clips
from graphsocial.schema import Column, Schema
from graphsocial.store import EventBatch, Store
from graphsocial.store.about import About
from tests.embed.worlds import write_clip
from tests.scale.spark.test_embed_pictures import SHOW, eye, keys_in

CLIPS = 7


def film(folder: Path, count: int) -> list[str]:
    """Clips that all differ, the last of them a GIF of fewer frames than are sampled."""
    folder.mkdir()
    names = [f"{n}.mp4" for n in range(count - 1)] + ["short.gif"]
    for n, name in enumerate(names):
        write_clip(folder / name, seconds=1, rate=10 + n if name != "short.gif" else 3, size=(32 + 2 * n, 32))
    return names


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Seven clips, a copy, what is no clip, and a picture; the store says where they are."""
    folder = tmp_path_factory.mktemp("clips")
    root = folder / "media files"
    names = film(root, CLIPS)
    (root / "copy.mov").write_bytes((root / names[0]).read_bytes())
    (root / "words.mp4").write_text("no clip")
    (root / "cut.mp4").write_bytes((root / names[1]).read_bytes()[:200])
    (folder / "secret.mp4").write_bytes((root / names[0]).read_bytes())
    Image.new("RGB", (20, 20), (5, 6, 7)).save(root / "still.png")
    paths = [*names, "copy.mov", "words.mp4", "cut.mp4", "gone.mp4", "../secret.mp4", "still.png", None, ""]
    ids = [f"m{n}" for n in range(len(paths))]
    media = pa.table({"id": ids, "path": pa.array(paths, pa.string()), "known_at": np.full(len(ids), 10)})
    shown = pa.table({"src": [f"p{n % 4}" for n in range(len(ids))], "dst": ids, "time": np.arange(len(ids)) + 20})
    schema = Schema({"post": {}, "media": {"path": Column()}}, {SHOW: {}})
    made = Store.create(folder / "store")
    about = About(schema, media_root=os.path.relpath(root, made.path))
    made.append(EventBatch(schema, nodes={"media": media}, edges={SHOW: shown}), about=about)
    made.wait()
    return made


def test_a_shard_goes_on_where_its_first_attempt_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[encode_clips.__module__], "FLUSH_EVERY", 2 * VIDEO_FRAMES)
    paths = [tmp_path / "media" / name for name in film(tmp_path / "media", CLIPS)]
    keys = [hashlib.sha256(path.read_bytes()).digest() for path in paths]
    cache = tmp_path / "cache"
    with pytest.raises(RuntimeError, match="killed"):
        encode_clips(keys, paths, eye(fail_after=5), 1, cache, again=False)
    assert len(keys_in(cache)) == 4
    second = eye()
    assert encode_clips(keys, paths, second, 1, cache, again=True) == (CLIPS, 0)
    assert second.calls == CLIPS - 4
    assert sorted(keys_in(cache)) == sorted(keys)
    shape = CLIPS, VIDEO_FRAMES
    arrays = {
        "tokens": np.zeros((*shape, 3), np.float16), "mask": np.zeros(shape, bool), "time": np.zeros(shape, np.float32)
    }  # fmt: skip
    assert TokenCache(cache, second.info, clip_layout(second)).read(keys, arrays).all()
    assert arrays["mask"].sum(axis=1).tolist() == [4] * (CLIPS - 1) + [3]
    assert (np.diff(arrays["time"][:-1]) > 0.1).all()
    assert (np.diff(arrays["tokens"][:-1, :, 0].astype(float)) > 20).all()  # later frames are brighter


@pytest.mark.spark
def test_a_store_on_spark(spark: Any, store: Store, tmp_path: Path) -> None:
    cache, log = tmp_path / "cache", tmp_path / "log"
    log.mkdir()
    report = on_spark.embed_clips(spark, store.path, cache, eye(log=log), shards=3)
    assert (report.clips, report.known, report.encoded) == (CLIPS + 2, 0, CLIPS)  # the copy is the same content
    assert (report.broken, report.unread, report.pictures) == (2, 2, 1)
    assert len(set(keys_in(cache))) == len(keys_in(cache)) == CLIPS
    assert sorted(int(path.read_text()) for path in log.iterdir()) == [3] + [VIDEO_FRAMES] * (CLIPS - 1)
    again = on_spark.embed_clips(spark, store.path, cache, eye(fail_after=0))
    assert (again.known, again.encoded, again.broken) == (CLIPS, 0, 2)
    assert not list(cache.rglob(".job-*"))

    # pictures are the other job's; one machine takes all of it from there, and has what it would have made itself
    pictures = on_spark.embed_pictures(spark, store.path, cache, eye())
    assert (pictures.pictures, pictures.encoded, pictures.clips) == (1, 1, CLIPS + 5)
    world = store.graph()
    alone = embed_posts(world, image=eye())
    fetched = embed_posts(world, image=eye(fail_after=0), cache=cache)
    for modality in ("image", "video"):
        for name in ("tokens", "mask"):
            a, b = (getattr(table.tokens[modality], name) for table in (alone, fetched))
            assert np.array_equal(a, b), (modality, name)
    assert np.array_equal(alone.tokens["video"].time, fetched.tokens["video"].time)
    assert fetched.problems == alone.problems
    assert {problem.path for problem in alone.problems} == {"words.mp4", "cut.mp4", "gone.mp4", "../secret.mp4"}


@pytest.mark.spark
def test_bad_input(spark: Any, store: Store, stored: Path, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="shards=0"):
        on_spark.embed_clips(spark, store.path, tmp_path, eye(), shards=0)
    with pytest.raises(SchemaError, match="is no folder"):
        on_spark.embed_clips(spark, store.path, tmp_path, eye(), media_root=tmp_path / "gone")
    assert on_spark.embed_clips(spark, stored, tmp_path, "builtin:never_loaded").clips == 0  # no media there
