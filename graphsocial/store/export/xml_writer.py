"""XML written piece by piece, so that memory does not grow with the graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from graphsocial.store.export.xml_text import xml_text

_LINE_ENDS = {"\r": "&#13;"}
"""Parsers read a bare carriage return as a line feed."""

_SPECIAL = re.compile('[&<>"\x00-\x1f\ufffe\uffff]|_x')
"""What most texts do not have, and then they stand as they are."""


class XmlWriter:
    """Writes elements to a text file, indented by their depth.

    Attributes:
        escaped: Values so far that held characters which XML forbids.

    >>> import io
    >>> file = io.StringIO()
    >>> xml = XmlWriter(file)
    >>> xml.open("nodes", {})
    >>> xml.leaf("node", {"id": "<1>"}, "a & b")
    >>> xml.close()
    >>> file.getvalue().splitlines()[1:]
    ['<nodes>', '  <node id="&lt;1&gt;">a &amp; b</node>', '</nodes>']
    """

    def __init__(self, file: TextIO):
        self._file, self._open, self.escaped = file, list[str](), 0
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')

    def open(self, name: str, attributes: Mapping[str, str]) -> None:
        """Opens an element that holds others."""
        self._file.write(f"{'  ' * len(self._open)}<{name}{self._attributes(attributes)}>\n")
        self._open.append(name)

    def leaf(self, name: str, attributes: Mapping[str, str], text: str | None = None) -> None:
        """An element that holds no other one, with its text if it has any."""
        begun = f"{'  ' * len(self._open)}<{name}{self._attributes(attributes)}"
        if text is None:
            self._file.write(f"{begun}/>\n")
        else:
            shown = escape(self._legal(text), _LINE_ENDS) if _SPECIAL.search(text) else text
            self._file.write(f"{begun}>{shown}</{name}>\n")

    def close(self) -> None:
        """Closes the element that was opened last."""
        name = self._open.pop()
        self._file.write(f"{'  ' * len(self._open)}</{name}>\n")

    def _attributes(self, attributes: Mapping[str, str]) -> str:
        parts = []
        for name, value in attributes.items():
            shown = quoteattr(self._legal(value)) if _SPECIAL.search(value) else f'"{value}"'
            parts.append(f" {name}={shown}")
        return "".join(parts)

    def _legal(self, text: str) -> str:
        legal = xml_text(text)
        self.escaped += legal != text
        return legal
