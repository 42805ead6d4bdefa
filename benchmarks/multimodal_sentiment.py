"""How a post feels, from its text and its picture: `python -m benchmarks multimodal --task sentiment`."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import click

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
from benchmarks.post_label_data import LabelledPosts, labelled_posts, one_side
from benchmarks.post_label_lines import FoldScores, plot_missing, write_lines
from benchmarks.result_lines import ResultLines
from graphsocial.errors import SchemaError
from graphsocial.ingest import PostFolder
from graphsocial.learn.post_labels.grouped_folds import grouped_folds
from graphsocial.learn.post_labels.post_label_config import LOSSES, PostLabelConfig
from graphsocial.learn.post_labels.token_directions import along_directions
from graphsocial.learn.seeds import derived_seed

FOLDS = 5
QUICK_POSTS = 800
SHARES = (25, 50, 75, 100)
"""Percent of the posts that lose a modality."""


def run(data: PostFolder, seeds: int, quick: bool, out: Path) -> None:
    """Writes the lines of the task.

    Args:
        data: Posts with labels.
        seeds: How often the folds are dealt anew, and everything is trained.
        quick: Fewer posts, two of the five folds, one network each, no choice of settings.
        out: File of lines; a picture of what missing modalities cost is written beside it.

    Raises:
        SchemaError: Too few labels or groups, or neither text nor picture.
    """
    posts = labelled_posts(data, QUICK_POSTS if quick else None)
    if not posts.inputs.modalities:
        raise SchemaError(f"{data.name} has neither texts nor pictures that could be read")
    side = one_side(posts)
    lines = ResultLines(out, "multimodal_sentiment", data.name, data.sha256, f"grouped_{FOLDS}_fold")
    scores = FoldScores(posts.target, posts.classes, unit=side)
    base = PostLabelConfig(nets=1) if quick else PostLabelConfig()
    cases = _cases(posts, base, quick)
    for seed in range(1 if quick else seeds):
        for number, (train, test) in enumerate(grouped_folds(posts.target, side, FOLDS, seed)[: 2 if quick else None]):
            began = time.process_time()
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
            evidence = evidence_of(fold, fold.inputs)
            for case in cases:
                probability, config, size = case_probability(case, fold, evidence)
                scores.add(case.name, seed, number, test, probability, f"{config.loss} {config.rate:g}", size)
            now = ", ".join(
                f"{name} {scores.macro_f1(name)[-1]:.3f}"
                for name in ("tfidf", "text", "image", CROSS)
                if scores.has(name)
            )
            click.echo(f"seed {seed} fold {number}: macro-F1 {now} ({time.process_time() - began:.0f} CPU s)")
    config = {"quick": quick, "seeds": seeds, "folds": FOLDS, "posts": len(posts), "classes": list(posts.classes)}
    config |= {"assumptions": list(posts.assumptions), "left_out": dict(posts.left_out)}
    write_lines(lines, scores, 1 / FOLDS, config)
    plot_missing(out.with_name(f"{out.stem}_missing.svg"), scores)


def _cases(posts: LabelledPosts, base: PostLabelConfig, quick: bool) -> list[Case]:
    """Every learned case that the posts allow."""
    both, configs = posts.inputs.modalities, grid(base, quick)
    single = [Case(name, (name,), configs) for name in both]
    if len(both) < 2:
        return single
    learned = [*single, Case(LATE, both, late(configs)), Case(CROSS, both, configs)]
    learned += [Case(f"{CROSS}/permuted_{name}", both, configs, shuffled=name) for name in both if name != "text"]
    for name in both:
        for share in (50,) if quick else SHARES:
            learned.append(Case(f"{CROSS}/drop_{name}={share}", both, (base,), drop=(name, share / 100)))
    if not quick:
        fixed = {loss: replace(base, loss=loss) for loss in LOSSES}
        learned += [Case(f"{CROSS}/loss={loss}", both, (fixed[loss],)) for loss in LOSSES]
    return learned
