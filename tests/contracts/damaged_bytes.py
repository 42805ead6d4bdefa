"""Files that something happened to: bytes and lines changed, doubled, lost, and ends cut off."""

from __future__ import annotations

import re
from typing import NamedTuple

from hypothesis import strategies as st

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")

_PIECES = st.one_of(
    st.binary(min_size=1, max_size=4),
    st.sampled_from(
        [b"\n", b"\r\n", b"\t", b",", b" ", b'"', b"'", b":", b"/", b"-", b".", b"#", b"@", b"0", b"9" * 25, b"1e400",
         b"nan", b"null", b"true", b"{}", b"[]", b"[", b"{", b"<", b">", b"&", b"\\", b"\\ud800", b"\\u0000", b"\x00",
         b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", "é".encode(), "٣".encode(), "\u2028".encode(), b"\x85", b"&#0;",
         b"<!DOCTYPE x>", b"<!--", b"<![CDATA[", b"encoding='utf-7'", b'"":', b'" "', b'"-1"']
    ),
)  # fmt: skip


class Damaged(NamedTuple):
    """Content after the damage.

    Attributes:
        content: The bytes.
        whole: Lines in it that are as they were, with their ends.
    """

    content: bytes
    whole: tuple[bytes, ...]


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> Damaged:
    """The content after one to four accidents."""
    lines = [(line, True) for line in _LINE.findall(content)]
    for _ in range(draw(st.integers(1, 4))):
        if not lines:
            break
        place = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["flip", "lose", "put", "put", "double", "cut", "drop", "repeat", "move"]))
        line = lines[place][0]
        if what == "drop":
            del lines[place]
        elif what == "repeat":
            lines.insert(place, lines[place])
        elif what == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(place))
        else:
            lines[place] = (_changed(draw, line, what), False)
            if what == "cut":
                del lines[place + 1 :]
    whole = []
    for number, (line, untouched) in enumerate(lines):
        begins = number == 0 or lines[number - 1][0].endswith(b"\n")
        ends = line.endswith(b"\n") or number == len(lines) - 1
        if untouched and begins and ends:
            whole.append(line)
    return Damaged(b"".join(line for line, _ in lines), tuple(whole))


def _changed(draw: st.DrawFn, line: bytes, what: str) -> bytes:
    start = draw(st.integers(0, len(line)))
    if what == "cut":
        return line[:start]
    if what == "put":
        return line[:start] + draw(_PIECES) + line[start:]
    end = min(len(line), start + draw(st.integers(1, 12)))
    if what == "lose":
        return line[:start] + line[end:]
    if what == "double":
        return line[:end] + line[start:]
    flipped = bytes([line[start] ^ draw(st.integers(1, 255))]) if start < len(line) else b""
    return line[:start] + flipped + line[start + 1 :]
