"""The picture of lost modalities shows every curve and what does without."""

from __future__ import annotations

import pytest

from graphsocial.errors import SchemaError
from graphsocial.report.plots.missing_modality import MissingPoint, missing_modality_plot


def test_a_panel_for_each_modality_and_points_in_order():
    curve = [MissingPoint(100, 0.4, (0.3, 0.5)), MissingPoint(0, 0.6, (0.5, 0.7)), MissingPoint(50, 0.5, None)]
    figure = missing_modality_plot(
        {"image": {"in test alone": curve, "in training and test": curve[:2]}, "text": {"in test alone": curve}},
        {"text alone": 0.45, "image alone": 0.35},
    )
    image, text = figure.axes
    assert image.get_title(loc="left") == "image missing" and image.get_xlabel() == "posts without image, %"
    whole = image.lines[0]
    assert whole.get_xdata().tolist() == [0, 50, 100] and whole.get_ydata().tolist() == [0.6, 0.5, 0.4]
    assert len(image.lines) == 4 and len(text.lines) == 3
    assert [each.get_text() for each in figure.legends[0].get_texts()] == [
        "in test alone",
        "in training and test",
        "text alone",
        "image alone",
    ]


def test_nothing_to_draw():
    with pytest.raises(SchemaError, match="expected curves by name"):
        missing_modality_plot({}, {})
