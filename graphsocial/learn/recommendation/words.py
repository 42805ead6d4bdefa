"""Words of posts as vectors, and what they say about candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.recommendation.evidence import Candidates

CHANNELS_KEPT = 64
_FEATURES = 50_000


@dataclass(frozen=True, eq=False)
class Words:
    """What the words say about the candidates of some targets.

    Attributes:
        channel: See `OF_WORDS` of `words_kernel`, float32 [row, channel].
        profile: Mean words of the user's posts, later ones counting more, float32 [target, channel].
    """

    channel: np.ndarray
    profile: np.ndarray


def words_of_candidates(words: np.ndarray, candidates: Candidates) -> Words:
    """Compares the candidates with the posts that each user took up before.

    Args:
        words: Of length 1, or zero where a post has none, float32 [post, channel].
        candidates: As they were read.
    """
    from graphsocial.learn.recommendation.words_kernel import OF_WORDS, read_words

    channel = np.zeros((len(candidates.post), len(OF_WORDS)), dtype=np.float32)
    profile = np.zeros((len(candidates), words.shape[1]), dtype=np.float32)
    c = candidates
    read_words(words, c.offsets, c.post, c.own_offsets, c.own, channel, profile)
    return Words(channel, profile)


def narrowed(vectors: np.ndarray, fit: np.ndarray, channels: int = CHANNELS_KEPT) -> np.ndarray:
    """Vectors of any encoder, centred, on their main axes, of length 1; zero ones stay zero.

    Args:
        vectors: [post, channel].
        fit: Which posts the centre and the axes are taken from: those known when training ends, bool [post].
        channels: Axes at most.

    >>> narrowed(np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 0.0]]), np.array([True, True, False])).tolist()
    [[-1.0], [1.0], [0.0]]
    """
    there = np.asarray(vectors.any(axis=1))
    fitted = vectors[fit & there].astype(np.float64)
    if not len(fitted):
        raise SchemaError("no post with words is known when training ends")
    centre = fitted.mean(axis=0)
    _, size, axes = np.linalg.svd(fitted - centre, full_matrices=False)
    kept = axes[:channels][size[:channels] > 1e-9 * max(size[0], 1e-9)]
    kept *= np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)])[:, None]
    out = np.where(there[:, None], (vectors - centre) @ kept.T, 0.0)
    return np.ascontiguousarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def character_vectors(texts: Sequence[str], fit: np.ndarray, channels: int = CHANNELS_KEPT) -> np.ndarray:
    """TF-IDF of one to three characters, on its main axes: works for any script without a trained encoder.

    Args:
        texts: "" where there is none.
        fit: Which posts vocabulary, weights and axes are taken from, bool [post].
        channels: Axes at most.

    Returns:
        Of length 1, or zero where there is no text, float32 [post, channel].

    Raises:
        SchemaError: No post to fit on has words.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    known = [text for text, use in zip(texts, fit, strict=True) if use and text.strip()]
    if not known:
        raise SchemaError("no post with words is known when training ends")
    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), max_features=_FEATURES, sublinear_tf=True)
    table = counts.fit(known).transform(texts)
    axes = min(channels, table.shape[1] - 1, len(known))
    if axes < 1:
        return np.zeros((len(texts), 1), dtype=np.float32)
    found = TruncatedSVD(axes, random_state=0).fit(counts.transform(known)).transform(table)
    return narrowed(found, fit, channels)
