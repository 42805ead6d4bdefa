"""Metrics from ranks by hand, their intervals, Holm's correction, near-duplicates and groups of targets."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion.holm import holm
from graphsocial.errors import SchemaError
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.breakdown import by_activity, by_position
from graphsocial.learn.next_user.near_duplicates import near_duplicates
from graphsocial.learn.next_user.rank_metrics import METRICS, RankBootstrap, RankSums, gains
from graphsocial.learn.next_user.split import next_user_split
from tests.learn.next_user.brute_force import all_events, allowed, random_table


def test_golden_values() -> None:
    """Ranks 1, 4, 10.5, 50, 100, 100.5 and a miss: what stands inside each cut, and its reciprocals."""
    ranks = np.array([1.0, 4.0, 10.5, 50.0, 100.0, 100.5, np.inf])
    found = dict(zip(METRICS, gains(ranks).mean(axis=0), strict=True))
    assert found["hits@10"] == pytest.approx(2 / 7)
    assert found["hits@50"] == pytest.approx(4 / 7)
    assert found["hits@100"] == pytest.approx(5 / 7)
    assert found["map@10"] == pytest.approx((1 + 1 / 4) / 7)
    assert found["map@100"] == pytest.approx((1 + 1 / 4 + 1 / 10.5 + 1 / 50 + 1 / 100) / 7)
    assert found["mrr"] == pytest.approx((1 + 1 / 4 + 1 / 10.5 + 1 / 50 + 1 / 100 + 1 / 100.5) / 7)


@pytest.mark.parametrize("ranks", [[0.5], [np.nan], [[1.0]]])
def test_what_is_no_rank_is_an_error(ranks: list[float]) -> None:
    with pytest.raises(SchemaError, match="got ranks"):
        gains(np.array(ranks))


def test_the_value_is_a_mean_over_targets_and_seeds() -> None:
    cascade = np.array([3, 3, 3, 8])
    sums = RankSums.of([np.array([1.0, 20.0, 20.0, 5.0]), np.array([20.0, 20.0, 20.0, 20.0])], cascade)
    assert sums.value[METRICS.index("hits@10")] == pytest.approx(((2 / 4) + 0) / 2)
    assert sums.targets.tolist() == [3, 1]
    kept = RankSums.of([np.array([1.0, 20.0, 20.0, 5.0])], cascade, cascade == 3)
    assert kept.value[METRICS.index("hits@10")] == pytest.approx(1 / 3)
    assert np.isnan(RankSums.of([np.ones(4)], cascade, cascade == 99).value).all()


def test_pooling_puts_origins_side_by_side() -> None:
    first = RankSums.of([np.array([1.0, 1.0, 200.0])], np.array([0, 0, 1]))
    second = RankSums.of([np.array([200.0])], np.array([0]))
    pooled = RankSums.pooled([first, second])
    assert pooled.value[0] == pytest.approx(2 / 4) and pooled.targets.tolist() == [2, 1, 1]
    with pytest.raises(SchemaError, match="same number"):
        RankSums.pooled([first, RankSums.of([np.ones(1), np.ones(1)], np.array([0]))])


def test_the_bootstrap_is_that_of_every_possible_draw() -> None:
    """Two cascades, with 1 of 1 and 0 of 3 hits: 1/4 of the draws have the first twice, 1/4 the second twice."""
    sums = RankSums.of([np.array([1.0, 200.0, 200.0, 200.0])], np.array([0, 1, 1, 1]))
    drawn = RankBootstrap({"a": sums}, rng=0, resamples=20_000)._drawn[:, 0, 0]
    shares = [np.isclose(drawn, value).mean() for value in (0.0, 0.25, 1.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.02)


def test_seeds_are_drawn_too() -> None:
    """One seed hits all, the other nothing: whatever the cascades, draws of the seeds give 0, 1/2 and 1."""
    sums = RankSums.of([np.ones(6), np.full(6, 200.0)], np.array([0, 0, 1, 1, 2, 2]))
    found = RankBootstrap({"a": sums}, rng=1, resamples=8_000)
    assert [np.isclose(found._drawn[:, 0, 0], v).mean() for v in (0, 0.5, 1)] == pytest.approx(
        [1 / 4, 1 / 2, 1 / 4], abs=0.03
    )
    assert found.estimate("a", "hits@10").interval == (0.0, 1.0)


def test_a_difference_is_paired() -> None:
    """Both vary much from cascade to cascade, their difference not at all."""
    cascade = np.repeat(np.arange(40), 5)
    base = np.where(cascade % 2 == 0, 2.0, 500.0)
    better = base.copy()
    better[::5] = 1.0  # one more hit in every second cascade, the same place in the others
    cases = {"floor": RankSums.of([base], cascade), "model": RankSums.of([better, better], cascade)}
    found = RankBootstrap(cases, rng=0)
    gap = found.difference("model", "floor", "hits@10")
    assert gap.value == pytest.approx(0.1)
    assert gap.interval is not None and 0 < gap.interval[0] < 0.1 < gap.interval[1] < 0.15
    alone = found.estimate("model", "hits@10").interval
    assert alone is not None and alone[1] - alone[0] > 3 * (gap.interval[1] - gap.interval[0])
    assert gap.p < 0.01
    same = found.difference("floor", "floor", "mrr")
    assert (same.value, same.interval, same.p) == (0.0, (0.0, 0.0), 1.0)


def test_the_same_seed_gives_the_same_interval() -> None:
    rng = np.random.default_rng(0)
    cascade = np.sort(rng.integers(0, 30, 200))
    sums = {"a": RankSums.of([rng.integers(1, 300, 200).astype(float)], cascade)}
    first, second, other = (RankBootstrap(sums, rng=seed).estimate("a", "mrr") for seed in (4, 4, 5))
    assert first == second != other


def test_one_cascade_has_no_interval() -> None:
    found = RankBootstrap({"a": RankSums.of([np.ones(3)], np.zeros(3, int))}, rng=0).estimate("a", "mrr")
    assert (found.value, found.interval, found.p) == (1.0, None, 1.0)


def test_cases_must_share_their_targets() -> None:
    a, b = (RankSums.of([np.ones(3)], np.array(cascade)) for cascade in ([0, 0, 1], [0, 1, 1]))
    with pytest.raises(SchemaError, match="the same targets"):
        RankBootstrap({"a": a, "b": b}, rng=0)
    two, three = (RankSums.of([np.ones(3)] * seeds, np.array([0, 0, 1])) for seeds in (2, 3))
    with pytest.raises(SchemaError, match="number of seeds"):
        RankBootstrap({"a": two, "b": three}, rng=0)


def test_holm_golden() -> None:
    """Smallest times 4, next times 3, and so on; never below the one before; never above 1."""
    assert holm([0.04, 0.005, 0.03, 0.02]).tolist() == pytest.approx([0.06, 0.02, 0.06, 0.06])
    assert holm([0.6, 0.7]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


def test_near_duplicates_are_those_of_the_definition() -> None:
    table = random_table(np.random.default_rng(2), cascades=60, users=12)
    members = [set(table.user[a:b].tolist()) for a, b in zip(table.offsets[:-1], table.offsets[1:], strict=True)]
    for tests, others in ((range(50, 60), range(0, 50)), (range(0, 60), range(20, 40)), (range(5, 5), range(0, 60))):
        expected = [
            any(len(members[c] & members[o]) >= 0.5 * len(members[c] | members[o]) for o in others if o != c)
            for c in tests
        ]
        assert near_duplicates(table, tests, others).tolist() == expected


def test_half_is_near_enough() -> None:
    """{a, b, c} and {b, c, d} share 2 of 4."""
    table = CascadeTable(
        user=np.array([0, 1, 2, 1, 2, 3, 0, 3]),
        time=np.arange(8),
        offsets=np.array([0, 3, 6, 8]),
        users=np.array(list("abcd"), dtype=object),
        names=np.array(list("xyz"), dtype=object),
    )
    assert near_duplicates(table, range(1, 3), range(0, 1)).tolist() == [True, False]
    assert near_duplicates(table, range(1, 3), range(0, 1), jaccard=0.51).tolist() == [False, False]


@pytest.mark.parametrize("protocol", ["legacy", "users_only", "strict", "prequential"])
def test_activity_is_the_number_of_countable_events(protocol: str) -> None:
    split = next_user_split(random_table(np.random.default_rng(8), cascades=60), protocol)
    targets = split.targets("test")
    groups = by_activity(split, "test")
    assert sum(rows.sum() for rows in groups.values()) == len(targets)
    for i, (user, moment) in enumerate(zip(targets.user, targets.time, strict=True)):
        seen = sum(event[2] == user for event in allowed(split, "test", int(moment)))
        label = "end" if user < 0 else {0: "0", 1: "1-2", 2: "1-2"}.get(seen, "3-9" if seen < 10 else "10-29")
        if seen < 30 or user < 0:
            assert groups[f"activity={label}"][i], (label, seen)
    assert len(all_events(split.table)) == len(split.table.user)


def test_positions() -> None:
    groups = by_position(np.array([1, 5, 6, 10, 11, 20, 21, 50, 51, 100, 101, 199]))
    assert list(groups) == [f"position={r}" for r in ("1-5", "6-10", "11-20", "21-50", "51-100", "101+")]
    assert all(rows.sum() == 2 for rows in groups.values())
