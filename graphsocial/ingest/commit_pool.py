"""Rows of many small files on their way into a store, in one commit."""

from __future__ import annotations

import time

from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.ingest.export_report import FileOutcome
from graphsocial.store import Delivery, Store

BATCH = 100_000
"""Events of one commit: what is lost of a reading that is killed, and what is held in memory."""

SECONDS = 5.0
"""Seconds for which files that were read to the end wait for others, likewise."""


class CommitPool:
    """Rows that wait until they are enough for a commit; how far each file was read is committed with its rows."""

    def __init__(self, store: Store):
        """A pool for a store, empty."""
        self._store = store
        self._waiting: list[tuple[Delivery, FileOutcome]] = []
        self._events = 0
        self._began = 0.0

    def full(self, more: int) -> bool:
        """Whether the rows with so many more are enough for a commit."""
        return self._events + more >= BATCH

    def add(self, delivery: Delivery, outcome: FileOutcome, events: int) -> None:
        """Takes what a file gave, and commits once it is enough.

        Args:
            delivery: The rows and notes.
            outcome: Of the file, told what became of the rows.
            events: How many the rows were made of.
        """
        if not self._waiting:
            self._began = time.monotonic()
        self._waiting.append((delivery, outcome))
        self._events += events
        if self.full(0) or time.monotonic() - self._began > SECONDS:
            self.commit()

    def commit(self) -> None:
        """Commits what waits; where something does not fit, what came before it is committed and it is not.

        Raises:
            SchemaError: An export does not fit what is in the store.
            DataIntegrityError: The store cannot be read, or holds pseudonyms of another key.
            OSError: The disk is full; what was committed before stays.
        """
        waiting, self._waiting, self._events = self._waiting, [], 0
        if not waiting:
            return
        try:
            self._append(waiting)
        except (SchemaError, DataIntegrityError):
            if len(waiting) == 1:
                raise
            for one in waiting:
                self._append([one])

    def _append(self, waiting: list[tuple[Delivery, FileOutcome]]) -> None:
        done = self._store.append_all([delivery for delivery, _ in waiting])
        for (_, outcome), added in zip(waiting, done, strict=True):
            outcome.new += added.rows
            outcome.known += added.known
