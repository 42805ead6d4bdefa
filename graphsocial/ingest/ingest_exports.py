"""Reads exports into a store, batch by batch: interrupted anywhere, the same call goes on from the last batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graphsocial.errors import EventFormatError, SchemaError, did_you_mean
from graphsocial.ingest.checksums import file_sha256
from graphsocial.ingest.detect_format import ReaderSettings, detect_format, export_readers
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.export_report import ExportIngest, FileOutcome
from graphsocial.ingest.file_ingest import FileIngest, Progress, Source, signature
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.hidden_reason import reject_reason
from graphsocial.ingest.media_copy import media_name
from graphsocial.ingest.pseudonymise import Pseudonymiser
from graphsocial.ingest.rejects import EXAMPLES, Reject
from graphsocial.store import Store

NOT_EXPORTS = frozenset({"SHA256SUMS", "store.json", "rejects.jsonl"})


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
            _check_clock(chosen, settings)
            assumptions |= dict.fromkeys(chosen.assumptions)
            source = Source(path, chosen, file_sha256(path))
            done = _read_before(before, source, hidden or "")
            ingest = FileIngest(source, store, outcome, pseudonymiser, progress, done)
            ingest.run()
            before += ingest.notes
            rejects += ingest.rejects[: EXAMPLES - len(rejects)]
            fields += ingest.fields
        except EventFormatError as error:
            if len(files) == 1:
                raise
            said = str(error).replace(str(path), shown).replace(path.name, shown)
            outcome.note = reject_reason(said) if hidden else str(error)
    return ExportIngest(
        store.path, store.version, tuple(outcomes), tuple(rejects[:EXAMPLES]), dict(fields), tuple(assumptions)
    )


def _check_clock(reader: ExportReader, settings: ReaderSettings | None) -> None:
    """Raises SchemaError where a clock was stated that the reader would not heed."""
    if settings is None or reader.format in ("cascade_text", "oasis"):
        return
    if settings.epoch is not None or settings.step_seconds != 1:
        raise SchemaError(
            f"epoch and step_seconds are for cascade_text and oasis, got a file in format {reader.format}"
        )


def _read_before(notes: Iterable[Mapping[str, Any]], source: Source, pseudonyms: str) -> Mapping[str, Any] | None:
    """The last note on the same bytes read in the same way, with pseudonyms of the same key."""
    way = source.sha256, signature(source.reader), pseudonyms
    same = [n for n in notes if (n["sha256"], n["format"], n.get("pseudonyms", "")) == way]
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
