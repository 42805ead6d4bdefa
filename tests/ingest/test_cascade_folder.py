"""Folders of cascades: what is read, what is left out and counted, and what is an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.ingest import CascadeFolder, read_cascade_folder
from graphsocial.learn.cascade_table import CascadeTable

HEADER = "cascade\tsplit\tevents(user:time ...)\n"
Make = Callable[..., CascadeFolder]


@pytest.fixture
def folder_of(tmp_path: Path) -> Make:
    def make(cascades: str | bytes, **others: str) -> CascadeFolder:
        (tmp_path / "cascades.tsv").write_bytes(cascades if isinstance(cascades, bytes) else cascades.encode())
        for name, text in others.items():
            (tmp_path / f"{name}.tsv").write_text(text, encoding="utf-8")
        return read_cascade_folder(tmp_path)

    return make


def events(folder: CascadeFolder) -> dict[str, list[tuple[str, int]]]:
    cascades = folder.cascades
    bounds = zip(cascades.names, cascades.offsets[:-1], cascades.offsets[1:], strict=True)
    return {
        name: list(zip(cascades.node[a:b].tolist(), cascades.time[a:b].tolist(), strict=True)) for name, a, b in bounds
    }


def test_a_clean_file_is_read_as_it_stands(folder_of: Make) -> None:
    folder = folder_of(HEADER + "x\ttrain\tann:3 bob:5 cy:5\ny\ttest\tbob:1 ann:2\n")
    assert events(folder) == {"x": [("ann", 3), ("bob", 5), ("cy", 5)], "y": [("bob", 1), ("ann", 2)]}
    assert (folder.rejects, dict(folder.rejected), dict(folder.notes)) == ([], {}, {})
    assert folder.edges is None and folder.texts == {} and folder.images == {}
    assert set(folder.cascades.parent.tolist()) == {-1}


@pytest.mark.parametrize(
    "text",
    [
        "x\ttrain\tann:3 bob:5\n",  # no header
        "x\tann:3 bob:5\n",  # no split either
        "\ufeff" + HEADER + "x\t\tann:3 bob:5\r\n\r\n",  # from a spreadsheet
        HEADER + "x\ttrain\tann:3\tbob:5",  # events apart by tabs, no last newline
        "cascade_id\tsplit\tevents\nx\t-\tann:3.0 bob:5e0\n",
    ],
)
def test_other_layouts_say_the_same(folder_of: Make, text: str) -> None:
    assert events(folder_of(text)) == {"x": [("ann", 3), ("bob", 5)]}


def test_a_cascade_called_cascade_is_no_header(folder_of: Make) -> None:
    assert list(events(folder_of("cascade\ttrain\tann:3 bob:5\n"))) == ["cascade"]


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("ann", "an event without a time"),
        ("ann:", "an event without a time"),
        (":7", "an event without a user"),
        ("ann:soon", "a time that is no number"),
        ("ann:nan", "a time that is no number"),
        ("ann:inf", "a time that is no number"),
        ("ann:99999999999999999999999", "a time that is no number"),
        ("ann:-4", "a negative time"),
        ("ann:-0.5", "a negative time"),
    ],
)
def test_a_bad_event_costs_itself(folder_of: Make, event: str, kind: str) -> None:
    folder = folder_of(HEADER + f"x\ttrain\tbob:1 {event} cy:9\n")
    assert events(folder) == {"x": [("bob", 1), ("cy", 9)]}
    assert folder.rejected == {kind: 1}
    (reject,) = folder.rejects
    assert (reject.file, reject.line, reject.field) == ("cascades.tsv", 2, "events")
    assert repr(event) in reject.reason and "expected user:time" in reject.reason


def test_a_user_id_may_hold_colons(folder_of: Make) -> None:
    assert events(folder_of("x\t\tdid:plc:ann:3 bob:4\n")) == {"x": [("did:plc:ann", 3), ("bob", 4)]}


def test_times_out_of_order_are_sorted_and_counted(folder_of: Make) -> None:
    folder = folder_of(HEADER + "x\t\tann:5 bob:3 cy:5 dee:3\ny\t\tann:1 bob:2\n")
    assert events(folder)["x"] == [("bob", 3), ("dee", 3), ("ann", 5), ("cy", 5)]
    assert folder.notes == {"cascades with times out of order, put in order of time": 1}
    assert folder.rejects == []


def test_a_time_that_jumps_back_between_cascades_is_in_order(folder_of: Make) -> None:
    assert dict(folder_of("x\t\tann:5 bob:9\ny\t\tann:1 bob:2\n").notes) == {}


def test_fractions_are_cut_off_and_counted(folder_of: Make) -> None:
    folder = folder_of("x\t\tann:1.25 bob:2.9 cy:3.0\n")
    assert [time for _, time in events(folder)["x"]] == [1, 2, 3]
    assert folder.notes == {"times with a fraction of a second, cut off": 2}


def test_a_second_cascade_of_the_same_id_is_rejected(folder_of: Make) -> None:
    folder = folder_of(HEADER + "x\t\tann:1 bob:2\nx\t\tcy:1 dee:2\n")
    assert list(events(folder)) == ["x"] and events(folder)["x"][0] == ("ann", 1)
    assert [(r.line, r.field) for r in folder.rejects] == [(3, "cascade")]
    assert "first line is 2" in folder.rejects[0].reason


def test_rows_without_id_or_events_are_rejected(folder_of: Make) -> None:
    folder = folder_of(HEADER + "\t\tann:1 bob:2\ny\ttrain\t\nz\nx\t\tann:1 bob:2\n")
    assert list(events(folder)) == ["x"]
    assert folder.rejected == {"an empty cascade id": 1, "no readable event": 2}


def test_bytes_that_are_no_text_cost_their_line(folder_of: Make) -> None:
    folder = folder_of(HEADER.encode() + b"x\t\t\xff\xfe:1 bob:2\ny\t\tann:1 bob:2\n")
    assert list(events(folder)) == ["y"] and folder.rejected == {"unreadable text": 1}


def test_cascades_of_one_user_are_counted_and_left_to_the_size_filter(folder_of: Make) -> None:
    folder = folder_of("x\t\tann:1\ny\t\tann:1 bob:2\nz\t\tann:1 ann:2\n")
    assert folder.notes["cascades of one user"] == 2
    assert folder.notes["events of users who were in the cascade before"] == 1
    assert CascadeTable.of(folder.cascades).names.tolist() == ["y", "z"]


def test_a_huge_cascade_is_read(folder_of: Make) -> None:
    folder = folder_of("big\t\t" + " ".join(f"u{i}:{i}" for i in range(100_000)) + "\nx\t\tann:1 bob:2\n")
    assert folder.cascades.size.tolist() == [100_000, 2]
    assert CascadeTable.of(folder.cascades).names.tolist() == ["x"]


def test_rejects_are_all_counted_and_not_all_kept(folder_of: Make) -> None:
    folder = folder_of("x\t\tann:1 " + "bad " * 10_050 + "bob:2\n")
    assert folder.rejected == {"an event without a time": 10_050} and len(folder.rejects) == 10_000


def test_edges_and_who_they_miss(folder_of: Make) -> None:
    folder = folder_of("x\t\tann:1 bob:2 cy:3\n", edges="src\tdst\nann\tbob\nbob\tzoe\nann\tann\nlonely\n\tcy\n")
    assert folder.edges is not None
    assert folder.edges.tolist() == [["ann", "bob"], ["bob", "zoe"], ["ann", "ann"]]
    assert folder.notes == {
        "users of cascades without an edge": 1,
        "users of edges without a cascade": 1,
        "edges from a user to the same user": 1,
    }
    assert [(r.file, r.line, r.field) for r in folder.rejects] == [("edges.tsv", 5, "dst"), ("edges.tsv", 6, "src")]


def test_edges_need_no_header(folder_of: Make) -> None:
    folder = folder_of("x\t\t1:1 2:2\n", edges="1\t2\n2\t1\n")
    assert folder.edges is not None and folder.edges.shape == (2, 2)


def test_texts(folder_of: Make) -> None:
    folder = folder_of(
        "x\t\tann:1 bob:2\ny\t\tann:1 bob:2\n",
        texts='cascade\ttext\nx\tsaid "so\tand so\nx\tagain\nw\tof nobody\ny\t\n',
    )
    assert folder.texts == {"x": 'said "so\tand so'}
    assert [r.line for r in folder.rejects] == [3, 4, 5]
    assert folder.notes == {"cascades without a text": 1}


def test_images_lie_inside_the_folder(tmp_path: Path, folder_of: Make) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a.jpg").write_bytes(b"1")
    lines = "cascade\tpath\nx\timg/a.jpg\nx\t../secret.jpg\nx\t/etc/passwd\nx\timg/none.jpg\nx\t\nx\tim\0g/a.jpg\n"
    folder = folder_of("x\t\tann:1 bob:2\n", images=lines)
    assert folder.images == {"x": (tmp_path / "img" / "a.jpg").resolve()}
    assert folder.rejected == {
        "an image path that leads out": 3,
        "an image that is not there": 1,
        "a cascade id that was there before": 1,
    }


def test_the_hash_follows_the_content(tmp_path: Path, folder_of: Make) -> None:
    first = folder_of("x\t\tann:1 bob:2\n").sha256
    assert first == read_cascade_folder(tmp_path).sha256
    assert first != folder_of("x\t\tann:1 bob:3\n").sha256
    assert first != folder_of("x\t\tann:1 bob:2\n", edges="ann\tbob\n").sha256
    (tmp_path / "edges.tsv").unlink()
    (tmp_path / "notes.md").write_text("not read")
    assert first == read_cascade_folder(tmp_path).sha256


def test_no_such_folder_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    with pytest.raises(SchemaError, match="Did you mean 'corpus'"):
        read_cascade_folder(tmp_path / "corpsu")


def test_a_folder_without_cascades_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "cascade.tsv").write_text("")
    with pytest.raises(SchemaError, match=r"no cascades.tsv, it holds cascade.tsv. Did you mean 'cascade.tsv'"):
        read_cascade_folder(tmp_path)


@pytest.mark.parametrize("text", ["", HEADER, "\n\n", HEADER + "x\ttrain\tann bob\n"])
def test_no_usable_cascade_is_an_error(folder_of: Make, text: str) -> None:
    with pytest.raises(EventFormatError, match="cascade") as caught:
        folder_of(text)
    assert caught.value.path is not None and caught.value.path.endswith("cascades.tsv")


def test_the_repr_counts(folder_of: Make) -> None:
    shown = repr(folder_of("x\t\tann:1 bob:2 cy\n", edges="ann\tbob\n"))
    assert "1 cascades, 2 events" in shown and "left out: 1 with an event without a time" in shown
