"""The learned size model on planted records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.learn.cascade_size.examples import size_examples
from graphsocial.learn.cascade_size.forest_quantiles import QuantileForest
from graphsocial.learn.cascade_size.model import CascadeSizeModel
from graphsocial.learn.cascade_size.size_inputs import size_inputs
from graphsocial.learn.cascade_size.size_model_config import CascadeSizeConfig
from graphsocial.learn.cascade_size.split import size_splits
from graphsocial.nn.cascade_size_net import CascadeSizeNet
from tests.learn.cascade_size.worlds import DAY, HOUR, random_record

QUICK = CascadeSizeConfig.quick()


@pytest.fixture(scope="module")
def parts() -> tuple:
    (split,) = size_splits(random_record(300), "strict", HOUR, DAY)
    return split, *[size_inputs(part) for part in (split.train, split.valid, split.test)]


def test_it_learns_what_is_planted_and_covers(parts: tuple) -> None:
    split, train, valid, test = parts
    found = CascadeSizeModel.fit(train, valid, split.known_until, QUICK, rng=0).predict(test)
    error = np.mean((found.mean - split.test.target) ** 2)
    assert error < 0.4 * np.var(split.test.target)
    inside = (found.ends[:, 0] <= split.test.target) & (split.test.target <= found.ends[:, 1])
    assert inside.mean() > 0.75
    assert (found.ends[:, 0] <= found.ends[:, 1]).all() and (found.ends >= 0).all()


def test_same_seed_same_answers_and_the_global_stream_is_left_alone(parts: tuple) -> None:
    split, train, valid, test = parts
    before = torch.get_rng_state()
    one = CascadeSizeModel.fit(train, valid, split.known_until, QUICK, rng=1).predict(test)
    two = CascadeSizeModel.fit(train, valid, split.known_until, QUICK, rng=1).predict(test)
    assert one.mean.tobytes() == two.mean.tobytes() and one.ends.tobytes() == two.ends.tobytes()
    assert torch.equal(before, torch.get_rng_state())


def test_answers_before_it_was_known_are_refused(parts: tuple) -> None:
    split, train, valid, _ = parts
    model = CascadeSizeModel.fit(train, valid, split.known_until, QUICK, rng=0)
    with pytest.raises(LeakageError, match="known until"):
        model.predict(valid)
    assert len(model.predict(valid, allow_future_model=True).mean) == len(valid)


def test_bad_parts_are_named(parts: tuple) -> None:
    split, train, valid, _ = parts
    nobody = size_inputs(split.train.take(np.arange(0)))
    with pytest.raises(NotFittedError, match="training and calibration"):
        CascadeSizeModel.fit(nobody, valid, 0, QUICK)
    with pytest.raises(NotFittedError, match="training and calibration"):
        CascadeSizeModel.fit(train, nobody, 0, QUICK)
    other = size_inputs(size_examples(random_record(30), HOUR, DAY))
    with pytest.raises(SchemaError, match="two records"):
        CascadeSizeModel.fit(train, other, 0, QUICK)


def test_before_training_the_network_is_its_floor() -> None:
    net = CascadeSizeNet(columns=4, slice_columns=3, channels=8).eval()
    floor = torch.tensor([0.5, 7.0])
    out = net(torch.randn(2, 4), torch.randn(2, 6, 3), floor)
    assert torch.equal(out[:, 0], floor)
    assert (out[:, 1:].diff(dim=1) > 0).all()


def test_the_network_reads_slices_in_order() -> None:
    net = CascadeSizeNet(columns=2, slice_columns=1, channels=8).eval()
    slices = torch.randn(1, 5, 1)
    states, _ = net.reader(torch.tanh(net.slice_in(slices)))
    slices[:, 4] = 9.0
    later, _ = net.reader(torch.tanh(net.slice_in(slices)))
    assert torch.equal(states[:, :4], later[:, :4]) and not torch.equal(states[:, 4], later[:, 4])


def test_rare_sizes_count_more_and_intervals_stay(parts: tuple) -> None:
    split, train, valid, test = parts
    plain = CascadeSizeModel.fit(train, valid, split.known_until, QUICK, rng=0).predict(test)
    heavy = replace(QUICK, long_tail="inverse")
    found = CascadeSizeModel.fit(train, valid, split.known_until, heavy, rng=0).predict(test)
    assert np.array_equal(plain.ends, found.ends)
    target = split.test.target
    tail = target >= np.quantile(target, 0.9)
    assert not np.array_equal(plain.mean, found.mean)
    assert (found.mean - plain.mean)[tail].mean() > (found.mean - plain.mean)[~tail].mean()


def test_a_weighted_forest_of_one_leaf_is_the_weighted_mean() -> None:
    y, weight = np.array([1.0, 2.0, 3.0, 6.0]), np.array([1.0, 1.0, 1.0, 5.0])
    forest = QuantileForest(np.zeros((4, 1)), y, trees=2, leaf=4, seed=0, weight=weight)
    assert forest.mean(np.zeros((1, 1))) == pytest.approx([36 / 8])
