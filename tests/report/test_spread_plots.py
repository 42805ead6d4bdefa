from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from graphsocial.diffusion.measures.mean_growth import mean_growth
from graphsocial.diffusion.measures.reproduction_numbers import reproduction_numbers
from graphsocial.diffusion.power_law_tail import power_law_tail
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.report.plots.generations import generations_plot
from graphsocial.report.plots.growth import growth_plot
from graphsocial.report.plots.seed_sets import seed_sets_plot
from graphsocial.report.plots.size_distribution import size_distribution_plot
from graphsocial.report.plots.tree import tree_plot
from tests.diffusion.measures.forests import EMPTY, branching, cascades_of

OBSERVED = branching(np.random.default_rng(0), 0.8, 300)
SIMULATED = branching(np.random.default_rng(1), 0.6, 200)
BOTH = {"observed": OBSERVED, "simulated": SIMULATED}


def all_plots() -> dict[str, Figure]:
    return {
        "growth": growth_plot(BOTH, rng=0),
        "sizes": size_distribution_plot(BOTH, tails={"observed": power_law_tail(OBSERVED)}),
        "generations": generations_plot(BOTH, rng=0),
        "seeds": seed_sets_plot(BOTH, rng=0),
        "tree": tree_plot(OBSERVED, int(np.argmax(OBSERVED.size))),
    }


def png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=60)
    return buffer.getvalue()


def texts(figure: Figure) -> str:
    shown = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    for axis in figure.axes:
        shown += [axis.get_title(loc="left"), axis.get_xlabel(), axis.get_ylabel()]
        shown += [text.get_text() for text in (*axis.get_yticklabels(), *axis.get_xticklabels(), *axis.texts)]
    return "\n".join(shown)


@pytest.mark.filterwarnings("error")
def test_figures_look_the_same_whatever_is_set_and_set_nothing() -> None:
    from matplotlib import pyplot

    pyplot.close("all")
    before = dict(matplotlib.rcParams)
    plain = {name: png(figure) for name, figure in all_plots().items()}
    assert dict(matplotlib.rcParams) == before and pyplot.get_fignums() == []
    loud = {"font.size": 30, "lines.linewidth": 9, "axes.grid": True, "xtick.color": "red", "xtick.labelsize": 20}
    with matplotlib.rc_context(loud):
        again = {name: png(figure) for name, figure in all_plots().items()}
    assert [name for name in plain if plain[name] != again[name]] == []
    figure = growth_plot(BOTH, rng=0)
    with matplotlib.rc_context(loud):
        assert png(figure) == plain["growth"], "saved by whoever asked for it, under their settings"


def test_every_label_lies_inside_the_picture() -> None:
    for name, figure in all_plots().items():
        whole = figure.bbox
        for axis in figure.axes:
            box = axis.get_tightbbox()
            assert box.x0 >= whole.x0 - 1 and box.x1 <= whole.x1 + 1, name
            assert box.y0 >= whole.y0 - 1 and box.y1 <= whole.y1 + 1, name


def test_growth_draws_the_mean_curve() -> None:
    figure = growth_plot({"observed": OBSERVED}, rng=0, times=[0, 2, 5])
    (line,) = figure.axes[0].get_lines()
    expected = mean_growth(OBSERVED, [0, 2, 5], rng=0)
    assert line.get_xdata().tolist() == [0, 2, 5]
    np.testing.assert_array_equal(line.get_ydata(), expected.mean)
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    assert {(5.0, expected.low[2]), (5.0, expected.high[2])} <= {tuple(point) for point in band.tolist()}
    assert "observed (300 cascades)" in texts(figure) and "time since the start (steps)" in texts(figure)


def test_growth_in_seconds_is_shown_in_days_and_says_what_is_censored() -> None:
    day = 86_400
    cascades = cascades_of([[-1, 0, 0]] * 3, [[0, day, 9 * day]] * 3, [True] * 3, known_until=10 * day)
    figure = growth_plot({"seen": cascades}, rng=0, unit="seconds", times=[0, day, 9 * day])
    assert "time since the start (days)" in texts(figure) and "3 censored" in texts(figure)
    assert figure.axes[0].get_lines()[0].get_xdata().tolist() == [0, 1, 9]
    with pytest.raises(SchemaError, match="pass watched="):
        growth_plot({"cut": cascades_of([[-1]], censored=[True])}, rng=0, times=[0, 3])
    assert growth_plot({"cut": cascades_of([[-1]], censored=[True])}, rng=0, times=[0, 3], watched={"cut": 4.0})


def test_sizes_and_their_tail() -> None:
    tail = power_law_tail(OBSERVED)
    figure = size_distribution_plot(BOTH, tails={"observed": tail})
    axis = figure.axes[0]
    points = axis.get_lines()[0]
    size = np.sort(OBSERVED.size)
    for x, y in zip(points.get_xdata(), points.get_ydata(), strict=True):
        assert y == (size >= x).mean()
    line = axis.get_lines()[1]
    assert line.get_xdata()[0] == tail.lowest and line.get_ydata()[0] == pytest.approx((size >= tail.lowest).mean())
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert f"tail from {tail.lowest} on: α = {tail.alpha:.2f}" in texts(figure)
    assert "mathdefault" not in texts(figure)


