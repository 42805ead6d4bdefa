"""The newest graph of a store: what came since is merged in, and the index on disk follows in the background."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from graphsocial.errors import GraphSocialError
from graphsocial.graph import SocialGraph
from graphsocial.schema import Schema
from graphsocial.store.about import About
from graphsocial.store.event_log import EventLog
from graphsocial.store.graph_index import GraphIndex
from graphsocial.store.graph_of_rows import RowGraph, extended_graph, graph_of_rows
from graphsocial.store.stored_rows import NOTES

HELD_ROWS = 2_000_000
"""Rows of this process's own appends that are kept until the next graph, so that it need not read them again."""

MERGED_SHARE = 0.2
"""Share of rows since the index on disk from which on it is written anew."""


@dataclass(frozen=True)
class Held:
    """A graph in memory.

    Attributes:
        version: Of the store.
        graph: The graph.
        conflicts: Per node type, nodes of which two rows say different things.
        since_index: Rows merged in since the graph on disk was written.
    """

    version: int
    graph: SocialGraph
    conflicts: Mapping[str, int]
    since_index: int


class _Merge:
    """Rows on their way into a graph, in a thread of their own."""

    def __init__(self, held: Held, schema: Schema, rows: Mapping[str, pa.Table]):
        self.held, self.rows = held, rows
        self._made: RowGraph | None = None
        self._thread = threading.Thread(target=self._run, args=(schema,), daemon=True)
        self._thread.start()

    def _run(self, schema: Schema) -> None:
        with suppress(GraphSocialError, pa.ArrowException, MemoryError):  # who asks for the graph will hear of it
            self._made = extended_graph(self.held.graph, schema, self.rows, distinct=True)

    def result(self) -> RowGraph | None:
        """The graph with the rows in it, None where they reach back."""
        self._thread.join()
        return self._made


class HeldGraph:
    """Gives the graph of a version in the cheapest way there is.

    In this order: the one at hand, that one or the one on disk with later rows merged in (the rows of the appends of
    this process from memory, others from their files), or all rows built anew.
    """

    def __init__(self, folder: Path, log: EventLog, name: str):
        self._folder, self._log, self._name = folder, log, name
        self._index = GraphIndex(folder / "index" / "graph")
        self._held: Held | None = None
        self._recent: dict[int, Mapping[str, pa.Table]] = {}
        self._writer: threading.Thread | None = None
        self._asked = False
        self._merge: _Merge | None = None

    def expect(self, after: int, about: About, rows: Mapping[str, pa.Table]) -> None:
        """Begins to merge rows while they are being written, where somebody asked for a graph since the last append."""
        held, self._merge = self._held, None
        if self._asked and held is not None and held.version == after and self._fits(held, about):
            self._merge = _Merge(held, about.schema, rows)
        self._asked = False

    def remember(self, version: int, rows: Mapping[str, pa.Table]) -> None:
        """Keeps the rows that this process appended, as far as they are few and somebody asks for graphs."""
        if self._held is None:
            return
        self._recent[version] = rows
        if sum(t.num_rows for tables in self._recent.values() for t in tables.values()) > HELD_ROWS:
            self._recent.clear()

    def get(self, version: int, newest: bool, about: Callable[[], About]) -> Held:
        """The graph of a version.

        Args:
            version: Of the store.
            newest: Whether it is the newest, which alone is kept on disk.
            about: Gives schema and assumptions of the version.
        """
        held, self._asked = self._held, True
        if held is not None and held.version == version:
            return held
        if held is None or held.version > version:
            held = self._on_disk(version)
        if held is None or held.version != version:
            known = about()
            held = (None if held is None else self._merged(held, version, known)) or self._built(version, known)
            if newest:
                self._follow(held)
        if newest:
            self._held = held
            self._recent = {v: rows for v, rows in self._recent.items() if v > version}
        return held

    def wait(self) -> None:
        """Until the index on disk is written, where it is being written."""
        if self._writer is not None:
            self._writer.join()

    def _on_disk(self, version: int) -> Held | None:
        found = self._index.open()
        if found is None or found.version > version:
            return None
        return Held(found.version, found.graph, found.conflicts, 0)

    def _merged(self, held: Held, version: int, about: About) -> Held | None:
        if not self._fits(held, about):
            return None
        rows = self._since(held.version, version)
        if rows is None:
            return None
        expected, self._merge = self._merge, None
        if expected is not None and expected.held is held and expected.rows is rows:
            made = expected.result()
        else:
            made = extended_graph(held.graph, about.schema, rows)
        if made is None:
            return None
        conflicts = dict(held.conflicts)
        for node_type, count in made.conflicts.items():
            conflicts[node_type] = conflicts.get(node_type, 0) + count
        new = sum(table.num_rows for table in rows.values())
        return Held(version, made.graph, conflicts, held.since_index + new)

    @staticmethod
    def _fits(held: Held, about: About) -> bool:
        """Whether the graph says of itself what its extension would; schemas are compared where rows are merged."""
        return held.graph.stated_assumptions == about.assumptions

    def _since(self, after: int, version: int) -> Mapping[str, pa.Table] | None:
        """Rows that later versions added, None where they did more than that."""
        between = range(after + 1, version + 1)
        if version == after + 1 and version in self._recent:
            return self._recent[version]
        if all(v in self._recent for v in between):
            parts: dict[str, list[pa.Table]] = {}
            for v in between:
                for name, table in self._recent[v].items():
                    parts.setdefault(name, []).append(table)
            return {name: pa.concat_tables(tables, promote_options="default") for name, tables in parts.items()}
        if not set(self._log.files(after)) <= set(self._log.files(version)):
            return None
        return self._log.read_all(version, after, NOTES)

    def _built(self, version: int, about: About) -> Held:
        media_root = None if about.media_root is None else os.path.normpath(self._folder / about.media_root)
        rows = self._log.read_all(version, skip=NOTES) if version else {}  # version 0 may not be on disk yet
        made = graph_of_rows(about.schema, rows, self._name, about.assumptions, media_root)
        return Held(version, made.graph, made.conflicts, sum(table.num_rows for table in rows.values()))

    def _follow(self, held: Held) -> None:
        """Writes the index where it has fallen behind, beside what else goes on."""
        graph = held.graph
        total = sum(graph.num_edges(e) for e in graph.edge_types) + sum(graph.num_nodes(t) for t in graph.node_types)
        if held.since_index <= MERGED_SHARE * total or (self._writer is not None and self._writer.is_alive()):
            return
        self._writer = threading.Thread(target=self._index.save, args=(graph, held.version, held.conflicts))
        self._writer.start()
