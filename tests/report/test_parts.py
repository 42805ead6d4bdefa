import re

import numpy as np
import pytest

from graphsocial.report.ablations_section import ablation_tables
from graphsocial.report.data_section import cuts, licence_line, split_rows
from graphsocial.report.drawing import Labels, inline_svg, new_figure, plot_style
from graphsocial.report.numbers import style_for
from graphsocial.report.plots.deletion import deletion_words
from graphsocial.report.plots.ego import busiest_user
from graphsocial.report.plots.trend import covered
from graphsocial.report.results_section import task_result
from graphsocial.report.verdict import headline, strongest_floor, verdict_of


@pytest.mark.parametrize(
    ("interval", "higher", "expected"),
    [
        ([0.01, 0.2], True, "better"),
        ([-0.2, -0.01], True, "worse"),
        ([-0.2, -0.01], False, "better"),
        ([0.0, 0.2], True, "unclear"),
        ([-0.1, 0.1], False, "unclear"),
        (None, True, "unknown"),
        ([float("nan"), 1.0], True, "unknown"),
    ],
)
def test_verdicts(interval, higher, expected):
    assert verdict_of(interval, higher) == expected


def test_the_strongest_floor_depends_on_the_direction():
    floors = {"a": {"value": 1.0}, "b": {"value": 2.0}, "c": {"value": None}}
    assert strongest_floor({"floors": floors}) == "b"
    assert strongest_floor({"floors": floors, "higher_is_better": False}) == "a"


def test_a_difference_that_excludes_zero_never_prints_as_zero():
    floor = {"value": 0.6, "difference": 0.0003, "difference_interval": [0.0001, 0.0005]}
    verdict, sentence = headline({"metric": "auc", "value": 0.6003, "interval": [0.5, 0.7], "floors": {"x": floor}})
    assert verdict == "better"
    assert "difference .0003 [.0001, .0005]" in sentence


def test_numbers_of_a_table_share_their_decimals():
    style = style_for([0.5, [-12.25, 3.0], None, float("nan")])
    assert [style.number(v) for v in (0.5, -12.25, None)] == ["0.50", "−12.25", "–"]
    assert style_for([0.0]).number(-0.0) == ".000"


def test_floors_stand_strongest_first():
    floors = {"weak": {"value": 0.2}, "none": {"value": None}, "strong": {"value": 0.5, "train_free": True}}
    rows = task_result("t", {"metric": "auc", "value": 0.6, "floors": floors}).rows
    assert [row.name for row in rows] == ["the model", "strong", "weak", "none"]
    assert rows[1].note == "train-free" and rows[1].strongest


def test_cuts_are_the_times_of_a_split_and_nothing_else():
    split = {"valid": 1_351_728_000, "test": "2012-11-03", "horizon_seconds": 86_400, "by": "event", "n": [3, 4]}
    assert [name for name, _ in cuts(split)] == ["valid", "test"]
    assert ("horizon_seconds", "86,400") in split_rows(split)
    assert ("valid", "2012-11-01 00:00:00Z") in split_rows(split)
    assert cuts({"a": {"test": "2012-11-03"}, "b": {"test": "2012-11-03"}}) == [("a test = b test", 1_351_900_800)]


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("## Licence\n\nMIT", "MIT"),
        ("License: CC-BY 4.0", "CC-BY 4.0"),
        ("Released under the MIT licence.", None),
        ("", ""),
    ],
)
def test_the_licence_is_found_in_a_card(card, expected):
    assert licence_line(card) == (card if expected is None else expected)


def test_seeds_are_pooled_and_the_full_model_stands_first():
    lines = [
        {
            "benchmark": "demo",
            "case": case,
            "metric": "auc",
            "value": value,
            "seed": seed,
            "git": "abc",
            "date": "2025-01-02",
        }
        for seed, shift in enumerate((0.0, 0.1))
        for case, value in (("no_graph", 0.5 + shift), ("full", 0.7 + shift))
    ]
    gap = {"benchmark": "demo", "case": "no_graph", "metric": "auc/difference", "value": -0.2, "interval": [-0.3, -0.1]}
    (table,) = ablation_tables([*lines, gap])
    full, other = table.rows
    assert (full.case, full.value, full.interval, full.seeds) == ("full", ".750", "[.700, .800] range", "2")
    assert (other.difference, other.words, other.date, other.git) == ("−.200", "lower than full", "2025-01-02", "abc")


@pytest.mark.parametrize(
    ("deletion", "words"),
    [(0.3, "more than chance"), (-0.3, "more than chance"), (0.1, "cannot be told"), (0.01, "less than chance")],
)
def test_the_deletion_check_is_put_in_words(deletion, words):
    assert words in deletion_words({"deletion": deletion, "random": 0.1, "interval": [0.05, 0.15]})


def test_forecasts_that_came_due_are_counted():
    forecast = {"time": 0, "horizon_seconds": 60, "lower": 1, "median": 2, "upper": 3}
    forecasts = [{**forecast, "actual": actual} for actual in (1, 3, 4, None)]
    assert covered({"forecasts": forecasts}) == (2, 3)


def test_the_busiest_user_has_the_most_edges(graph):
    degree = dict.fromkeys(graph.node_ids("user"), 0)
    for edge_type in graph.edge_types:
        edges = graph.edges(edge_type)
        for end, node_type in ((edges.src, edge_type[0]), (edges.dst, edge_type[2])):
            if node_type == "user":
                for name in graph.node_ids("user")[end]:
                    degree[name] += 1
    key = busiest_user(graph)
    assert key is not None
    assert degree[key[1]] == max(degree.values())


@pytest.mark.filterwarnings("error")
def test_texts_without_glyphs_become_marks_and_markup_is_escaped():
    labels = Labels()
    marks = [labels.label(text) for text in ("a<b>&$x$", "洪水", "مرحبا", "🌊", "x" * 40, "洪水")]
    assert marks == ["a<b>&$x$", "[1]", "[2]", "[3]", "[4]", "[1]"]
    with plot_style():
        figure = new_figure(3, 2)
        axis = figure.subplots()
        axis.plot(np.arange(3))
        axis.set_title(" ".join(marks))
        svg = inline_svg(figure, "name")
    assert "a&lt;b&gt;&amp;$x$" in svg and "<b>" not in svg
    assert all(found.startswith("name-") for found in re.findall(r'\sid="([^"]*)"', svg))


def test_a_user_s_matplotlib_settings_change_nothing():
    import matplotlib

    def draw() -> str:
        with plot_style():
            figure = new_figure(3, 2)
            figure.subplots().plot([1, 2])
            return inline_svg(figure, "name")

    plain = draw()
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.grid": True, "svg.hashsalt": None}):
        assert draw() == plain
        assert matplotlib.rcParams["font.size"] == 30
