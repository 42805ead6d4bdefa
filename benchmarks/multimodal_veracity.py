"""Whether a post is true, on events or times never trained on: `python -m benchmarks multimodal --task veracity`."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from benchmarks.post_label_cases import (
    CHANNELS,
    CROSS,
    LATE,
    Case,
    Fold,
    case_probability,
    evidence_of,
    floor_probabilities,
    grid,
    late,
)
from benchmarks.post_label_data import LabelledPosts, labelled_posts
from benchmarks.post_label_lines import FoldScores, write_lines
from benchmarks.result_lines import ResultLines
from graphsocial.errors import SchemaError
from graphsocial.ingest import PostFolder
from graphsocial.learn.post_labels.grouped_folds import grouped_folds
from graphsocial.learn.post_labels.observed_cascade import observed_cascades
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.learn.post_labels.token_directions import along_directions
from graphsocial.learn.seeds import derived_seed
from graphsocial.schema import UNKNOWN_TIME

HOURS = 6
"""Of each post's cascade that are looked at before saying whether it is true."""

MOST_EVENTS = 20
"""With more groups than this they are dealt to `GROUP_FOLDS` folds instead of left out one by one."""

GROUP_FOLDS = 10
TRAIN, TEST = 0.7, 0.85
MOST_PER_PICTURE = 20
"""Training posts with the same picture: the label belongs to the picture."""

QUICK_POSTS = 1000


def run(data: PostFolder, seeds: int, quick: bool, out: Path) -> None:
    """Writes the lines of the task: groups left out where posts have groups, later posts left out where not.

    Args:
        data: Posts with labels, and groups (events) or times; reposts and answers as edges where there are some.
        seeds: How often everything is trained.
        quick: Fewer posts, three of the folds, one network each, no choice of settings.
        out: File of lines.

    Raises:
        SchemaError: Too few labels, or neither groups nor times.
    """
    posts = labelled_posts(data, QUICK_POSTS if quick else None)
    with_cascades = data.edges is not None and bool((posts.folder.time != UNKNOWN_TIME).all()) and _has_cascades(data)
    inputs, features, window = posts.inputs, None, 0
    if with_cascades:
        window = HOURS * 3600
        row = {post: at for at, post in enumerate(data.post.tolist())}
        seen = observed_cascades(data, np.array([row[post] for post in posts.folder.post.tolist()]), window)
        features, inputs = seen.features, _with_cascades(inputs, seen.features, seen.words)
    protocol, folds = _folds(posts, window)
    lines = ResultLines(out, "multimodal_veracity", data.name, data.sha256, protocol)
    unit = _units(posts)
    scores = FoldScores(posts.target, posts.classes, unit)
    base = PostLabelConfig(nets=1) if quick else PostLabelConfig()
    characters = any(ord(letter) > 0x24F for text in posts.folder.text[:50] for letter in text if letter.isalpha())
    group = _groups(posts)
    for seed in range(1 if quick else seeds):
        for number, (train, test) in enumerate(folds[: 3 if quick else None]):
            began = time.process_time()
            rng = derived_seed(seed, "fold", number)
            fold = Fold(inputs, posts.target, group, len(posts.classes), train, test, rng, features)
            for name, probability in floor_probabilities(fold, posts.inputs.words, characters).items():
                scores.add(name, seed, number, test, probability)
            thin = _thinned(train, posts.picture, rng)
            fold = replace(fold, train=thin, inputs=along_directions(inputs, thin, CHANNELS, rng))
            if features is not None:
                fold = replace(fold, judge=_latest(fold.train, posts.folder.time))
            evidence = evidence_of(fold, fold.inputs)
            for case in _cases(inputs, base, quick):
                probability, config, size = case_probability(case, fold, evidence)
                scores.add(case.name, seed, number, test, probability, f"{config.loss} {config.rate:g}", size)
            click.echo(f"seed {seed} fold {number}: {len(test):,} posts ({time.process_time() - began:.0f} CPU s)")
    about = {"quick": quick, "seeds": seeds, "posts": len(posts), "classes": list(posts.classes)}
    about |= {"hours": HOURS if with_cascades else None, "unit": "picture", "left_out": dict(posts.left_out)}
    about["assumptions"] = [*posts.assumptions, "labels are taken as known with the post; they were given later"]
    write_lines(lines, scores, None, about)


