"""Rows of Parquet files: a cell that holds no value costs its row and nothing after it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphsocial.errors import EventFormatError
from graphsocial.ingest import parse_mapping
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.ingest_exports import ingest_exports
from graphsocial.ingest.parquet_rows import ParquetFile
from graphsocial.store import Store

WORDS = pa.array([b"rain", b"caf\xe9", None, b"sun"], pa.binary())
"""The second is Latin-1."""


def as_text(words: pa.Array) -> pa.Array:
    """Bytes as text that nobody checked, as careless writers have it."""
    return pa.Array.from_buffers(pa.string(), len(words), words.buffers())


def listed(words: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(range(len(words) + 1), pa.int32()), words)


@pytest.mark.parametrize(
    "wrapped", [as_text, lambda words: as_text(words).dictionary_encode(), lambda w: listed(as_text(w))]
)
def test_bytes_that_are_not_utf_8_cost_their_row(wrapped: object, tmp_path: Path) -> None:
    words = wrapped(WORDS)  # type: ignore[operator]
    pq.write_table(pa.table({"n": [1, 2, 3, 4], "text": words}), tmp_path / "t.parquet")
    rows = list(ParquetFile(tmp_path / "t.parquet").rows(["text", "n"]))
    assert [line for line, _ in rows] == [2, 3, 4, 5]
    wrong = rows[1][1]
    assert isinstance(wrong, EventFormatError) and wrong.field == "text"
    assert str(wrong) == r"bytes that are not UTF-8 in b'caf\xe9'"
    assert [cells[1] for _, cells in rows if isinstance(cells, list)] == [1, 3, 4]
    assert [number for _, (number,) in ParquetFile(tmp_path / "t.parquet").rows(["n"])] == [1, 2, 3, 4], "not asked for"


@pytest.mark.parametrize("kind", [pa.timestamp("ms"), pa.date32(), pa.timestamp("us", "UTC")])
def test_a_time_beyond_the_calendar_costs_its_row(kind: pa.DataType, tmp_path: Path) -> None:
    width = 32 if kind == pa.date32() else 64
    times = pa.array([0, 2 ** (width - 4), 1], pa.int32() if width == 32 else pa.int64()).cast(kind)
    pq.write_table(pa.table({"at": times}), tmp_path / "t.parquet")
    rows = list(ParquetFile(tmp_path / "t.parquet").rows(["at"]))
    assert [line for line, _ in rows] == [2, 3, 4]
    assert [isinstance(cells, EventFormatError) and cells.field == "at" for _, cells in rows] == [False, True, False]


def test_rows_after_batches_are_numbered_through(tmp_path: Path) -> None:
    words = pa.array([b"caf\xe9" if n in (5, 9000, 19_999) else b"rain" for n in range(20_000)], pa.binary())
    pq.write_table(pa.table({"text": as_text(words)}), tmp_path / "t.parquet")
    rows = list(ParquetFile(tmp_path / "t.parquet").rows(["text"]))
    assert [line for line, _ in rows] == list(range(2, 20_002))
    assert [line for line, cells in rows if isinstance(cells, EventFormatError)] == [7, 9002, 20_001]


def test_the_reject_has_file_row_field_and_reason(tmp_path: Path) -> None:
    table = {"files": "t.parquet", "node": "post", "id": "id", "time": "at", "columns": {"text": "string"}}
    content = pa.table({"id": ["a", "b", "c", "d"], "at": [10, 20, 30, 40], "text": as_text(WORDS)})
    pq.write_table(content, tmp_path / "t.parquet")
    reader = MappedTableReader(parse_mapping({"table": [table]}).tables[0])
    store = Store.create(tmp_path / "store")
    ingest_exports([tmp_path / "t.parquet"], store, reader=reader)
    assert store.graph().node_ids("post").tolist() == ["a", "c", "d"]
    assert [(r["file"], r["line"], r["field"]) for r in store.rejects()] == [("t.parquet", 3, "text")]
    assert "UTF-8" in store.rejects()[0]["reason"]
