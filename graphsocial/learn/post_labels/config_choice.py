"""Which settings do best on posts that were kept out of the training part; the test part is never looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.metrics import MACRO_F1
from graphsocial.learn.post_labels.grouped_folds import grouped_folds
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.learn.post_labels.post_label_model import PostLabelModel

_PARTS = 5
"""One of so many parts of the training posts judges the settings."""


def choose_config(
    configs: Sequence[PostLabelConfig],
    inputs: PostInputs,
    evidence: Mapping[str, np.ndarray],
    target: np.ndarray,
    group: np.ndarray,
    classes: int,
    rng: int,
    judges: np.ndarray | None = None,
) -> tuple[PostLabelConfig, tuple[float, ...]]:
    """The settings with the best macro-F1 on a fifth of the training posts, groups kept together; ties: the first.

    Args:
        configs: What to choose from.
        inputs: Training posts.
        evidence: What words say about them, out of fold, by modality.
        target: Class codes [post].
        group: What stays on one side [post].
        classes: Number of classes.
        rng: Seed of the cut and of the trainings.
        judges: Which training posts judge, bool [post]; None: a fifth, groups kept together.

    Returns:
        The settings, and the macro-F1 of each of them; nothing is measured where there is no choice.

    Raises:
        SchemaError: Nothing to choose from.
    """
    if not configs:
        raise SchemaError("got no settings to choose from, expected at least one")
    parts = min(_PARTS, len(np.unique(np.asarray(group).astype(str))))
    if len(configs) == 1 or (judges is None and parts < 2) or (judges is not None and judges.all() | ~judges.any()):
        return configs[0], (float("nan"),) * len(configs)
    if judges is None:
        fit, judge = grouped_folds(target, group, parts, rng)[0]
    else:
        fit, judge = np.flatnonzero(~judges), np.flatnonzero(judges)
    seen, asked = ({name: each[rows] for name, each in evidence.items()} for rows in (fit, judge))
    scores = []
    for config in configs:
        model = PostLabelModel(inputs.take(fit), seen, target[fit], group[fit], classes, config, rng)
        scores.append(MACRO_F1(model.probability(inputs.take(judge), asked), target[judge], np.arange(len(judge))))
    return configs[int(np.argmax(scores))], tuple(scores)
