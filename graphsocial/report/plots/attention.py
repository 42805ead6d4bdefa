"""Heat maps of attention share, source modality × relation, one row of panels per layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from graphsocial.report.drawing import INK, Labels, Plot, inline_svg, new_figure, plot_style
from graphsocial.report.numbers import as_number, readable

_ORDER = ("text", "image", "video", "structure")


def attention_plot(layers: Sequence[dict[str, Any]]) -> Plot | None:
    """Draws every layer that has shares; None when none has.

    Args:
        layers: `layers` of `attention.json`; each share names target, relation, source and share.
    """
    shares = [[share for share in layer.get("shares") or [] if isinstance(share, dict)] for layer in layers]
    shares = [found for found in shares if found]
    if not shares:
        return None
    flat = [share for found in shares for share in found]
    targets, sources = _modalities(flat, "target"), _modalities(flat, "source")
    relations = sorted({relation_name(share.get("relation")) for share in flat})
    labels = Labels(longest=40)
    largest = max((as_number(share.get("share")) or 0.0 for share in flat), default=1.0) or 1.0
    with plot_style():
        figure = new_figure(7.0, len(shares) * (0.21 * len(relations) + 0.75) + 0.2)
        panels = figure.subplots(len(shares), len(targets), squeeze=False, sharex=True, sharey=True)
        for row, found in enumerate(shares):
            for column, target in enumerate(targets):
                grid = _grid(found, target, relations, sources)
                _draw(panels[row][column], grid, largest)
                panels[row][column].set_title(f"layer {row + 1} · {labels.label(target)} asks", fontsize=8.5)
            panels[row][0].set_yticks(np.arange(len(relations)) + 0.5, [labels.label(name) for name in relations])
        for axis in panels[-1]:
            axis.set_xticks(np.arange(len(sources)) + 0.5, [labels.label(source) for source in sources])
        svg = inline_svg(figure, "attention")
    top = max(flat, key=lambda share: as_number(share.get("share")) or 0.0)
    return Plot(
        svg=svg,
        alt=f"Heat maps of mean attention share over {len(relations)} relations and {len(sources)} source modalities "
        f"in {len(shares)} layers. The largest share, {as_number(top.get('share')) or 0:.2f}, goes from "
        f"{top.get('target')} to {top.get('source')} over {relation_name(top.get('relation'))}.",
        caption="Mean share of attention that a target's slot gives to each source modality over each relation. "
        "Descriptive: a share says where the model looks, not what matters. Empty cells did not occur.",
        key=tuple(labels.key),
    )


def relation_name(relation: Any) -> str:
    """A relation as it stands in a table, whether it comes as a name or as an edge type.

    >>> relation_name(["user", "author", "post"]), relation_name("rev_author")
    ('user author post', 'rev author')
    """
    return " ".join(map(readable, relation)) if isinstance(relation, list | tuple) else readable(relation)


def _modalities(shares: Sequence[dict[str, Any]], key: str) -> list[str]:
    names = {str(share.get(key)) for share in shares}
    return sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))


def _grid(
    shares: Sequence[dict[str, Any]], target: str, relations: Sequence[str], sources: Sequence[str]
) -> np.ndarray:
    grid = np.full((len(relations), len(sources)), np.nan)
    for share in shares:
        value = as_number(share.get("share"))
        if str(share.get("target")) == target and value is not None:
            cell = relations.index(relation_name(share.get("relation"))), sources.index(str(share.get("source")))
            grid[cell] = value if np.isnan(grid[cell]) else grid[cell] + value
    return grid


def _draw(axis: Axes, grid: np.ndarray, largest: float) -> None:
    rows, columns = grid.shape
    # a mesh, not an image: an image would be a bitmap inside the SVG
    axis.pcolormesh(np.ma.masked_invalid(grid), cmap="Blues", vmin=0, vmax=largest, edgecolors="white", linewidth=1)
    axis.set_xlim(0, columns)
    axis.set_ylim(rows, 0)
    for (row, column), value in np.ndenumerate(grid):
        if not np.isnan(value):
            colour = "white" if value > 0.6 * largest else INK
            text = f"{value:.2f}".removeprefix("0")
            axis.text(column + 0.5, row + 0.52, text, ha="center", va="center", fontsize=7, color=colour)
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
