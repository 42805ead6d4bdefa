"""Hashtag volume: counts, questions that see only their past, forecasters."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import LeakageError, MissingExtraError, NotFittedError, SchemaError
from graphsocial.trends.volume import (
    ArimaVolume,
    BoostedVolume,
    NaiveVolume,
    PooledVolume,
    SmoothedVolume,
    tag_series,
    volume_questions,
)
from graphsocial.trends.volume.forecaster import LEVELS
from graphsocial.trends.volume.tag_series import hashtags

HOUR = 3_600
MIDDLE = LEVELS.index(0.5)


def decaying_posts(tags=12, hours=40, rng=0):
    """Every tag starts at a time of its own, loud, and loses a fifth every hour."""
    rng = np.random.default_rng(rng)
    texts, times = [], []
    for tag in range(tags):
        for hour in range(hours):
            count = round(30 * 0.8**hour)
            texts += [f"so #t{tag}x"] * count
            times += ((tag * 20 + hour) * HOUR + rng.integers(0, HOUR, count)).tolist()
    return texts, np.array(times)


@pytest.fixture(scope="module")
def parts():
    questions = volume_questions(tag_series(*decaying_posts()), horizons=(1, 3), past=48)
    cut = 160 * HOUR
    train = questions.rows(np.flatnonzero(questions.known_until <= cut))
    return train, questions.rows(np.flatnonzero(questions.origin >= cut))


def test_hashtags_of_several_scripts_and_signs():
    assert hashtags("#热搜 ＃雨 #a_b no#3 ## #2012") == ["热搜", "雨", "a_b"]
    series = tag_series(["#b", "#a #A", "", "#b"], np.array([25, 3, 14, 27]), width_seconds=10)
    assert series.tag.tolist() == ["a", "b"] and series.counts.tolist() == [[1, 0, 0], [0, 0, 2]]
    assert series.posts.tolist() == [1, 1, 2] and series.start.tolist() == [0, 10, 20]
    assert tag_series([], np.zeros(0, dtype=np.int64)).counts.shape == (0, 0)
    with pytest.raises(SchemaError, match="as many texts"):
        tag_series(["a"], np.zeros(2))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 59), st.sampled_from(["#a", "#b", "#a #b", "x"])), min_size=1, max_size=40))
def test_questions_are_what_a_loop_finds(posts):
    posts = sorted(posts)
    texts, times = [text for _, text in posts], np.array([at for at, _ in posts])
    asked = volume_questions(tag_series(texts, times, 10), horizons=(1, 2), past=3, minimum=2, active=2)
    first = int(times[0]) // 10 * 10
    expected = []
    for origin in range(first + 10, int(times[-1]) // 10 * 10 + 10 - 2 * 10 + 1, 10):
        for tag in tag_series(texts, times, 10).tag:
            at = [t for t, text in posts if f"#{tag}" in text]
            if sum(t < origin for t in at) >= 2 and any(origin - 20 <= t < origin for t in at):
                expected.append(
                    (origin, [sum(origin + 10 * (h - 1) <= t < origin + 10 * h for t in at) for h in (1, 2)])
                )
    assert [(int(o), f.tolist()) for o, f in zip(asked.origin, asked.future, strict=True)] == expected


def test_a_question_is_the_same_when_the_future_is_erased():
    texts, times = decaying_posts(tags=5)
    cut = 60 * HOUR
    kept = times < cut
    whole = volume_questions(tag_series(texts, times), horizons=(1, 3))
    past = volume_questions(
        tag_series([t for t, k in zip(texts, kept, strict=True) if k], times[kept]), horizons=(1, 3)
    )
    whole = whole.rows(np.flatnonzero(whole.known_until <= past.known_until.max()))
    assert len(past) > 20
    for name in ("tag", "origin", "history", "posts", "age", "future"):
        assert np.array_equal(getattr(whole, name), getattr(past, name)), name
    # nor does leaving out rare tags change a question
    rare = volume_questions(tag_series([*texts, "#rare"], np.append(times, 30), minimum=10), horizons=(1, 3))
    assert np.array_equal(rare.history, volume_questions(tag_series(texts, times), horizons=(1, 3)).history)


@pytest.mark.parametrize("model", [NaiveVolume(), NaiveVolume(24, "s"), BoostedVolume(10), PooledVolume(10)])
def test_forecasts_look_at_no_answer_and_refuse_training_on_later_ones(parts, model):
    train, asked = parts
    found = model.forecast(train, asked)
    assert found.shape == (len(asked), 2, len(LEVELS)) and (found >= 0).all() and (np.diff(found, axis=2) >= 0).all()
    blind = asked.rows(np.arange(len(asked)))
    blind.future[:] = 99
    assert np.array_equal(model.forecast(train, blind), found)
    with pytest.raises(LeakageError, match="would learn from answers"):
        model.forecast(asked, train)
    with pytest.raises(NotFittedError):
        model.forecast(train.rows(np.zeros(0, dtype=int)), asked)
    assert model.forecast(train, asked.rows(np.zeros(0, dtype=int))).shape == (0, 2, len(LEVELS))


def test_naive_forecasts_are_what_was_there(parts):
    train, asked = parts
    flat = np.log1p(asked.history[:, -1])
    errors = np.log1p(train.future[:, 0]) - np.log1p(train.history[:, -1])
    expected = np.maximum(flat[:, None] + np.quantile(errors, LEVELS), 0)
    assert NaiveVolume().forecast(train, asked)[:, 0] == pytest.approx(expected)
    same_hour = asked.history[:, -22]  # of the third window ahead, a day before it
    found = NaiveVolume(24).forecast(train, asked)[:, 1, MIDDLE]
    errors = np.log1p(train.future[:, 1]) - np.log1p(train.history[:, -22])
    assert found == pytest.approx(np.maximum(np.log1p(same_hour) + np.median(errors), 0))


def test_the_pooled_model_learns_how_tags_fade(parts):
    train, asked = parts
    truth = np.log1p(asked.future[:, 1])
    pooled = PooledVolume(60).forecast(train, asked)[:, 1, MIDDLE]
    naive = NaiveVolume().forecast(train, asked)[:, 1, MIDDLE]
    assert np.abs(pooled - truth).mean() < 0.6 * np.abs(naive - truth).mean()


def test_own_history_models_follow_a_constant_and_name_the_missing_extra(parts, monkeypatch):
    pytest.importorskip("statsmodels")
    train, asked = parts
    few = asked.rows(np.arange(3))
    few.history[:] = 4
    for model in (SmoothedVolume(), ArimaVolume()):
        assert model.forecast(train, few) == pytest.approx(np.full((3, 2, len(LEVELS)), np.log(5)), abs=1e-3)
    wide = SmoothedVolume().forecast(train, asked.rows(np.arange(5)))
    assert ((wide[:, 1, -1] - wide[:, 1, 0]) >= (wide[:, 0, -1] - wide[:, 0, 0]) - 1e-9).all()
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.holtwinters", None)
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.arima.model", None)
    for model in (SmoothedVolume(), ArimaVolume()):
        with pytest.raises(MissingExtraError, match="forecast"):
            model.forecast(train, few)


def test_bad_horizons_are_named(parts):
    with pytest.raises(SchemaError, match="ascending"):
        volume_questions(tag_series(["#a"], np.array([1])), horizons=(3, 1))
    with pytest.raises(SchemaError, match="windows back"):
        NaiveVolume(96).forecast(*parts)
