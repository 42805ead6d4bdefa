"""The top of each window against dense counts and scores."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph
from graphsocial.schema import Schema
from graphsocial.trends import burst_scores, counts_per_window
from graphsocial.trends.top_per_window import top_per_window
from tests.graph.worlds import TAG, random_world


def tagged(rows: list[tuple[int | None, str]], crawled_at: int | None = None) -> SocialGraph:
    schema = Schema({"post": {}, "hashtag": {}}, {TAG: {}}, crawled_at={} if crawled_at is None else {TAG: crawled_at})
    table = pa.table(
        {
            "src": pa.array([f"p{i}" for i in range(len(rows))], pa.string()),
            "dst": pa.array([tag for _, tag in rows], pa.string()),
            "time": pa.array([time for time, _ in rows], pa.int64()),
        }
    )
    return SocialGraph.build(schema, {}, {TAG: table})


def random_tags(seed: int, count: int) -> SocialGraph:
    rng = np.random.default_rng(seed)
    return tagged(
        [(int(t), f"h{h}") for t, h in zip(rng.integers(0, 100, count), rng.geometric(0.4, count), strict=True)]
    )


def test_golden() -> None:
    graph = tagged(
        [
            (0, "sun"),
            (1, "sun"),
            (2, "ice"),
            (3, "fog"),
            (10, "ice"),
            (11, "ice"),
            (12, "ice"),
            (13, "sun"),
            (29, "fog"),
        ]
    )
    answer = top_per_window(graph, TAG, 10, k=2, history=1)
    assert answer.to_polars().drop("score").rows() == [
        (0, 1, "sun", 2), (0, 2, "ice", 1), (10, 1, "ice", 3), (10, 2, "sun", 1), (20, 1, "fog", 1),
    ]  # fmt: skip
    assert np.isnan(answer.score[:2]).all()
    # ice: 1 before, 3 now; sun: 2 before, 1 now; fog: nothing in the window just before
    assert answer.score[2:].round(4).tolist() == [1.4142, -0.5774, 1.0]
    by_score = top_per_window(graph, TAG, 10, k=1, history=1, by="score")
    assert by_score.to_polars().select("start", "hashtag").rows() == [(10, "ice"), (20, "fog")]
    assert top_per_window(graph, TAG, 10, minimum=2).node.tolist() == ["sun", "ice"]
    assert top_per_window(graph, TAG, 10, side="src", k=1).node.tolist() == ["p0", "p4", "p8"]


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(0, 60), st.integers(1, 40), st.integers(1, 6), st.integers(1, 5),
    st.sampled_from(["count", "score"]), st.integers(1, 3), st.integers(-20, 30),
)  # fmt: skip
def test_the_dense_way_agrees(
    seed: int, edges: int, width: int, k: int, history: int, by: str, minimum: int, start: int
) -> None:
    graph = random_tags(seed, edges)
    end = start + 3 * width
    dense = counts_per_window(graph, TAG, width, start, end)
    scores = burst_scores(dense.counts, history)
    ids = graph.node_ids("hashtag")
    expected = []
    for w in range(3):
        worth = dense.counts[:, w] if by == "count" else scores[:, w]
        listed = [n for n in range(len(dense.node)) if dense.counts[n, w] >= minimum and not np.isnan(worth[n])]
        for rank, n in enumerate(sorted(listed, key=lambda n: (-worth[n], n))[:k], 1):
            expected.append((start + w * width, rank, ids[dense.node[n]], dense.counts[n, w], scores[n, w]))
    found = top_per_window(graph, TAG, width, k, start, end, by=by, history=history, minimum=minimum)  # type: ignore[arg-type]
    got = found.to_polars().rows()
    assert [row[:4] for row in got] == [row[:4] for row in expected]
    np.testing.assert_allclose([row[4] for row in got], [row[4] for row in expected], rtol=1e-12)


def test_the_grid_holds_whole_windows_only() -> None:
    graph = tagged([(25, "a"), (47, "b")])

    def grid(view: SocialGraph, start: int | None = None) -> tuple[int, int]:
        answer = top_per_window(view, TAG, 10, start=start)
        return answer.begin, answer.windows

    assert grid(graph) == (20, 3), "up to the last edge"
    assert grid(graph.as_of(49)) == (20, 2), "the view knows 40 to 50 in part"
    assert grid(graph.window(24, 48)) == (24, 2)
    assert grid(graph, 0) == (0, 5)
    for empty in (tagged([]), graph.as_of(25), graph.as_of(28), graph.window(30, 30)):
        assert len(top_per_window(empty, TAG, 10)) == 0 and repr(top_per_window(empty, TAG, 10))


def test_edges_that_nobody_timed_are_in_no_window() -> None:
    answer = top_per_window(tagged([(1, "a"), (None, "b")], crawled_at=5), TAG, 10)
    assert answer.node.tolist() == ["a"] and answer.unrecorded == 1
    assert "1 untimed edges left out" in repr(answer)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("t", [0, 40, 61, 90])
@pytest.mark.parametrize("by", ["count", "score"])
def test_the_future_changes_nothing(seed: int, t: int, by: str) -> None:
    world = random_world(seed, edges=40)
    seen, erased = (
        top_per_window(graph.as_of(t), TAG, 9, 2, by=by, history=2)  # type: ignore[arg-type]
        for graph in (world.graph(), world.erased(t).graph())
    )
    assert seen.to_polars().equals(erased.to_polars()) and (seen.begin, seen.windows) == (erased.begin, erased.windows)


def test_many_nodes_and_windows_need_no_dense_table() -> None:
    graph = tagged([(i * 1_000_000, f"h{i}") for i in range(300)])
    answer = top_per_window(graph, TAG, 10, k=1)  # 300 nodes x 30 million windows
    assert answer.count.tolist() == [1] * 300


def test_plot_draws_the_highest() -> None:
    axes = top_per_window(random_tags(1, 60), TAG, 10, k=2).plot(top=3)
    assert len(axes.lines) == 3


def test_what_does_not_fit_is_named() -> None:
    graph = random_tags(1, 30)
    for name in ("width_seconds", "k", "history", "minimum"):
        for value in (0, -3, 1.5, float("nan"), True):
            with pytest.raises(SchemaError, match=f"got {name}=.*expected a whole number of at least 1"):
                top_per_window(graph, TAG, **{name: value})
    with pytest.raises(SchemaError, match=r"got by='scores', expected count or score\. Did you mean 'score'"):
        top_per_window(graph, TAG, by="scores")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="side is 'target'"):
        top_per_window(graph, TAG, side="target")  # type: ignore[arg-type]
    with pytest.raises(TimeWindowError, match="own end"):
        top_per_window(graph.as_of(50), TAG, 10, start=0, end=60)
    with pytest.raises(TimeWindowError, match="start"):
        top_per_window(graph.window(20, 50), TAG, 10, start=10, end=40)
    with pytest.raises(TimeWindowError, match="whole number"):
        top_per_window(graph, TAG, 7, start=0, end=50)
    with pytest.raises(TimeWindowError, match="whole number"):
        top_per_window(graph, TAG, 10, start=50, end=0)
    with pytest.raises(SchemaError, match="unknown edge type"):
        top_per_window(graph, ("post", "tags", "hashtag"))
