"""Words that set groups of texts apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|@\w+|<\w+>", re.IGNORECASE)
"""Links and mentions, and what stands for them in a normalised text."""
_UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
"""Kana, Han and Hangul: written without spaces, or with words so long that pairs of characters say more."""
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W\d_{_UNSPACED}][^\W_{_UNSPACED}]+")
_COMMON = 0.2  # a word of more texts than that share
_STANDS_OUT = 1.5  # has to be that much more frequent in a topic to say something of it


def words_of(text: str) -> Iterator[str]:
    """Words of a text in small letters, pairs of characters where no spaces are written; no links and no mentions.

    >>> list(words_of("Flood in NYC! @bob <url> http://t.co/x 洪水来"))
    ['flood', 'in', 'nyc', '洪水', '水来']
    """
    for run in _WORD.findall(_NOT_WORDS.sub(" ", text.lower())):
        if re.match(rf"[{_UNSPACED}]", run):
            yield from (run[at : at + 2] for at in range(len(run) - 1))
        else:
            yield run


def topic_words(texts: Sequence[str], topic: np.ndarray, count: int, most: int = 6) -> tuple[tuple[str, ...], ...]:
    """Words of each topic by class-based TF-IDF (Grootendorst, arXiv 2203.05794, eq. 2), the most telling first.

    A word of more than a fifth of all texts counts where it is one and a half times as frequent as overall, so that
    articles and the like need no list; a topic by itself has nothing to be compared with.

    Args:
        texts: One string each [text].
        topic: Topic of each text, int64 [text].
        count: Topics.
        most: Words of each.

    >>> topic_words(["wet street", "wet cellar", "new song", "old song"], np.array([0, 0, 1, 1]), 2, most=1)
    (('wet',), ('song',))
    """
    told = [list(words_of(text)) for text in texts]
    in_texts = Counter(word for words in told for word in set(words))
    of_topic = np.bincount(topic, minlength=count)
    within: list[Counter[str]] = [Counter() for _ in range(count)]
    texts_with: list[Counter[str]] = [Counter() for _ in range(count)]
    for words, at in zip(told, topic.tolist(), strict=True):
        within[at].update(words)
        texts_with[at].update(set(words))
    overall: Counter[str] = Counter()
    for words_in in within:
        overall.update(words_in)
    average = sum(overall.values()) / max(count, 1)
    found = []
    for at, words_in in enumerate(within):
        weight = {}
        for word, times in words_in.items():
            share, here = in_texts[word] / len(texts), texts_with[at][word] / of_topic[at]
            if count == 1 or share <= _COMMON or here >= _STANDS_OUT * share:
                weight[word] = times * float(np.log1p(average / overall[word]))
        found.append(tuple(sorted(weight, key=lambda word: (-weight[word], word))[:most]))
    return tuple(found)
