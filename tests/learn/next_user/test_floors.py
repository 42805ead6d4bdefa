"""The floors against their definitions, under every protocol; and what they must not see."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.ingest import read_cascade_folder
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.counting import Counting, CountingSettings
from graphsocial.learn.next_user.counting_choice import GRID, best_on_validation
from graphsocial.learn.next_user.floors import FLOORS, Ranker, next_user_floors
from graphsocial.learn.next_user.nearest_cascades import NearestCascades
from graphsocial.learn.next_user.popularity import Popularity
from graphsocial.learn.next_user.rank_metrics import METRICS, gains
from graphsocial.learn.next_user.recency import Recency
from graphsocial.learn.next_user.split import PROTOCOLS, NextUserSplit, next_user_split
from tests.learn.next_user.brute_force import Score, brute_ranks, counting, nearest, popularity, random_table, recency

CASES: list[tuple[Ranker, Score]] = [
    (Popularity(), popularity),
    (Recency(), recency),
    *((Counting(s), counting(s)) for s in (CountingSettings(), CountingSettings(2, "flat", 0.5))),
    (Counting(CountingSettings(3, "root", 1.0)), counting(CountingSettings(3, "root", 1.0))),
    *((NearestCascades(k), nearest(k)) for k in (3, 100)),
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(("ranker", "score"), CASES, ids=[repr(ranker) for ranker, _ in CASES])
def test_ranks_are_those_of_the_definition(protocol: str, ranker: Ranker, score: Score) -> None:
    for seed in range(3):
        split = next_user_split(random_table(np.random.default_rng(seed)), protocol)
        for part in ("valid", "test"):
            assert ranker.ranks(split, part).tolist() == brute_ranks(split, part, score), (seed, part)  # type: ignore[arg-type]


def test_a_walk_by_hand() -> None:
    """From `abc` and `ac`: W[a, b] = 1, W[a, c] = 1/2 + 1, W[b, c] = 1; from six `xy`: W[x, y] = 6.

    After x: y scores 6; a and c 0.001 * 2/6, b half of it: a shares the places 2 and 3 with c.
    After x a: y scores 0.9 * 6, c 1.5, b 1, each and a little for its count.
    """
    split = next_user_split(_table(["abc", "ac", *["xy"] * 7, "xac"]), "users_only")
    assert Counting().ranks(split, "test").tolist() == [2.5, 2.0]


def _table(cascades: list[str], step: int = 10) -> CascadeTable:
    letters = sorted(set("".join(cascades)))
    sizes = [len(cascade) for cascade in cascades]
    starts = np.repeat(np.arange(len(cascades)) * step, sizes)
    return CascadeTable(
        user=np.array([letters.index(u) for cascade in cascades for u in cascade]),
        time=starts + np.concatenate([np.arange(size) for size in sizes]),
        offsets=np.cumsum([0, *sizes]),
        users=np.array(letters, dtype=object),
        names=np.array([str(i) for i in range(len(cascades))], dtype=object),
    )


def test_a_long_cascade_is_read_to_its_200th_event() -> None:
    rng = np.random.default_rng(0)
    long = rng.permutation(300)
    rows = [rng.permutation(300)[:5] for _ in range(9)] + [long]
    table = CascadeTable(
        user=np.concatenate(rows),
        time=np.concatenate([np.arange(len(row)) + 1000 * i for i, row in enumerate(rows)]),
        offsets=np.cumsum([0, *[len(row) for row in rows]]),
        users=np.array([f"u{i:03}" for i in range(300)], dtype=object),
        names=np.array([f"c{i}" for i in range(10)], dtype=object),
    )
    for protocol in PROTOCOLS:  # 200 or more: no end token under legacy either
        for floor in (Counting(), Popularity(), NearestCascades(), Recency()):
            ranks = floor.ranks(next_user_split(table, protocol), "test")
            assert len(ranks) == 199 and np.isfinite(ranks).all()
            assert (ranks <= 301 - np.arange(1, 200)).all()


@pytest.mark.parametrize("floor", FLOORS)
@pytest.mark.parametrize("protocol", ["users_only", "strict", "prequential"])
def test_the_future_does_not_matter(protocol: str, floor: str) -> None:
    """Other users in every event that a target must not see: its rank stays, to the bit."""
    rng = np.random.default_rng(5)
    table = random_table(rng, cascades=40, users=14, repeats=False)
    split = next_user_split(table, protocol)
    targets = split.targets("test")
    ranks = _floor(floor, split).ranks(split, "test")
    place = np.arange(len(table.user)) - table.offsets[table.cascade]
    for i in rng.choice(len(targets), 12, replace=False):
        c, position = targets.cascade[i], targets.position[i]
        seen = {
            "users_only": table.cascade < split.train_end,
            "strict": (table.cascade < split.valid_end) & (table.time < split.cut("test")),
            "prequential": table.time < targets.time[i],
        }[protocol]
        seen = seen | ((table.cascade == c) & (place <= position))
        other = np.where(seen, table.user, rng.integers(0, 14, len(table.user)))
        changed = next_user_split(replace(table, user=other), protocol)
        after = _floor(floor, changed).ranks(changed, "test")
        now = changed.targets("test")
        (j,) = np.flatnonzero((now.cascade == c) & (now.position == position))
        assert after[j] == ranks[i]


def _floor(name: str, split: NextUserSplit) -> Ranker:
    return {floor.name: floor for floor in next_user_floors(split)}[name]


def test_prequential_learns_from_the_test_cascade_before() -> None:
    table = _table([*["ab"] * 18, "cd", "cd"])
    assert Counting().ranks(next_user_split(table, "prequential"), "test").tolist() == [3.0, 1.0]
    assert Counting().ranks(next_user_split(table, "strict"), "test").tolist() == [3.0, 3.0]


def test_what_happens_at_the_very_moment_does_not_count() -> None:
    """Two cascades `cd` at the same two moments: neither teaches the other."""
    table = _table([*["ab"] * 18, "cd", "cd"])
    together = replace(table, time=np.where(table.cascade == 19, table.time - 10, table.time))
    assert Counting().ranks(next_user_split(together, "prequential"), "test").tolist() == [3.0, 3.0]


def test_nothing_countable_ties_all() -> None:
    """All training events lie after the first test start."""
    rows = _table([*["abcd"] * 10], step=0)
    split = next_user_split(rows, "strict")
    for floor in (Counting(), Popularity(), NearestCascades(), Recency()):
        assert floor.ranks(split, "test").tolist() == [2.0, 1.5, 1.0]


def test_the_settings_are_picked_on_validation_only() -> None:
    assert len(GRID) == len(set(GRID)) == 12
    table = random_table(np.random.default_rng(3), cascades=60)
    split = next_user_split(table, "legacy")
    chosen = best_on_validation(split)
    test = table.cascade >= split.valid_end
    scrambled = replace(table, user=np.where(test, (table.user * 5 + 1) % 9, table.user))
    assert best_on_validation(next_user_split(scrambled, "legacy")) == chosen
    values = [gains(Counting(s).ranks(split, "valid"))[:, METRICS.index("map@100")].mean() for s in GRID]
    assert chosen.settings == GRID[int(np.argmax(values))]


@pytest.mark.parametrize(
    "settings", [{"window": 0}, {"decay": 0.0}, {"decay": 1.1}, {"weighting": "invers"}], ids=lambda s: str(s)
)
def test_settings_out_of_range(settings: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match="expected"):
        CountingSettings(**settings)


def test_neighbours_out_of_range() -> None:
    with pytest.raises(SchemaError, match="expected 1 or more"):
        NearestCascades(0)


PUBLISHED = {
    ("android", "users_only"): (0.063, 0.232, 0.028),
    ("android", "strict"): (0.016, 0.082, 0.008),
    ("android", "prequential"): (0.031, 0.153, 0.015),
    ("twitter", "users_only"): (0.349, 0.598, 0.237),
    ("twitter", "strict"): (0.345, 0.582, 0.237),
    ("twitter", "prequential"): (0.361, 0.616, 0.246),
    ("tan_memetracker_text", "users_only"): (0.207, 0.509, 0.111),
    ("tan_memetracker_text", "strict"): (0.216, 0.516, 0.114),
    ("tan_memetracker_text", "prequential"): (0.225, 0.528, 0.118),
}
SIZES = {"android": (2_924, 1_220), "twitter": (11_092, 7_861), "tan_memetracker_text": (10_212, 19_330)}


@pytest.mark.parametrize(("data", "protocol"), PUBLISHED, ids=lambda x: x)
def test_the_counting_rule_reproduces_its_measured_cells(data: str, protocol: str) -> None:
    root = os.environ.get("GRAPHSOCIAL_DATA")
    if not root or not (Path(root) / data).is_dir():
        pytest.skip(f"{data} is not there: set GRAPHSOCIAL_DATA to the folder of corpora")
    split = next_user_split(CascadeTable.of(read_cascade_folder(Path(root) / data).cascades), protocol)
    ranks = Counting().ranks(split, "test")
    assert (len(split.table.users), len(ranks)) == SIZES[data]
    found = dict(zip(METRICS, gains(ranks).mean(axis=0), strict=True))
    assert [found[m] for m in ("hits@10", "hits@100", "map@100")] == pytest.approx(PUBLISHED[data, protocol], abs=0.002)
