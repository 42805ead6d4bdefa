"""Finds phone numbers in texts: seven or more digits that stand together and are no date or range of years."""

from __future__ import annotations

import re
from collections.abc import Callable

INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff"
"""Characters that nobody sees, as the inside of a character class; they may stand in the middle of an identifier."""

_YEAR, _MONTH, _DAY = "(?:19|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = rf"{_YEAR}(?P<s1>[-./]){_MONTH}(?P=s1){_DAY}|{_DAY}(?P<s2>[-./]){_DAY}(?P=s2){_YEAR}"
_GAP = rf"[ \t\u00a0\u2007\u2009\u202f.\-‐‑‒–—/()·{INVISIBLE}\u20e3]"
_NUMBERS = re.compile(
    rf"(?P<date>\(?(?<!\d)(?:(?:{_DATE})(?!\d|[-./]\d| \d{{3}})|{_YEAR}[-–/]{_YEAR}(?![-./ ]?\d)))"
    rf"|(?:[+＋]{_GAP}{{0,3}})?(?<!\d)\(?\d(?:{_GAP}{{0,4}}\d){{6,}}"
)
_SEVEN_DIGITS = re.compile(r"\d(?:\D{0,4}\d){6}")


def replace_phone_numbers(text: str, replaced: Callable[[str], str]) -> str:
    """A text with each phone number replaced by what is said for it.

    >>> replace_phone_numbers("from 2022-03-09 on: +49 151 2345678", lambda number: "…")
    'from 2022-03-09 on: …'
    """
    if not _SEVEN_DIGITS.search(text):  # most texts have fewer, and this is found out faster
        return text
    return _NUMBERS.sub(lambda found: found[0] if found["date"] else replaced(found[0]), text)
