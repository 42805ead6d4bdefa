"""Parts of files that tasks read on their own: whole files, runs of lines, or row groups."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow.parquet as pq

from graphsocial.ingest.byte_stream import COMPRESSIONS
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.json_rows import JSON_ENDINGS

SLICE_BYTES = 64 << 20
"""About so many bytes of a file are one task's."""

LINE_FORMATS = frozenset({"x_v1", "x_v2", "reddit", "mastodon", "bluesky"})
"""Formats of which every line stands for itself."""

_BLOCK = 1 << 20

Kind = Literal["whole", "lines", "groups"]


class FileSlice(NamedTuple):
    """A part of a file.

    Attributes:
        path: The file.
        kind: A `whole` file, the `lines` that begin between two bytes, or the row `groups` between two numbers.
        begin: First byte or row group.
        end: One past the last.
        before: Lines (or rows) of the file before its first.
    """

    path: Path
    kind: Kind
    begin: int = 0
    end: int = 0
    before: int = 0


class FileBytes(NamedTuple):
    """What one pass over a file tells.

    Attributes:
        sha256: Of its bytes, hex.
        newlines: Line ends before each boundary that was asked for.
    """

    sha256: str
    newlines: tuple[int, ...]


def slice_bounds(path: Path, reader: ExportReader, slice_bytes: int = SLICE_BYTES) -> tuple[Kind, tuple[int, ...]]:
    """How a file may be cut, and where: bytes or row groups, the first being 0 and the last its end.

    Args:
        path: The file.
        reader: Who will read it.
        slice_bytes: About so many bytes between two cuts.
    """
    size = path.stat().st_size
    name = path.name.lower()
    mapped = isinstance(reader, MappedTableReader)
    if size <= slice_bytes or name.endswith(COMPRESSIONS):
        return "whole", (0, size)
    if reader.format in LINE_FORMATS or (mapped and name.endswith(JSON_ENDINGS)):
        return "lines", (*range(0, size, slice_bytes), size)
    if mapped and name.endswith(".parquet"):
        return "groups", _group_bounds(path, slice_bytes)
    return "whole", (0, size)


def read_through(path: Path, bounds: tuple[int, ...]) -> FileBytes:
    """Hash of a file, and how many lines end before each of some bytes, ascending."""
    digest, counted, found, at = hashlib.sha256(), 0, [], 0
    waiting = list(bounds)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            while waiting and waiting[0] <= at + len(block):
                found.append(counted + block.count(b"\n", 0, waiting.pop(0) - at))
            counted += block.count(b"\n")
            at += len(block)
    return FileBytes(digest.hexdigest(), (*found, *[counted] * len(waiting)))


@contextmanager
def slice_file(part: FileSlice) -> Iterator[tuple[Path, int]]:
    """The slice as a file of its own that the format's reader can read, and what to add to the lines it counts."""
    if part.kind == "whole":
        yield part.path, 0
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / part.path.name  # readers go by the name's ending
        yield copy, (_copy_lines(part, copy) if part.kind == "lines" else _copy_groups(part, copy))


def _copy_lines(part: FileSlice, copy: Path) -> int:
    """Copies the lines that begin in the slice; returns how many lines of the file stand before them."""
    before = part.before
    with part.path.open("rb") as file, copy.open("wb") as out:
        if part.begin:
            file.seek(part.begin - 1)
            if file.read(1) != b"\n":
                before += _pass_over_line(file)
        while file.tell() < part.end:
            if not (line := file.readline(_BLOCK)):
                break
            out.write(line)
            while not line.endswith(b"\n") and (line := file.readline(_BLOCK)):
                out.write(line)
    return before


def _pass_over_line(file) -> int:  # type: ignore[no-untyped-def]
    """Reads to the end of the line; how many line ends that were."""
    while line := file.readline(_BLOCK):
        if line.endswith(b"\n"):
            return 1
    return 0


def _copy_groups(part: FileSlice, copy: Path) -> int:
    with pq.ParquetFile(part.path) as file, pq.ParquetWriter(copy, file.schema_arrow) as out:
        for group in range(part.begin, part.end):
            out.write_table(file.read_row_group(group))
        return sum(file.metadata.row_group(group).num_rows for group in range(part.begin))


def _group_bounds(path: Path, slice_bytes: int) -> tuple[int, ...]:
    """Numbers of row groups between which about `slice_bytes` lie."""
    try:
        with pq.ParquetFile(path) as file:
            sizes = [file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups)]
    except Exception:  # the reader says what is wrong with it
        return (0, 0)
    bounds, held = [0], 0
    for group, size in enumerate(sizes):
        held += size
        if held >= slice_bytes or group == len(sizes) - 1:
            bounds.append(group + 1)
            held = 0
    return tuple(bounds)
