"""What an alignment has to beat: linear maps that are computed at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.linear_model import Ridge

from graphsocial.learn.alignment.canonical_ridge import canonical_ridge
from graphsocial.learn.alignment.content_pairs import ContentPairs
from graphsocial.learn.alignment.retrieval_ranks import retrieval_ranks

RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)


class Projection(Protocol):
    """Anything that brings vectors of a modality into a common space."""

    def project(self, modality: str, vectors: np.ndarray) -> np.ndarray:
        """Unit length, float32 [content, common]."""
        ...


@dataclass(frozen=True, eq=False)
class LinearAlignment:
    """A centre, a deviation and a map for each modality.

    Attributes:
        centre: Subtracted, by modality [channel].
        deviation: Divided by, by modality [channel].
        map: Applied then, by modality [channel, common].
        setting: What was chosen on validation.
    """

    centre: dict[str, np.ndarray]
    deviation: dict[str, np.ndarray]
    map: dict[str, np.ndarray]
    setting: dict[str, float]

    def project(self, modality: str, vectors: np.ndarray) -> np.ndarray:
        """Unit length, float32 [content, common]."""
        found = (vectors - self.centre[modality]) / self.deviation[modality] @ self.map[modality]
        return (found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def cca_alignment(
    train: ContentPairs, valid: ContentPairs, channels: int = 256, ridges: tuple[float, ...] = RIDGES
) -> LinearAlignment:
    """Regularised canonical correlations, the ridge chosen by the mean reciprocal rank on validation pairs.

    What is returned was fitted to the training pairs alone; with its ridge, both parts can be fitted again.

    Args:
        train: Pairs to fit.
        valid: Pairs to choose on, of other groups.
        channels: Directions to keep.
        ridges: To choose from.
    """
    x = _standard(train)
    found = []
    for ridge in ridges:
        text, image = canonical_ridge(x.scaled("text", train.text), x.scaled("image", train.image), channels, ridge)
        found.append(LinearAlignment(x.centre, x.deviation, {"text": text, "image": image}, {"ridge": ridge}))
    return max(found, key=lambda one: mean_reciprocal_rank(one, valid))


def ridge_alignment(train: ContentPairs, valid: ContentPairs, ridges: tuple[float, ...] = RIDGES) -> LinearAlignment:
    """Ridge regression of pictures on texts; texts are compared as the pictures they predict.

    The penalty is chosen by the mean reciprocal rank on validation pairs, from some times the number of training pairs.
    """
    x = _standard(train)
    text, image = x.scaled("text", train.text), x.scaled("image", train.image)
    found = []
    for ridge in ridges:
        weight = Ridge(alpha=ridge * len(train), fit_intercept=False).fit(text, image).coef_.T
        maps = {"text": weight, "image": np.eye(image.shape[1])}
        found.append(LinearAlignment(x.centre, x.deviation, maps, {"ridge": ridge}))
    return max(found, key=lambda one: mean_reciprocal_rank(one, valid))


def mean_reciprocal_rank(alignment: Projection, pairs: ContentPairs) -> float:
    """Mean of 1/rank over texts searched by pictures and pictures by texts; 0 without pairs."""
    if not len(pairs):
        return 0.0
    places = {name: alignment.project(name, getattr(pairs, name)) for name in ("text", "image")}
    ranks = [
        retrieval_ranks(places[a], places[b], pairs.group, pairs.group)
        for a, b in (("text", "image"), ("image", "text"))
    ]
    return float(np.mean([(1 / rank).mean() for rank in ranks]))


@dataclass(frozen=True, eq=False)
class _Standard:
    centre: dict[str, np.ndarray]
    deviation: dict[str, np.ndarray]

    def scaled(self, modality: str, vectors: np.ndarray) -> np.ndarray:
        return (vectors - self.centre[modality]) / self.deviation[modality]


def _standard(pairs: ContentPairs) -> _Standard:
    centre, deviation = {}, {}
    for name in ("text", "image"):
        values = getattr(pairs, name).astype(np.float64)
        spread = values.std(axis=0)
        centre[name], deviation[name] = values.mean(axis=0), np.where(spread > 1e-5, spread + 1e-2, np.inf)
    return _Standard(centre, deviation)
