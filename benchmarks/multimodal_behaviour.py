"""What users do: whether interests, rhythms and likeness hold on acts they were not made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.behaviour_forecasts import EVERYONE, LAST, OWN, Acts, log_losses
from benchmarks.behaviour_halves import cosines, fused, half_vectors, halves, own_ranks, tfidf_vectors
from benchmarks.mean_lines import write_means
from benchmarks.post_graph import post_graph
from benchmarks.post_label_data import CACHE, GRID, TEXT_TOKENS, text_encoder
from benchmarks.result_lines import ResultLines
from graphsocial.embed import EmbeddingTable, embed_posts
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.ingest import PostFolder
from graphsocial.query import fit_topics
from graphsocial.query.behaviour.activity_rhythm import HOUR, hour_of_week
from graphsocial.query.behaviour.engagements import Engagements, engagements
from graphsocial.query.behaviour.post_vectors import post_vectors
from graphsocial.query.behaviour.user_acts import user_acts

VALID, TEST = 0.6, 0.7
"""Shares of the acts after which settings are chosen, and after which acts are tested."""

WEEK = 7 * 86_400
TOPICS = 12
USERS, QUICK_USERS = 3_000, 500
FEWEST = 20
"""Users below which a question is left out."""
MANY = 200
"""Users with four posts from which on two posts are not enough."""

TFIDF, TEXT, IMAGE, LATE = "tfidf", "text", "image", "late_fusion"


def run(data: PostFolder, seeds: int, quick: bool, out: Path) -> None:
    """Writes the lines of the task; a question that the data cannot answer is left out with a line that says why.

    Args:
        data: Posts with users; relations from users to posts count as acts beside writing.
        seeds: Fits of topics, whose losses are averaged.
        quick: Fewer users, one fit.
        out: File of lines.

    Raises:
        SchemaError: No post has a user, or neither texts nor pictures can be read.
    """
    if not data.user.astype(bool).any() and data.edges is None:
        raise SchemaError(f"{data.name} names no users, there is no behaviour to look at")
    graph = post_graph(data)
    table = embed_posts(graph, text_encoder(data), text_tokens=TEXT_TOKENS, image_grid=GRID, cache=CACHE)
    if not table.modalities:
        raise SchemaError(f"{data.name} has neither texts nor pictures that could be read")
    lines = ResultLines(out, "multimodal_behaviour", data.name, data.sha256, "prequential")
    pairs = engagements(graph)
    about = {"quick": quick, "encoders": {m: e.name for m, e in table.encoders.items()}}
    about["assumptions"] = list(table.assumptions(int(pairs.time.min()) if len(pairs.time) else 0))
    _next_topic(lines, graph, table, pairs, 1 if quick else seeds, about)
    _next_hour(lines, graph, about)
    _odd_and_even(lines, graph, table, pairs, QUICK_USERS if quick else USERS, about)


def _cuts(time: np.ndarray) -> tuple[int, int]:
    valid, test = np.quantile(time, [VALID, TEST], method="lower")
    return int(valid), int(test)


def _next_topic(
    lines: ResultLines,
    graph: SocialGraph,
    table: EmbeddingTable,
    pairs: Engagements,
    seeds: int,
    about: dict[str, Any],
) -> None:
    """Topic of the next post that a user with two earlier ones acts on; topics are those of posts before validation."""
    timed = pairs.recorded
    if not timed.any() or "text" not in table.modalities:
        click.echo("next topic: left out, as no act has a time or no post a text")
        return
    valid, test = _cuts(pairs.time[timed])
    losses: dict[str, list[np.ndarray]] = {EVERYONE: [], LAST: [], OWN: []}
    chosen = []
    for seed in range(seeds):
        topics = fit_topics(graph.as_of(valid), table, TOPICS, rng=seed)
        label = topics.of_posts(graph, table)[pairs.post]
        kept = timed & (label >= 0)
        acts = Acts(pairs.user[kept], pairs.time[kept], label[kept], len(topics.posts))
        found, user, setting = log_losses(acts, valid, test, window=WEEK, step=HOUR, min_earlier=2)
        chosen.append(dict(setting) | {"topics": len(topics.posts)})
        if len(np.unique(user)) < FEWEST:
            click.echo(f"next topic: left out, {len(np.unique(user))} users act in the test part, expected {FEWEST}")
            return
        for case, loss in found.items():
            losses[case].append(loss)
    values = {case: np.mean(loss, axis=0) for case, loss in losses.items()}
    write_means(
        lines,
        "next_topic/log_loss",
        values,
        user,
        (EVERYONE, LAST),
        lower_is_better=True,
        config=about | {"fits": chosen},
    )
    _say("next topic, bits", values)


def _next_hour(lines: ResultLines, graph: SocialGraph, about: dict[str, Any]) -> None:
    """Hour of the day (UTC) of a user's next act an hour or more after the one before, with five earlier ones."""
    found = user_acts(graph)
    user = np.repeat(np.arange(len(found.start) - 1), np.diff(found.start))[found.recorded]
    time = found.time[found.recorded]
    if not len(time):
        click.echo("next hour: left out, as no act has a time")
        return
    distinct = np.ones(len(time), dtype=bool)
    distinct[1:] = (user[1:] != user[:-1]) | (time[1:] != time[:-1])
    user, time = user[distinct], time[distinct]
    acts = Acts(user, time, hour_of_week(time) % 24, 24)
    valid, test = _cuts(time)
    losses, asked, setting = log_losses(acts, valid, test, window=4 * WEEK, step=HOUR, min_earlier=5, min_gap=HOUR)
    if len(np.unique(asked)) < FEWEST:
        click.echo(f"next hour: left out, {len(np.unique(asked))} users act in the test part, expected {FEWEST}")
        return
    write_means(
        lines, "next_hour/log_loss", losses, asked, (EVERYONE, LAST), lower_is_better=True, config=about | dict(setting)
    )
    _say("next hour, bits", losses)


