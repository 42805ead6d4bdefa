"""Reads a folder of tables into a graph."""

from __future__ import annotations

import logging
from pathlib import Path

from graphsocial.errors import DataIntegrityError, EventFormatError, SchemaError, did_you_mean
from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.ingest.checksums import CHECKSUM_FILE, verify_checksums
from graphsocial.ingest.corpus import Corpus
from graphsocial.ingest.data_file import open_data_file
from graphsocial.ingest.default_mapping import SUFFIXES, default_mapping
from graphsocial.ingest.earliest_rows import Place
from graphsocial.ingest.ingest_report import FileCount, IngestReport
from graphsocial.ingest.mapping import FolderMapping, TableMapping
from graphsocial.ingest.mapping_file import MAPPING_FILE, read_mapping
from graphsocial.ingest.media_paths import MediaPaths
from graphsocial.ingest.readable_name import readable_name
from graphsocial.ingest.rejects import Reject, RejectLog
from graphsocial.ingest.row_reader import RowReader
from graphsocial.ingest.table_files import table_files

_log = logging.getLogger(__name__)


def load(path: str | Path, rejects: str | Path | None = None) -> SocialGraph:
    """The graph of a data folder, after checking the folder's `SHA256SUMS` when it has one.

    Rows that cannot be read are left out: a warning is logged, and the graph's assumptions say how many.
    `read_folder` gives the full report.

    Args:
        path: Folder with tables and a `mapping.toml`, or with tables of conventional names (see `default_mapping`).
        rejects: File to list unreadable rows in.

    Raises:
        DataIntegrityError: There is no such folder, or its files are not what its checksums say.
        SchemaError: The mapping does not fit the files.
        EventFormatError: A file as a whole cannot be read.
    """
    folder = _existing(path)
    listed = verify_checksums(folder) if (folder / CHECKSUM_FILE).is_file() else None
    graph, report = _read(folder, rejects, listed)
    if report.rejected:
        _log.warning("%r", report)
    return graph


def read_folder(path: str | Path, rejects: str | Path | None = None) -> tuple[SocialGraph, IngestReport]:
    r"""The graph of a folder of CSV, gzipped CSV or Parquet tables, and a report of what was read and refused.

    `mapping.toml` in the folder says what the tables mean; without one, conventional names are expected (see
    `default_mapping`). A row that cannot be read never stops the reading and never vanishes: it is counted in the
    report and, when `rejects` is given, listed there with file, line, field and reason. Checksums are left to `load`.

    Args:
        path: The folder.
        rejects: File to list unreadable rows in, one JSON object per line; empty when there are none.

    Raises:
        DataIntegrityError: There is no such folder, or a table that the mapping names is not in it.
        SchemaError: The mapping does not fit the files.
        EventFormatError: A file as a whole cannot be read.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "posts.csv").write_text("post,user,time,text\np1,ann,10,hi\np2,bob,soon,later\n")
    >>> graph, report = read_folder(folder)
    >>> graph.node_ids("post").tolist(), report.rejected
    (['p1'], 1)
    >>> report.examples[0].line, report.examples[0].field
    (3, 'time')
    """
    return _read(_existing(path), rejects, None)


