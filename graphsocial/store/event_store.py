"""A folder that holds every event ever appended to it, in versions that can all be opened again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.store.about import About
from graphsocial.store.delivery import Delivery, about_all
from graphsocial.store.event_batch import EventBatch
from graphsocial.store.event_log import EventLog
from graphsocial.store.held_graph import HeldGraph
from graphsocial.store.index_file import read_manifest, write_manifest
from graphsocial.store.known_rows import KnownRows
from graphsocial.store.row_keys import key_order
from graphsocial.store.stored_rows import (
    ADDED_ROWS,
    REJECT_TABLE,
    SCHEMA_TABLE,
    SOURCE_TABLE,
    all_keys,
    all_owners,
    arrow_schema,
    keyed_parts,
    note_rows,
    repeated,
    wide_rows,
    without,
)

CARD = "store.json"
FORMAT, FORMAT_VERSION = "graphsocial store", 1


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
        self._rows = KnownRows(path / "index" / "keys", self.log)
        self._graphs = HeldGraph(path, self.log, name)
        self._abouts: dict[int, About] = {}
        self._begun = self.log.exists and is_store(path)

    @classmethod
    def create(cls, path: str | os.PathLike[str], name: str = "") -> Store:
        """A new store, or the one that is there. A new one stands on disk from its first append on.

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
        return cls(folder, name or folder.name)

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
        if not store._begun:
            raise DataIntegrityError(f"{folder} has lost its events: there is no {store.log.path / '_delta_log'}")
        return store

    @property
    def version(self) -> int:
        """Newest version; 0 is the empty store."""
        return self.log.version if self._on_disk else 0

    @property
    def _on_disk(self) -> bool:
        """Whether this process or another one has made the folder a store."""
        return self._begun or self.log.exists

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
        about = About(batch.schema) if about is None else about
        return self._write([Delivery(batch, about, list(sources), list(rejects))], False)[0]

    def append_all(self, deliveries: Sequence[Delivery]) -> list[Appended]:
        """Appends what several sources give in one commit; what each of them adds is as if they came one by one.

        Raises:
            SchemaError: Deliveries describe a column in another way than the store or one of them; nothing was added.
            DataIntegrityError: Ids are pseudonyms of another key; nothing was added.
            OSError: The disk is full; nothing was added.
        """
        return self._write(deliveries, False)

    def replace(
        self,
        batch: EventBatch,
        *,
        about: About | None = None,
        sources: Iterable[Mapping[str, Any]] = (),
        rejects: Iterable[Mapping[str, Any]] = (),
    ) -> Appended:
        """Puts a batch in place of all that the newest version holds; earlier versions stay. As `append` otherwise."""
        about = About(batch.schema) if about is None else about
        return self._write([Delivery(batch, about, list(sources), list(rejects))], True)[0]

    def _write(self, deliveries: Sequence[Delivery], replacing: bool) -> list[Appended]:
        before = self.version
        known_about = About() if replacing else self.about(before)
        now = about_all(known_about, deliveries)
        arrow_schema(now.schema)  # names and types must fit into one table
        parts = keyed_parts(*(delivery.batch for delivery in deliveries))
        keys, owner = all_keys(parts), all_owners(parts)
        order = key_order(keys)
        keys = keys[order]
        dropped = repeated(keys)
        self._begin()
        if not replacing:
            dropped |= self._rows.known(before, keys)
        where = np.empty(len(keys), dtype=bool)
        where[order] = dropped
        parts, keys = without(parts, where), keys[~dropped]
        added = np.bincount(owner[~where], minlength=len(deliveries)).tolist()
        notes = [note_rows(SOURCE_TABLE, [json.dumps(s) for d in deliveries for s in d.sources])]
        notes.append(note_rows(REJECT_TABLE, [json.dumps(r) for d in deliveries for r in d.rejects]))
        if now != known_about:
            notes.append(note_rows(SCHEMA_TABLE, [json.dumps(now.to_json())]))
        whole = pa.concat_tables([wide_rows(parts, now.schema), *notes], promote_options="default")
        version = before
        if whole.num_rows:
            rows = {part.name: part.table for part in parts}
            if not replacing and rows:
                self._graphs.expect(before, now, rows)
            version = self.log.append(whole, replacing)
            # where another writer came between, the next append reads what both wrote
            if version == before + 1 and not replacing:
                self._abouts = {version: now}
                self._graphs.remember(version, rows)
                self._rows.add(keys, version)
        return [Appended(version, n, d.batch.num_rows - n) for n, d in zip(added, deliveries, strict=True)]

    def _begin(self) -> None:
        """Makes the folder a store, where it is none yet."""
        if self._begun:
            return
        self.path.mkdir(parents=True, exist_ok=True)
        self.log.create()
        # the card comes last: a folder with a card is a store
        write_manifest(self.path / CARD, {"format": FORMAT, "version": FORMAT_VERSION, "name": self.name}, True)
        self._begun = True

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
        for commit in self.log.history() if self._on_disk else ():
            rows = commit.get("operationMetrics", {}).get("num_added_rows", commit.get(ADDED_ROWS, 0))
            when = format_time(int(commit["timestamp"]) // 1000)
            found.append(StoreVersion(int(commit["version"]), when, int(rows), str(commit["operation"])))
        return found

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
