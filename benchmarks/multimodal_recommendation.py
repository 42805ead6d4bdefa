"""Which post a user takes up next, by global time: floors, words alone, the graph alone, and both."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np

from benchmarks.multimodal_recommendation_lines import RecommendationLines
from benchmarks.post_graph import post_graph
from benchmarks.post_label_data import CACHE, text_encoder
from benchmarks.result_lines import ResultLines
from graphsocial.embed import embed_posts
from graphsocial.errors import SchemaError
from graphsocial.graph import format_time
from graphsocial.ingest import PostFolder
from graphsocial.learn.recommendation.evidence import WINDOW, Candidates, affordable, read_candidates
from graphsocial.learn.recommendation.floors import FLOORS, floor_scores
from graphsocial.learn.recommendation.groups import target_groups
from graphsocial.learn.recommendation.ranked import Ranked, ranked
from graphsocial.learn.recommendation.ranker_config import RankerConfig
from graphsocial.learn.recommendation.take_ups import TakeUps
from graphsocial.learn.recommendation.targets import EARLIER, RecommendationSplit, recommendation_split
from graphsocial.learn.recommendation.words import character_vectors, narrowed
from graphsocial.learn.seeds import derived_seed

REPOST = "repost"
SAMPLED = {False: 64, True: 48}
"""Candidates of a training target, in a whole and in a quick run."""
QUICK_TARGETS = (4_000, 1_000, 1_500)
ROWS = 2**24
FUSION_WEIGHTS = tuple(np.linspace(0, 1, 21).tolist())
"""Shares of the words in late fusion, of which the best on validation is taken."""
LEARNED = {
    "text": RankerConfig(of_post=False, of_pair=False),
    "not_personal": RankerConfig(of_pair=False, words=False),
    "graph": RankerConfig(words=False),
    "cross_modal": RankerConfig(),
    "cross_modal/shuffled_text": RankerConfig(),
    "text/encoder": RankerConfig(of_post=False, of_pair=False),
    "cross_modal/encoder": RankerConfig(),
}
CHARACTERS, ENCODER = "characters", "encoder"

Learned = tuple[str, Sequence[Ranked], float, dict[str, object]]
"""Case, rankings by seed, seconds of a seed, and what the case says of itself."""


@dataclass(frozen=True, eq=False)
class PostWords:
    """Words of the posts by how they are read, nothing where they have none.

    Attributes:
        vectors: float32 [post, channel].
        readers: What reads them.
        assumptions: What a pretrained reader takes for granted.
    """

    vectors: Mapping[str, np.ndarray]
    readers: Mapping[str, str]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Parts:
    """Candidates of each part.

    Attributes:
        split: Targets that are asked.
        train: Sampled.
        valid: All.
        test: All.
        words: Of the posts.
        rule: The floor that is best on validation by NDCG@10.
    """

    split: RecommendationSplit
    train: Candidates
    valid: Candidates
    test: Candidates
    words: PostWords
    rule: str


def run(data: PostFolder, seeds: int, quick: bool, out: Path) -> None:
    """Asks at every take-up of the test part, by users with two or more before; see `recommendation_split`.

    Args:
        data: Posts with times, and edges (user, repost, post) with times.
        seeds: Trainings of what is learned.
        quick: One training of one epoch, on some of the targets.
        out: File for the lines.

    Raises:
        SchemaError: The data have no such edges, or too few.
    """
    began = time.perf_counter()
    record = take_ups(data)
    parts = read_parts(data, record, quick)
    split, test = parts.split, parts.test
    seeds = 1 if quick else seeds
    config = {
        "window_days": WINDOW / 86_400,
        "earlier": EARLIER,
        "train": len(split.train),
        "valid": len(split.valid),
        "test": len(split.test),
        "valid_from": format_time(split.valid_from),
        "test_from": format_time(split.test_from),
        "left_out": dict(record.left_out),
        "rule": parts.rule,
        "text_encoder": dict(parts.words.readers),
        "assumptions": list(parts.words.assumptions),
        "seeds": seeds,
        "quick": quick,
    }
    lines = RecommendationLines(
        ResultLines(out, "multimodal_recommendation", data.name, data.sha256, "prequential"),
        test,
        split.test.user,
        target_groups(record, split.test),
        config,
    )
    lines.asked(time.perf_counter() - began)
    for floor in FLOORS:
        lines.case(floor, [ranked(test, floor_scores(floor, test))], 0.0, floor=True)
    for case, found, seconds, more in learned(parts, seeds, quick):
        lines.case(case, found, seconds, more)
    lines.differences()
    lines.show()


def take_ups(data: PostFolder) -> TakeUps:
    """Reposts of the folder's posts; edges of other relations where it knows none of that name."""
    edges = data.edges
    if edges is None or not len(edges):
        raise SchemaError(f"recommendation needs edges.csv with rows user,post,{REPOST},time; {data.name} has no edges")
    keep = edges.relation == REPOST
    if not keep.any():
        keep[:] = True
    elif not keep.all():
        click.echo(f"{(~keep).sum():,} edges of other relations than {REPOST!r} are not read", err=True)
    return TakeUps.of(data.post, data.user, data.time, edges.src[keep], edges.dst[keep], edges.time[keep])


