"""Every loss by hand, masks, and what each head promises about its output."""

from __future__ import annotations

import math

import pytest
import torch
from torch import tensor

from graphsocial.errors import SchemaError
from graphsocial.nn.heads import (
    ClassLoss,
    LabelHead,
    LinkHead,
    NextUserHead,
    RecommendationHead,
    RelationHead,
    SizeHead,
    TrendHead,
)


def test_class_losses_by_hand():
    logits, target = tensor([[math.log(3), 0.0], [0.0, 0.0]]), tensor([0, 1])  # p = 3/4, 1/2
    entropy = [math.log(4 / 3), math.log(2)]
    assert float(ClassLoss(2)(logits, target)) == pytest.approx(sum(entropy) / 2)
    focal = (0.25**2 * entropy[0] + 0.5**2 * entropy[1]) / 2
    assert float(ClassLoss(2, "focal")(logits, target)) == pytest.approx(focal)
    weight = [(1 - 0.5) / (1 - 0.5**2), (1 - 0.5) / (1 - 0.5**1)]  # counts 2, 1: 2/3 and 1
    weight = [w / (sum(weight) / 2) for w in weight]
    balanced = (weight[0] * entropy[0] + weight[1] * entropy[1]) / 2
    assert float(ClassLoss(2, "class_balanced", [2, 1], beta=0.5)(logits, target)) == pytest.approx(balanced)
    # prior 3/4, 1/4: odds of the rows become 3·3 and 1·3
    adjusted = (math.log(10 / 9) + math.log(4)) / 2
    assert float(ClassLoss(2, "logit_adjusted", [3, 1])(logits, target)) == pytest.approx(adjusted)


def test_class_loss_wrong_choices():
    with pytest.raises(SchemaError, match="Did you mean 'focal'"):
        ClassLoss(2, "focall")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="class_counts=None"):
        ClassLoss(2, "class_balanced")
    with pytest.raises(SchemaError, match="2 classes"):
        LabelHead(4, 2, "logit_adjusted", class_counts=[1, 2, 3])
    assert RelationHead(4, 2, class_counts=[1, 9]).class_loss.weight.tolist() != [1, 1]
    assert RelationHead(4, 2).class_loss.weight.tolist() == [1, 1]


def test_size_loss_by_hand():
    head = SizeHead(4, quantiles=(0.1, 0.9))
    # mean 1 against 3: 4; quantiles 2, 4: .1·1 and (.9-1)·(-1) → mean .1
    assert float(head.loss(tensor([[1.0, 2.0, 4.0]]), tensor([3.0]))) == pytest.approx(4.1)


def test_trend_loss_by_hand():
    head = TrendHead(4, quantiles=(0.5, 0.9), horizons=2)
    output, target = tensor([[[0.0, 1.0], [2.0, 2.0]]]), tensor([[2.0, 1.0]])
    # horizon 1: (.5·2 + .9·1)/2 = .95; horizon 2: (.5·1 + .1·1)/2 = .3
    assert float(head.loss(output, target)) == pytest.approx(0.625)
    assert float(head.loss(output, target, tensor([[True, False]]))) == pytest.approx(0.95)


@pytest.mark.parametrize("make", [lambda: SizeHead(8), lambda: TrendHead(8), lambda: TrendHead(8, horizons=3)])
def test_quantiles_never_cross(make):
    head, x = make(), torch.randn(200, 8) * 10
    out = head(x)
    quantiles = out[:, 1:] if isinstance(head, SizeHead) else out
    assert (quantiles.diff(dim=-1) >= 0).all()


def test_trend_starts_from_recent_volume():
    head, x = TrendHead(8), torch.randn(3, 8)
    recent = tensor([0.0, 1.0, 5.0])
    torch.testing.assert_close(head(x, recent=recent), head(x) + recent.view(3, 1))
    assert TrendHead(8, horizons=4)(x, recent=recent).shape == (3, 4, 3)


