"""What is done to a text before an encoder reads it: a declared step with a hash, stored beside every token."""

from __future__ import annotations

import hashlib
import html
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

# A handle may follow any letter ("RT@someone", "via.@someone"): a handle that is left in gives away a link label, a
# word that is masked too much costs little. Mastodon's @user@host and Bluesky's @name.host are handles too, marks of
# writing direction may stand after the sign, and an e-mail address names a person as well.
_URL = r"(?:https?://|www\.|pic\.twitter\.com/|t\.co/)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+"
_HANDLE = r"\w+(?:[.\-]+\w+)*"
_MENTION = (
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
    rf"|[@＠][\u200b-\u200f\u202a-\u202e\u2060-\u2069]*{_HANDLE}(?:@{_HANDLE})?"
)
_SPACE = r"\s+"
# Control characters and halves of surrogate pairs carry no text, and tokenizers fail on them. Joiners (emoji) and
# direction marks (Arabic, Hebrew) are format characters and stay.
_JUNK = r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]"

_PATTERNS = {"junk": _JUNK, "url": _URL, "mention": _MENTION, "space": _SPACE}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
_RAW_PER_KEPT = 8  # entities and URLs shrink, so more is read than is kept


@dataclass(frozen=True)
class TextNormalisation:
    """Unescapes HTML, composes Unicode, masks URLs and handles, collapses white space, caps the length; keeps emoji.

    Attributes:
        form: Unicode normal form.
        url: What stands for a URL.
        mention: What stands for a handle or an e-mail address.
        max_characters: Longer texts are cut; encoders read less than this anyway.

    >>> TextNormalisation().apply("RT @u17845:  caf\u0065\u0301 &amp; cr\u00eape 😂 http://t.co/x1\u2026")
    'RT <user>: café & crêpe 😂 <url>…'
    """

    form: Literal["NFC", "NFKC"] = "NFC"
    url: str = "<url>"
    mention: str = "<user>"
    max_characters: int = 4096

    def apply(self, text: str) -> str:
        """The text as encoders get it; empty when nothing is left."""
        text = text[: _RAW_PER_KEPT * self.max_characters]
        for _ in range(3):  # archives escape twice
            before, text = text, html.unescape(text)
            if text == before:
                break
        text = _COMPILED["junk"].sub("", unicodedata.normalize(self.form, text))
        text = _COMPILED["url"].sub(lambda _: self.url, text)
        text = _COMPILED["mention"].sub(lambda _: self.mention, text)
        return _COMPILED["space"].sub(" ", text).strip()[: self.max_characters].rstrip()

    @property
    def description(self) -> str:
        """The steps in a line, for reports."""
        return (
            f"HTML unescaped, Unicode {self.form}, control characters dropped, URLs as {self.url}, handles and e-mail "
            f"addresses as {self.mention}, white space collapsed, at most {self.max_characters} characters; emoji kept"
        )

    @property
    def hash(self) -> str:
        """Hash over options and patterns, hex: another hash, other tokens.

        >>> TextNormalisation().hash == TextNormalisation(mention="@user").hash
        False
        """
        declared = [1, self.form, self.url, self.mention, self.max_characters, _RAW_PER_KEPT, _PATTERNS]
        return hashlib.sha256(json.dumps(declared).encode()).hexdigest()


def normalise_text(text: str, normalisation: TextNormalisation | None = None) -> str:
    """The text as encoders get it, by the default rule unless another is given.

    >>> normalise_text("@bob  see www.example.org")
    '<user> see <url>'
    """
    return (normalisation or TextNormalisation()).apply(text)
