"""The recovery benchmark: the planted worlds by hand, and small fits of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import bridge_recovery as command
from benchmarks.__main__ import main
from benchmarks.bridge_recovery_fit import familiarity, fit_of, planted_cascade, planted_fit
from benchmarks.bridge_recovery_lines import mean_interval
from benchmarks.bridge_recovery_model import RecoveryCase
from benchmarks.bridge_recovery_plot import recovery_plot, scores_of
from benchmarks.bridge_recovery_scores import Effort, chance_scores, delay_distance
from benchmarks.bridge_recovery_world import (
    GAP,
    HIDDEN,
    HOUR,
    OBSERVE,
    TOPICS,
    USERS,
    WORLDS,
    PlantedWorld,
    Prefix,
    delay_at,
    share_by,
)
from benchmarks.table_layout import LAYOUTS
from graphsocial.graph import CascadeSet
from graphsocial.learn.activation.activation_training import ActivationTraining

TINY = ActivationTraining(
    epochs=1, blocks=3, draws=32, judged_draws=32, virality_nets=1, virality_epochs=1, judged_posts=3, judged_runs=10
)
POSTS, HELD_OUT = 120, 12


@pytest.fixture(scope="module")
def world() -> PlantedWorld:
    return PlantedWorld.drawn("well_specified", 2 * POSTS + HELD_OUT, 0)


@pytest.fixture(scope="module")
def case(world: PlantedWorld) -> RecoveryCase:
    return RecoveryCase.fitted(world, POSTS, np.arange(POSTS, POSTS + HELD_OUT), TINY, 1)


# ---- the worlds


def one_edge(world: PlantedWorld, kind: str, hazard: float, outside: float) -> PlantedWorld:
    """From user 0 to user 1, for every topic the same."""
    log = np.log(np.append(hazard, np.full(USERS, outside)))
    return replace(
        world, kind=kind, source=np.array([0]), target=np.array([1]), seen=np.array([True]), hazard=np.tile(log, (3, 1))
    )


@pytest.mark.parametrize(
    ("kind", "topic", "slow"), [("well_specified", 1, -1), ("wrong_delays", 0, 0), ("wrong_delays", 2, 1)]
)
@pytest.mark.parametrize("age", [0.0, 2.0 * HOUR])
def test_chance_and_delay_of_an_edge(world: PlantedWorld, kind: str, topic: int, slow: int, age: float) -> None:
    runs, hazard, horizon = 6_000, 0.9, 6.0 * HOUR
    begun = [Prefix(np.array([0]), np.array([age]))] * runs
    drawn = one_edge(world, kind, hazard, 1e-12).arrivals(
        np.full(runs, topic), begun, horizon, np.random.default_rng(1)
    )
    assert (drawn[:, 0] == -age).all() and np.isinf(drawn[:, 2:]).all() and (drawn[:, 1] >= 0).all()
    for by in (HOUR, horizon):
        first, last = share_by(np.array([age, age + by]), np.array([slow, slow]))
        wanted = -np.expm1(-hazard * (last - first))
        assert abs((drawn[:, 1] <= by).mean() - wanted) < 4.5 * np.sqrt(wanted * (1 - wanted) / runs)


def test_outside_reaches_everybody_or_nobody(world: PlantedWorld) -> None:
    runs, hazard = 500, 0.05
    lone, begun = one_edge(world, "well_specified", 1e-12, hazard), [Prefix(np.array([7]), np.zeros(1))] * 500
    drawn = lone.arrivals(np.zeros(runs, dtype=int), begun, 1e9, np.random.default_rng(2))
    reached = np.isfinite(np.delete(drawn, 7, axis=1)).mean()
    assert abs(reached + np.expm1(-hazard)) < 4.5 * np.sqrt(hazard / (runs * (USERS - 1)))
    nobody = lone.arrivals(np.zeros(runs, dtype=int), begun, 1e9, np.random.default_rng(2), outside=False)
    assert np.isfinite(nobody).sum() == runs


def test_the_earliest_of_several_ways_counts(world: PlantedWorld) -> None:
    """0 -> 1 -> 2 and 0 -> 2, all sure: 2 acts at the earlier of the two."""
    log = np.log(np.append(np.full(3, 50.0), np.full(USERS, 1e-12)))
    three = replace(
        world, source=np.array([0, 1, 0]), target=np.array([1, 2, 2]), seen=np.ones(3, dtype=bool),
        hazard=np.tile(log, (TOPICS, 1)),
    )  # fmt: skip
    begun = [Prefix(np.array([0]), np.zeros(1))] * 300
    drawn = three.arrivals(np.zeros(300, dtype=int), begun, 1e9, np.random.default_rng(3))
    direct = three.arrivals(
        np.zeros(300, dtype=int), [Prefix(np.array([0, 1]), np.zeros(2))] * 300, 1e9, np.random.default_rng(3)
    )
    assert np.isfinite(drawn[:, :3]).all() and (direct[:, 1] == 0).all()
    assert np.median(direct[:, 2]) < 0.75 * np.median(drawn[:, 1]), "two edges are sooner than one"


def test_delays_are_the_inverse_of_shares() -> None:
    share = np.array([1e-6, 0.1, 0.5, 0.6, 0.99])
    for slow in (-1.0, 0.0, 1.0):
        law = np.full(len(share), slow)
        np.testing.assert_allclose(share_by(delay_at(share, law), law), share, rtol=1e-6)


def test_kinds_share_what_is_planted_and_the_first_posts_stay() -> None:
    worlds = {kind: PlantedWorld.drawn(kind, 40, 5) for kind in WORLDS}
    usual, hidden, wrong = (worlds[kind] for kind in ("well_specified", "hidden_edges", "wrong_delays"))
    assert usual.hazard.tobytes() == hidden.hazard.tobytes() == wrong.hazard.tobytes()
    assert usual.content.tobytes() == hidden.content.tobytes()
    assert usual.member.tolist() == hidden.member.tolist() != wrong.member.tolist()
    assert hidden.links().num_edges == len(hidden.source) - int(HIDDEN * len(hidden.source))
    assert hidden.graph().num_edges == len(hidden.source) == usual.links().num_edges
    longer = PlantedWorld.drawn("well_specified", 90, 5)
    assert longer.topic[:40].tolist() == usual.topic.tolist() and longer.hazard.tobytes() == usual.hazard.tobytes()


def test_posts_as_observed(world: PlantedWorld) -> None:
    observed = world.posts(np.array([3, 9]))
    names, time = world.until(9, 10**9)
    assert observed.names.tolist() == ["p3", "p9"] and observed.node[observed.offsets[1] :].tolist() == names.tolist()
    assert observed.time[observed.offsets[1] :].tolist() == (GAP + time).tolist()
    before = world.prefix(9)
    assert world.ids[before.user].tolist() == names[time < OBSERVE].tolist() and before.age[0] == OBSERVE


# ---- scores


def test_the_truth_has_no_error(case: RecoveryCase, monkeypatch: pytest.MonkeyPatch) -> None:
    edge, spread = case.edge, case.edges.spread
    names = [(spread.ids[s], spread.ids[t]) for s, t in zip(spread.source, spread.target, strict=True)]
    ids = case.world.ids
    assert all(
        (ids[case.world.source[e]], ids[case.world.target[e]]) == pair if e >= 0 else pair[0] == "(outside)"
        for e, pair in zip(edge, names, strict=True)
    )

    def truth(self: RecoveryCase, place: int, says: Any = None, contagion: Any = None) -> Any:
        chance = self.world.chance(int(self.world.topic[self.held_out[place]]))
        return type("Truth", (), {"probability": np.where(edge >= 0, chance[edge], 0.5)})

    learned = chance_scores(case, 4)
    monkeypatch.setattr(RecoveryCase, "asked", truth)
    found = chance_scores(case, 4)
    assert found["chance_error"] == found["log_odds_error"] == 0 and found["chance_rank"] == pytest.approx(1)
    assert learned["log_odds_error"] > 0.3 and found["log_odds_error/content_blind"] > 0.3


def test_delay_distance_by_hand(case: RecoveryCase) -> None:
    assert 0 < delay_distance(case) < 0.3


def test_who_followed_whom_by_hand(case: RecoveryCase) -> None:
    acted = [names.tolist() for names, _ in (case.world.until(post, 10**9) for post in range(POSTS))]
    u, v = (int(i) for i in np.unravel_index(case.followed.argmax(), case.followed.shape))
    both = [names for names in acted if case.world.ids[u] in names and case.world.ids[v] in names]
    after = sum(names.index(case.world.ids[u]) < names.index(case.world.ids[v]) for names in both)
    assert case.followed[u, v] == after > 1 and case.followed[v, u] == len(both) - after
    assert not case.followed.diagonal().any()


def test_familiarity_by_hand(case: RecoveryCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only w has a link to v: whom it had followed by a link counts for nothing."""
    world, ids = case.world, case.world.ids
    linked = np.zeros((USERS, USERS), dtype=bool)
    linked[world.source, world.target] = True
    v = int(np.argmax(linked.any(axis=0)))
    w, (u, other) = int(np.flatnonzero(linked[:, v])[0]), np.flatnonzero(~linked[:, v] & (np.arange(USERS) != v))[:2]
    count = np.zeros((USERS, USERS), dtype=np.int64)
    count[w, v], count[u, v], count[other, v] = 50, 3, 8
    monkeypatch.setitem(case.__dict__, "followed", count)
    late = float(OBSERVE)
    rows = [
        ([u, other, v], [0.0, 5.0, late]),  # the one it had followed most
        ([v, u, other], [late, 0.0, late + 9]),  # in order of time; other comes after, and had followed nobody
        ([w, v], [0.0, late + 9]),  # by a link
        ([u, v], [0.0, late - 1]),  # nobody new
    ]
    nodes = [["(outside)", *ids[who].tolist()] for who, _ in rows]
    size = [len(names) for names in nodes]
    cascades = CascadeSet(
        [name for names in nodes for name in names], [-1] * sum(size),
        [time for _, times in rows for time in (0.0, *times)], np.append(0, np.cumsum(size)),
        range(4), [False] * 4,
    )  # fmt: skip
    assert familiarity(case, cascades).tolist() == pytest.approx([np.log(9), np.log(4) / 2, 0, np.nan], nan_ok=True)


