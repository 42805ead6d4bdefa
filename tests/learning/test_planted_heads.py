"""Every task finds the truth planted for it on later data, and finds nothing where it was taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pytest
import torch

from graphsocial.embed import hashing_embeddings
from graphsocial.graph import SocialGraph
from graphsocial.learn import Task, TaskScore, TemporalSplit, Trainer, TrainingConfig
from graphsocial.learn.next_user_task import NextUserTask
from graphsocial.nn import EncoderConfig
from tests import planted


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small only wait for each other on more threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def score(
    graph: SocialGraph,
    task: Task,
    *,
    epochs: int = 6,
    batch_size: int = 64,
    modalities: tuple[str, ...] = ("text", "image", "structure"),
    use_graph: bool = True,
) -> tuple[TaskScore, float]:
    """The score after `planted.TEST` of a small model trained before it, and the mean reciprocal rank of guessing."""
    trainer = Trainer(
        [task],
        planted.SPLIT,
        encoder=EncoderConfig(
            16, heads=2, layers=1, dropout=0.05, modality_dropout=0.0, modalities=modalities, use_graph=use_graph
        ),
        training=TrainingConfig(
            epochs, patience=epochs, batch_size=batch_size, learning_rate=5e-3, warmup=10, fanout=(4,)
        ),
        device="cpu",
    )
    tokens = hashing_embeddings(graph, channels=32)
    for _ in trainer.epochs(graph, tokens):
        pass
    found = trainer.evaluate(graph, tokens, resamples=20).tasks[task.name]
    sizes = np.unique(trainer.examples(graph, "test")[task.name].query, return_counts=True)[1]
    guessing = float(np.mean([(1 / np.arange(1, n + 1)).mean() for n in sizes]))
    assert found.n >= 100
    print(f"{task.name}: {found.metric} {found.value:.3f}, guessing {guessing:.3f}, also {dict(found.also)}", end=" ")
    print({name: round(floor.value, 3) for name, floor in found.floors.items()}, found.n)
    return found, guessing


def floor(found: TaskScore, *, higher_is_better: bool = True) -> float:
    """The best floor."""
    values = [f.value for f in found.floors.values()]
    return max(values) if higher_is_better else min(values)


def test_sentiment_is_read_off_the_words() -> None:
    found, _ = score(planted.sentiment_world(0), Task.sentiment("mood"), epochs=12)
    assert found.also["accuracy"] > 0.85


def test_sentiment_is_not_found_in_words_dealt_anew() -> None:
    found, _ = score(planted.sentiment_world(0, permuted=True), Task.sentiment("mood"), epochs=12)
    assert 0.38 < found.also["accuracy"] < 0.62


def test_popularity_is_read_off_the_words() -> None:
    found, _ = score(planted.popularity_world(0), Task.popularity(), epochs=12)
    assert found.value < 0.2 * found.floors["mean"].value
    assert found.value < found.floors["tfidf_linear"].value + 0.1  # the words are the truth
    assert found.also["spearman"] > 0.8


def test_popularity_is_not_found_in_words_dealt_anew() -> None:
    found, _ = score(planted.popularity_world(0, permuted=True), Task.popularity(), epochs=12)
    assert found.value > 0.9 * found.floors["mean"].value
    assert abs(found.also["spearman"]) < 0.25


def test_the_picture_decides_where_words_say_nothing() -> None:
    found, _ = score(planted.picture_world(0), Task.post_label("mood"))
    assert found.also["accuracy"] > 0.95
    assert found.floors["tfidf_linear"].value < 0.62


def test_the_picture_is_not_guessed_without_images() -> None:
    found, _ = score(planted.picture_world(0), Task.post_label("mood"), modalities=("text", "structure"))
    assert 0.38 < found.also["accuracy"] < 0.62


def test_word_and_picture_are_read_together() -> None:
    found, _ = score(planted.picture_world(0, with_word=True), Task.post_label("mood"), epochs=10)
    assert found.also["accuracy"] > 0.95


@pytest.mark.parametrize("alone", ["text", "image"])
def test_word_or_picture_alone_says_nothing(alone: str) -> None:
    graph = planted.picture_world(0, with_word=True)
    found, _ = score(graph, Task.post_label("mood"), epochs=10, modalities=(alone, "structure"))
    assert 0.38 < found.also["accuracy"] < 0.62


def test_an_answer_takes_its_mood_from_the_picture_it_answers() -> None:
    found, _ = score(planted.answer_world(0), Task.post_label("mood"), epochs=8)
    assert found.also["accuracy"] > 0.95
    assert found.floors["tfidf_linear"].value < 0.62


@pytest.mark.parametrize("switch", [{"modalities": ("text", "structure")}, {"use_graph": False}], ids=str)
def test_the_picture_of_another_post_comes_through_the_graph(switch: dict[str, Any]) -> None:
    found, _ = score(planted.answer_world(0), Task.post_label("mood"), epochs=8, **switch)
    assert 0.38 < found.also["accuracy"] < 0.62


def test_an_answer_takes_nothing_from_pictures_dealt_anew() -> None:
    found, _ = score(planted.answer_world(0, permuted=True), Task.post_label("mood"), epochs=8)
    assert 0.38 < found.also["accuracy"] < 0.62


def test_popularity_is_read_off_the_past_of_the_author() -> None:
    found, _ = score(planted.following_world(0), Task.popularity(), epochs=8)
    assert found.value < 0.4 * floor(found, higher_is_better=False)
    assert found.also["spearman"] > 0.8


def test_popularity_is_not_found_in_the_past_of_anybody() -> None:
    found, _ = score(planted.following_world(0, permuted=True), Task.popularity(), epochs=8)
    assert found.value > 0.9 * found.floors["mean"].value
    assert abs(found.also["spearman"]) < 0.25


@pytest.mark.parametrize("reader", ["gru", "transformer"])
def test_next_user_follows_the_last_one(reader: Literal["gru", "transformer"]) -> None:
    found, guessing = score(planted.cascade_world(0), NextUserTask(reader=reader), batch_size=300)
    assert found.value > guessing + 0.25


@pytest.mark.parametrize("reader", ["gru", "transformer"])
def test_next_user_is_not_found_in_random_order(reader: Literal["gru", "transformer"]) -> None:
    found, guessing = score(planted.cascade_world(0, shuffled=True), NextUserTask(reader=reader), batch_size=300)
    assert abs(found.value - guessing) < 0.06


def test_recommendation_learns_the_taste_of_users() -> None:
    found, guessing = score(planted.taste_world(0), Task.recommendation(), epochs=8, batch_size=640)
    assert found.value > guessing + 0.12
    assert found.value > floor(found) + 0.12


def test_recommendation_finds_no_taste_in_texts_dealt_anew() -> None:
    found, guessing = score(planted.taste_world(0, permuted=True), Task.recommendation(), epochs=6, batch_size=640)
    assert abs(found.value - guessing) < 0.06


def test_link_learns_who_belongs_together() -> None:
    found, guessing = score(planted.circles_world(0), Task.link(planted.MENTION), batch_size=320)
    assert found.value > guessing + 0.35
    assert found.value > floor(found) + 0.05


def test_link_finds_no_circles_where_there_are_none() -> None:
    found, guessing = score(planted.circles_world(0, permuted=True), Task.link(planted.MENTION), batch_size=320)
    assert abs(found.value - guessing) < 0.06


def test_link_learns_that_the_last_target_is_the_next() -> None:
    found, guessing = score(planted.fashion_world(0), Task.link(planted.MENTION), batch_size=320)
    assert found.value > guessing + 0.4
    assert found.value > found.floors["recency"].value - 0.04  # recency is the truth


def test_relation_learns_the_past_of_the_target() -> None:
    found, _ = score(planted.manners_world(0), Task.relation(planted.REPLY, planted.QUOTE))
    assert found.value > 0.8
    assert found.value > found.floors["past_relations"].value - 0.03  # the past is the truth


def test_relation_finds_nothing_in_mixed_relations() -> None:
    found, _ = score(planted.manners_world(0, permuted=True), Task.relation(planted.REPLY, planted.QUOTE))
    assert found.value < 0.58


def test_trend_learns_the_ramp() -> None:
    found, _ = score(planted.ramp_world(0), Task.trend(), epochs=16)
    assert found.value < 0.75 * floor(found, higher_is_better=False)


def test_trend_finds_no_ramp_in_mixed_hours() -> None:
    found, _ = score(planted.ramp_world(0, permuted=True), Task.trend(), epochs=8)
    assert found.value > 0.95 * floor(found, higher_is_better=False)


def test_posts_without_any_edge_are_trained_on_and_tested() -> None:
    graph = planted.sentiment_world(0)
    assert not graph.edge_types
    start, end = TemporalSplit(valid=planted.VALID, test=planted.TEST).window("test", graph)
    known = graph.row_known_at("post")
    assert (start, end) == (planted.TEST, int(known.max()) + 1)
