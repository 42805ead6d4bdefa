"""Evidence and questions of timed relations: counted by hand, and blind to what comes later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.learn.relations.fairness_goodness import fairness
from graphsocial.learn.relations.relation_edges import RelationEdges
from graphsocial.learn.relations.relation_examples import TWO_HOP
from graphsocial.learn.relations.timed_edges import TimedEdges
from graphsocial.learn.relations.timed_evidence import COLUMN_NAMES, timed_evidence
from graphsocial.learn.relations.timed_questions import timed_split

DAY = 86_400


def ratings(seed: int = 0, size: int = 400, nodes: int = 30) -> RelationEdges:
    rng = np.random.default_rng(seed)
    names = np.array([f"u{i}" for i in range(nodes)], dtype=object)
    src, dst = rng.integers(0, nodes, (2, size))
    value = rng.choice([-10.0, -1.0, 1.0, 2.0, 10.0], size)
    time = np.sort(rng.integers(0, 900 * DAY, size))
    return RelationEdges.of(names[src], names[dst], np.array(["trust"] * size), time, value)


def test_columns_by_hand() -> None:
    """Source a rated b 4 and c -2; b rated d 3, c rated d -1; d rated a 5 later on the same day as the question."""
    src, dst = np.array(list("aabcd")), np.array(list("bcdda"))
    time = np.array([1, 2, 3, 4, 100]) * DAY
    every = RelationEdges.of(src, dst, np.array(["t"] * 5), time, np.array([4.0, -2, 3, -1, 5]))
    edges, at = TimedEdges.of(every, 0), {name: i for i, name in enumerate(every.ids)}
    row = timed_evidence(edges, np.array([at["a"]]), np.array([at["d"]]), np.array([100 * DAY]))[0]
    found = dict(zip(COLUMN_NAMES, row.tolist(), strict=True))
    assert np.expm1(found["common_neighbours"]) == pytest.approx(2)
    assert np.expm1(found["forward_paths"]) == pytest.approx(2)
    assert np.expm1(found["preferential_attachment"]) == pytest.approx(4)
    assert found["edge_back"] == 0, "at the very time is not before"
    assert found["receiver_mean"] == 1 and found["sender_mean"] == 1
    assert found["signed_balance"] == (3 + 1) / 2, "c is distrusted, what c says is turned round"
    assert found["trusted_mean"] == 3 and found["negative_share"] == 0.5
    assert found["mean_so_far"] == 1
    assert np.expm1(found["resource_allocation"]) == pytest.approx(1)
    assert np.expm1(found["recent_popularity"]) == 0
    after = timed_evidence(edges, np.array([at["a"]]), np.array([at["d"]]), np.array([100 * DAY + 1]))[0]
    assert dict(zip(COLUMN_NAMES, after, strict=True))["value_back"] == 5


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100), share=st.floats(0.2, 0.9))
def test_what_comes_later_changes_nothing(seed: int, share: float) -> None:
    whole = ratings(seed, size=150)
    end = int(whole.time[int(share * len(whole))])
    kept = whole.time < end
    seen = np.unique(np.concatenate([whole.src[kept], whole.dst[kept]]))
    first = RelationEdges.of(
        whole.ids[whole.src[kept]], whole.ids[whole.dst[kept]], np.array(["trust"] * kept.sum()), whole.time[kept],
        whole.value[kept],
    )  # fmt: skip
    assert first.ids.tolist() == whole.ids[: len(seen)].tolist(), "numbers stay"
    rng = np.random.default_rng(seed)
    a, b = rng.choice(seen, (2, 40))
    as_of = rng.integers(0, end, 40)
    ours, theirs = (timed_evidence(TimedEdges.of(each, 0), a, b, as_of) for each in (whole, first))
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("protocol", ["strict", "prequential"])
def test_the_test_part_does_not_reach_training(protocol: str) -> None:
    edges = ratings()
    split = timed_split(TimedEdges.of(edges, 0), protocol, 0)  # type: ignore[arg-type]
    kept = edges.time < split.cut[2]
    rows = {name: getattr(edges, name)[kept] for name in ("src", "dst", "relation", "time", "value")}
    later = np.full((~kept).sum(), 1)
    # other edges later, at the same times
    rng = np.random.default_rng(9)
    rows["src"] = np.append(rows["src"], rng.integers(0, 5, len(later)))
    rows["dst"] = np.append(rows["dst"], rng.integers(5, 20, len(later)))
    rows["relation"] = np.append(rows["relation"], 0 * later)
    rows["time"] = np.append(rows["time"], edges.time[~kept])
    rows["value"] = np.append(rows["value"], -5.0 * later)
    other = timed_split(TimedEdges.of(replace(edges, **rows), 0), protocol, 0)  # type: ignore[arg-type]
    for part in (0, 1):
        for ours, theirs in ((split.existence, other.existence), (split.value, other.value)):
            assert ours is not None and theirs is not None
            assert np.array_equal(ours[part].evidence, theirs[part].evidence)
            assert np.array_equal(ours[part].target, theirs[part].target)
    near = split.existence[2].against(TWO_HOP)
    assert near.hops.all() and (near.target == 0).any()


def test_refusals() -> None:
    edges = ratings(size=50)
    same = replace(edges, time=np.full(len(edges), 7))
    with pytest.raises(SchemaError, match="distinct times"):
        timed_split(TimedEdges.of(same, 0), "strict", 0)
    with pytest.raises(SchemaError, match="no time"):
        TimedEdges.of(replace(edges, time=np.full(len(edges), -(2**63))), 0)


def test_fairness_finds_the_one_who_lies() -> None:
    rng = np.random.default_rng(0)
    goodness = rng.choice([-0.8, 0.8], 20)
    src, dst = (each.ravel() for each in np.meshgrid(np.arange(6), np.arange(6, 26), indexing="ij"))
    value = np.where(src == 3, -1, 1) * goodness[dst - 6]
    found = fairness(src, dst, value, 26)
    assert found[:6].argmin() == 3 and found[3] < 0.5 < np.delete(found[:6], 3).min() and (found[6:] == 1).all()
