"""The next-user network: causal, blind to padding, at the floor before training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from graphsocial.nn import seeded
from graphsocial.nn.next_user_net import Asked, NextUserNet, NextUserNetConfig, Prefix

USERS, EVIDENCE = 12, 5
SMALL = NextUserNetConfig(channels=8, state=8, hidden=8)


def trained(config: NextUserNetConfig = SMALL, content: dict[str, int] | None = None) -> NextUserNet:
    """A net whose weights are all drawn at random, none zero."""
    with seeded(0):
        net = NextUserNet(EVIDENCE, {"text": 3} if content is None else content, config)
        for weight in net.parameters():
            torch.nn.init.normal_(weight, std=0.5)
    return net.eval()


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape).astype(np.float32))


def people(net: NextUserNet, seed: int = 0) -> Tensor:
    code = torch.nn.functional.normalize(draw(USERS, 8, seed=seed), dim=1)
    near = torch.from_numpy(np.random.default_rng(seed).integers(0, USERS, (USERS, 3)))
    return net.user_vectors(code, near, draw(USERS, 3, seed=seed + 1))


def prefix(net: NextUserNet, users: Tensor, members: Tensor, seed: int = 0) -> Prefix:
    return net.read_prefix(
        users, members, draw(*members.shape, 2, seed=seed), {"text": draw(len(members), 3, seed=seed)}
    )


def asked(net: NextUserNet, users: Tensor) -> Asked:
    members = torch.tensor([[0, 1, 2, 3], [7, 6, 5, 4]])
    return prefix(net, users, members).at(torch.tensor([0, 1, 1]), torch.tensor([3, 0, 2]))


@pytest.mark.parametrize(
    "config", [SMALL, NextUserNetConfig(8, 8, 8, hops=0), NextUserNetConfig(8, 8, 8, use_sequence=False)]
)
def test_before_training_there_is_no_residual(config: NextUserNetConfig) -> None:
    with seeded(1):
        net = NextUserNet(EVIDENCE, {"text": 3}, config)
    users = people(net)
    assert (net(asked(net, users), users, draw(3, USERS, EVIDENCE)) == 0).all()


def test_shared_candidates_and_a_row_of_them_each_say_the_same() -> None:
    net = trained()
    users, evidence = people(net), draw(3, USERS, EVIDENCE)
    here = asked(net, users)
    together = net(here, users, evidence)
    assert together.shape == (3, USERS)
    assert together.abs().max() > 0.1
    torch.testing.assert_close(net(here, users.expand(3, -1, -1), evidence), together, rtol=1e-5, atol=1e-5)
    some = torch.tensor([[4, 0], [1, 9], [11, 11]])
    picked = net(here, users[some], evidence.gather(1, some.unsqueeze(-1).expand(-1, -1, EVIDENCE)))
    torch.testing.assert_close(picked, together.gather(1, some), rtol=1e-5, atol=1e-5)


def test_a_candidate_does_not_depend_on_the_others() -> None:
    net = trained()
    users, evidence = people(net), draw(3, USERS, EVIDENCE)
    changed = evidence.clone()
    changed[:, 1:] = 9.0
    here = asked(net, users)
    torch.testing.assert_close(net(here, users, changed)[:, 0], net(here, users, evidence)[:, 0], rtol=0, atol=0)


@pytest.mark.parametrize("config", [SMALL, NextUserNetConfig(8, 8, 8, use_sequence=False)])
def test_later_users_change_no_earlier_state(config: NextUserNetConfig) -> None:
    net = trained(config)
    users = people(net)
    members = torch.tensor([[0, 1, 2, 3, 4]])
    other = torch.tensor([[0, 1, 2, 9, 10]])
    pace, content = draw(1, 5, 2), {"text": draw(1, 3)}
    later = pace.clone()
    later[:, 3:] += 2.0
    one, two = net.read_prefix(users, members, pace, content), net.read_prefix(users, other, later, content)
    for name in ("state", "mean", "last"):
        assert torch.equal(getattr(one, name)[:, :3], getattr(two, name)[:, :3]), name
    assert not torch.equal(one.mean[:, 3], two.mean[:, 3])
    if config.use_sequence:
        assert not torch.equal(one.state[:, 3], two.state[:, 3])


def test_padding_changes_nothing() -> None:
    net = trained()
    users = people(net)
    pace, content = draw(2, 3, 2), {"text": draw(2, 3)}
    short = net.read_prefix(users, torch.tensor([[0, 1, 2], [3, 4, 0]]), pace, content)
    padded = torch.nn.functional.pad(pace, (0, 0, 0, 4), value=7.0)
    long = net.read_prefix(users, torch.tensor([[0, 1, 2, 5, 5, 5, 5], [3, 4, 0, 8, 9, 8, 9]]), padded, content)
    for name in ("state", "mean", "last"):
        torch.testing.assert_close(getattr(long, name)[:, :3], getattr(short, name), rtol=1e-5, atol=1e-6)


def test_cascades_of_a_batch_do_not_mix() -> None:
    net = trained()
    users = people(net)
    pace, content = draw(2, 3, 2), draw(2, 3)
    members = torch.tensor([[0, 1, 2], [3, 4, 5]])
    both = net.read_prefix(users, members, pace, {"text": content})
    alone = net.read_prefix(users, members[1:], pace[1:], {"text": content[1:]})
    torch.testing.assert_close(both.state[1], alone.state[0], rtol=1e-5, atol=1e-6)


def test_a_user_without_neighbours_keeps_its_code() -> None:
    net = trained()
    code = torch.nn.functional.normalize(draw(USERS, 8), dim=1)
    near = torch.zeros(USERS, 3, dtype=torch.long)
    closeness = torch.full((USERS, 3), -torch.inf)
    closeness[1, 0] = 0.0
    vectors = net.user_vectors(code, near, closeness)
    torch.testing.assert_close(vectors[2:], code[2:])
    assert (vectors[1] - code[1]).abs().max() > 1e-3
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(USERS))


def test_before_training_attention_is_shared_by_the_counts() -> None:
    """Weights 1 for oneself and 1, 3 for the two neighbours, by hand."""
    with seeded(0):
        net = NextUserNet(EVIDENCE, {}, NextUserNetConfig(8, 8, 8, hops=1))
    code = torch.eye(3, 8)
    near, closeness = torch.zeros(3, 3, dtype=torch.long), torch.full((3, 3), -torch.inf)
    near[0, :2], closeness[0, :2] = torch.tensor([1, 2]), torch.tensor([1.0, 3.0]).log()
    wanted = torch.tensor([1.0, 1.0, 3.0]) / np.sqrt(11)
    torch.testing.assert_close(net.user_vectors(code, near, closeness)[0, :3], wanted)


def test_unused_neighbours_do_not_matter() -> None:
    net = trained()
    code = torch.nn.functional.normalize(draw(USERS, 8), dim=1)
    closeness = torch.full((USERS, 3), -torch.inf)
    closeness[:, 0] = 0.3
    near = torch.from_numpy(np.random.default_rng(0).integers(0, USERS, (USERS, 3)))
    other = near.clone()
    other[:, 1:] = 5
    assert torch.equal(net.user_vectors(code, near, closeness), net.user_vectors(code, other, closeness))


def test_gradients_are_finite_where_there_are_no_neighbours() -> None:
    net = trained()
    code = torch.nn.functional.normalize(draw(USERS, 8), dim=1)
    users = net.user_vectors(code, torch.zeros(USERS, 3, dtype=torch.long), torch.full((USERS, 3), -torch.inf))
    net(asked(net, users), users, draw(3, USERS, EVIDENCE)).sum().backward()
    assert all(w.grad is None or bool(w.grad.isfinite().all()) for w in net.parameters())


def test_size_quantiles_ascend_and_the_end_has_odds() -> None:
    net = trained()
    here, context = asked(net, people(net)), draw(3, 4) * 20
    quantiles = net.size_quantiles(here, context)
    assert quantiles.shape == (3, 3)
    assert (quantiles.diff(dim=1) >= 0).all()
    assert net.end_logit(here, context).shape == (3,)


def test_content_is_read() -> None:
    net, members = trained(), torch.tensor([[0, 1, 2]])
    users = people(net)
    one, two = (
        net.read_prefix(users, members, draw(1, 3, 2), {"text": draw(1, 3, seed=seed)}).state for seed in (1, 2)
    )
    assert not torch.equal(one, two)
