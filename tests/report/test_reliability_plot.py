"""The picture of reliability shows chances where they were said and shares where they came."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.reliability import reliability
from graphsocial.report.plots.reliability import reliability_plot


def test_points_lie_at_mean_chances_and_shares() -> None:
    chance = np.repeat([0.005, 0.05, 0.5], 1_000)
    came = np.concatenate([np.arange(1_000) < many for many in (5, 100, 2)])
    one = reliability(chance, came, np.arange(3_000) % 50)
    figure = reliability_plot({"by chance": {"learned": one, "fitted": one}, "by edge": {"learned": one}})
    left, right = figure.axes
    assert left.get_title(loc="left") == "by chance" and left.get_xlabel() == "mean chance that was said"
    line = left.containers[0].lines[0]
    assert line.get_xdata().tolist() == pytest.approx([0.005, 0.05, 0.5])
    assert line.get_ydata().tolist() == pytest.approx([0.005, 0.1, 0.002])
    assert len(left.containers) == 2 and len(right.containers) == 1
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["learned", "fitted"]
    assert left.get_xscale() == left.get_yscale() == "log"


def test_bins_of_hardly_any_cases_are_left_out_and_all_of_them_may_be() -> None:
    some = reliability(np.array([0.005, 0.5]), np.array([False, True]), np.arange(2))
    figure = reliability_plot({"by chance": {"learned": some}})
    assert not figure.axes[0].containers


def test_nothing_to_draw() -> None:
    with pytest.raises(SchemaError, match="expected panels by name"):
        reliability_plot({})
