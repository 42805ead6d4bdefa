"""Posts of which one modality alone is there, answered by what was learned from that modality alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_model import PostLabelModel


def by_what_is_there(
    whole: PostLabelModel,
    alone: Mapping[str, PostLabelModel],
    inputs: PostInputs,
    evidence: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Class probabilities, float64 [post, class].

    A model that saw every modality spends some of what it learns on how they go together, and without one it is a
    little worse than a model that never had it.

    Args:
        whole: Learned from all modalities; answers every post with two or more, or none.
        alone: Learned from one, by its name; a modality without a model is left to `whole`.
        inputs: The posts asked about.
        evidence: What is known about them, for all the models, by name [post, class].
    """
    there = {name: inputs.has(name) for name in inputs.modalities}
    number = np.sum(list(there.values()), axis=0)
    model_of = {name: (alone[name], rows & (number == 1)) for name, rows in there.items() if name in alone}
    answered = np.zeros(len(inputs), dtype=bool)
    for _, rows in model_of.values():
        answered |= rows
    parts = [(whole, ~answered), *model_of.values()]
    found = [(rows, model.probability(inputs.take(rows), _rows(evidence, rows))) for model, rows in parts]
    probability = np.empty((len(inputs), found[0][1].shape[1]))
    for rows, said in found:
        probability[rows] = said
    return probability


def _rows(evidence: Mapping[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: each[rows] for name, each in evidence.items()}
