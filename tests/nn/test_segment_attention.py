"""Attention over segments: the reference equals the padded path, the compiled kernel equals the reference."""

import pytest
import torch

from graphsocial.nn.cross_modal_attention import CrossModalAttention
from graphsocial.nn.neighbour_table import build_neighbour_table
from graphsocial.nn.seeding import seeded
from graphsocial.nn.segment_attention import compiled_for, segment_attention_reference, segments_of
from tests.interpreted_kernels import run_check

AUTHOR, FOLLOW = ("user", "author", "post"), ("user", "follow", "user")


def layer_inputs(slots=3, channels=16, heads=2, same=False, users=9, posts=6, seed=0, edges=True):
    """A layer, its rows, queries and table, with nodes that have no, one and many neighbours, and missing slots."""
    with seeded(seed):
        layer = CrossModalAttention(["user", "post"], [AUTHOR, FOLLOW], slots, channels, heads, same_modality=same)
        x = torch.randn(users + posts, slots, channels)
        present = torch.rand(users + posts, slots) < 0.6
        follow = torch.stack([torch.randint(users, (20,)), torch.randint(3, (20,))])  # users 3.. have no follower
        author = torch.stack([torch.randint(users, (posts - 1,)), torch.arange(posts - 1)])
    index = {FOLLOW: follow, AUTHOR: author} if edges else {}
    wanted = {"user": torch.ones(users, dtype=torch.bool), "post": torch.tensor([True] * (posts - 1) + [True])}
    table = build_neighbour_table(wanted, index)
    age = {e: torch.arange(float(index[e].shape[1])) * 1_000 for e in index}
    normal = layer.norm(x)
    rows, there = layer._rows(x, present, normal, table, age)
    query = layer._per_type(layer.query, normal, table.target_sizes)
    return layer, query.detach(), rows.detach(), there, table


def with_gradients(attend, query, rows):
    query, rows = query.clone().requires_grad_(), rows.clone().requires_grad_()
    out = attend(query, rows)
    toward = torch.linspace(-1, 1, out.numel(), device=out.device, dtype=torch.float64).view_as(out)
    grads = torch.autograd.grad((out.to(toward.dtype) * toward).sum(), (query, rows))
    return out.detach(), *grads


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize(("slots", "channels", "heads"), [(3, 16, 2), (1, 8, 4), (2, 24, 3)])
@pytest.mark.parametrize("edges", [True, False])
def test_the_reference_equals_the_padded_path(same, slots, channels, heads, edges):
    layer, query, rows, there, table = layer_inputs(slots, channels, heads, same, edges=edges)
    segments = segments_of(table, there, same)
    padded = with_gradients(lambda q, r: layer._padded(q, r, there, table)[0], query, rows)
    ours = with_gradients(lambda q, r: segment_attention_reference(q, r, segments, heads), query, rows)
    padded[2][table.padding] = 0  # a row that needs no gradient may get any
    for name, a, b in zip(("mixed", "query", "rows"), ours, padded, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}")
    assert torch.equal(segments.reached, layer._padded(query, rows, there, table)[1])


def test_the_row_of_padding_is_nobodys():
    _, query, rows, there, table = layer_inputs()
    segments = segments_of(table, there, False)
    gradient = with_gradients(lambda q, r: segment_attention_reference(q, r, segments, 2), query, rows)[2]
    assert not gradient[table.padding].any()
    assert (gradient.flatten(1).abs().sum(1) > 0).sum() > len(table.source)


def test_no_target_no_work():
    layer, *_ = layer_inputs()
    table = build_neighbour_table(
        {"user": torch.zeros(9, dtype=torch.bool), "post": torch.zeros(6, dtype=torch.bool)}, {}
    )
    x, present = torch.randn(15, 3, 16), torch.ones(15, 3, dtype=torch.bool)
    after, has, weights = layer(x, present, table, {}, weights=False)
    assert after is x and has is present and weights == []


