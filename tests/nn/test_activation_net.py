from __future__ import annotations

import numpy as np
import torch
from scipy.stats import poisson

from graphsocial.nn.activation_net import HIGHEST, ActivationNet, ActivationNetConfig, hazard
from graphsocial.nn.fixed_scale import FARTHEST, FixedScale
from graphsocial.nn.narrowed_content import NarrowedContent
from graphsocial.nn.seeding import seeded
from graphsocial.nn.virality_net import ViralityNet, ViralityNetConfig


def test_a_post_without_a_modality_reads_the_null_and_nothing_else() -> None:
    with seeded(0):
        narrowed = NarrowedContent({"text": 5, "image": 3}, 2, 0.0)
    narrowed.null["image"].data += 0.5
    text = torch.nn.functional.normalize(torch.ones(2, 5), dim=-1)
    image = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    out = narrowed({"text": text, "image": image})
    assert out[0, :2].tolist() == [0.5, 0.5]  # image comes first: modalities stand in order of their names
    assert torch.equal(out[0, 2:], out[1, 2:]) and not torch.equal(out[0, :2], out[1, :2])


def test_scale_cuts_outliers_and_leaves_constants_out() -> None:
    scale = FixedScale(3)
    scale.fit(torch.tensor([[0.0, 5.0, 1e8], [2.0, 5.0, 1e8]]))
    out = scale(torch.tensor([[1e9, 6.0, 0.0], [1.0, 5.0, 1e8]]))
    assert out.tolist() == [[FARTHEST, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_only_the_pair_term_depends_on_the_pair() -> None:
    with seeded(1):
        net = ActivationNet(2, 3, 4, {}, ActivationNetConfig(pair=8, node=8)).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.5, generator=torch.Generator().manual_seed(parameter.numel()))
    draw = torch.Generator().manual_seed(0)
    user, context = torch.randn(5, 3, generator=draw), torch.randn(1, 4, generator=draw)
    sent = net.sent(user, torch.zeros(5, 0), context.expand(5, -1), torch.ones(5, 1))
    unsent = net.sent(user, torch.zeros(5, 0), context.expand(5, -1), torch.zeros(5, 1))
    assert not torch.equal(sent, unsent)  # who acted before the question sends otherwise
    assert net.post(context, {}).shape == (1,)
    assert len(set(net.pair(torch.randn(5, 2, generator=draw), user, user).tolist())) == 5


def test_hazards_do_not_run_away() -> None:
    assert torch.equal(hazard(torch.tensor([100.0, 0.0])), torch.tensor([HIGHEST, 0.0]).exp())


def test_mixture_likelihood_is_that_of_poisson_laws() -> None:
    mean = np.array([0.1, 1.0, 7.0])
    net = ViralityNet(torch.tensor(mean, dtype=torch.float32), 2, {}, ViralityNetConfig())
    weight = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])
    found = net.log_likelihood(torch.tensor(weight).float().log(), torch.tensor([3.0, 0.0]), torch.tensor([1.0, 0.25]))
    expected = [
        np.log((weight[0] * poisson.pmf(3, mean)).sum()),
        np.log((weight[1] * poisson.pmf(0, mean / 4)).sum()),
    ]
    assert np.allclose(found.numpy(), expected, atol=1e-5)


def test_no_weight_sits_on_one_mean() -> None:
    net = ViralityNet(torch.arange(1.0, 8.0), 1, {}, ViralityNetConfig(dropout=0.0)).eval()
    net.layers[-1].bias.data[3] = 1e3
    weight = net(torch.zeros(1, 1), {}).exp()[0]
    neighbour = float(torch.exp(torch.tensor(-0.5)))
    assert torch.isclose(weight[2] / weight[3], torch.tensor(neighbour), rtol=1e-4)
    assert torch.isclose(weight.sum(), torch.tensor(1.0), rtol=1e-5)