def _has_cascades(data: PostFolder) -> bool:
    """Whether any edge leads to a labelled post."""
    labelled = {post for post, label in zip(data.post.tolist(), data.label.tolist(), strict=True) if label is not None}
    return data.edges is not None and any(name in labelled for name in data.edges.dst.tolist())


def _with_cascades(inputs: PostInputs, features: np.ndarray, words: np.ndarray) -> PostInputs:
    """Cascades as a modality with one token, and answers as one with words alone."""
    known = dict(inputs.words) | ({"replies": words} if words.astype(bool).any() else {})
    token = features.astype(np.float32)[:, None, :]
    mask = np.ones((len(features), 1), dtype=bool)
    return PostInputs(dict(inputs.tokens) | {"cascade": token}, dict(inputs.mask) | {"cascade": mask}, known)


def _groups(posts: LabelledPosts) -> np.ndarray:
    """Events, or the post itself where it has none."""
    return np.array([name if name is not None else f"post {at}" for at, name in enumerate(posts.folder.group)], object)


def _units(posts: LabelledPosts) -> np.ndarray:
    """What the bootstrap draws: the picture; the event of a post whose picture is not there; else the post."""
    groups = _groups(posts)
    has = np.array([bool(files) for files in posts.folder.images])
    return np.where(has, posts.picture, groups)


def _folds(posts: LabelledPosts, window: int) -> tuple[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Name of the protocol, and training and test rows."""
    group = posts.folder.group
    size = Counter(name for name in group if name is not None)
    named = sorted(size, key=lambda name: (-size[name], name))  # the largest first: a quick run sees no others
    if len(named) >= 3:
        rows = np.array([name is not None for name in group])
        if len(named) <= MOST_EVENTS:
            cuts = [(np.flatnonzero(rows & (group != name)), np.flatnonzero(group == name)) for name in named]
        else:
            kept = np.flatnonzero(rows)
            parts = grouped_folds(posts.target[kept], group[kept], GROUP_FOLDS, 0)
            cuts = [(kept[train], kept[test]) for train, test in parts]
        return "leave_groups_out", cuts
    when = posts.folder.time
    if (when == UNKNOWN_TIME).any():
        raise SchemaError(
            f"{posts.folder.name}: {int((when == UNKNOWN_TIME).sum())} of {len(posts)} posts have no time and there "
            f"are {len(named)} groups, expected a time for every post or at least three groups"
        )
    order = np.argsort(when, kind="stable")
    cut = when[order[int(TEST * len(order))]]
    train = order[(when[order] + window < cut)]
    click.echo(f"left out: {int((when < cut).sum()) - len(train)} posts whose hours end after the first test post")
    return f"by_time_{round(100 * TEST)}_{round(100 - 100 * TEST)}", [(train, np.flatnonzero(when >= cut))]


def _latest(train: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Which training rows judge settings: the last part before the test, bool [row of the training part]."""
    rank = np.argsort(np.argsort(when[train], kind="stable"))
    judges: np.ndarray = rank >= TRAIN / TEST * len(train)
    return judges


def _thinned(train: np.ndarray, picture: np.ndarray, rng: int) -> np.ndarray:
    """At most `MOST_PER_PICTURE` training rows of each picture, in their order."""
    order = np.random.default_rng(rng).permutation(len(train))
    code = np.unique(picture[train].astype(str), return_inverse=True)[1]
    order = order[np.argsort(code[order], kind="stable")]
    size = np.bincount(code)
    place = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    return train[np.sort(order[place < MOST_PER_PICTURE])]


def _cases(inputs: PostInputs, base: PostLabelConfig, quick: bool) -> list[Case]:
    names, configs = inputs.modalities, grid(base, quick)
    cases = [Case(name, (name,), configs) for name in names if name != "replies"]
    if "replies" in names:
        cases.append(Case("cascade_and_replies", ("cascade", "replies"), configs))
    if len(names) > 1:
        cases += [Case(LATE, names, late(configs)), Case(CROSS, names, configs)]
        cases += [Case(f"{CROSS}/permuted_{name}", names, configs, shuffled=name) for name in names if name == "image"]
    return cases
