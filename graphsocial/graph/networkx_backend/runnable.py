"""Which calls the backend can serve, and which are not worth a conversion."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import networkx as nx

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph

UNSERVED: Mapping[str, str] = {
    "weight": "paths and triangles are counted without weights",
    "distance": "distances on edges are not served",
    "sort_neighbors": "a callable that orders neighbours is not served",
    "sp": "given path lengths are not served",
    "nstart": "own starting values are not served",
}
"""Optional arguments that have to be None, and why."""

TAKES = {
    "eigenvector_centrality": {"weight"},
    "katz_centrality": {"weight"},
    "pagerank": {"weight", "nstart"},
}
"""Functions that take some of them all the same; a weight then names an attribute."""

ONE_LOOK = frozenset(
    {
        "bidirectional_shortest_path",
        "degree_centrality",
        "descendants_at_distance",
        "has_path",
        "in_degree_centrality",
        "node_connected_component",
        "out_degree_centrality",
    }
)
"""Functions that read less of a graph than converting it would."""


def refusal(name: str, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """Why a call cannot be served, None when it can.

    >>> def closeness_centrality(G, u=None, distance=None): ...
    >>> refusal("closeness_centrality", closeness_centrality, ["G"], {"distance": "km"})
    "distance='km': distances on edges are not served"
    """
    try:
        given = _signature(function).bind(*args, **kwargs).arguments
    except TypeError:
        return None  # the call itself raises, and says what is wrong
    graph = next(iter(given.values()), None)
    if isinstance(graph, nx.Graph) and not _is_plain(type(graph)):  # type: ignore[arg-type]
        return f"{type(graph).__name__} says itself who is a neighbour, which rows cannot know"
    taken, parameters = TAKES.get(name, set()), _signature(function).parameters
    if "weight" in taken and callable(given.get("weight")):
        return f"weight={given['weight']!r}: weights that are computed are not served"
    for argument, reason in UNSERVED.items():
        optional = argument in parameters and parameters[argument].default is None
        if optional and argument not in taken and given.get(argument) is not None:
            return f"{argument}={given[argument]!r}: {reason}"
    if name == "square_clustering" and graph is not None and graph.is_directed():
        return "squares of directed edges are not served"
    if name == "average_shortest_path_length" and given.get("method") not in (None, "unweighted"):
        return f"method={given['method']!r}: without weights there is one method"
    return None


def reluctance(name: str, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """Why a call is better left to NetworkX, None when it is not: converting the graph would cost more than the answer.

    >>> import networkx as nx
    >>> reluctance("has_path", lambda G, source, target: None, [nx.path_graph(3), 0, 2], {})
    'the graph is not converted yet, and converting it costs more than this call'
    """
    given = _signature(function).bind(*args, **kwargs).arguments
    graph = next(iter(given.values()))
    if isinstance(graph, BackendGraph) or _is_converted(graph):
        return None
    pair = name in ("shortest_path", "shortest_path_length") and {"source", "target"} <= given.keys()
    one = name == "closeness_centrality" and given.get("u") is not None
    few = (
        name in ("clustering", "triangles", "average_clustering", "square_clustering")
        and given.get("nodes") is not None
    )
    if name in ONE_LOOK or pair or one or few:
        return "the graph is not converted yet, and converting it costs more than this call"
    return None


def _is_converted(graph: Any) -> bool:
    cached = getattr(graph, "__networkx_cache__", None) or {}
    return any(isinstance(made, BackendGraph) for made in cached.get("backends", {}).get("graphsocial", {}).values())


@cache
def _is_plain(kind: type) -> bool:
    """Whether a class of graphs leaves NetworkX's own ways to ask for neighbours as they are."""
    bases = (nx.MultiDiGraph, nx.MultiGraph, nx.DiGraph, nx.Graph)
    base = next(base for base in bases if issubclass(kind, base))
    return all(getattr(kind, name) is getattr(base, name) for name in ("__getitem__", "adj", "adjacency", "neighbors"))


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)
