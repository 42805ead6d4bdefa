"""Weights of rare targets: by hand, by brute force, and in the losses and models that take them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.learn import Task
from graphsocial.learn.tail_weights import LONG_TAILS, LongTail, bin_weights, bins_of, example_weights
from graphsocial.nn.heads import SizeHead, Standardised
from graphsocial.nn.heads.tail_bins import TAIL_BINS, TAIL_LOW, TAIL_WIDTH, tail_bin
from tests.learn.small_training import small_trainer, trained, world_graph


def test_weights_by_hand():
    assert bin_weights([3, 0, 1], "inverse", spread=0).tolist() == pytest.approx([2 / 3, 0, 2])
    # 1 / sqrt(3), 1: 4 examples sum to sqrt(3) + 1
    scale = 4 / (math.sqrt(3) + 1)
    assert bin_weights([3, 0, 1], "sqrt_inverse", spread=0).tolist() == pytest.approx([scale / math.sqrt(3), 0, scale])
    assert bin_weights([3, 0, 1], "none").tolist() == [1, 0, 1]
    # bins of 1, 9 and 81 counts: densities 3, 0, 1 / 81, so roots of 3 and of 1 / 81
    scale = 4 / (math.sqrt(3) + 9)
    found = bin_weights([3, 0, 1], "sqrt_inverse_count", growth=9, spread=0)
    assert found.tolist() == pytest.approx([scale / math.sqrt(3), 0, scale * 9])
    # a kernel of one bin to each side, exp(-1/2) beside the middle: densities 2 + e, 1 + 2 e
    e = math.exp(-0.5)
    found = bin_weights([2, 1], "inverse", spread=1)
    scale = 3 / (2 / (2 + e) + 1 / (1 + 2 * e))
    assert found.tolist() == pytest.approx([scale / (2 + e), scale / (1 + 2 * e)])


@given(st.lists(st.floats(0, 14), min_size=1, max_size=60), st.sampled_from(LONG_TAILS[1:]))
def test_against_brute_force(target, kind):
    found = example_weights(np.array(target), kind)
    bins = [math.floor(t / 0.5) for t in target]
    near = {d: math.exp(-(d**2) / 8) for d in (-2, -1, 0, 1, 2)}
    density = [sum(near.get(b - other, 0.0) for other in bins) for b in bins]
    if kind == "sqrt_inverse_count":
        density = [each / 2 ** (b / 2) for each, b in zip(density, bins, strict=True)]
    raw = np.array(density) ** (-1.0 if kind == "inverse" else -0.5)
    assert found == pytest.approx(raw / raw.mean())
    assert found.mean() == pytest.approx(1)


def test_edges_and_what_is_refused():
    assert example_weights(np.array([3.0, 3.0]), "inverse").tolist() == [1, 1]
    assert example_weights(np.zeros(0), "inverse").shape == (0,)
    assert example_weights(np.array([1.0, 5.0, 5.0]), "none").tolist() == [1, 1, 1]
    assert bin_weights([0, 0], "inverse").tolist() == [0, 0]
    with pytest.raises(SchemaError, match="Did you mean 'inverse'"):
        bin_weights([1], "inverse_")
    with pytest.raises(SchemaError, match="unknown long_tail 'x'"):
        example_weights(np.ones(2), "x")


def test_bins_agree_with_those_of_the_loss():
    target = np.linspace(-6, 20, 300)
    theirs = tail_bin(torch.as_tensor(target)).tolist()
    assert bins_of(target, TAIL_LOW, TAIL_WIDTH, TAIL_BINS).tolist() == theirs


def test_a_loss_with_weights_is_a_weighted_mean():
    head = SizeHead(4)
    output, target = torch.randn(5, 4), torch.rand(5)
    weight = torch.tensor([0.5, 2.0, 1.0, 1.0, 0.5])
    each = torch.stack([head.loss(output[[n]], target[[n]]) for n in range(5)])
    assert head.loss(output, target, weight=weight) == pytest.approx(float((each * weight).mean()), abs=1e-6)
    mask = torch.tensor([True, False, True, False, False])
    some = head.loss(output, torch.where(mask, target, torch.nan), mask, weight)
    assert float(some) == pytest.approx(float((each * weight)[[0, 2]].mean()), abs=1e-6)
    assert torch.equal(head.loss(output, target), head.loss(output, target, weight=torch.ones(5)))


def test_a_standardised_head_finds_its_weights():
    tail = [0.0] * TAIL_BINS
    tail[16], tail[24] = 1.0, 3.0  # bins of 0 and of two standard deviations
    plain = Standardised(SizeHead(4), center=1.0, scale=2.0)
    weighted = Standardised(plain.head, center=1.0, scale=2.0, tail=tail)
    output = torch.randn(2, 4)
    each = [float(plain.loss(output[[n]], torch.tensor([t]))) for n, t in ((0, 1.0), (1, 5.0))]
    found = weighted.loss(output, torch.tensor([1.0, 5.0]))
    assert float(found) == pytest.approx((each[0] + 3 * each[1]) / 2, rel=1e-5)
    assert "tail" in weighted.state_dict() and "tail" not in plain.state_dict()


def test_the_popularity_head_weighs_rare_counts(tmp_path):
    task = Task.popularity(column="reposts", long_tail="inverse")
    train = small_trainer([task]).examples(world_graph(), "train")["popularity"]
    fitted = task.fit_head(train)
    place = bins_of((np.log1p(train.target) - fitted.center) / fitted.scale, TAIL_LOW, TAIL_WIDTH, TAIL_BINS)
    weight = np.array(fitted.tail)[place]
    assert weight.mean() == pytest.approx(1)
    crowded = np.bincount(place).argmax()
    assert weight[place == crowded].max() < 1 < weight.max()
    assert task.fit_head(train) == fitted and replace(task, long_tail="none").fit_head(train).tail == ()
    done = trained(small_trainer([task], epochs=1))
    done.save(tmp_path / "m.safetensors")
    again = type(done).open(tmp_path / "m.safetensors")
    assert again.task("popularity").long_tail == "inverse"
    assert again.model.heads["popularity"].tail.tolist() == pytest.approx(list(fitted.tail))
    plain = trained(small_trainer([Task.popularity(column="reposts")], epochs=1))
    assert done.history[0]["losses"] != plain.history[0]["losses"]


def test_every_kind_is_known():
    assert LONG_TAILS == get_args(LongTail)
