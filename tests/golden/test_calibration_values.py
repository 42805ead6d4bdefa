"""Conformal offsets and temperatures, worked out by hand, then against what they promise."""

import numpy as np
import pytest

from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.learn.calibration import ConformalWidening, Temperature, newest_block

LEVELS = (0.1, 0.5, 0.9)


def test_conformal_offset_by_hand():
    # intervals [0, 2], targets 1 to 9: scores max(0 - y, y - 2) = -1 … 7; rank ceil(10 * .8) = 8, the 8th is 6
    prediction = np.tile([0.0, 1.0, 2.0], (9, 1))
    fitted = ConformalWidening.fit(prediction, np.arange(1.0, 10.0), LEVELS, known_until=100)
    assert fitted == ConformalWidening(LEVELS, (6.0, 0.0, 6.0), 9, 100)
    assert fitted.apply(np.array([[0.0, 1.0, 2.0]]), as_of=100).tolist() == [[-6.0, 1.0, 8.0]]


def test_intervals_that_were_too_wide_shrink_and_never_cross():
    prediction = np.tile([-10.0, 0.0, 10.0], (9, 1))
    fitted = ConformalWidening.fit(prediction, np.zeros(9), LEVELS, known_until=0)
    assert fitted.offsets == (-10.0, 0.0, -10.0)
    assert fitted.apply(np.array([[-1.0, 0.0, 1.0]]), as_of=0).tolist() == [[-9.0, 0.0, 9.0]]


def test_coverage_is_what_was_promised():
    rng = np.random.default_rng(0)
    target = rng.normal(size=4000)
    narrow = np.tile([-0.3, 0.0, 0.3], (4000, 1))
    fitted = ConformalWidening.fit(narrow[:2000], target[:2000], LEVELS, known_until=0)
    low, _, high = fitted.apply(narrow[2000:], as_of=0).T
    assert ((low <= target[2000:]) & (target[2000:] <= high)).mean() == pytest.approx(0.8, abs=0.03)


def test_too_few_examples_are_refused_not_stretched():
    one_short, enough = np.zeros((8, 2)), np.zeros((9, 2))
    with pytest.raises(NotFittedError, match="intervals of 90% need at least 9 calibration examples, got 8"):
        ConformalWidening.fit(one_short, np.zeros(8), (0.05, 0.95), known_until=0)
    ConformalWidening.fit(enough, np.zeros(9), (0.05, 0.95), known_until=0)
    with pytest.raises(SchemaError, match="symmetric"):
        ConformalWidening.fit(enough, np.zeros(9), (0.1, 0.95), known_until=0)


def test_temperature_by_hand():
    # always (.8, .2), right in 2 of 3: the best is p = 2/3, so 4 ** (1 / T) = 2 and T = 2
    fitted = Temperature.fit(np.tile([0.8, 0.2], (3, 1)), np.array([0, 0, 1]), known_until=50)
    assert fitted.temperature == pytest.approx(2.0, abs=1e-4)
    assert fitted.apply(np.array([[0.8, 0.2]]), as_of=50) == pytest.approx(np.array([[2 / 3, 1 / 3]]), abs=1e-4)


def test_temperature_keeps_the_order_and_survives_extremes():
    probability = np.array([[1.0, 0.0, 0.0], [0.2, 0.5, 0.3]], dtype=np.float32)
    fitted = Temperature.fit(probability, np.array([0, 1]), known_until=0)
    assert 1 / 20 <= fitted.temperature <= 20  # always right: as sharp as allowed
    after = fitted.apply(probability, as_of=0)
    assert np.allclose(after.sum(axis=1), 1) and (after.argmax(axis=1) == probability.argmax(axis=1)).all()
    assert Temperature.fit(np.full((4, 2), 0.5), np.zeros(4), known_until=0).temperature == 1.0


def test_a_calibration_from_the_future_is_refused():
    widening, temperature = ConformalWidening(LEVELS, (1.0, 0.0, 1.0), 9, 100), Temperature(2.0, 9, 100)
    for fitted, prediction in ((widening, np.zeros((1, 3))), (temperature, np.full((1, 2), 0.5))):
        with pytest.raises(LeakageError, match="allow_future_model=True"):
            fitted.apply(prediction, as_of=99)
        fitted.apply(prediction, as_of=99, allow_future_model=True)


def test_wrong_input_is_named():
    with pytest.raises(NotFittedError):
        Temperature.fit(np.zeros((0, 2)), np.zeros(0), known_until=0)
    with pytest.raises(SchemaError, match="class codes 0 to 2"):
        Temperature.fit(np.full((2, 2), 0.5), np.array([0, 2]), known_until=0)
    with pytest.raises(SchemaError, match="finite"):
        Temperature.fit(np.full((2, 2), np.nan), np.array([0, 1]), known_until=0)
    with pytest.raises(SchemaError, match=r"expected \[example, 3\]"):
        ConformalWidening(LEVELS, (1.0, 0.0, 1.0), 9, 100).apply(np.zeros((1, 2)), as_of=100)


def test_newest_block_never_splits_equal_times():
    time = np.array([5, 1, 5, 3, 5, 5])
    assert newest_block(time, 0.2).tolist() == [True, False, True, False, True, True]
    assert newest_block(time, 1.0).all() and not len(newest_block(np.zeros(0)))
