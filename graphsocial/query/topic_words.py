"""The words that tell topics apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

_WORD = re.compile(r"[^\W\d_]{3,}")
_MARKS = re.compile(r"<\w+>")
"""What stands for a URL or a handle in a normalised text."""
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,}")


def topic_words(texts: Sequence[Sequence[str]], k: int = 6) -> list[list[str]]:
    """The k words of each topic that it uses more than others do, best first.

    Class-based TF-IDF, `tf * log(1 + A / f)`: tf of a word in the topic, f in all of them, A the mean number of words
    of a topic (Grootendorst, "BERTopic", arXiv 2203.05794, 2022). A post counts a word once, so that one that repeats
    it does not name its topic. Scripts without spaces are read in pairs of characters.

    Args:
        texts: Texts of each topic [topic][post].
        k: Words per topic.

    >>> topic_words([["big storm tonight", "storm warning"], ["match tonight", "what a match"]], k=1)
    [['storm'], ['match']]
    """
    counts = [Counter(word for text in of_topic for word in words_of(text)) for of_topic in texts]
    everywhere: Counter[str] = sum(counts, Counter())
    mean = sum(everywhere.values()) / max(len(counts), 1)
    out = []
    for count in counts:
        score = {word: times * np.log1p(mean / everywhere[word]) for word, times in count.items()}
        out.append(sorted(score, key=lambda word: (-score[word], word))[:k])
    return out


def words_of(text: str) -> list[str]:
    """Distinct words of three letters or more, and pairs of characters of scripts without spaces.

    >>> words_of("<user> Stay safe, stay IN! 纽约洪水")
    ['stay', 'safe', '纽约', '约洪', '洪水']
    """
    text = _MARKS.sub(" ", text)
    found = [word.casefold() for word in _WORD.findall(_WITHOUT_SPACES.sub(" ", text))]
    pairs = [run[i : i + 2] for run in _WITHOUT_SPACES.findall(text) for i in range(len(run) - 1)]
    return list(dict.fromkeys([*found, *pairs]))
