"""TF-IDF of the text with a logistic regression: what words alone say about a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_trained, number_of_classes
from graphsocial.learn.floors.majority_class import class_frequencies
from graphsocial.learn.floors.texts import Analyser, Normalise, texts_before, tfidf


@dataclass(frozen=True)
class TfidfLabel:
    """Logistic regression on TF-IDF vectors; its settings (C = 1, classes balanced) are fixed, tuned on nothing.

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
        """Class probabilities, float64 [example, class]; class frequencies when training has one class or no words."""
        check_trained(self.name, train)
        words, asked = (texts_before(graph, part, self.role, self.column, self.normalise) for part in (train, test))
        vectors = tfidf(words, asked, self.analyser)
        target = train.target.astype(np.int64)
        if vectors is None or len(np.unique(target)) < 2 or not len(test):
            return np.tile(class_frequencies(train), (len(test), 1))
        model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000).fit(vectors[0], target)
        probability = np.zeros((len(test), number_of_classes(train)))
        probability[:, model.classes_] = model.predict_proba(vectors[1])
        return probability
