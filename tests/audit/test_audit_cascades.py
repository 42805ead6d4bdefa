"""Leaks planted in cascades are found, counted by hand, and absent where the protocol removes them."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.audit import audit_cascades, counting_oracle
from graphsocial.errors import SchemaError
from graphsocial.learn.next_user.near_duplicates import closest
from graphsocial.learn.next_user.split import PROTOCOLS
from tests.audit.worlds import clean, planted, split_of

HONEST = ("strict", "prequential")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_clean_world_has_no_leak_but_the_end_token_of_legacy(protocol: str) -> None:
    report = audit_cascades(split_of(clean(), protocol), selected_on="valid")
    assert [found.name for found in report.leaks] == (["end_tokens"] if protocol == "legacy" else [])
    assert all(found.share == 0.0 and found.severity == "none" for found in report.findings if not found.found)


@pytest.mark.parametrize("protocol", ["legacy", "users_only"])
def test_planted_leaks_are_counted(protocol: str) -> None:
    report = audit_cascades(split_of(planted(), protocol))
    events = report["events_after_cut"]
    assert (events.count, events.total) == (2, 26)  # eight training cascades of three events, and two more
    assert events.share == 2 / 26 and events.severity == "medium"
    assert [dict(e) for e in events.examples] == [
        {"cascade": "c0", "user": "u6", "time": 900},
        {"cascade": "c0", "user": "u7", "time": 950},
    ]
    across = report["cascades_across_cut"]
    assert (across.count, across.total) == (1, 8)
    assert dict(across.examples[0]) == {"cascade": "c0", "events_before": 3, "events_after": 2, "last_time": 950}
    twins = report["near_duplicates"]
    assert (twins.count, twins.total, twins.severity) == (1, 1, "high")
    assert dict(twins.examples[0]) == {"cascade": "c9", "like": "c1", "jaccard": 1.0}
    pairs = report["edges_from_test_events"]
    # two of c0's pairs end at or after 900; legacy counts the validation cascade too
    assert (pairs.count, pairs.total) == (2, 20 if protocol == "legacy" else 18)


@pytest.mark.parametrize("protocol", HONEST)
def test_what_the_protocol_removes_is_absent_and_named(protocol: str) -> None:
    report = audit_cascades(split_of(planted(), protocol))
    for name, removed in (("events_after_cut", 2), ("cascades_across_cut", 1), ("edges_from_test_events", 2)):
        found = report[name]
        assert (found.count, found.share, found.severity, found.removed) == (0, 0.0, "none", removed), name
    assert report["events_after_cut"].total == 24
    assert report["end_tokens"].share == 0.0 and report["end_tokens"].removed == 1
    assert report["near_duplicates"].share == 1.0


def test_end_tokens_of_legacy() -> None:
    found = audit_cascades(split_of(clean(), "legacy"))["end_tokens"]
    assert (found.count, found.total, found.share) == (1, 3, 1 / 3)


def test_a_cascade_that_duplicates_the_validation_is_no_duplicate_of_training() -> None:
    world = clean()
    world["c9"] = [(user, 900 + j) for j, (user, _) in enumerate(world["c8"])]
    report = audit_cascades(split_of(world, "strict"))
    assert report["near_duplicates"].count == 0
    assert report["near_duplicates_train_valid"].examples[0]["like"] == "c8"


def test_half_of_the_users_is_near_and_less_is_not() -> None:
    user = np.array([0, 1, 2, 0, 1, 3, 0, 4, 5])
    cascade = np.repeat([0, 1, 2], 3)
    best, like = closest(user, cascade, np.array([1, 2]), np.array([0]))
    assert best.tolist() == [0.5, 0.2] and like.tolist() == [0, 0]


def test_near_duplicates_agree_with_a_second_way() -> None:
    rng = np.random.default_rng(3)
    world = {f"c{k}": [(f"u{u}", 10 * k + j) for j, u in enumerate(rng.permutation(9)[:4])] for k in range(60)}
    split = split_of(world, "strict")
    table = split.table
    users = [set(table.user[table.offsets[c] : table.offsets[c + 1]]) for c in range(len(table))]
    second = [
        any(2 * len(users[c] & users[other]) >= len(users[c] | users[other]) for other in split.cascades("train"))
        for c in split.cascades("test")
    ]
    assert audit_cascades(split)["near_duplicates"].count == sum(second) > 0


def test_repeated_and_unseen_users() -> None:
    world = clean()
    world["c9"] = [("u0", 900), ("new", 901), ("u0", 902)]
    report = audit_cascades(split_of(world, "users_only"))
    assert report["targets_that_cannot_be_hit"].count == 1
    assert (report["unseen_users"].count, report["unseen_users"].total) == (1, 2)
    assert report["unseen_users"].examples[0] == {"user": "new"}
    assert report["unseen_users"].severity == "low"


def test_users_seen_only_after_the_cut_are_unseen_under_strict() -> None:
    world = clean()
    world["c0"] += [("late", 901)]
    world["c9"] = [("u0", 900), ("late", 905)]
    assert audit_cascades(split_of(world, "users_only"))["unseen_users"].count == 0
    assert audit_cascades(split_of(world, "strict"))["unseen_users"].count == 1


def test_edges_without_and_with_times() -> None:
    edges = np.array([["u0", "u1"], ["u3", "stranger"]], dtype=object)
    split = split_of(planted(), "users_only")
    untimed = audit_cascades(split, edges)
    assert untimed["edges_without_times"].share == 1.0 and untimed["edges_without_times"].severity == "medium"
    assert "2 edges without times" in untimed.assumptions[0]
    timed = audit_cascades(split, edges, edge_time=np.array([5, 5000]))
    assert timed["edges_without_times"].share == 0.0 and not timed.assumptions
    found = [f for f in timed.findings if f.name == "edges_from_test_events"]
    assert any(f.count == 1 and f.examples[0]["dst"] == "stranger" for f in found)


def test_edges_built_from_the_test_are_recognised() -> None:
    world = clean()
    world["c9"] = [("u0", 900), ("x", 901), ("y", 902)]
    split = split_of(world, "strict")
    built = np.array([["u0", "x"], ["y", "x"]], dtype=object)
    found = audit_cascades(split, built)["edges_repeat_test_pairs"]
    assert (found.count, found.total, found.severity) == (2, 2, "high")
    assert audit_cascades(split, np.array([["u0", "u1"]], dtype=object))["edges_repeat_test_pairs"].count == 0


def test_groups_and_selection() -> None:
    split = split_of(clean(), "strict")
    report = audit_cascades(split, groups={"text": {"c0": "same", "c9": "same"}}, selected_on="test")
    assert report["shared_texts"].count == 1 and report["shared_texts"].examples[0]["text"] == "same"
    assert report["selection_on_test"].severity == "high"
    other = audit_cascades(split, groups={"text": {"c0": "one", "c9": "two"}}, selected_on="valid")
    assert not other["shared_texts"].found and not other["selection_on_test"].found


def test_the_oracle_knows_the_answers() -> None:
    world = clean()
    strangers = [f"x{j}" for j in range(30)]
    world["c0"] += [(x, 20) for x in strangers]
    world["c9"] = [("u0", 900), ("n1", 901), ("n2", 902), ("n3", 903)]
    found = counting_oracle(split_of(world, "strict"))
    assert found.targets == 3
    assert found.honest["hits@10"] == 0.0  # nobody ever saw them; all strangers stand above
    assert found.leaked["hits@10"] == 1.0
    assert found == audit_cascades(split_of(world, "legacy"), oracle=True).oracle


def test_wrong_input_is_named() -> None:
    split = split_of(clean(), "strict")
    with pytest.raises(SchemaError, match=r"edges got shape \(2, 3\)"):
        audit_cascades(split, np.zeros((2, 3)))
    with pytest.raises(SchemaError, match="1 edge times for 2 edges"):
        audit_cascades(split, np.zeros((2, 2)), edge_time=np.zeros(1))
    with pytest.raises(SchemaError, match="Did you mean 'test'"):
        audit_cascades(split, selected_on="tests")
    report = audit_cascades(split)
    with pytest.raises(SchemaError, match="Did you mean 'end_tokens'"):
        report["end_token"]
    with pytest.raises(SchemaError, match="was not checked"):
        report["selection_on_test"]


def test_the_report_reads_well() -> None:
    report = audit_cascades(split_of(planted(), "legacy"), name="tiny")
    text = repr(report)
    assert text.startswith("LeakReport of 'tiny', protocol legacy: ")
    assert "medium  events_after_cut: 2 of 26 training events" in text and "not checked  selection_on_test" in text
    frame = report.to_polars()
    assert frame.filter(frame["name"] == "events_after_cut")["share"].to_list() == [2 / 26]
    raw = report.to_json()
    order = ["high", "medium", "low", "none"]
    ranks = [order.index(found["severity"]) for found in raw["findings"]]
    assert ranks == sorted(ranks)
    assert all(0 <= found["share"] <= 1 for found in raw["findings"])
    assert all(len(found["examples"]) <= 5 for found in raw["findings"])
