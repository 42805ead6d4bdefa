r"""Text that XML can hold: characters that it forbids are written as `_xHHHH_`, as Office Open XML does."""

from __future__ import annotations

import re

_FORBIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff"
# an escape that stands in the text itself is escaped too, also where a forbidden character would complete it
_TO_ESCAPE = re.compile(f"[{_FORBIDDEN}]|_(?=x[0-9A-Fa-f]{{4}}[_{_FORBIDDEN}])")
# nothing else is ever written so; half a surrogate pair, for one, would be no text
_ESCAPED = re.compile("_x(00(?:0[0-8BCEF]|1[0-9A-F]|5F)|FFF[EF])_")


def xml_text(text: str) -> str:
    r"""The text with every character that XML forbids written as `_xHHHH_`; `plain_text` is the inverse.

    >>> xml_text("a\x00b"), xml_text("_x0000_"), xml_text("snake_xray")
    ('a_x0000_b', '_x005F_x0000_', 'snake_xray')
    """
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def plain_text(text: str) -> str:
    r"""The text that `xml_text` was given.

    >>> plain_text("a_x0000_b"), plain_text("_x005F_x0000_")
    ('a\x00b', '_x0000_')
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
