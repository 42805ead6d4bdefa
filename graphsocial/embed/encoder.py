"""What an encoder is: one method that turns texts or pictures into tokens, and a card that says which it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from graphsocial.graph import format_time, parse_time

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class EncoderInfo:
    """Which encoder made some tokens.

    Attributes:
        name: What to pass to `text_embedder` or `image_embedder` to get it again.
        modality: "text" or "image".
        channels: Width of a token.
        sha256: Hash of the weights (and of the tokenizer where the weights are not a pinned file), hex.
        licence: Licence of the weights, "unknown" where nothing states it.
        released: ISO date on which the weights were published, None where unknown.
        note: What else a reader of a report should know.
    """

    name: str
    modality: str
    channels: int
    sha256: str
    licence: str = "unknown"
    released: str | None = None
    note: str = ""

    def assumption(self, first_use: int) -> str | None:
        """The sentence to list when a model is used as of `first_use` (seconds UTC) but may know later things.

        >>> EncoderInfo("builtin:x", "text", 8, "00", released="2021-08-31").assumption(0)
        'text encoder builtin:x was released 2021-08-31, after 1970-01-01 00:00:00Z: its weights may know later things'
        >>> EncoderInfo("builtin:x", "text", 8, "00", released="2001-01-01").assumption(10**9) is None
        True
        """
        if self.released is None:
            return f"{self.modality} encoder {self.name} has no known release date: its weights may know later things"
        if parse_time(self.released) <= first_use:
            return None
        return (
            f"{self.modality} encoder {self.name} was released {self.released}, after {format_time(first_use)}: "
            "its weights may know later things"
        )

    def to_json(self) -> dict[str, Any]:
        """The fields as a plain dict; `EncoderInfo(**it)` is the inverse."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Embedded:
    """Tokens of a few contents, in the order they were given.

    Attributes:
        tokens: float16 [content, token, channel], zero where masked.
        mask: Which tokens exist, bool [content, token].
    """

    tokens: np.ndarray
    mask: np.ndarray


class TextEmbedder(Protocol):
    """Turns texts into tokens, the first of which stands for the whole text.

    Attributes:
        info: Which encoder it is.
        layout: What the tokens are, in a line; tokens of another layout are never taken from a cache.
        tokens: Tokens per text.
    """

    @property
    def info(self) -> EncoderInfo: ...  # noqa: D102

    @property
    def layout(self) -> str: ...  # noqa: D102

    @property
    def tokens(self) -> int: ...  # noqa: D102

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Tokens of normalised texts; what a text gets must not depend on the others."""
        ...


class ImageEmbedder(Protocol):
    """Turns pictures into tokens, the first of which stands for the whole picture.

    Attributes:
        info: Which encoder it is.
        layout: What the tokens are, in a line; tokens of another layout are never taken from a cache.
        tokens: Tokens per picture.
        size: Side of the square the pictures are brought to, in pixels; pictures of that size are taken as they are.
    """

    @property
    def info(self) -> EncoderInfo: ...  # noqa: D102

    @property
    def layout(self) -> str: ...  # noqa: D102

    @property
    def tokens(self) -> int: ...  # noqa: D102

    @property
    def size(self) -> int: ...  # noqa: D102

    def embed(self, images: Sequence[Image]) -> Embedded:
        """Tokens of pictures; what a picture gets must not depend on the others."""
        ...
