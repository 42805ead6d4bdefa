"""The mixture of Poisson laws: its likelihood by hand, and where training starts."""

import math

import pytest
import torch

from graphsocial.nn.seeding import seeded
from graphsocial.nn.virality_net import ViralityNet, ViralityNetConfig

NARROW = ViralityNetConfig(width=1e-3)  # weights stay where they are put


def net_of(mean: list[float], config: ViralityNetConfig = NARROW) -> ViralityNet:
    with seeded(0):
        return ViralityNet(torch.tensor(mean), 2, {}, config).eval()


def test_the_likelihood_is_that_of_a_mixture_of_poissons():
    log_weight = torch.log(torch.tensor([[0.25, 0.75]]))
    got = net_of([1.0, 4.0]).log_likelihood(log_weight, torch.tensor([2.0]), torch.tensor([0.5]))
    by_hand = 0.25 * math.exp(-0.5) * 0.5**2 / 2 + 0.75 * math.exp(-2.0) * 2.0**2 / 2
    assert math.exp(float(got)) == pytest.approx(by_hand, rel=1e-5)


def test_training_starts_at_the_weights_of_all_posts_alike():
    net = net_of([0.5, 5.0, 50.0])
    count = torch.tensor([0.0] * 60 + [50.0] * 40)
    net.start_at(count, torch.ones(100))
    weight = net(torch.randn(4, 2), {}).exp()
    assert weight[0].tolist() == pytest.approx([0.6, 0.0, 0.4], abs=0.01)
    assert torch.equal(weight[0], weight[3])  # whatever the context


def test_no_other_weights_are_likelier():
    torch.manual_seed(1)
    net = net_of([0.2, 1.0, 3.0, 9.0])
    count = torch.poisson(torch.tensor([0.3, 2.0, 8.0]).repeat(100))
    net.start_at(count, torch.ones(300))
    best = net(torch.zeros(1, 2), {}).exp()[0]
    rows = torch.zeros(300, dtype=torch.long)

    @torch.no_grad()
    def likelihood(weight: torch.Tensor) -> float:
        return float(net.log_likelihood(torch.log(weight)[None][rows], count, torch.ones(300)).mean())

    for i in range(4):
        for step in (-0.02, 0.02):
            other = best.clone()
            other[i] = (other[i] + step).clamp(min=1e-6)
            assert likelihood(other / other.sum()) <= likelihood(best) + 1e-4


def test_windows_cut_short_stand_for_more():
    net = net_of([1.0, 10.0])
    count = torch.full((50,), 5.0)
    net.start_at(count, torch.full((50,), 0.5))
    assert net(torch.zeros(1, 2), {}).exp()[0, 1] > 0.95
    net.start_at(torch.ones(50), torch.ones(50))
    assert net(torch.zeros(1, 2), {}).exp()[0, 0] > 0.95
