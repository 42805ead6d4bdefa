"""Parts of the activation model by hand, by brute force and by simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, poisson

from graphsocial.diffusion import Activation, SpreadGraph, simulate
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.diffusion.virality_law import ViralityLaw
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.contagion_choice import chosen_contagion
from graphsocial.learn.activation.delay_table import INTERVALS, first_table, log_density, next_table
from graphsocial.learn.activation.factor_law import chances, factor_law
from graphsocial.learn.activation.frailty import frailty_shape, marginal, mean_factor
from graphsocial.learn.activation.post_block import PostBlock
from graphsocial.learn.activation.post_content import post_content
from graphsocial.learn.activation.post_hazards import PostHazards
from graphsocial.learn.activation.social_links import SocialLinks
from graphsocial.learn.activation.virality_training import share_come


def test_frailty_is_integrated_out() -> None:
    shape, expected, counted = 0.7, np.array([0.0, 2.5]), np.array([1, 4])
    found = marginal(shape, expected, counted)
    for row in range(2):
        likelihood = quad(
            lambda m, row=row: m ** counted[row] * np.exp(-m * expected[row]) * gamma.pdf(m, shape, scale=1 / shape),
            0,
            np.inf,
        )[0]
        assert np.isclose(found[row], np.log(likelihood), atol=1e-6)


def test_frailty_shape_is_found_again() -> None:
    draw = np.random.default_rng(0)
    expected = draw.gamma(3.0, 2.0, 4_000)
    counted = draw.poisson(expected * draw.gamma(1.5, 1 / 1.5, 4_000))
    assert abs(frailty_shape(expected, counted) - 1.5) < 0.15
    assert np.isclose(mean_factor(1.5, expected, counted).mean(), 1.0, atol=0.05)


def test_first_table_is_the_quantiles() -> None:
    law = first_table(np.arange(1.0, 1_001.0), np.ones(1_000), 5_000.0, 9)
    assert np.allclose(law.quantile[:-1], np.linspace(0, 1_000, INTERVALS + 1)[:-1], atol=INTERVALS + 1)
    assert law.quantile[-1] >= 5_000 and law.known_until == 9
    inside = np.array([law.quantile[3:5].mean()])
    width = (law.quantile[4] - law.quantile[3]) / 86_400
    assert np.isclose(np.exp(log_density(law, inside)) * width, 1 / INTERVALS)


def test_delays_hidden_by_the_window_are_made_up_for() -> None:
    """Exposures that began before the question show no short delays; the naive law of those seen is too long."""
    draw = np.random.default_rng(1)
    count, chance, longest = 60_000, 0.3, 10_000.0
    delays = DelayLaw.of_delays(draw.exponential(2_000.0, 400_000), longest=longest)
    age = draw.choice([0.0, 1_500.0, 4_000.0], count)
    spent = draw.exponential(size=count) / -np.log1p(-chance)  # of the delay law, when an edge succeeds
    delay = np.where(spent < 1, delays.delay_at(np.minimum(spent, 1.0)), np.inf)
    hit, exposed = (delay > age) & (delay <= age + 6_000), delay > age  # others were hit before the question
    law = first_table(delay[hit], np.ones(hit.sum()), longest, 0)
    naive = law.mean
    hazard = np.full(exposed.sum(), -np.log1p(-chance))
    watched = np.where(hit, delay, age + 6_000)[exposed]
    for _ in range(6):
        law = next_table(law, delay[hit], np.ones(hit.sum()), (hazard, age[exposed], watched))
    assert naive > 1.15 * delays.mean
    assert abs(law.mean - delays.mean) < 0.02 * delays.mean


def test_share_come_by_hand() -> None:
    cascades = CascadeSet(
        ["a", "b", "c", "a", "b", "c", "a", "b", "a", "b", "c"],
        [-1] * 11,
        [0, 1, 2, 100, 115, 130, 200, 214, 300, 301, 302],
        [0, 3, 6, 8, 11],
        list("wxyz"),
        [False] * 4,
    )
    record = CascadeRecord.of(cascades)
    long = PostBlock.of(record, {}, None, np.array([1]), 10, 30, 1_000)
    assert long.arrivals[1].tolist() == [5, 20] and long.new_adopters.tolist() == [2]
    short = PostBlock.of(record, {}, None, np.array([2]), 10, 30, 220)  # cut short 10 seconds after the question
    assert (short.windows.end - short.windows.as_of).tolist() == [10] and short.arrivals[1].tolist() == [4]
    # at 4 and 5 seconds two windows are open, at 20 one: 1/2, 1/2 and 1
    assert np.allclose(share_come([long, short], np.array([4, 5, 6, 20, 30])), [1e-6, 0.25, 0.5, 0.5, 1.0])


def test_users_first_seen_after_the_graph_are_not_counted() -> None:
    cascades = CascadeSet(
        ["a", "b", "a", "b", "new"], [-1] * 5, [0, 1, 100, 120, 125], [0, 2, 5], ["x", "y"], [False] * 2
    )
    block = PostBlock.of(CascadeRecord.of(cascades), {}, None, np.array([1]), 10, 30, 1_000)
    assert block.new_adopters.tolist() == [1]


@pytest.mark.parametrize("contagion", [0.0, 1.0])
def test_factors_bring_the_means_asked_for(contagion: float) -> None:
    draw = np.random.default_rng(3)
    users = 80
    source, target = np.nonzero((draw.random((users, users)) < 0.1) & ~np.eye(users, dtype=bool))
    source, target = np.append(source, np.full(users, users)), np.append(target, np.arange(users))
    spread = SpreadGraph.from_edges(source, target, num_nodes=users + 1)
    hazard = draw.gamma(0.3, 0.5, spread.num_edges) * np.where(spread.source == users, 0.05, 1.0)
    mean = np.array([0.02, 0.5, 2.0, 8.0, 30.0])
    post = PostHazards(hazard, np.array([2, 5, users]), np.array([600.0, 100.0, 700.0]), mean, np.full(5, 0.2))
    delays, horizon = DelayLaw.exponential(3_000), 20_000.0
    activation = Activation(spread, chances(post, spread, contagion))
    law = factor_law(post, activation, delays, horizon, 1, 0)
    assert (np.diff(law.factor) > 0).all() and len(law.factor) == 5
    if not contagion:
        assert law.weight.tolist() == [0.2] * 5
    ages = dict(zip(post.seed.tolist(), post.age.tolist(), strict=True))
    for factor, wanted in zip(law.factor, mean, strict=True):
        model = DelayedCascade(activation, delays, ViralityLaw([factor], [1.0]), ages)
        size = simulate(model, [2, 5, users], 4_000, rng=8, horizon=horizon, threads=1).size - 3
        assert abs(size.mean() - wanted) < 4 * size.std() / np.sqrt(4_000) + 0.06 * wanted


def test_means_that_cannot_be_reached_share_the_largest_factor() -> None:
    spread = SpreadGraph.from_edges([2, 2], [0, 1])
    post = PostHazards(
        np.ones(2), np.array([2]), np.array([0.0]), np.array([0.5, 5.0, 50.0]), np.array([0.5, 0.25, 0.25])
    )
    law = factor_law(post, Activation(spread, chances(post, spread, 1.0)), DelayLaw.exponential(10), 1e6, 1, 0)
    assert law.weight.tolist() == [0.5, 0.5]
    nobody = PostHazards(np.zeros(2), post.seed, post.age, post.mean, post.weight)
    assert factor_law(nobody, Activation.uniform(spread, 0.0), DelayLaw.exponential(10), 9.0, 1, 0).weight.tolist() == [
        1
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"txt": np.ones(3)}, "'txt'.*'image', 'text'.*Did you mean 'text'"),
        ({"text": np.ones(4)}, r"\(4,\), expected numbers \(3,\)"),
        ({"text": np.ones((1, 3))}, r"\[channel\]"),
        ({"text": np.array(["a", "b", "c"])}, "expected numbers"),
        ({"text": np.array([1.0, np.nan, 0.0])}, "not finite"),
        ([1.0], "expected a mapping"),
    ],
)
def test_content_that_does_not_fit(content: object, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        post_content(content, None, {"image": 2, "text": 3})  # type: ignore[arg-type]


def test_content_is_of_length_one_or_zero() -> None:
    found = post_content({"text": np.array([[3, 4], [0, 0], [1e-30, 0]])}, 3)
    assert np.allclose(np.linalg.norm(found["text"], axis=1), [1, 0, 0]) and found["text"].dtype == np.float32
    assert post_content(None, 2, {"text": 3})["text"].tolist() == [[0, 0, 0]] * 2
    assert post_content(None, 2) == {}


def test_links_known_later_are_refused() -> None:
    graph = SpreadGraph.from_edges([0], [1], ids=["a", "b"])
    assert SocialLinks.of(graph, 5).known_until is None
    with pytest.raises(LeakageError, match="links known until"):
        SocialLinks.of(replace(graph, known_until=6), 5)
    with pytest.raises(SchemaError, match="expected a SpreadGraph"):
        SocialLinks.of([("a", "b")], 5)  # type: ignore[arg-type]


def test_poisson_mixture_of_the_factors_is_what_is_simulated() -> None:
    """Without contagion the number of new adopters is nearly Poisson about each mean."""
    users = 2_000
    spread = SpreadGraph.from_edges(np.full(users, users), np.arange(users))
    post = PostHazards(
        np.full(users, 1e-3), np.array([users]), np.array([0.0]), np.array([1.0, 20.0]), np.array([0.7, 0.3])
    )
    activation = Activation(spread, chances(post, spread, 1.0))
    law = factor_law(post, activation, DelayLaw.exponential(10), 1e4, 1, 0)
    size = (
        simulate(DelayedCascade(activation, DelayLaw.exponential(10), law), [users], 20_000, rng=2, threads=1).size - 1
    )
    for count in (0, 1, 3, 20):
        expected = 0.7 * poisson.pmf(count, 1) + 0.3 * poisson.pmf(count, 20)
        assert abs((size == count).mean() - expected) < 0.012


def test_contagion_takes_its_part_of_what_makes_sizes_differ() -> None:
    """Every user has four others at chance .15: one factor makes sizes as unlike as the mixture has them."""
    draw, users = np.random.default_rng(5), 1_500
    source, target = np.repeat(np.arange(users), 4), draw.integers(users, size=4 * users)
    pairs = np.unique(np.stack([source, target], axis=1)[source != target], axis=0)
    spread = SpreadGraph.from_edges(
        np.append(pairs[:, 0], np.full(users, users)), np.append(pairs[:, 1], np.arange(users))
    )
    hazard = np.append(np.full(len(pairs), 0.1625), np.full(users, 2e-3))
    mean = np.geomspace(0.5, 60, 12)
    weight = gamma.pdf(mean, 2.0, scale=4.0) * mean  # the sizes are negative binomial, 8 on average
    post = PostHazards(hazard, np.array([users]), np.array([0.0]), mean, weight / weight.sum())
    activation = Activation(spread, chances(post, spread, 1.0))
    delays, asked = DelayLaw.exponential(10), 1e4
    law = factor_law(post, activation, delays, asked, 1, 0)
    size = simulate(DelayedCascade(activation, delays, law), [users], 8_000, rng=2, threads=1).size - 1
    wanted = np.array([poisson.cdf(range(40), m) for m in post.mean]).T @ post.weight
    assert np.abs(wanted - (size[:, None] <= np.arange(40)).mean(axis=0)).max() < 0.05
    assert abs(size.mean() - post.mean @ post.weight) < 1.0
    # the weights that fit Poisson laws would make them differ more than they do
    alike = ViralityLaw(law.factor, post.weight)
    wilder = simulate(DelayedCascade(activation, delays, alike), [users], 8_000, rng=2, threads=1).size - 1
    assert wilder.std() > 1.15 * size.std()


def test_contagion_that_growth_does_not_speak_against_stays() -> None:
    tried, apart = (0.0, 0.5, 1.0), np.array([[1.0], [-1.0], [1.0], [-1.0]])
    # of a difference that is +-s about its mean d over four posts the standard error is s / sqrt(3)
    clear = np.array([0.9, 0.5, 0.6]) + apart * [0.0, 0.0, 0.1]
    assert chosen_contagion(clear, tried) == 0.5, ".1 is more than .1 / sqrt(3)"
    noisy = np.array([0.9, 0.5, 0.6]) + apart * [0.0, 0.0, 0.2]
    assert chosen_contagion(noisy, tried) == 1.0, ".1 is less than .2 / sqrt(3)"
    assert chosen_contagion(noisy[:, ::-1], tried[::-1]) == 1.0, "in whatever order they were tried"
    assert chosen_contagion(noisy + 5 * apart, tried) == 1.0, "what all factors share is no noise"
    assert chosen_contagion(np.array([[0.9, 0.5, 0.6]]), tried) == 0.5, "one post says nothing of noise"
    assert chosen_contagion(np.full((3, 3), 0.4), tried) == 1.0


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"hidden": 1.0}, {"contagion": ()}, {"contagion": (-1.0,)}])
def test_settings_that_make_no_sense(wrong: dict) -> None:
    with pytest.raises(SchemaError, match=f"activation training got {next(iter(wrong))}="):
        ActivationTraining(**wrong)
