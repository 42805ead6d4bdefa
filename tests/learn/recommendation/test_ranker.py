"""The learned ranking: where it starts, what it finds, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch

from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.learn.recommendation.evidence import Candidates, read_candidates
from graphsocial.learn.recommendation.floors import FLOORS, floor_scores
from graphsocial.learn.recommendation.ranked import ranked
from graphsocial.learn.recommendation.ranker import Ranker
from graphsocial.learn.recommendation.ranker_config import RankerConfig
from graphsocial.learn.recommendation.targets import RecommendationSplit, recommendation_split
from graphsocial.learn.recommendation.words import character_vectors
from tests.learn.recommendation.worlds import camp_rows

FEW = RankerConfig(epochs=4, batch=64, hidden=16, matched=4)


@dataclass
class Camps:
    split: RecommendationSplit
    train: Candidates
    valid: Candidates
    test: Candidates
    words: np.ndarray


@cache
def camps() -> Camps:
    rows, text = camp_rows()
    record = rows.record
    split = recommendation_split(record)
    parts = (read_candidates(record, part) for part in (split.train, split.valid, split.test))
    return Camps(split, *parts, character_vectors(text, record.start < split.valid_from))


def hit_first(world: Camps, score: np.ndarray) -> float:
    return float(ranked(world.test, score).gains[:, 1].mean())


def fitted(config: RankerConfig, rule: str | None = "most_recent", seed: int = 0, words: bool = True) -> Ranker:
    world = camps()
    ranker = Ranker(rule, world.words if words else None, config, seed, device="cpu")
    for _ in ranker.fit(world.train, world.valid, world.split.test_from):
        pass
    return ranker


def best_floor(world: Camps) -> float:
    return max(hit_first(world, floor_scores(name, world.test)) for name in FLOORS)


@pytest.mark.parametrize("config", [RankerConfig(epochs=4, batch=64, words=False), RankerConfig(epochs=4, batch=64)])
def test_it_finds_the_camps_that_no_floor_sees_at_once(config: RankerConfig) -> None:
    world = camps()
    score = fitted(config).scores(world.test, world.split.test_from)
    assert hit_first(world, score) > best_floor(world) + 0.05


def test_words_alone_tell_the_camps_apart() -> None:
    world = camps()
    config = RankerConfig(epochs=4, batch=64, of_post=False, of_pair=False)
    score = fitted(config, rule=None).scores(world.test, world.split.test_from)
    camp = world.test.post % 2 == np.repeat(world.split.test.post % 2, world.test.size)
    assert score[camp].mean() > score[~camp].mean() + 1


def test_before_training_it_ranks_by_the_rule() -> None:
    world = camps()
    ranker = Ranker("item_knn", world.words, RankerConfig(epochs=1, learning_rate=1e-12), device="cpu")
    for _ in ranker.fit(world.train, world.valid, world.split.test_from):
        pass
    ours = ranked(world.test, ranker.scores(world.test, world.split.test_from)).rank
    rule = ranked(world.test, floor_scores("item_knn", world.test)).rank
    assert np.median(np.abs(ours - rule)) == 0 and ours.mean() == pytest.approx(rule.mean(), rel=0.02)


def test_a_seed_says_it_all_and_leaves_the_global_stream_alone() -> None:
    world, state = camps(), torch.get_rng_state()
    one, same, other = (fitted(FEW, seed=seed).scores(world.test, world.split.test_from) for seed in (1, 1, 2))
    assert one.tobytes() == same.tobytes() and one.tobytes() != other.tobytes()
    assert torch.equal(state, torch.get_rng_state())


def test_what_came_later_is_not_used_for_an_earlier_time() -> None:
    world, ranker = camps(), fitted(FEW)
    with pytest.raises(LeakageError, match="allow_future_model"):
        ranker.scores(world.valid, world.split.valid_from)
    assert len(ranker.scores(world.valid, world.split.valid_from, allow_future_model=True)) == len(world.valid.post)


def test_what_cannot_be_asked() -> None:
    world = camps()
    with pytest.raises(NotFittedError, match="fit"):
        Ranker("item_knn").scores(world.test, world.split.test_from)
    with pytest.raises(SchemaError, match="one of them"):
        Ranker("item_knn", None, RankerConfig(of_post=False, of_pair=False))
    with pytest.raises(SchemaError, match="Did you mean 'item_knn'"):
        next(Ranker("item_kn").fit(world.train, world.valid, 0))
    empty = Candidates(
        np.zeros(2, np.int64), world.train.post[:0], world.train.weight[:0], world.train.channel[:0], np.array([-1]),
        np.zeros(2, np.int64), world.train.own[:0],
    )  # fmt: skip
    with pytest.raises(SchemaError, match="none of 1 training targets"):
        next(Ranker("item_knn").fit(empty, world.valid, 0))


def test_targets_without_any_candidate_are_scored_as_nothing() -> None:
    world, ranker = camps(), fitted(FEW)
    empty = Candidates(
        np.zeros(2, np.int64), world.train.post[:0], world.train.weight[:0], world.train.channel[:0], np.array([-1]),
        np.zeros(2, np.int64), world.train.own[:0],
    )  # fmt: skip
    assert len(ranker.scores(empty, world.split.test_from)) == 0
