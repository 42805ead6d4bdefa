"""Who was exposed to whom: all of those who acted against a plain loop, the sample against full enumeration."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import LeakageError, SchemaError
from graphsocial.learn.activation.candidate_edges import OUTSIDE, CandidateEdges, candidate_edges
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.exposure_rows import ExposureRows, Windows, exposure_rows
from graphsocial.learn.activation.exposure_rows_kernel import likeness
from tests.learn.activation.worlds import DAY, THREE, random_world, record_of

Exposure = tuple[int, str, str, int, int]  # window, exposer, exposed, when the exposer acted, until when


def exposures(
    record: CascadeRecord, edges: CandidateEdges, windows: Windows
) -> tuple[dict[tuple[int, str], list[Exposure]], dict[Exposure, int], int]:
    """By definition: exposures of each activation that has any, edges of all others, activations of known users."""
    ids, spread = edges.spread.ids.tolist(), edges.spread
    reach: dict[str, list[tuple[int, str]]] = {name: [] for name in ids}
    for edge, (u, v) in enumerate(zip(spread.source, spread.target, strict=True)):
        reach[ids[u]].append((edge, ids[v]))
    caused: dict[tuple[int, str], list[Exposure]] = {}
    vain: dict[Exposure, int] = {}
    acted = 0
    for example, (cascade, as_of, end) in enumerate(zip(windows.cascade, windows.as_of, windows.end, strict=True)):
        a, b = record.offsets[cascade], record.offsets[cascade + 1]
        members = dict(zip(record.ids[record.user[a:b]], record.time[a:b].tolist(), strict=True))
        acted += sum(name in reach and as_of <= when < end for name, when in members.items())
        for name, when in [(OUTSIDE, min(members.values())), *members.items()]:
            if name not in reach or when >= end:
                continue
            for edge, exposed in reach[name]:
                at = members.get(exposed, end)
                if at >= end:
                    vain[example, name, exposed, when, end] = edge
                elif at >= as_of and when < at:
                    caused.setdefault((example, exposed), []).append((example, name, exposed, when, at))
    return caused, vain, acted


def as_exposures(record: CascadeRecord, edges: CandidateEdges, rows: ExposureRows) -> list[Exposure]:
    ids, since = edges.spread.ids, record.time[rows.source]
    ends = ids[edges.spread.source[rows.edge]], ids[edges.spread.target[rows.edge]]
    return [*zip(rows.example.tolist(), *ends, since.tolist(), (since + rows.until).tolist(), strict=True)]


def asked_of(record: CascadeRecord, graph_as_of: int, seed: int, examples: int = 25) -> Windows:
    """Windows of any cascade from the graph's time on: before, in and after it, some of them empty."""
    rng = np.random.default_rng(seed)
    cascade = rng.integers(len(record), size=examples)
    as_of = np.maximum(record.start[cascade] + rng.integers(-2, 8, size=examples), graph_as_of)
    return Windows(cascade, as_of, as_of + rng.integers(14, size=examples))


@pytest.mark.parametrize("seed", range(40))
def test_all_exposures_of_those_who_acted(seed: int) -> None:
    record = record_of(random_world(seed))
    edges = candidate_edges(record, 30, {})
    windows = asked_of(record, 30, seed)
    rows = exposure_rows(record, edges, windows, 0, seed)
    caused, _, acted = exposures(record, edges, windows)
    found: dict[int, list[Exposure]] = {}
    for number, exposure in zip(rows.event.tolist(), as_exposures(record, edges, rows), strict=True):
        found.setdefault(number, []).append(exposure)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, caused.values()))
    assert rows.activations == len(caused) and sorted(found) == list(range(len(caused)))
    assert rows.acted == acted and (rows.weight == 1).all()
    since = record.time[rows.source]
    assert rows.age.tolist() == np.maximum(windows.as_of[rows.example] - since, 0).tolist()
    assert (rows.age <= rows.until).all() and (rows.until > 0).all()


def test_random_worlds_have_something_to_find() -> None:
    found = ties = unexposed = 0
    for seed in range(40):
        record = record_of(random_world(seed))
        edges, windows = candidate_edges(record, 30, {}), asked_of(record, 30, seed)
        rows = exposure_rows(record, edges, windows, 0, 0)
        found += len(rows.edge)
        ties += int(((np.diff(record.time) == 0) & (np.diff(record.cascade) == 0)).sum())
        unexposed += rows.acted - rows.activations
    assert found > 1_000 and ties > 100 and unexposed > 10


