"""Hides the values of a record in the reason why it was rejected."""

from __future__ import annotations

import re

from graphsocial.ingest.text_identifiers import replace_identifiers

_LITERAL = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_GOT = re.compile(rf"\bgot (?:(?:{_LITERAL})(?=$|[\s,.:;)])|.*(?=, expected )|.*)", re.DOTALL)
_UNREADABLE = re.compile(r"\bcannot read .*(?= as a time\b)", re.DOTALL)
_OPENED = re.compile(r"(?<!\w)[bru]{0,2}['\"“„‘«`{\[]")
_CLOSING = "'\"”’»`}]"


def reject_reason(reason: str) -> str:
    """The reason of a reject without values of the record: what was got, what is quoted, and identifiers become `…`.

    Values are recognised by how this library's messages show them. Where it is unclear where one ends, more is hidden.

    >>> reject_reason("got 'Ann, expected', expected a whole number")
    'got …, expected a whole number'
    >>> reject_reason("duplicate id 'u17': the earliest row with it is kept")
    "duplicate id '…': the earliest row with it is kept"
    """
    # a value that is no whole literal goes up to the last place at which the library can have gone on
    reason = _UNREADABLE.sub("cannot read …", _GOT.sub("got …", reason))
    opened = _OPENED.search(reason)
    if opened is not None:
        inside = reason[opened.end() - 1 :]
        closed = max(map(inside.rfind, _CLOSING))
        reason = f"{reason[: opened.end()]}…{inside[closed:] if closed > 0 and _even(inside) else ''}"
    return replace_identifiers(reason, lambda kind, found: "…")


def _even(text: str) -> bool:
    """Whether quotation marks and brackets come in pairs, as they do not where a value was cut off."""
    pairs = all(text.count(a) == text.count(b) for a, b in ("{}", "[]"))
    return pairs and all(text.count(mark) % 2 == 0 for mark in "'\"`")
