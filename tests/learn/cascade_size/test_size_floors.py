"""Floors: hand-computed values and recovery of what was simulated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from graphsocial.learn.cascade_size.examples import size_examples
from graphsocial.learn.cascade_size.floors.gradient_boosting import GradientBoosting
from graphsocial.learn.cascade_size.floors.hawkes import expected_more
from graphsocial.learn.cascade_size.floors.log_linear import LogLinear
from graphsocial.learn.cascade_size.floors.mean_size import MeanSize
from graphsocial.learn.cascade_size.floors.power_law_process import KERNEL, Seismic, infectiousness
from graphsocial.learn.cascade_size.floors.simple_floors import size_floors
from graphsocial.learn.cascade_size.simple_features import SIMPLE_COLUMNS, simple_features
from tests.learn.cascade_size.worlds import DAY, HOUR, random_record, record_of

PLATEAU, TAIL, DENSITY = KERNEL.plateau, KERNEL.exponent, KERNEL.height


def kernel(delay: float) -> float:
    return DENSITY * (1.0 if delay <= PLATEAU else (delay / PLATEAU) ** -(1 + TAIL))


def test_mean_and_log_linear_by_hand() -> None:
    # observed 1, 3 and further 3, 15: log2 gives (1, 2) and (2, 4), so the line has slope 2 and intercept 0
    record = record_of((0, [1, *range(60, 63)]), (100, [1, 2, 3, *range(60, 75)]), (200, [1, 2, 3, 4, 5, 6, 7]))
    examples = size_examples(record, 60, None)
    train, test = examples.take(np.arange(2)), examples.take(np.array([2]))
    assert MeanSize().predict(train, test).tolist() == [3.0]
    assert LogLinear().predict(train, test).round(9).tolist() == [6.0]  # 7 observed, log2 8 = 3


def test_simple_features_by_hand() -> None:
    record = record_of((13 * HOUR, [100, 1000, 2000]))
    row = simple_features(size_examples(record, HOUR, None))[0]
    values = dict(zip(SIMPLE_COLUMNS, row.tolist(), strict=True))
    assert values["log observed"] == 2.0
    assert [values[f"log observed in 1/{k}"] for k in (12, 4, 2)] == [1.0, 1.0, np.log2(3)]  # 300, 900, 1800 s
    assert (values["share from the root"], values["log from the root"], values["hour of day"]) == (1.0, 2.0, 13.0)


def test_infectiousness_by_hand() -> None:
    # window 600 s, one answer at 450 s: it weighs (2 * 450 - 600) / 600 = 1/2
    root = quad(lambda u: (2 * u - 600) / 600 * kernel(u), 300, 600)[0]
    event = DENSITY * (150**2 + 300 * 150) / 600  # the triangle times the plateau over its last 150 s
    found = infectiousness(np.array([450]), np.array([0]), 1, 600.0)
    assert found[0] == pytest.approx(0.5 / (root + event), rel=1e-6)


def simulated_ages(branching: float, window: float, rng: np.random.Generator) -> np.ndarray:
    """Ages of the answers of one root inside the window, by drawing the answers of every event."""
    waiting, found = [0.0], []
    while waiting and len(found) < 5000:
        at = waiting.pop()
        u = rng.random(rng.poisson(branching))
        plateau = DENSITY * PLATEAU
        # beyond the plateau's mass invert 1 - (1 - plateau) (d / PLATEAU) ** -TAIL
        delay = np.where(u < plateau, u / DENSITY, PLATEAU * ((1 - u) / (1 - plateau)) ** (-1 / TAIL))
        born = [at + d for d in delay if at + d < window]
        found += born
        waiting += born
    return np.sort(found)


def test_seismic_recovers_a_simulated_branching_ratio() -> None:
    rng, found = np.random.default_rng(1), []
    while len(found) < 30:
        ages = simulated_ages(2.5, 3600.0, rng)
        if len(ages) >= 100:
            found.append(infectiousness(ages, np.zeros(len(ages), dtype=np.int64), 1, 3600.0)[0])
    assert np.mean(found) == pytest.approx(2.5, rel=0.1)


def test_hawkes_by_hand() -> None:
    # root and one event at 0, window 10 s, b = .1: exposure 2 (1 - 1/e), hence k = 1 / exposure
    b, window, ahead = 0.1, 10.0, 5.0
    k = 1 / (2 * (1 - np.exp(-1)))
    memory, growth = 2 * np.exp(-1), b * (k - 1)
    by_hand = k * b * memory * (np.exp(growth * ahead) - 1) / growth
    found = expected_more(np.zeros(1), np.array([0, 1]), window, np.array([ahead]), np.array([b]))
    assert found[0] == pytest.approx(by_hand)


def test_hawkes_picks_the_memory_that_was_simulated() -> None:
    # events in a quick burst and then silence: a short memory expects next to nothing more
    age = np.sort(np.random.default_rng(0).exponential(20, 60))
    offsets, ahead = np.array([0, 60]), np.array([DAY * 1.0])
    both = expected_more(age, offsets, 3600.0, ahead, np.log(2) / np.array([20.0, 36000.0]))
    assert both[0] < 1e-6
    assert both[0] == expected_more(age, offsets, 3600.0, ahead, np.log(2) / np.array([20.0]))[0]


@pytest.mark.parametrize("floor", size_floors(), ids=lambda floor: floor.name)
def test_floors_answer_for_cascades_of_one_event(floor: object) -> None:
    record = record_of(*[(i * DAY, list(range(1, 1 + i % 5))) for i in range(30)], (40 * DAY, []))
    examples = size_examples(record, HOUR, DAY)
    answers = floor.predict(examples.take(np.arange(25)), examples.take(np.arange(25, 31)))  # type: ignore[attr-defined]
    assert answers.shape == (6,) and np.isfinite(answers).all()


def test_a_planted_dependence_is_found() -> None:
    examples = size_examples(random_record(200), HOUR, DAY)
    train, test = examples.take(np.arange(150)), examples.take(np.arange(150, 200))
    spread = np.mean((MeanSize().predict(train, test) - test.target) ** 2)
    for floor in (LogLinear(), GradientBoosting(), Seismic()):
        assert np.mean((floor.predict(train, test) - test.target) ** 2) < 0.5 * spread
    ends = GradientBoosting().quantiles(train, test)
    assert (np.diff(ends, axis=1) >= 0).all()
