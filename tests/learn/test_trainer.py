from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.embed import EmbeddingTable, EncoderInfo, ModalityTokens, hashing_embeddings
from graphsocial.embed.table import NodeContents
from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.learn import Task, Trainer
from graphsocial.learn.batching import ContentIndex, merge_seeds, plan_steps, stacked
from graphsocial.learn.candidate_sampling import thinned
from graphsocial.learn.examples import Examples
from graphsocial.learn.training_progress import TrainingProgress
from graphsocial.nn.balancing import Balance, MeanBalance, PCGrad, UncertaintyBalance
from graphsocial.schema import Column, Schema
from tests.leakage.erasable_world import TEST, VALID
from tests.learn.small_training import (
    equal,
    late_graph,
    small_tasks,
    small_trainer,
    small_world,
    trained,
    weights,
    world_graph,
    world_tokens,
)

BALANCES: dict[str, Callable[[], Balance]] = {
    "mean": MeanBalance,
    "uncertainty": lambda: UncertaintyBalance([task.name for task in small_tasks()]),
    "pcgrad": PCGrad,
}


def new_balance(name: str) -> Balance:
    return BALANCES[name]()


@pytest.mark.parametrize("balance", BALANCES)
def test_resumed_training_equals_uninterrupted_training(balance: str, tmp_path: Path) -> None:
    whole = trained(small_trainer(balance=new_balance(balance), epochs=4))
    first = small_trainer(balance=new_balance(balance), epochs=4)
    for report in first.epochs(world_graph(), world_tokens()):
        if report.epoch == 1:
            first.save(tmp_path / "model.safetensors")
            break
    second = Trainer.open(tmp_path / "model.safetensors", device="cpu")
    assert second.progress.epoch == 2
    trained(second)
    assert equal(weights(whole), weights(second))
    whole.save(tmp_path / "whole.safetensors")
    second.save(tmp_path / "second.safetensors")
    latest = [Trainer.open(tmp_path / f"{name}.safetensors", device="cpu") for name in ("whole", "second")]
    assert equal(latest[0]._latest, latest[1]._latest)
    assert [h["validation"] for h in whole.history] == [h["validation"] for h in second.history]


def test_test_part_changes_no_weight() -> None:
    expected = weights(trained(small_trainer()))
    flipped = small_world()
    for row in flipped.nodes["post"]:
        if row["known_at"] >= TEST:
            row["mood"], row["reposts"] = {"good": "bad", "bad": "good"}.get(row["mood"], "odd"), 1
    assert equal(expected, weights(trained(small_trainer(), flipped.graph())))
    assert equal(expected, weights(trained(small_trainer(), small_world().erased(TEST).graph())))


def test_validation_labels_choose_the_epoch_but_change_no_step() -> None:
    def seen(world_change: bool) -> tuple[list[dict[str, Any]], list[Any]]:
        world = small_world()
        for row in world.nodes["post"]:
            if world_change and VALID <= row["known_at"] < TEST:
                row["mood"] = {"good": "bad", "bad": "good"}.get(row["mood"])
        trainer = small_trainer([Task.post_label("mood")])
        graph, steps = world.graph(), []
        for _ in trainer.epochs(graph, hashing_embeddings(graph)):
            steps.append(weights(trainer))
        return trainer.history, steps

    (history, steps), (changed_history, changed_steps) = seen(False), seen(True)
    assert all(equal(a, b) for a, b in zip(steps, changed_steps, strict=True))
    assert [h["losses"] for h in history] == [h["losses"] for h in changed_history]
    assert [h["score"] for h in history] != [h["score"] for h in changed_history]


def test_stops_after_patience_and_holds_the_best_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scores = iter([0.1, 0.5, 0.3, 0.2, 0.9, 0.9, 0.9])
    trainer = small_trainer([Task.post_label("mood")], epochs=6, patience=2)
    monkeypatch.setattr(TrainingProgress, "score", lambda self, validation, tasks: next(scores))
    after = [weights(trainer) for _ in trainer.epochs(world_graph(), world_tokens())]
    assert len(after) == 4 and trainer.progress.stopped
    assert [h["selected"] for h in trainer.history] == [True, True, False, False]
    assert trainer.progress.best_epoch == 1
    assert equal(weights(trainer), after[1]) and not equal(after[1], after[3])
    trainer.save(tmp_path / "model.safetensors")
    opened = Trainer.open(tmp_path / "model.safetensors", device="cpu")
    assert equal(weights(opened), after[1])
    assert not list(opened.epochs(world_graph(), world_tokens()))
    opened.extend(5)
    assert [report.epoch for report in opened.epochs(world_graph(), world_tokens())] == [4]


SWITCHES: list[dict[str, Any]] = [
    {"use_graph": False},
    {"fusion": "late"},
    {"modalities": ("text",)},
    {"modalities": ("image",)},
    {"modalities": ("structure",)},
    {"layers": 0},
]


