"""The ego network of the user with the most edges."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
from matplotlib.lines import Line2D

from graphsocial.graph import SocialGraph, ego_network
from graphsocial.report.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    VERMILLION,
    Labels,
    Plot,
    inline_svg,
    new_figure,
    plot_style,
)
from graphsocial.schema import NodeKey

_MARKS = {
    "user": ("o", BLUE),
    "post": ("s", ORANGE),
    "hashtag": ("^", GREEN),
    "media": ("D", PURPLE),
    "url": ("P", GREY),
}
_MOST_NODES = 60
_MOST_LABELS = 28


def busiest_user(graph: SocialGraph) -> NodeKey | None:
    """The user with the most edges, the first in canonical order among equals; None without users or edges."""
    if "user" not in graph.node_types or graph.num_nodes("user") == 0:
        return None
    degree = np.zeros(graph.num_nodes("user"), np.int64)
    for edge_type in graph.edge_types:
        edges = graph.edges(edge_type)
        for end, node_type in ((edges.src, edge_type[0]), (edges.dst, edge_type[2])):
            if node_type == "user":
                degree += np.bincount(end, minlength=len(degree))
    top = int(np.argmax(degree))
    return ("user", str(graph.node_ids("user")[top])) if degree[top] else None


def ego_plot(graph: SocialGraph) -> Plot | None:
    """Draws the busiest user's neighbours and the edges among them; None when no user has an edge."""
    ego = busiest_user(graph)
    if ego is None:
        return None
    drawn, kinds = _drawn(ego_network(graph, ego), ego)
    labels = Labels()
    with plot_style():
        figure = new_figure(7.0, 5.2)
        axis = figure.subplots()
        places = nx.spring_layout(drawn, k=1.6 / max(len(drawn), 2) ** 0.5, iterations=200, seed=7)
        for a, b, weight in sorted(drawn.edges(data="weight")):
            x, y = zip(places[a], places[b], strict=True)
            axis.plot(x, y, color="#B8B8B8", linewidth=min(0.6 + 0.3 * (weight - 1), 2.4), zorder=1)
        for node_type in sorted({node[0] for node in drawn}):
            marker, colour = _MARKS.get(node_type, ("o", VERMILLION))
            spots = np.array([places[node] for node in sorted(drawn) if node[0] == node_type])
            axis.scatter(
                spots[:, 0], spots[:, 1], s=42, marker=marker, color=colour, edgecolor="white", linewidth=0.6, zorder=2
            )
        axis.scatter(places[ego][0], places[ego][1], s=170, facecolor="none", edgecolor=INK, linewidth=1.4, zorder=3)
        for node in _labelled(drawn, ego):
            axis.annotate(
                labels.label(node[1]),
                places[node],
                xytext=(0, 10 if node == ego else 6),
                textcoords="offset points",
                ha="center",
                fontsize=9 if node == ego else 7,
                fontweight="bold" if node == ego else "normal",
                zorder=4,
            )
        axis.set_axis_off()
        axis.margins(0.08)
        figure.legend(handles=_legend(drawn), loc="outside lower center", ncols=6)
        svg = inline_svg(figure, "ego")
    said = ", ".join(f"{count:,} {kind}{'s' if count != 1 else ''}" for kind, count in sorted(kinds.items()))
    part = f" Shown: the {len(drawn) - 1} neighbours with most edges." if len(drawn) - 1 < kinds.total() else ""
    return Plot(
        svg=svg,
        alt=f"Network drawing of the user with the most edges: {said} as neighbours.{part}",
        caption=f"The user with the most edges (ringed) with {said}, and the edges among them, over all time. Thicker "
        f"lines are repeated edges; places come from a spring layout and mean nothing by themselves.{part}",
        key=tuple(labels.key),
    )


def _drawn(ego_graph: SocialGraph, ego: NodeKey) -> tuple[nx.Graph, Counter[str]]:
    """The ego with as many neighbours as can be read, those with the most edges first, and how many there are by type.

    Edges are undirected, one per pair, their weight the number of edges between the two.
    """
    keys = [(node_type, str(name)) for node_type in ego_graph.node_types for name in ego_graph.node_ids(node_type)]
    sizes = [ego_graph.num_nodes(node_type) for node_type in ego_graph.node_types]
    first = dict(zip(ego_graph.node_types, np.cumsum([0, *sizes[:-1]]), strict=True))
    found = [
        np.sort(np.stack([edges.src + first[edge_type[0]], edges.dst + first[edge_type[2]]], axis=1), axis=1)
        for edge_type in ego_graph.edge_types
        for edges in [ego_graph.edges(edge_type)]
    ]
    pairs = np.concatenate(found)
    pairs, weights = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0, return_counts=True)
    degree = np.bincount(pairs.ravel(), minlength=len(keys))
    order = sorted(range(len(keys)), key=lambda node: (keys[node] != ego, -degree[node], keys[node]))
    kept = set(order[:_MOST_NODES])
    graph = nx.Graph()
    graph.add_nodes_from(sorted(keys[node] for node in kept))  # in an order of their own, not that of a set
    inside = [(a, b, w) for (a, b), w in zip(pairs.tolist(), weights.tolist(), strict=True) if a in kept and b in kept]
    graph.add_weighted_edges_from(sorted((keys[a], keys[b], weight) for a, b, weight in inside))
    return graph, Counter(key[0] for key in keys if key != ego)


def _labelled(graph: nx.Graph, ego: NodeKey) -> list[NodeKey]:
    """The ego and the nodes with the most edges, users first."""
    order = sorted(graph, key=lambda node: (node != ego, node[0] != "user", -graph.degree(node), node))
    return order[:_MOST_LABELS]


def _legend(graph: nx.Graph) -> list[Line2D]:
    handles = []
    for node_type in sorted({node[0] for node in graph}):
        marker, colour = _MARKS.get(node_type, ("o", VERMILLION))
        handles.append(Line2D([], [], marker=marker, color=colour, linestyle="", markersize=6, label=node_type))
    return handles
