"""Somebody else's arrays: every check finds its planted leak and nothing in a clean world."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphsocial.audit import LeakReport, audit_arrays
from graphsocial.errors import SchemaError


def world(**changes: Any) -> dict[str, Any]:
    """Four training cascades, one validation and two test cascades of three events each, clean in every respect."""
    users = [[0, 1, 2], [3, 0, 4], [5, 0, 6], [1, 3, 5], [1, 4, 6], [2, 3, 6], [2, 4, 5]]  # the Fano plane
    base: dict[str, Any] = {
        "time": np.concatenate([100 * k + np.arange(3) for k in range(7)]),
        "part": np.repeat(["train", "train", "train", "train", "valid", "test", "test"], 3),
        "user": np.concatenate(users),
        "cascade": np.repeat([f"c{k}" for k in range(7)], 3),
        "edges": np.array([[0, 1], [1, 2]]),
        "edge_event": np.array([1, 2]),
        "target_user": np.array([3, 6, 4, 5]),
        "target_cascade": np.array(["c5", "c5", "c6", "c6"]),
        "target_position": np.array([1, 2, 1, 2]),
        "horizon": 50,
        "columns_known_at": {"text": None, "age": 10},
        "groups": {"image": [f"i{k}" for k in range(21)]},
        "selected_on": "valid",
    }
    return {**base, **changes}


def audit(**changes: Any) -> LeakReport:
    return audit_arrays(**world(**changes))


def test_a_clean_world_is_clean_and_checked() -> None:
    report = audit()
    assert report.leaks == ()
    assert report.unchecked == {}
    assert report.cut == 500 and report.parts == {"train": 12, "valid": 3, "test": 6}


def late_time() -> np.ndarray:
    time = world()["time"].copy()
    time[11] = 500
    return time


def mixed_part() -> np.ndarray:
    part = world()["part"].copy()
    part[11] = "test"
    return part


def copied_user() -> np.ndarray:
    user = world()["user"].copy()
    user[18:] = [2, 1, 9]
    return user


def repeated_user() -> np.ndarray:
    user = world()["user"].copy()
    user[17] = 2
    return user


PLANTED = [
    ("events_after_cut", {"time": late_time()}, 1, 12),
    ("cascades_across_cut", {"time": late_time()}, 1, 4),
    ("cascades_in_several_parts", {"part": mixed_part()}, 1, 7),
    ("near_duplicates", {"user": copied_user()}, 1, 2),
    ("near_duplicates_train_valid", {"user": copied_user()}, 1, 2),
    ("edges_from_test_events", {"edge_event": [1, 16]}, 1, 2),
    ("edges_from_test_events", {"edge_event": None, "edge_time": [1.0, 500.0]}, 1, 2),
    ("edges_without_times", {"edge_event": None, "edge_time": [1.0, np.nan]}, 1, 2),
    ("edges_without_times", {"edge_event": [1, -1]}, 1, 2),
    ("edges_repeat_test_pairs", {"edge_event": None, "edges": np.array([[3, 0], [2, 9]])}, 1, 4),
    (
        "hyperedges_from_test_events",
        {"hyperedges": [[0, 1, 0, 3], ["a", "a", "b", "b"]], "hyperedge_event": [0, 1, 0, 16]},
        1,
        2,
    ),
    ("hyperedges_from_test_events", {"hyperedges": [[6, 3, 2, 1, 2], ["a", "a", "a", "b", "b"]]}, 1, 2),
    ("end_tokens", {"target_user": [3, -1, 4, 5]}, 1, 4),
    ("targets_that_cannot_be_hit", {"target_user": [3, 2, 4, 5], "user": repeated_user()}, 1, 4),
    ("unseen_users", {"target_user": [3, 6, 4, 77]}, 1, 4),
    ("immature_labels", {"horizon": 250}, 3, 12),
    ("immature_labels", {"label_time": world()["time"] + np.where(np.arange(21) == 2, 1000, 1)}, 1, 12),
    ("columns_measured_later", {"columns_known_at": {"text": None, "followers": 500}}, 1, 2),
    ("shared_images", {"groups": {"image": ["same"] + [""] * 15 + ["same"] * 2 + [""] * 3}}, 2, 6),
    ("selection_on_test", {"selected_on": "test"}, 1, 1),
]


@pytest.mark.parametrize(
    ("name", "changes", "count", "total"), PLANTED, ids=[f"{p[0]}-{i}" for i, p in enumerate(PLANTED)]
)
def test_a_planted_leak_is_found(name: str, changes: dict[str, Any], count: int, total: int) -> None:
    found = audit(**changes)[name]
    assert (found.count, found.total) == (count, total)
    assert found.severity != "none" and found.meaning and found.advice
    assert name == "selection_on_test" or found.examples


def test_every_check_of_a_clean_world_has_a_planted_one() -> None:
    planted = {name for name, *_ in PLANTED}
    assert {found.name for found in audit().findings} <= planted


def test_rows_without_targets_give_their_own() -> None:
    report = audit(target_user=None, target_cascade=None, target_position=None, user=repeated_user())
    assert (report["targets_that_cannot_be_hit"].count, report["targets_that_cannot_be_hit"].total) == (1, 4)
    assert "end_tokens" in report.unchecked


def test_parts_by_cascade_and_by_mask_are_the_same() -> None:
    given = world(time=late_time())
    by_cascade = {"train": ["c0", "c1", "c2", "c3"], "val": ["c4"], "test": ["c5", "c6"]}
    masks = {part: given["part"] == part for part in ("train", "valid", "test")}
    reports = [audit_arrays(**{**given, "part": part}) for part in (given["part"], by_cascade, masks)]
    assert len({report["events_after_cut"].count for report in reports}) == 1
    assert reports[1]["rows_in_several_parts"].count == 0
    masks["train"] = masks["train"] | masks["test"]
    assert audit_arrays(**{**given, "part": masks})["rows_in_several_parts"].share == 6 / 21


def test_a_random_split_of_events_is_seen() -> None:
    rng = np.random.default_rng(0)
    report = audit(part=rng.permutation(world()["part"]), target_user=None, target_cascade=None, target_position=None)
    assert report["events_after_cut"].severity == "high"
    assert report["cascades_in_several_parts"].severity == "high"


def test_everything_may_be_missing() -> None:
    report = audit_arrays(time=None, part=["train", "test"])
    assert report.leaks == () and report.cut is None
    assert {"events_after_cut", "near_duplicates", "end_tokens", "immature_labels"} <= set(report.unchecked)


def test_tensors_dates_and_lists_are_fine() -> None:
    torch = pytest.importorskip("torch")
    given = world(time=late_time())
    dates = np.datetime64("2020-01-01", "s") + given["time"].astype("timedelta64[s]")
    for time in (torch.tensor(given["time"]), given["time"].tolist(), given["time"] + 0.5, dates):
        report = audit_arrays(time, given["part"], user=torch.tensor(given["user"]), cascade=given["cascade"].tolist())
        assert report["events_after_cut"].count == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time": [1, 2]}, "different lengths, got time 2"),
        ({"part": ["training"] * 20 + ["tset"]}, "Did you mean 'test'"),
        ({"part": ["train"] * 21}, "no 'test' row"),
        ({"time": np.full(21, np.nan)}, "21 missing times"),
        ({"time": ["noon"] * 21}, "expected numbers"),
        ({"edges": np.zeros((3, 2))}, "transpose it"),
        ({"edge_event": [0, 400]}, "names event 400"),
        ({"edges": None}, "edge_event without edges"),
        ({"target_cascade": ["c5"]}, "target_cascade has 1 values, expected 4"),
        ({"groups": {"image": ["a"]}}, "expected 21, one per row"),
        ({"selected_on": "dev set"}, "expected one of train"),
        ({"cascade": None, "part": {"train": ["c0"], "test": ["c5"]}}, "no row has one"),
    ],
)
def test_wrong_arrays_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        audit(**changes)