@pytest.mark.parametrize("switch", SWITCHES, ids=str)
def test_every_switch_trains_and_predicts(switch: dict[str, Any]) -> None:
    trainer = trained(small_trainer(encoder=switch, epochs=1))
    assert_predicts(trainer, world_graph(), world_tokens())


@pytest.mark.parametrize("balance", BALANCES)
def test_every_balance_trains_and_predicts(balance: str) -> None:
    trainer = trained(small_trainer(balance=new_balance(balance), epochs=1))
    assert_predicts(trainer, world_graph(), world_tokens())


def assert_predicts(trainer: Trainer, graph: SocialGraph, tokens: EmbeddingTable) -> None:
    test = trainer.examples(graph, "test")
    predicted = trainer.predict(graph, ContentIndex.of(graph, tokens), test)
    assert set(predicted) == set(trainer.tasks)
    for name, values in predicted.items():
        assert len(values) == len(test[name]) > 0 and np.isfinite(values).all()


def text_only_graph(mood: bool = True) -> SocialGraph:
    rows = [r for r in small_world().nodes["post"]]
    columns = {"text": Column(), "mood": Column()}
    posts = pa.table(
        {
            "id": [r["id"] for r in rows],
            "known_at": [r["known_at"] for r in rows],
            "text": [r["text"] for r in rows],
            "mood": pa.array([r["mood"] if mood else None for r in rows], pa.string()),
        }
    )
    return SocialGraph.build(Schema({"post": columns}, {}), {"post": posts}, {})


def test_texts_alone_train_and_predict() -> None:
    graph = text_only_graph()
    tokens = hashing_embeddings(graph)
    trainer = trained(small_trainer([Task.post_label("mood")], epochs=1), graph, tokens)
    assert_predicts(trainer, graph, tokens)


def test_labels_that_are_missing_are_named() -> None:
    with pytest.raises(SchemaError, match="no post in the training part has a value in column 'mood'"):
        trained(small_trainer([Task.post_label("mood")]), text_only_graph(mood=False))
    with pytest.raises(SchemaError, match="stance"):
        trained(small_trainer([Task.post_label("stance")]))
    world = small_world()
    for row in world.nodes["post"]:
        row["reposts"] = None
    with pytest.raises(SchemaError, match=r"no training example .* popularity"):
        trained(small_trainer([Task.post_label("mood"), Task.popularity(column="reposts")]), world.graph())
    with pytest.raises(SchemaError, match="all different"):
        small_trainer([Task.post_label("mood"), Task.post_label("mood")])
    with pytest.raises(NotFittedError):
        small_trainer().predict(world_graph(), ContentIndex.of(world_graph(), world_tokens()), {})


def test_labels_measured_after_the_cut_need_an_assumption() -> None:
    with pytest.raises(LeakageError, match=r"post.verdict were measured at .*labels_known='post_time'"):
        trained(small_trainer([Task.post_label("verdict")]))
    trainer = trained(small_trainer([Task.post_label("verdict", labels_known="post_time")], epochs=1))
    found = trainer.evaluate(world_graph(), world_tokens(), with_floors=False, resamples=10)
    assert any("post.verdict" in sentence and "given later" in sentence for sentence in found.assumptions)
    assert found.tasks["verdict"].parts["assumptions"]


