from __future__ import annotations

import math

import pytest
import torch

from graphsocial.nn.dropout import drop
from graphsocial.nn.neighbour_table import build_neighbour_table
from graphsocial.nn.rows import place_rows, sum_rows, take_rows
from graphsocial.nn.time_encoding import TimeEncoding
from graphsocial.nn.token_pooling import TokenPooling, to_nodes


def test_rows_and_their_gradients():
    x = torch.randn(4, 2, 3, dtype=torch.double, requires_grad=True)
    index = torch.tensor([[3, 0], [0, 2]])
    assert torch.equal(take_rows(x, index), x[index])
    assert torch.autograd.gradcheck(lambda v: take_rows(v, index), x)
    order = torch.tensor([2, 0, 3, 1])
    assert torch.equal(place_rows(x, order, order.argsort()), x[order])
    assert torch.autograd.gradcheck(lambda v: place_rows(v, order, order.argsort()), x)


def test_sum_rows_by_hand():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    total = sum_rows(x, torch.tensor([2, 0, 0]), torch.tensor([0, 0, 3]), 5)
    assert total.tolist() == [[6, 8], [0, 0], [0, 0], [1, 2], [0, 0]]
    assert sum_rows(x, torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), 2).tolist() == [[0, 0]] * 2


@pytest.mark.parametrize("probability", [0.0, 0.1, 0.5])
def test_dropout_rate_and_mean(probability):
    out = drop(torch.ones(1001, 997), probability, torch.Generator().manual_seed(1))
    assert math.isclose(float((out == 0).float().mean()), probability, abs_tol=0.002)
    assert math.isclose(float(out.mean()), 1.0, abs_tol=0.004)
    rows = (out == 0).float().mean(dim=1)
    assert float(rows.std()) < 0.02 + 0.05 * probability  # no stripes: four entries share a draw, not their fate


def test_dropout_repeats_with_its_generator():
    x = torch.ones(50)
    a, b = (drop(x, 0.5, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(a, b)
    assert drop(torch.ones(5, dtype=torch.bfloat16), 0.5, torch.Generator()).dtype == torch.bfloat16


def test_time_encoding_by_hand():
    encode = TimeEncoding(4)
    with torch.no_grad():
        encode.frequency.copy_(torch.tensor([1.0, 2.0, 0.0]))
        encode.phase.copy_(torch.tensor([0.0, 0.5, math.pi]))
    age = math.e**2 - 1  # log1p = 2
    expected = [0.2, math.cos(2), math.cos(4.5), -1.0]
    torch.testing.assert_close(encode(torch.tensor([age])), torch.tensor([expected]))
    torch.testing.assert_close(encode(torch.tensor([-3.0])), encode(torch.tensor([0.0])))
    assert torch.equal(TimeEncoding(16).frequency, TimeEncoding(16).frequency)


def test_pooling_equals_attention_with_a_learned_query():
    pool = TokenPooling(6, 8, heads=2)
    tokens, mask = torch.randn(3, 4, 6), torch.tensor([[1, 1, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]]).bool()
    out, exists = pool(tokens, mask)
    assert exists.tolist() == [True, True, False]
    normal = torch.nn.functional.layer_norm(tokens, (6,))
    for content in range(2):
        kept = normal[content][mask[content]]
        for head in range(2):
            weight = (kept @ pool.score.weight[head]).softmax(0)
            part = slice(4 * head, 4 * head + 4)
            value = kept @ pool.value.weight[part].T + pool.value.bias[part]
            torch.testing.assert_close(out[content, part], weight @ value)


def test_contents_to_nodes():
    content, exists = torch.tensor([[1.0], [3.0], [9.0]]), torch.tensor([True, True, False])
    row = torch.tensor([[0, 1], [1, -1], [2, 1], [2, -1]])
    value, has = to_nodes(content, exists, row)
    assert value.flatten().tolist() == [2, 3, 3, 0]
    assert has.tolist() == [True, True, True, False]
    empty, none = to_nodes(torch.zeros(0, 4), torch.zeros(0, dtype=torch.bool), torch.full((2, 1), -1))
    assert empty.shape == (2, 4)
    assert not none.any()


def test_neighbour_table_holds_every_edge_once():
    g = torch.Generator().manual_seed(0)
    a, b = ("x", "to", "y"), ("y", "to", "y")
    target = torch.randint(0, 9, (60,), generator=g).sort().values
    edges = {
        a: torch.stack([torch.randint(0, 5, (60,), generator=g), target]),
        b: torch.tensor([[8, 0, 1], [0, 4, 4]]),
    }
    wanted = {"x": torch.tensor([True, False, False, False, True]), "y": torch.arange(9) != 3}
    table = build_neighbour_table(wanted, edges)
    assert table.target.tolist() == [0, 4, *(5 + i for i in range(9) if i != 3)]
    assert table.target_sizes == [2, 8]
    found = []
    padding = len(table.source)
    for bucket in table.buckets:
        width = bucket.row.shape[1] - 2
        for position, row in zip(bucket.target.tolist(), bucket.row.tolist(), strict=True):
            assert row[:2] == [padding + 1 + position, padding + 1 + len(table.target) + position]
            real = [r for r in row[2:] if r != padding]
            assert 2 * len(real) > width or width == len(real)
            found += [(int(table.source[r]), int(table.target[position])) for r in real]
    expected = [(s, 5 + d) for s, d in edges[a].T.tolist() if d != 3]
    expected += [(5 + s, 5 + d) for s, d in edges[b].T.tolist()]
    assert sorted(found) == sorted(expected)
    places = torch.cat([bucket.row.flatten() for bucket in table.buckets])
    rows = torch.arange(table.num_rows)
    keep = rows != padding
    assert torch.equal(places[table.place][keep], rows[keep])
    assert not build_neighbour_table(wanted, edges, use_graph=False).source.numel()
