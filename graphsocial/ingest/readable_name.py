"""Names of files as reports, rejects and stores show them."""

from __future__ import annotations

import re

_BYTE = re.compile("[\udc80-\udcff]")
"""What Python makes of a byte of a name that is not UTF-8."""


def readable_name(name: str) -> str:
    r"""A name or path with escapes in place of what is not UTF-8, which could be neither shown nor stored.

    >>> readable_name("caf\udce9.jsonl"), readable_name("café.jsonl")
    ('caf\\xe9.jsonl', 'café.jsonl')
    """
    if name.isascii():
        return name
    bytes_shown = _BYTE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", name)
    return bytes_shown.encode("utf-8", errors="backslashreplace").decode("utf-8")
