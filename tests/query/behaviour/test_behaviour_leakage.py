"""Erase the future: what behaviour queries say as of t is the same to the bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphsocial.embed import hashing_embeddings
from graphsocial.graph import SocialGraph
from graphsocial.query import Engine, activity_rhythm, roles
from tests.leakage.erasable_world import LATER, TEST, random_world

ANSWERS: dict[str, Callable[[Engine], Any]] = {
    "topics": lambda engine: engine.topics(5),
    "picture topics": lambda engine: engine.topics(3, modality="image"),
    "profile": lambda engine: engine.interest_profile("u3"),
    "similar": lambda engine: engine.similar_users("u3", 8),
    "drift of one": lambda engine: engine.interest_drift("u3", 3, min_posts=2),
    "drift": lambda engine: engine.interest_drift(None, 3, min_posts=3),
    "rhythm": lambda engine: activity_rhythm(engine.graph, "u3"),
    "roles": lambda engine: roles(engine.graph, 4, seeds=3),
}


@pytest.fixture(scope="module", params=[(0, TEST), (5, LATER)])
def engines(request: pytest.FixtureRequest) -> tuple[Engine, Engine, Engine]:
    seed, t = request.param
    world = random_world(seed)

    def engine(graph: SocialGraph) -> Engine:
        return Engine(graph.as_of(t), hashing_embeddings(graph), None)

    return engine(world.graph()), engine(world.erased(t).graph(shuffle=1)), engine(world.graph().as_of(t))


@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_later_is_used(engines: tuple[Engine, Engine, Engine], name: str) -> None:
    whole, erased, _ = (ANSWERS[name](engine) for engine in engines)
    for (column, values), other in zip(whole.columns().items(), erased.columns().values(), strict=True):
        np.testing.assert_array_equal(np.array(values), np.array(other), err_msg=column)
    assert whole.title() == erased.title()
    if name == "topics":
        assert whole.centroid.tobytes() == erased.centroid.tobytes()


def test_what_comes_later_would_change_every_answer() -> None:
    graph = random_world(0).graph()
    early, late = (Engine(graph.as_of(t), hashing_embeddings(graph), None) for t in (TEST, LATER))
    for name, answer in ANSWERS.items():
        assert not answer(early).to_polars().equals(answer(late).to_polars()), name
