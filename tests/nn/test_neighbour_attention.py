"""Attention on the CPU without copies: the padded path's numbers, weights and gradients, on any number of threads."""

import pytest
import torch

from graphsocial.graph.threads import over_items
from graphsocial.nn import neighbour_attention as module
from graphsocial.nn.neighbour_attention import Neighbourhood, neighbour_attention
from graphsocial.nn.neighbour_table import build_neighbour_table
from tests.nn.test_segment_attention import AUTHOR, FOLLOW, layer_inputs

SIZES = [(3, 16, 2), (1, 8, 4), (2, 24, 3), (3, 20, 4)]


def both_ways(layer, table, users=9, posts=6, seed=1):
    """Update, reached slots, weights by bucket, and gradients, through compiled loops and through padded buckets."""
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(users + posts, layer.slots, layer.channels, generator=rng).requires_grad_()
    present = torch.rand(users + posts, layer.slots, generator=rng) < 0.6
    age = {e: torch.rand(len(kept), generator=rng) * 1e5 for e, kept in table.kept.items()}
    results = []
    for way in ("side by side", "padded"):
        normal = layer.norm(x)
        query = layer._per_type(layer.query, normal, table.target_sizes)
        if way == "padded":
            mixed, reached, weights = layer._padded(query, *layer._rows(x, present, normal, table, age), table)
        else:
            mixed, reached, weights = layer._side_by_side(query, x, present, normal, table, age, True)
        toward = torch.linspace(-1, 1, mixed.numel()).view_as(mixed)
        inputs = {"x": x, **dict(layer.named_parameters())}
        grads = torch.autograd.grad((mixed * toward).sum(), list(inputs.values()), allow_unused=True)
        results.append((mixed.detach(), reached, weights, dict(zip(inputs, grads, strict=True))))
    return results


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize(("slots", "channels", "heads"), SIZES)
@pytest.mark.parametrize("edges", [True, False])
def test_it_equals_padded_buckets(same, slots, channels, heads, edges):
    layer, *_, table = layer_inputs(slots, channels, heads, same, edges=edges)
    (mixed, reached, weights, grads), (padded, also, other, expected) = both_ways(layer, table)
    torch.testing.assert_close(mixed, padded, rtol=1e-4, atol=1e-6)
    assert torch.equal(reached, also)
    assert len(weights) == len(other) == len(table.buckets)
    for a, b in zip(weights, other, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    for name in grads:
        a, b = (g if g is not None else torch.zeros(()) for g in (grads[name], expected[name]))
        assert a.any() or not b.any(), name
        if a.shape == b.shape:
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")


def plain_inputs():
    """Queries, rows, ages, own rows, nulls and the neighbourhood of fifteen targets, with many edges to the first."""
    layer, query, _, there, table = layer_inputs()
    hood = Neighbourhood(
        row=table.source,
        order=table.order,
        bounds=table.bounds,
        kind=torch.arange(15) // 9,
        seen=there[: table.padding],
        held=there[table.padding + 1 :][:15],
        same_modality=False,
        heads=layer.heads,
    )
    rng = torch.Generator().manual_seed(2)
    sizes = (15, 3, 32), (len(table.source), 32), (15, 3, 32), (2, 3, 32)
    return [query, *(torch.randn(size, generator=rng) for size in sizes)], hood


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_no_bit(threads, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 1)
    inputs, hood = plain_inputs()
    found = []
    for count in (1, threads):
        asked = []

        def counted(kernel, items, wanted, *rest, chunk, asked=asked):
            asked.append((kernel.__name__, wanted, items // chunk > wanted))
            over_items(kernel, items, wanted, *rest, chunk=chunk)

        monkeypatch.setattr(module, "over_items", counted)
        monkeypatch.setattr(module.torch, "get_num_threads", lambda count=count: count)
        leaves = [x.clone().requires_grad_() for x in inputs]
        mixed = neighbour_attention(*leaves, hood).mixed
        grads = torch.autograd.grad((mixed * torch.linspace(-1, 1, mixed.numel()).view_as(mixed)).sum(), leaves)
        found.append([mixed.detach(), *grads])
        assert asked == [(name, count, True) for name in ("attend", "attend_backward", "rows_backward")]
    for a, b in zip(*found, strict=True):
        assert torch.equal(a, b)


def test_one_edge_by_hand():
    """A target that holds value 3 itself and sees a neighbour's 1 + 1 by age: the softmax of logits 0 and 2."""
    hood = Neighbourhood(
        row=torch.tensor([0]),
        order=torch.tensor([0]),
        bounds=torch.tensor([0, 1]),
        kind=torch.tensor([0]),
        seen=torch.tensor([[True]]),
        held=torch.tensor([[True]]),
        same_modality=False,
        heads=1,
    )
    query, rows = torch.tensor([[[2.0]]]), torch.tensor([[[0.5, 1.0]]])
    ages, own = torch.tensor([[0.5, 1.0]]), torch.tensor([[[0.0, 3.0]]])
    found = neighbour_attention(query, rows, ages, own, torch.full((1, 1, 2), 9.0), hood)
    share = torch.tensor([0.0, 2.0]).softmax(0)
    torch.testing.assert_close(torch.stack([found.own.view(()), found.edges.view(())]), share)
    torch.testing.assert_close(found.mixed.view(()), share @ torch.tensor([3.0, 2.0]))
    assert found.null.item() == 0
    assert found.reached.tolist() == [[True]]


def test_a_sum_that_needs_some_gradients_only():
    inputs, hood = plain_inputs()
    null = inputs[-1].requires_grad_()
    found = neighbour_attention(*inputs, hood)
    assert not found.edges.requires_grad
    assert not found.reached.requires_grad
    found.mixed.sum().backward()
    assert null.grad.any()
    assert all(x.grad is None for x in inputs[:-1])


def test_half_precision_stays_padded():
    layer, *_ = layer_inputs()
    x, present = torch.randn(15, 3, 16), torch.ones(15, 3, dtype=torch.bool)
    table = layer_inputs()[4]
    age = {FOLLOW: torch.zeros(20), AUTHOR: torch.zeros(5)}
    wide = layer(x, present, table, age)[0]
    with torch.autocast("cpu", torch.bfloat16):
        narrow, _, weights = layer(x, present, table, age, weights=False)
    assert len(weights) == len(table.buckets)
    torch.testing.assert_close(narrow, wide, rtol=0.05, atol=0.05)


def test_a_graph_without_edges_of_any_kind():
    layer, *_ = layer_inputs()
    table = build_neighbour_table(
        {"user": torch.ones(9, dtype=torch.bool), "post": torch.ones(6, dtype=torch.bool)}, {}
    )
    x, present = torch.randn(15, 3, 16), torch.zeros(15, 3, dtype=torch.bool)
    after, has, weights = layer(x, present, table, {})
    assert after.isfinite().all() and not has.any()
    assert [w.shape for w in weights] == [(15, 2, 3, 2, 3)]
    assert torch.equal(weights[0][:, :, :, 1], torch.eye(3).expand(15, 2, 3, 3))  # nothing but each slot's null
