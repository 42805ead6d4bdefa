import numpy as np
import pyarrow as pa
import pytest

import graphsocial.embed.posts as posts_module
from graphsocial.embed import embed_posts, hashing_embeddings
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.schema import Column, Schema
from tests.embed.worlds import MEDIA, TEXTS, HashedText, build


def test_each_content_once_and_handles_masked(world, hashed, colour):
    table = embed_posts(world, hashed, colour)
    assert len(hashed.seen) == len(set(hashed.seen)) == 5
    assert not any("u17845" in text for text in hashed.seen)
    rows = table.rows("post", "text", list(TEXTS))[:, 0]
    assert rows[0] == rows[1] >= 0 and rows[4] == -1 and len(set(rows.tolist())) == 6


def test_pictures_of_posts_and_media(world, hashed, colour):
    table = embed_posts(world, hashed, colour)
    assert table.rows("post", "image", ["p1", "p2", "p4", "p5"])[:, 0].tolist() == [0, -1, 0, -1]
    assert table.rows("media", "image", ["m1", "m2", "m3", "m8"])[:, 0].tolist() == [0, 0, -1, -1]
    assert table.tokens["image"].tokens[0, 0].tolist() == [200, 20, 20]
    assert colour.seen == 1 + 4  # one picture, four frames


def test_broken_media_are_listed_and_posts_keep_their_text(world, hashed, colour):
    table = embed_posts(world, hashed, colour)
    reasons = {problem.id: problem.reason for problem in table.problems}
    assert set(reasons) == {"m3", "m4", "m5", "m6", "m9"}
    assert reasons["m4"] == "no such file" and reasons["m9"] == "path leaves the media folder"
    assert {problem.id: problem.path for problem in table.problems}["m3"] == MEDIA["m3"]
    assert (table.rows("post", "text", ["p2", "p3"]) >= 0).all()


def test_progress_reaches_its_end(world, hashed, colour):
    seen = []
    embed_posts(world, hashed, colour, progress=lambda done, total, what: seen.append((what, done, total)))
    last = {what: (done, total) for what, done, total in seen}
    assert last == {"text": (5, 5), "media files": (8, 8), "image": (4, 4), "video": (1, 1)}


def test_second_run_encodes_nothing(world, hashed, colour, tmp_path):
    first = embed_posts(world, hashed, colour, cache=tmp_path)
    asked = len(hashed.seen), colour.seen
    second = embed_posts(world, hashed, colour, cache=tmp_path)
    assert (len(hashed.seen), colour.seen) == asked
    for modality in ("text", "image", "video"):
        assert np.array_equal(first.tokens[modality].tokens, second.tokens[modality].tokens)
    assert first.problems == second.problems


def test_interrupted_run_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(posts_module, "FLUSH_EVERY", 10)
    graph = build({f"p{n}": f"text number {n}" for n in range(100)}, {}, [])
    with pytest.raises(KeyboardInterrupt):
        embed_posts(graph, HashedText(fail_after=40), cache=tmp_path)
    rest = HashedText()
    table = embed_posts(graph, rest, cache=tmp_path)
    assert len(rest.seen) == 60
    assert np.array_equal(table.tokens["text"].tokens, embed_posts(graph, HashedText()).tokens["text"].tokens)


def test_damaged_cache_is_rebuilt(world, hashed, colour, tmp_path):
    first = embed_posts(world, hashed, colour, cache=tmp_path)
    for shard in tmp_path.glob("*/*.safetensors"):
        shard.write_bytes(shard.read_bytes()[:-1] + b"?")
    again = embed_posts(world, hashed, colour, cache=tmp_path)
    assert np.array_equal(first.tokens["image"].tokens, again.tokens["image"].tokens)
    asked = len(hashed.seen)
    embed_posts(world, hashed, colour, cache=tmp_path)
    assert len(hashed.seen) == asked


def test_earlier_view_knows_less_and_the_same(world, hashed, colour):
    whole, early = embed_posts(world, hashed, colour), embed_posts(world.as_of(13), hashed, colour)
    assert early.contents["post", "text"].ids == ("p1", "p2", "p3")
    for modality in ("text", "image"):
        ids = ["p1", "p2", "p3"]
        assert np.array_equal(whole.rows("post", modality, ids), early.rows("post", modality, ids))


def test_without_pictures_texts_or_anything(hashed, colour):
    only_text = build(media={"m": None}, shown=[])
    assert embed_posts(only_text, hashed, colour).modalities == ("text",)
    users = SocialGraph.build(Schema({"user": {}}, {}), {"user": pa.table({"id": ["u1"], "known_at": [1]})}, {})
    table = embed_posts(users)  # by name: no encoder is loaded for nothing
    assert table.modalities == () and "no contents" in repr(table)
    assert table.rows("post", "text", ["p"]).tolist() == [[-1]]
    posts = SocialGraph.build(Schema({"post": {"text": Column()}}, {}), {}, {})
    assert embed_posts(posts, hashed).modalities == ()


def test_only_broken_pictures(tmp_path, hashed, colour):
    table = embed_posts(build({"p": "x"}, {"m": "gone.png"}, [("p", "m")], str(tmp_path)), hashed, colour)
    assert table.modalities == ("text",) and table.problems[0].reason == "no such file"
    (tmp_path / "bad.png").write_text("x")
    table = embed_posts(build({"p": "x"}, {"m": "bad.png"}, [("p", "m")], str(tmp_path)), hashed, colour)
    assert table.modalities == ("text",) and table.rows("post", "image", ["p"]).tolist() == [[-1]]


def test_media_folder_is_asked_for(media_root, hashed, colour):
    with pytest.raises(SchemaError, match="media_root="):
        embed_posts(build(), hashed, colour)
    with pytest.raises(SchemaError, match="no folder"):
        embed_posts(build(), hashed, colour, media_root="/nowhere")
    assert "image" in embed_posts(build(), hashed, colour, media_root=media_root).modalities


def test_encoders_in_the_wrong_place(world, hashed, colour):
    with pytest.raises(SchemaError, match="encodes image"):
        embed_posts(world, colour, hashed)


def test_hashing_double_has_the_same_form(world, hashed, colour):
    double, real = hashing_embeddings(world), embed_posts(world, hashed, colour)
    ids = list(TEXTS)
    assert np.array_equal(double.rows("post", "text", ids), real.rows("post", "text", ids))
    assert double.tokens["text"].tokens.shape == (5, 4, 16) and double.tokens["image"].tokens.shape[1:] == (5, 16)
    assert double.tokens["text"].mask[:, 0].all() and "tests only" in double.encoders["text"].note
    again = hashing_embeddings(world)
    assert np.array_equal(double.tokens["text"].tokens, again.tokens["text"].tokens)
