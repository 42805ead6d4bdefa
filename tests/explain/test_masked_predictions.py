"""A graph model without some modalities says what a model says of nodes that never had them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.explain import GRAPH_MODALITIES, masked_predictions
from graphsocial.learn import Task, Trainer
from graphsocial.learn.batching import ContentIndex
from tests.leakage.erasable_world import MENTION
from tests.learn.small_training import small_trainer, trained, world_graph, world_tokens


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    return trained(small_trainer([Task.post_label("mood"), Task.link(MENTION, negatives=3)], epochs=1))


def test_masks(trainer):
    graph, content = world_graph(), ContentIndex.of(world_graph(), world_tokens())
    for task in ("mood", "link"):
        rows = trainer.examples(graph, "test", [task])[task]
        plain = trainer.predict(graph, content, {task: rows})[task]

        def said(*given, rows=rows):
            return masked_predictions(trainer, graph, content, rows, given)

        assert np.array_equal(said(*GRAPH_MODALITIES), plain)
        fewer = {m: said(*(each for each in GRAPH_MODALITIES if each != m)) for m in GRAPH_MODALITIES}
        assert all(not np.array_equal(each, plain) for each in fewer.values())
        assert len(np.unique(said().round(6), axis=0)) < len(np.unique(plain.round(6), axis=0))
        assert np.array_equal(trainer.predict(graph, content, {task: rows})[task], plain)
        bare = replace(
            content,
            rows={key: each for key, each in content.rows.items() if key[1] != "text"},
            known={key: each for key, each in content.known.items() if key[1] != "text"},
            tokens={"image": content.tokens["image"]},
            masks={"image": content.masks["image"]},
        )
        assert trainer.predict(graph, bare, {task: rows})[task] == pytest.approx(fewer["text"], abs=1e-5)


def test_what_cannot_be_asked(trainer):
    graph, content = world_graph(), ContentIndex.of(world_graph(), world_tokens())
    rows = trainer.examples(graph, "test", ["mood"])["mood"]
    with pytest.raises(SchemaError, match="Did you mean 'behaviour'"):
        masked_predictions(trainer, graph, content, rows, ["behavior"])
    with pytest.raises(NotFittedError):
        masked_predictions(small_trainer(), graph, content, rows, [])
