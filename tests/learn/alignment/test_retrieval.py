from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.embed import hashing_embeddings
from graphsocial.errors import SchemaError
from graphsocial.learn.alignment.canonical_ridge import canonical_ridge
from graphsocial.learn.alignment.content_pairs import _groups, content_pairs
from graphsocial.learn.alignment.linear_floors import cca_alignment, mean_reciprocal_rank, ridge_alignment
from graphsocial.learn.alignment.retrieval_ranks import retrieval_ranks
from graphsocial.nn.alignment_net import AlignmentNet, AlignmentNetConfig, symmetric_info_nce
from tests.leakage.erasable_world import LATER, random_world
from tests.learn.alignment.planted_pairs import planted_pairs


@given(st.integers(0, 10_000))
def test_ranks_by_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    query, gallery = rng.integers(-1, 2, (5, 3)).astype(float), rng.integers(-1, 2, (8, 3)).astype(float)
    asked, there = rng.integers(0, 6, 5), rng.integers(0, 6, 8)
    found = retrieval_ranks(query, gallery, asked, there)
    for q in range(5):
        score = gallery @ query[q]
        right = [i for i in range(8) if there[i] == asked[q]]
        if not right:
            assert np.isinf(found[q])
            continue
        best = max(score[i] for i in right)
        wrong = [score[i] for i in range(8) if there[i] != asked[q]]
        assert found[q] == 1 + sum(s > best for s in wrong) + sum(s == best for s in wrong) / 2


def test_everything_alike_stands_in_the_middle() -> None:
    ranks = retrieval_ranks(np.ones((9, 2)), np.ones((9, 2)), np.arange(9), np.arange(9))
    assert (ranks == 5).all()


def test_groups_are_components() -> None:
    pair = np.array([[0, 0], [1, 1], [2, 0], [2, 2], [3, 3]])  # one picture, then one text, joins three
    assert _groups(pair).tolist() == [0, 1, 0, 0, 2]


def test_pairs_of_a_view_are_known_by_then() -> None:
    graph = random_world(0).graph()
    tokens = hashing_embeddings(graph)
    pairs = content_pairs(graph.as_of(LATER), tokens)
    assert len(pairs) > 50 and pairs.time.max() < LATER and (np.diff(pairs.time) >= 0).all()
    both = np.concatenate([pairs.text, pairs.image], axis=1)
    assert len(np.unique(both, axis=0)) == len(pairs)
    same = (pairs.image[:, None] == pairs.image[None]).all(axis=2) | (pairs.text[:, None] == pairs.text[None]).all(
        axis=2
    )
    assert (pairs.group[:, None] == pairs.group[None])[same].all()
    with pytest.raises(SchemaError, match="text and a picture"):
        content_pairs(graph.as_of(int(graph.known_at("post")[1])), tokens)


def test_canonical_correlations_of_a_plain_ridge_less_case() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 4))
    y = np.concatenate([x[:, :2] + rng.normal(size=(500, 2)), rng.normal(size=(500, 3))], axis=1)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    a, b = canonical_ridge(x, y, 4, 1e-9)
    found = np.array([np.corrcoef((x @ a)[:, i], (y @ b)[:, i])[0, 1] for i in range(4)])
    qx, qy = np.linalg.qr(x)[0], np.linalg.qr(y)[0]
    np.testing.assert_allclose(found, np.linalg.svd(qx.T @ qy)[1], atol=1e-6)


@pytest.mark.parametrize("fit", [cca_alignment, ridge_alignment])
def test_linear_floors_find_what_is_shared(fit) -> None:
    pairs = planted_pairs()
    train, valid, test = pairs.take(np.arange(250)), pairs.take(np.arange(250, 300)), pairs.take(np.arange(300, 400))
    found = fit(train, valid)
    assert mean_reciprocal_rank(found, test) > 0.4 > 5 * np.mean(1 / np.arange(1, 101))
    np.testing.assert_allclose(np.linalg.norm(found.project("image", test.image), axis=1), 1, rtol=1e-5)


def test_pairs_of_one_group_are_no_negatives() -> None:
    logits = torch.tensor([[1.0, 9.0, 0.0], [9.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    apart = symmetric_info_nce(logits, torch.arange(3))
    together = symmetric_info_nce(logits, torch.tensor([4, 4, 5]))
    expected = np.log1p(np.exp(-1)) * 2 / 3 + np.log1p(2 * np.exp(-1)) / 3
    assert float(together) == pytest.approx(expected, rel=1e-5) and apart > 5


def test_a_hidden_layer_adds_nothing_to_the_start() -> None:
    plain, deep = (AlignmentNet({"text": 3}, AlignmentNetConfig(4, hidden, dropout=0.0)) for hidden in (0, 5))
    x, given = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)), {"text": torch.eye(3, 4)}
    for net in (plain, deep):
        net.start_at({"text": x}, given)
        net.eval()
    assert torch.allclose(plain("text", x), deep("text", x))
    scaled = torch.nn.functional.pad(plain.standard["text"](x), (0, 1))
    assert torch.allclose(plain("text", x), torch.nn.functional.normalize(scaled, dim=-1), atol=1e-6)
