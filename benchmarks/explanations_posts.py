"""Explained classifiers of posts: words, image regions and modalities."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from benchmarks.explanation_folds import ExplainedFold, by_events, cuts, examples, fit_fold, fit_model
from benchmarks.explanation_lines import explain_and_write, order_checks, write_value
from benchmarks.post_label_data import GRID, LabelledPosts, labelled_posts, one_side
from benchmarks.result_lines import ResultLines
from graphsocial.embed import normalise_text, read_image
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.explain import (
    ModalityValue,
    PostQuestion,
    coalitions,
    masked_coalitions,
    modality_value,
)
from graphsocial.explain.modality_value import Flavour
from graphsocial.ingest import PostFolder
from graphsocial.learn.metrics import MACRO_F1
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.report.explanation_page import ShownExplanation, write_explanations

QUICK_POSTS = 600
EXAMPLES, QUICK_EXAMPLES = 50, 4
SHOWN = 8


def explain_posts(
    data: PostFolder, task: str, seeds: int, quick: bool, lines: ResultLines, page: Path | None = None
) -> None:
    """Explains posts that neither a model was trained on nor settings were found on, see `cuts`.

    Args:
        data: Posts with labels.
        task: Name of the head.
        seeds: Models of other seeds, for stability; the first one is the one explained.
        quick: Fewer posts, fewer folds and examples, one network for each model.
        lines: Where results go.
        page: A page of some of the examples; None: none is written.

    Raises:
        SchemaError: Too few labels or groups, or neither text nor picture.
    """
    posts = labelled_posts(data, QUICK_POSTS if quick else None)
    if not posts.inputs.modalities:
        raise SchemaError(f"{data.name} has neither texts nor pictures that could be read")
    side = one_side(posts)
    events = by_events(data, task)
    config = PostLabelConfig(nets=1 if quick or events else 3)  # as the task trains
    folds = []
    for cut in cuts(posts, side, task, quick):
        began = time.process_time()
        folds.append(fit_fold(posts, side, cut, 2 if quick else seeds, config))
        spent = time.process_time() - began
        click.echo(f"fold {len(folds)}: {len(cut[0]):,} training posts ({spent:.0f} CPU s)")
    count = QUICK_EXAMPLES if quick else EXAMPLES
    rows = examples(posts, np.concatenate([fold.test for fold in folds]), count, side if events else None)
    asked = _questions(posts, folds, rows, task)
    click.echo(f"{task}: {len(rows)} examples of {len(np.unique(side[rows]))} groups, {len(asked)} models a fold")
    about = {
        "quick": quick,
        "seeds": len(asked),
        "folds": len(folds),
        "training_posts": sum(len(fold.train) for fold in folds) / len(folds),
        "explained_groups": len(np.unique(side[rows])),
        "classes": list(posts.classes),
        "assumptions": list(posts.assumptions),
        "left_out": dict(posts.left_out),
    }
    found, reports, stable = explain_and_write(
        lines, task, asked, ("word", "region"), side[rows], 2 if quick else 3, about
    )
    values = _values(posts, folds)
    tested = sum(len(fold.test) for fold in folds)
    for value in values:
        write_value(lines, task, value, about | {"test_posts": tested})
        click.echo(repr(value))
    for report in reports:
        click.echo(repr(report))
    if page is not None:
        shown = [
            ShownExplanation(
                found["deletion"][at],
                text=normalise_text(posts.folder.text[row]),
                picture=next(iter(posts.folder.images[row]), None),
                truth=posts.classes[posts.target[row]],
                checks=order_checks(asked[0][at], found["deletion"][at], ("word", "region")),
            )
            for at, row in enumerate(rows[:SHOWN])
        ]
        title = f"{data.name}: explained {task}"
        write_explanations(shown, page, title=title, faithfulness=reports, stability=stable, values=values)
        click.echo(f"page in {page}")


def _questions(
    posts: LabelledPosts, folds: Sequence[ExplainedFold], rows: np.ndarray, task: str
) -> list[list[PostQuestion]]:
    """For each model, the same posts, each with the class that the first model takes for most probable."""
    asked: list[list[PostQuestion]] = [[] for _ in folds[0].models]
    for row in rows:
        fold = next(fold for fold in folds if row in fold.test)
        picture = None
        if fold.reader.picture_size is not None and posts.folder.images[row]:
            try:
                picture = read_image(posts.folder.images[row][0], fold.reader.picture_size)
            except DataIntegrityError:
                picture = None  # its post keeps its text; embedding has named it
        text = normalise_text(posts.folder.text[row])
        for number, model in enumerate(fold.models):
            asked[number].append(
                PostQuestion(
                    model.networks,
                    fold.reader,
                    text,
                    picture,
                    posts.classes,
                    chosen=None if number == 0 else asked[0][-1].chosen,
                    grid=GRID,
                    task=task,
                    subject=f"post {posts.folder.post[row]}",
                )
            )
    return asked


def _values(posts: LabelledPosts, folds: Sequence[ExplainedFold]) -> list[ModalityValue]:
    """Of models with modalities taken from them, and of models trained with fewer; test posts of all folds together."""
    names = max((fold.reader.inputs.modalities for fold in folds), key=len)
    whole = [fold for fold in folds if fold.reader.inputs.modalities == names]
    if len(whole) < len(folds):
        click.echo(f"{len(folds) - len(whole)} folds have no training post with each of {', '.join(names)}")
    test = np.concatenate([fold.test for fold in whole])
    said: dict[Flavour, dict[frozenset[str], list[np.ndarray]]] = {"masked": {}, "retrained": {}}
    for fold in whole:
        for each, probability in _masked(fold, names).items():
            said["masked"].setdefault(each, []).append(probability)
        for each, probability in _retrained(posts, fold, names).items():
            said["retrained"].setdefault(each, []).append(probability)
    return [
        modality_value(
            {each: np.concatenate(parts) for each, parts in given.items()},
            MACRO_F1,
            posts.target[test],
            flavour=flavour,
            group=whole[0].side[test],
        )
        for flavour, given in said.items()
    ]


def _masked(fold: ExplainedFold, names: tuple[str, ...]) -> dict[frozenset[str], np.ndarray]:
    inputs, everyone = fold.reader.inputs.take(fold.test), np.ones(len(fold.test), dtype=bool)

    def probability(given: frozenset[str]) -> np.ndarray:
        left = inputs
        for name in set(names) - given:
            left = left.without(name, everyone)
        return fold.models[0].probability(left, fold.reader.evidence(left))

    return dict(masked_coalitions(names, probability))


def _retrained(posts: LabelledPosts, fold: ExplainedFold, names: tuple[str, ...]) -> dict[frozenset[str], np.ndarray]:
    share = np.bincount(posts.target[fold.train], minlength=len(posts.classes)) / len(fold.train)
    found = {frozenset[str](): np.tile(share, (len(fold.test), 1))}
    inputs = fold.reader.inputs.take(fold.test)
    for each in coalitions(names)[1:]:
        chosen = tuple(sorted(each))
        model = fold.models[0]
        if len(each) < len(names):
            model = fit_model(fold.reader, posts, fold.train, fold.side, chosen, fold.config, 0)
        part = inputs.only(chosen)
        found[each] = model.probability(part, fold.reader.evidence(part))
    return found
