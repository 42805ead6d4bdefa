"""Each head learns a truth that was planted for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from graphsocial.nn import seeded
from graphsocial.nn.heads import (
    LabelHead,
    LinkHead,
    NextUserHead,
    RecommendationHead,
    RelationHead,
    SizeHead,
    TrendHead,
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small only wait for each other on more threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def fit(head, loss, steps=200, rate=1e-2, extra=()):
    optimizer = torch.optim.Adam([*head.parameters(), *extra], rate)
    for step in range(steps):
        optimizer.zero_grad()
        loss(step).backward()
        optimizer.step()


def build(make):
    with seeded(0):
        return make()


@pytest.mark.parametrize("reader", ["gru", "transformer"])
def test_next_user_learns_that_the_last_user_decides(reader):
    """User u is followed by (7 u + 3) mod 20 if that one has not joined yet, else by the next number that has not."""
    users, g = 20, torch.Generator().manual_seed(0)
    cascades = []
    for start in torch.randint(0, users, (300,), generator=g).tolist():
        chain = [start]
        while len(chain) < 6:
            following = (7 * chain[-1] + 3) % users
            while following in chain:
                following = (following + 1) % users
            chain.append(following)
        cascades.append(chain)
    data = torch.tensor(cascades)
    head = build(lambda: NextUserHead(24, reader=reader))
    table = torch.nn.Embedding.from_pretrained(torch.randn(users, 24, generator=g), freeze=False)
    train, test = data[:250], data[250:]

    def loss(step):
        rows = train[torch.randint(0, 250, (64,), generator=g)]
        return head.loss(head(table(rows[:, :-1]), table.weight, rows[:, :-1]), rows[:, 1:])

    fit(head, loss, steps=150, extra=table.parameters())
    with torch.no_grad():
        scores = head(table(test[:, :-1]), table.weight, test[:, :-1])
    assert float((scores.argmax(-1) == test[:, 1:]).float().mean()) > 0.95


@pytest.mark.parametrize("ranking", ["bpr", "softmax"])
def test_recommendation_learns_tastes(ranking):
    """Users and posts have one of four topics, somewhere in their vectors; users take up their topic."""
    g = torch.Generator().manual_seed(0)
    wish, offer = torch.randn(4, 16, generator=g), torch.randn(4, 16, generator=g)
    head = build(lambda: RecommendationHead(16, ranking))

    def draw(count):
        mine, theirs = torch.randint(0, 4, (count,), generator=g), torch.randint(0, 4, (count, 8), generator=g)
        users = wish[mine] + 0.3 * torch.randn(count, 16, generator=g)
        posts = offer[theirs] + 0.3 * torch.randn(count, 8, 16, generator=g)
        return users, posts, theirs == mine.view(-1, 1)

    def loss(step):
        users, posts, took = draw(64)
        return head.loss(head(users, posts), took)

    fit(head, loss)
    users, posts, took = draw(500)
    best = head(users, posts).argmax(1, keepdim=True)
    answerable = took.any(1)
    assert float(took.gather(1, best)[answerable].float().mean()) > 0.95


@pytest.mark.parametrize("imbalance", ["none", "class_balanced", "focal", "logit_adjusted"])
def test_label_learns_classes_of_unequal_size(imbalance):
    g = torch.Generator().manual_seed(0)
    centre, prior = torch.randn(3, 8, generator=g) * 2, torch.tensor([0.9, 0.08, 0.02])
    head = build(lambda: LabelHead(8, 3, imbalance, class_counts=[900, 80, 20]))

    def draw(weights, count):
        label = torch.multinomial(weights, count, True, generator=g)
        return centre[label] + torch.randn(count, 8, generator=g) * 0.7, label

    def loss(step):
        x, label = draw(prior, 256)
        return head.loss(head(x), label)

    fit(head, loss)
    x, label = draw(torch.ones(3), 900)
    recall = [float((head(x[label == c]).argmax(1) == c).float().mean()) for c in range(3)]
    assert min(recall) > 0.9


def test_rare_class_gains_by_balancing():
    """Two classes that overlap, 1 to 50: the plain loss gives the rare one up, the others do not."""
    recall = {}
    for imbalance in ("none", "class_balanced", "logit_adjusted"):
        g = torch.Generator().manual_seed(0)
        head = build(lambda kind=imbalance: LabelHead(4, 2, kind, class_counts=[5000, 100]))

        def loss(step, g=g, head=head):
            label = (torch.rand(512, generator=g) < 1 / 51).long()
            x = torch.randn(512, 4, generator=g) + label.view(-1, 1) * 0.8
            return head.loss(head(x), label)

        fit(head, loss)
        x = torch.randn(1000, 4, generator=g) + 0.8
        recall[imbalance] = float((head(x).argmax(1) == 1).float().mean())
    assert recall["none"] < 0.2
    assert min(recall["class_balanced"], recall["logit_adjusted"]) > 0.6


def test_relation_reads_the_direction():
    g = torch.Generator().manual_seed(0)
    head = build(lambda: RelationHead(4, 2))

    def draw(count):
        a, b = torch.randn(count, 4, generator=g), torch.randn(count, 4, generator=g)
        return a, b, (a[:, 0] > b[:, 0]).long()

    def loss(step):
        a, b, label = draw(128)
        return head.loss(head(a, b), label)

    fit(head, loss)
    a, b, label = draw(500)
    assert float((head(a, b).argmax(1) == label).float().mean()) > 0.92
    assert float((head(b, a).argmax(1) == label).float().mean()) < 0.08


@pytest.mark.parametrize("by_query", [False, True])
def test_link_learns_from_structural_features(by_query):
    """The vectors are noise; the pair's own feature decides."""
    g = torch.Generator().manual_seed(0)
    head = build(lambda: LinkHead(4, features=2))
    query = torch.arange(32).repeat_interleave(5)

    def draw():
        common = torch.rand(160, generator=g)
        true = common.view(32, 5).argmax(1, keepdim=True) == torch.arange(5)
        return torch.randn(160, 4, generator=g), torch.stack([common, torch.rand(160, generator=g)], 1), true.flatten()

    def loss(step):
        x, features, true = draw()
        return head.loss(head(x, x.flip(0), features), true, query=query if by_query else None)

    fit(head, loss)
    x, features, true = draw()
    best = head(x, x.flip(0), features).view(32, 5).argmax(1)
    assert float((best == true.view(32, 5).int().argmax(1)).float().mean()) > 0.85


def test_size_and_trend_cover_a_heavy_tail():
    """log(1 + size) is normal with mean x: quantiles cover as they say."""
    g = torch.Generator().manual_seed(0)
    size, trend = build(lambda: SizeHead(1 + 3, (0.1, 0.9))), build(lambda: TrendHead(1 + 3, (0.1, 0.9), horizons=2))

    def draw(count):
        x = torch.randn(count, 4, generator=g)
        return x, x[:, 0] - x[:, 1] + torch.randn(count, generator=g)

    def loss(step):
        x, y = draw(256)
        return size.loss(size(x), y) + trend.loss(trend(x), torch.stack([y, y + 1], 1))

    fit(size, loss, steps=300, extra=trend.parameters())
    x, y = draw(4000)
    with torch.no_grad():
        out, coming = size(x), trend(x)
    assert abs(float(((y >= out[:, 1]) & (y <= out[:, 2])).float().mean()) - 0.8) < 0.05
    assert float((out[:, 0] - (x[:, 0] - x[:, 1])).abs().mean()) < 0.35
    for horizon in (0, 1):
        inside = (y + horizon >= coming[:, horizon, 0]) & (y + horizon <= coming[:, horizon, 1])
        assert abs(float(inside.float().mean()) - 0.8) < 0.05
