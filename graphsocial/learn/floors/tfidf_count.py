"""TF-IDF of the text with a ridge regression: what words alone say about a count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge

from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_trained
from graphsocial.learn.floors.texts import Analyser, Normalise, texts_before, tfidf


@dataclass(frozen=True)
class TfidfCount:
    """Ridge regression of log1p counts on TF-IDF vectors; its setting (alpha = 1) is fixed, tuned on nothing.

    Attributes:
        normalise: Applied to every text first; by default what the encoders' texts go through, too.
        analyser: Words and word pairs, or characters for languages without spaces.
        column: String column of the node.
        role: Which node of an example is read.
        name: As it stands in reports.
    """

    normalise: Normalise = TextNormalisation().apply
    analyser: Analyser = "word"
    column: str = "text"
    role: str = "node"
    name: str = "tfidf_linear"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Expected log1p counts, at least 0, float64 [example]; the training mean when training has no words."""
        check_trained(self.name, train)
        target = np.log1p(train.target.astype(np.float64))
        words, asked = (texts_before(graph, part, self.role, self.column, self.normalise) for part in (train, test))
        vectors = tfidf(words, asked, self.analyser)
        if vectors is None or not len(test):
            return np.full(len(test), target.mean())
        model = Ridge(alpha=1.0, solver="sparse_cg").fit(vectors[0], target)
        return np.maximum(model.predict(vectors[1]), 0.0)
