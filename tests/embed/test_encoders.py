"""The real packaged weights, loaded once."""

import copy

import numpy as np
import pytest
from PIL import Image

from graphsocial.embed import image_embedder, normalise_text, text_embedder
from graphsocial.embed.image import TimmImage
from graphsocial.embed.packaged_weights import EFFICIENTNET_LITE0, MINILM, efficientnet_lite0
from graphsocial.embed.text import SentenceTransformerText, segment_weights
from graphsocial.errors import GraphSocialError, SchemaError

SENTENCES = [
    "The subway station is flooded",
    "Water has filled the metro stop",
    "My cat sleeps on the sofa all day",
    "洪水来了，快跑！",
    "مرحبا بالعالم",
    "😂",
    "a",
    "long " * 3000,
]


def cosine(a, b):
    a, b = a.astype(np.float32), b.astype(np.float32)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def test_text_tokens(minilm):
    found = minilm.embed(SENTENCES)
    assert found.tokens.shape == (8, 4, 384) and found.tokens.dtype == np.float16
    assert found.mask[0].all() and found.mask[6].tolist() == [True, True, False, False]
    assert (found.tokens[~found.mask] == 0).all()
    assert np.isfinite(found.tokens).all()
    assert np.allclose(np.linalg.norm(found.tokens[found.mask].astype(np.float32), axis=1), 1, atol=2e-3)
    assert cosine(found.tokens[0, 0], found.tokens[1, 0]) > cosine(found.tokens[0, 0], found.tokens[2, 0]) + 0.3
    assert minilm.info == MINILM


def test_first_token_is_the_models_own_sentence_embedding(minilm):
    texts = SENTENCES[:7]
    raw = minilm._model.encode(texts, show_progress_bar=False)
    own = minilm.embed(texts).tokens[:, 0].astype(np.float32)
    assert np.abs(raw - own).max() < 1e-3


def test_segments_stand_for_their_part_of_the_text(minilm):
    first, last = "The subway station is completely flooded", "my little cat sleeps on the sofa"
    both = minilm.embed([f"{first} {last}", first, last]).tokens
    assert cosine(both[0, 1], both[1, 0]) > cosine(both[0, 1], both[2, 0])
    assert cosine(both[0, 3], both[2, 0]) > cosine(both[0, 3], both[1, 0])


