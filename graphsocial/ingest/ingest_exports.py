"""Reads exports into a store, batch by batch: interrupted anywhere, the same call goes on from the last batch."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from graphsocial.errors import EventFormatError, SchemaError, did_you_mean
from graphsocial.ingest.checksums import file_sha256
from graphsocial.ingest.commit_pool import CommitPool
from graphsocial.ingest.detect_format import ReaderSettings, detect_format, export_readers
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.export_report import ExportIngest, FileOutcome
from graphsocial.ingest.file_ingest import FileIngest, Progress, Source, signature
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.ingest.hidden_reason import reject_reason
from graphsocial.ingest.mapped_files import mapped_files
from graphsocial.ingest.mastodon_servers import MastodonServers
from graphsocial.ingest.media_copy import media_name
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.pseudonymise import Pseudonymiser
from graphsocial.ingest.readable_name import readable_name
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
    noted in the store with file, line, field and reason, and stops nothing. Memory does not grow with the files. Small
    files share a commit, in which how far each of them was read stands beside its rows. Where nothing can be read
    nothing is left behind.

    Args:
        paths: Files, or folders whose files are read in the order of their names.
        store: Where the events go.
        format: Format of all files; told from each file's beginning when None.
        reader: A reader of your own, for formats that are not known here.
        mapping: `mapping.toml` that says what the columns of the files mean, for tables in no known format. Files that
            it does not name are read by their own format; of a folder, those that it names must be there.
        settings: What the exports do not say of themselves.
        pseudonymiser: Replaces identifiers by pseudonyms on the way.
        progress: Called every thousand records.

    Raises:
        SchemaError: There is nothing to read, or an export does not fit what is in the store.
        EventFormatError: No file can be read; several files of which some can be read are reported on.
        DataIntegrityError: The store cannot be read, holds pseudonyms of another key, or the mapping names a file that
            is missing.
        OSError: The disk is full; what was committed before stays.
    """
    given = [Path(path) for path in paths]
    files, folders = export_files(given), any(path.is_dir() for path in given)
    tables = None if mapping is None else mapped_files(mapping, files, folders)
    files = files if tables is None else list(tables)
    notes = store.sources()
    before, servers = ReadBefore(notes), MastodonServers(notes)
    pool = CommitPool(store)
    had_media = (store.path / "media").exists()
    readers = export_readers(settings)
    outcomes: list[FileOutcome] = []
    rejects: list[Reject] = []
    fields = Counter[str]()
    assumptions: dict[str, None] = {}
    hidden = None if pseudonymiser is None else pseudonymiser.pseudonyms.key_fingerprint
    try:
        for path in files:
            shown = readable_name(path.name)
            if pseudonymiser is not None:
                shown = media_name(path.name, pseudonymiser.pseudonyms)
            outcome = FileOutcome(shown)
            outcomes.append(outcome)
            try:
                chosen = reader or (tables or {}).get(path) or reader_of(path, readers, format)
                check_settings(chosen, settings)
                assumptions |= dict.fromkeys(chosen.assumptions)
                source = Source(path, chosen, file_sha256(path))
                done = before.of(source, pseudonymiser)
                ingest = FileIngest(source, store, pool, outcome, pseudonymiser, progress, done, servers)
                ingest.run()
                if ingest.note is not None:
                    before.add(ingest.note)
                rejects += ingest.rejects[: EXAMPLES - len(rejects)]
                fields += ingest.fields
            except EventFormatError as error:
                if len(files) == 1:
                    raise
                said = str(error).replace(str(path), shown).replace(path.name, shown)
                outcome.note = reject_reason(said) if hidden else readable_name(str(error))
        if not any(outcome.format for outcome in outcomes):
            raise EventFormatError(f"none of {len(files):,} files can be read: {_first_notes(outcomes)}")
        pool.commit()
    except Exception:
        pool.commit()  # what other files gave before
        _clear(store, had_media)
        raise
    told = (*servers.warnings(named=hidden is None), *assumptions)
    return ExportIngest(store.path, store.version, tuple(outcomes), tuple(rejects[:EXAMPLES]), dict(fields), told)


def check_settings(reader: ExportReader, settings: ReaderSettings | None) -> None:
    """Raises SchemaError where a clock or a server was stated that the reader would not heed."""
    if settings is None:
        return
    if settings.server is not None and reader.format != MastodonReader.format:
        raise SchemaError(f"server is for {MastodonReader.format}, got a file in format {reader.format}")
    if reader.format in ("cascade_text", "oasis"):
        return
    if settings.epoch is not None or settings.step_seconds != 1:
        raise SchemaError(
            f"epoch and step_seconds are for cascade_text and oasis, got a file in format {reader.format}"
        )


class ReadBefore:
    """What was read already: the note on each file that got furthest, by its bytes and the way of reading it."""

    def __init__(self, notes: Iterable[Mapping[str, Any]]):
        self._notes: dict[tuple[str, str, str], Mapping[str, Any]] = {}
        for note in notes:
            self.add(note)

    def add(self, note: Mapping[str, Any]) -> None:
        """Keeps a note, unless one on the same bytes got further."""
        way = note["sha256"], note["format"], note.get("pseudonyms", "")
        other = self._notes.get(way)
        if other is None or (note["complete"], note["records"]) > (other["complete"], other["records"]):
            self._notes[way] = note

    def of(self, source: Source, pseudonymiser: Pseudonymiser | None) -> Mapping[str, Any] | None:
        """The last note on the same bytes read in the same way, with pseudonyms of the same key."""
        key = "" if pseudonymiser is None else pseudonymiser.pseudonyms.key_fingerprint
        return self._notes.get((source.sha256, signature(source.reader, pseudonymiser), key))


def _first_notes(outcomes: list[FileOutcome]) -> str:
    shown = "; ".join(outcome.note for outcome in outcomes[:3])
    return shown + (f"; and {len(outcomes) - 3:,} more" if len(outcomes) > 3 else "")


def _clear(store: Store, had_media: bool) -> None:
    """Takes away the pictures that were copied for a store of which nothing came."""
    if had_media or store.version or not (store.path / "media").exists():
        return
    shutil.rmtree(store.path / "media")
    with suppress(OSError):  # there is something else in the folder
        store.path.rmdir()


def reader_of(path: Path, readers: tuple[ExportReader, ...], name: str | None) -> ExportReader:
    """The reader of a file, by its format's name where one is given."""
    reader = detect_format(path, readers, name)
    if isinstance(reader, GexfReader | GraphMLReader):
        return reader.for_file(path)  # such a file says itself what columns it has
    return reader


def export_files(paths: Iterable[str | Path]) -> list[Path]:
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