def _read(folder: Path, rejects: str | Path | None, listed: frozenset[str] | None) -> tuple[SocialGraph, IngestReport]:
    mapping = read_mapping(folder / MAPPING_FILE) if (folder / MAPPING_FILE).is_file() else default_mapping(folder)
    files = [(number, name) for number, table in enumerate(mapping.tables) for name in _files(folder, table, listed)]
    media = MediaPaths(folder, mapping.media, listed)
    name = mapping.name or readable_name(folder.resolve().name)
    corpus = Corpus(mapping, name, media)
    rows: dict[str, int] = {}
    unused: dict[str, tuple[str, ...]] = {}
    with RejectLog(rejects) as log:
        for number, file in files:
            unused[file] = _check_header(folder, file, mapping.tables[number])
            rows[file] = rows.get(file, 0) + _read_table(folder, file, mapping, number, media, corpus, log)
    refused = sum(log.by_file.values())
    said = (f"{refused:,} of {sum(rows.values()):,} rows could not be read and are left out",) if refused else ()
    graph = corpus.graph(folder, said)
    names = {file: readable_name(file) for file in rows}
    counts = tuple(FileCount(names[f], count, log.by_file[names[f]], unused[f]) for f, count in rows.items())
    without_row = {t: int((graph.row_known_at(t) == NEVER).sum()) for t in graph.node_types}
    has_path = "path" in graph.schema.nodes.get("media", {})
    return graph, IngestReport(
        name=name,
        files=counts,
        rejects_path=log.path,
        rejected_fields=dict(log.by_field.most_common()),
        examples=tuple(log.examples),
        placeholders={t: count for t, count in without_row.items() if count},
        media_without_file=graph.column("media", "path").null_count if has_path else 0,
        media=graph.num_nodes("media") if has_path else 0,
        unread=_unread(folder, rows),
        assumptions=graph.assumptions,
    )


def _read_table(
    folder: Path, file: str, mapping: FolderMapping, number: int, media: MediaPaths, corpus: Corpus, log: RejectLog
) -> int:
    """Reads one file into the corpus; returns how many rows it has."""
    table = mapping.tables[number]
    reader = RowReader(table, media)
    name = readable_name(file)
    count = 0
    for line, cells in open_data_file(folder / file, table.delimiter, table.quote).rows(table.sources):
        count += 1
        if isinstance(cells, EventFormatError):
            log.add(Reject(name, line, cells.field, str(cells)))
            continue
        try:
            content = reader.read(cells)
        except EventFormatError as error:
            log.add(Reject(name, line, error.field, str(error)))
            continue
        loser = corpus.add(number, content, cells, Place(name, line))
        if loser is not None:
            log.add(Reject(*loser, table.id, f"duplicate id {content.id!r}: the earliest row with it is kept"))
    return count


def _existing(path: str | Path) -> Path:
    folder = Path(path)
    if folder.is_dir():
        if (folder / "schema.json").is_file() and not (folder / MAPPING_FILE).is_file():
            raise DataIntegrityError(f"{folder} is a saved graph, not a data folder; graphsocial.open reads it")
        return folder
    if folder.exists():
        raise DataIntegrityError(f"{folder} is a file, expected a data folder")
    near = did_you_mean(folder.name, _names(folder.parent, directories=True))
    raise DataIntegrityError(f"no data folder {folder}.{near}")


def _files(folder: Path, table: TableMapping, listed: frozenset[str] | None) -> list[str]:
    """Files of a table, each once and in the order of their names."""
    found = sorted(path.relative_to(folder).as_posix() for path in table_files(folder, table))
    for file in found:
        if listed is not None and file not in listed:
            raise DataIntegrityError(f"{folder}: {file} is not listed in the folder's {CHECKSUM_FILE}")
    return found


def _check_header(folder: Path, file: str, table: TableMapping) -> tuple[str, ...]:
    """Columns that the mapping does not use; raises SchemaError when one that it names is missing."""
    header = open_data_file(folder / file, table.delimiter, table.quote).header()
    for name in table.sources:
        if name not in header:
            raise SchemaError(
                f"{folder / file} has no column {name!r}, which its mapping names, got {', '.join(header)}."
                f"{did_you_mean(name, header)}"
            )
    return tuple(name for name in header if name not in table.sources)


def _unread(folder: Path, read: dict[str, int]) -> tuple[str, ...]:
    tables = (n for n in _names(folder, directories=False) if n.endswith((*SUFFIXES, ".jsonl")))
    return tuple(readable_name(name) for name in tables if name not in read)


def _names(folder: Path, directories: bool) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if p.is_dir() == directories)
