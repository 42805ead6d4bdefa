"""Whether a user is found again by half of the posts: odd ones ask, even ones answer."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix, issparse
from scipy.stats import rankdata
from sklearn.feature_extraction.text import TfidfVectorizer

from graphsocial.graph import SocialGraph
from graphsocial.query.behaviour.engagements import Engagements
from graphsocial.query.behaviour.post_vectors import unit_length

_TOGETHER = 500


def halves(pairs: Engagements, has: np.ndarray, least: int, most: int, rng: int) -> tuple[np.ndarray, ...]:
    """Users with enough posts, and their posts, every other one in each half.

    Args:
        pairs: Who acted on what, by user and time.
        has: Which posts have content, bool [post].
        least: Posts a user needs, at least 2.
        most: Users at most, drawn at random.
        rng: Seed of the draw.

    Returns:
        Users [user], and for each act the number of its user, its post, and whether it is odd [act].
    """
    kept = has[pairs.post]
    user, post = pairs.user[kept], pairs.post[kept]
    names, first, count = np.unique(user, return_index=True, return_counts=True)
    enough = np.flatnonzero(count >= least)
    if len(enough) > most:
        enough = np.sort(np.random.default_rng(rng).choice(enough, most, replace=False))
    number = np.full(int(user.max(initial=0)) + 1, -1)
    number[names[enough]] = np.arange(len(enough))
    chosen = np.flatnonzero(number[user] >= 0)
    place = chosen - np.repeat(first, count)[chosen]
    return names[enough], number[user[chosen]], post[chosen], place % 2 == 1


def half_vectors(vectors: np.ndarray | csr_matrix, user: np.ndarray, post: np.ndarray, users: int) -> np.ndarray:
    """Sum over the posts of each user [user, channel]."""
    return csr_matrix((np.ones(len(user), dtype=np.float32), (user, post)), shape=(users, vectors.shape[0])) @ vectors


def cosines(odd: np.ndarray | csr_matrix, even: np.ndarray | csr_matrix) -> np.ndarray:
    """Cosine of every odd half with every even one, float32 [user, user]."""
    if issparse(odd):
        from sklearn.preprocessing import normalize

        return np.asarray((normalize(odd) @ normalize(even).T).todense(), dtype=np.float32)
    return (unit_length(odd) @ unit_length(even).T).astype(np.float32)


def own_ranks(score: np.ndarray) -> np.ndarray:
    """Rank of each user's own even half among all, equal ones at the middle [user]."""
    score = np.round(score, 6)
    own = np.diagonal(score)[:, None]
    return 1 + (score > own).sum(axis=1) + ((score == own).sum(axis=1) - 1) / 2


def fused(scores: list[np.ndarray]) -> np.ndarray:
    """Sum of reciprocal ranks of several scores, as `similar_users` fuses orders [user, user]."""
    total = np.zeros_like(scores[0], dtype=np.float64)
    for score in scores:
        for first in range(0, len(score), _TOGETHER):
            part = slice(first, first + _TOGETHER)
            total[part] += 1 / (60 + rankdata(-np.round(score[part], 6), axis=1))
    return total


def tfidf_vectors(view: SocialGraph) -> csr_matrix:
    """TF-IDF of characters inside words of every post's text, for languages with and without spaces."""
    texts = [text or "" for text in view.column("post", "text").to_pylist()]
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2).fit_transform(texts)
