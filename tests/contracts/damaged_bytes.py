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


_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|true|false|null')

_ODD = st.sampled_from(
    [b'""', b'" "', b'"@"', b'"#"', b"null", b"0", b"-1", b"1.5", b"1e400", b"true", b"[]", b"{}", b"[null]", b'[""]',
     b'[{}]', b'{"id":1}', b'{"id":null}', b'"x"', b"9223372036854775807", b"18446744073709551615", b'"1646820000"',
     b"1646820000123", b'"0001-01-01T00:00:00+23:59"', b'"9999-12-31T23:59:59-23:59"', b'"2022-W01-1"',
     b'"&#1234567890;"', b'"<![x"', b'"<a href>"', b'"https://"', b'"did:plc:x"', b'"at://did:plc:x/y/z"',
     b'"\\u200b"', b"\xa0"]
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
        what = draw(st.sampled_from(["swap", "swap", "flip", "lose", "put", "double", "cut", "drop", "repeat", "move"]))
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
    values = [found.span() for found in _VALUE.finditer(line)] if what == "swap" else []
    if values:
        begin, stop = draw(st.sampled_from(values))
        return line[:begin] + draw(_ODD) + line[stop:]
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
