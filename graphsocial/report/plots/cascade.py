"""The largest observed repost cascade as a tree over time."""

from __future__ import annotations

import numpy as np

from graphsocial.graph import SocialGraph, read_cascades
from graphsocial.report.drawing import BLUE, INK, VERMILLION, Labels, Plot, inline_svg, new_figure, plot_style
from graphsocial.report.plots.tree_layout import earliest_members, tree_rows
from graphsocial.report.times import show_duration
from graphsocial.schema import UNKNOWN_TIME, EdgeType

_MOST_NODES = 70
_MOST_LABELS = 70
_ROOT = -0.4
"""Where the root stands, left of the first repost: between users nothing says when its own post was."""
DURATION_TICKS = (0, 60, 600, 3_600, 6 * 3_600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)


def cascade_plot(graph: SocialGraph) -> Plot | None:
    """Draws the largest cascade of the repost relation; None when the graph has no repost.

    Reposts between users are preferred: there the parent is known, while reposts of a post all hang on its author.
    """
    found = [largest for edge_type in _repost_types(graph) if (largest := _largest(graph, edge_type))]
    if not found:
        return None
    ids, parent, time, edge_type = found[0]
    order = earliest_members(parent, time, _MOST_NODES)
    depth, row = tree_rows(order, parent)
    labels = Labels()
    leaves = max(row.values()) + 1
    with plot_style():
        figure = new_figure(7.0, min(max(1.6, 0.155 * leaves + 0.8), 8.5))
        axis = figure.subplots()
        place = {member: (float(np.log1p((time[member] - time[0]) / 60)), row[member]) for member in order}
        place[0] = (_ROOT, place[0][1])
        for member in order[1:]:
            (x, y), (to_x, to_y) = place[int(parent[member])], place[member]
            axis.plot([x, x, to_x], [y, to_y, to_y], color="#B8B8B8", linewidth=0.8, zorder=1)
        others = np.array([place[member] for member in order[1:]])
        axis.plot(
            others[:, 0], others[:, 1], "o", color=BLUE, markersize=4.5, markeredgecolor="white", markeredgewidth=0.5
        )
        axis.plot(*place[order[0]], "s", color=VERMILLION, markersize=8)
        for member in order[:_MOST_LABELS]:
            axis.annotate(
                labels.label(ids[member]),
                place[member],
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=7.5 if member else 9,
                fontweight="normal" if member else "bold",
                color=INK,
            )
        latest = max(time[member] - time[0] for member in order)
        ticks = [tick for tick in DURATION_TICKS if tick <= max(latest, 60)]
        axis.set_xticks([float(np.log1p(tick / 60)) for tick in ticks], [short_duration(tick) for tick in ticks])
        axis.set_xlim(_ROOT - 0.15, float(np.log1p(max(latest, 60) / 60)) * 1.12)
        axis.set_ylim(leaves - 0.4, -0.6)
        axis.set_yticks([])
        axis.spines["left"].set_visible(False)
        axis.grid(axis="x")
        axis.set_xlabel("time since the cascade began (logarithmic)")
        svg = inline_svg(figure, "cascade")
    part = f" Shown: the first {len(order)} of {len(ids):,}." if len(order) < len(ids) else ""
    deepest = max(depth.values())
    members = f"{len(ids):,} members"
    return Plot(
        svg=svg,
        alt=f"Tree of the largest cascade over {' '.join(edge_type)}: {members}, {deepest} generations below the root, "
        f"over {show_duration(int(time.max() - time[0]))}.{part}",
        caption=f"The largest observed cascade over {' → '.join(edge_type)}: {members}, {deepest} "
        f"generation{'s' if deepest != 1 else ''} below the root (square), over "
        f"{show_duration(int(time.max() - time[0]))}. {_parents(edge_type)}{part}",
        key=tuple(labels.key),
    )


def _repost_types(graph: SocialGraph) -> list[EdgeType]:
    reposts = [edge_type for edge_type in graph.edge_types if edge_type[1] == "repost" and graph.num_edges(edge_type)]
    return sorted(reposts, key=lambda edge_type: (edge_type[2] != "user", edge_type))


def _largest(graph: SocialGraph, edge_type: EdgeType) -> tuple[list[str], np.ndarray, np.ndarray, EdgeType] | None:
    """Ids, parents (position, -1 for the root) and times of the largest cascade, the root first."""
    cascades = read_cascades(graph, edge_type)
    if not len(cascades) or cascades.size.max() < 2:
        return None
    top = int(np.argmax(cascades.size))
    part = slice(int(cascades.offsets[top]), int(cascades.offsets[top + 1]))
    parent = np.where(cascades.parent[part] < 0, -1, cascades.parent[part] - part.start)
    ids = [str(name) or "author not recorded" for name in cascades.node[part]]
    time = cascades.time[part].copy()
    time[time == UNKNOWN_TIME] = time[time != UNKNOWN_TIME].min()  # a root whose post has no time: its first repost
    return ids, parent, time, edge_type


def short_duration(seconds: int) -> str:
    """A duration as it stands beside a tick.

    >>> short_duration(0), short_duration(600), short_duration(604_800)
    ('0', '10 min', '1 wk')
    """
    short = {"minute": "min", "hour": "h", "day": "d", "week": "wk"}
    if seconds == 0:
        return "0"
    amount, unit = show_duration(seconds).split()
    return f"{amount} {short.get(unit.rstrip('s'), unit)}"


def _parents(edge_type: EdgeType) -> str:
    if edge_type[2] == "user":
        return "A member hangs on the user it first reposted."
    return "Every member hangs on the author of the post, for want of better knowledge."
