import json
import os

import numpy as np
import pytest

from graphsocial.embed import EmbeddingTable, TextNormalisation, embed_posts, hashing_embeddings
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.graph import parse_time


@pytest.fixture
def table(world, hashed, colour):
    return embed_posts(world, hashed, colour)


def test_round_trip(tmp_path, table):
    table.save(tmp_path / "tokens")
    again = EmbeddingTable.open(tmp_path / "tokens")
    for modality, found in table.tokens.items():
        assert np.array_equal(found.tokens, again.tokens[modality].tokens)
        assert np.array_equal(found.mask, again.tokens[modality].mask)
        assert found.encoder == again.tokens[modality].encoder
    ids = ["p1", "p2", "p4", "nobody"]
    assert np.array_equal(table.rows("post", "image", ids), again.rows("post", "image", ids))
    assert again.problems == table.problems and again.normalisation == table.normalisation
    assert repr(again) == repr(table)


def test_repr_names_encoders_and_problems(table):
    shown = repr(table)
    assert "hashed" in shown and "colour" in shown and "broken media" in shown and "post text 6 of 7" in shown


def test_width_follows_from_the_ids_asked_for(table):
    assert table.rows("post", "image", ["p5"]).tolist() == [[-1]]
    assert table.rows("post", "text", []).shape == (0, 1)
    with pytest.raises(SchemaError, match="Did you mean 'image'"):
        table.rows("post", "imagee", ["p1"])
    with pytest.raises(SchemaError, match="Did you mean 'post'"):
        table.rows("posts", "image", ["p1"])


def test_save_replaces_and_refuses(tmp_path, table, world):
    table.save(tmp_path / "tokens")
    hashing_embeddings(world).save(tmp_path / "tokens")
    assert EmbeddingTable.open(tmp_path / "tokens").encoders["text"].name == "hashing (test double)"
    assert len(list((tmp_path / "tokens").glob("tokens-*"))) == 1
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(SchemaError, match="not overwritten"):
        table.save(tmp_path / "other")


def test_full_disk_leaves_the_old_table(tmp_path, table, world, monkeypatch):
    table.save(tmp_path / "tokens")
    real = os.replace

    def full(source, target):
        if str(target).endswith("table.json"):
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DataIntegrityError, match="No space left"):
        hashing_embeddings(world).save(tmp_path / "tokens")
    monkeypatch.undo()
    assert EmbeddingTable.open(tmp_path / "tokens").encoders["text"].name == "hashed"


@pytest.mark.parametrize("name", ["tokens", "table"])
def test_damage_is_seen(tmp_path, table, name):
    table.save(tmp_path / "t")
    (path,) = (tmp_path / "t").glob(f"{name}*")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"p1", b"p9") if name == "table" else data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(DataIntegrityError, match="damaged"):
        EmbeddingTable.open(tmp_path / "t")
    path.write_bytes(b"{")
    with pytest.raises(DataIntegrityError, match="damaged"):
        EmbeddingTable.open(tmp_path / "t")
    with pytest.raises(DataIntegrityError, match="no embedding table"):
        EmbeddingTable.open(tmp_path / "nowhere")


def test_another_rule_is_seen(tmp_path, table):
    table.normalisation = TextNormalisation(max_characters=99)
    table.save(tmp_path / "t")
    assert EmbeddingTable.open(tmp_path / "t").normalisation.max_characters == 99
    assert json.loads((tmp_path / "t" / "table.json").read_text())["normalisation"]["hash"] == table.normalisation.hash


def test_assumptions_name_encoders_newer_than_their_use(table, world):
    assert any("no known release date" in sentence for sentence in table.assumptions(parse_time("2030-01-01")))
    assert hashing_embeddings(world).assumptions(parse_time("2012-01-01")) == ()
