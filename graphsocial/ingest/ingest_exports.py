"""Reads exports into a store, batch by batch: interrupted anywhere, the same call goes on from the last batch."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from graphsocial.errors import EventFormatError, SchemaError, did_you_mean
from graphsocial.ingest.checksums import file_sha256
from graphsocial.ingest.detect_format import ReaderSettings, detect_format, export_readers
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.export_report import ExportIngest, FileOutcome
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.hidden_reason import reject_reason
from graphsocial.ingest.media_copy import media_name, pseudonymise_media
from graphsocial.ingest.pseudonymise import Pseudonymiser
from graphsocial.ingest.rejects import EXAMPLES, Reject
from graphsocial.store import About, Event, EventBatch, NodeRow, Store

BATCH = 100_000
"""Events of one commit: what is lost of a reading that is killed, and what is held in memory."""

Progress = Callable[[str, int], None]
"""Told the name of the file and how many records of it were read since it was last told."""

NOT_EXPORTS = frozenset({"SHA256SUMS", "store.json", "rejects.jsonl"})


class _Source(NamedTuple):
    """A file and who reads it."""

    path: Path
    reader: ExportReader
    sha256: str


def ingest_exports(
    paths: Iterable[str | Path],
    store: Store,
    *,
    format: str | None = None,
    reader: ExportReader | None = None,
    mapping: str | Path | None = None,
    settings: ReaderSettings | None = None,
    pseudonymiser: Pseudonymiser | None = None,
    progress: Progress | None = None,
) -> ExportIngest:
    """Reads files, and all files in folders, into a store.

    A file counts once: where the store has read the same bytes to the end it is passed over, where it has read some of
    them it goes on. Rows that other exports gave already are counted and not added. A record that cannot be read is
    noted in the store with file, line, field and reason, and stops nothing. Memory does not grow with the files.

    Args:
        paths: Files, or folders whose files are read in the order of their names.
        store: Where the events go.
        format: Format of all files; told from each file's beginning when None.
        reader: A reader of your own, for formats that are not known here.
        mapping: `mapping.toml` that says what the columns of the files mean, for tables in no known format.
        settings: What the exports do not say of themselves.
        pseudonymiser: Replaces identifiers by pseudonyms on the way.
        progress: Called every thousand records.

    Raises:
        SchemaError: There is nothing to read, or an export does not fit what is in the store.
        DataIntegrityError: The store cannot be read, or holds pseudonyms of another key.
        OSError: The disk is full; what was committed before stays.
    """
    files = _files(paths)
    before = store.sources()
    readers = export_readers(settings)
    outcomes: list[FileOutcome] = []
    rejects: list[Reject] = []
    fields = Counter[str]()
    assumptions: dict[str, None] = {}
    hidden = None if pseudonymiser is None else pseudonymiser.pseudonyms.key_fingerprint
    for path in files:
        shown = path.name if pseudonymiser is None else media_name(path.name, pseudonymiser.pseudonyms)
        outcome = FileOutcome(shown)
        outcomes.append(outcome)
        try:
            chosen = _reader_of(path, readers, format, mapping) if reader is None else reader
            assumptions |= dict.fromkeys(chosen.assumptions)
            source = _Source(path, chosen, file_sha256(path))
            ingest = _FileIngest(source, store, outcome, pseudonymiser, progress, _read_before(before, source))
            ingest.run()
            before += ingest.notes
            rejects += ingest.rejects[: EXAMPLES - len(rejects)]
            fields += ingest.fields
        except EventFormatError as error:
            if len(files) == 1:
                raise
            outcome.note = reject_reason(str(error)) if hidden else str(error)
    return ExportIngest(
        store.path, store.version, tuple(outcomes), tuple(rejects[:EXAMPLES]), dict(fields), tuple(assumptions)
    )


class _FileIngest:
    """One file on its way into a store."""

    def __init__(
        self,
        source: _Source,
        store: Store,
        outcome: FileOutcome,
        pseudonymiser: Pseudonymiser | None,
        progress: Progress | None,
        before: Mapping[str, Any] | None,
    ):
        self._source, self._store, self._outcome = source, store, outcome
        self._pseudonymiser, self._progress, self._before = pseudonymiser, progress, before
        self.notes: list[dict[str, Any]] = []
        self.rejects: list[Reject] = []
        self.fields: Counter[str] = Counter()
        self._events: list[Event] = []
        self._noted: list[dict[str, Any]] = []
        self._media: dict[str, str | None] = {}
        reader = source.reader
        self._folder = reader.folder if isinstance(reader, MappedTableReader) else source.path.parent

    def run(self) -> None:
        """Reads what the store has not read of the file."""
        reader, outcome = self._source.reader, self._outcome
        outcome.format = reader.format
        before = self._before
        done = 0 if before is None else int(before["records"])
        if before is not None and before["complete"]:
            outcome.records += done
            outcome.note = "read before, nothing to do"
            return
        if done:
            outcome.note = f"went on after record {done:,}"
        records = 0
        for line, content in reader.records(self._source.path):
            records += 1
            if self._progress is not None and records % 1000 == 0:
                self._progress(outcome.file, 1000)
            if records <= done:
                continue
            self._read(line, content)
            if len(self._events) + len(self._noted) >= BATCH:
                self._commit(records, complete=False)
        if self._progress is not None:
            self._progress(outcome.file, records % 1000)
        self._commit(records, complete=True)
        outcome.records += records

    def _read(self, line: int, content: Any) -> None:
        try:
            if isinstance(content, EventFormatError):
                raise content
            events = self._source.reader.events(content)
            self._events += events if self._pseudonymiser is None else self._pseudonymised(events, self._pseudonymiser)
        except EventFormatError as error:
            reason = str(error) if self._pseudonymiser is None else reject_reason(str(error))
            reject = Reject(self._outcome.file, line, error.field, reason)
            self._outcome.rejected += 1
            self.fields[error.field or "(whole record)"] += 1
            if len(self.rejects) < EXAMPLES:
                self.rejects.append(reject)
            self._noted.append(asdict(reject) | {"sha256": self._source.sha256})

    def _pseudonymised(self, events: list[Event], pseudonymiser: Pseudonymiser) -> list[Event]:
        """Events with pseudonyms; a picture that lies beside the file is copied without what its file says of it."""
        hidden = pseudonymiser.events(events)
        for place, event in enumerate(events):
            if isinstance(event, NodeRow) and event.type == "media" and event.values.get("path"):
                copied = self._copied(str(event.values["path"]), pseudonymiser)
                row = hidden[place]
                assert isinstance(row, NodeRow)
                hidden[place] = row._replace(values={**row.values, "path": copied})
        return hidden

    def _copied(self, path: str, pseudonymiser: Pseudonymiser) -> str | None:
        if path not in self._media:
            target = self._store.path / "media"
            try:
                made = pseudonymise_media(self._folder / path, target, pseudonymiser.pseudonyms, path)
                self._media[path] = made.relative_to(self._store.path).as_posix()
            except (EventFormatError, OSError):
                self._media[path] = None
                self._outcome.skipped["pictures that could not be copied without their metadata"] += 1
        return self._media[path]

    def _commit(self, records: int, complete: bool) -> None:
        source, reader, outcome = self._source, self._source.reader, self._outcome
        batch = EventBatch.of_events(reader.schema, self._events)
        hidden = self._pseudonymiser
        media_root = "." if hidden is not None and self._media else None
        if hidden is None and isinstance(reader, MappedTableReader) and "media" in reader.schema.nodes:
            media_root = os.path.relpath(self._folder, self._store.path)
        about = About(
            reader.schema,
            reader.assumptions,
            media_root,
            pseudonyms="" if hidden is None else hidden.pseudonyms.key_fingerprint,
        )
        note = {
            "file": outcome.file,
            "sha256": source.sha256,
            "format": _signature(reader),
            "records": records,
            "complete": complete,
        }
        done = self._store.append(batch, about=about, sources=[note], rejects=self._noted)
        self.notes.append(note)
        outcome.new += done.rows
        outcome.known += done.known
        outcome.skipped.update(batch.skipped)
        self._events, self._noted = [], []


def _signature(reader: ExportReader) -> str:
    """What a reader makes of a file: its format, and for a table its mapping."""
    if isinstance(reader, MappedTableReader):
        return f"{reader.format} {reader.table!r}"
    return reader.format


def _read_before(notes: Iterable[Mapping[str, Any]], source: _Source) -> Mapping[str, Any] | None:
    """The last note on the same bytes read in the same way."""
    signature = _signature(source.reader)
    same = [n for n in notes if n["sha256"] == source.sha256 and n["format"] == signature]
    return max(same, key=lambda note: (note["complete"], note["records"]), default=None)


def _reader_of(
    path: Path, readers: tuple[ExportReader, ...], name: str | None, mapping: str | Path | None
) -> ExportReader:
    if mapping is not None:
        return MappedTableReader.from_mapping_file(mapping, path)
    reader = detect_format(path, readers, name)
    if isinstance(reader, GexfReader | GraphMLReader):
        return reader.for_file(path)  # such a file says itself what columns it has
    return reader


def _files(paths: Iterable[str | Path]) -> list[Path]:
    """Every file once, those of a folder in the order of their names."""
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path))
            found |= dict.fromkeys(inside)
        elif path.is_file():
            found[path] = None
        else:
            near = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise SchemaError(f"no file or folder {path}.{did_you_mean(path.name, near)}")
    if not found:
        raise SchemaError("there is nothing to read, expected files or folders with files")
    return list(found)


def _hidden(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return path.name in NOT_EXPORTS or any(part.startswith(".") for part in parts)
