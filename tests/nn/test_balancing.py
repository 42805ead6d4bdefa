"""Gradients of two tasks over two parameters, by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import tensor
from torch.nn import Parameter

from graphsocial.errors import SchemaError
from graphsocial.nn.balancing import MeanBalance, PCGrad, UncertaintyBalance, balance_from_name, balance_name


def problem(first, second):
    """Two losses linear in a shared weight, each with a parameter of its own."""
    shared, own_a, own_b = Parameter(tensor([1.0, 1.0])), Parameter(tensor(2.0)), Parameter(tensor(3.0))
    losses = {"a": shared @ tensor(first) + own_a, "b": shared @ tensor(second) + 4 * own_b}
    return losses, shared, own_a, own_b


def test_mean():
    losses, shared, a, b = problem([1.0, 0.0], [-1.0, 1.0])
    assert float(MeanBalance().backward(losses, [shared])) == pytest.approx((3 + 12) / 2)
    assert shared.grad.tolist() == [0.0, 0.5]
    assert (float(a.grad), float(b.grad)) == (0.5, 2.0)


def test_pcgrad_projects_conflicts():
    losses, shared, a, b = problem([1.0, 0.0], [-1.0, 1.0])
    assert float(PCGrad().backward(losses, [shared])) == pytest.approx(7.5)
    # g1 = (1, 0), g2 = (-1, 1), product -1. g1 + g2/2 = (.5, .5); g2 + g1 = (0, 1). Mean: (.25, .75).
    torch.testing.assert_close(shared.grad, tensor([0.25, 0.75]))
    assert (float(a.grad), float(b.grad)) == (0.5, 2.0)


def test_pcgrad_without_conflict_is_the_mean():
    one, two = problem([1.0, 0.5], [0.5, 1.0]), problem([1.0, 0.5], [0.5, 1.0])
    MeanBalance().backward(one[0], [one[1]])
    PCGrad().backward(two[0], [two[1]])
    for p, q in zip(one[1:], two[1:], strict=True):
        torch.testing.assert_close(p.grad, q.grad)


def test_pcgrad_adds_to_gradients_that_are_there():
    losses, shared, *_ = problem([1.0, 0.0], [-1.0, 1.0])
    shared.grad = tensor([10.0, 10.0])
    PCGrad().backward(losses, [shared])
    torch.testing.assert_close(shared.grad, tensor([10.25, 10.75]))


def test_pcgrad_order_comes_from_its_generator():
    gradients = torch.tensor([[1.0, 0.0, 0.2], [-1.0, 1.0, 0.0], [-0.5, -1.0, 1.0]])

    def run(seed):
        shared = Parameter(torch.zeros(3))
        PCGrad(seed).backward({str(i): shared @ g for i, g in enumerate(gradients)}, [shared])
        return shared.grad

    state = torch.get_rng_state()
    assert torch.equal(run(3), run(3))
    assert len({tuple(run(seed).tolist()) for seed in range(20)}) > 1
    assert torch.equal(state, torch.get_rng_state())
    generator = torch.Generator()
    assert PCGrad(generator).generator is generator


def test_pcgrad_with_parameters_only_some_tasks_use():
    x, y, unused = Parameter(tensor(1.0)), Parameter(tensor([2.0])), Parameter(tensor(5.0))
    PCGrad().backward({"a": 3 * x, "b": -x + y.sum()}, [x, y, unused])
    # g1 = (3, 0), g2 = (-1, 1): product -3. g1 + 3/2 g2 = (1.5, 1.5); g2 + 1/3 g1 = (0, 1). Mean (.75, 1.25).
    assert float(x.grad) == pytest.approx(0.75)
    assert float(y.grad) == pytest.approx(1.25)
    assert float(unused.grad) == 0
    one = Parameter(tensor(1.0))
    PCGrad().backward({"a": one * 2}, [one])
    assert float(one.grad) == 2


def test_uncertainty_by_hand():
    losses, shared, a, b = problem([1.0, 0.0], [-1.0, 1.0])  # losses 3 and 12
    balance = UncertaintyBalance(["b", "a", "c"])
    with torch.no_grad():
        balance.log_variance["b"].fill_(math.log(4))
    total = balance.backward(losses, [shared])
    assert float(total) == pytest.approx((3 + 12 / 4 + math.log(4)) / 2)
    torch.testing.assert_close(shared.grad, tensor([0.5 - 0.125, 0.125]))
    assert (float(a.grad), float(b.grad)) == (0.5, 0.5)
    assert float(balance.log_variance["a"].grad) == pytest.approx((1 - 3) / 2)
    assert float(balance.log_variance["b"].grad) == pytest.approx((1 - 12 / 4) / 2)
    assert balance.log_variance["c"].grad is None
    assert set(balance.state_dict()) == {"log_variance.a", "log_variance.b", "log_variance.c"}


def test_uncertainty_settles_at_the_logarithm_of_the_loss():
    balance = UncertaintyBalance(["a"])
    optimizer = torch.optim.SGD(balance.parameters(), 0.5)
    for _ in range(200):
        optimizer.zero_grad()
        balance.backward({"a": tensor(5.0)}, [])
        optimizer.step()
    assert float(balance.log_variance["a"].detach()) == pytest.approx(math.log(5), abs=1e-3)


def test_names():
    for name in ("mean", "uncertainty", "pcgrad"):
        assert balance_name(balance_from_name(name, ["a"])) == name
    with pytest.raises(SchemaError, match="Did you mean 'pcgrad'"):
        balance_from_name("pcgrd", [])
    with pytest.raises(SchemaError, match="unknown task 'x'"):
        UncertaintyBalance(["a"]).backward({"x": tensor(1.0)}, [])
