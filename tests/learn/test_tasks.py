"""What each task asks, against the events read one by one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.errors import EventFormatError, LeakageError, SchemaError, TimeWindowError, UnknownNodeError
from graphsocial.graph import SocialGraph
from graphsocial.learn import Examples, Task, TemporalSplit, read_task_file
from graphsocial.learn.candidate_sampling import draw_candidates
from graphsocial.learn.next_user_task import NextUserTask
from graphsocial.learn.questions import question
from graphsocial.learn.recommendation_task import RecommendationTask
from graphsocial.schema import Schema
from tests.leakage.erasable_world import COUNTED, END, LIKE, MENTION, REPOST, SHARE, TAG, TEST, VALID
from tests.learn.small_training import small_world, world_graph

START = VALID
WORLD = small_world()


def ids(rows: Examples, role: str) -> list[str]:
    node_type, index = rows.nodes[role]
    return world_graph().node_ids(node_type)[index].tolist()


def post_rows(start: int, end: int) -> list[dict[str, Any]]:
    return [row for row in WORLD.nodes["post"] if start <= row["known_at"] < end]


def known(node_type: str, name: str) -> int:
    return int(world_graph().known_at(node_type)[world_graph().index_of((node_type, name))])


def test_post_labels_of_a_window() -> None:
    rows = Task.post_label("mood").examples(world_graph(), START, TEST, 0)
    expected = {r["id"]: (r["mood"], r["known_at"] + 1) for r in post_rows(START, TEST) if r.get("mood")}
    found = zip(ids(rows, "node"), rows.target, rows.time, strict=True)
    assert {name: (rows.classes[int(t)], when) for name, t, when in found} == expected
    assert rows.dropped["without a label"] == sum(not r.get("mood") for r in post_rows(START, TEST)) > 0
    assert rows.classes == tuple(sorted(set(rows.classes)))


def test_classes_of_training_are_kept_and_others_counted() -> None:
    rows = Task.post_label("mood").examples(world_graph(), TEST, END, 0, classes=("bad", "good"))
    odd = sum(r.get("mood") == "odd" for r in post_rows(TEST, END))
    assert rows.classes == ("bad", "good") and rows.dropped["of a class unseen in training"] == odd > 0
    assert set(rows.target.tolist()) == {0, 1}


def test_counts_of_a_window_and_their_time() -> None:
    task = Task.popularity(column="reposts")
    rows = task.examples(world_graph(), START, TEST, 0)
    expected = {r["id"]: r["reposts"] for r in post_rows(START, TEST) if r.get("reposts") is not None}
    assert dict(zip(ids(rows, "node"), rows.target.tolist(), strict=True)) == expected
    with pytest.raises(LeakageError, match=r"post\.reposts were measured"):
        task.examples(world_graph(), START - 10, COUNTED, 0)
    with pytest.raises(SchemaError, match="holds no numbers"):
        Task.popularity(column="text").examples(world_graph(), START, TEST, 0)


def test_groups_are_columns_or_first_targets() -> None:
    by_picture = Task.post_label("mood", resample_by="show").examples(world_graph(), START, TEST, 0)
    shown: dict[str, str] = {}
    for edge in sorted(WORLD.edges["post", "show", "media"], key=lambda e: (e["time"], _place("post", e["src"]))):
        if edge["time"] < TEST:
            shown.setdefault(edge["src"], edge["dst"])
    several = [n for n, c in Counter(e["src"] for e in WORLD.edges["post", "show", "media"]).items() if c > 1]
    for name, group in zip(ids(by_picture, "node"), by_picture.group, strict=True):
        if name not in several:
            assert group == (f"show {shown[name]}" if name in shown else f"post {name}")
    by_word = Task.post_label("mood", resample_by="verdict").examples(world_graph(), START, TEST, 0)
    assert set(by_word.group) <= {"real", "fake"} | {f"post {n}" for n in ids(by_word, "node")}
    with pytest.raises(SchemaError, match="resample by 'nothing'"):
        Task.post_label("mood", resample_by="nothing").examples(world_graph(), START, TEST, 0)


def _place(node_type: str, name: str) -> int:
    return world_graph().index_of((node_type, name))


def events(*edge_types: tuple[str, str, str], start: int, end: int) -> list[tuple[int, str, str, str]]:
    """(time, source, target, relation) of edges whose target was known before."""
    found = [
        (edge["time"], edge["src"], edge["dst"], e[1])
        for e in edge_types
        for edge in WORLD.edges[e]
        if start <= edge["time"] < end and known(e[2], edge["dst"]) < edge["time"]
    ]
    return sorted(found)


def test_links_of_a_window_with_candidates_that_existed() -> None:
    rows = Task.link(MENTION, REPOST, negatives=5).examples(world_graph(), START, TEST, 7)
    true = rows.target > 0
    asked = list(
        zip(rows.time[true].tolist(), np.array(ids(rows, "src"))[true], np.array(ids(rows, "dst"))[true], strict=True)
    )
    assert sorted(asked) == sorted(e[:3] for e in events(MENTION, REPOST, start=START, end=TEST))
    total = sum(START <= e["time"] < TEST for t in (MENTION, REPOST) for e in WORLD.edges[t])
    assert rows.dropped["with a target nobody had seen before"] == total - len(asked)
    assert (world_graph().known_at("user")[rows.nodes["dst"][1]] < rows.time).all()
    for query in np.unique(rows.query):
        mine = rows.query == query
        candidates = rows.nodes["dst"][1][mine]
        assert len(set(candidates.tolist())) == len(candidates) <= 6
        assert rows.target[mine].tolist() == [1] + [0] * (len(candidates) - 1)
        assert len(set(rows.time[mine])) == len(set(rows.nodes["src"][1][mine])) == 1


def test_link_features_count_strictly_earlier_edges() -> None:
    rows = Task.link(MENTION, REPOST, negatives=3).examples(world_graph(), START, TEST, 7)
    assert rows.features is not None
    edges = [(edge["time"], edge["src"], edge["dst"]) for e in (MENTION, REPOST) for edge in WORLD.edges[e]]
    for i in range(0, len(rows), 5):
        a, b, t = ids(rows, "src")[i], ids(rows, "dst")[i], int(rows.time[i])
        past = [e for e in edges if e[0] < t]
        received = [time for time, _, target in past if target == b]
        recency = 1 - np.log1p(t - max(received)) / 15 if received else -0.5
        circle = {x: {e[1] for e in past if e[2] == x} | {e[2] for e in past if e[1] == x} for x in (a, b)}
        expected = [
            np.log1p(len(received)),
            recency,
            np.log1p(len((circle[a] & circle[b]) - {a, b})),
            np.log1p(sum(e[1:] == (a, b) for e in past)),
            np.log1p(sum(e[1:] == (b, a) for e in past)),
        ]
        assert rows.features[i] == pytest.approx(expected, abs=1e-6), (a, b, t)


def test_relations_of_a_window_from_earlier_relations() -> None:
    task = Task.relation(MENTION, REPOST)
    rows = task.examples(world_graph(), START, TEST, 0)
    assert rows.classes == ("mention", "repost") and rows.features is not None
    found = zip(
        rows.time.tolist(), ids(rows, "src"), ids(rows, "dst"), (rows.classes[t] for t in rows.target), strict=True
    )
    assert sorted(found) == events(MENTION, REPOST, start=START, end=TEST)
    for i in range(0, len(rows), 5):
        a, b, t = ids(rows, "src")[i], ids(rows, "dst")[i], int(rows.time[i])
        received = [sum(e["dst"] == b and e["time"] < t for e in WORLD.edges[r]) for r in (MENTION, REPOST)]
        sent = [sum(e["src"] == a and e["time"] < t for e in WORLD.edges[r]) for r in (MENTION, REPOST)]
        share = (np.array(received) + 1) / (sum(received) + 2)
        assert rows.features[i] == pytest.approx([*np.log1p(received), *np.log1p(sent), *np.log(share)], abs=1e-6)


def test_trend_windows_end_inside_their_part() -> None:
    width, minimum = 6 * 3600, 3
    rows = Task.trend(TAG, width=width, minimum=minimum).examples(world_graph(), START, TEST, 0)
    times: dict[str, list[int]] = {}
    for edge in WORLD.edges[TAG]:
        times.setdefault(edge["dst"], []).append(edge["time"])
    last = max(t for listed in times.values() for t in listed if t < TEST)
    expected = {}
    for name, listed in times.items():
        for t in range(-(-START // width) * width, TEST - width + 1, width):
            before = [x for x in listed if x < t]
            if t <= last and len(before) >= minimum and before and max(before) >= t - 24 * width:
                expected[name, t] = sum(t <= x < t + width for x in listed)
    found = dict(zip(zip(ids(rows, "node"), rows.time.tolist(), strict=True), np.expm1(rows.target), strict=True))
    assert {key: round(value) for key, value in found.items()} == expected
    assert (rows.time + width <= TEST).all() and (rows.time % width == 0).all()
    crossing = Task.trend(TAG, width=width, minimum=minimum).examples(world_graph(), START, TEST - 60, 0)
    assert crossing.time.max() + width <= TEST - 60
    assert crossing.dropped["origins whose window crosses the cut"] == 1


def test_next_users_follow_their_cascade() -> None:
    rows = NextUserTask(edge_type=SHARE, prefix=3, negatives=4).examples(world_graph(), START, TEST, 1)
    author = {e["dst"]: e["src"] for e in WORLD.edges["user", "author", "post"]}
    posted = {e["dst"]: e["time"] for e in WORLD.edges["user", "author", "post"]}
    cascades: dict[str, list[tuple[int, str]]] = {post: [(posted[post], user)] for post, user in author.items()}
    for edge in sorted(WORLD.edges[SHARE], key=lambda e: (e["time"], _place("user", e["src"]))):
        members = cascades[edge["dst"]]
        if edge["time"] < TEST and edge["src"] not in {user for _, user in members}:
            members.append((edge["time"], edge["src"]))
    expected = []
    for post, members in cascades.items():
        ordered = sorted(members, key=lambda m: m[0])
        for place in range(1, len(ordered)):
            time, user = ordered[place]
            if START <= time < TEST and known("user", user) < time:
                expected.append((post, time, user, tuple(u for _, u in ordered[max(0, place - 3) : place])))
    names = world_graph().node_ids("user")
    true = rows.target > 0
    prefixes = [tuple(names[row[row >= 0]]) for row in rows.nodes["prefix"][1][true]]
    posts = [group.removeprefix("cascade ") for group in rows.group[true]]
    found = zip(posts, rows.time[true].tolist(), np.array(ids(rows, "candidate"))[true], prefixes, strict=True)
    assert sorted(found) == sorted(expected)
    for prefix, candidate in zip(rows.nodes["prefix"][1][~true], rows.nodes["candidate"][1][~true], strict=True):
        assert candidate not in prefix


def test_next_user_after_an_author_nobody_recorded() -> None:
    author = ("user", "author", "post")
    schema = Schema({"user": {}, "post": {}}, {SHARE: {}, author: {}})
    users = pa.table({"id": [f"u{i}" for i in range(8)], "known_at": [1] * 8})
    posts = pa.table({"id": ["p", "q"], "known_at": [5, 5]})
    shares = pa.table({"src": ["u3", "u4", "u5", "u6"], "dst": ["p", "p", "p", "q"], "time": [10, 20, 30, 40]})
    wrote = pa.table({"src": ["u7"], "dst": ["q"], "time": [5]})
    graph = SocialGraph.build(schema, {"user": users, "post": posts}, {SHARE: shares, author: wrote})
    rows = NextUserTask(edge_type=SHARE, prefix=4, negatives=2).examples(graph, 0, 100, 0)
    true = rows.target > 0
    names = graph.node_ids("user")
    after = {
        str(names[c]): names[p[p >= 0]].tolist()
        for c, p in zip(rows.nodes["candidate"][1][true], rows.nodes["prefix"][1][true], strict=True)
    }
    assert after == {"u4": ["u3"], "u5": ["u3", "u4"], "u6": ["u7"]}
    padding = rows.nodes["prefix"][1] < 0
    assert (np.diff(padding.astype(int), axis=1) >= 0).all(), "members first, padding after them"


def test_recommendations_of_a_window() -> None:
    rows = RecommendationTask(edge_type=LIKE, negatives=5).examples(world_graph(), START, TEST, 1)
    true = rows.target > 0
    asked = zip(
        rows.time[true].tolist(), np.array(ids(rows, "user"))[true], np.array(ids(rows, "post"))[true], strict=True
    )
    assert sorted(asked) == sorted(e[:3] for e in events(LIKE, start=START, end=TEST))
    assert (world_graph().known_at("post")[rows.nodes["post"][1]] < rows.time).all()


def test_draws_depend_on_the_past_and_their_position_only() -> None:
    view = world_graph().as_of(TEST)
    time = np.sort(np.random.default_rng(0).integers(START, TEST, 80))
    positive = np.zeros(80, np.int64)
    drawn = draw_candidates(view, "user", (MENTION,), positive, time, 8, 5)
    assert np.array_equal(drawn[:30], draw_candidates(view, "user", (MENTION,), positive[:30], time[:30], 8, 5))
    assert not np.array_equal(drawn, draw_candidates(view, "user", (MENTION,), positive, time, 8, 6))
    for row, t in zip(drawn, time, strict=True):
        real = row[row >= 0]
        assert len(set(real.tolist())) == len(real) and 0 not in real
        assert (view.known_at("user")[real] < t).all()
    nobody = draw_candidates(view, "user", (MENTION,), positive[:3], np.full(3, -5), 8, 5)
    assert (nobody == -1).all()


TASKS = [
    Task.post_label("mood", labels_known="post_time", resample_by="show", test=("2014-01-01", "2015-01-01")),
    Task.sentiment("mood"),
    Task.popularity(column="reposts"),
    Task.link(MENTION, REPOST),
    Task.relation(MENTION, REPOST),
    Task.trend(TAG, width=60, minimum=2),
    NextUserTask(edge_type=SHARE, reader="transformer"),
    Task.recommendation(LIKE),
]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_tasks_come_back_from_json(task: Task) -> None:
    import json

    assert Task.from_json(json.loads(json.dumps(task.to_json()))) == task


def test_assumptions_are_stated_only_where_labels_come_later() -> None:
    for task in TASKS:
        assert bool(task.assumptions()) == (getattr(task, "labels_known", "measured") == "post_time")


def test_parts_in_order() -> None:
    split = TemporalSplit(valid=20, test=30, end=40, start=10)
    assert [split.window(part) for part in ("train", "valid", "test")] == [(10, 20), (20, 30), (30, 40)]
    for cuts in ({"valid": 30, "test": 30}, {"valid": 1, "test": 3, "end": 2}, {"valid": 1, "test": 3, "start": 5}):
        with pytest.raises(TimeWindowError, match="not before"):
            TemporalSplit(**cuts)
    with pytest.raises(TimeWindowError):
        TemporalSplit(valid="soon", test="later")


def test_a_part_that_reaches_past_the_view_is_refused() -> None:
    with pytest.raises(TimeWindowError, match="lies after this view's own end"):
        Task.link(MENTION).examples(world_graph().as_of(VALID), START, TEST, 0)


@pytest.mark.parametrize(
    ("text", "error", "expected"),
    [
        ("[split", EventFormatError, "not TOML"),
        ('[split]\nvalid = 1\ntest = 2\n[[task]]\nkind = "trend"\nwide = 3\n', SchemaError, "no field 'wide'.*'width'"),
        ('[split]\nvalid = 1\ntest = 2\n[[task]]\nkind = "link"\n', SchemaError, "needs edge_types"),
        ('[split]\nvalid = 1\n[[task]]\nkind = "trend"\n', SchemaError, "expected valid and test"),
        ("[split]\nvalid = 1\ntest = 2\n", SchemaError, r"at least one \[\[task\]\]"),
        ('[split]\nvalid = 1\ntest = 2\n[[tasks]]\nkind = "trend"\n', SchemaError, "tasks"),
        ('split = 3\n[[task]]\nkind = "trend"\n', SchemaError, "split"),
        ('[split]\nvalid = 1\ntest = 2\n[task]\nkind = "trend"\n', SchemaError, "task"),
        ('[split]\nvalid = 1\ntest = 2\n[[task]]\nkind = "link"\nedge_types = "mention"\n', SchemaError, "edge_types"),
        ('[split]\nvalid = 1\ntest = 2\n[[task]]\nkind = "trend"\nwidth = "hour"\n', SchemaError, "width"),
    ],
)
def test_wrong_task_files(text: str, error: type[Exception], expected: str, tmp_path: Any) -> None:
    (tmp_path / "tasks.toml").write_text(text)
    with pytest.raises(error, match=expected):
        read_task_file(tmp_path / "tasks.toml")
    with pytest.raises(EventFormatError, match="no task file"):
        read_task_file(tmp_path / "none.toml")


def test_questions_are_asked_as_of_the_view() -> None:
    view = world_graph().as_of(TEST)
    post = next(r for r in WORLD.nodes["post"] if r["known_at"] < VALID)
    assert question(Task.post_label("mood"), view, ("post", post["id"])).time.tolist() == [post["known_at"] + 1]
    pair = question(Task.link(MENTION), view, ("user", "u0"), ("user", "u1"))
    assert pair.time.tolist() == [TEST] and pair.features is not None and pair.features.shape == (1, 5)
    late = next(r["id"] for r in WORLD.nodes["post"] if r["known_at"] >= TEST and known("post", r["id"]) >= TEST)
    with pytest.raises(UnknownNodeError, match="exists only later"):
        question(Task.post_label("mood"), view, ("post", late))
    waiting = [r["id"] for r in WORLD.nodes["post"] if r["known_at"] >= TEST > known("post", r["id"])]
    with pytest.raises(UnknownNodeError, match="only a placeholder"):
        question(Task.post_label("mood"), view, ("post", waiting[0]))
    with pytest.raises(LeakageError, match="as_of"):
        question(Task.post_label("mood"), world_graph(), ("post", post["id"]))