def test_sizes_of_censored_cascades_are_counted_not_drawn() -> None:
    cascades = cascades_of([[-1, 0], [-1, 0, 0], [-1] + [0] * 9], censored=[False, False, True], known_until=9)
    figure = size_distribution_plot({"seen": cascades})
    assert figure.axes[0].get_lines()[0].get_xdata().tolist() == [2, 3]
    assert "2 cascades, 1 left out" in texts(figure)
    aged = size_distribution_plot({"seen": cascades}, age=1, unit="seconds")
    assert aged.axes[0].get_lines()[0].get_xdata().tolist() == [2, 3, 10]
    assert "size at 1 second (members)" in texts(aged)
    with pytest.raises(SchemaError, match=r"tails has 'sen'.*Did you mean 'seen'"):
        size_distribution_plot({"seen": cascades}, tails={"sen": power_law_tail(OBSERVED)})


def test_generations_draw_reproduction_numbers_and_mark_lower_bounds() -> None:
    figure = generations_plot({"observed": OBSERVED}, rng=0, generations=4)
    expected = reproduction_numbers(OBSERVED, rng=0, generations=4)
    sizes, numbers = figure.axes
    np.testing.assert_allclose(sizes.get_lines()[0].get_ydata(), expected.members / 300)
    np.testing.assert_array_equal(numbers.get_lines()[1].get_ydata(), expected.value)
    going = cascades_of([[-1, 0, 0], [-1, 0]], censored=[True, False])
    hollow = generations_plot({"going": going}, rng=0).axes[1].get_lines()
    assert hollow[1].get_ydata().size == 0 and hollow[2].get_markerfacecolor() == "white"


def test_numbers_of_broadcasts_stand_on_a_logarithmic_axis() -> None:
    wide = cascades_of([[-1, *[0] * 60, 1, 61]] * 5)
    assert generations_plot({"wide": wide}, rng=0).axes[1].get_yscale() == "log"
    assert generations_plot({"observed": OBSERVED}, rng=0).axes[1].get_yscale() == "linear"


def test_the_widest_spread_stands_on_top() -> None:
    few, many = cascades_of([[-1, -1, 0]] * 9), cascades_of([[-1, -1, 0, 0, 0], [-1, -1]] * 9)
    figure = seed_sets_plot({"few": few, "many": many}, rng=0)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["many\n2 seeds, 18 runs", "few\n2 seeds, 9 runs"]
    assert figure.axes[0].get_lines()[1].get_xdata() == [3.5]
    cut = cascades_of([[-1, 0]], censored=[True])
    assert "1 seed, 1 runs, 1 cut short" in texts(seed_sets_plot({"cut": cut}, rng=0))
    with pytest.raises(SchemaError, match="'none' has no runs"):
        seed_sets_plot({"none": EMPTY}, rng=0)


def test_tree_draws_every_member_and_edge() -> None:
    forest = cascades_of([[-1, -1, 0, 0, 2]], censored=[True])
    figure = tree_plot(forest, 0)
    axis = figure.axes[0]
    edges = [line for line in axis.get_lines() if line.get_linestyle() == "-"]
    marks = {line.get_marker(): line for line in axis.get_lines() if line.get_linestyle() == "None"}
    assert len(edges) == 3
    assert list(marks["s"].get_xdata()) == [0, 0] and list(marks["o"].get_xdata()) == [1, 1, 2]
    assert [text.get_text() for text in axis.texts] == ["n0", "n1", "n2", "n3", "n4"]
    assert "cascade c0: 5 members, 2 generations after the root, censored" in texts(figure)


def test_large_trees_show_their_beginning() -> None:
    cascades = cascades_of([[-1] + [0] * 200], [list(range(201))])
    assert "201 members, 1 generation after the root, the first 70 shown" in texts(tree_plot(cascades, 0))


def test_tree_alone_and_trees_that_are_not_there() -> None:
    assert "1 member, 0 generations" in texts(tree_plot(cascades_of([[-1]]), 0))
    for cascades, i in ((EMPTY, 0), (OBSERVED, 300), (OBSERVED, -1), (cascades_of([[]]), 0)):
        with pytest.raises(SchemaError, match=f"no cascade {i} with members"):
            tree_plot(cascades, i)
    nowhere = CascadeSet([*"ab"], [-1, 0], [0.0, np.nan], [0, 2], ["x"], [False])
    with pytest.raises(SchemaError, match="'x' has a member without a time"):
        tree_plot(nowhere, 0)


@pytest.mark.parametrize("plot", [growth_plot, generations_plot, seed_sets_plot])
@pytest.mark.parametrize("nothing", [{}, OBSERVED])
def test_nothing_to_draw(plot, nothing) -> None:
    with pytest.raises(SchemaError, match="by name"):
        plot(nothing, rng=0)
