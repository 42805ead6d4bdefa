"""The classifier of posts: folds, evidence, hiding, what it learns, and differences over folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t

from graphsocial.errors import SchemaError
from graphsocial.learn.metrics import MACRO_F1
from graphsocial.learn.post_labels.config_choice import choose_config
from graphsocial.learn.post_labels.fold_difference import fold_difference
from graphsocial.learn.post_labels.grouped_folds import grouped_folds
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_config import LOSSES, PostLabelConfig
from graphsocial.learn.post_labels.post_label_model import PostLabelModel
from graphsocial.learn.post_labels.word_evidence import TfidfClassifier, WordEvidence

SMALL = PostLabelConfig(channels=16, heads=2, epochs=12, nets=1, dropout=0.1)


def exclusive_or(posts: int, seed: int) -> tuple[PostInputs, np.ndarray]:
    """The class is whether a bit of the text differs from one of the picture: neither says anything alone."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (posts, 2))
    tokens = {}
    for at, name in enumerate(("image", "text")):
        tokens[name] = rng.normal(0, 0.3, (posts, 2, 8)).astype(np.float32)
        tokens[name][:, :, 0] += 3 * (2 * bits[:, at] - 1)[:, None]
    mask = {name: np.ones((posts, 2), dtype=bool) for name in tokens}
    return PostInputs(tokens, mask, {}), bits[:, 0] ^ bits[:, 1]


def score(inputs: PostInputs, target: np.ndarray, config: PostLabelConfig) -> float:
    half = len(target) // 2
    group = np.arange(len(target))
    model = PostLabelModel(inputs.take(group[:half]), {}, target[:half], group[:half], 2, config, rng=3)
    found = model.probability(inputs.take(group[half:]), {})
    return MACRO_F1(found, target[half:], np.arange(half))


def test_attention_across_modalities_finds_what_late_fusion_cannot():
    inputs, target = exclusive_or(800, 0)
    cross = PostLabelConfig(channels=16, heads=2, epochs=20, nets=1, dropout=0.0, hide=0.0, rate=5e-3)
    late = replace(cross, fusion="late")
    assert score(inputs, target, cross) > 0.9
    assert score(inputs, target, late) < 0.65


def test_fusions_have_the_same_number_of_parameters():
    inputs, target = exclusive_or(40, 0)
    sizes = {
        PostLabelModel(
            inputs, {}, target, np.arange(40), 2, PostLabelConfig(epochs=1, nets=1, fusion=fusion), 0
        ).parameters
        for fusion in ("cross", "late")
    }
    assert len(sizes) == 1


def test_an_untrained_network_says_what_the_evidence_says():
    inputs, target = exclusive_or(30, 0)
    evidence = {"text": np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)}
    still = PostLabelConfig(epochs=1, nets=1, rate=1e-12)
    model = PostLabelModel(inputs, evidence, target, np.arange(30), 2, still, 0)
    np.testing.assert_array_equal(model.probability(inputs, evidence).argmax(axis=1), evidence["text"].argmax(axis=1))


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_learns_and_same_seed_gives_same_answer(loss: str):
    rng = np.random.default_rng(1)
    target = (rng.random(200) < 0.15).astype(np.int64)
    tokens = rng.normal(size=(200, 1, 4)).astype(np.float32)
    tokens[:, 0, 0] += 5 * target
    inputs = PostInputs({"image": tokens}, {"image": np.ones((200, 1), dtype=bool)}, {})
    config = PostLabelConfig(channels=8, heads=2, epochs=20, nets=1, loss=loss, rate=2e-2, dropout=0.1)
    first, second = (
        PostLabelModel(inputs, {}, target, np.arange(200), 2, config, rng=5).probability(inputs, {}) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert MACRO_F1(first, target, np.arange(200)) > 0.7  # the majority alone has .46


def test_evidence_on_training_posts_comes_from_other_folds():
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, 200)
    words = [f"only{at}" for at in range(200)]  # says everything about its own class, nothing about others
    found = WordEvidence(words, target, np.arange(200), 2, rng=0)
    in_sample = TfidfClassifier(words, target, 2, characters=False).probability(words).argmax(axis=1)
    assert (in_sample == target).mean() > 0.95
    assert (found.out_of_fold.argmax(axis=1) == target).mean() < 0.65
    assert not found.of(["", "only3"])[0].any()


def test_groups_stay_on_one_side():
    rng = np.random.default_rng(0)
    group, target = rng.integers(0, 30, 200), rng.integers(0, 3, 200)
    tested = []
    for train, test in grouped_folds(target, group, 5, 0):
        assert not set(group[train]) & set(group[test])
        tested += test.tolist()
    assert sorted(tested) == list(range(200))
    with pytest.raises(SchemaError, match="5 folds of 2 groups"):
        grouped_folds(np.array([0, 1, 1]), np.array([0, 0, 1]), 5, 0)


def test_interval_over_folds_by_hand():
    found = fold_difference(np.array([0.6, 0.62, 0.64]), np.array([0.5, 0.5, 0.5]), 0.2)
    error = np.sqrt(0.02**2 * (1 / 3 + 0.25))
    reach = t.ppf(0.975, 2) * error
    assert found.value == pytest.approx(0.12)
    assert found.interval == pytest.approx((0.12 - reach, 0.12 + reach))
    assert fold_difference(np.array([0.6]), np.array([0.5]), 0.2).interval is None


def test_a_lost_modality_is_gone_and_others_stay():
    inputs, _ = exclusive_or(10, 0)
    lost = inputs.without("image", np.arange(10) < 4)
    assert not lost.mask["image"][:4].any() and lost.mask["image"][4:].all() and lost.mask["text"].all()
    with pytest.raises(SchemaError, match="Did you mean 'image'"):
        inputs.without("imag", np.zeros(10, dtype=bool))


def test_tokens_of_a_lost_modality_change_nothing():
    inputs, target = exclusive_or(60, 0)
    model = PostLabelModel(inputs, {}, target, np.arange(60), 2, SMALL, 0)
    lost = inputs.without("image", np.ones(60, dtype=bool))
    other = PostInputs(dict(lost.tokens) | {"image": lost.tokens["image"] + 7}, lost.mask, {})
    np.testing.assert_array_equal(model.probability(lost, {}), model.probability(other, {}))


def test_settings_are_chosen_by_the_judges():
    rng = np.random.default_rng(2)
    target = rng.integers(0, 4, 300)  # four classes, which no untrained network tells apart by luck
    tokens = rng.normal(size=(300, 1, 4)).astype(np.float32)
    tokens[np.arange(300), 0, target] += 4
    inputs = PostInputs({"image": tokens}, {"image": np.ones((300, 1), dtype=bool)}, {})
    useless = PostLabelConfig(channels=8, heads=2, epochs=1, nets=1, rate=1e-9)
    useful = PostLabelConfig(channels=8, heads=2, epochs=30, nets=1, rate=5e-3)
    chosen, scores = choose_config([useless, useful], inputs, {}, target, np.arange(300), 4, 0, np.arange(300) >= 200)
    assert chosen is useful and scores[1] > scores[0] + 0.2


def test_unknown_loss_and_fusion():
    with pytest.raises(SchemaError, match="Did you mean 'focal'"):
        PostLabelConfig(loss="focall")
    with pytest.raises(SchemaError, match="unknown fusion"):
        PostLabelConfig(fusion="both")  # type: ignore[arg-type]
