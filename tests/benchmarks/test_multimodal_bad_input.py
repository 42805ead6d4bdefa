"""What people really hold: odd pictures, mixed scripts, misspelt and lonely labels, classes that come too late."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import multimodal_sentiment, multimodal_veracity, post_label_data
from benchmarks.post_label_cases import Case, Fold, evidence_of, fit_case
from benchmarks.post_label_data import labelled_posts, text_encoder, unseen_classes
from graphsocial.errors import SchemaError
from graphsocial.ingest import PostFolder, read_post_folder
from graphsocial.learn.post_labels.post_label_config import LOSSES, PostLabelConfig

TEXTS = (
    "sunny day",
    "好天气 今天",
    "يوم جميل",
    "dia lindo 😀",
    "хороший день",
    "mixed 天气 день",
    "👍👍",
    "e\u0301te\u0301 \u200d",
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(post_label_data, "CACHE", tmp_path / "cache")


def written(folder: Path, rows: list[str], header: str = "post,text,images,label,time") -> PostFolder:
    folder.mkdir(exist_ok=True)
    (folder / "posts.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_post_folder(folder)


def odd_pictures(folder: Path) -> tuple[str, ...]:
    folder.mkdir()
    rng = np.random.default_rng(0)
    frames = [Image.fromarray(rng.integers(0, 255, (24, 24, 3), np.uint8)) for _ in range(3)]
    frames[0].save(folder / "moves.gif", save_all=True, append_images=frames[1:], duration=50, loop=0)
    frames[0].save(folder / "moves.webp", save_all=True, append_images=frames[1:], duration=50)
    frames[0].convert("CMYK").save(folder / "print.jpg")
    Image.fromarray(rng.integers(0, 65535, (24, 24)).astype(np.uint16)).save(folder / "deep.png")
    Image.fromarray(rng.integers(0, 65535, (24, 24)).astype(np.uint16)).save(folder / "deep.tif")
    frames[0].convert("P").save(folder / "palette.png")
    frames[0].convert("1").save(folder / "bits.png")
    (folder / "cut.jpg").write_bytes((folder / "print.jpg").read_bytes()[:200])
    (folder / "words.jpg").write_text("not a picture")
    (folder / "empty.png").touch()
    return ("moves.gif", "moves.webp", "print.jpg", "deep.png", "deep.tif", "palette.png", "bits.png")


def test_odd_pictures_are_read_and_broken_ones_cost_only_themselves(tmp_path: Path, capsys):
    good = odd_pictures(tmp_path / "odd")
    names = [*good, "cut.jpg", "words.jpg", "empty.png", "gone.png"]
    data = written(tmp_path / "odd", [f"{at},hello,{name},{'ab'[at % 2]}," for at, name in enumerate(names)])
    posts = labelled_posts(data)
    there = posts.inputs.mask["image"].any(axis=1)
    assert there.tolist() == [True] * len(good) + [False] * 4
    assert posts.inputs.mask["text"].any(axis=1).all()
    tokens = posts.inputs.tokens["image"][: len(good), 0].astype(np.float64)
    assert np.isfinite(tokens).all() and len(np.unique(tokens.round(3), axis=0)) > len(good) - 2
    said = capsys.readouterr().err
    assert "cut.jpg: damaged picture" in said and "words.jpg: not a picture" in said and "empty" in said


def test_mixed_scripts_and_lonely_or_misspelt_labels(tmp_path: Path, capsys):
    rows = [f"{at},{text},,{'glad' if at % 2 else 'sad'}," for at, text in enumerate(TEXTS * 3)]
    data = written(tmp_path / "mixed", [*rows, "x,oh,,gladd,", "y,oh,, sad ,", "z,oh,,,"])
    assert text_encoder(data) == "builtin:use_multilingual"
    posts = labelled_posts(data)
    assert posts.classes == ("glad", "sad") and len(posts) == 25  # " sad " is sad
    said = capsys.readouterr().out
    assert "1 post(s) of label 'gladd', as fewer than 2 posts have it. Did you mean 'glad'?" in said
    assert "1 post(s) without a label" in said
    assert np.isfinite(posts.inputs.tokens["text"].astype(np.float64)).all()


def test_nothing_to_learn_from_is_refused_in_words(tmp_path: Path):
    blank = [f"{at},,gone{at}.png,{'ab'[at % 2]},{at}" for at in range(20)]
    for task in (multimodal_sentiment, multimodal_veracity):
        with pytest.raises(SchemaError, match="neither text"):
            task.run(written(tmp_path / "blank", blank), 1, True, tmp_path / "out.jsonl")
    lonely = [f"{at},hi,,{'a' if at else 'b'},{at}" for at in range(20)]
    with pytest.raises(SchemaError, match="a 19, b 1; expected at least two labels of 2 posts"):
        multimodal_sentiment.run(written(tmp_path / "lonely", lonely), 1, True, tmp_path / "out.jsonl")


def test_a_class_that_comes_only_after_training_is_counted_and_missed(tmp_path: Path):
    rows = [f"{at},word{at % 3} {'ab'[at % 2]},,{'new' if at > 54 else 'ab'[at % 2]},{at + 1}" for at in range(60)]
    out = tmp_path / "out.jsonl"
    multimodal_veracity.run(written(tmp_path / "late", rows), 1, True, out)
    found = {(line["case"], line["metric"]): line for line in map(json.loads, out.read_text().splitlines())}
    assert found["text", "macro_f1"]["config"]["unseen_in_training"] == {"new": 5}
    assert found["text", "f1/new"]["value"] == 0.0 and found["text", "worst_f1"]["value"] == 0.0
    assert found["text", "accuracy"]["value"] <= 18 / 23 + 1e-9  # three of the four origins, the last one with the five


def test_unseen_classes_by_hand():
    target = np.array([0, 0, 1, 2, 2])
    assert unseen_classes(target, np.array([0, 2]), np.array([1, 3, 4]), ("a", "b", "c")) == {"c": 2}
    assert unseen_classes(target, np.array([0, 2, 3]), np.array([1, 4]), ("a", "b", "c")) == {}


@pytest.mark.parametrize("loss", LOSSES)
def test_training_with_one_class_or_a_class_of_one(loss: str):
    rng = np.random.default_rng(0)
    tokens = {"text": rng.normal(size=(40, 1, 4)).astype(np.float32)}
    from graphsocial.learn.post_labels.post_inputs import PostInputs

    inputs = PostInputs(tokens, {"text": np.ones((40, 1), dtype=bool)}, {"text": np.array(["a b"] * 40, dtype=object)})
    config = PostLabelConfig(channels=8, heads=2, epochs=1, nets=1, loss=loss)
    for target in (np.zeros(40, dtype=np.int64), np.eye(1, 40, dtype=np.int64)[0]):
        rows = np.arange(40)
        fold = Fold(inputs, target, rows, 3, rows[:30], rows[30:], 0)
        fitted = fit_case(Case("text", ("text",), (config,)), fold, evidence_of(fold, inputs))
        probability = fitted.probability()
        assert probability.shape == (10, 3) and np.isfinite(probability).all()
        np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-5)
