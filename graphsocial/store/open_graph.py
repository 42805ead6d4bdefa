"""Reads a graph folder, after checking every byte of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphsocial.errors import DataIntegrityError, GraphSocialError
from graphsocial.graph import SocialGraph
from graphsocial.schema import Schema
from graphsocial.store.event_store import Store, is_store
from graphsocial.store.layout import (
    CARD,
    FORMAT,
    VERSION,
    card_checksum,
    edge_file,
    file_checksum,
    measured_file,
    node_file,
    previous,
)


def open_graph(path: str | os.PathLike[str], version: int | None = None) -> SocialGraph:
    """Opens a store, or a graph that `save_graph` wrote.

    Args:
        path: Folder of a store, of a saved graph, or of a run that holds one as `graph`.
        version: Version of the store, the newest when None; a saved graph has one version only.

    Raises:
        DataIntegrityError: There is no graph at `path`, a file is missing or damaged, a newer release wrote it, or the
            store has no such version.
    """
    folder = Path(os.path.abspath(path))
    if is_store(folder):
        return Store.open(folder).graph(version)
    if not (folder / CARD).exists() and not previous(folder).exists() and (folder / "graph").is_dir():
        return open_graph(folder / "graph", version)
    if version is not None:
        raise DataIntegrityError(f"{folder} is no store, so it has no version {version}; only stores have versions")
    if not folder.exists() and previous(folder).exists():
        folder = previous(folder)  # a save was stopped between its two renames
    card = _read_card(folder)
    try:
        schema = Schema.from_json(card["schema"])
        nodes = {t: _read_table(folder, node_file(t), card["files"]) for t in schema.nodes}
        edges = {t: _read_table(folder, edge_file(t), card["files"]) for t in schema.edges}
        measured = [t for t in schema.nodes if schema.measured_columns(t)]
        measurements = {t: _read_table(folder, measured_file(t), card["files"]) for t in measured}
        media_root = card["media_root"]
        graph = SocialGraph.build(
            schema,
            nodes,
            edges,
            card["name"],
            tuple(card["assumptions"]),
            None if media_root is None else os.path.normpath(folder / media_root),
            measurements,
        )
        return graph.restored_view(frozenset((t, c) for t, c in card["assumed_known"]), None, None)
    except DataIntegrityError:
        raise
    except (GraphSocialError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataIntegrityError(f"{folder / CARD} does not describe a graph: {error}") from error


def has_graph(path: str | os.PathLike[str]) -> bool:
    """Whether a folder is a store, a saved graph, or a run that holds one as `graph`."""
    folder = Path(os.path.abspath(path))
    return is_store(folder) or any((part / CARD).exists() for part in (folder, previous(folder), folder / "graph"))


def _read_card(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise DataIntegrityError(f"no graph at {folder}: there is no such folder")
    if not (folder / CARD).is_file():
        raise DataIntegrityError(f"no graph at {folder}: the folder has no {CARD}")
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataIntegrityError(f"{folder / CARD} is damaged: {error}") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise DataIntegrityError(f"{folder / CARD} is not the card of a graph, expected format {FORMAT!r}")
    if card.get("version") != VERSION:
        raise DataIntegrityError(
            f"{folder / CARD} has version {card.get('version')!r}, expected {VERSION}; another release wrote it"
        )
    if card.get("checksum") != card_checksum(card):
        raise DataIntegrityError(f"{folder / CARD} is damaged: its checksum does not match its content")
    return card


def _read_table(folder: Path, name: str, checksums: dict[str, str]) -> pa.Table:
    path = folder / name
    if not path.is_file():
        raise DataIntegrityError(f"{path} is missing")
    if file_checksum(path) != checksums.get(name):
        raise DataIntegrityError(f"{path} is damaged: its checksum does not match {CARD}")
    try:
        # partitioning=None: folder names such as "user=1" in the path are not columns
        return pq.read_table(path, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise DataIntegrityError(f"{path} cannot be read: {error}") from error
