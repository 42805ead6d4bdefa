"""Posteriors over sources, against all ways a spread can go on small graphs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate
from graphsocial.diffusion.inference.locate_sources import locate_sources
from graphsocial.diffusion.inference.soft_margin import effective_runs, margin_weights, posterior_error
from graphsocial.diffusion.inference.source_posterior import SourcePosterior
from graphsocial.errors import SchemaError, UnknownNodeError
from tests.diffusion.inference.cascade_worlds import exact_states, independent_cascade, random_graph

Exact = dict[tuple[int, ...], float]


def exact_posterior(
    model: IndependentCascade, active: set[int], inactive: set[int], last: int, size: int = 1, prior: dict | None = None
) -> Exact:
    spread, p = model.spread, model.activation.probability.astype(float)
    product: Exact = {}
    for chosen in combinations(range(spread.num_nodes), size):
        states = exact_states(spread, p, chosen, last)
        seen = sum(chance for state, chance in states.items() if active <= state and not inactive & state)
        weight = np.prod([1.0 if prior is None else prior.get(s, 0.0) for s in chosen])
        if seen * weight > 0:
            product[chosen] = seen * weight
    total = sum(product.values())
    return {chosen: value / total for chosen, value in product.items()}


def told(found: SourcePosterior) -> Exact:
    return {
        tuple(sorted(found.spread.ids[chosen].tolist())): p
        for chosen, p in zip(found.sources, found.posterior, strict=True)
    }


def agrees(found: SourcePosterior, exact: Exact) -> None:
    estimate = told(found)
    error = {tuple(sorted(c.tolist())): e for c, e in zip(found.sources, found.error, strict=True)}
    assert set(exact) <= set(estimate)
    for chosen, p in estimate.items():
        assert abs(p - exact.get(chosen, 0.0)) <= 4.5 * error[chosen] + 1e-12, (chosen, p, exact.get(chosen))
    assert max(found.error) < 0.03  # or the bound above says nothing


def world(seed: int, nodes: int = 6, edges: int = 10) -> IndependentCascade:
    rng = np.random.default_rng(seed)
    return IndependentCascade(Activation(random_graph(rng, nodes, edges), rng.uniform(0.3, 0.8, edges)))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("last", [2, 9])
def test_everything_observed(seed: int, last: int) -> None:
    model = world(seed)
    state = max(exact_states(model.spread, model.activation.probability, [0], last).items(), key=lambda s: len(s[0]))[0]
    everybody = set(range(6))
    exact = exact_posterior(model, set(state), everybody - state, last)
    found = locate_sources(model, sorted(state), rng=1, horizon=last, runs=8_000, margin=0, threads=1)
    agrees(found, exact)
    listed = locate_sources(
        model, sorted(state), sorted(everybody - state), rng=1, horizon=last, runs=8_000, margin=0, threads=1
    )
    assert told(listed) == told(found)


def test_partly_observed() -> None:
    model = world(3)
    for active, inactive in ({4}, {1}), ({0, 2}, set()), ({5}, {0, 3}):
        exact = exact_posterior(model, active, inactive, 2)
        agrees(locate_sources(model, active, inactive, rng=4, horizon=2, runs=8_000, margin=0, threads=1), exact)


def test_a_prior_counts() -> None:
    model, prior = world(0), {0: 5.0, 1: 1.0, 2: 0.0, 3: 2.0, 4: 1.0, 5: 1.0}
    active = {3}
    exact = exact_posterior(model, active, set(), 3, prior=prior)
    found = locate_sources(model, active, [], rng=4, horizon=3, runs=8_000, margin=0, prior=prior, threads=1)
    agrees(found, exact)
    assert 2 not in found.chance and found.prior.sum() == pytest.approx(1)
    flat = exact_posterior(model, active, set(), 3)
    assert max(abs(flat.get(k, 0) - exact.get(k, 0)) for k in flat) > 0.1


def test_nothing_passes_through_who_was_inactive() -> None:
    # 0 -> 1 -> 3 and 2 -> 3; 1 was inactive, so 0 cannot have reached 3
    spread = SpreadGraph.from_edges([0, 1, 2], [1, 3, 3])
    model = IndependentCascade(Activation.uniform(spread, 0.5))
    found = locate_sources(model, [3], [1], rng=1, margin=0.5, threads=1)
    assert sorted(found.chance) == [2, 3]


def test_two_sources() -> None:
    model = world(1)
    exact = exact_posterior(model, {0, 1, 4}, {5}, 2, size=2)
    found = locate_sources(model, [0, 1, 4], [5], rng=2, horizon=2, sources=2, runs=6_000, margin=0, threads=1)
    agrees(found, exact)
    assert sum(found.chance.values()) == pytest.approx(2)
    assert found.to_polars().columns[:2] == ["source 1", "source 2"]
    assert tuple(found.most_probable) in exact


def test_a_walk_finds_the_few_sets_that_explain_it() -> None:
    # a path, both ways. Three steps later 8 to 12 and 28 to 32 were active, 7 and 13 not: of the first, 9 and 11 need
    # one failure, 10 two, of .3 each; of the second, 29 to 31 need none
    ahead = np.arange(39)
    path = SpreadGraph.from_edges(np.concatenate([ahead, ahead + 1]), np.concatenate([ahead + 1, ahead]))
    model = IndependentCascade(Activation.uniform(path, 0.7))
    found = locate_sources(
        model, [*range(8, 13), *range(28, 33)], [7, 13], rng=3, horizon=3, sources=2, runs=4_000, margin=0,
        most_sets=100, threads=1,
    )  # fmt: skip
    first = {9: 1 / 2.3, 10: 0.3 / 2.3, 11: 1 / 2.3}
    agrees(found, {(a, b): p / 3 for a, p in first.items() for b in (29, 30, 31)})
    assert len(found) == 9 and found.notes[0].startswith("9 of ")


def test_a_walk_over_nearly_all_sets_is_nearly_exact() -> None:
    model = world(1)
    exact = exact_posterior(model, {0, 1, 4}, {5}, 2, size=2)
    every = locate_sources(model, [0, 1, 4], [5], rng=2, horizon=2, sources=2, runs=100, threads=1)
    walked = locate_sources(
        model, [0, 1, 4], [5], rng=2, horizon=2, sources=2, runs=6_000, margin=0, most_sets=len(every), threads=1
    )
    agrees(walked, exact)
    assert len(walked) == len(every) and walked.notes[0].endswith("the others are taken to have no chance")


def test_a_walk_crosses_sets_that_explain_nothing() -> None:
    # 6 is nearest to most, but only 7 and 8 together reach all
    reach = {6: (1, 2, 3, 4), 7: (0, 1, 2), 8: (3, 4, 5)}
    edges = [(a, b) for a, ends in reach.items() for b in ends]
    spread = SpreadGraph.from_edges([a for a, _ in edges], [b for _, b in edges])
    model = IndependentCascade(Activation.uniform(spread, 1.0))
    found = locate_sources(
        model,
        range(6),
        [],
        rng=1,
        horizon=1,
        sources=2,
        candidates=[6, 7, 8],
        runs=10,
        margin=0,
        most_sets=2,
        threads=1,
    )
    assert found.sources.tolist() == [[7, 8]] and found.posterior.tolist() == [1.0]


def test_the_margin_adapts() -> None:
    small = locate_sources(world(3), [4], [1], rng=4, horizon=2, runs=2_000, threads=1)
    assert small.margin == 0 and small.effective >= 100 and small.notes == ()
    rng = np.random.default_rng(0)
    spread = random_graph(rng, 60, 240)
    model = IndependentCascade(Activation.uniform(spread, 0.3))
    runs = simulate(model, [7], runs=50, rng=5, horizon=3)
    i = int(np.argmax(runs.size))
    active = runs.node[runs.offsets[i] : runs.offsets[i + 1]].tolist()
    large = locate_sources(model, active, rng=6, horizon=3, runs=1_000, threads=1)
    assert large.margin > 0 and "the posterior is blurred" in large.notes[0]
    assert 7 in large.chance and 0 < large.posterior.min() and large.effective > 100
    rough = locate_sources(model, active, rng=6, horizon=3, runs=4, threads=1)
    assert rough.margin == 1 and "simulate more runs" in rough.notes[0]


def test_runs_are_compared_one_by_one() -> None:
    from graphsocial.diffusion.inference.source_kernel import compare_runs

    # 0 and 1 were active, 2 was not, nobody saw 3; a node that became active twice counts once
    role, stamp = np.array([1, 1, 2, 0], dtype=np.int8), np.full(4, -1)
    runs = [[0], [0, 2, 0], [1, 0, 3], [3, 2]]
    size, node = np.array([len(run) for run in runs]), np.array([v for run in runs for v in run], dtype=np.int32)
    for first in 0, 4, 8:
        similarity = np.zeros(4, dtype=np.float32)
        compare_runs(size, node, role, stamp, first, similarity)
        assert similarity.tolist() == pytest.approx([1 / 2, 1 / 3, 1, 0])
    single = np.zeros(1, dtype=np.float32)
    for first in 12, 13:
        compare_runs(np.array([2]), np.array([0, 1], dtype=np.int32), role, stamp, first, single)
        assert single[0] == 1


def test_soft_weights_by_hand() -> None:
    similarity = np.array([[1.0, 0.5], [0.5, 0.5]])
    assert margin_weights(similarity, 0).tolist() == [[1, 0], [0, 0]]
    assert margin_weights(similarity, 0.5).tolist() == [[1, pytest.approx(np.exp(-1))], [pytest.approx(np.exp(-1))] * 2]
    assert effective_runs(np.array([1.0, 0.0]), np.array([[1.0, 1, 0, 0], [0, 0, 0, 0]])) == pytest.approx(2)
    # one candidate alone is certain; two of the same chance q err by half the relative error, times sqrt(1/2)
    assert posterior_error(np.array([1.0]), np.array([[1.0, 0, 0, 0]])).tolist() == pytest.approx([0], abs=1e-12)
    weight = np.tile([1.0, 0.0], (2, 50))
    assert posterior_error(np.array([0.5, 0.5]), weight)[0] == pytest.approx(0.5 * np.sqrt(0.5 / 99), rel=1e-6)


def test_the_posterior_is_calibrated() -> None:
    rng = np.random.default_rng(10)
    spread = random_graph(rng, 6, 14)
    p = rng.uniform(0.3, 0.7, 14)
    model = IndependentCascade(Activation(spread, p))
    hits, truth, guess = 0, [], []
    for i in range(80):
        source = int(rng.integers(6))
        active = [v for v, _ in independent_cascade(rng, spread, p, [source], last=2)]
        found = locate_sources(model, active, rng=100 + i, horizon=2, runs=2_000, margin=0, threads=1)
        hits += [source] in found.credible(0.8)
        truth.append(found.chance.get(source, 0.0))
        guess.append(float((found.posterior**2).sum()))  # what it expects to say of the true one
    assert hits / 80 > 0.8 - 4.5 * np.sqrt(0.8 * 0.2 / 80)
    difference = np.subtract(truth, guess)
    assert abs(difference.mean()) < 4.5 * difference.std() / np.sqrt(80) and np.mean(truth) > 0.3


def test_threads_and_the_global_generator_do_not_matter() -> None:
    model = world(3)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, three = (locate_sources(model, [4], [1], rng=4, horizon=2, threads=t) for t in (1, 3))
    assert one.posterior.tobytes() == three.posterior.tobytes() and repr(one) == repr(three)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    again = locate_sources(model, [4], [1], rng=np.random.default_rng(4), horizon=2, threads=1)
    assert len(again) == len(one)


def test_certain_spread() -> None:
    chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3], ids=["a", "b", "c", "d"])
    sure = IndependentCascade(Activation.uniform(chain, 1.0))
    found = locate_sources(sure, ["b", "c", "d"], ["a"], rng=1, runs=10, margin=0, threads=1)
    assert found.most_probable == ["b"] and found.posterior.tolist() == [1.0] and len(found) == 1
    never = IndependentCascade(Activation.uniform(chain, 0.0))
    assert locate_sources(never, ["c"], rng=1, runs=10, margin=0, threads=1).chance == {"c": 1.0}
    pair = locate_sources(never, ["b", "c"], rng=1, sources=2, runs=10, margin=0, threads=1)
    assert pair.most_probable == ["b", "c"]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"active": []}, SchemaError, "nobody was observed active"),
        ({"active": ["zed"]}, UnknownNodeError, "no node 'zed'"),
        ({"active": ["a"], "inactive": ["a"]}, SchemaError, "node 'a' was observed both active and inactive"),
        (
            {"active": ["a", "b"], "candidates": ["c"], "inactive": []},
            SchemaError,
            "no 1 of 0 candidates were found that reach everybody",
        ),
        ({"active": ["a", "d"], "horizon": 1}, SchemaError, "that reach everybody who was active by 1; expected more"),
        ({"sources": 0}, SchemaError, "sources=0"),
        ({"sources": 9}, SchemaError, "no 9 of 2 candidates"),
        ({"runs": 0}, SchemaError, "runs=0"),
        ({"runs": 2.5}, SchemaError, "runs=2.5"),
        ({"margin": -1}, SchemaError, "margin=-1"),
        ({"margin": float("nan")}, SchemaError, "margin=nan"),
        ({"horizon": -1}, SchemaError, "horizon=-1"),
        ({"most_sets": 0}, SchemaError, "most_sets=0"),
        ({"prior": {"a": -1.0}}, SchemaError, "the prior of 'a' got -1.0"),
        ({"prior": [1, 2]}, SchemaError, "got prior=list"),
        ({"prior": {"a": 1.0}, "candidates": ["a", "b"]}, SchemaError, "the prior has no weight for candidate 'b'"),
        ({"rng": "seven"}, SchemaError, "rng='seven'"),
    ],
)
def test_bad_input(settings: dict, error: type[Exception], message: str) -> None:
    chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3], ids=["a", "b", "c", "d"])
    model = IndependentCascade(Activation.uniform(chain, 0.5))
    asked = {"active": ["a", "b"], "rng": 1, "runs": 20, "margin": 0, **settings}
    with pytest.raises(error, match=message):
        locate_sources(model, asked.pop("active"), asked.pop("inactive", None), **asked)


def test_no_run_agrees() -> None:
    chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
    model = IndependentCascade(Activation.uniform(chain, 1e-6))
    with pytest.raises(SchemaError, match=r"none of 50 runs agrees .* the best has a similarity of 0\.25"):
        locate_sources(model, [0, 1, 2, 3], rng=1, runs=50, margin=0)


def test_the_plot_shows_the_most_probable() -> None:
    found = locate_sources(world(3), [4], [1], rng=4, horizon=2, margin=0, threads=1)
    bars = [bar.get_width() for bar in found.plot().patches]
    assert bars == found.posterior.tolist()


def test_a_level_that_makes_no_sense() -> None:
    chain = SpreadGraph.from_edges([0], [1])
    found = locate_sources(IndependentCascade(Activation.uniform(chain, 0.5)), [0], rng=1, runs=20)
    for level in (0, 1.5, "most"):
        with pytest.raises(SchemaError, match="got level="):
            found.credible(level)  # type: ignore[arg-type]
    assert found.credible(1.0) == [[0]]
