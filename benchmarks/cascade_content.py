"""Vectors of what a cascade says and shows: every distinct content is encoded once and kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import click
import numpy as np

from graphsocial.embed import Embedded, ImageEmbedder, TextEmbedder, TokenCache, image_embedder, text_embedder
from graphsocial.embed.picture import read_bytes, read_image
from graphsocial.embed.posts import FLUSH_EVERY
from graphsocial.errors import DataIntegrityError
from graphsocial.ingest import CascadeFolder
from graphsocial.learn.cascade_table import CascadeTable

CACHE = Path("runs/.cache/cascade_content")

_Item = TypeVar("_Item")


@dataclass(frozen=True, eq=False)
class CascadeContent:
    """What cascades say and show.

    Attributes:
        vectors: By modality, zero where a cascade has none, float32 [cascade, channel] in the order of the table.
        assumptions: What using them takes for granted.
    """

    vectors: Mapping[str, np.ndarray]
    assumptions: tuple[str, ...] = ()

    def first(self, cascades: int) -> CascadeContent:
        """That of the first cascades alone."""
        return replace(self, vectors={name: rows[:cascades] for name, rows in self.vectors.items()})


@dataclass(frozen=True, eq=False)
class _Distinct(Generic[_Item]):
    """Distinct contents of one modality.

    Attributes:
        items: One of each.
        keys: Hash of each, 32 bytes.
        place: Which of them each cascade has, -1 = none, int64 [cascade].
    """

    items: list[_Item]
    keys: list[bytes]
    place: np.ndarray


def cascade_content(folder: CascadeFolder, table: CascadeTable) -> CascadeContent:
    """The first token of each cascade's text and of its picture, which stands for the whole.

    What a text or a picture gets does not depend on the others, so keeping it on disk leaks nothing. A picture that
    cannot be read is named in a line, and its cascade keeps its text.

    Args:
        folder: Texts and images by cascade.
        table: Which cascades, in which order.
    """
    names = [str(name) for name in table.names]
    vectors: dict[str, np.ndarray] = {}
    assumptions: list[str] = []

    def take_for_granted(encoder: TextEmbedder | ImageEmbedder, what: str) -> None:
        newer = encoder.info.assumption(int(table.start[0]))
        assumptions.extend([newer] if newer else [])
        assumptions.append(f"the {what} of a cascade is taken to have been known at its first event")

    texts = _distinct([folder.texts.get(name) for name in names], _text_key)
    if texts.items:
        reader = text_embedder()
        vectors["text"] = _first_tokens(texts, reader, lambda some: (list(range(len(some))), reader.embed(some)))
        take_for_granted(reader, "text")
    images = _distinct([folder.images.get(name) for name in names], _file_key)
    if images.items:
        eye = image_embedder()
        vectors["image"] = _first_tokens(images, eye, lambda some: _pictures(eye, some))
        take_for_granted(eye, "picture")
    return CascadeContent(vectors, tuple(assumptions))


def _distinct(contents: Sequence[_Item | None], key_of: Callable[[_Item], bytes | None]) -> _Distinct[_Item]:
    found: _Distinct[_Item] = _Distinct([], [], np.full(len(contents), -1))
    position: dict[bytes, int] = {}
    for cascade, content in enumerate(contents):
        key = None if content is None else key_of(content)
        if content is None or key is None:
            continue
        if key not in position:
            position[key] = len(found.items)
            found.items.append(content)
            found.keys.append(key)
        found.place[cascade] = position[key]
    return found


def _text_key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _file_key(file: Path) -> bytes | None:
    try:
        return hashlib.sha256(read_bytes(file)).digest()
    except DataIntegrityError as problem:
        _report(file, problem)
        return None


def _report(file: Path, problem: DataIntegrityError) -> None:
    click.echo(f"{file}: {problem}; its cascade keeps its text", err=True)


def _pictures(encoder: ImageEmbedder, files: Sequence[Path]) -> tuple[list[int], Embedded]:
    """Tokens of the pictures that can be decoded, and which ones these are."""
    rows, pictures = [], []
    for row, file in enumerate(files):
        try:
            pictures.append(read_image(file, encoder.size))
            rows.append(row)
        except DataIntegrityError as problem:
            _report(file, problem)
    return rows, encoder.embed(pictures)


def _first_tokens(
    distinct: _Distinct[_Item],
    encoder: TextEmbedder | ImageEmbedder,
    embed: Callable[[Sequence[_Item]], tuple[list[int], Embedded]],
) -> np.ndarray:
    """First token of each cascade's content, zero where there is none, float32 [cascade, channel].

    Args:
        distinct: The contents.
        encoder: Which encoder makes the tokens.
        embed: Tokens of some contents, and which of them have any.
    """
    count, cache = len(distinct.items), TokenCache(CACHE, encoder.info, encoder.layout)
    tokens = np.zeros((count, encoder.tokens, encoder.info.channels), dtype=np.float16)
    mask = np.zeros((count, encoder.tokens), dtype=bool)
    missing = np.flatnonzero(~cache.read(distinct.keys, {"tokens": tokens, "mask": mask}))
    for start in range(0, len(missing), FLUSH_EVERY):
        part = missing[start : start + FLUSH_EVERY]
        some, made = embed([distinct.items[row] for row in part])
        done = part[some]
        tokens[done], mask[done] = made.tokens, made.mask
        cache.write([distinct.keys[row] for row in done], {"tokens": tokens[done], "mask": mask[done]})
    out = np.zeros((len(distinct.place), encoder.info.channels), dtype=np.float32)
    has = distinct.place >= 0
    out[has] = tokens[distinct.place[has], 0]
    return out
