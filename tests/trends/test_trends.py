import numpy as np
import pyarrow as pa
import pytest

from graphsocial.errors import LeakageError, NotFittedError, SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph
from graphsocial.schema import Schema
from graphsocial.trends import (
    Burst,
    ResidualQuantiles,
    WindowCounts,
    burst_scores,
    counts_per_window,
    exponential_smoothing,
    find_bursts,
    historical_mean,
    last_window,
    recent_counts,
)

TAG = ("post", "tag", "hashtag")


def tagged(rows, crawled_at=None):
    """Graph with one post per (time, hashtag) row; time None stands for unknown."""
    schema = Schema({"post": {}, "hashtag": {}}, {TAG: {}}, crawled_at={TAG: crawled_at} if crawled_at else {})
    table = pa.table(
        {
            "src": [f"p{i}" for i in range(len(rows))],
            "dst": [tag for _, tag in rows],
            "time": pa.array([time for time, _ in rows], pa.int64()),
        }
    )
    return SocialGraph.build(schema, {}, {TAG: table})


def events(seed=0, count=200, span=100):
    rng = np.random.default_rng(seed)
    times, tags = rng.integers(0, span, count), rng.choice(["storm", "flood", "sun"], count)
    return [(int(t), str(h)) for t, h in zip(times, tags, strict=True)]


def test_counts_by_hand():
    graph = tagged([(0, "storm"), (9, "storm"), (10, "flood"), (19, "storm"), (20, "storm")])
    found = counts_per_window(graph, TAG, 10, 0, 20)
    assert graph.node_ids("hashtag")[found.node].tolist() == ["storm", "flood"]
    assert (found.counts.tolist(), found.start.tolist()) == ([[2, 1], [0, 1]], [0, 10])
    assert repr(found) == "WindowCounts(2 hashtag nodes x 2 windows of 10 s, 4 edges)"
    flood = counts_per_window(graph, TAG, 10, 0, 20, nodes=np.array([1]))
    assert flood.counts.tolist() == [[0, 1]]
    assert counts_per_window(graph, TAG, 10, 0, 20, side="src").counts.sum() == 4


def test_counts_equal_a_loop():
    rows = events()
    graph = tagged(rows)
    found = counts_per_window(graph, TAG, 7, 1, 99)
    for row, tag in enumerate(graph.node_ids("hashtag")[found.node]):
        for window, start in enumerate(found.start):
            assert found.counts[row, window] == sum(h == tag and start <= t < start + 7 for t, h in rows)


def test_a_window_never_reaches_past_what_the_view_knows():
    graph = tagged(events())
    with pytest.raises(TimeWindowError, match="own end"):
        counts_per_window(graph.as_of(50), TAG, 10, 0, 60)
    with pytest.raises(TimeWindowError, match="start"):
        counts_per_window(graph.window(20, 50), TAG, 10, 10, 40)
    with pytest.raises(TimeWindowError, match="whole number"):
        counts_per_window(graph, TAG, 7, 0, 50)
    with pytest.raises(TimeWindowError, match="past this view's as_of"):
        recent_counts(graph.as_of(50), TAG, np.array([0]), np.array([51]), 10, 2)
    with pytest.raises(TimeWindowError, match="before this view's start"):
        recent_counts(graph.window(20, 50), TAG, np.array([0]), np.array([45]), 10, 3)
    recent_counts(graph.window(20, 50), TAG, np.array([0]), np.array([50]), 10, 3)


def test_recent_counts_equal_a_loop_and_ignore_the_future():
    rows, rng = events(), np.random.default_rng(1)
    graph = tagged(rows)
    names = graph.node_ids("hashtag")
    node, time = rng.integers(0, 3, 50), rng.integers(0, 101, 50)
    found = recent_counts(graph, TAG, node, time, 6, 4)
    for q in range(50):
        for back in range(4):
            end = time[q] - 6 * back
            assert found[q, 3 - back] == sum(h == names[node[q]] and end - 6 <= t < end for t, h in rows)
    early = time <= 50
    past = recent_counts(tagged([r for r in rows if r[0] < 50]), TAG, node[early], time[early], 6, 4)
    assert past.tolist() == found[early].tolist()
    assert recent_counts(graph, TAG, np.zeros(0), np.zeros(0), 6, 4).shape == (0, 4)


