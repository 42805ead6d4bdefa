"""The words of a text as a reader sees them, and the text without some of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice

MOST = 32
"""Words of a text that are looked at one by one, the first ones."""

_SPACED = re.compile(r"\S+")
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)


def word_spans(text: str, most: int = MOST) -> tuple[tuple[int, int], ...]:
    """First character of each word and the one behind its last; of Chinese and Japanese each character is a word.

    Args:
        text: The text.
        most: Words beyond these are no pieces of their own.

    >>> word_spans("sun  here!"), word_spans("好天 ok")
    (((0, 3), (5, 10)), ((0, 1), (1, 2), (3, 5)))
    """
    found = (_UNSPACED if _UNSPACED.search(text) else _SPACED).finditer(text)
    return tuple(match.span() for match in islice(found, most))


def without_words(text: str, gone: Collection[tuple[int, int]]) -> str:
    """The text without some words; no two spaces are left where a word was.

    >>> without_words("sun and rain", [(4, 7)]), without_words("sun", [(0, 3)])
    ('sun rain', '')
    """
    left = text
    for first, last in sorted(gone, reverse=True):
        left = left[:first] + left[last:]
    return " ".join(left.split()) if gone else text
