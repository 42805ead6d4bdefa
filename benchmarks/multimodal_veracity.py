"""Whether a post is true, on events or times never trained on: `python -m benchmarks multimodal --task veracity`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
from scipy.special import softmax

from benchmarks.post_label_cases import (
    CHANNELS,
    CROSS,
    LATE,
    Case,
    Fold,
    evidence_of,
    fit_case,
    floor_probabilities,
    late,
)
from benchmarks.post_label_data import LabelledPosts, labelled_posts, unseen_classes
from benchmarks.post_label_lines import MARK, FoldScores, write_lines
from benchmarks.result_lines import ResultLines
from graphsocial.errors import SchemaError
from graphsocial.ingest import PostFolder
from graphsocial.learn.post_labels.grouped_folds import grouped_folds
from graphsocial.learn.post_labels.observed_cascade import observed_cascades
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.learn.post_labels.token_directions import along_directions
from graphsocial.learn.post_labels.trusted_evidence import mean_evidence, trusted_evidence
from graphsocial.learn.post_labels.word_evidence import WordEvidence
from graphsocial.learn.seeds import derived_seed
from graphsocial.schema import UNKNOWN_TIME

HOURS = 6
"""Of each post's cascade that are looked at before saying whether it is true."""

MOST_EVENTS = 20
"""With more groups than this they are dealt to `GROUP_FOLDS` folds instead of left out one by one."""

GROUP_FOLDS = 10
ORIGINS = (0.5, 0.625, 0.75, 0.875)
"""Shares of the posts after which a test part begins, which ends where the next one does."""

MOST_PER_UNIT = 20
"""Training posts with the same picture, or of the same event and without one: the label belongs to the picture."""

GROUPS_OUT = "leave_groups_out"

QUICK_POSTS = 600