@pytest.mark.parametrize("segments", [0, 1, 3, 5])
def test_segments_are_contiguous_complete_and_equal(segments):
    content = np.zeros((14, 16), bool)
    for pieces in range(14):
        content[pieces, 1 : 1 + pieces] = True
    weight, there = segment_weights(content, segments)
    assert weight.shape == (14, segments, 16) and weight.dtype == np.float32
    for pieces in range(14):
        made = min(pieces, segments)
        assert there[pieces].tolist() == [True] * made + [False] * (segments - made)
        bounds = [1 + pieces * part // made for part in range(made + 1)] if made else [1]
        for part in range(made):
            expected = np.zeros(16, np.float32)
            expected[bounds[part] : bounds[part + 1]] = 1.0 / (bounds[part + 1] - bounds[part])
            assert (weight[pieces, part] == expected).all()
        assert not weight[pieces, made:].any()


def test_text_tokens_do_not_depend_on_company(minilm):
    rng = np.random.default_rng(3)
    words = np.array("flood storm subway photo fake real water street new york sandy shark".split())
    texts = [" ".join(rng.choice(words, rng.integers(1, 30))) for _ in range(120)]
    whole = minilm.embed(texts).tokens
    half = rng.permutation(120)[:61]
    assert np.array_equal(whole[half], minilm.embed([texts[row] for row in half]).tokens)
    assert np.array_equal(whole[7:8], minilm.embed([texts[7]]).tokens)
    assert minilm.embed([]).tokens.shape == (0, 4, 384)


def test_image_tokens_and_their_places(lite0):
    rng = np.random.default_rng(0)
    pixels = np.full((224, 224, 3), 128, np.uint8)
    pixels[:100, 124:] = rng.integers(0, 255, (100, 100, 3))  # something only in the cell up right
    plain = Image.new("RGB", (224, 224), (128, 128, 128))
    found = lite0.embed([Image.fromarray(pixels), plain])
    assert found.tokens.shape == (2, 5, 1280) and found.mask.all()
    change = np.abs(found.tokens[0].astype(np.float32) - found.tokens[1]).mean(axis=1)
    assert change[1:].argmax() == 1  # tokens run row by row: 1 left up, 2 right up
    assert lite0.info == EFFICIENTNET_LITE0 and lite0.size == 224


def test_image_tokens_do_not_depend_on_company(lite0):
    rng = np.random.default_rng(1)
    pictures = [Image.fromarray(rng.integers(0, 255, (20, 30, 3), np.uint8)) for _ in range(20)]
    whole = lite0.embed(pictures).tokens
    half = [3, 19, 4, 11, 0]
    assert np.array_equal(whole[half], lite0.embed([pictures[row] for row in half]).tokens)


def test_transformer_and_last_channel_models_make_grids(lite0, monkeypatch):
    import timm

    monkeypatch.setattr("graphsocial.embed.image._ROWS", {"cpu": 2})
    picture = Image.new("RGB", (50, 70), (10, 200, 90))
    for name, options in (
        ("test_vit", {}),
        ("vit_tiny_patch16_224", {"reg_tokens": 4, "depth": 1}),
        ("swin_tiny_patch4_window7_224", {"depths": (1, 1, 1, 1)}),
        ("mobilenetv3_small_050", {}),
    ):
        model = timm.create_model(name, pretrained=False, **options)
        encoder = TimmImage(model, EFFICIENTNET_LITE0, grid=3)
        found = encoder.embed([picture])
        assert found.tokens.shape == (1, 10, encoder.info.channels), name
        assert np.isfinite(found.tokens).all()


def test_folders_load(tmp_path, minilm, lite0):
    minilm._model.save(str(tmp_path / "text"))
    again = text_embedder(str(tmp_path / "text"), device="cpu")
    assert np.array_equal(again.embed(SENTENCES[:3]).tokens, minilm.embed(SENTENCES[:3]).tokens)
    assert again.info.name == str(tmp_path / "text") and len(again.info.sha256) == 64

    from timm.models import save_for_hf

    save_for_hf(efficientnet_lite0(), tmp_path / "image", safe_serialization=True)
    eye = image_embedder(str(tmp_path / "image"), device="cpu")
    picture = Image.new("RGB", (9, 9), (1, 2, 250))
    assert np.array_equal(eye.embed([picture]).tokens, lite0.embed([picture]).tokens)


@pytest.mark.parametrize("make", [text_embedder, image_embedder])
def test_names_that_lead_nowhere(make, tmp_path, monkeypatch):
    monkeypatch.setattr("graphsocial.embed.model_source._hub_answers", lambda: False)
    with pytest.raises(SchemaError, match="Did you mean 'builtin:"):
        make("builtin:minilmm" if make is text_embedder else "builtin:efficientnetlite0")
    with pytest.raises(SchemaError, match="no such folder"):
        make("/no/such/folder")
    with pytest.raises(SchemaError, match="expected"):
        make("")
    with pytest.raises(GraphSocialError, match="holds no model that loads"):
        make(str(tmp_path))
    name = "example/never-was" if make is text_embedder else "resnet50.a1_in1k"
    with pytest.raises(GraphSocialError, match=r"cannot be reached.*needs no network"):
        make(name)
    with pytest.raises(SchemaError, match="device"):
        make(device="abacus")


def test_unknown_timm_name():
    with pytest.raises(SchemaError, match="Did you mean 'resnet50"):
        image_embedder("resnet50.a1_in1kk")


def test_handles_never_reach_the_encoder(minilm):
    found = minilm.embed([normalise_text("hi @u17845"), normalise_text("hi @u2")]).tokens
    assert np.array_equal(found[0], found[1])


@pytest.mark.slow  # processors without bfloat16 units take a minute
def test_bfloat16_tokens_are_near_and_have_a_cache_of_their_own(minilm, lite0):

    narrow = SentenceTransformerText(copy.deepcopy(minilm._model), MINILM, 4, 128, narrow=True)
    texts = ["flooded subway station", "a cat"]
    wide_tokens, narrow_tokens = (e.embed(texts).tokens[:, 0].astype(np.float64) for e in (minilm, narrow))
    cosine = (wide_tokens * narrow_tokens).sum(1) / np.linalg.norm(wide_tokens, axis=1)
    cosine /= np.linalg.norm(narrow_tokens, axis=1)
    assert (cosine > 0.99).all()
    assert not np.array_equal(wide_tokens, narrow_tokens)
    assert narrow.layout == minilm.layout + ", bfloat16"
    assert TimmImage(lite0._model, EFFICIENTNET_LITE0, 2, narrow=True).layout == lite0.layout + ", bfloat16"


def test_unknown_precisions_are_named():
    with pytest.raises(SchemaError, match=r"unknown precision 'bfloat'.*Did you mean 'bfloat16'"):
        text_embedder(precision="bfloat")
    with pytest.raises(SchemaError, match="expected float32"):
        text_embedder("builtin:use_multilingual", precision="bfloat16")