def test_steps_use_every_question_once_and_whole() -> None:
    train = small_trainer().examples(world_graph(), "train")
    plan = plan_steps(train, 40, 7)
    assert len(plan) == -(-max(map(len, train.values())) // 40) > 2
    for name, rows in train.items():
        parts = [step[name] for step in plan if name in step]
        asked = np.concatenate([np.unique(part.query) for part in parts])
        assert sorted(asked) == sorted(np.unique(rows.query))
        assert sum(map(len, parts)) == len(rows)
        for part in parts:
            for query in np.unique(part.query):
                assert (part.query == query).sum() == (rows.query == query).sum()
    other = plan_steps(train, 40, 8)
    assert any(not np.array_equal(a["mood"].query, b["mood"].query) for a, b in zip(plan, other, strict=True))
    assert plan_steps({"none": train["mood"].take(np.array([], int))}, 40, 7) == []


def rows_of(name: str, nodes: dict[str, tuple[str, list[Any]]], time: list[int], **more: Any) -> Examples:
    count = len(time)
    values: dict[str, Any] = {"target": np.zeros(count), "query": np.arange(count)} | more
    return Examples(
        name,
        {role: (node_type, np.array(index)) for role, (node_type, index) in nodes.items()},
        np.array(time),
        values["target"],
        np.array(["g"] * count, dtype=object),
        np.asarray(values["query"]),
    )


def test_equal_questions_share_a_seed() -> None:
    asked = {
        "label": rows_of("label", {"node": ("post", [4, 2, 4])}, [10, 10, 20]),
        "pair": rows_of("pair", {"src": ("user", [1, 1]), "dst": ("post", [2, 4])}, [10, 20]),
        "list": rows_of("list", {"items": ("post", [[4, -1], [9, 4]])}, [10, 20]),
    }
    seeds, positions = merge_seeds(asked)
    assert sorted(zip(*(s.tolist() for s in seeds["post"]), strict=True)) == [(2, 10), (4, 10), (4, 20), (9, 20)]
    assert sorted(zip(*(s.tolist() for s in seeds["user"]), strict=True)) == [(1, 10), (1, 20)]
    for task, rows in asked.items():
        for role, (node_type, index) in rows.nodes.items():
            found_type, place = positions[task][role]
            assert found_type == node_type and tuple(place.shape) == index.shape
            time = np.broadcast_to(rows.time.reshape((-1,) + (1,) * (index.ndim - 1)), index.shape)
            node, when = seeds[node_type]
            real = index >= 0
            assert (place.numpy()[~real] == -1).all()
            assert (node[place.numpy()[real]] == index[real]).all() and (when[place.numpy()[real]] == time[real]).all()


def test_content_counts_from_when_it_is_known() -> None:
    graph = late_graph()
    content = ContentIndex.of(graph, hashing_embeddings(graph))
    first, second = (graph.index_of(("post", name)) for name in ("p1", "p2"))
    times = np.array([10, 11, 50, 51])
    rows = content.as_of("post", "image", np.full(4, first), times)
    assert (rows >= 0).sum(axis=1).tolist() == [0, 1, 1, 2]
    texts = content.as_of("post", "text", np.array([second, second, second, first]), np.array([21, 100, 101, 11]))
    assert (texts[:, 0] >= 0).tolist() == [False, False, True, True]


def clip_tokens(graph: SocialGraph) -> EmbeddingTable:
    """m1 is a picture of three tokens, m2 a clip of five."""
    rng = np.random.default_rng(0)
    tokens, shown = {}, {}
    for modality, name, count in (("image", "m1", 3), ("video", "m2", 5)):
        values = rng.normal(size=(1, count, 6)).astype(np.float16)
        encoder = EncoderInfo(modality, "image", 6, "00", released="1970-01-01")
        tokens[modality] = ModalityTokens(modality, values, np.ones((1, count), bool), encoder)
        shown["media", modality] = NodeContents((name,), np.array([0, 1]), np.array([0]))
    return EmbeddingTable(tokens, shown)


def test_clips_feed_the_image_slot() -> None:
    graph = late_graph()
    table = clip_tokens(graph)
    content = ContentIndex.of(graph, table)
    assert set(content.tokens) == {"image"} and content.token_channels == {"image": 6}
    tokens, mask = content.tokens["image"].numpy(), content.masks["image"].numpy()
    assert tokens.shape == (2, 5, 6) and mask.sum(axis=1).tolist() == [3, 5]
    first, second = content.rows["media", "image"][graph.index("media", ["m1", "m2"]), 0]
    assert np.array_equal(tokens[first, :3], table.tokens["image"].tokens[0]) and not tokens[first, 3:].any()
    assert np.array_equal(tokens[second], table.tokens["video"].tokens[0])
    shown = content.as_of("post", "image", np.repeat(graph.index("post", ["p1"]), 2), np.array([11, 51]))
    assert shown.tolist() == [[first, -1], [first, second]]
    alone, offset = stacked(None, table.tokens["video"])
    assert offset == 0 and alone[0] is table.tokens["video"].tokens
    del table.tokens["image"]
    assert ContentIndex.of(graph, table).tokens["image"].shape == (1, 5, 6)


def test_thinning_keeps_true_candidates() -> None:
    target = np.array([1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1])
    query = np.array([3, 3, 3, 3, 5, 5, 5, 5, 5, 5, 8, 8])
    rows = replace(rows_of("rank", {"dst": ("user", list(range(12)))}, [5] * 12), target=target, query=query)
    drawn = set()
    for rng in range(8):
        kept = thinned(rows, 2, rng)
        drawn.add(tuple(kept.tolist()))
        assert (np.diff(kept) > 0).all()
        assert set(np.flatnonzero(target)) <= set(kept.tolist())
        assert [int(((query[kept] == q) & (target[kept] == 0)).sum()) for q in (3, 5, 8)] == [2, 2, 1]
    assert len(drawn) > 1


def test_examples_of_a_part_stay_inside_it() -> None:
    trainer = small_trainer()
    for part in ("train", "valid", "test"):
        start, end = trainer.split.window(part, world_graph())
        for rows in trainer.examples(world_graph(), part).values():
            assert rows.time.min() >= start and rows.time.max() <= end