def test_planted_parameters_are_those_of_the_world(world: PlantedWorld) -> None:
    activation, delays = planted_cascade(world, 1)
    spread, edges = activation.spread, len(world.source)
    assert spread.source[:edges].tolist() == world.source.tolist()
    assert spread.target[:edges].tolist() == world.target.tolist()
    np.testing.assert_allclose(activation.probability[:edges], world.chance(1))
    np.testing.assert_allclose(activation.probability[edges:], -np.expm1(-np.exp(world.hazard[1, edges:])))
    assert float(delays.share_by(3 * HOUR)) == pytest.approx(1 - np.exp(-1), abs=1e-4)
    assert delays.mean == pytest.approx(3 * HOUR, rel=0.01)


def test_the_level_holds_and_another_law_of_delays_is_seen(
    case: RecoveryCase, world: PlantedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = np.arange(POSTS + HELD_OUT, len(world.topic))
    fit = planted_fit(case, posts, 19)
    assert fit.measure[-2:] == ("size given", "mean_age given") and fit.rank.shape == (7, POSTS)
    assert np.nanmin(fit.p_holm) > 0.02
    again = fit_of(case, HELD_OUT, 5)
    assert again.rank.shape == (7, HELD_OUT) and again.runs == 5
    quick = type(world).slow
    monkeypatch.setattr(PlantedWorld, "slow", lambda self, topic: np.where(quick(self, topic) < 0, 0.0, 1.0))
    wrong = planted_fit(case, posts, 19)
    assert np.nanmin(wrong.p_holm) < 1e-6
    assert wrong.mean_rank[1] > 0.7, "what came is later than delays of half an hour"


def test_intervals_over_worlds() -> None:
    assert mean_interval([1.0]) is None
    low, high = mean_interval([2.0, 4.0])  # type: ignore[misc]
    assert low == pytest.approx(3 - 12.7062) and high == pytest.approx(3 + 12.7062)


# ---- the command


@pytest.mark.slow
def test_lines_and_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "SIZES", {True: (POSTS,)})
    monkeypatch.setattr(command, "HELD_OUT", {True: HELD_OUT})
    monkeypatch.setattr(command, "EFFORT", {True: Effort(2, 1, 2, 10, 10, 5, 1)})
    monkeypatch.setattr(command, "TRAINING", {True: TINY})
    out = tmp_path / "recovery.jsonl"
    done = CliRunner().invoke(main, ["bridge_recovery", "--quick", "--out", str(out)])
    assert done.exit_code == 0, done.output
    lines = [json.loads(text) for text in out.read_text().splitlines()]
    found = {(line["data"], line["case"], line["metric"]): line for line in lines}
    assert len(found) == len(lines) and {line["data"] for line in lines} == set(WORLDS)
    written = {metric for _, _, metric in found}
    assert (
        set(LAYOUTS["bridge_recovery"].columns) <= written
        and {"rejected/mean_age", "rejected/mean_age given"} <= written
    )
    for kind in WORLDS:
        seeds = found[kind, f"posts={POSTS}", "seeds"]["value"]
        assert 0.3 < seeds < 1.1 and found[kind, f"posts={POSTS}", "rejected"]["value"] in (0, 1)
        assert found[kind, "planted", "rejected"]["n"] == 1 and (kind, "planted", "seeds") not in found
    assert out.with_suffix(".svg").read_text().startswith("<?xml")
    assert set(scores_of(out)) == set(WORLDS)
    again = tmp_path / "again.svg"
    recovery_plot(again, scores_of(out))
    assert again.read_bytes() == out.with_suffix(".svg").read_bytes()
