"""What a classifier of posts is given: tokens and words by modality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean


@dataclass(frozen=True, eq=False)
class PostInputs:
    """Tokens and words of posts, by modality.

    Attributes:
        tokens: Float [post, token, channel] by modality; the first token stands for the whole.
        mask: Which tokens exist, bool [post, token] by modality.
        words: Texts by modality, "" where there is none, object [post]; a modality may have words, tokens or both.

    >>> there = {"image": np.ones((2, 1), bool)}
    >>> inputs = PostInputs({"image": np.ones((2, 1, 3))}, there, {"text": np.array(["a", "b"])})
    >>> inputs.without("text", np.array([True, False])).words["text"].tolist(), len(inputs.only(["image"]).words)
    (['', 'b'], 0)
    >>> inputs.without("text", np.array([True, False])).has("text").tolist()
    [False, True]
    """

    tokens: Mapping[str, np.ndarray]
    mask: Mapping[str, np.ndarray]
    words: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter([*self.tokens.values(), *self.words.values()])))

    @property
    def modalities(self) -> tuple[str, ...]:
        """Every modality that has tokens or words."""
        return tuple(sorted({*self.tokens, *self.words}))

    def has(self, modality: str) -> np.ndarray:
        """Which posts have something of a modality, bool [post].

        Raises:
            SchemaError: There is no such modality.
        """
        self._check(modality)
        there = np.zeros(len(self), dtype=bool)
        if modality in self.mask:
            there |= np.asarray(self.mask[modality]).any(axis=1)
        if modality in self.words:
            there |= self.words[modality] != ""
        return there

    def take(self, rows: np.ndarray) -> PostInputs:
        """Some posts, in the given order."""
        return PostInputs(*({name: each[rows] for name, each in part.items()} for part in self._parts))

    def only(self, modalities: Sequence[str]) -> PostInputs:
        """Some modalities.

        Raises:
            SchemaError: There is no such modality.
        """
        for name in modalities:
            self._check(name)
        return PostInputs(*({name: part[name] for name in part if name in modalities} for part in self._parts))

    def without(self, modality: str, rows: np.ndarray) -> PostInputs:
        """The same posts, some of which lost a modality.

        Args:
            modality: Which.
            rows: Which posts, bool [post].

        Raises:
            SchemaError: There is no such modality.
        """
        self._check(modality)
        mask, words = dict(self.mask), dict(self.words)
        if modality in mask:
            mask[modality] = mask[modality] & ~rows[:, None]
        if modality in words:
            words[modality] = np.where(rows, "", words[modality].astype(object))
        return PostInputs(self.tokens, mask, words)

    def shuffled(self, modality: str, rng: int | np.random.Generator) -> PostInputs:
        """The same posts, each with another post's content of one modality: a control that must show no value.

        Raises:
            SchemaError: There is no such modality.
        """
        self._check(modality)
        order = np.random.default_rng(rng).permutation(len(self))
        return PostInputs(
            *({name: each[order] if name == modality else each for name, each in part.items()} for part in self._parts)
        )

    @property
    def _parts(self) -> tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray], Mapping[str, np.ndarray]]:
        return self.tokens, self.mask, self.words

    def _check(self, modality: str) -> None:
        if modality not in self.modalities:
            raise SchemaError(
                f"unknown modality {modality!r}, expected one of {', '.join(self.modalities)}."
                f"{did_you_mean(modality, self.modalities)}"
            )