def run(data: PostFolder, seeds: int, quick: bool, out: Path) -> None:
    """Writes the lines of the task: groups left out where posts have groups, later posts left out where not.

    Args:
        data: Posts with labels, and groups (events) or times; reposts and answers as edges where there are some.
        seeds: How often everything is trained.
        quick: Fewer posts, two of the folds, one network each.
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
    if not inputs.modalities:
        raise SchemaError(f"{data.name} has neither texts, pictures that could be read nor cascades")
    protocol, folds = _folds(posts, window)
    unit = units(posts)
    scores = FoldScores(posts.target, posts.classes, unit, group=_groups(posts) if protocol == GROUPS_OUT else None)
    base = PostLabelConfig(nets=1) if quick or protocol == GROUPS_OUT else PostLabelConfig()
    characters = any(ord(letter) > 0x24F for text in posts.folder.text[:50] for letter in text if letter.isalpha())
    group, unseen = _groups(posts), Counter[str]()
    for seed in range(1 if quick else seeds):
        for number, (train, test) in enumerate(folds[: 2 if quick else None]):
            began = time.process_time()
            unseen.update(unseen_classes(posts.target, train, test, posts.classes))
            rng = derived_seed(seed, "fold", number)
            whole = Fold(inputs, posts.target, group, len(posts.classes), train, test, rng, features)
            for name, probability in floor_probabilities(whole, posts.inputs.words, characters).items():
                scores.add(name, seed, number, test, probability)
            thin = thinned(train, unit, MOST_PER_UNIT, rng)
            fold = _narrow(whole, thin)
            evidence = evidence_of(fold, fold.inputs)
            for case in _cases(inputs, base):
                fitted = fit_case(case, fold, evidence)
                said = f"{fitted.config.loss} {fitted.config.rate:g}"
                scores.add(case.name, seed, number, test, fitted.probability(), said, fitted.model.parameters)
            known, asked = (dict(part) for part in evidence)
            if "text" in posts.inputs.words:
                floor = _floor_evidence(whole, posts.inputs.words["text"], characters)
                known["tfidf"], asked["tfidf"] = floor[0][np.isin(train, thin)], floor[1]
            names, _ = trusted_evidence(known, posts.target[thin], unit[thin])
            trusted = softmax(mean_evidence(asked, names), axis=1)
            scores.add("trusted_evidence", seed, number, test, trusted, " + ".join(names))
            if len(inputs.modalities) > 1 and len(thin) < len(train):
                once = _narrow(whole, thinned(train, unit, 1, rng))
                case = Case(f"{CROSS}{MARK}each_picture_once", inputs.modalities, (base,))
                fitted = fit_case(case, once, evidence_of(once, once.inputs))
                scores.add(case.name, seed, number, test, fitted.probability(), None, fitted.model.parameters)
            click.echo(f"seed {seed} fold {number}: {len(test):,} posts ({time.process_time() - began:.0f} CPU s)")
        lines = ResultLines(out, "multimodal_veracity", data.name, data.sha256, protocol)
        about = {"quick": quick, "seeds": seed + 1, "posts": len(posts), "classes": list(posts.classes)}
        about |= {"hours": HOURS if with_cascades else None, "unit": "picture"}
        about |= {"left_out": dict(posts.left_out), "unseen_in_training": dict(unseen)}
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


def units(posts: LabelledPosts) -> np.ndarray:
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
        return GROUPS_OUT, cuts
    when = posts.folder.time
    if (when == UNKNOWN_TIME).any():
        raise SchemaError(
            f"{posts.folder.name}: {int((when == UNKNOWN_TIME).sum())} of {len(posts)} posts have no time and there "
            f"are {len(named)} groups, expected a time for every post or at least three groups"
        )
    order = np.argsort(when, kind="stable")
    ends = [int(share * len(order)) for share in (*ORIGINS, 1.0)]
    cuts, lost = [], 0
    for first, end in pairwise(ends):
        cut = when[order[first]]
        until = when[order[end]] if end < len(order) else None
        train = order[when[order] + window < cut]
        asked = when >= cut if until is None else (when >= cut) & (when < until)
        if len(train) and asked.any():
            lost += int((when < cut).sum()) - len(train)
            cuts.append((train, np.flatnonzero(asked)))
    if not cuts:
        raise SchemaError(f"{posts.folder.name}: no time at which some posts are over and others are still to come")
    click.echo(
        f"left out of training: {lost} posts whose hours end after the first test post, over {len(cuts)} origins"
    )
    return f"by_time_{len(ORIGINS)}_origins", cuts[::-1]  # the last first: a quick run sees no others


def thinned(train: np.ndarray, unit: np.ndarray, most: int, rng: int) -> np.ndarray:
    """At most so many training rows of each unit, in their order."""
    order = np.random.default_rng(rng).permutation(len(train))
    rows: np.ndarray = train[np.sort(order[place_within(unit[train[order]]) < most])]
    return rows


def place_within(name: Sequence[object] | np.ndarray) -> np.ndarray:
    """How many of the same name came before, int64 [row].

    >>> place_within(["a", "b", "a", "a"]).tolist()
    [0, 0, 1, 2]
    """
    code = np.unique(np.asarray(name).astype(str), return_inverse=True)[1]
    order = np.argsort(code, kind="stable")
    size = np.bincount(code)
    place = np.empty(len(code), dtype=np.int64)
    place[order] = np.arange(len(code)) - np.repeat(np.cumsum(size) - size, size)
    return place


def _floor_evidence(fold: Fold, words: np.ndarray, characters: bool) -> tuple[np.ndarray, np.ndarray]:
    """What the floor `tfidf` says about training posts, out of fold, and about test posts."""
    rows = fold.train
    model = WordEvidence(
        words[rows],
        fold.target[rows],
        fold.group[rows],
        fold.classes,
        fold.rng,
        characters,
        strength=10.0,
        balanced=False,
    )
    return model.out_of_fold, model.of(words[fold.test])


def _narrow(fold: Fold, train: np.ndarray) -> Fold:
    """The fold with some of its training posts, without the other posts, its tokens along their directions."""
    rows = np.concatenate([train, fold.test])
    asked = np.arange(len(train))
    return replace(
        fold,
        inputs=along_directions(fold.inputs.take(rows), asked, CHANNELS, fold.rng),
        target=fold.target[rows],
        group=fold.group[rows],
        train=asked,
        test=np.arange(len(train), len(rows)),
        features=None if fold.features is None else fold.features[rows],
    )


def _cases(inputs: PostInputs, base: PostLabelConfig) -> list[Case]:
    """What is trained, with the settings of the sentiment task: a few events could not judge others."""
    names, configs = inputs.modalities, (base,)
    cases = [Case(name, (name,), configs) for name in names if name != "replies"]
    if "replies" in names:
        cases.append(Case("cascade_and_replies", ("cascade", "replies"), configs))
    if len(names) > 1:
        cases += [Case(LATE, names, late(configs)), Case(CROSS, names, configs)]
        cases += [
            Case(f"{CROSS}{MARK}permuted_{name}", names, configs, shuffled=name) for name in names if name == "image"
        ]
    return cases
