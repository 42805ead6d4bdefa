"""How soon and how well topics of posts, followed as they come, find events that are known."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from benchmarks.post_graph import post_graph
from benchmarks.post_label_data import CACHE, GRID, TEXT_TOKENS, text_encoder
from benchmarks.result_lines import ResultLines
from benchmarks.trend_return import is_list
from graphsocial.embed import EmbeddingTable, embed_posts, normalise_text
from graphsocial.graph import SocialGraph, format_time
from graphsocial.ingest import PostFolder
from graphsocial.query.emerging_topics import CONTENTS, Content, emerging_topics, post_vectors
from graphsocial.query.topic_stream import topic_stream
from graphsocial.report.drawing import plot_style
from graphsocial.report.plots.emerging import emerging_figure
from graphsocial.schema import UNKNOWN_TIME

DAY = 86_400
LIKENESS = (0.3, 0.4, 0.5, 0.6, 0.7)
FEWEST = 4
"""Events below which there are none to choose the likeness on and none left to test."""
QUICK_POSTS = 1_500
FOUND_POSTS, FOUND_SHARE = 5, 0.5
"""An event is found once a topic has so many of its posts, and they are this share of the topic."""
SHOWN_WIDTH, SHOWN_WINDOWS = 3 * 3_600, 16
"""Seconds of a window of the picture, and how many it shows."""
CASES: Mapping[str, Content] = {"text": "text", "image": "image", "cross_modal": "both"}


def has_events(data: PostFolder) -> bool:
    """Whether posts belong to several groups, and the folder is not one of lists."""
    return not is_list(data) and len({group for group in data.group if group is not None}) >= FEWEST


def run_topics(data: PostFolder, quick: bool, lines: ResultLines) -> None:
    """Writes the lines: the likeness is chosen on the earlier half of the events, the later half is judged."""
    rows = np.flatnonzero((data.time != UNKNOWN_TIME) & np.array([group is not None for group in data.group]))
    if quick and len(rows) > QUICK_POSTS:
        rows = np.sort(np.random.default_rng(0).choice(rows, QUICK_POSTS, replace=False))
    rows = rows[np.argsort(data.time[rows], kind="stable")]
    moment, event = data.time[rows], data.group[rows].astype(str)
    names, first = np.unique(event, return_index=True)
    order = names[np.argsort(first)]
    later = np.isin(event, order[len(order) // 2 :])
    config = {
        "quick": quick, "posts": len(rows), "events": len(order) // 2, "tested_events": len(order) - len(order) // 2,
        "test_from": format_time(int(moment[later][0])), "width_seconds": DAY, "seeds": 1,
    }  # fmt: skip
    click.echo(f"topics: {len(rows):,} posts of {len(order)} events, {int(later.sum()):,} of the later half")
    texts = [normalise_text(text) for text in data.text[rows]]
    began = time.perf_counter()
    found = online_kmeans(texts, moment, len(order))
    _write(lines, "tfidf", found, event, moment, later, time.perf_counter() - began, {**config, "k": len(order)})
    graph = post_graph(_only(data, rows))
    table = embed_posts(graph, text=text_encoder(data), text_tokens=TEXT_TOKENS, image_grid=GRID, cache=CACHE)
    place = graph.index("post", data.post[rows])
    for case, content in CASES.items():
        if content != "both" and content not in table.tokens:
            continue
        vectors = post_vectors(graph, table, content)[0][place]
        _stream_case(lines, case, vectors, moment, event, later, config)
    busiest = int(np.bincount((moment[later] - moment[later][0]) // DAY).argmax()) + 1
    _example(graph.as_of(int(moment[later][0]) + busiest * DAY), table, config, lines)
    _picture(graph, table, moment, lines.path.with_name(f"{lines.path.stem}_emerging.svg"))


def _stream_case(
    lines: ResultLines,
    case: str,
    vectors: np.ndarray,
    moment: np.ndarray,
    event: np.ndarray,
    later: np.ndarray,
    config: Mapping[str, Any],
) -> None:
    began = time.perf_counter()
    streams = {likeness: topic_stream(vectors, moment, DAY, likeness).topic for likeness in LIKENESS}
    best = max(LIKENESS, key=lambda one: adjusted_rand_score(event[~later], _apart(streams[one])[~later]))
    about = {**config, "likeness": best}
    _write(lines, case, _apart(streams[best]), event, moment, later, time.perf_counter() - began, about)


def _apart(topic: np.ndarray) -> np.ndarray:
    """Posts without content are topics of their own."""
    return np.where(topic < 0, topic.max(initial=0) + 1 + np.arange(len(topic)), topic)


def online_kmeans(texts: list[str], moment: np.ndarray, clusters: int) -> np.ndarray:
    """Floor: k-means of TF-IDF vectors, updated day by day, each day's posts joining the nearest centre.

    The weights of words are those of the days so far. The number of clusters is that of the events, which nobody knows
    at the time: the floor has an advantage.

    Args:
        texts: One per post, in order of time.
        moment: int64 seconds [post].
        clusters: How many.
    """
    words = HashingVectorizer(n_features=2**14, alternate_sign=False, norm=None, binary=True).transform(texts)
    day = moment // DAY
    model = MiniBatchKMeans(clusters, random_state=0, n_init=1, batch_size=512)
    often, seen, started = np.zeros(words.shape[1]), 0, False
    topic, waiting = np.full(len(texts), -1), np.zeros(0, dtype=np.int64)
    for one in np.unique(day):
        rows = np.flatnonzero(day == one)
        often, seen = often + np.asarray(words[rows].sum(axis=0)).ravel(), seen + len(rows)
        waiting = np.concatenate([waiting, rows])
        if not started and len(waiting) < clusters and one != day[-1]:
            continue
        weighted = words[waiting].multiply(np.log((1 + seen) / (1 + often)) + 1).tocsr()
        length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        weighted = weighted.multiply(1 / np.maximum(length, 1e-12)[:, None]).tocsr()
        if started or len(waiting) >= clusters:
            model.partial_fit(weighted)
            started = True
        topic[waiting] = model.predict(weighted) if started else 0
        waiting = waiting[:0]
    return topic


def delays(topic: np.ndarray, event: np.ndarray, moment: np.ndarray) -> dict[str, float]:
    """Hours from the first post of each event until a topic has found it, infinite where none does.

    >>> delays(np.array([0] * 5 + [1]), np.array(["a"] * 5 + ["b"]), 3600 * np.arange(6))
    {'a': 4.0, 'b': inf}
    """
    out = {}
    for name in np.unique(event):
        mine = event == name
        begin, best = moment[mine].min(), np.inf
        for one in np.unique(topic[mine]):
            rows = np.flatnonzero(topic == one)
            hits = np.cumsum(mine[rows])
            good = np.flatnonzero((hits >= FOUND_POSTS) & (hits >= FOUND_SHARE * np.arange(1, len(rows) + 1)))
            if len(good):
                best = min(best, float(moment[rows[good[0]]] - begin) / 3_600)
        out[str(name)] = best
    return out


def _write(
    lines: ResultLines,
    case: str,
    topic: np.ndarray,
    event: np.ndarray,
    moment: np.ndarray,
    later: np.ndarray,
    seconds: float,
    config: Mapping[str, Any],
) -> None:
    """Agreement with the later events, with intervals over events drawn with replacement, and delays."""
    scores = {"nmi": normalized_mutual_info_score, "ari": adjusted_rand_score}
    rows, rng = np.flatnonzero(later), np.random.default_rng(0)
    names, code = np.unique(event[rows], return_inverse=True)
    of_event = [rows[code == one] for one in range(len(names))]
    shown = []
    drawn = [rng.integers(0, len(names), len(names)) for _ in range(50 if config["quick"] else 300)]
    for name, score in scores.items():
        value = score(event[rows], topic[rows])
        values = []
        for pick in drawn:
            drawn_rows = np.concatenate([of_event[one] for one in pick])
            values.append(score(event[drawn_rows], topic[drawn_rows]))
        interval = (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975)))
        lines.write(
            case, f"{name}/topics", float(value), task="trend", interval=interval, seconds=seconds, config=config,
            extra={"n": len(rows)},
        )  # fmt: skip
        shown.append(f"{name} {value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]")
    found = delays(topic, event, moment)
    hours = np.array([found[str(name)] for name in names])
    day_found = float((hours <= 24).mean())
    for name, value in (
        ("found_in_a_day", day_found), ("delay_hours", float(np.median(hours))), ("count", len(np.unique(topic[rows])))
    ):  # fmt: skip
        if np.isfinite(value):
            lines.write(case, f"{name}/topics", float(value), task="trend", config=config, extra={"n": len(names)})
        shown.append(f"{name} {value:.3g}")
    click.echo(f"  {case:14}" + "  ".join(shown))


def _example(view: Any, table: Any, config: Mapping[str, Any], lines: ResultLines) -> None:
    """What a person would see at the end of the busiest day of the later events."""
    content = "both" if set(table.tokens) >= {"text", "image"} else next(iter(set(table.tokens) & set(CONTENTS)))
    began = time.perf_counter()
    found = emerging_topics(view, table, k=5, content=content, likeness=0.5, minimum=3)
    lines.write("emerging_topics", "seconds/topics", time.perf_counter() - began, task="trend", unit="s", config=config)
    click.echo(repr(found))


def _picture(graph: SocialGraph, table: EmbeddingTable, moment: np.ndarray, path: Path) -> None:
    """What grew when most was posted, window by window."""
    number = moment // SHOWN_WIDTH
    end = (int(number.min()) + int(np.bincount(number - number.min()).argmax()) + 1) * SHOWN_WIDTH
    content = "both" if set(table.tokens) >= {"text", "image"} else next(iter(set(table.tokens) & set(CONTENTS)))
    found = emerging_topics(
        graph.as_of(end),
        table,
        5,
        content=content,
        likeness=0.5,
        minimum=3,
        width_seconds=SHOWN_WIDTH,
        history=SHOWN_WINDOWS,
    )
    with plot_style():
        figure = emerging_figure(found)
        if figure is not None:
            figure.savefig(path, metadata={"Date": None})
            click.echo(f"{found!r}\npicture in {path}")


def _only(data: PostFolder, rows: np.ndarray) -> PostFolder:
    return replace(
        data,
        post=data.post[rows], user=data.user[rows], time=data.time[rows], text=data.text[rows],
        images=tuple(data.images[row] for row in rows), label=data.label[rows], group=data.group[rows], edges=None,
    )  # fmt: skip
