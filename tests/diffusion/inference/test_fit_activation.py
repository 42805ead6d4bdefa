"""Fitted activation probabilities: by hand, by an independent optimiser, and what was planted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate
from graphsocial.diffusion.inference.beta_prior import BetaPrior
from graphsocial.diffusion.inference.expectation_maximisation import ExpectationMaximisation
from graphsocial.diffusion.inference.fit_activation import fit_activation
from graphsocial.diffusion.inference.logistic_activation import LogisticActivation
from graphsocial.diffusion.inference.partial_credit import PartialCredit
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.exposures.delay_decay import ExponentialDecay
from tests.diffusion.inference.cascade_worlds import Run, cascades_of, independent_cascade, random_graph

RAW = BetaPrior(trials=0)
TWO_INTO_ONE = SpreadGraph.from_edges([0, 1], [2, 2])


def both(hits: int, misses: int) -> list[Run]:
    return [[(0, 0), (1, 0), (2, 1)]] * hits + [[(0, 0), (1, 0)]] * misses


def joined(parts: list[CascadeSet]) -> CascadeSet:
    shift = np.cumsum([0, *(len(p.node) for p in parts)])
    return CascadeSet(
        np.concatenate([p.node for p in parts]),
        np.concatenate([np.where(p.parent < 0, -1, p.parent + s) for p, s in zip(parts, shift[:-1], strict=True)]),
        np.concatenate([p.time for p in parts]),
        np.concatenate([[0], *(p.offsets[1:] + s for p, s in zip(parts, shift[:-1], strict=True))]),
        np.concatenate([p.names for p in parts]),
        np.concatenate([p.censored for p in parts]),
    )


def simulated(spread: SpreadGraph, p: np.ndarray, runs: int, rng: int, horizon: int | None = None) -> CascadeSet:
    model = IndependentCascade(Activation(spread, p))
    parts = [simulate(model, [s], runs, rng=rng + s, horizon=horizon, threads=1) for s in range(spread.num_nodes)]
    return joined(parts)


# ---- by hand


def test_one_edge_is_a_share() -> None:
    spread = SpreadGraph.from_edges([0], [1])
    cascades = cascades_of([[(0, 0), (1, 1)]] * 3 + [[(0, 0)]] * 5 + [[(1, 0)]] * 7)
    for method in (ExpectationMaximisation(RAW), PartialCredit(prior=RAW), PartialCredit(False, prior=RAW)):
        fit = fit_activation(cascades, spread, method, window=1)
        assert fit.probability.tolist() == pytest.approx([3 / 8])
        assert (fit.trials.tolist(), fit.successes.tolist()) == ([8], [3.0])
        assert fit.log_likelihood == pytest.approx(3 * np.log(3 / 8) + 5 * np.log(5 / 8))
    # by default the prior holds a tenth of a success: .1 / (3 / 8) trials of mean 3 / 8 change nothing
    assert fit_activation(cascades, spread, window=1).probability.tolist() == pytest.approx([3 / 8])
    likely = fit_activation(cascades, spread, ExpectationMaximisation(BetaPrior(mean=0.01)), window=1)
    assert likely.probability.tolist() == pytest.approx([(3 + 0.1) / (8 + 10)])
    drawn = fit_activation(cascades, spread, ExpectationMaximisation(BetaPrior(4, mean=0.5)), window=1)
    assert drawn.probability.tolist() == pytest.approx([(3 + 2) / (8 + 4)])


def test_two_who_may_have_done_it() -> None:
    # 1 - (1 - p)² = 12 / 16, so p = 1/2 for both; credits count 12 / 2 of 16 each
    cascades = cascades_of(both(12, 4))
    em = fit_activation(cascades, TWO_INTO_ONE, ExpectationMaximisation(RAW, tolerance=1e-12), window=1)
    assert em.probability.tolist() == pytest.approx([0.5, 0.5], abs=1e-6)
    assert em.successes.tolist() == pytest.approx([8, 8], abs=1e-4)
    assert em.log_likelihood == pytest.approx(12 * np.log(3 / 4) + 4 * np.log(1 / 4))
    shared = fit_activation(cascades, TWO_INTO_ONE, PartialCredit(prior=RAW), window=1)
    assert shared.probability.tolist() == pytest.approx([6 / 16, 6 / 16])
    whole = fit_activation(cascades, TWO_INTO_ONE, PartialCredit(False, prior=RAW), window=1)
    assert whole.probability.tolist() == pytest.approx([12 / 16, 12 / 16])


def test_one_who_never_succeeds_alone_gets_no_blame() -> None:
    cascades = cascades_of(both(6, 0) + [[(0, 0)]] * 50 + [[(1, 0), (2, 1)]] * 4)
    fit = fit_activation(cascades, TWO_INTO_ONE, ExpectationMaximisation(RAW), window=1)
    assert fit.probability.tolist() == pytest.approx([0, 1], abs=1e-4)


def test_credit_by_delay() -> None:
    spread = SpreadGraph.from_edges([0, 1], [2, 2])
    cascades = cascades_of([[(0, 0), (1, 30), (2, 40)], [(0, 0), (1, 30)]])
    fit = fit_activation(cascades, spread, PartialCredit(decay=ExponentialDecay(30.0), prior=RAW))
    late, soon = np.exp(-40 / 30), np.exp(-10 / 30)
    assert fit.probability.tolist() == pytest.approx([late / (late + soon) / 2, soon / (late + soon) / 2])


def test_all_or_nothing() -> None:
    spread = SpreadGraph.from_edges([0, 0], [1, 2])
    for method in (ExpectationMaximisation(RAW), PartialCredit(prior=RAW)):
        fit = fit_activation(cascades_of([[(0, 0), (1, 1)]] * 4), spread, method, window=1)
        assert fit.probability.tolist() == [1.0, 0.0] and fit.log_likelihood == 0
    nobody = fit_activation(cascades_of([[(0, 0)]] * 4), spread, window=1)
    assert nobody.probability.tolist() == [0.0, 0.0]


def test_an_edge_never_tried_has_the_prior_mean() -> None:
    spread = SpreadGraph.from_edges([0, 1], [1, 0])
    cascades = cascades_of([[(0, 0), (1, 1)], [(0, 0)], [(0, 0)], [(0, 0)]])
    for trials in (0, 7):
        fit = fit_activation(cascades, spread, ExpectationMaximisation(BetaPrior(trials, mean=0.3)), window=1)
        assert fit.trials.tolist() == [4, 0] and fit.probability[1] == pytest.approx(0.3)
        assert "1 edges were never tried and have the prior's mean" in fit.notes
    assert fit_activation(cascades, spread, window=1).probability.tolist() == pytest.approx([0.25, 0.25])


# ---- against an optimiser that knows only the likelihood


def spelled_out(spread: SpreadGraph, runs: list[Run], p: np.ndarray) -> float:
    total = 0.0
    for run in runs:
        when = dict(run)
        for v in range(spread.num_nodes):
            into = [e for e in range(spread.num_edges) if spread.target[e] == v and int(spread.source[e]) in when]
            before = [e for e in into if when[int(spread.source[e])] < when.get(v, np.inf)]
            hit = [e for e in before if when.get(v, np.inf) == when[int(spread.source[e])] + 1]
            total += sum(np.log1p(-p[e]) for e in before if e not in hit)
            total += np.log1p(-np.prod([1 - p[e] for e in hit])) if hit else 0
    return total


@pytest.mark.parametrize("seed", range(3))
def test_the_maximum_of_the_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spread = random_graph(rng, 4, 7)
    p = rng.uniform(0.2, 0.8, 7)
    runs = [independent_cascade(rng, spread, p, [int(rng.integers(4))]) for _ in range(120)]
    fit = fit_activation(cascades_of(runs), spread, ExpectationMaximisation(RAW, 20_000, 1e-9), window=1)
    assert fit.log_likelihood == pytest.approx(spelled_out(spread, runs, fit.probability.astype(float)), abs=1e-3)
    best = minimize(
        lambda x: -spelled_out(spread, runs, expit(x)), np.zeros(7), method="L-BFGS-B", bounds=[(-12, 12)] * 7
    )
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-3)
    np.testing.assert_allclose(fit.probability, expit(best.x), atol=3e-3)


@pytest.mark.parametrize("seed", range(4))
def test_no_turn_makes_it_worse(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spread = random_graph(rng, 8, 30)
    runs = [independent_cascade(rng, spread, np.full(30, 0.3), [int(rng.integers(8))], last=2) for _ in range(60)]
    features = rng.normal(size=(30, 2))
    for method in (ExpectationMaximisation(RAW), ExpectationMaximisation(BetaPrior(5)), LogisticActivation(features)):
        fit = fit_activation(cascades_of(runs), spread, method, window=1, observed_until=3)
        assert fit.iterations > 3 and fit.censored > 0
        assert (np.diff(fit.objective) >= -1e-9 * np.abs(fit.objective[1:])).all()
    flat = fit_activation(cascades_of(runs), spread, ExpectationMaximisation(most_iterations=2), window=1)
    assert "2 iterations were not enough to settle" in flat.notes and flat.iterations == 2


# ---- what was planted comes back


def test_errors_shrink_as_data_grow() -> None:
    rng = np.random.default_rng(5)
    spread = random_graph(rng, 12, 40)
    p = rng.uniform(0.05, 0.6, 40)
    error = {}
    for runs in (25, 100, 400, 1600):
        fit = fit_activation(simulated(spread, p, runs, rng=3), spread)
        error[runs] = float(np.sqrt(np.mean((fit.probability - p) ** 2)))
    assert fit.window == 1  # steps were recognised
    assert error[100] < 0.75 * error[25] and error[400] < 0.75 * error[100] and error[1600] < 0.75 * error[400]
    # as good as coins whose sides were seen, but for those that fell together
    ideal = np.sqrt(np.mean(p * (1 - p) / fit.trials))
    assert ideal < 1.5 * error[1600] and error[1600] < 2 * ideal


def test_weights_of_features_come_back() -> None:
    rng = np.random.default_rng(6)
    spread = random_graph(rng, 14, 80)
    features = rng.normal(size=(80, 2))
    truth = np.array([-1.5, 1.0, -0.7])
    p = expit(truth[0] + features @ truth[1:])
    error = []
    for runs in (4, 64, 1024):
        fit = fit_activation(simulated(spread, p, runs, rng=11), spread, LogisticActivation(features, ridge=0.1))
        error.append(float(np.abs(fit.weights - truth).max()))
    assert error[2] < 0.5 * error[0] and error[2] < 0.04
    np.testing.assert_allclose(fit.probability, expit(fit.weights[0] + features @ fit.weights[1:]), rtol=1e-5)


def test_a_fit_is_an_activation() -> None:
    spread = SpreadGraph.from_edges([0, 1], [1, 2], ids=["ann", "bob", "cy"])
    fit = fit_activation(cascades_of([[("ann", 0), ("bob", 1), ("cy", 2)]] * 2), spread, window=1)
    runs = simulate(IndependentCascade(fit), ["ann"], runs=5, rng=1)
    assert len(runs) == 5 and fit.fitted and not fit.probability.flags.writeable
    table = fit.to_polars()
    assert table.columns == ["source", "target", "probability", "trials", "successes"]
    assert table["source"].to_list() == ["ann", "bob"] and "EM for independent cascade, window 1" in repr(fit)


# ---- censoring


def one_probability(cascades: CascadeSet, spread: SpreadGraph, **settings: object) -> tuple[float, float]:
    """The one probability of all edges, and its standard error."""
    fit = fit_activation(cascades, spread, LogisticActivation(np.zeros((spread.num_edges, 0))), **settings)  # type: ignore[arg-type]
    p = float(fit.probability[0])
    return p, float(np.sqrt(p * (1 - p) / fit.trials.sum()))


def test_cut_runs_bias_only_a_fit_that_takes_them_for_finished() -> None:
    rng = np.random.default_rng(8)
    spread = random_graph(rng, 200, 600)
    runs = [independent_cascade(rng, spread, np.full(600, 0.4), [int(s)], last=2) for s in rng.integers(0, 200, 600)]
    naive, error = one_probability(cascades_of(runs), spread, window=1)
    assert naive < 0.4 - 4.5 * error and naive < 0.3
    told, error = one_probability(cascades_of(runs), spread, window=1, observed_until=3)
    assert abs(told - 0.4) < 4.5 * error
    # nobody said until when: the last member of those that were cut says it
    cut = [max(moment for _, moment in run) == 2 for run in runs]
    guessed, error = one_probability(cascades_of(runs, censored=cut), spread, window=1)
    assert abs(guessed - 0.4) < 4.5 * error


def test_what_counts_does_not_depend_on_the_outcome() -> None:
    rng = np.random.default_rng(9)
    spread, window, end, p = SpreadGraph.from_edges([0], [1]), 4.0, 10.0, 0.3
    began = rng.uniform(0, end, 20_000)
    reached = np.where(rng.random(20_000) < p, began + rng.uniform(0, window, 20_000), np.inf)
    runs: list[Run] = [[(0, a), (1, b)] if b < end else [(0, a)] for a, b in zip(began, reached, strict=True)]
    cascades = cascades_of(runs)
    told, error = one_probability(cascades, spread, window=window, observed_until=end)
    assert abs(told - p) < 4.5 * error
    naive, error = one_probability(cascades, spread, window=window)
    assert naive < p - 4.5 * error
    # successes of open windows, without their failures, would lie on the other side
    closed = began + window < end
    eager = (reached < end).sum() / ((reached < end) | closed).sum()
    assert eager > p + 4.5 * error


def test_open_exposures_explain_but_are_no_trials() -> None:
    # 1 began so late that its window reaches beyond the end; it takes its share of 2's activation from 0
    cascades = cascades_of([[(0, 0), (1, 6), (2, 7)]] * 4 + [[(0, 0), (1, 6)]] * 4)
    fit = fit_activation(cascades, TWO_INTO_ONE, PartialCredit(prior=RAW), window=8, observed_until=9)
    assert fit.trials.tolist() == [8, 0] and fit.censored == 8
    assert fit.probability[0] == pytest.approx(4 * 0.5 / 8)


# ---- honesty and bad input


def test_known_until() -> None:
    spread = SpreadGraph([0, 1, 1], [1], known_until=20)
    runs: list[Run] = [[(0, 0), (1, 5)], [(0, 2)]]
    fit = fit_activation(cascades_of(runs, True, known_until=15), spread, window=5)
    assert fit.known_until == 20 and fit.fitted
    assert fit_activation(cascades_of(runs), SpreadGraph.from_edges([0], [1]), window=5).known_until is None
    for later in (cascades_of(runs, True, known_until=30), cascades_of(runs)):
        with pytest.raises(LeakageError, match=r"activation fitted on these cascades knows .* but the graph ends at"):
            fit_activation(later, spread, window=5)
    allowed = fit_activation(cascades_of(runs, True, known_until=30), spread, window=5, allow_future_model=True)
    assert allowed.known_until == 30
    decay = PartialCredit(decay=ExponentialDecay(3.0, known_until=25))
    with pytest.raises(LeakageError, match="what came before 1970-01-01 00:00:25Z"):
        fit_activation(cascades_of(runs, True, known_until=15), spread, decay, window=5)


def test_members_that_are_not_in_the_graph_are_counted_and_named() -> None:
    spread = SpreadGraph.from_edges([0], [1], ids=["ann", "bob"])
    fit = fit_activation(cascades_of([[("ann", 0), ("zed", 1), ("bob", 2)]]), spread)
    assert "1 of 3 members, of 1 ids such as 'zed', are not in the graph" in fit.notes
    digits = SpreadGraph.from_edges([0], [1], ids=["0", "1"])
    assert fit_activation(cascades_of([[(0, 0), (1, 1)]]), digits).notes == ()
    with pytest.raises(SchemaError, match=r"none of the 2 members is in the graph, such as 'anna'.* mean 'ann'"):
        fit_activation(cascades_of([[("anna", 0), ("zed", 1)]]), spread)


GOOD = cascades_of([[(0, 0), (2, 1)], [(1, 0)]])


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (lambda: LogisticActivation(np.zeros(2)), r"edge features got shape \(2,\), expected \[edge, feature\]"),
        (lambda: LogisticActivation([[0.0], [np.nan]]), r"edge features got nan at \[1, 0\]"),
        (lambda: LogisticActivation(np.zeros((3, 1))), "edge features got 3 rows, expected 2, one per edge"),
        (lambda: LogisticActivation(np.zeros((2, 1)), ridge=-1), "ridge=-1"),
        (lambda: BetaPrior(-1), "prior got trials=-1, expected a number at least 0, or None"),
        (lambda: BetaPrior(1, mean=1.5), r"prior got mean=1.5, expected a number of \[0, 1\], or None"),
        (lambda: ExpectationMaximisation(prior=0.3), "got prior=0.3, expected a BetaPrior"),
        (lambda: ExpectationMaximisation(most_iterations=0), "most_iterations=0"),
        (lambda: ExpectationMaximisation(tolerance=float("nan")), "tolerance=nan"),
        (lambda: PartialCredit(decay=ExponentialDecay()), "expected one with its parameter"),
        (lambda: PartialCredit(False, decay=ExponentialDecay(1.0)), "with shared=False it is not"),
        (lambda: ExpectationMaximisation, "expected one such as"),
        (lambda: "em", "got method='em', expected one such as"),
    ],
)
def test_bad_settings(method: object, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        fit_activation(GOOD, TWO_INTO_ONE, method(), window=1)  # type: ignore[operator]


def test_bad_data() -> None:
    with pytest.raises(SchemaError, match="got list, expected a CascadeSet"):
        fit_activation([[0, 1]], TWO_INTO_ONE)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got ndarray, expected a SpreadGraph"):
        fit_activation(GOOD, np.zeros(3))  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got 0 cascades"):
        fit_activation(cascades_of([]), TWO_INTO_ONE)
    for window in (0, -1, float("nan"), "day", True):
        with pytest.raises(SchemaError, match="got window="):
            fit_activation(GOOD, TWO_INTO_ONE, window=window)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match=r"all 2 were still open when the observation ended; state .*window="):
        fit_activation(cascades_of([[(0, 0), (2, 1)], [(1, 0)]], True, known_until=9), TWO_INTO_ONE)
    with pytest.raises(SchemaError, match="no exposure has a known outcome: none began"):
        fit_activation(cascades_of([[(2, 0)]]), TWO_INTO_ONE)
