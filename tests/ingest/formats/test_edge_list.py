"""Edge lists in the form of SNAP's."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.formats.edge_list import EdgeListReader
from graphsocial.ingest.json_lines import json_lines
from graphsocial.store.events import EdgeRow
from tests.ingest.formats.mutations import changed_line, read_or_refused
from tests.ingest.platforms.reading import read

FIXTURES = Path(__file__).parent / "fixtures"
SNAP, BITCOIN = FIXTURES / "snap.txt", FIXTURES / "bitcoin.csv"
SIGNED = ("src", "dst", "weight", "time")
LINES = [line for path in (SNAP, BITCOIN) for _, line in json_lines(path)]


def weights(reader: EdgeListReader, path: Path) -> list[float | None]:
    return [event.values["weight"] for event in read(reader, path).events if isinstance(event, EdgeRow)]


def written(tmp_path: Path, text: str, name: str = "edges.txt") -> Path:
    (tmp_path / name).write_text(text)
    return tmp_path / name


def test_two_columns_are_source_and_target_without_a_time() -> None:
    found = read(EdgeListReader(), SNAP)
    assert found.edges == {
        ("follow", "30", "41", None): 1,
        ("follow", "30", "30", None): 1,
        ("follow", "30", "52", None): 1,
    }
    assert weights(EdgeListReader(), SNAP) == [None, None, None]
    assert [(line, field) for line, field, _ in found.rejects] == [(7, None), (8, None)]
    assert 'name them, such as columns=("src", "dst", "time")' in found.rejects[0][2]


def test_named_columns_give_times_and_weights() -> None:
    found = read(EdgeListReader(columns=SIGNED), BITCOIN)
    assert found.edges == {
        ("follow", "6", "2", 1289200011): 1,
        ("follow", "6", "5", 1289200041): 1,
        ("follow", "5", "6", 1289200042): 1,
        ("follow", "5", "6", None): 1,
    }
    assert weights(EdgeListReader(columns=SIGNED), BITCOIN) == [4.0, -10.0, None, 3.0]
    assert [(line, field) for line, field, _ in found.rejects] == [
        (5, "weight"), (6, "time"), (7, "dst"), (8, "src"), (9, None)
    ]  # fmt: skip
    assert "milliseconds" in found.rejects[1][2]


def test_more_than_two_columns_are_never_guessed() -> None:
    with pytest.raises(EventFormatError, match=r"got 4 columns \('6', '2', '4', '1289200011\.72836'\), name them"):
        list(EdgeListReader().records(BITCOIN))


def test_a_header_is_passed_over_when_said_and_refused_when_not(tmp_path: Path) -> None:
    file = written(tmp_path, "# about\nSource,Target\n1,2\n")
    assert read(EdgeListReader(header=True), file).edges == {("follow", "1", "2", None): 1}
    found = read(EdgeListReader(), file)
    assert [(line, field) for line, field, _ in found.rejects] == [(2, "src")]
    assert "header=True" in found.rejects[0][2]
    assert len(found.edges) == 1


def test_columns_may_be_ignored_and_times_in_milliseconds(tmp_path: Path) -> None:
    file = written(tmp_path, "x 1289200011728 ann bob y\n")
    reader = EdgeListReader(relation="mention", columns=("ignore", "time", "src", "dst", "ignore"), per_second=1000)
    assert read(reader, file).edges == {("mention", "ann", "bob", 1289200011): 1}
    assert list(reader.schema.edges) == [("user", "mention", "user")]


def test_compressed_lists_and_other_comments(tmp_path: Path) -> None:
    file = tmp_path / "edges.txt.gz"
    file.write_bytes(gzip.compress(b"% sym\n1\t2\r\n  # more\n3 , 4\n\xff 5\n"))
    found = read(EdgeListReader(), file)
    assert found.edges == {("follow", "1", "2", None): 1, ("follow", "3", "4", None): 1}
    assert [(line, field) for line, field, _ in found.rejects] == [(5, None)]


def test_when_it_was_collected_is_when_untimed_edges_count_as_known() -> None:
    assert EdgeListReader(collected_at=50).schema.crawled_at == {("user", "follow", "user"): 50}
    assert EdgeListReader().schema.crawled_at == {}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"relation": "folow"}, "Did you mean 'follow'"),
        ({"relation": "author"}, "unknown relation 'author' between users"),
        ({"columns": ("src", "dst", "tme")}, "Did you mean 'time'"),
        ({"columns": ("src", "time")}, "expected src and dst"),
        ({"columns": ("src", "dst", "time", "time")}, "nothing but ignore twice"),
    ],
)
def test_settings_that_mean_nothing_are_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        EdgeListReader(**said)


@pytest.mark.parametrize(
    ("said", "head", "expected"),
    [
        ({}, b"# x\n1\t2\n3 4\n", True),
        ({}, b"6,2,4,1289200011.7\n", True),
        ({"columns": ("src", "dst", "ignore", "ignore", "time")}, b"1 2 3 4 5\n", True),
        ({"columns": ("src", "dst")}, b"1 2 3\n", False),
        ({"header": True}, b"a,b\n1,2\n", True),
        ({}, b"a,b\n1,2\n", False),
        ({}, b"1 2\n1 2 3\n", False),
        ({}, b"1,5 2,6\n", False),
        ({}, b"1 5,2 6,\n", False),
        ({}, b"# only\n", False),
        ({}, b"", False),
        ({}, b"SQLite format 3\0\xff", False),
    ],
)
def test_recognising(said: dict[str, Any], head: bytes, expected: bool) -> None:
    assert EdgeListReader(**said).recognises(FileSample(Path("x"), "x", head, ())) is expected


@pytest.mark.parametrize("cell", ["1e400", "nan", "9" * 400, "--5", "1_0", "\u0663", "-5", "2012-01-01"])
def test_times_that_are_none_are_refused(cell: str) -> None:
    with pytest.raises(EventFormatError) as error:
        EdgeListReader(columns=("src", "dst", "time")).events(f"a b {cell}".encode())
    assert error.value.field == "time"


@settings(deadline=None)
@given(changed_line(LINES), st.sampled_from([None, SIGNED, ("src", "dst", "time")]))
def test_a_changed_line_is_read_or_refused(line: bytes, columns: tuple[str, ...] | None) -> None:
    read_or_refused(EdgeListReader(columns=columns).events, line)
