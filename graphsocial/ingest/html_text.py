"""Plain text and addresses from the HTML, or the text with escapes, in which platforms write posts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

from graphsocial.errors import EventFormatError

_BLOCKS = frozenset("p div blockquote pre ul ol li dl dt dd table tr hr h1 h2 h3 h4 h5 h6".split())
_HIDDEN = frozenset({"script", "style"})
_SPACES = re.compile(r"[ \t\r\n\f]+")
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_NO_TAG = re.compile(r"<(?![/a-zA-Z][^<>]*>)")


class HtmlLink(NamedTuple):
    """A link to elsewhere.

    Attributes:
        address: Where it leads, as it is written.
        marks: Words of its `class` and `rel`, in lower case.
    """

    address: str
    marks: frozenset[str]


class HtmlText(NamedTuple):
    """What a piece of HTML says.

    Attributes:
        text: Its words; paragraphs and `<br>` begin a new line.
        links: Its links, in order.
    """

    text: str
    links: tuple[HtmlLink, ...]


def html_text(markup: str) -> HtmlText:
    r"""Words and links of a piece of HTML.

    A `<` that opens no tag is a character like any other, so plain text passes through. Time is linear in the length,
    whatever the markup.

    Raises:
        EventFormatError: The markup cannot be read.

    >>> said = html_text('<p>Tea &amp; cake<br>at <a href="https://tea.example/" rel="me">ours</a></p>3 < 4')
    >>> said.text
    'Tea & cake\nat ours\n3 < 4'
    >>> said.links
    (HtmlLink(address='https://tea.example/', marks=frozenset({'me'})),)
    """
    # Python's parser looks for the end of every tag that has none in all that follows: hours for a hostile post
    closed = _NO_TAG.sub("&lt;", _DECLARATION.sub("", markup))
    parser = _Parser()
    try:
        parser.feed(closed)
        parser.close()
    except (AssertionError, ValueError) as error:  # a reference such as &#111…; of thousands of digits
        raise EventFormatError(f"cannot be read as HTML: {error}") from error
    return HtmlText("".join(parser.pieces).strip(), tuple(parser.links))


def unescaped(text: str) -> str:
    """Plain text in which a platform wrote `<`, `>` and `&` as references, and left everything else as it was.

    >>> unescaped("Tea &amp; cake &lt;3, but &amp;lt; and &#39; stay")
    'Tea & cake <3, but &lt; and &#39; stay'
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class _Parser(HTMLParser):
    """Collects text, in which white space counts as one blank except within `<pre>`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[HtmlLink] = []
        self._hidden = 0
        self._kept_as_is = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self._trim()
            self.pieces.append("\n")
        elif tag in _BLOCKS:
            self._begin_line()
        if tag == "pre":
            self._kept_as_is += 1
        if tag == "a":
            values = {name: value for name, value in attrs if value}
            address = values.get("href", "").strip()
            if address:
                marks = f"{values.get('class', '')} {values.get('rel', '')}".lower().split()
                self.links.append(HtmlLink(address, frozenset(marks)))

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self._begin_line()
        if tag == "pre":
            self._kept_as_is = max(0, self._kept_as_is - 1)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if not self._kept_as_is:
            data = _SPACES.sub(" ", data)
            if not self.pieces or self.pieces[-1][-1] in " \n":
                data = data.removeprefix(" ")
        if data:
            self.pieces.append(data)

    def _begin_line(self) -> None:
        self._trim()
        if self.pieces and not self.pieces[-1].endswith("\n"):
            self.pieces.append("\n")

    def _trim(self) -> None:
        """Takes the blank before the end of a line away."""
        if self.pieces:
            self.pieces[-1] = self.pieces[-1].removesuffix(" ")
            if not self.pieces[-1]:
                self.pieces.pop()
