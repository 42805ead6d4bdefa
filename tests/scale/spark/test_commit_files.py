"""Files that workers wrote become part of a store in one commit; all that needs no Spark."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.errors import DataIntegrityError
from graphsocial.ingest.detect_format import detect_format, export_readers
from graphsocial.ingest.ingest_exports import ingest_exports
from graphsocial.scale.spark.commit_files import WrittenFile, commit_files, drop_uncommitted, write_rows
from graphsocial.scale.spark.file_slices import FileSlice, read_through, slice_bounds
from graphsocial.scale.spark.read_slice import KEY_HIGH, KEY_LOW, TALLY_TABLE, SliceTask, read_slice
from graphsocial.store import About, EventBatch, Store
from graphsocial.store.stored_rows import REJECT_TABLE, TABLE, arrow_schema
from tests.scale.spark.exports import content, write_exports


def read_all(path: Path, slice_bytes: int) -> tuple[pa.Table, list[dict[str, object]]]:
    """Rows of all slices of a file, and their tallies."""
    reader = detect_format(path, export_readers(None), None)
    kind, bounds = slice_bounds(path, reader, slice_bytes)
    passed = read_through(path, bounds)
    tables = []
    for place, (begin, end) in enumerate(pairwise(bounds)):
        part = FileSlice(path, kind, begin, end, passed.newlines[place] if kind == "lines" else 0)
        tables += list(read_slice(SliceTask(0, path.name, passed.sha256, part, reader, 0), reader.schema))
    rows = pa.concat_tables(tables)
    mark = pa.array(np.array(rows.column(TABLE).to_pylist()) == TALLY_TABLE)
    return rows.filter(pa.compute.invert(mark)), [json.loads(t) for t in rows.filter(mark).column("json").to_pylist()]


@pytest.mark.parametrize("slice_bytes", [30_000])
def test_slices_of_a_file_hold_what_one_machine_reads(tmp_path: Path, slice_bytes: int) -> None:
    path = write_exports(tmp_path / "x")[0]
    rows, tallies = read_all(path, slice_bytes)
    assert sum(int(str(tally["records"])) for tally in tallies) == 399
    assert sum(int(str(tally["rejected"])) for tally in tallies) == 3
    assert sum(int(str(tally["rows"])) for tally in tallies) == rows.num_rows - 3

    reader = detect_format(path, export_readers(None), None)
    single = Store.create(tmp_path / "single")
    ingest_exports([path], single)
    keyed = rows.filter(pa.compute.not_equal(rows.column(TABLE), REJECT_TABLE))
    keys = np.stack([keyed.column(name).to_numpy() for name in (KEY_HIGH, KEY_LOW)], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    once = pa.concat_tables(
        [keyed.take(pa.array(first)), rows.filter(pa.compute.equal(rows.column(TABLE), REJECT_TABLE))]
    )
    store = Store.create(tmp_path / "many")
    store.append(EventBatch(reader.schema), about=About(reader.schema, tuple(reader.assumptions)))
    ordered = once.select(arrow_schema(reader.schema).names).sort_by(TABLE)
    written = list(write_rows(ordered, store.log.path, "part-b-0"))
    version = commit_files(store, written, "b")
    assert version == store.version == 2
    assert store.versions()[0].rows == len(ordered)
    one, other = content(single.path), content(store.path)
    del one["_source"]
    assert one == other
    assert repr(single.graph()).splitlines()[1:] == repr(store.graph()).splitlines()[1:]
    # what was committed is known: the library's own reading of the same file adds nothing
    assert ingest_exports([path], store).new == 0


def test_a_file_that_is_not_there_is_not_committed(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    reader = export_readers(None)[0]
    store.append(EventBatch(reader.schema))
    rows = pa.table({TABLE: ["user", "user"], "id": ["a", "b"], "known_at": pa.array([1, None], pa.int64())})
    (good,) = write_rows(rows, store.log.path, "part-b-0")
    with pytest.raises(DataIntegrityError, match="same path"):
        commit_files(store, [good, good._replace(path="table=user/part-b-1.parquet")], "b")
    with pytest.raises(DataIntegrityError, match="expected"):
        commit_files(store, [good._replace(size=good.size + 1)], "b")
    before = store.version
    drop_uncommitted(store, [], "other")
    assert (store.log.path / good.path).is_file()
    drop_uncommitted(store, [], "b")
    assert not (store.log.path / good.path).exists()
    assert Store.open(store.path).version == before


def test_a_name_with_odd_letters(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "a store")
    store.append(EventBatch(export_readers(None)[0].schema))
    rows = pa.table({TABLE: ["user.measured"], "id": ["a"], "measured_at": pa.array([1], pa.int64())})
    written = list(write_rows(rows, store.log.path, "part-b-0"))
    assert written == [WrittenFile("table=user.measured/part-b-0.parquet", "user.measured", written[0].size, 1)]
    version = commit_files(store, written, "b")
    assert store.log.read("user.measured", version).select(["id", "measured_at"]).to_pylist() == [
        {"id": "a", "measured_at": 1}
    ]
