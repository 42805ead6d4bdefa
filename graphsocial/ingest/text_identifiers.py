"""Finds what identifies somebody in texts: handles, addresses, e-mail addresses, decentralised ids and phone numbers.

What is not found, and how far an identifier goes where that is unclear, is said in `pseudonymise.py`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, partial

from graphsocial.ingest.phone_numbers import INVISIBLE, replace_phone_numbers

_TRAIL = ".,;:!?…'\"“”„‘’«»‹›()[]{}>*|、。，．！？：；）」』】〉》"
"""Ends a sentence, a quotation or a bracket rather than an address."""

_REFERENCE = re.compile(r"&(?:#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7})|commat|colon|sol|period|plus);")
_ENDINGS = frozenset(
    "com org net edu gov mil info biz io app dev social blog online site xyz news page link club shop live name ac ai "
    "ar at au be br ca cc ch cl cn co cz de dk ee es eu fi fm fr gg gl gr hk hr hu id ie il in ir is it jp ke kr li lt "
    "lu lv ly me mx my ng nl no nz pe ph pk pl pt ro rs ru se sg sh si sk th tk to tr tv tw ua uk us vn za".split()
)
"""Endings under which a bare name such as `example.org` is an address."""

_AT = "[@＠﹫]"
_TELLTALE = rf"(?:{_AT}|/\S|[.:][^\W_])"
"""What a word has somewhere if anything but digits identifies somebody in it."""

_WORD = re.compile(rf"(?<!\S)\S*?{_TELLTALE}\S*")
_RUN = r"(?:(?!\]\()[^<>\"])"
"""A character of an address, which goes up to a quotation mark, a tag or the middle of a Markdown link."""

_BEYOND = re.compile(rf":?//{_RUN}*")
_BEYOND_DOTS = re.compile(rf":?//{_RUN}*|/(?!{_AT}){_RUN}*|[?#]\w{_RUN}*")
"""What may follow a handle or an e-mail address as if an address began with it; the second is for one with dots."""


@cache
def _in_words(with_at: bool) -> re.Pattern[str]:
    """Finds identifiers in a word that has a telltale; the name of the group is the kind.

    No text takes long: repetitions are bounded, or start at a mark or a word's beginning, or are never taken back.
    """
    marks = "".join(c for c in map(chr, range(0x10000)) if unicodedata.category(c) in ("Mn", "Mc", "Me"))
    w = rf"\w{marks}{INVISIBLE}"  # vowel signs of many scripts are marks, which \w leaves out
    name = rf"(?>[-.]{{0,3}}(?:[\w{marks}]|\\_)(?:[{w}]|\\_)*(?:[-.·]+(?:[{w}]|\\_)+)*)"
    edge = rf"(?:(?<![{w}.\-])[.\-]*+|(?<=\.\.))"
    host = rf"{edge}(?:[{w}\-]+\.)+"
    ending = "|".join(sorted(ending if len(ending) == 2 else f"(?i:{ending})" for ending in _ENDINGS))
    top = r"(?:xn--[a-zA-Z0-9\-]{1,60}|[^\W\d_]{2,24})"
    web = "(?i:https?|ftps?)://"
    kinds = {
        "at": rf"(?i:at://){_RUN}+",
        "did": rf"(?i:did):(?>[a-z0-9]+:[{w}.:%\-]+)",
        "url": rf"[a-zA-Z][a-zA-Z0-9+.\-]{{0,30}}://{_RUN}+",
        "pathed": rf"(?:{edge}(?i:www\.)|{host}(?:{top}(?::\d{{1,5}})?/|(?:{ending})(?::\d{{1,5}})?[?#])){_RUN}+",
        "email": rf"[{w}][{w}.!#$%&'*+/=?^`{{|}}~\-]{{0,80}}{_AT}(?>[{w}\-]+(?:\.[{w}\-]+)+)",
        "mention": rf"{_AT}(?!(?i:did):|{web})(?:[{INVISIBLE}]|<span>)*(?P<handle>{name}(?:{_AT}{name})?)",
        "reddit": rf"(?:(?<!\w)/?(?i:r/u_|u/)|(?i:/u/|/user/))(?!{web})(?>(?:[{w}\-]|\\_){{2,}}(?:\.+[{w}\-]+)*)",
        "domain": rf"{edge}(?>[{w}\-]+(?:\.[{w}\-]+)+)(?!{_AT}|:[a-z0-9]+:|://)",
    }
    if not with_at:
        del kinds["email"], kinds["mention"]
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()))


def replace_identifiers(text: str, replaced: Callable[[str, str], str]) -> str:
    """A text with each identifier replaced by what is said for its kind and itself.

    Args:
        text: The text.
        replaced: Gives what takes an identifier's place, from its kind and itself. Kinds are `url`, `email`, `phone`,
            `at` (an address of the AT protocol), `did`, `mention` (a handle, without its mark) and `reddit` (a user
            of Reddit, with the mark).

    >>> replace_identifiers("@ann at news.example.org, +49 151 2345678", lambda kind, found: f"<{kind} {found}>")
    '<mention ann> at <url news.example.org>, <phone +49 151 2345678>'
    """
    if "&" in text:
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    phone = partial(replaced, "phone")
    parts: list[str] = []
    done = 0
    for start, end, said in _in_each_word(text, replaced):
        parts += (replace_phone_numbers(text[done:start], phone), said)
        done = end
    parts.append(replace_phone_numbers(text[done:], phone))
    return "".join(parts)


def _in_each_word(text: str, replaced: Callable[[str, str], str]) -> Iterator[tuple[int, int, str]]:
    """Start and end of what is replaced, and what by."""
    for word in _WORD.finditer(text):
        pattern = _in_words(any(mark in word[0] for mark in _AT[1:-1]))
        done = 0
        while found := pattern.search(word[0], done):
            kind, value = str(found.lastgroup), found[0]
            start, done = found.span()
            if kind in ("at", "did", "url", "pathed", "domain"):
                value = value.lstrip(".-")
                start = done - len(value)
                value = _without_trail(value)
                done = start + len(value)
            if kind == "domain" and not _is_domain(value):
                done = start if start > found.start() else done  # after dots, something else can begin here
                continue
            if kind in ("mention", "reddit", "email", "did"):
                beyond = (_BEYOND_DOTS if "." in value else _BEYOND).match(word[0], done)
                done = beyond.end() if beyond else done
            if kind == "mention":
                value = found["handle"]
            said = replaced("url" if kind in ("pathed", "domain") else kind, value)
            yield word.start() + start, word.start() + done, said


def _is_domain(address: str) -> bool:
    """Whether a name with dots is an address, rather than sentences without a blank between them ("Great.It rains").

    >>> _is_domain("news.example.org"), _is_domain("EXAMPLE.DE"), _is_domain("great.It")
    (True, True, False)
    """
    labels = (address.casefold() if address.isupper() else address).split(".")[1:]
    return any(label in _ENDINGS or (len(label) > 2 and label.casefold() in _ENDINGS) for label in labels)


def _without_trail(address: str) -> str:
    """An address without the punctuation after it; a bracket that it opened itself is part of it.

    >>> _without_trail("https://example.org/a_(b)),"), _without_trail("https://example.org/c).")
    ('https://example.org/a_(b)', 'https://example.org/c')
    """
    end = len(address)
    unopened = address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if (last == ")" and unopened <= 0) or (last not in _TRAIL and unicodedata.category(last) != "Cf"):
            break
        unopened += (last == "(") - (last == ")")
        end -= 1
    return address[:end] or address
