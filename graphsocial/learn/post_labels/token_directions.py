"""Tokens in fewer channels: the principal directions of the training posts' tokens, without labels."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.post_labels.post_inputs import PostInputs

_MOST = 8192
"""Training tokens that the directions are found from."""


def along_directions(inputs: PostInputs, train: np.ndarray, channels: int, rng: int) -> PostInputs:
    """Every modality's tokens along its principal directions, at most `channels` of them, found on training posts.

    Tokens are brought to mean 0 and variance 1 over their channels first, as encoders differ in scale by orders of
    magnitude, and the result is scaled so that a training token's mean square over channels is 1.

    Args:
        inputs: All posts.
        train: Rows of the training posts.
        channels: Most channels; a modality with fewer stays as it is.
        rng: Seed of which training tokens are taken where there are very many.

    >>> tokens = np.random.default_rng(0).normal(size=(20, 2, 6))
    >>> there = {"text": np.ones((20, 2), dtype=bool)}
    >>> along_directions(PostInputs({"text": tokens}, there, {}), np.arange(15), 3, rng=0).tokens["text"].shape
    (20, 2, 3)
    """
    narrowed = dict(inputs.tokens)
    for name, tokens in inputs.tokens.items():
        seen = inputs.mask[name][train]
        if tokens.shape[2] <= channels or not seen.any():
            continue
        normal = _normal(tokens)
        known = normal[train][seen]
        if len(known) > _MOST:
            known = known[np.random.default_rng(rng).choice(len(known), _MOST, replace=False)]
        centre = known.mean(axis=0)
        known = known - centre
        _, vectors = np.linalg.eigh(known.T @ known)
        directions = vectors[:, ::-1][:, :channels]
        scale = np.sqrt(np.mean((known @ directions) ** 2)) + 1e-9
        narrowed[name] = ((normal - centre) @ (directions / scale)).astype(np.float32)
    return PostInputs(narrowed, inputs.mask, inputs.words)


def _normal(tokens: np.ndarray) -> np.ndarray:
    values = tokens.astype(np.float32)
    values -= values.mean(axis=2, keepdims=True)
    values /= values.std(axis=2, keepdims=True) + 1e-5
    return values
