"""Every query of the room on what people get wrong, and on what data holds against all expectation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pyarrow as pa
import pytest

import graphsocial.graph as room
from graphsocial.errors import GraphSocialError, SchemaError, TimeWindowError, UnknownNodeError
from graphsocial.graph import QueryResult, SocialGraph
from graphsocial.schema import Column, EdgeType, Schema

AUTHOR, SHARE, REPLY = ("user", "author", "post"), ("user", "repost", "post"), ("post", "reply", "post")
FOLLOW, MENTION = ("user", "follow", "user"), ("user", "mention", "user")
TIES = [FOLLOW, MENTION]
SCHEMA = Schema(
    {"user": {"age": Column("int"), "side": Column("string")}, "post": {}},
    {AUTHOR: {}, SHARE: {}, REPLY: {}, FOLLOW: {}, MENTION: {"sign": Column("int")}},
)
NAMES = ["ann", "bob", "cy", "dee", "eve", "zoe"]

# (source, target, time): self-loops, parallel edges at one moment and at two, both directions, a cycle of replies, a
# post that replies to itself, reposts of one's own post and before it was published; zoe is isolated
ROWS: dict[EdgeType, list[tuple[Any, Any, int]]] = {
    FOLLOW: [(1, 0, 1), (1, 0, 1), (1, 0, 2), (0, 1, 3), (2, 0, 3), (3, 2, 4), (3, 3, 4), (4, 4, 5), (2, 1, 6)],
    MENTION: [(0, 1, 10), (1, 2, 11), (2, 0, 12), (0, 0, 12), (0, 1, 10), (3, 4, 13), (1, 0, 14)],
    AUTHOR: [(0, "p0", 10), (1, "p1", 11), (1, "p2", 12)],
    SHARE: [(1, "p0", 15), (2, "p0", 16), (3, "p0", 17), (0, "p0", 17), (2, "p0", 18), (4, "p1", 9), (2, "p1", 20)],
    REPLY: [("p0", "p1", 20), ("p1", "p2", 21), ("p2", "p0", 22), ("p1", "p1", 23), ("p0", "p1", 20)],
}


def build(names: list[Any], kind: pa.DataType | None = None) -> SocialGraph:
    """The graph with users called by these ids, in the order of NAMES."""
    users = pa.table({"id": pa.array(names, kind), "known_at": [0] * len(names), "age": range(len(names)),
                      "side": ["l", "r", "l", None, "r", "l"]})  # fmt: skip
    edges = {}
    for edge_type, rows in ROWS.items():
        ends = {}
        for end, node_type, place in (("src", edge_type[0], 0), ("dst", edge_type[2], 1)):
            ids = [names[row[place]] if node_type == "user" else row[place] for row in rows]
            ends[end] = pa.array(ids, kind if node_type == "user" else pa.string())
        columns = {"sign": [1, -1, 1, 1, 1, -1, 0]} if edge_type == MENTION else {}
        edges[edge_type] = pa.table({**ends, "time": [row[2] for row in rows], **columns})
    return SocialGraph.build(SCHEMA, {"user": users}, edges, name="nasty")


@pytest.fixture(scope="module")
def graph() -> SocialGraph:
    return build(NAMES)


Ask = Callable[[SocialGraph, Any, Any, Any], Any]

# g: the view, a and b: ids of two users, e: a relation between users
KEYED: dict[str, Ask] = {
    "all_shortest_paths": lambda g, a, b, e: room.all_shortest_paths(g, ("user", a), ("user", b), [e]),
    "earliest_arrival": lambda g, a, b, e: room.earliest_arrival(g, ("user", a), edge_types=[e]),
    "ego_network": lambda g, a, b, e: room.ego_network(g, ("user", a), edge_types=[e]),
    "neighbourhood": lambda g, a, b, e: room.neighbourhood(g, ("user", a), edge_types=[e]),
    "pagerank from": lambda g, a, b, e: room.pagerank(g, [e], restart=[("user", a)]),
    "shortest_path": lambda g, a, b, e: room.shortest_path(g, ("user", a), ("user", b), [e]),
    "shortest_path_lengths": lambda g, a, b, e: room.shortest_path_lengths(g, [("user", a)], [("user", b)], [e]),
    "time_respecting_path": lambda g, a, b, e: room.time_respecting_path(g, ("user", a), ("user", b), edge_types=[e]),
}
WHOLE: dict[str, Ask] = {
    "adjacency": lambda g, a, b, e: room.adjacency(g, [e], simple=True),
    "attribute_assortativity": lambda g, a, b, e: room.attribute_assortativity(g, "side", [e]),
    "betweenness": lambda g, a, b, e: room.betweenness(g, [e]),
    "bystanders": lambda g, a, b, e: room.bystanders(g, follow=e),
    "cascade_trees": lambda g, a, b, e: room.cascade_trees(g, SHARE, e),
    "co_engagement": lambda g, a, b, e: room.co_engagement(g, [e], min_shared=1),
    "communities": lambda g, a, b, e: room.communities(g, [e]),
    "community_stability": lambda g, a, b, e: room.community_stability(g, [e], runs=3),
    "communities_over_time": lambda g, a, b, e: room.communities_over_time(g, _times(g), [e], min_size=2),
    "components": lambda g, a, b, e: room.components(g, [e]),
    "core_numbers": lambda g, a, b, e: room.core_numbers(g, [e]),
    "degree": lambda g, a, b, e: room.degree(g, [e]),
    "degree_assortativity": lambda g, a, b, e: room.degree_assortativity(g, [e]),
    "exposure": lambda g, a, b, e: room.exposure(g, follow=e),
    "harmonic": lambda g, a, b, e: room.harmonic(g, [e]),
    "local_clustering": lambda g, a, b, e: room.local_clustering(g, [e]),
    "motif_instances": lambda g, a, b, e: room.motif_instances(g, [e], "A->B, B->C", 10),
    "numeric_assortativity": lambda g, a, b, e: room.numeric_assortativity(g, "age", [e]),
    "pagerank": lambda g, a, b, e: room.pagerank(g, [e]),
    "parent_probabilities": lambda g, a, b, e: room.parent_probabilities(g, SHARE, e),
    "read_cascades": lambda g, a, b, e: room.read_cascades(g, e),
    "temporal_motifs": lambda g, a, b, e: room.temporal_motifs(g, [e], 10),
    "transitivity": lambda g, a, b, e: room.transitivity(g, [e]),
    "triangles": lambda g, a, b, e: room.triangles(g, [e]),
}
SPECIAL: dict[str, Ask] = {
    "acts on posts": lambda g, a, b, e: room.co_engagement(g, [SHARE], min_shared=1),
    "cascades of replies": lambda g, a, b, e: room.read_cascades(g, REPLY),
    "cascades of reposts": lambda g, a, b, e: room.cascade_trees(g, SHARE, parents="known"),
    "paths over all": lambda g, a, b, e: room.shortest_path_lengths(g, [("user", a)], [("user", b)]),
    "ranks over all": lambda g, a, b, e: room.pagerank(g),
    "signed_balance": lambda g, a, b, e: room.signed_balance(g, MENTION, "sign"),
    "sql": lambda g, a, b, e: room.sql(g, "SELECT r.src, count(*) FROM reply r LEFT JOIN mention m ON true GROUP BY 1"),
    "trees of replies": lambda g, a, b, e: room.cascade_trees(g, REPLY, parents="known"),
}
ALL = KEYED | WHOLE | SPECIAL

# take positions that other queries found, convert, or take no view
NOT_HERE = {"cascade_tree", "common_neighbours", "count_before", "from_networkx", "modularity", "sample_neighbours",
            "to_backend_graph", "to_networkx", "format_time", "parse_time"}  # fmt: skip


def _times(view: SocialGraph) -> list[int]:
    last = 30 if view.end is None else view.end
    return [last - 1 if view.start is None else view.start, last]


def test_every_query_is_asked() -> None:
    offered = {name for name in room.__all__ if inspect.isfunction(getattr(room, name))}
    unasked = offered - NOT_HERE - set(ALL)
    assert not unasked, f"add {', '.join(sorted(unasked))} to KEYED, WHOLE or SPECIAL"


def check_answer(answer: Any) -> None:
    """It shows itself, it leaves as tables, and numbers are numbers."""
    assert repr(answer)
    if isinstance(answer, QueryResult):
        assert answer.to_polars().height == len(answer) == answer.to_arrow().num_rows
        for name, values in answer.columns().items():
            numbers = np.ma.filled(np.ma.asarray(values), 0) if isinstance(values, np.ndarray) else np.empty(0)
            assert numbers.dtype.kind != "f" or not np.isinf(numbers).any() or "arrival" in name, name


@pytest.mark.parametrize("name", ALL)
def test_loops_parallel_edges_cycles_and_lonely_nodes(graph: SocialGraph, name: str) -> None:
    for edge_type in TIES:
        for a, b in (("ann", "bob"), ("zoe", "ann"), ("ann", "ann"), ("dee", "zoe")):
            check_answer(ALL[name](graph, a, b, edge_type))
            check_answer(ALL[name](graph.window(3, 18), a, b, edge_type))


@pytest.mark.parametrize("name", KEYED | WHOLE)
def test_an_unknown_relation_is_named(graph: SocialGraph, name: str) -> None:
    with pytest.raises(SchemaError, match=r"unknown edge type .*, expected one of .*Did you mean 'user follow user'\?"):
        ALL[name](graph, "ann", "bob", ("user", "folow", "user"))
    with pytest.raises(SchemaError, match=r"unknown edge type .*, expected one of"):
        ALL[name](graph, "ann", "bob", ("hashtag", "follow", "user"))


@pytest.mark.parametrize("wrong", ["follow", (), ("user", "follow"), 5, None, [["user"]]])
@pytest.mark.parametrize("name", KEYED | WHOLE)
def test_what_is_no_relation_is_refused(graph: SocialGraph, name: str, wrong: Any) -> None:
    if wrong is None and name in ("cascade_trees", "bystanders", "exposure", "parent_probabilities"):
        return  # may mean that there is none
    with pytest.raises(GraphSocialError):
        ALL[name](graph, "ann", "bob", wrong)


@pytest.mark.parametrize("name", KEYED)
def test_unknown_ids_are_named(graph: SocialGraph, name: str) -> None:
    with pytest.raises(UnknownNodeError, match=r"no user 'annn'.*near ones: 'ann'"):
        KEYED[name](graph, "annn", "bob", FOLLOW)
    with pytest.raises(UnknownNodeError, match=r"no user 'bob' as of .*it exists only later"):
        KEYED[name](build_late(), "bob", "bob", FOLLOW)
    for wrong in (None, 1.5, float("nan"), b"ann", ("ann",), ["ann"]):
        with pytest.raises(UnknownNodeError, match="no user"):
            KEYED[name](graph, wrong, "bob", FOLLOW)


def build_late() -> SocialGraph:
    """Ann from the beginning, Bob only later."""
    users = pa.table({"id": ["ann", "bob"], "known_at": [0, 50]})
    return SocialGraph.build(SCHEMA, {"user": users}, {}).as_of(50)


PAIRS: dict[str, Callable[[SocialGraph, Any], Any]] = {
    "all_shortest_paths": lambda g, key: room.all_shortest_paths(g, key, key),
    "earliest_arrival": lambda g, key: room.earliest_arrival(g, key),
    "ego_network": lambda g, key: room.ego_network(g, key),
    "exposure": lambda g, key: room.exposure(g, [key]),
    "cascade_trees": lambda g, key: room.cascade_trees(g, SHARE, FOLLOW, [key]),
    "neighbourhood": lambda g, key: room.neighbourhood(g, key),
    "pagerank from": lambda g, key: room.pagerank(g, restart=[key]),
    "shortest_path": lambda g, key: room.shortest_path(g, key, key),
    "shortest_path_lengths": lambda g, key: room.shortest_path_lengths(g, [key], [key]),
    "time_respecting_path": lambda g, key: room.time_respecting_path(g, key, key),
}


@pytest.mark.parametrize("name", PAIRS)
def test_unknown_types_and_wrong_keys_are_named(graph: SocialGraph, name: str) -> None:
    with pytest.raises(SchemaError, match=r"'usr'.*(Did you mean 'user'|expected)"):
        PAIRS[name](graph, ("usr", "ann"))
    for wrong in ("ann", ("user",), ("user", "ann", 1), 5, None):
        with pytest.raises(GraphSocialError):
            PAIRS[name](graph, wrong)


@pytest.mark.parametrize("name", ALL)
def test_empty_views_have_empty_answers(graph: SocialGraph, name: str) -> None:
    empty = SocialGraph.build(SCHEMA, {}, {})
    for view in (empty, graph.as_of(-10), graph.window(-20, -10)):
        if name in KEYED or name == "paths over all":
            with pytest.raises(UnknownNodeError, match="no user 'ann'"):
                ALL[name](view, "ann", "bob", FOLLOW)
        else:
            check_answer(ALL[name](view, "ann", "bob", FOLLOW))
    # nodes, but no edge at all
    for view in (graph.window(7, 8), graph.as_of(1)):
        check_answer(ALL[name](view, "ann", "bob", MENTION))


@pytest.mark.parametrize("name", ALL)
def test_ids_may_be_numbers_or_uuids(graph: SocialGraph, name: str) -> None:
    """The answer is the same but for the names; canonical order follows the names, so they are given in that order."""
    uuids = sorted((uuid5(UUID(int=1), name) for name in NAMES), key=str)
    expected = said(ALL[name](graph, "ann", "dee", MENTION), NAMES)
    for ids, kind in ((range(10, 16), None), (range(10, 16), pa.uint16()), ([u.bytes for u in uuids], pa.binary(16))):
        other = build(list(ids), kind)
        names = [str(i) for i in (uuids if kind == pa.binary(16) else ids)]
        for asked in (uuids, [str(u) for u in uuids]) if kind == pa.binary(16) else (list(ids), names):
            assert said(ALL[name](other, asked[0], asked[3], MENTION), names) == expected


def said(answer: Any, names: list[str]) -> Any:
    """An answer as text, every user called by place."""
    if isinstance(answer, QueryResult):
        answer = answer.to_polars().to_dict(as_series=False)
    elif isinstance(answer, SocialGraph):
        answer = [answer.node_ids("user").tolist(), *(answer.edges(e).time.tolist() for e in answer.edge_types)]
    elif hasattr(answer, "offsets"):
        answer = [answer.node.tolist(), answer.parent.tolist(), answer.time.tolist()]
    elif isinstance(answer, room.Adjacency):
        answer = answer.neighbour.tolist()
    text = str(answer)
    for place, name in enumerate(names):
        text = text.replace(f"'{name}'", f"user {place}")
    return text


@pytest.mark.parametrize("name", ALL)
def test_windows_start_before_they_end_and_lie_within_the_view(graph: SocialGraph, name: str) -> None:
    view = graph.as_of(15)
    for start, end in ((10, 5), (10, 16), ("2030-01-01", "2031-01-01")):
        with pytest.raises(TimeWindowError, match="lies after"):
            ALL[name](view.window(start, end), "ann", "bob", FOLLOW)
    with pytest.raises(TimeWindowError, match="reaches before this view's start"):
        ALL[name](view.window(5, 10).window(4, 10), "ann", "bob", FOLLOW)
    with pytest.raises(TimeWindowError, match="lies after this view's own end"):
        ALL[name](view.as_of(16), "ann", "bob", FOLLOW)


HUB = 1_000_000


@pytest.fixture(scope="module")
def star() -> SocialGraph:
    """A million followers of one account, which follows the first of them back."""
    fans = np.arange(1, HUB + 1)
    edges = pa.table(
        {
            "src": np.append(fans, 0),
            "dst": np.append(np.zeros(HUB, dtype=np.int64), 1),
            "time": np.append(fans, HUB + 1),
        }
    )
    return SocialGraph.build(Schema({"user": {}}, {FOLLOW: {}}), {}, {FOLLOW: edges})


def test_a_hub_with_a_million_neighbours(star: SocialGraph) -> None:
    hub, fan, other = ("user", 0), ("user", 1), ("user", HUB)
    assert len(room.neighbourhood(star, hub)["user"]) == HUB + 1  # type: ignore[arg-type]
    assert len(room.neighbourhood(star, fan, hops=2)["user"]) == HUB + 1  # type: ignore[arg-type]
    early = star.as_of(HUB // 2 + 1)
    assert len(room.neighbourhood(early, hub)["user"]) == HUB // 2 + 1  # type: ignore[arg-type]
    ego = room.ego_network(star, hub)  # type: ignore[arg-type]
    assert (ego.num_nodes("user"), ego.num_edges(FOLLOW)) == (HUB + 1, HUB + 1)
    assert room.degree(star).value.max() == HUB + 1 and room.degree(early).value.max() == HUB // 2
    lengths = room.shortest_path_lengths(star, [fan], [other])  # type: ignore[list-item]
    assert np.ravel(lengths).tolist() == [2]
    path = room.shortest_path(star, fan, other)  # type: ignore[arg-type]
    assert [name for _, name in path.nodes] == ["1", "0", str(HUB)]
    ranks = room.pagerank(star)
    assert ranks.value.argmax() == star.index_of(hub) and ranks.value.sum() == pytest.approx(1)  # type: ignore[arg-type]
    assert room.components(star).size.tolist() == [HUB + 1]
    assert room.core_numbers(star).value.max() == 1 and room.triangles(star).value.sum() == 0
    # influence runs from the followee: from the hub to all who followed by then, from the fan once it is followed
    reached = room.earliest_arrival(star, hub)  # type: ignore[arg-type]
    assert len(reached) >= HUB
    found = room.sql(star, "SELECT dst, count(*) AS n FROM follow GROUP BY dst ORDER BY n DESC")
    assert found.to_arrow().to_pylist() == [{"dst": "0", "n": HUB}, {"dst": "1", "n": 1}]
