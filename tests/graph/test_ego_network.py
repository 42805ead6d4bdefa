from __future__ import annotations

import networkx as nx
import pytest

from graphsocial.errors import SchemaError, TimeWindowError, UnknownNodeError
from graphsocial.graph import ego_network, to_networkx
from tests.graph.worlds import AUTHOR, REPOST, SHARE, random_world


@pytest.mark.parametrize("edge_types", [None, [REPOST], [AUTHOR, SHARE]])
@pytest.mark.parametrize("hops", [0, 1, 2, 3])
def test_against_networkx(hops: int, edge_types: list | None) -> None:
    for seed in range(8):
        graph = random_world(seed).graph()
        for view in (graph, graph.as_of(50), graph.window(20, 75)):
            whole = to_networkx(view)
            if edge_types is not None:
                others = [e for e in whole.edges(keys=True) if (e[0][0], _relation(e), e[1][0]) not in edge_types]
                whole.remove_edges_from(others)
            for user in view.node_ids("user")[:3]:
                ego = ego_network(view, ("user", user), hops, edge_types)
                expected = nx.ego_graph(whole, ("user", user), radius=hops, undirected=True)
                found = to_networkx(ego)
                assert dict(found.nodes(data=True)) == dict(expected.nodes(data=True))
                listed = [sorted(map(str, g.edges(keys=True, data="time"))) for g in (found, expected)]
                assert listed[0] == listed[1]
                assert (ego.start, ego.end, ego.name) == (view.start, view.end, view.name)


def _relation(edge: tuple) -> str:
    return edge[2] if isinstance(edge[2], str) else edge[2][0]


def test_an_ego_network_keeps_the_end_of_its_view() -> None:
    view = random_world(2).graph().as_of(60)
    ego = ego_network(view, ("user", view.node_ids("user")[0]))
    with pytest.raises(TimeWindowError, match="reaches past"):
        ego.as_of(61)


def test_bad_requests_say_what_is_wrong() -> None:
    graph = random_world(2).graph()
    user = ("user", graph.node_ids("user")[0])
    for hops in (-1, 1.5, True, "2"):
        with pytest.raises(SchemaError, match="whole number of at least 0"):
            ego_network(graph, user, hops)  # type: ignore[arg-type]
    with pytest.raises(UnknownNodeError):
        ego_network(graph, ("user", "nobody"))
    with pytest.raises(SchemaError, match="Did you mean"):
        ego_network(graph, user, 1, [("user", "repst", "user")])
