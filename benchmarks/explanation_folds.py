"""Which posts of a labelled folder are explained, and by what models: of the fold that they were left out of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.explanation_reader import FoldReader
from benchmarks.multimodal_veracity import GROUPS_OUT, MOST_PER_UNIT, place_within, thinned, units
from benchmarks.post_label_data import LabelledPosts
from graphsocial.ingest import PostFolder
from graphsocial.learn.post_labels.grouped_folds import grouped_folds
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.learn.post_labels.post_label_model import PostLabelModel
from graphsocial.learn.seeds import derived_seed

FOLDS, QUICK_FOLDS = 5, 2
FEWEST_EVENTS = 3


@dataclass(frozen=True, eq=False)
class ExplainedFold:
    """Models of other seeds, trained on the same posts.

    Attributes:
        reader: Between posts and models, fitted on the training posts.
        train: Rows of the training posts.
        test: Rows that may be explained.
        side: What stays on one side of a split [post].
        config: Settings of the models.
        models: One per seed; the first one is the one explained.
    """

    reader: FoldReader
    train: np.ndarray
    test: np.ndarray
    side: np.ndarray
    config: PostLabelConfig
    models: tuple[PostLabelModel, ...]


def by_events(data: PostFolder, task: str) -> bool:
    """Whether the label belongs to the event, so that examples of a single one would say nothing of others."""
    return task == "veracity" and len({name for name in data.group if name is not None}) >= FEWEST_EVENTS


def protocol(data: PostFolder, task: str) -> str:
    """Name of the cut for the lines."""
    return f"{GROUPS_OUT}, {FOLDS} folds" if by_events(data, task) else f"grouped_{FOLDS}_fold, the first"


def cuts(posts: LabelledPosts, side: np.ndarray, task: str, quick: bool) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test rows: of all folds where labels belong to events, else of the first one with anything to show.

    Where they do, training has as many posts of a picture as the veracity task takes, and posts without an event are
    left out, as there; its settings were found on other data. Elsewhere settings may have been found on the first fold
    of seed 0, which is not tested.

    Args:
        posts: All posts.
        side: What stays on one side [post].
        task: Name of the head.
        quick: Fewer folds.

    Raises:
        SchemaError: Fewer than two groups.
    """
    if by_events(posts.folder, task):
        known = np.flatnonzero([name is not None for name in posts.folder.group])
        folds = grouped_folds(posts.target[known], side[known], min(FOLDS, len(np.unique(side[known]))), 1)
        unit, most = units(posts), MOST_PER_UNIT
        parts = [(known[train], known[test]) for train, test in folds[: QUICK_FOLDS if quick else None]]
        return [
            (thinned(train, unit, most, derived_seed(0, "fold", at)), test) for at, (train, test) in enumerate(parts)
        ]
    looked_at = grouped_folds(posts.target, side, FOLDS, 0)[0][1]  # by whoever found the settings, see sentiment
    folds = ((train, np.setdiff1d(test, looked_at)) for train, test in grouped_folds(posts.target, side, FOLDS, 1))
    return [next(fold for fold in folds if len(fold[1]))]  # where groups are few, a fold can be the same again


def fit_fold(
    posts: LabelledPosts, side: np.ndarray, cut: tuple[np.ndarray, np.ndarray], seeds: int, config: PostLabelConfig
) -> ExplainedFold:
    """Trains the models of a fold.

    Args:
        posts: All posts.
        side: What stays on one side [post].
        cut: Training and test rows.
        seeds: How many models.
        config: Their settings.
    """
    train, test = cut
    reader = FoldReader(posts, train, side, derived_seed(0, "reader"))
    names = reader.inputs.modalities
    models = [fit_model(reader, posts, train, side, names, config, seed) for seed in range(seeds)]
    return ExplainedFold(reader, train, test, side, config, tuple(models))


def fit_model(
    reader: FoldReader,
    posts: LabelledPosts,
    train: np.ndarray,
    side: np.ndarray,
    names: tuple[str, ...],
    config: PostLabelConfig,
    seed: int,
) -> PostLabelModel:
    """A model of some modalities."""
    inputs = reader.inputs.only(names).take(train)
    seen = {name: each for name, each in reader.train_evidence.items() if name.partition(":")[0] in names}
    rng = derived_seed(seed, "explained")
    return PostLabelModel(inputs, seen, posts.target[train], side[train], len(posts.classes), config, rng)


def examples(posts: LabelledPosts, test: np.ndarray, count: int, event: np.ndarray | None) -> np.ndarray:
    """Test posts that have every modality, as far as there are any.

    Args:
        posts: All posts.
        test: Rows to draw from.
        count: How many at most.
        event: Takes turns, and in each its pictures do [post]; None: every post is as good as any other.
    """
    has = sum(mask.any(axis=1).astype(int) for mask in posts.inputs.mask.values())
    missing = -np.asarray(has + posts.folder.text.astype(bool))
    words = posts.inputs.words.get("text", np.zeros(len(posts), dtype=object)).astype(bool)
    there = words | np.any([mask.any(axis=1) for mask in posts.inputs.mask.values()], axis=0)
    drawn = np.random.default_rng(0).permutation(test)
    drawn = drawn[there[drawn]]
    if event is None:
        return drawn[np.argsort(missing[drawn], kind="stable")][:count]
    drawn = drawn[np.lexsort((place_within(posts.picture[drawn]), missing[drawn]))]
    return drawn[np.argsort(place_within(event[drawn]), kind="stable")][:count]
