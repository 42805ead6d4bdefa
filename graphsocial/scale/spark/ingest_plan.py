"""Which files are to be read by which tasks, and what came of each."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphsocial.errors import EventFormatError
from graphsocial.ingest.detect_format import ReaderSettings, export_readers
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.export_report import FileOutcome
from graphsocial.ingest.file_ingest import Source, signature
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.ingest_exports import ReadBefore, check_settings, export_files, reader_of
from graphsocial.ingest.mapped_files import mapped_files
from graphsocial.ingest.mastodon_servers import MOST_SEEN, MastodonServers, stated_otherwise
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.readable_name import readable_name
from graphsocial.ingest.rejects import Reject
from graphsocial.scale.spark.file_slices import FileBytes, FileSlice, read_through, slice_bounds
from graphsocial.scale.spark.read_slice import SliceTask
from graphsocial.store import About, Delivery, EventBatch, Store
from graphsocial.store.delivery import about_all

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(eq=False)
class IngestPlan:
    """Files, the tasks that read them, and what came of it.

    Attributes:
        outcomes: Of each file, in the order they were given.
        sources: File, reader and hash, by the number of each file that is to be read.
        done: Records that the store has read already, likewise.
        tasks: Slices of the files that are to be read.
        copies: Files of the same bytes as an earlier one, which alone is read: their numbers, and its number.
        about: What holds for the rows of all files.
        servers: Of Mastodon, from the store's notes and these files.
        examples: The first records that could not be read.
        fields: Number of all of them by the field that was wrong.
    """

    outcomes: list[FileOutcome]
    sources: dict[int, Source]
    done: dict[int, int]
    tasks: list[SliceTask]
    about: About
    servers: MastodonServers
    examples: list[Reject] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)
    copies: dict[int, int] = field(default_factory=dict)
    _rows: Counter[int] = field(default_factory=Counter)
    _homes: dict[int, set[str]] = field(default_factory=dict)
    _assumed: dict[str, None] = field(default_factory=dict)

    @property
    def num_read(self) -> int:
        """Files that are to be read."""
        return len(self.sources)

    def take(self, tallies: Iterable[tuple[int, Mapping[str, Any]]]) -> set[int]:
        """Adds up what the slices of each file gave, in order; returns the numbers of files that cannot be read."""
        wrong = set()
        for number, tally in tallies:
            outcome = self.outcomes[number]
            if tally["error"] is not None:
                outcome.format, outcome.note = "", readable_name(tally["error"])
                wrong.add(number)
                continue
            outcome.records += tally["records"]
            outcome.rejected += tally["rejected"]
            outcome.skipped.update(tally["skipped"])
            self._rows[number] += tally["rows"]
            self._homes.setdefault(number, set()).update(tally["homes"])
            self.examples += [Reject(**example) for example in tally["examples"]]
            self.fields.update(tally["fields"])
        for number, original in self.copies.items():
            read, copy = self.outcomes[original], self.outcomes[number]
            copy.format, copy.records = read.format, read.records
            copy.note = "read before, nothing to do" if read.format else read.note
        for number in wrong:
            self._homes.pop(number, None)
        for number, source in self.sources.items():
            if number not in wrong and isinstance(source.reader, MastodonReader):
                self._mastodon(number, source.reader)
        return wrong

    def _mastodon(self, number: int, reader: MastodonReader) -> None:
        outcome, homes = self.outcomes[number], self._homes.get(number, set())
        self.servers.add({"format": signature(reader, None), "servers": sorted(homes)})
        self.about = About(
            self.about.schema,
            tuple(dict.fromkeys((*self.about.assumptions, *self.servers.warnings()))),
            self.about.media_root,
        )
        if reader.server is not None:
            misnamed = stated_otherwise(reader.server, homes)
            outcome.note = "; ".join(said for said in (outcome.note, misnamed) if said)

    def count(self, new: Mapping[int, int]) -> None:
        """Notes how many rows of each file were new."""
        for number in self.sources:
            outcome = self.outcomes[number]
            if outcome.format:
                outcome.new += new.get(number, 0)
                outcome.known += self._rows[number] - new.get(number, 0)

    def source_notes(self, wrong: set[int]) -> list[str]:
        """How far each file was read, as the store keeps it."""
        notes = []
        for number, source in self.sources.items():
            if number in wrong:
                continue
            note: dict[str, Any] = {
                "file": self.outcomes[number].file,
                "sha256": source.sha256,
                "format": signature(source.reader, None),
                "pseudonyms": "",
                "records": self.outcomes[number].records,
                "complete": True,
            }
            homes = sorted(self._homes.get(number, ()))[:MOST_SEEN]
            notes.append(json.dumps(note | ({"servers": homes} if homes else {})))
        return notes

    def told(self) -> tuple[str, ...]:
        """What was assumed, for the report."""
        return (*self.servers.warnings(named=True), *self._assumed)


def plan_ingest(
    spark: SparkSession,
    paths: Iterable[str | Path],
    store: Store,
    format: str | None,
    reader: ExportReader | None,
    mapping: str | Path | None,
    settings: ReaderSettings | None,
    slice_bytes: int,
) -> IngestPlan:
    """Looks at the beginning of each file here, and reads each once on the executors, for its hash and its lines.

    Arguments and errors are those of `ingest_exports`.
    """
    given = [Path(path).absolute() for path in paths]
    files, folders = export_files(given), any(path.is_dir() for path in given)
    tables = None if mapping is None else mapped_files(mapping, files, folders)
    files = files if tables is None else list(tables)
    readers = export_readers(settings)
    notes = store.sources()
    known, before = store.about(), ReadBefore(notes)
    plan = IngestPlan([], {}, {}, [], About(), MastodonServers(notes))
    cuts: dict[int, tuple[str, tuple[int, ...]]] = {}
    chosen: dict[int, ExportReader] = {}
    for number, path in enumerate(files):
        outcome = FileOutcome(readable_name(path.name))
        plan.outcomes.append(outcome)
        try:
            found = reader or (tables or {}).get(path) or reader_of(path, readers, format)
            check_settings(found, settings)
        except EventFormatError as error:
            if len(files) == 1:
                raise
            outcome.note = readable_name(str(error))
            continue
        outcome.format = found.format
        plan._assumed |= dict.fromkeys(found.assumptions)
        chosen[number], cuts[number] = found, slice_bounds(path, found, slice_bytes)
    passed = _passes(spark, [(n, files[n], bounds if kind == "lines" else ()) for n, (kind, bounds) in cuts.items()])
    deliveries = []
    first: dict[tuple[str, str], int] = {}
    for number, found in chosen.items():
        source = Source(files[number], found, passed[number].sha256)
        note = before.of(source, None)
        if note is not None and note["complete"]:
            plan.outcomes[number].records += int(note["records"])
            plan.outcomes[number].note = "read before, nothing to do"
            continue
        skip = 0 if note is None else int(note["records"])
        if skip:
            plan.outcomes[number].note = f"went on after record {skip:,}"
        way = source.sha256, signature(found, None)
        if way in first:
            plan.copies[number] = first[way]
            continue
        first[way] = number
        plan.sources[number], plan.done[number] = source, skip
        plan.tasks += _tasks(number, plan.outcomes[number].file, source, *cuts[number], passed[number], skip)
        deliveries.append(Delivery(EventBatch(found.schema), _about(found, files[number], store)))
    about_all(known, deliveries)  # raises where files do not fit each other or the store
    plan.about = about_all(About(), deliveries)
    return plan


def _tasks(
    number: int, name: str, source: Source, kind: Any, bounds: tuple[int, ...], passed: FileBytes, skip: int
) -> Iterator[SliceTask]:
    if kind == "whole" or skip:
        yield SliceTask(number, name, source.sha256, FileSlice(source.path, "whole"), source.reader, skip)
        return
    for place, (begin, end) in enumerate(pairwise(bounds)):
        before = passed.newlines[place] if kind == "lines" else 0
        part = FileSlice(source.path, kind, begin, end, before)
        yield SliceTask(number, name, source.sha256, part, source.reader, 0)


def _about(reader: ExportReader, path: Path, store: Store) -> About:
    media_root = None
    if isinstance(reader, MappedTableReader) and "media" in reader.schema.nodes:
        media_root = os.path.relpath(reader.folder, store.path)
    return About(reader.schema, tuple(reader.assumptions), media_root)


def _passes(spark: SparkSession, files: list[tuple[int, Path, tuple[int, ...]]]) -> dict[int, FileBytes]:
    """One pass over each file, by its number."""
    if not files:
        return {}
    sent = spark.sparkContext.broadcast(files)

    def look(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                number, path, bounds = sent.value[place]
                found = read_through(path, bounds)
                columns = {"number": [number], "sha256": [found.sha256]}
                newlines = pa.array([list(found.newlines)], pa.list_(pa.int64()))
                yield pa.RecordBatch.from_pydict({**columns, "newlines": newlines})

    parts = min(len(files), 32 * spark.sparkContext.defaultParallelism)
    asked = spark.range(0, len(files), 1, parts)
    rows = asked.mapInArrow(look, "number bigint, sha256 string, newlines array<bigint>").collect()
    return {row[0]: FileBytes(row[1], tuple(row[2])) for row in rows}
