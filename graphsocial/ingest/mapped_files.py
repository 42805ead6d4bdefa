"""What a mapping says of the files that are to be read: which tables they hold, and which of them are no data."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from graphsocial.errors import DataIntegrityError, SchemaError, did_you_mean
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.mapping import FolderMapping
from graphsocial.ingest.mapping_file import read_mapping
from graphsocial.ingest.table_files import table_files


def mapped_files(
    mapping: str | Path, files: Iterable[Path], whole: bool = False
) -> dict[Path, MappedTableReader | None]:
    """The files that are data, in their order, with the reader of each that the mapping names; None for the others.

    The mapping is no data itself. Nor are pictures under its [media], which come with the rows that show them. In its
    own folder whole patterns count, elsewhere a file goes by its name.

    Args:
        mapping: The `mapping.toml`.
        files: Files to be read.
        whole: Whether every table that is not optional must have its files, as where a folder is to be read.

    Raises:
        SchemaError: The mapping is wrong, has several tables in one file, or none in any of the files.
        DataIntegrityError: A table that must have its files lacks one.
    """
    mapping = Path(mapping)
    read = read_mapping(mapping)
    inside = mapping.parent.resolve()
    readers = [MappedTableReader(table, mapping.parent, read.media, read.assumptions) for table in read.tables]
    named = [{path.resolve() for path in table_files(mapping.parent, t, required=False)} for t in read.tables]
    found: dict[Path, MappedTableReader | None] = {}
    elsewhere: list[str] = []
    for file in files:
        real = file.resolve()
        if real.is_relative_to(inside):
            if real == mapping.resolve() or _is_picture(real.relative_to(inside).as_posix(), read):
                continue
            fitting = [reader for reader, paths in zip(readers, named, strict=True) if real in paths]
        else:
            elsewhere.append(file.name)
            fitting = [reader for reader in readers if any(_names(p, file.name) for p in reader.table.files)]
        if len(fitting) > 1:
            raise SchemaError(_said(mapping, read, len(fitting), file.name))
        found[file] = fitting[0] if fitting else None
    if whole:
        _check_whole(mapping.parent, read, elsewhere)
    if not any(found.values()):
        raise SchemaError(_said(mapping, read, 0, ", ".join(file.name for file in list(found)[:3]) or "these files"))
    return found


def _names(pattern: str, name: str) -> bool:
    return fnmatchcase(name, PurePosixPath(pattern).name)


def _is_picture(path: str, mapping: FolderMapping) -> bool:
    """Whether a path inside the folder is that of some media node."""
    return any(fnmatchcase(path, "*".join(map(glob.escape, p.split("{id}")))) for p in mapping.media)


def _check_whole(folder: Path, mapping: FolderMapping, elsewhere: list[str]) -> None:
    """Raises DataIntegrityError where a pattern has a file neither in the mapping's folder nor elsewhere."""
    for table in mapping.tables:
        for pattern in () if table.optional else table.files:
            if any(path.is_file() for path in folder.glob(pattern)) or any(_names(pattern, n) for n in elsewhere):
                continue
            near = did_you_mean(pattern, [path.name for path in folder.iterdir() if path.is_file()] + elsewhere)
            raise DataIntegrityError(f"there is no file {pattern!r}, which the mapping in {folder} names.{near}")


def _said(mapping: Path, read: FolderMapping, count: int, where: str) -> str:
    patterns = ", ".join(pattern for table in read.tables for pattern in table.files)
    return f"{mapping} has {count} tables in {where}, expected one; it names {patterns}"
