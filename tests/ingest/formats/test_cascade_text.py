"""Cascade files in the layouts of FOREST, MS-HGAT and CasFlow, written by hand."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError, TimeWindowError
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.formats.cascade_text import CascadeTextReader
from graphsocial.ingest.json_lines import json_lines
from graphsocial.store.events import EdgeRow
from tests.ingest.formats.mutations import changed_line, read_or_refused
from tests.ingest.platforms.reading import read

FIXTURES = Path(__file__).parent / "fixtures"
SECONDS, MILLISECONDS, HOURS = (FIXTURES / f"forest_{unit}.txt" for unit in ("seconds", "milliseconds", "hours"))
MS_HGAT, CASFLOW = FIXTURES / "ms_hgat.txt", FIXTURES / "casflow.txt"
LINES = [line for path in (SECONDS, MILLISECONDS, HOURS, MS_HGAT, CASFLOW) for _, line in json_lines(path)]
PUBLISHED = 1464700000


def sample(head: str | bytes, name: str = "cascade.txt") -> FileSample:
    return FileSample(Path(name), name, head if isinstance(head, bytes) else head.encode(), ())


def parents(path: Path) -> dict[tuple[str, str], str | None]:
    """Parents of reposts, by user and post."""
    events = read(CascadeTextReader(), path).events
    return {(e.src, e.dst): e.values["parent"] for e in events if isinstance(e, EdgeRow) and e.type[1] == "repost"}


def test_forest_lines_are_cascades_of_users_and_seconds() -> None:
    found = read(CascadeTextReader(), SECONDS)
    assert found.edges == {
        ("author", "101", "forest_seconds_1", 1315395659): 1,
        ("repost", "102", "forest_seconds_1", 1315395753): 1,
        ("repost", "103", "forest_seconds_1", 1315399889): 1,
        ("author", "104", "forest_seconds_3", 1315984898): 1,
        ("repost", "101", "forest_seconds_3", 1315984898): 1,
        ("repost", "104", "forest_seconds_3", 1316000000): 1,
        ("author", "105", "c17", 1315400773): 1,
        ("repost", "106", "c17", 1315400871): 1,
    }
    assert found.nodes["post", "forest_seconds_1"] == {"known_at": 1315395659}
    assert parents(SECONDS)["101", "forest_seconds_3"] is None


def test_what_cannot_be_read_costs_its_cascade() -> None:
    rejects = read(CascadeTextReader(), SECONDS).rejects
    assert [(line, field) for line, field, _ in rejects] == [(5, "events"), (6, "time"), (7, "time")]
    assert rejects[0][2] == "got '106' at the end, expected user,time or a comma: the line is cut off"


def test_milliseconds_are_refused_by_name_and_read_when_said() -> None:
    refused = read(CascadeTextReader(), MILLISECONDS)
    assert not refused.events
    assert [(line, field) for line, field, _ in refused.rejects] == [(1, "time"), (2, "time")]
    assert "would be a time in milliseconds" in refused.rejects[0][2]
    assert "per_second" in refused.rejects[0][2]
    assert read(CascadeTextReader(per_second=1000), MILLISECONDS).edges == {
        ("author", "201", "forest_milliseconds_1", 1300000005): 1,
        ("repost", "202", "forest_milliseconds_1", 1300000048): 1,
        ("author", "203", "forest_milliseconds_2", 1300000048): 1,
        ("repost", "204", "forest_milliseconds_2", 1300039510): 1,
    }
    assert "would be a time in seconds" in read(CascadeTextReader(per_second=1000), SECONDS).rejects[0][2]


def test_hours_are_refused_and_read_when_said() -> None:
    (refused,) = read(CascadeTextReader(), HOURS).rejects
    assert "no time between 1990 and 2100; per_second and step_seconds say" in refused[2]
    assert read(CascadeTextReader(step_seconds=3600), HOURS).edges == {
        ("author", "600", "forest_hours_1", 1228440600): 1,
        ("repost", "1702", "forest_hours_1", 1228443300): 1,
        ("repost", "600", "forest_hours_1", 1228446000): 1,
    }


def test_ms_hgat_lines_are_in_order_of_time_and_may_begin_with_a_root() -> None:
    found = read(CascadeTextReader(), MS_HGAT)
    assert found.edges == {
        ("author", "32", "ms_hgat_1", 1284000000): 1,
        ("repost", "31", "ms_hgat_1", 1284000500): 1,
        ("repost", "33", "ms_hgat_1", 1284000900): 1,
        ("author", "0", "ms_hgat_2", 1284000600): 1,
        ("repost", "56", "ms_hgat_2", 1284000600): 1,
        ("repost", "25", "ms_hgat_2", 1284000700): 1,
    }
    assert found.nodes["post", "ms_hgat_2"] == {"known_at": 1284000600}
    assert [(line, field) for line, field, _ in found.rejects] == [(3, "time"), (4, "events")]


def test_times_that_count_from_a_start_need_it() -> None:
    found = read(CascadeTextReader(epoch=1250000000), MS_HGAT)
    assert found.edges == {
        ("author", "18", "ms_hgat_3", 1253470000): 1,
        ("repost", "87", "ms_hgat_3", 1253470000): 1,
        ("repost", "27", "ms_hgat_3", 1344340000): 1,
    }
    assert [(line, field) for line, field, _ in found.rejects] == [(1, "time"), (2, "time"), (4, "events")]
    assert found.rejects[0][2] == "got '1284000500', expected a time that counts from a start, no date"


def test_ordinals_are_read_with_a_start_and_the_length_of_a_step(tmp_path: Path) -> None:
    file = tmp_path / "steps.txt"
    file.write_text("a,0 b,1 c,2\n")
    assert "no time between 1990 and 2100" in read(CascadeTextReader(), file).rejects[0][2]
    assert read(CascadeTextReader(epoch=1000, step_seconds=60), file).edges == {
        ("author", "a", "steps_1", 1000): 1,
        ("repost", "b", "steps_1", 1060): 1,
        ("repost", "c", "steps_1", 1120): 1,
    }


def test_casflow_paths_say_when_and_from_whom() -> None:
    found = read(CascadeTextReader(), CASFLOW)
    assert found.edges == {
        ("author", "500", "900", PUBLISHED): 1,
        ("repost", "500", "900", PUBLISHED + 26000): 1,
        ("repost", "501", "900", PUBLISHED + 350): 1,
        ("repost", "502", "900", PUBLISHED + 7600): 1,
        ("repost", "503", "900", PUBLISHED + 2500): 1,
        ("repost", "8", "909", PUBLISHED + 1): 1,
    }
    assert found.nodes["post", "900"] == {"known_at": PUBLISHED}
    assert found.nodes["post", "909"] == {"known_at": PUBLISHED}, "its author is unknown"
    assert parents(CASFLOW) == {
        ("500", "900"): "500", ("501", "900"): "500", ("502", "900"): "501", ("503", "900"): None, ("8", "909"): None
    }  # fmt: skip
    assert found.skipped == {"reposts by unknown users": 1}


def test_casflow_lines_that_cannot_be_read_name_their_field() -> None:
    rejects = read(CascadeTextReader(), CASFLOW).rejects
    assert [(line, field) for line, field, _ in rejects] == [
        (2, "participants"), (3, "publish_time"), (4, "paths"), (5, "paths"), (6, "paths"), (7, "participants"),
        (8, "cascade"), (9, "user"), (10, None),
    ]  # fmt: skip
    assert rejects[0][2] == "got 3 participants, but 2 paths: the line is cut off"
    assert "milliseconds" in rejects[1][2]


def test_compressed_files_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "Cascade.txt.gz"
    file.write_bytes(gzip.compress(b"a,1300000000 b,1300000001\nc,1300000000 \xff,1300000001\n"))
    found = read(CascadeTextReader(), file)
    assert found.edges == {("author", "a", "cascade_1", 1300000000): 1, ("repost", "b", "cascade_1", 1300000001): 1}
    assert [line for line, _, _ in found.rejects] == [2]
    assert "not UTF-8" in found.rejects[0][2]


@pytest.mark.parametrize("path", [SECONDS, MILLISECONDS, HOURS, MS_HGAT, CASFLOW], ids=lambda path: path.stem)
def test_its_own_files_are_recognised(path: Path) -> None:
    assert CascadeTextReader().recognises(sample(path.read_bytes()))


@pytest.mark.parametrize(
    "head",
    ["", "1 2\n2 3\n", "1,2\n2,3\n", "1\t2\n", '{"id": 1}\n', "post,user,time\n1,2,3\n", "a\tnone\tann:1 bob:2\n"],
)
def test_other_files_are_not(head: str) -> None:
    assert not CascadeTextReader().recognises(sample(head))


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(TimeWindowError, match="per_second=0"):
        CascadeTextReader(per_second=0)
    with pytest.raises(TimeWindowError, match="expected seconds since 1970"):
        CascadeTextReader(epoch=1300000000000)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b" ",
        b",",
        b"u",
        b"u,",
        b",5",
        b"id u",
        b"u 5",
        b"u 5,v 6",
        b"\xe3\x80\x80",
        b"\t\t\t\t",
        b"a,1e400 b,1",
        b"a,nan",
    ],
)
def test_lines_without_a_cascade_are_refused(line: bytes) -> None:
    with pytest.raises(EventFormatError):
        CascadeTextReader().events(("x", line))


def test_a_line_cut_off_is_not_taken_for_another_layout() -> None:
    with pytest.raises(EventFormatError, match="cut off"):
        CascadeTextReader(epoch=0).events(("x", b"17 105,1315 106"))


@settings(deadline=None)
@given(changed_line(LINES), st.sampled_from([{}, {"per_second": 1000}, {"epoch": 10}, {"step_seconds": 3600}]))
def test_a_changed_line_is_read_or_refused(line: bytes, said: dict[str, int]) -> None:
    read_or_refused(CascadeTextReader(**said).events, ("x", line))
