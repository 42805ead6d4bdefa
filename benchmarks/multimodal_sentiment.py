"""How a post feels, from its text and its picture: `python -m benchmarks multimodal --task sentiment`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
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
    evidence_of,
    fit_case,
    floor_probabilities,
    grid,
    late,
)
from benchmarks.post_label_data import LabelledPosts, labelled_posts, one_side, unseen_classes
from benchmarks.post_label_lines import DROP, LOSS, LOST, MARK, FoldScores, plot_missing, write_lines
from benchmarks.result_lines import ResultLines
from graphsocial.errors import SchemaError
from graphsocial.ingest import PostFolder
from graphsocial.learn.post_labels.grouped_folds import grouped_folds
from graphsocial.learn.post_labels.post_label_config import LOSSES, PostLabelConfig
from graphsocial.learn.post_labels.post_label_model import PostLabelModel
from graphsocial.learn.post_labels.token_directions import along_directions
from graphsocial.learn.seeds import derived_seed

FOLDS = 5
QUICK_POSTS = 800
LOST_SHARES, DROP_SHARES = (25, 50, 75, 100), (50, 100)
"""Percent of the posts that lose a modality: in test alone; in training and test, which takes a training for each."""


def run(data: PostFolder, seeds: int, quick: bool, out: Path) -> None:
    """Writes the lines of the task.

    Settings were found by looking at one fold, the first that seed 0 deals. No other seed's test part holds a post of
    it: what is reported was never looked at before.

    Args:
        data: Posts with labels.
        seeds: How often the folds are dealt anew, from seed 1 on, and everything is trained.
        quick: Fewer posts, two of the five folds, one network each, no choice of settings.
        out: File of lines, written anew after every seed; a picture of what missing modalities cost is beside it.

    Raises:
        SchemaError: Too few labels or groups, or neither text nor picture.
    """
    posts = labelled_posts(data, QUICK_POSTS if quick else None)
    if not posts.inputs.modalities:
        raise SchemaError(f"{data.name} has neither texts nor pictures that could be read")
    side = one_side(posts)
    scores = FoldScores(posts.target, posts.classes, unit=side)
    base = PostLabelConfig(nets=1) if quick else PostLabelConfig()
    cases, unseen = _cases(posts, base, quick), Counter[str]()
    looked_at = np.zeros(len(posts), dtype=bool)
    looked_at[grouped_folds(posts.target, side, FOLDS, 0)[0][1]] = True
    for seed in range(1, 2 if quick else seeds + 1):
        for number, (train, part) in enumerate(grouped_folds(posts.target, side, FOLDS, seed)[: 2 if quick else None]):
            test = part[~looked_at[part]]
            if not len(test):
                continue
            began = time.process_time()
            unseen.update(unseen_classes(posts.target, train, test, posts.classes))
            rng = derived_seed(seed, "fold", number)
            fold = Fold(
                along_directions(posts.inputs, train, CHANNELS, rng),
                posts.target,
                side,
                len(posts.classes),
                train,
                test,
                rng,
            )
            for name, probability in floor_probabilities(fold, posts.inputs.words, characters=False).items():
                scores.add(name, seed, number, test, probability)
            evidence, chosen = evidence_of(fold, fold.inputs), base
            alone: dict[str, PostLabelModel] = {}
            for case in cases:
                if case.drop is not None:
                    case = replace(case, configs=(chosen,))
                fitted = fit_case(case, fold, evidence)
                said = f"{fitted.config.loss} {fitted.config.rate:g}"
                probability = fitted.probability(alone=None if case.drop is None else alone)
                scores.add(case.name, seed, number, test, probability, said, fitted.model.parameters)
                if case.modalities == (case.name,):
                    alone[case.name] = fitted.model
                if case.name == CROSS:
                    chosen = fitted.config
                    for name, share in _lost(posts, LOST_SHARES):
                        probability = fitted.probability((name, share / 100), alone)
                        scores.add(f"{CROSS}{MARK}{LOST}{name}={share}", seed, number, test, probability)
            now = ", ".join(
                f"{name} {scores.macro_f1(name)[-1]:.3f}"
                for name in ("tfidf", "text", "image", CROSS)
                if scores.has(name)
            )
            click.echo(f"seed {seed} fold {number}: macro-F1 {now} ({time.process_time() - began:.0f} CPU s)")
        if not scores.cases:
            raise SchemaError(f"{data.name}: {len(posts)} labelled posts leave none to test, expected more")
        lines = ResultLines(out, "multimodal_sentiment", data.name, data.sha256, f"grouped_{FOLDS}_fold")
        config = {"quick": quick, "seeds": seed, "folds": FOLDS, "posts": len(posts), "classes": list(posts.classes)}
        config["never_tested"] = f"{int(looked_at.sum())} posts of the fold that settings were found on"
        config |= {
            "assumptions": list(posts.assumptions),
            "left_out": dict(posts.left_out),
            "unseen_in_training": dict(unseen),
        }
        write_lines(lines, scores, 1 / FOLDS, config)
        plot_missing(out.with_name(f"{out.stem}_missing.svg"), scores)


def _cases(posts: LabelledPosts, base: PostLabelConfig, quick: bool) -> list[Case]:
    """Every learned case that the posts allow."""
    both, configs = posts.inputs.modalities, grid(base, quick)
    single = [Case(name, (name,), configs) for name in both]
    if len(both) < 2:
        return single
    learned = [*single, Case(LATE, both, late(configs)), Case(CROSS, both, configs)]
    learned += [Case(f"{CROSS}{MARK}permuted_{name}", both, configs, shuffled=name) for name in both if name != "text"]
    for name, share in _lost(posts, DROP_SHARES):
        learned.append(Case(f"{CROSS}{MARK}{DROP}{name}={share}", both, (base,), drop=(name, share / 100)))
    if not quick:
        fixed = {loss: replace(base, loss=loss) for loss in LOSSES}
        learned += [Case(f"{CROSS}{MARK}{LOSS}{loss}", both, (fixed[loss],)) for loss in LOSSES]
    return learned


def _lost(posts: LabelledPosts, shares: Sequence[int]) -> list[tuple[str, int]]:
    """Which modality goes missing, and in how many percent of the posts."""
    return [(name, share) for name in posts.inputs.modalities for share in shares]
