"""The Delta table under a store: atomic appends that are flushed to disk before they are acknowledged."""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.store.column_encoding import writer_properties
from graphsocial.store.stored_rows import FIELDS, TABLE

RETRIES = 20
"""Attempts of a commit that other writers were faster at."""

UNREACHABLE = frozenset("%[]^|") | (frozenset() if os.sep == "\\" else frozenset("\\"))
"""Characters of a path that deltalake 1.6 panics at or reads as others."""

FLUSHES = 8
"""Files that are flushed at once: the system writes its journal once for all that wait for it."""


class EventLog:
    """One Delta table of rows, partitioned by `table`. Every commit adds files and is either whole or not there.

    Attributes:
        path: Folder of the Delta table.

    Raises:
        SchemaError: The path holds a character that Delta tables cannot be reached by.
    """

    def __init__(self, path: Path):
        wrong = sorted(set(str(path.absolute())) & UNREACHABLE)
        if wrong:
            raise SchemaError(
                f"store path {str(path)!r} has {' '.join(wrong)} in it, which the table format cannot reach; "
                f"expected a path without any of {' '.join(sorted(UNREACHABLE))}"
            )
        self.path = path
        self._newest: Any = None

    @property
    def exists(self) -> bool:
        """Whether a Delta table stands there."""
        return (self.path / "_delta_log").is_dir() and any((self.path / "_delta_log").glob("*.json"))

    def create(self) -> None:
        """Makes the table, empty; one that is there stays."""
        from deltalake import DeltaTable, Schema

        columns = pa.schema([pa.field(name, kind) for name, kind in FIELDS.items()])
        DeltaTable.create(str(self.path), Schema.from_arrow(columns), mode="ignore", partition_by=[TABLE])
        _flush(self.path / "_delta_log" / f"{0:020d}.json")

    @property
    def version(self) -> int:
        """Newest version."""
        try:
            self._handle.update_incremental()
        except Exception:  # whatever it was, opening the table anew tells it, or does without
            self._newest = None
        return int(self._handle.version())

    @property
    def _handle(self) -> Any:
        """The table as this process last saw it; a commit of somebody else in between is no harm to an append."""
        if self._newest is None:
            self._newest = self._delta(None)
        return self._newest

    def append(self, rows: pa.Table, replace: bool = False) -> int:
        """Appends rows in one commit, or puts them in place of all others, and flushes it to disk.

        Returns:
            Its version.

        Raises:
            DataIntegrityError: Other writers were faster every time.
            OSError: The disk is full or cannot be written; nothing was added.
        """
        from deltalake import CommitProperties, write_deltalake
        from deltalake.exceptions import CommitFailedError, DeltaError

        batch = uuid.uuid4().hex
        properties = CommitProperties(custom_metadata={"batch": batch}, max_commit_retries=RETRIES)
        encoded = writer_properties(rows)
        for attempt in range(RETRIES):
            try:
                write_deltalake(
                    self._handle,
                    rows,
                    mode="overwrite" if replace else "append",
                    partition_by=[TABLE],
                    schema_mode="merge",
                    writer_properties=encoded,
                    commit_properties=properties,
                )
                return self._flushed(batch)
            except CommitFailedError as error:
                last, self._newest = error, None
                time.sleep(0.01 * 2 ** min(attempt, 6))
            except DeltaError as error:
                raise _as_os_error(error, self.path) from error
        raise DataIntegrityError(f"{self.path}: {RETRIES} attempts to commit failed: {last}")

    def read(self, table: str, version: int, after: int = -1, columns: Iterable[str] | None = None) -> pa.Table:
        """Rows of one name as of a version.

        Args:
            table: Name under which they stand.
            version: Version of the log.
            after: Only rows that later versions than this one added.
            columns: Which columns to read; those that no file has are null. All when None.
        """
        files = self.files(version, after)
        chosen = [file for file, name in files if name == table]
        return self._rows(chosen, version, columns)

    def read_all(
        self, version: int, after: int = -1, skip: Iterable[str] = (), columns: Iterable[str] | None = None
    ) -> dict[str, pa.Table]:
        """Rows by the name under which they stand."""
        by_name: dict[str, list[Path]] = {}
        for file, name in self.files(version, after):
            if name not in skip:
                by_name.setdefault(name, []).append(file)
        return {name: self._rows(files, version, columns) for name, files in sorted(by_name.items())}

    def read_files(self, version: int, after: int = -1, skip: Iterable[str] = ()) -> Iterator[tuple[str, pa.Table]]:
        """Rows of one file after the other, with the name under which they stand."""
        for file, name in self.files(version, after):
            if name not in skip:
                yield name, self._rows([file], version, None)

    def files(self, version: int, after: int = -1) -> list[tuple[Path, str]]:
        """Parquet files of a version, and the name of the rows in each; for any reader that wants a pinned version.

        Raises:
            DataIntegrityError: There is no such version, or the log is damaged.
        """
        actions = pa.table(self._delta(version).get_add_actions(flatten=True))
        paths = [unquote(p) for p in actions.column("path").to_pylist()]
        names = actions.column(f"partition.{TABLE}").to_pylist()
        files = [(self.path / p, n) for p, n in zip(paths, names, strict=True)]
        if after < 0:
            return sorted(files)
        old = set(self.files(after))
        return sorted(file for file in files if file not in old)

    def history(self) -> list[dict[str, Any]]:
        """Commits that the log still lists, newest first."""
        return list(self._delta(None).history())

    def compact(self) -> None:
        """Joins small files into large ones, in a version of its own that holds the same rows."""
        self._delta(None).optimize.compact()

    def _rows(self, files: list[Path], version: int, columns: Iterable[str] | None) -> pa.Table:
        """Rows of files, file by file: Arrow's own reader of several imports pandas, which takes seconds."""
        wanted = None if columns is None else list(columns)
        tables = []
        for path in files:
            try:
                with pq.ParquetFile(path) as file:
                    names = None if wanted is None else [n for n in wanted if n in file.schema_arrow.names]
                    tables.append(file.read(columns=names))
            except (pa.ArrowException, OSError) as error:
                raise DataIntegrityError(f"{path}, of version {version}, cannot be read: {error}") from error
        return pa.concat_tables(tables, promote_options="default") if tables else pa.table({})

    def _delta(self, version: int | None) -> Any:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError

        if self._newest is not None and version is not None and self._newest.version() == version:
            return self._newest
        try:
            return DeltaTable(str(self.path), version=version)
        except DeltaError as error:
            what = "the log cannot be read" if version is None else f"no version {version}"
            raise DataIntegrityError(f"{self.path}: {what}: {error}") from error

    def _flushed(self, batch: str) -> int:
        """Flushes the commit of a batch and the files that it added; returns its version."""
        version = self.version
        while version >= 0:
            path = self.path / "_delta_log" / f"{version:020d}.json"
            text = path.read_text(encoding="utf-8")
            if batch in text:
                actions = [json.loads(line) for line in text.splitlines() if line]
                added = [self.path / unquote(a["add"]["path"]) for a in actions if "add" in a]
                _flush_all([*added, path], {p.parent for p in (*added, path)} | {self.path})
                return version
            version -= 1
        raise DataIntegrityError(f"{self.path}: the commit that was just made is not in the log")


def _flush_all(files: Iterable[Path], folders: Iterable[Path]) -> None:
    jobs: list[tuple[Callable[[Path], None], Path]] = [(_flush, path) for path in files]
    jobs += [(_flush_folder, path) for path in folders]
    with ThreadPoolExecutor(min(len(jobs), FLUSHES)) as pool:
        for done in [pool.submit(do, path) for do, path in jobs]:
            done.result()


def _flush(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # another process has compacted it away by now
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folder(path: Path) -> None:
    try:
        _flush(path)
    except OSError:  # not every system flushes folders
        pass


def _as_os_error(error: Exception, path: Path) -> Exception:
    """What the system said, as Python says it."""
    found = re.search(r"os error (\d+)", str(error))
    if found:
        number = int(found[1])
        return OSError(number, os.strerror(number), str(path))
    return DataIntegrityError(f"{path} cannot be written: {error}")
