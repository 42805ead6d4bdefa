"""Pieces deleted together are the same pieces deleted one after another, in any order, and the batch keeps its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from graphsocial.explain import Evidence
from graphsocial.explain.explanation import _modalities, _neighbours, _raw, _regions, _without
from graphsocial.learn import Task, Trainer
from graphsocial.learn.batching import ContentIndex, make_batch
from graphsocial.learn.questions import question
from graphsocial.query import Engine
from tests.leakage.erasable_world import MENTION, TEST
from tests.leakage.outputs import fingerprint
from tests.learn.small_training import small_trainer, trained, world_graph, world_tokens


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    return trained(small_trainer([Task.post_label("mood"), Task.link(MENTION, negatives=3)], fanout=(4, 3), epochs=1))


def pieces_of(trainer: Trainer, task: str, *nodes: tuple[str, str]) -> tuple[Any, list[Any]]:
    view = world_graph().as_of(TEST)
    content = ContentIndex.of(view, world_tokens())
    rows = question(trainer.task(task), view, *nodes)
    batch = make_batch(view, content, {task: rows}, (4, 3), 0)
    n, data = nodes[0][0], batch.data
    return batch, [*_neighbours(view, data, n, 0, {}), *_modalities(data, n, [0]), *_regions(data, n, [0])]


def rich_post() -> str:
    """A post with a text and at least one picture."""
    view = world_graph().as_of(TEST)
    content = ContentIndex.of(view, world_tokens())
    posts = np.arange(view.num_nodes("post"))
    time = view.row_known_at("post") + 1
    both = [(content.as_of("post", m, posts, time) >= 0).any(axis=1) for m in ("text", "image")]
    return str(view.node_ids("post")[np.flatnonzero(both[0] & both[1] & (time <= TEST))[-1]])


@pytest.mark.parametrize("asked", [("mood",), ("link", ("user", "u0"), ("user", "u1"))], ids=lambda a: a[0])
def test_together_is_one_after_another(trainer: Trainer, asked: tuple[Any, ...]) -> None:
    batch, pieces = pieces_of(trainer, asked[0], *(asked[1:] or [("post", rich_post())]))
    kinds = {piece.kind for piece in pieces}
    assert kinds == ({"neighbour", "modality", "region"} if asked[0] == "mood" else {"neighbour"})
    rng = np.random.default_rng(0)
    before, whole = fingerprint(batch.data), _raw(trainer, batch, batch.data)
    changed = 0
    for size in [1, 2, 3, 5, len(pieces)] * 4:
        chosen = [pieces[i] for i in rng.permutation(len(pieces))[:size]]
        together = _raw(trainer, batch, _without(batch.data, chosen))
        step = batch.data
        for piece in chosen:
            step = _without(step, [piece])
        backwards = _raw(trainer, batch, _without(batch.data, chosen[::-1]))
        assert torch.equal(together, _raw(trainer, batch, step))
        assert torch.allclose(together, backwards, atol=1e-6)
        changed += not torch.equal(together, whole)
    assert changed >= 10
    assert fingerprint(batch.data) == before
    assert torch.equal(_raw(trainer, batch, batch.data), whole)


def test_every_row_of_evidence_is_its_own_deletion(trainer: Trainer) -> None:
    view = world_graph().as_of(TEST)
    engine, post = Engine(view, world_tokens(), trainer), ("post", rich_post())
    guess = engine.predict("mood", post)
    evidence: Evidence = engine.explain(guess, top=100, words=False)
    batch, pieces = pieces_of(trainer, "mood", post)
    assert evidence.value == pytest.approx(max(guess.probabilities.values()), abs=1e-6)
    chosen = sorted(guess.probabilities).index(guess.value)
    expected = [
        (
            piece.kind,
            piece.what,
            evidence.value - float(_raw(trainer, batch, _without(batch.data, [piece])).softmax(-1)[chosen]),
        )
        for piece in pieces
    ]
    found = [(row.kind, row.what, row.effect) for row in evidence.rows]
    assert sorted(f[:2] for f in found) == sorted(e[:2] for e in expected)
    assert sorted(f[2] for f in found) == pytest.approx(sorted(e[2] for e in expected), abs=1e-6)
