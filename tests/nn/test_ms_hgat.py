"""MS-HGAT against its equations written out by hand, on hypergraphs small enough to do so."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from graphsocial.errors import SchemaError
from graphsocial.nn.ms_hgat import MsHgat
from graphsocial.nn.ms_hgat_attention import HypergraphAttention
from graphsocial.nn.ms_hgat_config import MsHgatConfig
from graphsocial.nn.ms_hgat_decoder import Decoder, GatedFusion
from graphsocial.nn.ms_hgat_friendships import FriendConvolution, Friendships
from graphsocial.nn.ms_hgat_hypergraph import HypergraphWindow
from graphsocial.nn.ms_hgat_softmax import masked_ranks, masked_softmax_loss
from graphsocial.nn.ms_hgat_sums import pair_sums
from graphsocial.nn.seeding import seeded

# cascade 0: users 3, 1, 4 (started by 3); cascade 1: user 1 alone (started by 0); cascade 2: users 4 and 0
EDGES = {0: [3, 1, 4], 1: [1], 2: [4, 0]}
ROOTS = {0: 3, 1: 0, 2: 4}
SMALL = MsHgatConfig(channels=4, position_channels=2, heads=2, positions=6)


def tiny_window() -> HypergraphWindow:
    pairs = [(edge, user, ROOTS[edge]) for edge, users in EDGES.items() for user in users]
    cascade, user, root = np.array(pairs[::-1]).T  # the order of the events does not matter
    return HypergraphWindow.of(cascade, user, root)


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def attention_by_hand(layer: HypergraphAttention, x: Tensor, static: Tensor) -> dict[int, Tensor]:
    user, back = layer.user.weight.detach(), layer.edge.weight.detach()
    edges: dict[int, Tensor] = {}
    for edge, users in EDGES.items():
        root = user @ static[ROOTS[edge]]
        odds = [math.exp(-float(torch.dist(user @ x[u], root))) for u in users]
        mean = sum(o / sum(odds) * (user @ x[u]) for o, u in zip(odds, users, strict=True))
        edges[edge] = mean.clamp(min=0)  # type: ignore[union-attr]
    found = {}
    for member in sorted({u for users in EDGES.values() for u in users}):
        mine = [back @ edges[edge] for edge, users in EDGES.items() if member in users]
        mean = (sum(mine) / len(mine)).clamp(min=0)  # type: ignore[union-attr]
        found[member] = (mean - mean.mean()) / (mean.var(unbiased=False) + 1e-5).sqrt()
    return found


def test_hypergraph_attention_is_what_the_equations_say() -> None:
    with seeded(1):
        layer = HypergraphAttention(4).double()
    x, static = normal(5, 4), normal(5, 4, seed=1)
    window = tiny_window()
    assert window.member.tolist() == [0, 1, 3, 4]
    found = layer(x[window.member], static[window.root], window)
    expected = attention_by_hand(layer, x, static)
    for row, member in enumerate(window.member.tolist()):
        torch.testing.assert_close(found[row], expected[member], rtol=1e-9, atol=1e-9)


def test_attention_weights_sum_to_one_and_favour_who_is_near_the_starter() -> None:
    layer = HypergraphAttention(4).double()
    x = normal(5, 4)
    window = tiny_window()
    weight = layer.attention(layer.user(x[window.member]), layer.user(x[window.root]), window)
    sums = [weight[a:b].sum().item() for a, b in zip(window.edge_start[:-1], window.edge_start[1:], strict=True)]
    assert sums == pytest.approx([1.0, 1.0, 1.0])
    first = weight[: window.edge_start[1]]
    starter = window.member[window.pair_member[: window.edge_start[1]]].tolist().index(3)
    assert first.argmax() == starter  # its distance to itself is zero


def test_gradients_of_attention_are_those_of_finite_differences() -> None:
    with seeded(2):
        layer = HypergraphAttention(3).double()
    window = tiny_window()
    inputs = (normal(4, 3).requires_grad_(), normal(3, 3, seed=4).requires_grad_())
    assert torch.autograd.gradcheck(lambda x, root: layer(x, root, window), inputs)


def test_gradients_of_sums_and_convolution() -> None:
    window = tiny_window()
    arguments = (window.pair_member, window.edge_start, window.pair_edge, (window.by_member, window.member_start))
    x, weight = normal(4, 3).requires_grad_(), normal(6, seed=5).requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: pair_sums(a, b, *arguments), (x, weight))
    friends = Friendships.of(np.array([0, 2, 1]), np.array([1, 3, 0]), 4)
    friends = Friendships(friends.friend, friends.start, friends.weight.double())
    with seeded(3):
        layer = FriendConvolution(3).double()
    assert torch.autograd.gradcheck(lambda a: layer(a, friends), (normal(4, 3).requires_grad_(),))


def test_friend_convolution_is_the_dense_product() -> None:
    links = [(0, 1), (1, 0), (2, 1)]
    adjacency = torch.eye(4)
    for a, b in links:
        adjacency[a, b] = adjacency[b, a] = 1
    scale = adjacency.sum(dim=1) ** -0.5
    matrix = scale[:, None] * adjacency * scale
    layer = FriendConvolution(5)
    x = normal(4, 5, dtype=torch.float32)
    friends = Friendships.of(*np.array(links).T, 4)
    torch.testing.assert_close(layer(x, friends), layer.second(matrix @ (matrix @ layer.first(x))))


def test_fusion_is_a_softmax_over_the_two_views() -> None:
    layer = GatedFusion(3).double()
    first, second = normal(7, 3), normal(7, 3, seed=1)
    score = torch.cat([layer.score(layer.inner(view).tanh()) for view in (first, second)], dim=1).softmax(dim=1)
    torch.testing.assert_close(layer(first, second), score[:, :1] * first + score[:, 1:] * second)


def test_prefix_of_a_cascade_is_the_hyperedge_of_the_users_so_far() -> None:
    layer = HypergraphAttention(4).double()
    x, root = normal(2, 5, 4), normal(2, 4, seed=1)
    found = layer.prefixes(x, root)
    projected = layer.user(x[1, :3])
    weight = (-torch.cdist(projected, layer.user(root[1:]))).softmax(dim=0)
    torch.testing.assert_close(found[1, 2], (weight * projected).sum(dim=0).relu())


def test_decoder_is_causal() -> None:
    layer = Decoder(6, 2, 0, 0.0).double()
    x = normal(1, 5, 6)
    changed = x.clone()
    changed[:, 3:] = 9.0
    torch.testing.assert_close(layer(x, None)[:, :3], layer(changed, None)[:, :3])


def test_memory_changes_only_who_took_part_and_a_look_up_sees_closed_windows_only() -> None:
    model = MsHgat(6, 6, SMALL, friends=False, rng=0)
    static, after = model.memory([tiny_window()], [0], None)
    assert (static != after).any(dim=1).tolist() == [True, True, False, True, True, False]
    user = torch.tensor([[1, 4, 3]])
    early, late = (model([static, after], user, torch.tensor([[0, 0, k]])) for k in (0, 1))
    torch.testing.assert_close(early[:, :2], late[:, :2])
    assert not torch.allclose(early[:, 2], late[:, 2])
    never = model([static, after + 100], user, torch.tensor([[0, 0, 0]]))
    torch.testing.assert_close(never, early)


def test_the_memory_does_not_fade_over_many_windows() -> None:
    model = MsHgat(6, 6, SMALL, friends=False, rng=0)
    states = model.memory([tiny_window()] * 200, range(200), None)
    assert states[-1][tiny_window().member].abs().mean() > 0.2


def test_padding_changes_nothing() -> None:
    model = MsHgat(6, 6, SMALL, friends=False, rng=0)
    memory = model.memory([tiny_window()], [0], None)
    user, closed = torch.tensor([[1, 4, 3]]), torch.tensor([[0, 1, 1]])
    padded_user, padded_closed = torch.tensor([[1, 4, 3, 0, 0], [2, 5, 1, 4, 3]]), torch.zeros(2, 5, dtype=torch.int64)
    padded_closed[0, :3] = closed
    alone, together = model(memory, user, closed), model(memory, padded_user, padded_closed)
    torch.testing.assert_close(together[:1, :3], alone)


def test_positions_past_the_last_share_its_encoding() -> None:
    model = MsHgat(6, 6, SMALL, friends=False, rng=0)
    assert (
        model(model.memory([], [], None), torch.zeros(1, 9, dtype=torch.int64), torch.zeros(1, 9, dtype=torch.int64))
        .isfinite()
        .all()
    )


def test_dropout_comes_from_the_generator_alone() -> None:
    model = MsHgat(6, 6, SMALL, friends=False, rng=0)
    before = torch.get_rng_state()
    rows = []
    for seed in (3, 3, 4):
        noise = torch.Generator().manual_seed(seed)
        memory = model.memory([tiny_window()], [0], None, noise)
        rows.append(model(memory, torch.tensor([[1, 4]]), torch.tensor([[0, 1]]), noise))
    assert torch.equal(rows[0], rows[1])
    assert not torch.equal(rows[0], rows[2])
    assert torch.equal(before, torch.get_rng_state())


def masked_case() -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    hidden, weight, bias = normal(5, 3), normal(7, 3, seed=1), normal(7, seed=2)
    taken, start = torch.tensor([0, 0, 1, 5, 0, 1, 2]), torch.tensor([0, 1, 4, 4, 6, 7])
    return hidden, weight, bias, torch.tensor([6, 2, 0, 3, 4]), taken, start


def dense_logits(hidden: Tensor, weight: Tensor, bias: Tensor, taken: Tensor, start: Tensor) -> Tensor:
    logits = hidden @ weight.T + bias
    mask = torch.zeros_like(logits, dtype=torch.bool)
    for row in range(len(hidden)):
        mask[row, taken[start[row] : start[row + 1]]] = True
    return logits.masked_fill(mask, -math.inf)


@pytest.mark.parametrize("entries", [7, 14, 2**21])  # one row per block, two, all
def test_masked_softmax_is_the_dense_one(monkeypatch: pytest.MonkeyPatch, entries: int) -> None:
    monkeypatch.setattr("graphsocial.nn.ms_hgat_softmax._ENTRIES", entries)
    *inputs, target, taken, start = masked_case()
    ours, theirs = ([tensor.clone().requires_grad_() for tensor in inputs] for _ in range(2))
    loss = masked_softmax_loss(*ours, target, taken, start)
    dense = torch.nn.functional.cross_entropy(dense_logits(*theirs, taken, start), target, reduction="sum")
    (2 * loss).backward()
    (2 * dense).backward()
    torch.testing.assert_close(loss, dense)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad)


def test_who_is_taken_is_never_ranked() -> None:
    hidden, weight, bias, target, taken, start = masked_case()
    logits = dense_logits(hidden, weight, bias, taken, start)
    expected = [1.0 + int((row > row[t]).sum()) for row, t in zip(logits, target, strict=True)]
    assert masked_ranks(hidden, weight, bias, target, taken, start).tolist() == expected
    best = bias.clone()
    best[taken[:1]] += 1e6  # the one who is taken in row 0 scores above all
    ranks = masked_ranks(hidden, weight, best, target, taken, start)
    assert ranks[0] == expected[0]
    assert masked_ranks(hidden[:1], weight, bias, taken[:1], taken[:1], start[:2]).tolist() == [math.inf]


@pytest.mark.parametrize("wrong", [{"channels": 0}, {"heads": 5}, {"dropout": 1.0}, {"head_channels": -1}])
def test_sizes_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(SchemaError, match="expected"):
        MsHgatConfig(**wrong)  # type: ignore[arg-type]