@pytest.mark.parametrize("seed", range(6))
def test_weighted_draws_sum_to_what_full_enumeration_gives(seed: int) -> None:
    record = record_of(random_world(seed, users=12, longest=6))
    edges = candidate_edges(record, 30, {})
    windows = asked_of(record, 30, seed, examples=12)
    draws = 20_000
    rows = exposure_rows(record, edges, windows, draws, 100 + seed)
    rows_drawn = np.flatnonzero(rows.event == -1)
    _, vain, _ = exposures(record, edges, windows)
    names = [*vain]
    place = {exposure: i for i, exposure in enumerate(names)}
    drawn = as_exposures(record, edges, rows)
    which = np.array([place[drawn[row]] for row in rows_drawn])  # a KeyError: somebody who acted, or nobody exposed
    weight = rows.weight[rows_drawn].astype(float)
    assert len(names) > 20
    assert rows.edge[rows_drawn].tolist() == [vain[names[i]] for i in which]

    # each exposure: its estimate is a binomial count times a fixed weight
    count = np.bincount(which, minlength=len(names))
    assert (count > 0).all()
    single = np.bincount(which, weights=weight, minlength=len(names)) / count
    assert (np.abs(single * count - 1) < 4.5 * single * np.sqrt(count)).all()

    # any function of edge, window and time
    rng = np.random.default_rng(seed)
    for value in (np.ones(len(names)), rng.normal(size=len(names)), rng.pareto(1.5, len(names))):
        got = weight * value[which]
        # windows are independent, and so are the draws of one
        total, square = (np.bincount(rows.example[rows_drawn], weights=x, minlength=12) for x in (got, got**2))
        deviation = np.sqrt((square - total**2 / draws).sum())
        assert abs(got.sum() - value.sum()) < 4.5 * deviation


@pytest.mark.parametrize("seed", range(6))
def test_draws_never_land_on_somebody_who_acted(seed: int) -> None:
    record = record_of(random_world(seed))
    edges, windows = candidate_edges(record, 30, {}), asked_of(record, 30, seed)
    rows = exposure_rows(record, edges, windows, 200, seed)
    drawn = np.flatnonzero(rows.event == -1)
    assert len(drawn) > 500 and (rows.weight > 0).all()
    for row in drawn:
        cascade, end = windows.cascade[rows.example[row]], windows.end[rows.example[row]]
        acted = record.user[(record.cascade == cascade) & (record.time < end)]
        assert edges.spread.target[rows.edge[row]] not in acted
    assert (rows.until[drawn] > 0).all() and (rows.age[drawn] <= rows.until[drawn]).all()


def test_three_cascades_by_hand() -> None:
    record = record_of(THREE)
    edges = candidate_edges(record, 3 * DAY, {})  # ann -> bob, cy; the outside -> ann, bob, cy
    rows = exposure_rows(record, edges, Windows([1, 1], [4 * DAY + 60, 4 * DAY + 90], [6 * DAY, 5 * DAY]), 2_000, 5)
    ids = edges.spread.ids
    caused = rows.event >= 0
    assert ids[edges.spread.source[rows.edge[caused]]].tolist() == [OUTSIDE], "bob reached nobody before that time"
    assert ids[edges.spread.target[rows.edge[caused]]].tolist() == ["ann"]
    assert (rows.age[caused].tolist(), rows.until[caused].tolist()) == ([60], [DAY])
    assert (rows.activations, rows.acted) == (1, 1), "the second window ends as ann acts"
    drawn = {*as_exposures(record, edges, rows)} - {(0, OUTSIDE, "ann", 4 * DAY, 5 * DAY)}
    assert drawn == {
        (0, OUTSIDE, "cy", 4 * DAY, 6 * DAY),
        (0, "ann", "cy", 5 * DAY, 6 * DAY),  # who acts in the window exposes others in it
        (1, OUTSIDE, "ann", 4 * DAY, 5 * DAY),
        (1, OUTSIDE, "cy", 4 * DAY, 5 * DAY),
    }
    assert set(rows.age[rows.source == record.offsets[1] + 1].tolist()) == {0}


