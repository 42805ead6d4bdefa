"""The promise of the house: erase everything at or after t, shuffle the input, and no output as of t changes a bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graphsocial.graph import SocialGraph
from graphsocial.learn import Task, TemporalSplit
from tests.leakage.erasable_world import LATER, SHOW, TEST, World, random_world
from tests.leakage.leaks import LEAKS
from tests.leakage.outputs import Scene, differences


def small_world(seed: int = 0) -> World:
    return random_world(seed, users=16, posts=110)


def only_late_pictures(world: World) -> World:
    world.edges[SHOW] = [edge for edge in world.edges[SHOW] if edge["time"] >= TEST]
    return world


def check(world: World, t: int, shuffle: int) -> None:
    erased = world.erased(t).graph(shuffle)
    assert erased.num_nodes("post") < world.graph().num_nodes("post"), "nothing was erased"
    assert list(differences(world.graph(), erased, t)) == []


@pytest.mark.parametrize(
    ("world", "t"),
    [
        pytest.param(lambda: small_world(0), TEST, id="when the model is fitted"),
        pytest.param(lambda: small_world(1), LATER, id="when it is used and scored"),
        pytest.param(lambda: only_late_pictures(small_world(2)), TEST, id="before the first picture"),
    ],
)
def test_erased_future_changes_nothing(world: Callable[[], World], t: int) -> None:
    check(world(), t, shuffle=4)


@pytest.mark.slow
@pytest.mark.parametrize("t", [TEST, LATER])
@pytest.mark.parametrize("seed", range(3, 8))
def test_erased_future_changes_nothing_in_many_worlds(seed: int, t: int) -> None:
    check(random_world(seed), t, shuffle=seed)


@pytest.fixture(scope="module")
def world_and_twin() -> tuple[SocialGraph, SocialGraph]:
    world = small_world(0)
    return world.graph(), world.erased(TEST).graph(shuffle=4)


@pytest.mark.parametrize("name", LEAKS)
def test_the_comparison_sees_a_planted_leak(
    name: str, world_and_twin: tuple[SocialGraph, SocialGraph], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, seen_in = LEAKS[name]
    plant(monkeypatch)
    first = next(differences(*world_and_twin, TEST), "none")
    assert first.startswith(seen_in)


@pytest.mark.slow
def test_erased_future_changes_nothing_in_the_shipped_corpus(mediaeval: SocialGraph) -> None:
    moments = np.sort(mediaeval.row_known_at("post"))[[1800, 2400, 2700, 3000]].tolist()
    split = TemporalSplit(*moments[:3])
    tie, tag = ("user", "mention", "user"), ("post", "tag", "hashtag")
    share = ("user", "repost", "user")
    scene = Scene(
        lambda: [Task.link(tie, share), Task.relation(tie, share), Task.trend(tag), Task.next_user(share)],
        split,
        share,
        (tie, share),
    )
    world = World.of(mediaeval.as_of(moments[3]))
    for t in moments[1:3]:
        twin = world.erased(t).graph(shuffle=1)
        assert list(differences(world.graph(), twin, t, scene)) == []