def _odd_and_even(
    lines: ResultLines, graph: SocialGraph, table: EmbeddingTable, pairs: Engagements, most: int, about: dict[str, Any]
) -> None:
    """Users by their odd posts among all by their even posts: not a question of time, so all posts count."""
    vectors = {modality: post_vectors(graph, table, modality) for modality in table.modalities if modality != "video"}
    has = np.any([there for _, there in vectors.values()], axis=0)
    for least, wanted in ((4, MANY), (2, FEWEST)):
        names, user, post, odd = halves(pairs, has, least, most, rng=0)
        if len(names) >= wanted:
            break
    else:
        click.echo(f"odd and even posts: left out, {len(names)} users have two posts, expected {FEWEST}")
        return

    def of_halves(given: Any) -> np.ndarray:
        return cosines(*(half_vectors(given, user[part], post[part], len(names)) for part in (odd, ~odd)))

    scores = {}
    if "text" in vectors:
        scores[TFIDF] = of_halves(tfidf_vectors(graph))
    for modality, (found, there) in vectors.items():
        centred = np.where(there[:, None], found - found[there].mean(axis=0), 0).astype(np.float32)
        scores[modality] = of_halves(centred)
    if {TEXT, IMAGE} <= set(scores):
        scores[LATE] = fused([scores[TEXT], scores[IMAGE]])
    if TFIDF in scores:
        scores["tfidf_and_text"] = fused([scores[TFIDF], scores[TEXT]])
    ranks = {case: own_ranks(score) for case, score in scores.items()}
    ranks["random"] = np.full(len(names), np.inf)
    about = about | {"users": len(names), "least_posts": least}
    for k in (1, 10):
        values = {case: (rank <= k).astype(np.float64) for case, rank in ranks.items()}
        values["random"] = np.full(len(names), min(k / len(names), 1.0))
        write_means(lines, f"same_user/hits@{k}", values, names, (TFIDF, "random"), config=about)
    reciprocal = {case: 1 / rank for case, rank in ranks.items()}
    reciprocal["random"] = np.full(len(names), (1 / np.arange(1, len(names) + 1)).mean())
    write_means(lines, "same_user/mrr", reciprocal, names, (TFIDF, "random"), config=about)
    _say(f"same user among {len(names):,}, mrr", reciprocal)


def _say(what: str, values: dict[str, np.ndarray]) -> None:
    click.echo(f"{what}: " + ", ".join(f"{case} {value.mean():.3f}" for case, value in values.items()))
