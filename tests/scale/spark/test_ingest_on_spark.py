"""Exports read on Spark: the store holds, row for row, what one machine reads of the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphsocial import ingest
from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.scale import spark as on_spark
from graphsocial.store import Store
from tests.scale.spark.exports import content, post, write_exports, write_tables

pytestmark = pytest.mark.spark


def counts(report: ingest.ExportIngest) -> list[tuple[Any, ...]]:
    return [(f.file, f.format, f.records, f.new, f.known, f.rejected, dict(f.skipped)) for f in report.files]


def test_exports_of_x(spark: Any, tmp_path: Path) -> None:
    write_exports(tmp_path / "x")
    single, many = Store.create(tmp_path / "single"), Store.create(tmp_path / "many")
    expected = ingest.ingest_exports([tmp_path / "x"], single)
    found = on_spark.ingest_exports(spark, [tmp_path / "x"], many, slice_bytes=20_000)
    assert counts(found) == counts(expected)
    assert [file.note for file in found.files] == [file.note for file in expected.files]
    assert (found.examples, found.rejected_fields) == (expected.examples, expected.rejected_fields)
    assert found.rejected == 4
    assert content(many.path) == content(single.path)
    assert many.rejects() == sorted(single.rejects(), key=lambda r: (r["file"], r["line"]))
    assert Store.open(many.path).about() == Store.open(single.path).about()
    assert repr(many.graph()).splitlines()[1:] == repr(single.graph()).splitlines()[1:]
    assert sorted(path.name for path in many.path.iterdir() if "staging" in path.name) == []

    # the same again adds nothing, and either way of reading knows what the other has read
    version = many.version
    again = on_spark.ingest_exports(spark, [tmp_path / "x"], many, slice_bytes=20_000)
    assert (again.new, again.version) == (0, version)
    assert {file.note for file in again.files if file.format} == {"read before, nothing to do"}
    assert ingest.ingest_exports([tmp_path / "x"], many).new == 0

    # more of the same posts: known rows stay out, across commits
    import json

    more = tmp_path / "more.jsonl"
    more.write_text("".join(json.dumps(post(n)) + "\n" for n in range(460, 480)), encoding="utf-8")
    assert counts(on_spark.ingest_exports(spark, [more], many)) == counts(ingest.ingest_exports([more], single))
    assert content(many.path) == content(single.path)


def test_tables_by_a_mapping(spark: Any, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "t")
    single, many = Store.create(tmp_path / "single"), Store.create(tmp_path / "many")
    expected = ingest.ingest_exports([folder], single, mapping=folder / "mapping.toml")
    found = on_spark.ingest_exports(spark, [folder], many, mapping=folder / "mapping.toml", slice_bytes=900)
    assert counts(found) == counts(expected)
    assert found.rejected == 4
    assert content(many.path) == content(single.path)
    assert Store.open(many.path).about() == Store.open(single.path).about()


def test_what_cannot_be_read_leaves_nothing(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing\n", encoding="utf-8")
    store = Store.create(tmp_path / "store")
    with pytest.raises(EventFormatError):
        on_spark.ingest_exports(spark, [tmp_path / "notes.txt"], store)
    with pytest.raises(SchemaError, match="no file or folder"):
        on_spark.ingest_exports(spark, [tmp_path / "nots.txt"], store)
    assert not (tmp_path / "store").exists()