def test_wrong_inputs_are_named():
    x = torch.zeros(2, 8)
    with pytest.raises(SchemaError, match="got none"):
        TrendHead(8, features=2)(x)
    with pytest.raises(SchemaError, match=r"expected \[example, 0\]"):
        LinkHead(8)(x, x, torch.zeros(2, 3))
    with pytest.raises(SchemaError, match="ascending"):
        SizeHead(8, quantiles=(0.9, 0.1))
    with pytest.raises(SchemaError, match="Did you mean 'gru'"):
        NextUserHead(8, reader="grru")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="unknown ranking"):
        RecommendationHead(8, ranking="x")  # type: ignore[arg-type]


def test_link_losses_by_hand():
    head = LinkHead(4)
    score, target = tensor([0.0, math.log(3), 0.0, 5.0]), tensor([1.0, 0.0, 1.0, 0.0])
    binary = (math.log(2) + math.log(4) + math.log(2)) / 3
    assert float(head.loss(score[:3], target[:3])) == pytest.approx(binary)
    # query 9: candidates 0 and log 3, the first true: -log 1/4. query 4: 0 and 5. query 7: nothing true, not counted.
    query = tensor([9, 9, 4, 4])
    expected = (math.log(4) + math.log(1 + math.exp(5))) / 2
    assert float(head.loss(score, target, query=query)) == pytest.approx(expected, rel=1e-6)
    more = head.loss(
        torch.cat([score, tensor([3.0])]), torch.cat([target, tensor([0.0])]), query=tensor([9, 9, 4, 4, 7])
    )
    assert float(more) == pytest.approx(expected, rel=1e-6)
    masked = head.loss(score, target, mask=tensor([True, True, True, False]), query=query)
    assert float(masked) == pytest.approx(math.log(4) / 2, rel=1e-6)  # query 4 is left with its true candidate: 0


def test_link_query_loss_of_large_scores():
    score = tensor([1000.0, 999.0, -1000.0, -1001.0], requires_grad=True)
    loss = LinkHead(4).loss(score, tensor([1.0, 0, 1, 0]), query=tensor([0, 0, 1, 1]))
    assert float(loss.detach()) == pytest.approx(math.log(1 + math.exp(-1)), rel=1e-5)
    loss.backward()
    torch.testing.assert_close(score.grad[0], tensor(-0.5 / (1 + math.e)))


def test_recommendation_losses_by_hand():
    scores, took = tensor([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]), tensor([[True, False, False], [False, False, False]])
    bpr = (math.log1p(math.exp(-1)) + math.log1p(math.exp(-2))) / 2  # the second user took nothing
    assert float(RecommendationHead(4).loss(scores, took)) == pytest.approx(bpr)
    softmax = math.log(1 + math.exp(-1) + math.exp(-2))
    assert float(RecommendationHead(4, "softmax").loss(scores, took)) == pytest.approx(softmax)
    mask = tensor([[True, True, False], [True, True, True]])
    assert float(RecommendationHead(4).loss(scores, took, mask)) == pytest.approx(math.log1p(math.exp(-1)))
    assert float(RecommendationHead(4, "softmax").loss(scores, took, mask)) == pytest.approx(math.log1p(math.exp(-1)))


def test_recommendation_same_candidates_for_all_or_each():
    head, users, posts = RecommendationHead(8), torch.randn(3, 8), torch.randn(5, 8)
    torch.testing.assert_close(head(users, posts), head(users, posts.expand(3, -1, -1)))


@pytest.mark.parametrize("reader", ["gru", "transformer"])
def test_next_user_reads_only_the_past(reader):
    head = NextUserHead(8, reader=reader, layers=2).eval()
    members, candidates = torch.randn(2, 6, 8), torch.randn(9, 8)
    gap, context = torch.rand(2, 6) * 1e4, torch.randn(2, 8)
    before = head(members, candidates, gap=gap, context=context)
    members[:, 4:], gap[:, 4:] = 9.0, 1.0
    after = head(members, candidates, gap=gap, context=context)
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


