"""One slice of an export as rows of the store: what one task of `ingest_exports` does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from graphsocial.errors import EventFormatError
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.mastodon_servers import MOST_SEEN
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.rejects import EXAMPLES, Reject
from graphsocial.scale.spark.file_slices import FileSlice, slice_file
from graphsocial.schema import Schema
from graphsocial.store import Event, EventBuffer
from graphsocial.store.stored_rows import REJECT_TABLE, all_keys, keyed_parts, note_rows, wide_rows

TALLY_TABLE = "#tally"
"""Name of the one row of each slice that says what was read."""

BATCH = 100_000
"""Events that become rows at once."""

KEY_HIGH, KEY_LOW, FILE, PLACE = "#high", "#low", "#file", "#place"
"""Columns beside those of the store: the row's key, the number of its file, and its place in the order of reading."""


class SliceTask(NamedTuple):
    """What to read, and as what.

    Attributes:
        number: Number of the file, in the order they were given.
        name: What the file is called in notes.
        sha256: Of the whole file.
        part: Where in it.
        reader: Who reads it.
        skip: Records that the store has read already.
    """

    number: int
    name: str
    sha256: str
    part: FileSlice
    reader: ExportReader
    skip: int


def read_slice(task: SliceTask, schema: Schema) -> Iterator[pa.Table]:
    """Rows of a slice in the columns of the store, those that cannot be read as rejects, and last a tally.

    Args:
        task: What to read.
        schema: Of the store, with everything that its readers may give.
    """
    tally: dict[str, Any] = {"records": 0, "rows": 0, "rejected": 0, "error": None}
    skipped, fields, homes = Counter[str](), Counter[str](), set[str]()
    rejects: list[dict[str, Any]] = []
    examples: list[dict[str, Any]] = []
    buffer = EventBuffer(task.reader.schema)
    place = task.part.begin << 20  # slices of a file in their order
    try:
        with slice_file(task.part) as (path, before):
            for line, content in task.reader.records(path):
                tally["records"] += 1
                if tally["records"] <= task.skip:
                    continue
                try:
                    buffer.add(_events(task.reader, content, homes))
                except EventFormatError as error:
                    reject = asdict(Reject(task.name, line + before, error.field, str(error)))
                    tally["rejected"] += 1
                    fields[error.field or "(whole record)"] += 1
                    if len(examples) < EXAMPLES:
                        examples.append(reject)
                    rejects.append(reject | {"sha256": task.sha256})
                if buffer.events + len(rejects) >= BATCH:
                    yield from _rows(task, schema, buffer, rejects, place, tally, skipped)
                    place += 2 * BATCH
                    buffer, rejects = EventBuffer(task.reader.schema), []
        yield from _rows(task, schema, buffer, rejects, place, tally, skipped)
    except EventFormatError as error:
        tally["error"] = str(error)
    tally |= {"skipped": dict(skipped), "fields": dict(fields), "homes": sorted(homes), "examples": examples}
    yield _marked(note_rows(TALLY_TABLE, [json.dumps(tally)]), schema, task, task.part.begin)


def _events(reader: ExportReader, content: Any, homes: set[str]) -> list[Event]:
    if isinstance(content, EventFormatError):
        raise content
    if not isinstance(reader, MastodonReader):
        return reader.events(content)
    events, found = reader.events_and_homes(content)
    for home in sorted(found) if len(homes) < MOST_SEEN else ():
        homes.add(home)
    return events


def _rows(
    task: SliceTask,
    schema: Schema,
    buffer: EventBuffer,
    rejects: list[dict[str, Any]],
    place: int,
    tally: dict[str, Any],
    skipped: Counter[str],
) -> Iterator[pa.Table]:
    batch = buffer.batch()
    skipped.update(batch.skipped)
    tally["rows"] += batch.num_rows
    parts = keyed_parts(batch)
    if parts:
        yield _marked(wide_rows(parts, schema), schema, task, place, all_keys(parts))
    if rejects:
        yield _marked(note_rows(REJECT_TABLE, [json.dumps(r) for r in rejects]), schema, task, place)


def _marked(rows: pa.Table, schema: Schema, task: SliceTask, place: int, keys: np.ndarray | None = None) -> pa.Table:
    """The rows, in all columns of the store, with their keys (0 for notes), file and place."""
    whole = pa.concat_tables([wide_rows([], schema), rows], promote_options="default")
    held = np.zeros((rows.num_rows, 2), np.uint64) if keys is None else keys
    marks = {KEY_HIGH: held[:, 0].view(np.int64), KEY_LOW: held[:, 1].view(np.int64)}
    marks |= {FILE: np.full(rows.num_rows, task.number), PLACE: place + np.arange(rows.num_rows)}
    for name, values in marks.items():
        whole = whole.append_column(name, pa.array(np.ascontiguousarray(values)))
    return whole
