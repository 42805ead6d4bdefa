"""Parquet files that executors wrote, made part of a store by the driver in one commit."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from graphsocial.errors import DataIntegrityError
from graphsocial.store import Store
from graphsocial.store.stored_rows import ADDED_ROWS, FIELDS, TABLE


class WrittenFile(NamedTuple):
    """A file that a task wrote beside those of the store, which no version names yet.

    Attributes:
        path: Relative to the events of the store.
        table: Name of its rows.
        size: Bytes.
        rows: How many.
    """

    path: str
    table: str
    size: int
    rows: int


def write_rows(rows: pa.Table, events: Path, stem: str) -> Iterator[WrittenFile]:
    """Writes rows as files of the store, one for each name among them, flushed to disk.

    Args:
        rows: In the columns of the store, rows of one name together.
        events: Folder of the store's events.
        stem: Beginning of the files' names, which no other task uses.
    """
    names = rows.column(TABLE)
    for name in names.unique().to_pylist():
        part = rows.filter(pa.compute.equal(names, name)).drop_columns([TABLE])
        used = [c for c in part.column_names if c in FIELDS or part.column(c).null_count < part.num_rows]
        path = events / f"{TABLE}={quote(name, safe='._-')}" / f"{stem}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            pq.write_table(part.select(used), file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        yield WrittenFile(path.relative_to(events).as_posix(), name, size, part.num_rows)


def commit_files(store: Store, written: Sequence[WrittenFile], batch: str) -> int:
    """Makes files part of the store's newest version, all of them or none; returns its number.

    Args:
        store: The store; its schema must know the columns already.
        written: The files.
        batch: Unique name of the commit, kept in the log.

    Raises:
        DataIntegrityError: The commit failed, or a file is not there as it was told.
    """
    from deltalake import CommitProperties, DeltaTable
    from deltalake.exceptions import DeltaError
    from deltalake.transaction import AddAction, RemoveAction

    events = store.log.path
    for file in written:
        if not (events / file.path).is_file() or (events / file.path).stat().st_size != file.size:
            raise DataIntegrityError(
                f"{events / file.path} is not as a worker wrote it, expected {file.size:,} bytes; "
                "do all workers see the store's folder under the same path?"
            )
    now = int(time.time() * 1000)
    actions: list[AddAction | RemoveAction] = [
        AddAction(quote(f.path, safe="/=._-"), f.size, {TABLE: f.table}, now, True, json.dumps({"numRecords": f.rows}))
        for f in written
    ]
    try:
        table = DeltaTable(str(events))
        noted = {"batch": batch, ADDED_ROWS: str(sum(file.rows for file in written))}
        properties = CommitProperties(custom_metadata=noted, max_commit_retries=20)
        table.create_write_transaction(actions, "append", table.schema(), [TABLE], commit_properties=properties)
    except DeltaError as error:
        raise DataIntegrityError(f"{events} cannot be written: {error}") from error
    version = store.log.version
    for folder in {(events / file.path).parent for file in written} | {events / "_delta_log"}:
        _flush(folder)
    _flush(events / "_delta_log" / f"{version:020d}.json")
    return version


def drop_uncommitted(store: Store, written: Sequence[WrittenFile], batch: str) -> None:
    """Removes files of a batch that tasks wrote which were run again, or whose commit did not come about."""
    kept = {store.log.path / file.path for file in written}
    for path in store.log.path.glob(f"{TABLE}=*/part-{batch}-*.parquet"):
        if path not in kept:
            path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
