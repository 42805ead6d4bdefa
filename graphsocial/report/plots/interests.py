"""What a user is interested in: shares of topics and modalities with their intervals, beside everyone's."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from graphsocial.query.behaviour.interest_profile import InterestProfile
from graphsocial.report.drawing import BLUE, GREEN, INK, Labels, new_figure, plot_style
from graphsocial.report.plots.spread_figure import settled

_MOST = 12


def interests_plot(profile: InterestProfile, most: int = _MOST) -> Figure:
    """Bars of shares with 95 % intervals; a white diamond is the share among the acts of all users.

    Args:
        profile: What `interest_profile` found.
        most: Topics to show, the largest first; all modalities are shown.
    """
    topics = [at for at, kind in enumerate(profile.kind) if kind == "topic"][:most]
    modalities = [at for at, kind in enumerate(profile.kind) if kind == "modality"]
    rows = np.array(topics + modalities, dtype=np.int64)
    place = np.arange(len(rows)) + np.where(np.arange(len(rows)) >= len(topics), 0.5, 0.0)
    labels = Labels(longest=30)
    with plot_style():
        figure = new_figure(6.4, 0.27 * len(rows) + 1.2)
        axis = figure.subplots()
        colour = [BLUE] * len(topics) + [GREEN] * len(modalities)
        axis.barh(place, profile.share[rows], height=0.72, color=colour, alpha=0.75, linewidth=0)
        axis.hlines(place, profile.low[rows], profile.high[rows], color=INK, linewidth=1.1)
        axis.plot(
            profile.everyone[rows], place, "D", color=INK, markerfacecolor="white", markersize=4, linestyle="none"
        )
        axis.set_yticks(place, [_label(labels, profile, int(at)) for at in rows])
        axis.set_ylim(place[-1] + 0.6, -0.6)
        axis.set_xlim(0, 1)
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.grid(axis="x")
        axis.spines["left"].set_visible(False)
        axis.set_xlabel("share of the posts acted on, with 95 % intervals; diamonds: all users")
        who = Labels(longest=24).label(profile.user)
        posts = "1 post" if profile.posts == 1 else f"{profile.posts:,} posts"
        axis.set_title(f"Interests of {'a user' if who == '[1]' else who}: {posts}")
        settled(figure)
        axis.tick_params(axis="y", length=0)
        return figure


def _label(labels: Labels, profile: InterestProfile, row: int) -> str:
    """The words where the font has them, the topic's number where not."""
    name = labels.label(profile.name[row])
    if profile.kind[row] == "topic" and name.startswith("["):
        name = f"topic {profile.number[row]}"
        first = profile.name[row].split(", ")[0]
        if labels.label(first) == first:
            name += f" ({first} …)"
    return f"{name}  {profile.count[row]:,}"
