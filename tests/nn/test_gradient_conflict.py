"""Gradients of two and three tasks over two parameters, by hand; watching changes nothing."""

from __future__ import annotations

import math

import pytest
import torch
from torch import tensor
from torch.nn import Parameter

from graphsocial.errors import SchemaError
from graphsocial.nn.balancing import MeanBalance, PCGrad, UncertaintyBalance, balance_from_name, balance_name
from graphsocial.nn.balancing.balance_names import BALANCE_NAMES
from graphsocial.nn.balancing.gradient_conflict import GradientConflict


def losses_of(shared: Parameter, **directions: list[float]) -> dict[str, torch.Tensor]:
    return {name: shared @ tensor(direction) for name, direction in directions.items()}


def test_cosine_conflicts_and_lengths_by_hand():
    shared, watch = Parameter(tensor([1.0, 1.0])), GradientConflict(MeanBalance())
    watch.backward(losses_of(shared, b=[0.0, 2.0], a=[1.0, -1.0]), [shared])  # cosine -1 / sqrt 2
    watch.backward(losses_of(shared, b=[3.0, 0.0], a=[1.0, 0.0]), [shared])  # cosine 1
    watch.backward(losses_of(shared, a=[1.0, 0.0]), [shared])  # one task alone
    watch.backward(losses_of(shared, b=[0.0, 0.0], a=[1.0, 0.0]), [shared])  # no gradient
    (pair,) = watch.conflicts()
    assert (pair.tasks, pair.steps, pair.conflicting) == (("a", "b"), 2, 0.5)
    assert pair.mean_cosine == pytest.approx((1 - 1 / math.sqrt(2)) / 2)
    lengths = 2 * math.sqrt(2) * 2 / (2 + 4), 2 * 3 / (1 + 9)
    assert pair.magnitude == pytest.approx(sum(lengths) / 2)
    assert pair.thirds[0] == pytest.approx(-1 / math.sqrt(2)) and pair.thirds[1] == pytest.approx(1)
    assert math.isnan(pair.thirds[2])


def test_every_pair_of_three_and_every_second_step():
    shared, watch = Parameter(tensor([1.0, 1.0])), GradientConflict(MeanBalance(), every=2)
    for _ in range(5):
        watch.backward(losses_of(shared, a=[1.0, 0.0], b=[-1.0, 0.0], c=[0.0, 1.0]), [shared])
    found = {pair.tasks: pair for pair in watch.conflicts()}
    assert set(found) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert found["a", "b"].mean_cosine == -1 and found["a", "c"].mean_cosine == 0
    assert {pair.steps for pair in found.values()} == {3}
    assert found["a", "c"].conflicting == 0.0


@pytest.mark.parametrize("name", BALANCE_NAMES)
def test_watching_changes_no_gradient(name: str):
    grads, values = [], []
    for watched in (False, True):
        balance = balance_from_name(name, ["a", "b"])
        if hasattr(balance, "generator"):
            balance.generator = torch.Generator().manual_seed(3)
        used = GradientConflict(balance) if watched else balance
        shared, own = Parameter(tensor([1.0, 2.0])), Parameter(tensor(1.0))
        losses = losses_of(shared, a=[1.0, 0.0], b=[-1.0, 1.0])
        losses["b"] = losses["b"] * own
        values.append(float(used.backward(losses, [shared])))
        grads.append([*shared.grad.tolist(), float(own.grad)])
    assert grads[0] == grads[1] and values[0] == values[1]


def test_the_balance_inside_keeps_its_generator_and_its_parameters():
    watch, generator = GradientConflict(PCGrad()), torch.Generator().manual_seed(7)
    watch.generator = generator
    assert watch.balance.generator is generator
    assert not hasattr(GradientConflict(MeanBalance()), "generator")
    assert len(list(GradientConflict(UncertaintyBalance(["a", "b"])).parameters())) == 2
    with pytest.raises(SchemaError, match="every=0"):
        GradientConflict(MeanBalance(), every=0)


def test_a_checkpoint_opens_without_the_watch():
    plain = UncertaintyBalance(["a", "b"])
    watch = GradientConflict(plain)
    assert balance_name(watch) == "uncertainty"
    assert set(watch.state_dict()) == set(plain.state_dict())
    watch.load_state_dict({name: torch.tensor(2.0) for name in watch.state_dict()})
    assert float(plain.log_variance["a"]) == 2.0
