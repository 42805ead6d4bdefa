"""Vectors of what a cascade says and shows, encoded once per folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from graphsocial.embed import image_embedder, text_embedder
from graphsocial.embed.picture import read_image
from graphsocial.errors import DataIntegrityError
from graphsocial.ingest import CascadeFolder
from graphsocial.learn.cascade_table import CascadeTable

CACHE = Path("runs/.cache/cascade_content")


def cascade_content(folder: CascadeFolder, table: CascadeTable) -> dict[str, np.ndarray]:
    """Vector of each cascade's text and image, float32 [cascade, channel] in the order of the table; zeros = none.

    The vector of a text or a picture does not depend on the others, so keeping them on disk leaks nothing.

    Args:
        folder: Texts and images by cascade.
        table: Which cascades, in which order.
    """
    vectors = {}
    if folder.texts:
        vectors["text"] = _kept(folder, "text", list(folder.texts), table, lambda ids: _texts(folder, ids))
    if folder.images:
        vectors["image"] = _kept(folder, "image", list(folder.images), table, lambda ids: _images(folder, ids))
    return vectors


def _kept(
    folder: CascadeFolder, modality: str, ids: list[str], table: CascadeTable, encode: Callable[[list[str]], np.ndarray]
) -> np.ndarray:
    file = CACHE / f"{folder.name}_{modality}_{folder.sha256[:16]}.npy"
    if file.exists():
        rows = np.load(file)
    else:
        rows = encode(ids)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npy")
        np.save(part, rows)
        part.replace(file)
    place = {name: i for i, name in enumerate(ids)}
    at = np.array([place.get(str(name), -1) for name in table.names])
    out = np.zeros((len(at), rows.shape[1]), dtype=np.float32)
    out[at >= 0] = rows[at[at >= 0]]
    return out


def _texts(folder: CascadeFolder, ids: list[str]) -> np.ndarray:
    return text_embedder().embed([folder.texts[name] for name in ids]).tokens[:, 0].astype(np.float32)


def _images(folder: CascadeFolder, ids: list[str]) -> np.ndarray:
    encoder = image_embedder()
    rows = np.zeros((len(ids), encoder.info.channels), dtype=np.float32)
    for i, name in enumerate(ids):
        try:
            picture = read_image(folder.images[name], encoder.size)
        except DataIntegrityError as problem:
            click.echo(f"{folder.images[name]}: {problem}; the cascade keeps its text", err=True)
            continue
        rows[i] = encoder.embed([picture]).tokens[0, 0]
    return rows
