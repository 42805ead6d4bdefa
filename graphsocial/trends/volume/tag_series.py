"""Hashtags of texts, counted per window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError

_TAG = re.compile(r"[#＃](\w*[^\W\d_]\w*)")
"""A sign and word characters, one of them a letter: #1 is a number."""


@dataclass(frozen=True, eq=False, repr=False)
class TagSeries:
    """Posts per hashtag and window; tags in order of their first window, then by name.

    Attributes:
        tag: In lower case, object [tag].
        start: First second of each window, int64 [window].
        width_seconds: Length of a window.
        counts: Posts with the tag, int64 [tag, window]; a post counts once.
        posts: All posts, with or without tags, int64 [window].
    """

    tag: np.ndarray
    start: np.ndarray
    width_seconds: int
    counts: np.ndarray
    posts: np.ndarray

    def __repr__(self) -> str:
        tags, windows = self.counts.shape
        uses = int(self.counts.sum())
        return f"TagSeries({tags:,} tags x {windows:,} windows of {self.width_seconds} s, {uses:,} uses)"


def hashtags(text: str) -> list[str]:
    """Distinct hashtags of a text, in order, without the sign and in lower case.

    >>> hashtags("Flood in #NYC, stay safe #nyc #Flood2012 #1")
    ['nyc', 'flood2012']
    """
    return list(dict.fromkeys(tag.casefold() for tag in _TAG.findall(text)))


def tag_series(texts: Sequence[str], time: np.ndarray, width_seconds: int = 3_600, minimum: int = 1) -> TagSeries:
    """Counts the hashtags of texts per window, from the window of the first post to that of the last.

    Args:
        texts: One per post [post].
        time: int64 seconds [post].
        width_seconds: Length of a window; windows start at its multiples.
        minimum: Tags in fewer posts of the whole record are left out. Questions about tags seen as often before them
            are the same with and without those, see `volume_questions`; memory is not.

    Raises:
        SchemaError: Lengths differ, or a width or minimum below 1.

    >>> tag_series(["#rain", "#Rain #sun", "dry"], np.array([5, 12, 31]), width_seconds=10).counts.tolist()
    [[1, 1, 0, 0], [0, 1, 0, 0]]
    """
    time = np.asarray(time, dtype=np.int64)
    if len(texts) != len(time) or width_seconds < 1 or minimum < 1:
        raise SchemaError(
            f"got {len(texts)} texts, {len(time)} times, windows of {width_seconds} s and minimum {minimum}, "
            "expected as many texts as times, and at least 1 of the others"
        )
    window = time // int(width_seconds)
    first = int(window.min()) if len(window) else 0
    windows = int(window.max()) - first + 1 if len(window) else 0
    rows: list[tuple[str, int]] = []
    for text, at in zip(texts, (window - first).tolist(), strict=True):
        rows += [(tag, at) for tag in hashtags(text)]
    begin: dict[str, int] = {}
    uses: dict[str, int] = {}
    for tag, at in rows:
        begin[tag] = min(at, begin.get(tag, at))
        uses[tag] = uses.get(tag, 0) + 1
    tags = sorted((tag for tag in begin if uses[tag] >= minimum), key=lambda tag: (begin[tag], tag))
    place = {tag: i for i, tag in enumerate(tags)}
    counts = np.zeros((len(tags), windows), dtype=np.int64)
    for tag, at in rows:
        if tag in place:
            counts[place[tag], at] += 1
    names = np.empty(len(tags), dtype=object)
    names[:] = tags
    start = (first + np.arange(windows, dtype=np.int64)) * int(width_seconds)
    posts = np.bincount(window - first, minlength=windows) if windows else np.zeros(0, dtype=np.int64)
    return TagSeries(names, start, int(width_seconds), counts, posts.astype(np.int64))
