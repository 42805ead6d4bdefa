"""The promise of the house: erase everything at or after t, shuffle the rows, and nothing said as of t changes a bit.

And the proof that this test sees: with a leak planted on purpose it fails, in the output where the leak is.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import numpy as np
import pytest

from graphsocial.graph import SocialGraph
from graphsocial.learn import batching, link_task, post_label_task, trend_task
from tests.leakage.erasable_world import LATER, TEST, random_world
from tests.leakage.outputs import differences, outputs


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_nothing_known_as_of_the_cut_depends_on_what_came_later(seed: int) -> None:
    world = random_world(seed, users=20, posts=160)
    assert list(differences(world.graph(), world.erased(TEST).graph(shuffle=seed + 1), TEST)) == []


@pytest.mark.slow
def test_nothing_known_after_the_model_was_fitted_depends_on_what_came_later() -> None:
    world = random_world(2, users=20, posts=160)
    assert list(differences(world.graph(), world.erased(LATER).graph(shuffle=3), LATER)) == []


def whole_store_degrees(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = batching.structure_features

    def leaky(graph: SocialGraph, node_type: str, sampled: object) -> np.ndarray:
        features = honest(graph, node_type, sampled)  # type: ignore[arg-type]
        whole = sum(len(table.time) for table in graph.tables.edges.values())
        return features + np.float32(whole)

    monkeypatch.setattr(batching, "structure_features", leaky)


def sampler_without_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = batching.sample_neighbours

    def leaky(graph: SocialGraph, seeds: dict, *arguments: object, **named: object) -> object:  # type: ignore[type-arg]
        late = {n: (index, np.full_like(time, 2**40)) for n, (index, time) in seeds.items()}
        return honest(graph, late, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(batching, "sample_neighbours", leaky)


def class_names_from_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = post_label_task.PostLabelTask.examples

    def leaky(
        task: post_label_task.PostLabelTask, graph: SocialGraph, start: int, end: int, rng: int, _: object
    ) -> object:
        moods = SocialGraph(graph.tables).column("post", task.column).to_pylist()
        return honest(task, graph, start, end, rng, tuple(sorted({mood for mood in moods if mood})))

    monkeypatch.setattr(post_label_task.PostLabelTask, "examples", leaky)


def candidates_from_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = link_task.draw_candidates

    def leaky(
        view: SocialGraph, node_type: str, edge_types: tuple, positive: np.ndarray, time: np.ndarray, *rest: int
    ) -> np.ndarray:  # type: ignore[type-arg]
        whole = SocialGraph(view.tables)
        return honest(whole, node_type, edge_types, positive, np.full_like(time, 2**40), *rest)

    monkeypatch.setattr(link_task, "draw_candidates", leaky)


def counts_of_the_coming_window(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = trend_task.count_before

    def leaky(
        graph: SocialGraph, edge_type: tuple, direction: str, node: np.ndarray, start: np.ndarray, end: np.ndarray
    ) -> np.ndarray:  # type: ignore[type-arg]
        return honest(SocialGraph(graph.tables), edge_type, direction, node, start, end + 86400)  # type: ignore[arg-type]

    monkeypatch.setattr(trend_task, "count_before", leaky)


@pytest.mark.parametrize(
    ("plant", "where"),
    [
        (whole_store_degrees, "batch train mood"),
        (sampler_without_a_clock, "batch"),
        (class_names_from_the_future, "examples train mood"),
        (candidates_from_the_future, "examples train link"),
        (counts_of_the_coming_window, "examples valid trend"),
    ],
)
def test_a_planted_leak_is_seen(
    plant: Callable[[pytest.MonkeyPatch], None], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = random_world(0, users=20, posts=160)
    whole, erased = world.graph(), world.erased(TEST).graph(shuffle=1)
    plant(monkeypatch)
    before_training = (name for name, _ in outputs(whole, TEST))
    stop = next(i for i, name in enumerate(before_training) if name.startswith("batch valid"))
    pairs = zip(islice(outputs(whole, TEST), stop), islice(outputs(erased, TEST), stop), strict=True)
    found = [name for (name, mine), (_, theirs) in pairs if mine != theirs]
    assert any(name.startswith(where) for name in found), found
