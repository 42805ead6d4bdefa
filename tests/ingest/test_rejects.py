"""A row that cannot be read costs itself, is listed with its place, and nothing else is lost."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from graphsocial.errors import DataIntegrityError, EventFormatError, SchemaError
from graphsocial.ingest import load, read_folder

GOOD = "a,ann,10,1,first\n"
LAST = "z,zoe,90,9,last\n"


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("b,bob,soon,2,x\n", "time", "cannot read 'soon' as a time"),
        ("b,bob,-5,2,x\n", "time", "negative time"),
        ("b,bob,nan,2,x\n", "time", "cannot read"),
        ("b,bob,1351198834000,2,x\n", "time", "milliseconds"),
        ("b,bob,,2,x\n", "time", "missing time"),
        ("b,bob,20,many,x\n", "likes", "got 'many', expected a whole number"),
        ("b,bob,20,2.5,x\n", "likes", "whole number"),
        ("b,bob,20,99999999999999999999,x\n", "likes", "whole number"),
        (",bob,20,2,x\n", "post", "missing id"),
        ("  ,bob,20,2,x\n", "post", "missing id"),
        ("b,,20,2,x\n", "user", "missing id"),
        ("b,bob,20,2\n", None, "expected 5 fields, got 4"),
        ("b,bob,20,2,x,y\n", None, "expected 5 fields, got 6"),
        ('b,bob,20,2,"x"y\n', None, "not a CSV row"),
        ('b,bob,20,2,"never closed\n', None, "not a CSV row"),
        (b"b,bob,20,2,\xff\xfe\n", "text", "not UTF-8"),
        (b"\xe9,bob,20,2,x\n", "post", "not UTF-8"),
        ("a,bob,20,2,x\n", "post", "duplicate id 'a'"),
        ("b,bob,20,2," + "x" * (1 << 20) + "y\n", None, "field limit"),
    ],
)
def test_a_bad_row_is_listed_and_costs_nothing_else(write, tmp_path, row, field, reason):
    raw = row if isinstance(row, bytes) else row.encode()
    graph, report = read_folder(write(GOOD.encode() + raw + LAST.encode()), rejects=tmp_path / "rejects.jsonl")
    assert graph.node_ids("post").tolist() == ["a", "z"]
    assert (report.rows, report.accepted, report.rejected) == (3, 2, 1)
    lines = (tmp_path / "rejects.jsonl").read_text().splitlines()
    entry = json.loads(lines[0])
    assert len(lines) == 1
    assert (entry["file"], entry["line"], entry["field"]) == ("posts.csv", 3, field)
    assert reason in entry["reason"]
    assert "1 of 3 rows could not be read" in " ".join(graph.assumptions)


def test_a_stray_quote_does_not_swallow_the_rows_after_it(write):
    rows = "".join(f"p{n},u{n},{n},1,plain\n" for n in range(50))
    graph, report = read_folder(write('bad,bob,5,2,"open\n' + rows + 'q,quin,7,1,"has, comma"\n' + LAST))
    assert graph.num_nodes("post") == 52
    assert [(r.line, r.field) for r in report.examples] == [(2, None)]


def test_line_numbers_are_physical_lines(write):
    graph, report = read_folder(write('a,ann,10,1,"two\nlines"\n\nb,bob,x,1,t\nc,cy,y,1,"a\nb\nc"\nd,di,z,1,t\n'))
    assert [r.line for r in report.examples] == [5, 6, 9]
    assert report.rows == 4  # the blank line is no row
    assert graph.column("post", "text").to_pylist() == ["two\nlines"]


def test_texts_of_every_kind_survive(write):
    texts = ["🌀 flood 👩‍🚒", "مرحبا بالعالم", "地铁被淹了", "x" * 100_000, "na\u0000ul", "ünï", '"quoted", he said']
    lines = "".join(f'p{n},u,{n},,"{t.replace(chr(34), chr(34) * 2)}"\n' for n, t in enumerate(texts))
    folder = write(b"\xef\xbb\xbf" + b"post,user,time,likes,text\r\n" + lines.encode(), header="")
    graph, report = read_folder(folder)
    assert report.rejected == 0
    assert graph.column("post", "text").to_pylist() == texts


def test_the_process_wide_field_limit_is_put_back(write):
    before = csv.field_size_limit(12_345)
    try:
        graph, _ = read_folder(write("a,ann,10,1," + "x" * 100_000 + "\n"))
        assert graph.num_nodes("post") == 1
        assert csv.field_size_limit() == 12_345
    finally:
        csv.field_size_limit(before)


def test_a_file_cut_off_in_the_middle_keeps_what_came_before(folder, write):
    write("".join(f"p{n},u{n},{n},1,{n * 7919 % 104729} text\n" for n in range(5000)))
    whole = gzip.compress((folder / "posts.csv").read_bytes())
    (folder / "posts.csv").unlink()
    (folder / "posts.csv.gz").write_bytes(whole[: len(whole) // 2])
    (folder / "mapping.toml").write_text((folder / "mapping.toml").read_text().replace("posts*.csv", "posts.csv.gz"))
    graph, report = read_folder(folder)
    assert 1000 < graph.num_nodes("post") < 5000
    assert report.rejected == 1
    assert "damaged" in report.examples[0].reason


def test_of_rows_with_one_id_the_earliest_stays_in_any_order(write):
    rows = ["a,ann,30,3,late\n", "a,ann,10,1,early\n", "a,bob,20,2,between\n", "b,bob,10,1,x\n", "b,bob,10,1,y\n"]
    forward, report = read_folder(write("".join(rows)))
    assert report.rejected == 3
    assert sorted(r.line for r in report.examples)[:2] == [2, 4]
    texts = forward.column("post", "text").to_pylist()
    assert texts[0] == "early"
    assert forward.num_edges(("user", "author", "post")) == 2  # the edges of displaced rows went with them
    backward, _ = read_folder(write("".join(reversed(rows))))
    assert backward.column("post", "text").to_pylist() == texts
    # without the rows at or after 20 the view as of 20 is the same: the late row displaces nothing
    erased, _ = read_folder(write("".join(r for r in rows if int(r.split(",")[2]) < 20)))
    assert erased.as_of(20).column("post", "text").to_pylist() == forward.as_of(20).column("post", "text").to_pylist()


def test_rejects_file_is_of_the_last_run_only(write, tmp_path):
    rejects = tmp_path / "out" / "rejects.jsonl"
    read_folder(write("b,bob,soon,2,x\n"), rejects)
    assert rejects.read_text().count("\n") == 1
    _, report = read_folder(write(GOOD), rejects)
    assert rejects.read_text() == ""
    assert report.rejects_path == rejects
    assert [p.name for p in rejects.parent.iterdir()] == ["rejects.jsonl"]


def test_an_interrupted_run_leaves_the_old_rejects(write, tmp_path, monkeypatch):
    rejects = tmp_path / "rejects.jsonl"
    rejects.write_text("old\n")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("graphsocial.ingest.folder.RowReader.read", stop)
    with pytest.raises(KeyboardInterrupt):
        read_folder(write(GOOD), rejects)
    assert rejects.read_text() == "old\n"
    assert not list(tmp_path.glob(".*part"))


def test_report_reads_well(write):
    _, report = read_folder(write(GOOD + "b,bob,soon,2,x\n"))
    shown = repr(report)
    assert "2 rows read, 1 accepted, 1 rejected" in shown
    assert "posts.csv line 3, time: cannot read 'soon'" in shown
    assert "nodes without a row: user 1" in shown
    assert json.dumps(report.to_json())


def test_load_warns_about_rejects(write, caplog):
    load(write(GOOD + "b,bob,soon,2,x\n"))
    assert "1 rejected" in caplog.text


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfep\x00o\x00s\x00t\x00\n\x00", b'"post\n'])
def test_a_file_without_a_header_is_one_clear_error(write, content):
    with pytest.raises((EventFormatError, SchemaError), match=r"posts\.csv"):
        read_folder(write(content, header=""))


def test_a_header_only_file_is_an_empty_graph(write):
    graph, report = read_folder(write(""))
    assert graph.num_nodes("post") == 0
    assert report.rows == 0


def test_a_column_that_is_missing_is_named_with_the_nearest(write):
    with pytest.raises(SchemaError, match=r"no column 'user'.*Did you mean 'users'"):
        read_folder(write("a,ann,1,1,x\n", header="post,users,time,likes,text\n"))


def test_a_repeated_column_is_an_error(write):
    with pytest.raises(EventFormatError, match="'text' stands twice"):
        read_folder(write("", header="post,user,time,likes,text,text\n"))


def test_missing_folder_names_the_nearest(tmp_path: Path):
    (tmp_path / "mediaeval").mkdir()
    with pytest.raises(DataIntegrityError, match=r"no data folder .*mediaevl.*Did you mean 'mediaeval'"):
        load(tmp_path / "mediaevl")
    with pytest.raises(DataIntegrityError, match="no data folder"):
        load(tmp_path / "no" / "where")


def test_a_file_instead_of_a_folder(tmp_path: Path):
    (tmp_path / "x.csv").write_text("")
    with pytest.raises(DataIntegrityError, match="is a file"):
        load(tmp_path / "x.csv")


def test_no_table_matches(folder):
    with pytest.raises(DataIntegrityError, match=r"no file 'posts\*\.csv'"):
        read_folder(folder)
