"""What the first hours of each post's cascade show: counts, pace, depth, and what people answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.ingest import PostFolder
from graphsocial.schema import UNKNOWN_TIME

FEATURES = (
    "reposts",
    "reposts in the first sixth",
    "reposts in the last half",
    "people",
    "seconds to the 5th",
    "seconds to the 20th",
    "answers with words",
    "mean length of an answer",
    "depth",
    "share of answers to answers",
    "hour, sine",
    "hour, cosine",
)
"""Counts, seconds and lengths as log(1 + x); where fewer reposts came, the seconds are those of the whole window."""

ANSWERS = 40
"""First answers with words that are read."""


@dataclass(frozen=True, eq=False)
class ObservedCascades:
    """What could be seen within the window after each post.

    Attributes:
        features: One column for each of `FEATURES`, float64 [post, feature].
        words: The first answers, one after the other, "" where nobody said anything, object [post].
    """

    features: np.ndarray
    words: np.ndarray


def observed_cascades(folder: PostFolder, rows: np.ndarray, seconds: int) -> ObservedCascades:
    """What edges and answers within `seconds` after each post show; nothing later is looked at.

    An edge (user, any relation, post) is a repost. An edge (post, any relation, post) makes its start an answer: a post
    that belongs to the cascade of what it answers, with a depth and words.

    Args:
        folder: All posts and edges.
        rows: Posts that are asked about, int64 [asked].
        seconds: Length of the window, from the time of the post on, its end excluded.

    Raises:
        SchemaError: The folder has no edges, or the window has no length.
        TimeWindowError: A post that is asked about has no time.

    >>> from graphsocial.ingest.post_folder import PostEdges, post_folder
    >>> edge = PostEdges(*(np.array([x], dtype=object) for x in ("ann", "p", "repost")), np.array([160]))
    >>> tiny = post_folder("tiny", [("p", "bob", 100, "hi", (), "real", None)], edge)
    >>> [round(float(observed_cascades(tiny, np.array([0]), window).features[0, 0]), 3) for window in (60, 61)]
    [0.0, 0.693]
    """
    if folder.edges is None or seconds < 1:
        raise SchemaError(f"{folder.name}: cascades need edges and a window, got {folder.edges} and {seconds} seconds")
    start = folder.time[rows]
    if (start == UNKNOWN_TIME).any():
        raise TimeWindowError(f"{folder.name}: {int((start == UNKNOWN_TIME).sum())} posts without a time, expected all")
    place = {post: at for at, post in enumerate(folder.post.tolist())}
    edges = folder.edges
    source = np.array([place.get(name, -1) for name in edges.src.tolist()], dtype=np.int64)
    target = np.array([place.get(name, -1) for name in edges.dst.tolist()], dtype=np.int64)
    asked = np.full(len(folder), -1, dtype=np.int64)
    asked[rows] = np.arange(len(rows))
    root, depth, joined = _roots(folder.time, source, target, edges.time, asked)
    age = np.where(target >= 0, edges.time - folder.time[rows][np.maximum(root[target], 0)], -1)
    inside = (target >= 0) & (root[target] >= 0) & (joined[target] <= edges.time) & (age >= 0) & (age < seconds)
    reposts = np.flatnonzero(inside & (source < 0))
    answers = np.flatnonzero(inside & (source >= 0))
    out = np.zeros((len(rows), len(FEATURES)))
    of, when = root[target[reposts]], age[reposts]
    order = np.lexsort((when, of))
    of, when, who = of[order], when[order], edges.src[reposts][order]
    count = np.bincount(of, minlength=len(rows))
    out[:, 0] = count
    out[:, 1] = np.bincount(of[6 * when < seconds], minlength=len(rows))
    out[:, 2] = np.bincount(of[2 * when >= seconds], minlength=len(rows))
    if len(of):
        pairs = np.unique(np.stack([of, np.unique(who, return_inverse=True)[1]]), axis=1)
        out[:, 3] = np.bincount(pairs[0], minlength=len(rows))
    first = np.cumsum(count) - count
    for column, nth in ((4, 5), (5, 20)):
        reached = count >= nth
        out[:, column] = seconds
        out[reached, column] = when[first[reached] + nth - 1]
    order = answers[np.lexsort((age[answers], root[target[answers]]))]
    of, text = root[target[order]], folder.text[source[order]]
    said = text.astype(bool)
    length = np.array([len(each) for each in text], dtype=np.float64)
    number = np.bincount(of, minlength=len(rows))
    out[:, 6] = np.bincount(of[said], minlength=len(rows))
    out[:, 7] = np.bincount(of, weights=length, minlength=len(rows)) / np.maximum(out[:, 6], 1)
    np.maximum.at(out[:, 8], of, depth[source[order]])
    out[:, 9] = np.bincount(of[depth[source[order]] > 1], minlength=len(rows)) / np.maximum(number, 1)
    out[:, :9] = np.log1p(out[:, :9])
    hour = 2 * np.pi * (start % 86400) / 86400
    out[:, 10], out[:, 11] = np.sin(hour), np.cos(hour)
    words: list[list[str]] = [[] for _ in rows]
    for at, each in zip(of[said].tolist(), text[said].tolist(), strict=True):
        if len(words[at]) < ANSWERS:
            words[at].append(each)
    spoken = np.empty(len(rows), dtype=object)
    spoken[:] = [" ".join(each) for each in words]
    return ObservedCascades(out, spoken)


def _roots(
    posted: np.ndarray, source: np.ndarray, target: np.ndarray, time: np.ndarray, asked: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each post: which asked post's cascade it belongs to, how many answers below it, and from when on.

    -1 and 0 where it belongs to none. An answer to something that joins the cascade later than the answer does not
    count, as nobody could have known then.
    """
    parent = np.full(len(posted), -1, dtype=np.int64)
    joined = posted.copy()
    between = np.flatnonzero((source >= 0) & (target >= 0))
    between = between[np.argsort(time[between], kind="stable")][::-1]
    parent[source[between]] = target[between]  # a post that answers several belongs to the first of them
    joined[source[between]] = time[between]
    parent[asked >= 0], joined[asked >= 0] = -1, posted[asked >= 0]
    root, depth = asked.copy(), np.zeros(len(posted), dtype=np.int64)
    waiting = np.flatnonzero(parent >= 0)
    while len(waiting):
        known = (root[parent[waiting]] >= 0) & (joined[parent[waiting]] <= joined[waiting])
        if not known.any():
            break
        found = waiting[known]
        root[found], depth[found] = root[parent[found]], depth[parent[found]] + 1
        waiting = waiting[~known]
    return root, depth, joined
