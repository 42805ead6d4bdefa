"""Pairs, weights and channels: by hand on three cascades, by brute force on random ones."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.learn.activation.candidate_edges import (
    OUTSIDE,
    PAIR_CHANNELS,
    USER_CHANNELS,
    WINDOW,
    CandidateEdges,
    candidate_edges,
    links_of,
)
from tests.learn.activation.worlds import DAY, THREE, first_events, random_world, record_of

log = np.log


def by_pair(edges: CandidateEdges, values: np.ndarray) -> dict[tuple[str, str], float]:
    ids, spread = edges.spread.ids, edges.spread
    return {(ids[u], ids[v]): x for u, v, x in zip(spread.source, spread.target, values.tolist(), strict=True)}


# ---- by hand


def test_three_cascades_by_hand() -> None:
    edges = candidate_edges(record_of(THREE), 7 * DAY, {})
    assert edges.spread.ids.tolist() == ["ann", "bob", "cy", "dee", OUTSIDE], "eve is not known, nor what bob does then"
    inner = {  # bob and cy follow ann in the same second, so neither follows the other, but both take a place
        ("ann", "bob"): 1.0,
        ("ann", "cy"): 1 / 2,
        ("ann", "dee"): 1 / 3,
        ("bob", "ann"): 1.0,
        ("bob", "dee"): 1 / 2,
        ("cy", "dee"): 1.0,
    }
    outer = {(OUTSIDE, user): 0.0 for user in ("ann", "bob", "cy", "dee")}
    assert by_pair(edges, edges.spread.edge_value("weight")) == pytest.approx({**inner, **outer})
    assert [*by_pair(edges, edges.prior)] == [*inner, *outer], "in order of source, then of target"
    assert edges.spread.edge_value("together").tolist() == [1] * 6 + [0] * 4
    usual = (sum(inner.values()) + 6 * 0.02) / 4
    share = {"ann": 2.5 / 9, "bob": 2.5 / 9, "cy": 2.5 / 9, "dee": 1.5 / 9}
    assert by_pair(edges, edges.prior) == pytest.approx(
        {**{pair: w + 0.02 for pair, w in inner.items()}, **{(OUTSIDE, v): usual * x for v, x in share.items()}}
    )
    assert edges.as_of == edges.spread.known_until == 7 * DAY and edges.spread.node_type == "user"
    assert repr(edges) == "CandidateEdges of 4 users and 6 pairs as of 1970-01-08 00:00:00Z"


def test_channels_of_the_pairs_by_hand() -> None:
    edges = candidate_edges(record_of(THREE), 7 * DAY, {})
    expected = {
        "weight": log([1.05, 0.55, 1 / 3 + 0.05, 1.05, 0.55, 1.05]),
        "together": log([2.0] * 6),
        "share_of_source": log([0.501] * 6),  # ann, bob and cy are in two cascades each
        "share_of_target": log([0.501, 0.501, 1.001, 0.501, 1.001, 1.001]),
        "idle": log([7.0, 7, 5, 3, 5, 5]),
        "back": log([1.05, 0.05, 0.05, 1.05, 0.05, 0.05]),
        "from_outside": np.zeros(6),
    }
    assert tuple(expected) == PAIR_CHANNELS and edges.pair.dtype == np.float32
    for channel, values in enumerate(expected.values()):
        assert edges.pair[:6, channel] == pytest.approx(values, rel=1e-5, abs=1e-6), PAIR_CHANNELS[channel]
    assert (edges.pair[6:] == [0, 0, 0, 0, 0, 0, 1]).all()


def test_channels_of_the_users_by_hand() -> None:
    edges = candidate_edges(record_of(THREE), 7 * DAY, {})

    def fading(*days: float) -> list[float]:
        return [log(1 + sum(np.exp(-d / span) for d in days)) for span in (7, 60)]

    expected = {
        #      events, recent and lately, idle, place, starts, followed_by, out_degree
        "ann": [log(3), *fading(7, 2), log(3), log(2) / 2, 0.5, log(4) / 2, log(4)],
        "bob": [log(3), *fading(6, 3), log(4), log(2) / 2, 0.5, (log(3) + log(2)) / 2, log(3)],
        "cy": [log(3), *fading(6, 1), log(2), log(3) / 2, 0.5, log(2) / 2, log(2)],
        "dee": [log(2), *fading(4), log(5), log(4), 0.0, 0.0, 0.0],
        OUTSIDE: [0.0] * 8,
    }
    assert edges.user.shape == (5, len(USER_CHANNELS)) and edges.user.dtype == np.float32
    for row, (name, values) in enumerate(expected.items()):
        assert edges.user[row] == pytest.approx(values, rel=1e-5), name


def test_mean_content_by_hand() -> None:
    content = {"text": np.array([[1, 0], [0, 1], [0, 0]], dtype=np.float32), "image": np.zeros((3, 0), np.float32)}
    edges = candidate_edges(record_of(THREE), 7 * DAY, content)
    half = 0.5**0.5
    assert edges.content["text"] == pytest.approx(np.array([[half, half], [half, half], [1, 0], [1, 0], [0, 0]]))
    assert edges.content["image"].shape == (5, 0)
    assert all(rows.dtype == np.float32 for rows in edges.content.values())


def test_only_those_within_the_window_are_pairs() -> None:
    record = record_of({"p": [(f"u{i:02}", i) for i in range(WINDOW + 3)]})
    edges = candidate_edges(record, WINDOW + 3, {})
    weight = by_pair(edges, edges.spread.edge_value("weight"))
    assert weight["u00", f"u{WINDOW}"] == 1 / WINDOW and ("u00", f"u{WINDOW + 1}") not in weight
    assert weight["u02", f"u{WINDOW + 2}"] == 1 / WINDOW


# ---- by definition


@pytest.mark.parametrize("seed", range(20))
def test_pairs_are_what_their_definition_says(seed: int) -> None:
    world, as_of = random_world(seed, cascades=30, longest=30, users=25), 40
    weight: dict[tuple[str, str], float] = {}
    last: dict[tuple[str, str], int] = {}
    together: dict[tuple[str, str], int] = {}
    for members in first_events(world).values():
        seen = [member for member in members if member[1] < as_of]
        for i, (u, before) in enumerate(seen):
            for j in range(i + 1, min(i + WINDOW, len(seen) - 1) + 1):
                v, after = seen[j]
                if after > before:
                    weight[u, v] = weight.get((u, v), 0) + 1 / (j - i)
                    together[u, v] = together.get((u, v), 0) + 1
                    last[u, v] = max(last.get((u, v), -1), after)
    record = record_of(world)
    edges = candidate_edges(record, as_of, {})
    pairs = edges.spread.num_edges - record.known(as_of)
    assert dict([*by_pair(edges, edges.spread.edge_value("weight")).items()][:pairs]) == pytest.approx(weight)
    assert dict([*by_pair(edges, edges.spread.edge_value("together")).items()][:pairs]) == together
    idle = dict([*by_pair(edges, edges.pair[:, PAIR_CHANNELS.index("idle")]).items()][:pairs])
    assert idle == pytest.approx({pair: np.log1p((as_of - when) / DAY) for pair, when in last.items()}, rel=1e-3)
    back = dict([*by_pair(edges, edges.pair[:, PAIR_CHANNELS.index("back")]).items()][:pairs])
    assert back == pytest.approx({(u, v): log(weight.get((v, u), 0) + 0.05) for u, v in weight}, rel=1e-4)

    # links: the same evidence where there is some, each link once, none to oneself or to somebody not known yet
    rng = np.random.default_rng(seed)
    links = rng.integers(len(record.ids), size=(200, 2))
    linked = candidate_edges(record, as_of, {}, links)
    names = record.ids[links]
    known = set(record.ids[: record.known(as_of)])
    wanted = {(u, v): weight.get((u, v), 0.0) for u, v in names if u != v and {u, v} <= known}
    pairs = linked.spread.num_edges - record.known(as_of)
    assert dict([*by_pair(linked, linked.spread.edge_value("weight")).items()][:pairs]) == pytest.approx(wanted)
    idle = dict([*by_pair(linked, linked.pair[:, PAIR_CHANNELS.index("idle")]).items()][:pairs])
    assert {pair for pair, value in idle.items() if value > 15} == {pair for pair in wanted if pair not in weight}
    row = linked.spread.target[: linked.spread.indptr[1]].tolist()
    assert row == sorted(set(row)) and (linked.prior > 0).all()


# ---- links


def test_links_of_a_graph_are_numbers_of_the_record() -> None:
    record = record_of(THREE, {"friend": 2 * DAY})
    spread = SpreadGraph.from_edges([0, 1, 2, 3], [1, 2, 0, 0], ids=["friend", "dee", "stranger", "eve"])
    links, unknown = links_of(record, spread)
    assert record.ids[links].tolist() == [["friend", "dee"], ["eve", "friend"]] and unknown == 1
    assert links.dtype == np.int64 and links.shape == (2, 2)
    edges = candidate_edges(record, 7 * DAY, {}, links)
    assert [*by_pair(edges, edges.prior)][:1] == [("friend", "dee")], "eve is not known yet"
    assert edges.spread.num_edges == 1 + 5
    nobody, unknown = links_of(record, SpreadGraph.from_edges([0], [1]))
    assert nobody.shape == (0, 2) and unknown == 2
    assert candidate_edges(record, 7 * DAY, {}, nobody).spread.num_edges == 5


def test_a_user_who_has_not_acted_is_in_the_graph() -> None:
    edges = candidate_edges(record_of(THREE, {"friend": 2 * DAY}), 7 * DAY, {"text": np.ones((3, 2))})
    place = edges.spread.ids.tolist().index("friend")
    assert edges.user[place].tolist() == pytest.approx([0, 0, 0, np.log1p(2**40 / DAY), 0, 0, 0, 0])
    assert edges.spread.out_degree[place] == 0 and edges.spread.in_degree[place] == 1, "the outside reaches everybody"
    assert (edges.content["text"][place] == 0).all()


# ---- little or nothing


@pytest.mark.parametrize("links", [None, np.array([[0, 1]])])
def test_before_the_first_cascade_there_is_only_the_outside(links: np.ndarray | None) -> None:
    edges = candidate_edges(record_of(THREE), 0, {"text": np.ones((3, 2))}, links)
    assert edges.spread.ids.tolist() == [OUTSIDE] and edges.spread.num_edges == 0
    assert edges.pair.shape == (0, 7) and edges.prior.shape == (0,)
    assert edges.user.tolist() == [[0.0] * 8] and edges.content["text"].tolist() == [[0.0, 0.0]]


def test_one_user_is_reached_from_outside_alone() -> None:
    edges = candidate_edges(record_of(THREE), 1, {})
    assert by_pair(edges, edges.prior) == {(OUTSIDE, "ann"): 1.0}, "drawn, though nobody has an edge"
    assert edges.user[0, 0] == pytest.approx(log(2))


def test_members_of_the_same_second_are_no_pair() -> None:
    edges = candidate_edges(record_of({"p": [("a", 5), ("b", 5), ("c", 5)]}), 6, {})
    assert edges.spread.num_edges == 3 and (edges.spread.source == 3).all()


# ---- what does not fit


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([], "content got list"),
        ({"text": np.zeros((2, 4))}, r"'text' got shape \(2, 4\), expected \[cascade, channel\] with 3"),
        ({"text": np.zeros(3)}, r"'text' got shape \(3,\)"),
        ({"text": np.full((3, 1), np.nan)}, "'text' has numbers that are not finite"),
    ],
)
def test_content_that_does_not_fit(content: object, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        candidate_edges(record_of(THREE), DAY, content)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("links", "says"),
    [
        (np.zeros((2, 3), int), r"links got int64 \(2, 3\)"),
        (np.zeros((2, 2)), "links got float64"),
        (np.array([[0, 5]]), "user 5, expected 0 to 4"),
        (np.array([[-1, 0]]), "user -1, expected 0 to 4"),
    ],
)
def test_links_that_do_not_fit(links: np.ndarray, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        candidate_edges(record_of(THREE), DAY, {}, links)


def test_nobody_may_be_called_what_the_outside_is() -> None:
    with pytest.raises(SchemaError, match="kept for what reaches people from outside"):
        candidate_edges(record_of({"p": [(OUTSIDE, 1)]}), 2, {})
