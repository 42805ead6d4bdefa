"""JSON lines as rows: dotted names, absent fields, lists, and lines that are no objects."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.ingest import read_folder
from graphsocial.ingest.csv_rows import CsvFile
from graphsocial.ingest.data_file import open_data_file
from graphsocial.ingest.json_rows import JsonRowsFile, value_at
from graphsocial.ingest.parquet_rows import ParquetFile

LINES = """{"id": 1, "user": {"id": "ann", "geo": {"lat": 1.5}}, "tags": ["sea", "storm"], "text": "hi"}

{"id": "2", "user": null, "user.id": "bob", "text": null, "extra": true}
"""


def of(tmp_path: Path, content: str | bytes, name: str = "rows.jsonl") -> JsonRowsFile:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return JsonRowsFile(path)


def wrong(tmp_path: Path, line: str | bytes, *names: str) -> tuple[str | None, str]:
    """Field and reason of the only row."""
    [(number, row)] = of(tmp_path, line).rows(names)
    assert number == 1
    assert isinstance(row, EventFormatError)
    return row.field, str(row)


def test_fields_are_found_by_dotted_names_and_lines_are_physical(tmp_path: Path) -> None:
    names = ("user.id", "id", "user.geo.lat", "tags", "text", "nowhere", "no.where")
    assert list(of(tmp_path, LINES).rows(names)) == [
        (1, ["ann", 1, 1.5, ["sea", "storm"], "hi", None, None]),
        (3, ["bob", "2", None, None, None, None, None]),
    ]


def test_no_names_give_empty_rows(tmp_path: Path) -> None:
    assert list(of(tmp_path, LINES).rows(())) == [(1, []), (3, [])]


def test_the_header_names_every_field_that_rows_can_find(tmp_path: Path) -> None:
    assert of(tmp_path, LINES).header() == ["id", "tags", "text", "user.id", "user.geo.lat", "user", "extra"]
    # a dotted name inside an object cannot be told from a nested one, so it is no column
    assert of(tmp_path, '{"a": {"b.c": 1, "d": 2}, "e": {}}').header() == ["a.d"]


def test_the_header_needs_one_object(tmp_path: Path) -> None:
    for content in ("", "\n\n", "[1]\nnull\n"):
        with pytest.raises(EventFormatError, match=r"rows\.jsonl holds no JSON object"):
            of(tmp_path, content).header()
    assert of(tmp_path, 'broken\n{"a": 1}\n').header() == ["a"]


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ('{"id": 1', None, "not JSON"),
        ("[1, 2]", None, "got a JSON list, expected an object"),
        ("7", None, "got a JSON int, expected an object"),
        (b'{"id": "\xff"}', None, "not UTF-8"),
        ('{"id": {"a": 1}}', "id", "got an object {'a': 1}, expected a value, such as one of its fields: 'id.…'"),
        ('{"id": [{"a": 1}]}', "id", "got {'a': 1} in a list, expected values"),
        ('{"id": [1, [2]]}', "id", "got [2] in a list"),
        ('{"id": 1, "user": "ann"}', "user.id", "got 'ann' at 'user', expected an object"),
        ('{"id": 1, "user": [{"id": 2}]}', "user.id", "at 'user', expected an object"),
        ('{"id": 1, "user": {"id": {}}}', "user.id", "got an object {}"),
    ],
)
def test_what_is_no_row_says_why(tmp_path: Path, line: str | bytes, field: str | None, reason: str) -> None:
    got = wrong(tmp_path, line, "id", "user.id")
    assert got[0] == field
    assert reason in got[1]


@pytest.mark.parametrize("deep", ["[" * 1020 + "]" * 1020, '{"a":' * 1020 + "1" + "}" * 1020])
def test_nesting_that_python_cannot_show_is_an_error_like_others(tmp_path: Path, deep: str) -> None:
    field, reason = wrong(tmp_path, f'{{"id": {deep}}}', "id")
    assert field == "id"
    assert "nested too deeply" in reason
    assert wrong(tmp_path, f'{{"id": {deep}}}', "id.b.c" if deep[0] == "[" else "id.a")[0]
    assert len(of(tmp_path, f'{{"id": {deep}}}').header()) == 1


def test_a_broken_line_costs_itself_only(tmp_path: Path) -> None:
    rows = list(of(tmp_path, '{"id": 1}\n{"id": \n{"id": 3}\n').rows(("id",)))
    assert [(number, isinstance(row, EventFormatError)) for number, row in rows] == [(1, False), (2, True), (3, False)]


def test_a_damaged_file_ends_with_one_wrong_row(tmp_path: Path) -> None:
    whole = gzip.compress("".join(f'{{"id": {n * 7919 % 104729}}}\n' for n in range(90_000)).encode())
    rows = list(of(tmp_path, whole[: len(whole) // 2], "rows.jsonl.gz").rows(("id",)))
    assert len(rows) > 10_000
    assert [number for number, row in rows if isinstance(row, EventFormatError)] == [len(rows)]
    assert "damaged" in str(rows[-1][1])


@pytest.mark.parametrize("name", ["r.jsonl", "r.ndjson", "R.JSONL", "r.jsonl.gz", "r.ndjson.zst"])
def test_the_ending_of_a_name_chooses_the_format(tmp_path: Path, name: str) -> None:
    raw = LINES.encode()
    pack = {".gz": gzip.compress, ".zst": zstandard.compress}
    path = tmp_path / name
    path.write_bytes(pack.get(path.suffix, bytes)(raw))
    file = open_data_file(path)
    assert isinstance(file, JsonRowsFile)
    assert [cells for _, cells in file.rows(("id",))] == [[1], ["2"]]


def test_other_endings_stay_what_they_were() -> None:
    assert isinstance(open_data_file(Path("posts.parquet")), ParquetFile)
    for name in ("posts.csv", "posts.csv.gz", "posts.tsv", "jsonl.txt"):
        assert open_data_file(Path(name), ";", "") == CsvFile(Path(name), ";", "")


def test_a_folder_may_hold_json_lines(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(
        '[[table]]\nfiles = "p.jsonl"\nnode = "post"\nid = "id"\ntime = "at"\ncolumns = { text = "string" }\n'
        '[[table.edges]]\ntype = ["user", "author", "post"]\nsrc = "user.id"\ndst = "id"\n'
    )
    records: list[dict[str, Any]] = [
        {"id": 1, "at": "2020-01-01", "text": "hi", "user": {"id": "ann"}},
        {"id": 2, "at": 1577836900, "user": {"id": "bob"}},
        {"id": 3, "at": 1577836900, "user": {}},
    ]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, records)))
    graph, report = read_folder(tmp_path)
    assert graph.node_ids("post").tolist() == ["1", "2"]
    assert graph.known_at("post").tolist() == [1577836800, 1577836900]
    assert graph.column("post", "text").to_pylist() == ["hi", None]
    assert [(reject.line, reject.field) for reject in report.examples] == [(3, "user.id")]


KEYS = st.sampled_from(["a", "b", "a.b", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(record=st.dictionaries(KEYS, VALUES, max_size=4), name=st.sampled_from(["a", "b", "a.b", "a.b.a", ".", "a."]))
def test_a_name_gives_what_stands_there_or_raises_with_it(record: dict[str, Any], name: str) -> None:
    try:
        found = value_at(record, name)
    except EventFormatError as error:
        assert error.field == name
        return
    if record.get(name) is not None:
        assert found == record[name]
    elif found is not None:
        first, *rest = name.split(".")
        assert found == value_at(record[first], ".".join(rest))