def read_parts(data: PostFolder, record: TakeUps, quick: bool) -> Parts:
    """Cuts by time, reads the candidates of each part and the words, and picks the rule to start from."""
    split = recommendation_split(record)
    asked = [split.train, split.valid, split.test]
    if quick:
        most = zip(asked, QUICK_TARGETS, strict=True)
        asked = [part.rows(np.arange(0, len(part), -(-len(part) // n))) for part, n in most]
    asked[1:] = [affordable(record, part, ROWS) for part in asked[1:]]
    asked[0] = asked[0].rows(np.arange(0, len(asked[0]), -(-len(asked[0]) * SAMPLED[quick] // ROWS)))
    split = replace(split, train=asked[0], valid=asked[1], test=asked[2])
    train = read_candidates(record, split.train, SAMPLED[quick])
    valid, test = (read_candidates(record, part) for part in (split.valid, split.test))
    judged = {name: ranked(valid, floor_scores(name, valid)).gains[:, 1].mean() for name in FLOORS}
    words = words_of(data, record, split)
    return Parts(split, train, valid, test, words, max(judged, key=lambda name: judged[name]))


def words_of(data: PostFolder, record: TakeUps, split: RecommendationSplit) -> PostWords:
    """Posts' words by the characters of training posts, and by the pretrained encoder of the script.

    Either on the axes of what training posts say; nothing, and said, where these have no words.
    """
    text, known = dict(zip(data.post, data.text, strict=True)), record.start < split.valid_from
    try:
        vectors = {CHARACTERS: character_vectors([text[post] for post in record.posts], known)}
        readers = {CHARACTERS: "TF-IDF of 1-3 characters, 64 axes, of training posts"}
    except SchemaError as problem:
        click.echo(f"text, late_fusion, cross_modal: skipped, {problem}")
        return PostWords({}, {}, ())
    encoder = text_encoder(data)
    encoded, assumptions = _encoded(data, record, encoder)
    said = narrowed(encoded, known)
    if not said.shape[1]:
        click.echo(f"text/{ENCODER}, cross_modal/{ENCODER}: skipped, {encoder} reads the same in every training post")
        return PostWords(vectors, readers, ())
    return PostWords({**vectors, ENCODER: said}, {**readers, ENCODER: f"{encoder}, 64 axes"}, assumptions)


def _encoded(data: PostFolder, record: TakeUps, encoder: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Each post's whole text by a pretrained encoder, zero where it has none [post, channel]; what that assumes."""
    silent = tuple(() for _ in data.post)
    table = embed_posts(post_graph(replace(data, images=silent, edges=None)), encoder, cache=CACHE)
    row = table.rows("post", "text", list(record.posts))[:, 0]
    vectors = table.tokens["text"].tokens[:, 0].astype(np.float32)
    return np.where(row[:, None] >= 0, vectors[row], np.float32(0)), table.assumptions(int(record.start.min()))


def learned(parts: Parts, seeds: int, quick: bool) -> Iterator[Learned]:
    """Everything that is learned, case by case."""
    from graphsocial.learn.recommendation.ranker import Ranker  # torch, needed only here

    test_from, scores = parts.split.test_from, {}
    for case, config in LEARNED.items():
        reading = ENCODER if case.endswith(f"/{ENCODER}") else CHARACTERS
        if config.words and reading not in parts.words.vectors:
            continue
        config = replace(config, epochs=1) if quick else config
        rule = None if case.startswith("text") else parts.rule
        began, found = time.perf_counter(), []
        for seed in range(seeds):
            words = parts.words.vectors.get(reading)
            if case.endswith("shuffled_text") and words is not None:
                words = shuffled(words, seed)
            ranker = Ranker(rule, words, config, seed)
            for epoch in ranker.fit(parts.train, parts.valid, test_from):
                click.echo(f"{case} seed {seed}, {epoch}", err=True)
            valid = ranker.scores(parts.valid, parts.split.valid_from, allow_future_model=True)
            test = ranker.scores(parts.test, test_from)
            scores[case, seed] = valid, test
            found.append(ranked(parts.test, test))
        yield case, found, (time.perf_counter() - began) / seeds, {"parameters": ranker.parameters, "rule": rule}
        if case == "graph" and parts.words.vectors:
            yield late_fusion(parts, scores, seeds)


def late_fusion(parts: Parts, scores: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]], seeds: int) -> Learned:
    """Log shares of the graph and of the words, mixed by a weight that validation chose, seed by seed."""
    found, chosen, began = [], [], time.perf_counter()
    for seed in range(seeds):
        both = [
            [log_shares(scores[case, seed][at], part) for case in ("graph", "text")]
            for at, part in enumerate((parts.valid, parts.test))
        ]
        mixed = [(1 - share) * both[0][0] + share * both[0][1] for share in FUSION_WEIGHTS]
        best = int(np.argmax([ranked(parts.valid, score).gains[:, 1].mean() for score in mixed]))
        chosen.append(FUSION_WEIGHTS[best])
        found.append(ranked(parts.test, (1 - chosen[-1]) * both[1][0] + chosen[-1] * both[1][1]))
    return "late_fusion", found, (time.perf_counter() - began) / seeds, {"share_of_words": chosen}


def log_shares(score: np.ndarray, candidates: Candidates) -> np.ndarray:
    """Log of the softmax over the candidates of each target [row]."""
    some = candidates.size > 0
    begin, size = candidates.offsets[:-1][some], candidates.size[some]
    if not len(begin):
        return score
    score = score - np.repeat(np.maximum.reduceat(score, begin), size)
    return score - np.repeat(np.log(np.add.reduceat(np.exp(score), begin)), size)


def shuffled(words: np.ndarray, seed: int) -> np.ndarray:
    """The same rows, each at another post, in a single cycle over the posts that have words.

    >>> moved = shuffled(np.array([[1.0], [2.0], [0.0], [3.0]]), 0)[:, 0]
    >>> sorted(moved.tolist()), moved[2].item(), bool((moved[[0, 1, 3]] == [1, 2, 3]).any())
    ([0.0, 1.0, 2.0, 3.0], 0.0, False)
    """
    there = np.flatnonzero(words.any(axis=1))
    order = np.random.default_rng(derived_seed("shuffled words", seed)).permutation(there)
    out = words.copy()
    out[order] = words[np.roll(order, 1)]
    return out
