"""The picture of emerging topics: panels, marks for what the font lacks, and nothing of nothing."""

from __future__ import annotations

import dataclasses

import numpy as np

from graphsocial.query.emerging_topics import EmergingTopics
from graphsocial.report.plots.emerging import emerging_figure, emerging_plot

DAY = 86_400


def topics(words) -> EmergingTopics:
    count = len(words)
    objects = np.empty(count, dtype=object)
    objects[:] = words
    return EmergingTopics(
        topic=np.arange(count),
        words=objects,
        since=np.full(count, 5 * DAY),
        posts=np.full(count, 9),
        now=np.full(count, 6),
        before=np.full(count, 1.5),
        growth=np.full(count, 2.8),
        image_share=np.full(count, 0.25),
        examples=objects,
        volume=np.tile([1, 2, 6], (count, 1)),
        width_seconds=DAY,
        end=8 * DAY,
        content="text",
        searched=30,
    )


def test_a_panel_per_topic_with_words_share_and_marks():
    plot = emerging_plot(topics([["storm", "flood"], ["暴雨", "洪水"]]))
    assert plot is not None and "storm flood" in plot.svg and "25% with a picture" in plot.svg
    assert plot.key == (("[1]", "暴雨 洪水"),) and "storm flood" in plot.alt and "6 posts" in plot.alt
    again = emerging_plot(topics([["storm", "flood"], ["暴雨", "洪水"]]))
    assert again is not None and again.svg == plot.svg


def test_the_figure_alone_has_the_same_panels():
    figure = emerging_figure(topics([["storm", "flood"], ["calm"], ["sun"]]), top=2)
    assert figure is not None and len(figure.axes) == 2
    assert figure.axes[0].get_title("left") == "storm flood · 25% with a picture"
    assert [bar.get_height() for bar in figure.axes[1].patches] == [1, 2, 6]
    assert emerging_figure(topics([])) is None


def test_nothing_gives_no_picture_and_a_topic_without_words_is_named_so():
    assert emerging_plot(topics([])) is None
    assert emerging_plot(topics([["a"]]), top=0) is None
    found = dataclasses.replace(topics([[]]))
    plot = emerging_plot(found)
    assert plot is not None and "no words" in plot.svg
