import hashlib
import logging
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from graphsocial.embed import EncoderInfo, TokenCache
from graphsocial.errors import SchemaError

ENCODER = EncoderInfo("x", "text", 4, "ab")
KEYS = [hashlib.sha256(bytes([number])).digest() for number in range(10)]


def empty(count=10):
    return {"tokens": np.zeros((count, 2, 4), np.float16), "mask": np.zeros((count, 2), bool)}


def filled(count=10):
    values = np.random.default_rng(0).normal(size=(count, 2, 4)).astype(np.float16)
    return {"tokens": values, "mask": np.ones((count, 2), bool)}


def test_reads_what_it_wrote(tmp_path):
    cache, stored = TokenCache(tmp_path, ENCODER, "v1", "n"), filled()
    cache.write(KEYS[:6], {name: array[:6] for name, array in stored.items()})
    cache.write(KEYS[6:8], {name: array[6:8] for name, array in stored.items()})
    got = empty()
    found = TokenCache(tmp_path, ENCODER, "v1", "n").read(KEYS, got)
    assert found.tolist() == [True] * 8 + [False] * 2
    assert np.array_equal(got["tokens"][:8], stored["tokens"][:8])


@pytest.mark.parametrize("other", [("v2", "n"), ("v1", "m")])
def test_another_layout_or_rule_finds_nothing(tmp_path, other):
    TokenCache(tmp_path, ENCODER, "v1", "n").write(KEYS, filled())
    assert not TokenCache(tmp_path, ENCODER, *other).read(KEYS, empty()).any()
    assert not TokenCache(tmp_path, EncoderInfo("x", "text", 4, "cd"), "v1", "n").read(KEYS, empty()).any()


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_damage_is_seen_and_dropped(tmp_path, damage, caplog):
    cache = TokenCache(tmp_path, ENCODER, "v1")
    cache.write(KEYS, filled())
    (shard,) = cache.folder.glob("*.safetensors")
    data = bytearray(shard.read_bytes())
    data[-5] ^= 1
    shard.write_bytes({"flip": bytes(data), "cut": bytes(data[:100]), "empty": b""}[damage])
    with caplog.at_level(logging.WARNING):
        assert not cache.read(KEYS, empty()).any()
    assert cache.damaged == 1 and "damaged" in caplog.text
    cache.write(KEYS, filled())
    assert cache.read(KEYS, empty()).all()


def test_full_disk_costs_the_cache_not_the_run(tmp_path, monkeypatch, caplog):
    cache = TokenCache(tmp_path, ENCODER, "v1")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    cache.write(KEYS, filled())
    assert "going on without" in caplog.text
    assert not list(cache.folder.glob(".writing-*"))


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SchemaError, match="cache folder"):
        TokenCache(tmp_path / "file", ENCODER, "v1")


def test_kill_loses_only_what_was_not_flushed(tmp_path):
    script = f"""
        import os, signal, hashlib, numpy as np
        from graphsocial.embed import EncoderInfo, TokenCache
        cache = TokenCache({str(tmp_path)!r}, EncoderInfo("x", "text", 4, "ab"), "v1")
        keys = [hashlib.sha256(bytes([n])).digest() for n in range(10)]
        arrays = {{"tokens": np.ones((5, 2, 4), np.float16), "mask": np.ones((5, 2), bool)}}
        cache.write(keys[:5], arrays)
        os.replace = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
        cache.write(keys[5:], arrays)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert done.returncode == -9
    assert TokenCache(tmp_path, ENCODER, "v1").read(KEYS, empty()).tolist() == [True] * 5 + [False] * 5
