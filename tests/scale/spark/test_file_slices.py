"""Slices of files, read one by one, are the whole file: the same records on the same lines."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest

from graphsocial.errors import EventFormatError
from graphsocial.ingest.detect_format import detect_format, export_readers
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.mapped_files import mapped_files
from graphsocial.scale.spark.file_slices import FileSlice, read_through, slice_bounds, slice_file
from tests.scale.spark.exports import write_exports, write_tables


def records(path: Path, reader: ExportReader, before: int = 0) -> list[tuple[int, str]]:
    return [
        (line + before, str(found) if isinstance(found, EventFormatError) else repr(found))
        for line, found in reader.records(path)
    ]


def sliced(path: Path, reader: ExportReader, slice_bytes: int) -> tuple[list[tuple[int, str]], int]:
    kind, bounds = slice_bounds(path, reader, slice_bytes)
    newlines = read_through(path, bounds if kind == "lines" else ()).newlines
    found: list[tuple[int, str]] = []
    for place, (begin, end) in enumerate(pairwise(bounds)):
        with slice_file(FileSlice(path, kind, begin, end, newlines[place] if kind == "lines" else 0)) as (part, before):
            found += records(part, reader, before)
    return found, len(bounds) - 1


@pytest.mark.parametrize("slice_bytes", [477, 33_333, 1 << 20])
def test_lines(tmp_path: Path, slice_bytes: int) -> None:
    path = write_exports(tmp_path / "x")[0]
    reader = detect_format(path, export_readers(None), None)
    found, parts = sliced(path, reader, slice_bytes)
    assert found == records(path, reader)
    assert len(found) == 399  # one line is blank
    assert (parts > 1) == (slice_bytes < 1 << 20)


def test_a_line_longer_than_a_slice_and_cuts_at_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    lines = [json.dumps({"n": n, "pad": "x" * pad}) for n, pad in enumerate((0, 500, 3, 0))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reader = next(r for r in export_readers(None) if r.format == "x_v2")
    for slice_bytes in (5, 17, len(lines[0]) + 1):
        assert sliced(path, reader, slice_bytes)[0] == records(path, reader)


def test_row_groups_and_mapped_lines(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "t")
    files = mapped_files(folder / "mapping.toml", sorted(folder.iterdir()), True)
    for path, reader in files.items():
        assert reader is not None
        found, parts = sliced(path, reader, 500)
        assert found == records(path, reader)
        assert parts > 3


def test_what_is_read_whole(tmp_path: Path) -> None:
    paths = {path.name: path for path in write_exports(tmp_path / "x")}
    reader = detect_format(paths["a.jsonl"], export_readers(None), None)
    assert slice_bounds(paths["c.jsonl.gz"], reader, 10)[0] == "whole"
    edges = next(r for r in export_readers(None) if r.format == "edge_list")
    assert slice_bounds(paths["a.jsonl"], edges, 10)[0] == "whole"


def test_one_pass_gives_the_hash_and_the_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"ab\nc\n\n" + b"x" * (3 << 20) + b"\nend")
    found = read_through(path, (0, 3, 4, 6, 3 << 20, path.stat().st_size))
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.newlines == (0, 1, 1, 3, 3, 4)