def test_edges_of_unknown_time_are_in_no_window():
    graph = tagged([(1, "storm"), (None, "storm"), (None, "storm")], crawled_at=15)
    found = counts_per_window(graph, TAG, 10, 0, 20)
    assert (found.counts.tolist(), found.unrecorded) == ([[1, 0]], 2)
    assert recent_counts(graph, TAG, np.array([0]), np.array([20]), 10, 2).tolist() == [[1, 0]]


def test_burst_scores_see_only_the_past():
    counts = np.random.default_rng(2).poisson(4, (3, 40))
    scores = burst_scores(counts, history=5)
    assert np.isnan(scores[:, 0]).all()
    assert scores[1, 20] == pytest.approx(
        (counts[1, 20] - counts[1, 15:20].mean()) / np.sqrt(counts[1, 15:20].mean() + 1)
    )
    assert np.array_equal(burst_scores(counts[:, :25], history=5), scores[:, :25], equal_nan=True)


def test_a_burst_by_hand():
    counts = np.array([[0, 0, 0, 8, 30, 1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 9]])
    windows = WindowCounts("hashtag", np.array([4, 5, 6]), np.arange(6) * 60, 60, counts)
    # row 0: 8 / sqrt(1) = 8, then m = 8 / 3: (30 - 8 / 3) / sqrt(11 / 3); row 2 ends with 9 / sqrt(1)
    expected = (30 - 8 / 3) / np.sqrt(11 / 3)
    first, second = find_bursts(windows, history=3)
    assert (first.node, first.start, first.end, first.count) == (4, 180, 300, 38)
    assert first.score == pytest.approx(expected)
    assert second == Burst(6, 300, 360, 9, 9.0)
    assert find_bursts(WindowCounts("hashtag", np.zeros(0), np.zeros(0), 60, np.zeros((0, 0)))) == []


def test_forecasts_by_hand():
    counts = np.array([[0, 4, 2], [0, 0, 0], [0, 0, 6]])
    assert last_window(counts).tolist() == [2, 0, 6]
    assert historical_mean(counts).tolist() == [3, 0, 6]
    # levels 0, .5 * 4, .5 * 2 + .5 * 2
    assert exponential_smoothing(counts, alpha=0.5).tolist() == [2, 0, 3]
    level = counts[:, 0].astype(float)
    for column in counts.T[1:]:
        level = 0.3 * column + 0.7 * level
    assert exponential_smoothing(counts) == pytest.approx(level)
    with pytest.raises(SchemaError, match="alpha"):
        exponential_smoothing(counts, alpha=0)
    with pytest.raises(SchemaError, match="at least one window"):
        last_window(np.zeros((2, 0)))


def test_residual_quantiles_cover_their_own_past_and_guard_the_future():
    rng = np.random.default_rng(3)
    point, error = rng.random(999), rng.normal(size=999)
    fitted = ResidualQuantiles.fit(point, point + error, (0.05, 0.5, 0.95), known_until=10)
    low, _, high = fitted.around(point, as_of=10).T
    assert ((low <= point + error) & (point + error <= high)).mean() == pytest.approx(0.9, abs=0.005)
    with pytest.raises(LeakageError):
        fitted.around(point, as_of=9)
    assert fitted.around(point, as_of=9, allow_future_model=True).shape == (999, 3)
    with pytest.raises(NotFittedError):
        ResidualQuantiles.fit(np.zeros(0), np.zeros(0), (0.5,), known_until=0)
    with pytest.raises(SchemaError, match="ascending"):
        ResidualQuantiles.fit(point, point, (0.9, 0.1), known_until=0)


def test_import_brings_no_torch():
    import subprocess
    import sys

    code = "import sys, graphsocial.trends; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