def test_next_user_masks_who_has_joined():
    members, candidates = torch.randn(1, 4, 8), torch.randn(5, 8)
    scores = NextUserHead(8)(members, candidates, tensor([[2, 0, -1, 2]]))
    gone = scores.isinf()
    assert gone[0].int().tolist() == [[0, 0, 1, 0, 0], [1, 0, 1, 0, 0], [1, 0, 1, 0, 0], [1, 0, 1, 0, 0]]


def test_next_user_loss_by_hand():
    inf = float("-inf")
    output = tensor([[[0.0, 0.0, inf], [math.log(3), inf, 0.0], [inf, inf, inf]]], requires_grad=True)
    head = NextUserHead(4)
    # log 2; log 4/3 … the third position has nothing left, and a target that has joined is not counted
    assert float(head.loss(output, tensor([[1, 0, -1]])).detach()) == pytest.approx((math.log(2) + math.log(4 / 3)) / 2)
    loss = head.loss(output, tensor([[1, 1, 2]]))
    assert float(loss.detach()) == pytest.approx(math.log(2))
    loss.backward()
    torch.testing.assert_close(output.grad[0, 0], tensor([0.5, -0.5, 0.0]))
    assert (output.grad[0, 1:] == 0).all()


HEADS = [
    (lambda: LabelHead(8, 3), lambda h, x: h(x), tensor([0, 2, 1, 1]), tensor([-1, -1, -1, -1])),
    (lambda: LabelHead(8, 3, "focal"), lambda h, x: h(x), tensor([0, 2, 1, 1]), tensor([-1, -1, -1, -1])),
    (lambda: SizeHead(8), lambda h, x: h(x), torch.arange(4.0), torch.full((4,), math.nan)),
    (lambda: TrendHead(8), lambda h, x: h(x), torch.arange(4.0), torch.full((4,), math.nan)),
    (lambda: LinkHead(8), lambda h, x: h(x, x.flip(0)), torch.ones(4), torch.full((4,), math.nan)),
    (lambda: RelationHead(8, 3), lambda h, x: h(x, x.flip(0)), tensor([0, 2, 1, 1]), tensor([-1, -1, -1, -1])),
    (lambda: NextUserHead(8), lambda h, x: h(x[None], x), tensor([[1, 2, 3, 0]]), tensor([[-1, -1, -1, -1]])),
    (lambda: RecommendationHead(8), lambda h, x: h(x, x), torch.eye(4).bool(), torch.ones(4, 4).bool()),
    (lambda: RecommendationHead(8, "softmax"), lambda h, x: h(x, x), torch.eye(4).bool(), torch.ones(4, 4).bool()),
]


@pytest.mark.parametrize(("make", "run", "target", "junk"), HEADS)
def test_masked_examples_do_not_count(make, run, target, junk):
    head, x = make(), torch.randn(4, 8)
    output = run(head, x)
    whole = torch.ones_like(target, dtype=torch.bool)
    torch.testing.assert_close(head.loss(output, target), head.loss(output, target, whole))
    mask = whole.clone()
    mask.view(4, -1)[2:] = False
    mixed = torch.where(mask, target, junk)
    torch.testing.assert_close(head.loss(output, mixed, mask), head.loss(output, target, mask))
    nothing = head.loss(run(head, x), junk, ~whole)
    assert float(nothing.detach()) == 0
    nothing.backward()
    assert all(p.grad is None or (p.grad == 0).all() for p in head.parameters())


@pytest.mark.parametrize(("make", "run", "target", "junk"), HEADS)
def test_no_examples_at_all(make, run, target, junk):
    head = make()
    output = run(head, torch.randn(0, 8))
    loss = head.loss(output, target[:, :0] if output.dim() == 3 else target[:0].reshape(output.shape[: target.dim()]))
    assert float(loss.detach()) == 0
    loss.backward()


@pytest.mark.parametrize(("make", "run", "target", "junk"), HEADS)
def test_bfloat16_autocast(make, run, target, junk):
    head = make()
    with torch.autocast("cpu", torch.bfloat16):
        loss = head.loss(run(head, torch.randn(4, 8)), target)
    assert loss.dtype == torch.float32
    assert loss.isfinite()
    loss.backward()
