"""Probabilities of parents against the formula spelled out, and fits against what was planted."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph
from graphsocial.graph.exposures.cascade_parents import cascade_trees
from graphsocial.graph.exposures.delay_decay import ExponentialDecay, PowerLawDecay
from graphsocial.graph.exposures.parent_probabilities import ParentProbabilities, parent_probabilities
from tests.graph.test_exposure import graph_of, story
from tests.graph.worlds import FOLLOW, SHARE, random_world

Shares = dict[tuple[str, str], dict[str | None, float]]


def shares(answer: ParentProbabilities) -> Shares:
    found: Shares = defaultdict(dict)
    for item, child, candidate, _, probability in answer.to_polars().rows():
        assert candidate not in found[(item, child)], "one row per candidate"
        found[(item, child)][candidate] = probability
    return dict(found)


def density(decay: ExponentialDecay | PowerLawDecay, delay: int) -> float:
    if isinstance(decay, ExponentialDecay):
        return math.exp(-delay / decay.mean) / decay.mean  # type: ignore[operator]
    return (decay.exponent - 1) / decay.scale * (1 + delay / decay.scale) ** -decay.exponent  # type: ignore[operator]


def spelled_out(view: SocialGraph, decay: ExponentialDecay | PowerLawDecay, external: float) -> tuple[Shares, float]:
    found: Shares = {}
    likelihood = 0.0
    for post in view.node_ids("post"):
        told = story(view, post)
        for t, u in told.adopters:
            exposing = told.exposing[u]
            weights: dict[str | None, float] = {
                v: (1 - external) / len(exposing) * density(decay, t - moment) for moment, v in exposing
            }
            if external or not exposing:
                weights[None] = external / (view.end - exposing[0][0]) if exposing else 1.0  # type: ignore[operator]
            total = sum(weights.values())
            likelihood += math.log(total) if exposing else 0.0
            found[(post, u)] = {v: w / total for v, w in weights.items()}
    return found, likelihood


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(1, 130), st.sampled_from([0.0, 0.3]),
    st.sampled_from([ExponentialDecay(20.0), PowerLawDecay(2.2, scale=5.0)]),
)  # fmt: skip
def test_the_formula(seed: int, end: int, external: float, decay: ExponentialDecay | PowerLawDecay) -> None:
    view = random_world(seed, users=5, posts=3, edges=30).graph().as_of(end)
    answer = parent_probabilities(view, SHARE, FOLLOW, None, decay, external)
    expected, likelihood = spelled_out(view, decay, external)
    found = shares(answer)
    assert found.keys() == expected.keys()
    for child, row in expected.items():
        assert found[child] == pytest.approx(row) and sum(found[child].values()) == pytest.approx(1)
    assert answer.log_likelihood == pytest.approx(likelihood, abs=1e-9)


def followers_of(author: int, delays: list[int]) -> SocialGraph:
    names = [f"f{i}" for i in range(len(delays))]
    return graph_of(
        [("ann", "p", author)],
        [(u, "p", author + d) for u, d in zip(names, delays, strict=True)],
        [(u, "ann", 0) for u in names],
    )


def test_with_one_candidate_each_the_fit_is_the_textbook_estimate() -> None:
    delays = [3, 8, 1, 40, 13]
    answer = parent_probabilities(followers_of(5, delays), SHARE, FOLLOW)
    assert answer.decay.mean == pytest.approx(np.mean(delays))  # type: ignore[union-attr]
    assert answer.probability.tolist() == [1.0] * 5 and answer.external == 0
    assert answer.log_likelihood == pytest.approx(-5 * math.log(13) - 5)
    law = parent_probabilities(followers_of(5, delays), SHARE, FOLLOW, decay=PowerLawDecay(scale=2.0))
    exponent = 1 + 5 / np.log1p(np.array(delays) / 2).sum()
    assert law.decay.exponent == pytest.approx(exponent)  # type: ignore[union-attr]


def spread(planted: ExponentialDecay | PowerLawDecay) -> tuple[SocialGraph, float]:
    """Independent cascades with such delays, and how many of the exposed adopted for another reason."""
    rng = np.random.default_rng(11)
    users, posts, life = 200, 300, 20_000
    followers = {v: rng.choice(users, 12, replace=False) for v in range(users)}
    author, share, why = [], [], []
    for p in range(posts):
        when: dict[int, int] = {}
        queue = [(0, int(rng.integers(users)), "author")]
        queue += [(int(rng.integers(1, life)), int(rng.integers(users)), "outside") for _ in range(8)]
        while queue:
            queue.sort()
            t, u, reason = queue.pop(0)
            if u in when or t >= life:
                continue
            if any(u in followers[v] and when[v] < t for v in when):
                why.append(reason)
            when[u] = t
            (author if reason == "author" else share).append((f"u{u}", f"p{p}", t))
            for w in followers[u][rng.random(12) < 0.05]:
                uniform = 1 - rng.random()
                wait = -500 * math.log(uniform) if planted.rate == 1 / 500 else 100 * (uniform ** (-1 / 1.5) - 1)
                queue.append((t + 1 + int(wait), int(w), "friend"))
    follow = [(f"u{w}", f"u{v}", -1) for v, ws in followers.items() for w in ws]
    return graph_of(author, share, follow).as_of(life), why.count("outside") / len(why)


@pytest.mark.parametrize("planted", [ExponentialDecay(500.0), PowerLawDecay(2.5, scale=100.0)])
def test_a_planted_decay_and_outside_share_are_found(planted: ExponentialDecay | PowerLawDecay) -> None:
    graph, outside = spread(planted)
    empty = ExponentialDecay() if isinstance(planted, ExponentialDecay) else PowerLawDecay(scale=100.0)
    answer = parent_probabilities(graph, SHARE, FOLLOW, decay=empty, external=None)
    if isinstance(planted, ExponentialDecay):
        assert answer.decay.mean == pytest.approx(500, rel=0.1)  # type: ignore[union-attr]
    else:
        assert answer.decay.exponent == pytest.approx(2.5, rel=0.1)  # type: ignore[union-attr]
    assert answer.external == pytest.approx(outside, rel=0.2)
    assert 1 < answer.iterations < 1_000


def test_the_fit_is_the_best_there_is() -> None:
    view, _ = spread(ExponentialDecay(500.0))
    best = parent_probabilities(view, SHARE, FOLLOW, external=None)
    mean, chance = best.decay.mean, best.external  # type: ignore[union-attr]
    for factor in (0.9, 1.1):
        for other in (chance * factor, chance):
            near = parent_probabilities(view, SHARE, FOLLOW, None, ExponentialDecay(mean * factor), other)
            assert near.log_likelihood < best.log_likelihood
    again = parent_probabilities(view, SHARE, FOLLOW, None, ExponentialDecay(mean), chance)
    assert again.log_likelihood == pytest.approx(best.log_likelihood) and again.iterations == 0


def test_most_probable_trees() -> None:
    for seed in range(8):
        view = random_world(seed, users=5, posts=3, edges=30).graph()
        for decay, parents in ((ExponentialDecay(9.0), "latest"), (PowerLawDecay(1.5), "latest")):
            likely = parent_probabilities(view, SHARE, FOLLOW, decay=decay).most_probable("root")
            latest = cascade_trees(view, SHARE, FOLLOW, parents=parents, unexposed="root")  # type: ignore[arg-type]
            assert likely.parent.tolist() == latest.parent.tolist(), "densities fall with the delay"
            assert likely.node.tolist() == latest.node.tolist() and likely.names.tolist() == latest.names.tolist()
    outside = parent_probabilities(followers_of(0, [5, 9_000]), SHARE, FOLLOW, None, ExponentialDecay(10.0), 0.5)
    assert outside.most_probable("root").parent.tolist() == [-1, 0, -1]
    assert outside.most_probable().parent.tolist() == [-1, 0, 0]


def test_long_delays_do_not_vanish() -> None:
    graph = graph_of(
        [("ann", "p", 0)], [("bob", "p", 10**8), ("cy", "p", 2 * 10**8)], [("cy", "ann", 0), ("cy", "bob", 0)]
    )
    answer = parent_probabilities(graph, SHARE, FOLLOW, decay=ExponentialDecay(1.0))
    assert shares(answer)[("p", "cy")] == {"ann": 0.0, "bob": 1.0}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("t", [0, 40, 61, 90])
def test_the_future_changes_nothing(seed: int, t: int) -> None:
    world = random_world(seed, edges=40)
    seen, erased = (
        parent_probabilities(graph.as_of(t), SHARE, FOLLOW, external=None, assume_always=True)
        for graph in (world.graph(), world.erased(t).graph())
    )
    assert seen.to_polars().equals(erased.to_polars())
    assert (seen.decay, seen.external) == (erased.decay, erased.external)
    assert seen.decay.known_until in (None, t)


def test_a_decay_fitted_later_is_not_used_earlier() -> None:
    graph = followers_of(5, [3, 8, 1, 40, 13])
    late = parent_probabilities(graph, SHARE, FOLLOW).decay
    assert late.known_until == 46
    with pytest.raises(LeakageError, match="known until 1970-01-01 00:00:46Z would be used as of"):
        parent_probabilities(graph.as_of(20), SHARE, FOLLOW, decay=late)
    told = parent_probabilities(graph.as_of(20), SHARE, FOLLOW, decay=late, allow_future_model=True)
    assert "THE FUTURE of this view" in told.title()
    parent_probabilities(graph.as_of(46), SHARE, FOLLOW, decay=late)


def test_nothing_to_fit_on() -> None:
    answer = parent_probabilities(random_world(3).graph().as_of(-5), SHARE, FOLLOW, external=None)
    assert len(answer) == 0 and answer.decay == ExponentialDecay() and answer.external == 0
    alone = parent_probabilities(graph_of([], [("bob", "p", 3)], []), SHARE, FOLLOW)
    assert alone.to_polars().rows() == [("p", "bob", None, None, 1.0)]
    assert alone.decay.rate is None and len(alone.most_probable()) == 1
    assert repr(alone.plot())


def test_what_does_not_fit_is_named() -> None:
    graph = random_world(4).graph()
    for external in (-0.1, 1.0, float("nan"), "none", True):
        with pytest.raises(SchemaError, match="expected a chance in"):
            parent_probabilities(graph, SHARE, FOLLOW, external=external)  # type: ignore[arg-type]
    for mean in (0.0, -1.0, float("nan"), float("inf"), "3"):
        with pytest.raises(SchemaError, match=r"got mean=.*expected a finite number above 0"):
            ExponentialDecay(mean)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match=r"got exponent=1.*above 1"):
        PowerLawDecay(1)
    with pytest.raises(SchemaError, match="got scale=None"):
        PowerLawDecay(2, scale=None)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got decay='exponential', expected an ExponentialDecay"):
        parent_probabilities(graph, SHARE, FOLLOW, decay="exponential")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got unexposed='roots'"):
        parent_probabilities(graph, SHARE, FOLLOW).most_probable("roots")  # type: ignore[arg-type]
    with pytest.raises(UnknownNodeError, match="no post 'p99'"):
        parent_probabilities(graph, SHARE, FOLLOW, ("post", "p99"))
