"""Scores of the pieces of an input by one of several methods, for any head."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.explain.attribution import METHODS, Attribution, Method
from graphsocial.explain.explained import Explained

STEPS = 16
"""Points of the path over which integrated gradients average."""


def attribute(question: Explained, method: Method = "deletion", *, steps: int = STEPS, rng: int = 0) -> Attribution:
    """What each piece of an input does to the output.

    - `deletion`: the output with everything minus the output without the piece. A text is encoded again without the
      word, a picture with the region covered, a tree without the edge.
    - `gradient_input`: the same to first order, from the gradient at the input: how far taking the piece away moves
      what the network reads of it, times the gradient there (Shrikumar et al. 2017, arXiv 1605.01713).
    - `integrated_gradients`: likewise, the gradient averaged over the straight path from an input that says nothing
      (Sundararajan et al. 2017, arXiv 1703.01365). Gradients are taken by Captum.
    - `attention`: share of the attention; descriptive, a baseline to beat.
    - `random`: normal draws, the other baseline.

    Args:
        question: What is explained.
        method: One of these.
        steps: Of integrated gradients.
        rng: Seed of the random scores.

    Raises:
        SchemaError: There is no such method, or fewer than one step.
        MissingExtraError: Gradients were asked for and Captum is not installed.
    """
    if method not in METHODS:
        raise SchemaError(
            f"unknown method {method!r}, expected one of {', '.join(METHODS)}.{did_you_mean(method, METHODS)}"
        )
    if steps < 1:
        raise SchemaError(f"got {steps} steps, expected at least 1")
    size = len(question.pieces)
    whole = float(question.output(np.ones((1, size), dtype=bool))[0])
    if method == "deletion":
        score = whole - question.output(~np.eye(size, dtype=bool)) if size else np.zeros(0)
    elif method == "integrated_gradients":
        score = question.gradient(steps)
    elif method == "gradient_input":
        score = question.gradient(0)
    elif method == "attention":
        score = question.attention()
    else:
        score = np.random.default_rng(rng).normal(size=size)
    return Attribution(
        question.task,
        question.subject,
        question.output_name,
        whole,
        method,
        question.pieces,
        np.asarray(score, dtype=np.float64),
        question.as_of,
    )