def test_on_the_cpu_nothing_but_the_attention_hangs_on_whether_it_is_wanted():
    layer, *_ = layer_inputs()
    assert not compiled_for(torch.zeros(1))
    x, present = torch.randn(15, 3, 16), torch.ones(15, 3, dtype=torch.bool)
    table = layer_inputs()[4]
    age = {FOLLOW: torch.zeros(20), AUTHOR: torch.zeros(5)}
    one, _, kept = layer(x, present, table, age, weights=False)
    other, _, asked_for = layer(x, present, table, age)
    assert torch.equal(one, other)
    assert kept == []
    assert len(asked_for) == len(table.buckets) > 1


KERNEL_CHECK = """
import sys
sys.path.insert(0, {tests!r})
import torch
from test_segment_attention import layer_inputs, with_gradients
from graphsocial.nn.segment_attention import segment_attention_reference, segments_of
from graphsocial.nn.segment_attention_triton import SegmentAttention
torch.backends.cuda.matmul.allow_tf32 = False
device, worst = {device!r}, 0.0
shapes = ((3, 16, 2), (1, 8, 4), (2, 24, 3), (3, 64, 4)) if device == "cuda" else ((3, 16, 2), (1, 24, 3))
for slots, channels, heads in shapes:
    for same in (False, True):
        for edges in (True, False) if heads == 3 or device == "cuda" else (True,):
            layer, query, rows, there, table = layer_inputs(slots, channels, heads, same, edges=edges)
            segments = segments_of(table, there, same)
            reference = lambda q, r: segment_attention_reference(q, r, segments, heads)
            truth = with_gradients(reference, query.double(), rows.double())
            kernel = lambda q, r: SegmentAttention.apply(q, r, segments, heads)
            table = type(table)(*(f.to(device) if hasattr(f, "to") else f for f in vars(table).values()))
            segments = segments_of(table, there.to(device), same)
            for dtype, bound in ((torch.float32, 1e-5), (torch.bfloat16, 2e-2)):
                if dtype == torch.bfloat16 and device == "cpu":
                    continue  # the interpreter computes in numpy, which has none
                ours = with_gradients(kernel, query.to(device, dtype), rows.to(device, dtype))
                for name, a, b in zip(("mixed", "query", "rows"), ours, truth, strict=True):
                    error = float((a.double().cpu() - b).norm() / b.norm().clamp(min=1e-9))
                    assert error < bound, (slots, channels, heads, same, edges, dtype, name, error)
                    worst = max(worst, error)
from graphsocial.nn.edge_rows import edge_rows_reference
from graphsocial.nn.edge_rows_triton import EdgeRows
torch.manual_seed(1)
for slots, channels in ((3, 24), (1, 16)):
    source = torch.randint(9, (37,))
    inputs = [torch.randn(n, *rest) for n, *rest in ((9, slots, channels), (37, channels), (5, slots, channels))]
    results = []
    for row, where in ((edge_rows_reference, "cpu"), (EdgeRows.apply, device)):
        nodes, ages, rest = (x.detach().clone().to(where).requires_grad_() for x in inputs)
        out = row(nodes, source.to(where), ages, rest)
        toward = torch.linspace(-1, 1, out.numel()).view_as(out)
        grads = torch.autograd.grad((out * toward.to(where)).sum(), (nodes, ages, rest))
        results.append([part.cpu() for part in (out.detach(), *grads)])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(b, a, rtol=1e-5, atol=1e-6)
print("same")
"""


def test_the_kernel_interpreted_on_the_cpu_equals_the_reference():
    pytest.importorskip("triton")
    assert run_check(KERNEL_CHECK, __file__, "cpu", interpret=True).endswith("same\n")


@pytest.mark.gpu
def test_the_kernel_on_the_card_equals_the_reference():
    assert run_check(KERNEL_CHECK, __file__, "cuda", interpret=False).endswith("same\n")
