"""Which rows a store has already: its key index, kept in step with the log."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from graphsocial.errors import DataIntegrityError
from graphsocial.store.event_log import EventLog
from graphsocial.store.key_index import KeyIndex, sorted_keys
from graphsocial.store.row_keys import Keys, row_keys
from graphsocial.store.stored_rows import NOTES, repeated

ATTEMPTS = 20
"""Readings of an index that another process changes at the same time."""


class KnownRows:
    """Tells which keys are those of rows of a version. The index is brought up to date where it is behind the log."""

    def __init__(self, folder: Path, log: EventLog):
        """The index in a folder, of the rows in a log."""
        self._folder, self._log = folder, log
        self._index: KeyIndex | None = None

    def known(self, version: int, keys: Keys) -> np.ndarray:
        """Whether each key is that of a row of a version, bool [row]; the keys are in the order of `key_order`.

        Raises:
            DataIntegrityError: Other processes change the index all the time.
        """
        for _ in range(ATTEMPTS):
            try:
                return self.index(version).known(keys)
            except FileNotFoundError:  # another process has made the index anew meanwhile
                self._index = None
        raise DataIntegrityError(f"{self._folder}: other processes change it all the time")

    def add(self, keys: Keys, version: int) -> None:
        """Adds the keys, in order, of the rows by which a version follows the one that was last asked about."""
        if self._index is not None:
            with suppress(FileNotFoundError):  # another process made the index anew, which will do without this
                self._index.add(keys, version)

    def index(self, version: int) -> KeyIndex:
        """Keys of all rows of a version."""
        index = self._index
        if index is None or not index.current:
            index = self._index = KeyIndex(self._folder)
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
        return set(self._log.files(version)) <= set(self._log.files(later))

    def _keys_between(self, after: int, version: int) -> Iterable[Keys]:
        """Keys of the rows that later versions added, file by file."""
        if version == 0:
            return
        for table, rows in self._log.read_files(version, after, NOTES):
            keys = sorted_keys(row_keys(table, rows))
            yield keys[~repeated(keys)]
