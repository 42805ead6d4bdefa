"""The learned model of a relation, its intervals, and labels of nodes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.metrics import ROC_AUC
from graphsocial.learn.relations.node_labels import label_propagation, linear_labels
from graphsocial.learn.relations.ranked_bootstrap import ranked_interval
from graphsocial.learn.relations.relation_config import RelationConfig
from graphsocial.learn.relations.relation_edges import RelationEdges
from graphsocial.learn.relations.relation_examples import RelationExamples
from graphsocial.learn.relations.relation_model import RelationModel
from graphsocial.nn.relation_net import RelationNet

CONFIG = RelationConfig(channels=16, epochs=6, batch=128)


def pairs(rng: np.random.Generator, vectors: np.ndarray, size: int) -> RelationExamples:
    """Joined where the evidence's second column, which is no floor, and the vectors' product say so."""
    src, dst = rng.integers(0, len(vectors), (2, size))
    evidence = rng.normal(size=(size, 2))
    score = evidence[:, 0] + 2 * evidence[:, 1] + 3 * vectors[src, 0] * vectors[dst, 0]
    target = (score > 0).astype(np.float64)
    kind = np.where(target > 0, 0, 1)
    return RelationExamples(src, dst, evidence, target, kind, kind == 9)


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, RelationExamples, RelationExamples, RelationExamples]:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 3))
    return vectors, pairs(rng, vectors, 3000), pairs(rng, vectors, 800), pairs(rng, vectors, 800)


def test_each_source_is_learned_and_both_are_best(
    world: tuple[np.ndarray, RelationExamples, RelationExamples, RelationExamples],
) -> None:
    vectors, train, valid, test = world
    query = np.arange(len(test))
    floor = ROC_AUC(test.evidence[:, 0], test.target, query)

    def auc(**case: object) -> float:
        model = RelationModel(CONFIG, **case).fit(train, valid, [0], rng=1)  # type: ignore[arg-type]
        return ROC_AUC(model.predict(test), test.target, query)

    graph, text = auc(), auc(evidence=False, vectors={"text": vectors})
    both = auc(vectors={"text": vectors})
    assert graph > floor + 0.05 and text > 0.6 and both > max(graph, text) + 0.05


def test_same_seed_same_answers_and_the_global_stream_is_left_alone(
    world: tuple[np.ndarray, RelationExamples, RelationExamples, RelationExamples],
) -> None:
    vectors, train, valid, test = world
    state = torch.get_rng_state()
    first, second = (
        RelationModel(RelationConfig(8, epochs=1), vectors={"text": vectors}).fit(train, valid, [0, 1], rng=3)
        for _ in range(2)
    )
    assert np.array_equal(first.predict(test), second.predict(test))
    assert first.floor == 1 and torch.equal(state, torch.get_rng_state())


def test_amounts() -> None:
    rng = np.random.default_rng(0)
    evidence = rng.normal(size=(2000, 2)) * 5
    target = evidence[:, 0] + 0.5 * evidence[:, 1] + 3
    kind = np.zeros(2000, dtype=int)
    rows = RelationExamples(kind, kind, evidence, target, kind, kind > 0)
    model = RelationModel(CONFIG, amount=True).fit(rows[:1500], rows[1500:1750], [0], rng=0)
    off = np.abs(model.predict(rows[1750:]) - target[1750:]).mean()
    assert off < 0.5 * np.abs(evidence[1750:, 0] - target[1750:]).mean()


def test_a_modality_that_an_end_lacks_is_not_asked() -> None:
    vectors = torch.randn(3, 4)
    net = RelationNet(1, {"text": vectors}, {"text": torch.tensor([True, True, False])}, channels=8).eval()
    torch.nn.init.normal_(net.out[-1].weight)
    asked = (torch.zeros(2), torch.zeros(2, 1), torch.tensor([0, 0]), torch.tensor([1, 2]))
    before = net(*asked)
    net.vectors_text[2] += 1
    assert torch.equal(before, net(*asked)), "node 2 has no text, what stands there is not read"
    net.vectors_text[1] += 1
    after = net(*asked)
    assert after[0] != before[0] and after[1] == before[1]


def test_refusals(world: tuple[np.ndarray, RelationExamples, RelationExamples, RelationExamples]) -> None:
    _, train, valid, test = world
    with pytest.raises(SchemaError, match="neither evidence nor vectors"):
        RelationModel(evidence=False)
    with pytest.raises(NotFittedError, match="before it was fitted"):
        RelationModel().predict(test)
    with pytest.raises(NotFittedError, match="both answers"):
        RelationModel().fit(train[train.target > 0], valid, [0], rng=0)


def test_areas_and_intervals() -> None:
    rng = np.random.default_rng(0)
    target = rng.random(300) < 0.3
    group = rng.integers(0, 60, 300)
    scores = np.round(target + rng.normal(size=300), 1)[:, None]  # with ties
    for metric, judge in (("auc", roc_auc_score), ("average_precision", average_precision_score)):
        found = ranked_interval(metric, scores, target, group, 0, resamples=300)
        assert found.value == pytest.approx(judge(target, scores[:, 0]))
        assert found.interval is not None and found.interval[0] < found.value < found.interval[1]
        same = ranked_interval(metric, scores, target, group, 0, scores, resamples=50)
        assert same.interval == (0, 0), "drawn together"
    alone = ranked_interval("auc", scores, target, np.zeros(300), 0)
    assert alone.interval is None and "one group" in alone.reason
    with pytest.raises(SchemaError, match="expected"):
        ranked_interval("auc", scores[:5], target, group, 0)


def test_labels_spread() -> None:
    names = np.array(list("abcxyz"), dtype=object)
    src, dst = np.array([0, 1, 3, 4]), np.array([1, 2, 4, 5])
    edges = RelationEdges.of(names[src], names[dst], np.array(["f"] * 4), np.zeros(4, int))
    at = {name: i for i, name in enumerate(edges.ids)}
    known = np.array([at["a"], at["z"]])
    found = label_propagation(edges, np.ones(4, bool), known, np.array([0, 1]), 2)
    assert [int(found[at[n]].argmax()) for n in "abcxyz"] == [0, 0, 0, 1, 1, 1]
    nothing = label_propagation(edges, np.zeros(4, bool), known, np.array([0, 1]), 2)
    assert nothing[at["b"]].tolist() == [0.5, 0.5]
    assert linear_labels(np.eye(6), known, np.array([1, 1]), 2, 1.0)[:, 1].tolist() == [1.0] * 6
