"""`cascades.tsv` as events."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from graphsocial.errors import EventFormatError
from graphsocial.ingest import read_cascade_folder
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.formats.cascades_tsv import CascadesTsvReader
from graphsocial.ingest.json_lines import json_lines
from tests.ingest.formats.mutations import changed_line, read_or_refused
from tests.ingest.platforms.reading import read

FIXTURES = Path(__file__).parent / "fixtures"
CASCADES = FIXTURES / "cascades.tsv"
LINES = [line for _, line in json_lines(CASCADES)]


def test_a_cascade_is_a_post_with_its_author_and_reposts() -> None:
    found = read(CascadesTsvReader(), CASCADES)
    assert found.edges == {
        ("author", "ann", "a", 100): 1,
        ("repost", "ann", "a", 100): 1,
        ("repost", "bob", "a", 250): 1,
        ("repost", "a:b", "a", 300): 1,
        ("author", "ann", "b", 1284900000): 1,
        ("repost", "cat", "b", 1284900000): 1,
        ("repost", "cat", "b", 1284900088): 1,
        ("author", "ann", "c", 5): 1,
        ("repost", "bob", "c", 6): 1,
    }
    assert found.nodes == {
        ("post", "a"): {"known_at": 100}, ("post", "b"): {"known_at": 1284900000}, ("post", "c"): {"known_at": 5}
    }  # fmt: skip


def test_what_cannot_be_read_costs_its_cascade() -> None:
    rejects = read(CascadesTsvReader(), CASCADES).rejects
    assert [(line, field) for line, field, _ in rejects] == [
        (6, "events"), (7, "events"), (8, "events"), (9, "events"), (10, "events"), (11, "cascade"), (12, "events"),
        (13, "events"), (14, None),
    ]  # fmt: skip
    assert rejects[0][2] == "got 'bob:', expected user:time with seconds from 0 on"
    assert "milliseconds" in rejects[4][2]
    assert "not UTF-8" in rejects[-1][2]


def test_the_same_events_as_the_folder_of_cascades(tmp_path: Path) -> None:
    lines = CASCADES.read_bytes().splitlines(keepends=True)[:4]
    (tmp_path / "cascades.tsv").write_bytes(b"".join(lines))
    folder, found = read_cascade_folder(tmp_path).cascades, read(CascadesTsvReader(), tmp_path / "cascades.tsv")
    events = [(edge[1], edge[3]) for edge in found.edges.elements()]
    assert sorted(events) == sorted(zip(folder.node.tolist(), folder.time.tolist(), strict=True))


def test_the_header_may_be_missing_and_is_only_one_in_the_first_line(tmp_path: Path) -> None:
    file = tmp_path / "cascades.tsv"
    file.write_text("cascade\tnone\tann:5 bob:6\nid\tsplit\tevents\n")
    found = read(CascadesTsvReader(), file)
    assert found.edges == {("author", "ann", "cascade", 5): 1, ("repost", "bob", "cascade", 6): 1}
    assert [(line, field) for line, field, _ in found.rejects] == [(2, "events")]


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("cascades.tsv", "", True),
        ("x.txt", "cascade\tsplit\tevents\n", True),
        ("x.txt", "0\tnone\t342:48 5051:49\n", True),
        ("x.txt", "0\t342:48 5051:49.5\n", True),
        ("x.txt", "id\n", False),
        ("x.txt", "5\t7\t1464700000\t2\t7:0 7/8:10\n", False),
        ("x.txt", "1\t2\n", False),
        ("x.txt", "a,1 b,2\n", False),
    ],
)
def test_recognising(name: str, head: str, expected: bool) -> None:
    assert CascadesTsvReader().recognises(FileSample(Path(name), name, head.encode(), ())) is expected


@pytest.mark.parametrize("event", ["a:1e400", "a:nan", "a:-0.5", "a:" + "9" * 400, "a:1_0", "a:\u0663", ":", "a:--5"])
def test_numbers_that_are_none_are_refused(event: str) -> None:
    with pytest.raises(EventFormatError) as error:
        CascadesTsvReader().events(f"x\tnone\t{event}".encode())
    assert error.value.field == "events"


@settings(deadline=None)
@given(changed_line(LINES))
def test_a_changed_line_is_read_or_refused(line: bytes) -> None:
    read_or_refused(CascadesTsvReader().events, line)
