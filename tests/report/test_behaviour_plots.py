"""Pictures of what users do show what was found, whatever is set around them."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from graphsocial.errors import SchemaError
from graphsocial.query import activity_rhythm, fit_topics, interest_drift, interest_profile
from graphsocial.report.plots.drift import drift_plot
from graphsocial.report.plots.interests import interests_plot
from graphsocial.report.plots.rhythm import rhythm_plot
from tests.query.behaviour.small_world import contents, graph_of, three_tastes

GRAPH = three_tastes(each=30)
TOKENS = contents(GRAPH)
TOPICS = fit_topics(GRAPH, TOKENS, 3)


def all_plots() -> dict[str, Figure]:
    return {
        "rhythm": rhythm_plot(activity_rhythm(GRAPH, "t0u0")),
        "interests": interests_plot(interest_profile(GRAPH, TOKENS, TOPICS, "t0u0")),
        "drift": drift_plot(interest_drift(GRAPH, TOKENS, TOPICS, "t0u0", 4, permutations=50)),
        "mean drift": drift_plot(interest_drift(GRAPH, TOKENS, TOPICS, None, 4, permutations=50)),
    }


def png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=50)
    return buffer.getvalue()


@pytest.mark.filterwarnings("error")
def test_figures_look_the_same_whatever_is_set() -> None:
    before = dict(matplotlib.rcParams)
    plain = {name: png(figure) for name, figure in all_plots().items()}
    assert dict(matplotlib.rcParams) == before
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.grid": True, "xtick.color": "red"}):
        again = {name: png(figure) for name, figure in all_plots().items()}
    assert [name for name in plain if plain[name] != again[name]] == []


def test_every_label_lies_inside_the_picture() -> None:
    for name, figure in all_plots().items():
        for axis in figure.axes:
            box = axis.get_tightbbox()
            if box is not None:
                assert box.x0 >= figure.bbox.x0 - 1 and box.x1 <= figure.bbox.x1 + 1, name
                assert box.y0 >= figure.bbox.y0 - 1 and box.y1 <= figure.bbox.y1 + 1, name


def test_a_rhythm_is_drawn_by_weekday_and_hour() -> None:
    rhythm = activity_rhythm(GRAPH, "t0u0", utc_offset=8)
    figure = rhythm_plot(rhythm)
    shades = figure.axes[2].collections[0].get_array().reshape(7, 24)
    np.testing.assert_array_equal(shades, rhythm.count)
    assert figure.axes[2].get_xlabel() == "hour of the day (UTC+8 h)"
    assert [bar.get_height() for bar in figure.axes[0].patches] == rhythm.count.sum(axis=0).tolist()
    assert "30 acts" in figure.axes[0].get_title(loc="left")
    with pytest.raises(SchemaError, match="no act with a time"):
        rhythm_plot(activity_rhythm(GRAPH.as_of(700), "t0u0", [("user", "author", "post")]).__class__(
            "ann", np.zeros((7, 24), dtype=int), np.array([]), rhythm.burst, 0, 0, None))  # fmt: skip


def test_interests_are_bars_with_intervals() -> None:
    profile = interest_profile(GRAPH, TOKENS, TOPICS, "t0u0")
    figure = interests_plot(profile, most=2)
    bars = [bar.get_width() for bar in figure.axes[0].patches]
    assert bars == [*profile.share[:2], profile.share[-1]]
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[0].startswith(profile.name[0][:5]) and labels[-1] == "text  30"
    unspaced = graph_of([("p", "$用户", 1, "洪水来了")], {})
    found = interest_profile(unspaced, contents(unspaced), fit_topics(unspaced, contents(unspaced)), "$用户")
    figure = interests_plot(found)
    assert "topic 0" in figure.axes[0].get_yticklabels()[0].get_text()
    assert "a user: 1 post" in figure.axes[0].get_title(loc="left")


def test_drift_points_stand_where_windows_meet() -> None:
    drift = interest_drift(GRAPH, TOKENS, TOPICS, "t0u0", 4, permutations=50)
    lines = figure_lines(drift_plot(drift))
    told = ~np.isnan(drift.distance)
    assert any(np.array_equal(y, drift.distance[told]) for _, y in lines)
    nothing = interest_drift(GRAPH, TOKENS, TOPICS, "t0u0", 4, min_posts=99)
    with pytest.raises(SchemaError, match="enough posts"):
        drift_plot(nothing)


def figure_lines(figure: Figure) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in figure.axes[0].get_lines()]
