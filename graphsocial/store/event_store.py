"""A folder that holds every event ever appended to it, in versions that can all be opened again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.store.about import About
from graphsocial.store.event_batch import EventBatch
from graphsocial.store.event_log import EventLog
from graphsocial.store.held_graph import HeldGraph
from graphsocial.store.index_file import read_manifest, write_manifest
from graphsocial.store.key_index import KeyIndex, sorted_keys
from graphsocial.store.row_keys import Keys, key_order, row_keys
from graphsocial.store.stored_rows import (
    NOTES,
    REJECT_TABLE,
    SCHEMA_TABLE,
    SOURCE_TABLE,
    all_keys,
    arrow_schema,
    keyed_parts,
    note_rows,
    repeated,
    wide_rows,
    without,
)

CARD = "store.json"
FORMAT, FORMAT_VERSION = "graphsocial store", 1
ATTEMPTS = 20
"""Readings of an index that another process changes at the same time."""


@dataclass(frozen=True)
class Appended:
    """What an append did.

    Attributes:
        version: Version of the store that holds it; the one from before where nothing was new.
        rows: Rows that were new.
        known: Rows that the store had already, or that the batch held twice.
    """

    version: int
    rows: int
    known: int


@dataclass(frozen=True)
class StoreVersion:
    """One version of a store.

    Attributes:
        version: Its number.
        committed: When it was committed, UTC.
        rows: Rows that it added, those of notes included.
        operation: What made it, in Delta's word.
    """

    version: int
    committed: str
    rows: int
    operation: str


class Store:
    """Events on disk, appended in atomic batches. Nothing in it is ever changed.

    A store is a folder with a Delta table, `events/`, that any Delta reader opens, and `index/`, a cache that is
    made anew where it is missing, stale or damaged. An append is one commit: killed at any moment it is there or not
    there; once it returns it is on disk. Readers never wait for writers, and several writers may append at once: a row
    that two of them append counts once.

    Attributes:
        path: The folder.
        name: What its graph is called.

    >>> import tempfile
    >>> from graphsocial.schema import Column, Schema
    >>> from graphsocial.store.events import EdgeRow, NodeRow
    >>> schema = Schema({"user": {}, "post": {"text": Column()}}, {("user", "author", "post"): {}})
    >>> events = [NodeRow("post", "p", 10, {"text": "hi"}), EdgeRow(("user", "author", "post"), "ann", "p", 10, {})]
    >>> store = Store.create(tempfile.mkdtemp() + "/mine")
    >>> store.append(EventBatch.of_events(schema, events))
    Appended(version=1, rows=2, known=0)
    >>> store.append(EventBatch.of_events(schema, events))
    Appended(version=1, rows=0, known=2)
    >>> store.graph().node_ids("user").tolist()
    ['ann']
    """

    def __init__(self, path: Path, name: str):
        """Use `Store.create` or `Store.open`."""
        self.path, self.name = path, name
        self.log = EventLog(path / "events")
        self._keys: KeyIndex | None = None
        self._graphs = HeldGraph(path, self.log, name)
        self._abouts: dict[int, About] = {}

    @classmethod
    def create(cls, path: str | os.PathLike[str], name: str = "") -> Store:
        """A new store, or the one that is there.

        Args:
            path: Folder; may exist with other things in it, such as the outputs of a run.
            name: What the graph is called; the folder's name when empty.

        Raises:
            DataIntegrityError: Something of the name of a part of a store stands there and is none.
        """
        folder = Path(os.path.abspath(path))
        if is_store(folder):
            return cls.open(folder)
        if (folder / "events").exists() and not (folder / "events" / "_delta_log").exists():
            raise DataIntegrityError(f"{folder / 'events'} is in the way: it is not part of a store")
        folder.mkdir(parents=True, exist_ok=True)
        store = cls(folder, name or folder.name)
        store.log.create()
        # the card comes last: a folder with a card is a store
        write_manifest(folder / CARD, {"format": FORMAT, "version": FORMAT_VERSION, "name": store.name}, True)
        return store

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Store:
        """The store of a folder.

        Raises:
            DataIntegrityError: There is none, its card is damaged, or a newer release wrote it.
        """
        folder = Path(os.path.abspath(path))
        if not folder.is_dir() or not (folder / CARD).is_file():
            raise DataIntegrityError(f"no store at {folder}: there is no {CARD}")
        card = read_manifest(folder / CARD)
        if card is None or card.get("format") != FORMAT:
            raise DataIntegrityError(f"{folder / CARD} is damaged; the events beside it are not, see EventLog")
        if card.get("version") != FORMAT_VERSION:
            raise DataIntegrityError(
                f"{folder} is a store of version {card.get('version')!r}, expected {FORMAT_VERSION}: "
                "another release of graphsocial wrote it"
            )
        store = cls(folder, str(card["name"]))
        if not store.log.exists:
            raise DataIntegrityError(f"{folder} has lost its events: there is no {store.log.path / '_delta_log'}")
        return store

    @property
    def version(self) -> int:
        """Newest version; 0 is the empty store."""
        return self.log.version

    def about(self, version: int | None = None) -> About:
        """Schema and assumptions as of a version."""
        version = self.version if version is None else version
        if version not in self._abouts:
            found = About()
            for note in self._notes(SCHEMA_TABLE, version):
                found = found.joined(About.from_json(note))
            self._abouts = {version: found}
        return self._abouts[version]

    def append(
        self,
        batch: EventBatch,
        *,
        about: About | None = None,
        sources: Iterable[Mapping[str, Any]] = (),
        rejects: Iterable[Mapping[str, Any]] = (),
    ) -> Appended:
        """Appends the rows of a batch that are new, with notes on where they came from, in one commit.

        Args:
            batch: The rows.
            about: What else holds for them; its schema is that of the batch.
            sources: Notes on what was read, kept with the rows.
            rejects: Notes on what could not be read, likewise.

        Raises:
            SchemaError: The batch describes a column in another way than the store does.
            DataIntegrityError: Ids of the batch are pseudonyms of another key than those in the store.
            OSError: The disk is full; nothing was added.
        """
        return self._write(batch, About(batch.schema) if about is None else about, sources, rejects, False)

    def replace(
        self,
        batch: EventBatch,
        *,
        about: About | None = None,
        sources: Iterable[Mapping[str, Any]] = (),
        rejects: Iterable[Mapping[str, Any]] = (),
    ) -> Appended:
        """Puts a batch in place of all that the newest version holds; earlier versions stay. As `append` otherwise."""
        return self._write(batch, About(batch.schema) if about is None else about, sources, rejects, True)

    def _write(
        self,
        batch: EventBatch,
        added: About,
        sources: Iterable[Mapping[str, Any]],
        rejects: Iterable[Mapping[str, Any]],
        replacing: bool,
    ) -> Appended:
        before = self.version
        known_about = About() if replacing else self.about(before)
        if before > 0 and known_about.schema.nodes and known_about.pseudonyms != added.pseudonyms:
            raise DataIntegrityError(
                f"{self.path} holds {_whose(known_about.pseudonyms)}, these events {_whose(added.pseudonyms)}; "
                "expected the same, for else nothing would join"
            )
        now = known_about.joined(replace(added, schema=batch.schema))
        arrow_schema(now.schema)  # names and types must fit into one table
        parts = keyed_parts(batch)
        keys = all_keys(parts)
        order = key_order(keys)
        keys = keys[order]
        index, dropped = None, repeated(keys)
        if not replacing:
            index, known = self._known(before, keys)
            dropped |= known
        where = np.empty(len(keys), dtype=bool)
        where[order] = dropped
        parts, keys = without(parts, where), keys[~dropped]
        result = Appended(before, len(keys), batch.num_rows - len(keys))
        notes = [note_rows(SOURCE_TABLE, [json.dumps(s) for s in sources])]
        notes.append(note_rows(REJECT_TABLE, [json.dumps(r) for r in rejects]))
        if now != known_about:
            notes.append(note_rows(SCHEMA_TABLE, [json.dumps(now.to_json())]))
        whole = pa.concat_tables([wide_rows(parts, now.schema), *notes], promote_options="default")
        if not whole.num_rows:
            return result
        rows = {part.name: part.table for part in parts}
        if index is not None and rows:
            self._graphs.expect(before, now, rows)
        version = self.log.append(whole, replacing)
        # where another writer came between, the next append reads what both wrote
        if version == before + 1 and index is not None:
            self._abouts = {version: now}
            self._graphs.remember(version, rows)
            with suppress(FileNotFoundError):  # another process made the index anew, which will do without this
                index.add(keys, version)
        return Appended(version, result.rows, result.known)

    def graph(self, version: int | None = None) -> SocialGraph:
        """The graph of all events of a version, the newest when None.

        Raises:
            DataIntegrityError: There is no such version.
        """
        newest = self.version
        version = newest if version is None else _checked_version(version)
        if version > newest:  # asking Delta for it takes the longer the larger the number is
            raise DataIntegrityError(f"{self.path} has no version {version}, the newest is {newest}")
        return self._graphs.get(version, version == newest, lambda: self.about(version)).graph

    def conflicts(self) -> Mapping[str, int]:
        """Per node type, nodes of which two rows say different things."""
        newest = self.version
        return self._graphs.get(newest, True, lambda: self.about(newest)).conflicts

    def wait(self) -> None:
        """Until the index on disk is up to date, where it is being written in the background."""
        self._graphs.wait()

    def sources(self, version: int | None = None) -> list[dict[str, Any]]:
        """Notes on what was read, oldest first."""
        return self._notes(SOURCE_TABLE, self.version if version is None else version)

    def rejects(self, version: int | None = None) -> list[dict[str, Any]]:
        """Notes on what could not be read."""
        return self._notes(REJECT_TABLE, self.version if version is None else version)

    def versions(self) -> list[StoreVersion]:
        """Versions that can be opened, newest first."""
        found = []
        for commit in self.log.history():
            rows = commit.get("operationMetrics", {}).get("num_added_rows", 0)
            when = format_time(int(commit["timestamp"]) // 1000)
            found.append(StoreVersion(int(commit["version"]), when, int(rows), str(commit["operation"])))
        return found

    def keys(self, version: int) -> KeyIndex:
        """Keys of all rows of a version, brought up to date from the rows where they are behind."""
        index = self._keys
        if index is None or not index.current:
            index = self._keys = KeyIndex(self.path / "index" / "keys")
        if index.version > version or (0 <= index.version < version and not self._grew(index.version, version)):
            index.clear()
        if index.version < version:
            behind = index.version
            for keys in self._keys_between(behind, version):
                index.add(keys[~index.known(keys)], behind)  # of no version until it is whole
            index.add(np.empty((0, 2), np.uint64), version)
        return index

    def _grew(self, version: int, later: int) -> bool:
        """Whether a later version has every file of a version, so that its other files are what was added."""
        return set(self.log.files(version)) <= set(self.log.files(later))

    def _known(self, version: int, keys: Keys) -> tuple[KeyIndex, np.ndarray]:
        """The index of a version, and which keys it knows; other processes may make it anew meanwhile."""
        for _ in range(ATTEMPTS):
            try:
                index = self.keys(version)
                return index, index.known(keys)
            except FileNotFoundError:
                self._keys = None
        raise DataIntegrityError(f"{self.path / 'index'}: other processes change it all the time")

    def _keys_between(self, after: int, version: int) -> Iterable[Keys]:
        """Keys of the rows that later versions added, file by file."""
        if version == 0:
            return
        for table, rows in self.log.read_files(version, after, NOTES):
            keys = sorted_keys(row_keys(table, rows))
            yield keys[~repeated(keys)]

    def _notes(self, table: str, version: int) -> list[dict[str, Any]]:
        if version == 0:
            return []
        rows = self.log.read(table, version, columns=("json",))
        texts = rows.column("json").to_pylist() if rows.num_columns else []
        return [json.loads(text) for text in texts]


def is_store(path: Path) -> bool:
    """Whether a folder is a store."""
    return (path / CARD).is_file()


def _checked_version(version: int) -> int:
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise SchemaError(f"version is {version!r}, expected a whole number from 0 on")
    return version


def _whose(pseudonyms: str) -> str:
    return f"pseudonyms of key {pseudonyms}" if pseudonyms else "the source's own ids"
