"""Explained classifiers of posts: words, image regions and modalities."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from benchmarks.explanation_lines import explain_and_write, order_checks, write_value
from benchmarks.explanation_reader import FoldReader
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
from graphsocial.ingest import PostFolder
from graphsocial.learn.metrics import MACRO_F1
from graphsocial.learn.post_labels.grouped_folds import grouped_folds
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.learn.post_labels.post_label_model import PostLabelModel
from graphsocial.learn.seeds import derived_seed
from graphsocial.report.explanation_page import ShownExplanation, write_explanations

FOLDS, QUICK_POSTS = 5, 600
EXAMPLES, QUICK_EXAMPLES = 50, 4
SHOWN = 8


def explain_posts(
    data: PostFolder, task: str, seeds: int, quick: bool, lines: ResultLines, page: Path | None = None
) -> None:
    """Explains posts of the test part of one fold that settings were not found on.

    Args:
        data: Posts with labels.
        task: Name of the head.
        seeds: Models of other seeds, for stability; the first one is the one explained.
        quick: Fewer posts, fewer examples, one network for each model.
        lines: Where results go.
        page: A page of some of the examples; None: none is written.

    Raises:
        SchemaError: Too few labels or groups, or neither text nor picture.
    """
    posts = labelled_posts(data, QUICK_POSTS if quick else None)
    if not posts.inputs.modalities:
        raise SchemaError(f"{data.name} has neither texts nor pictures that could be read")
    side = one_side(posts)
    looked_at = grouped_folds(posts.target, side, FOLDS, 0)[0][1]  # by whoever found the settings, see sentiment
    folds = ((train, np.setdiff1d(test, looked_at)) for train, test in grouped_folds(posts.target, side, FOLDS, 1))
    train, test = next(fold for fold in folds if len(fold[1]))  # where groups are few, a fold can be the same again
    reader = FoldReader(posts, train, side, derived_seed(0, "reader"))
    config = PostLabelConfig(nets=1 if quick else 3)
    names = reader.inputs.modalities
    models = [_fit(reader, posts, train, side, names, config, seed) for seed in range(2 if quick else seeds)]
    rows = _examples(reader, posts, test, QUICK_EXAMPLES if quick else EXAMPLES)
    asked = _questions(reader, posts, models, rows, task)
    click.echo(f"{task}: {len(train):,} training posts, {len(asked[0])} examples, {len(models)} models")
    about = {
        "quick": quick,
        "seeds": len(models),
        "training_posts": len(train),
        "classes": list(posts.classes),
        "assumptions": list(posts.assumptions),
        "left_out": dict(posts.left_out),
    }
    found, reports, stable = explain_and_write(
        lines, task, asked, ("word", "region"), side[rows], 2 if quick else 3, about
    )
    values = _values(reader, posts, models[0], train, test, side, config)
    for value in values:
        write_value(lines, task, value, about | {"test_posts": len(test)})
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


def _fit(
    reader: FoldReader,
    posts: LabelledPosts,
    train: np.ndarray,
    side: np.ndarray,
    names: tuple[str, ...],
    config: PostLabelConfig,
    seed: int,
) -> PostLabelModel:
    inputs = reader.inputs.only(names).take(train)
    seen = {name: each for name, each in reader.train_evidence.items() if name.partition(":")[0] in names}
    rng = derived_seed(seed, "explained")
    return PostLabelModel(inputs, seen, posts.target[train], side[train], len(posts.classes), config, rng)


def _examples(reader: FoldReader, posts: LabelledPosts, test: np.ndarray, count: int) -> np.ndarray:
    """Test posts that have every modality, as far as there are any; a picture has to be readable."""
    has = sum(mask.any(axis=1).astype(int) for mask in reader.inputs.mask.values())
    has = has + posts.folder.text.astype(bool)
    drawn = np.random.default_rng(0).permutation(test)
    return drawn[np.argsort(-np.asarray(has)[drawn], kind="stable")][:count]


def _questions(
    reader: FoldReader, posts: LabelledPosts, models: list[PostLabelModel], rows: np.ndarray, task: str
) -> list[list[PostQuestion]]:
    """For each model, the same posts, each with the class that the first model takes for most probable."""
    asked: list[list[PostQuestion]] = [[] for _ in models]
    for row in rows:
        picture = None
        if reader.picture_size is not None and posts.folder.images[row]:
            try:
                picture = read_image(posts.folder.images[row][0], reader.picture_size)
            except DataIntegrityError:
                picture = None  # its post keeps its text; embedding has named it
        text = normalise_text(posts.folder.text[row])
        for number, model in enumerate(models):
            asked[number].append(
                PostQuestion(
                    model.networks,
                    reader,
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


def _values(
    reader: FoldReader,
    posts: LabelledPosts,
    model: PostLabelModel,
    train: np.ndarray,
    test: np.ndarray,
    side: np.ndarray,
    config: PostLabelConfig,
) -> list[ModalityValue]:
    """Of the model with modalities taken from it, and of models trained with fewer."""
    names, target = reader.inputs.modalities, posts.target[test]
    everyone, inputs = np.ones(len(test), dtype=bool), reader.inputs.take(test)

    def masked(given: frozenset[str]) -> np.ndarray:
        left = inputs
        for name in set(names) - given:
            left = left.without(name, everyone)
        return model.probability(left, reader.evidence(left))

    share = np.bincount(posts.target[train], minlength=len(posts.classes)) / len(train)
    retrained = {frozenset[str](): np.tile(share, (len(test), 1))}
    for each in coalitions(names)[1:]:
        chosen = tuple(sorted(each))
        fitted = model if len(each) == len(names) else _fit(reader, posts, train, side, chosen, config, 0)
        part = inputs.only(chosen)
        retrained[each] = fitted.probability(part, reader.evidence(part))
    both = {"masked": masked_coalitions(names, masked), "retrained": retrained}
    return [
        modality_value(said, MACRO_F1, target, flavour=flavour, group=side[test])  # type: ignore[arg-type]
        for flavour, said in both.items()
    ]