def test_an_event_that_two_windows_ask_about_is_an_activation_of_each() -> None:
    record = record_of(THREE)
    edges = candidate_edges(record, 3 * DAY, {})
    rows = exposure_rows(record, edges, Windows([1, 1], [4 * DAY + 60, 4 * DAY + 90], [6 * DAY, 6 * DAY]), 0, 5)
    assert (rows.event.tolist(), rows.example.tolist(), rows.activations) == ([0, 1], [0, 1], 2)


def test_a_window_before_the_post_asks_about_the_root_as_well() -> None:
    record = record_of({"p": [("ann", 1), ("bob", 2)], "q": [("ann", 10), ("bob", 10), ("cy", 12)]})
    edges = candidate_edges(record, 5, {})
    rows = exposure_rows(record, edges, Windows([1, 1, 1], [5, 5, 5], [20, 10, 5]), 50, 0)
    assert rows.acted == 2 and rows.activations == 0, "nothing exposes the root, nor whoever acts in the same second"
    assert not len(rows.edge), "ann and bob are all who are known, and before the root nobody is exposed"


def test_nobody_known_leaves_no_row() -> None:
    record = record_of(THREE)
    rows = exposure_rows(record, candidate_edges(record, 0, {}), Windows([0], [DAY], [9 * DAY]), 10, 0)
    assert len(rows.edge) == rows.activations == rows.acted == 0
    rows = exposure_rows(record, candidate_edges(record, 0, {}), Windows([], [], []), 10, 0)
    assert len(rows.edge) == 0


def test_one_user_is_exposed_to_the_outside() -> None:
    record = record_of({"p": [("ann", 1)], "q": [("bob", 9)]})
    rows = exposure_rows(record, candidate_edges(record, 5, {}), Windows([1], [12], [20]), 4, 0)
    assert (rows.age.tolist(), rows.until.tolist(), rows.weight.tolist()) == ([3] * 4, [11] * 4, [0.25] * 4)


def test_the_same_seed_draws_the_same() -> None:
    record = record_of(random_world(3))
    edges, windows = candidate_edges(record, 30, {}), asked_of(record, 30, 3)
    a, b, c = (exposure_rows(record, edges, windows, 50, rng).edge.tolist() for rng in (1, np.random.default_rng(1), 2))
    assert a == b != c


def test_likeness_is_the_inner_product() -> None:
    rng = np.random.default_rng(0)
    content, mean = rng.normal(size=(3, 5)).astype(np.float32), rng.normal(size=(4, 5)).astype(np.float32)
    cascade, user, out = np.array([2, 0, 1]), np.array([3, 3, 0]), np.empty(3, dtype=np.float32)
    likeness(content, mean, cascade, user, out)
    assert out == pytest.approx((content[cascade] * mean[user]).sum(axis=1), rel=1e-5)


# ---- what does not fit


@pytest.mark.parametrize(
    ("cascade", "as_of", "end", "says"),
    [
        (
            [0, 0],
            [5, DAY],
            [9, DAY - 1],
            "window 1 got end 1970-01-01 23:59:59Z, expected none before it begins, 1970-01",
        ),
        ([0], [5, 6], [9, 9], r"got \(1, 2, 2\) of cascade, as_of and end"),
        ([0], [5.5], [9], "as_of got float64"),
        ([[0]], [5], [9], r"cascade got int64 \(1, 1\)"),
    ],
)
def test_windows_that_cannot_be(cascade: list, as_of: list, end: list, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        Windows(cascade, as_of, end)  # type: ignore[arg-type]


def test_windows_graph_and_record_belong_together() -> None:
    record = record_of(THREE)
    edges = candidate_edges(record, DAY, {})
    for cascade in (-1, 3):
        with pytest.raises(SchemaError, match=f"cascade {cascade}, expected 0 to 2"):
            exposure_rows(record, edges, Windows([cascade], [DAY], [DAY]), 1, 0)
    with pytest.raises(
        LeakageError, match="know what came before 1970-01-02 00:00:00Z, but a window begins at 1970-01-01"
    ):
        exposure_rows(record, edges, Windows([0, 0], [DAY, DAY - 1], [DAY, DAY]), 1, 0)
    with pytest.raises(SchemaError, match="of other users"):
        exposure_rows(record_of({"p": [("zoe", 0)]}), edges, Windows([0], [DAY], [DAY]), 1, 0)
    with pytest.raises(SchemaError, match="draws got -1"):
        exposure_rows(record, edges, Windows([0], [DAY], [DAY]), -1, 0)
