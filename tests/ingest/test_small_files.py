"""Many small files: few commits, and everything else as if each file had a commit of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.ingest import commit_pool
from graphsocial.ingest.commit_pool import CommitPool
from graphsocial.ingest.export_reader import Records
from graphsocial.ingest.export_report import ExportIngest, FileOutcome
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.ingest_exports import ingest_exports
from graphsocial.ingest.platforms.x_v2 import XV2Reader
from graphsocial.ingest.pseudonymise import Pseudonymiser
from graphsocial.schema import Column, Schema
from graphsocial.store import About, Delivery, EventBatch, NodeRow, Store
from graphsocial.store.pseudonyms import Pseudonyms, new_key
from tests.ingest.test_ingest_exports import edges_of, post, write

FILES = 300
PICTURES = """
[media]
path = ["{id}.png"]
[[table]]
files = "posts.csv"
node = "post"
id = "post"
time = "time"
[[table.edges]]
type = ["user", "author", "post"]
src = "user"
dst = "post"
[[table.edges]]
type = ["post", "show", "media"]
src = "post"
dst = "picture"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """300 files of two posts, of which each shares one with the next; one file stands twice, every tenth has a
    record that cannot be read, and one file is in no known format.
    """
    path = tmp_path / "in"
    path.mkdir()
    for number in range(FILES):
        bad: list[dict[str, Any]] = [] if number % 10 else [{"id": f"x{number}", "author_id": "1", "text": "no time"}]
        write(path / f"{number:03}.jsonl", [post(number), post(number + 1), *bad])
    write(path / "again.jsonl", [post(5), post(6)])
    (path / "notes.txt").write_text("hello\nworld of words\n")
    return path


def told(report: ExportIngest) -> dict[str, Any]:
    """The report without what has to differ: where the store is and how many commits it took."""
    return report.to_json() | {"store": "", "version": 0}


def facts(store: Store) -> dict[str, Any]:
    graph = store.graph()
    seen = graph.measurements("post", "likes")
    return {
        "edges": edges_of(graph),
        "text": dict(zip(graph.node_ids("post"), graph.column("post", "text").to_pylist(), strict=True)),
        "likes": (seen.node.tolist(), seen.time.tolist(), seen.values.to_pylist()),
        "sources": sorted(map(repr, store.sources())),
        "rejects": sorted(map(repr, store.rejects())),
        "about": Store.open(store.path).about(),
        "conflicts": store.conflicts(),
    }


def test_three_hundred_files_take_few_commits(folder: Path, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "pooled")
    report = ingest_exports([folder], store)
    assert (report.new, report.rejected, len(report.files)) == (301 * 4, 30, 302)
    assert report.version <= 3
    assert len(list(store.log.path.rglob("*.parquet"))) <= 30
    again = ingest_exports([folder], store)
    assert (again.new, again.version) == (0, report.version)
    assert store.graph().num_nodes("post") == 301


def test_report_and_graph_are_those_of_single_commits(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted([*folder.glob("00*.jsonl"), folder / "again.jsonl", folder / "notes.txt"])
    pooled, single = Store.create(tmp_path / "pooled"), Store.create(tmp_path / "single")
    first = ingest_exports(files, pooled)
    again = ingest_exports(files, pooled)
    monkeypatch.setattr(commit_pool, "SECONDS", -1.0)
    report = ingest_exports(files, single)
    assert (first.version, report.version) == (1, 10)
    assert [(f.new, f.known) for f in first.files[:2]] == [(8, 0), (4, 4)], "what two files share counts for the first"
    assert first.files[-2].note == "read before, nothing to do", "the bytes of a file that waits in the same commit"
    assert told(first) == told(report)
    assert facts(pooled) == facts(single)
    assert told(again) == told(ingest_exports(files, single))


@pytest.mark.parametrize("stopped_at", [2, 4, 7])
def test_kill_in_between_and_go_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_at: int
) -> None:
    """Small batches, so that they end in the middle of files; stopped before a commit, or just after it."""
    whole = Store.create(tmp_path / "whole")
    ingest_exports([folder], whole)
    monkeypatch.setattr(commit_pool, "BATCH", 203)
    append, calls = Store.append_all, 0

    def stopped(self: Store, *args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == stopped_at and stopped_at % 2 == 0:
            raise KeyboardInterrupt
        done = append(self, *args)
        if calls == stopped_at:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(Store, "append_all", stopped)
    killed = Store.create(tmp_path / "killed")
    with pytest.raises(KeyboardInterrupt):
        ingest_exports([folder], killed)
    notes = killed.sources()
    assert killed.version == stopped_at - (stopped_at % 2 == 0)
    assert 0 < sum(note["complete"] for note in notes) < FILES
    assert [note["complete"] for note in notes].count(False) <= killed.version
    killed = Store.open(killed.path)
    report = ingest_exports([folder], killed)
    read_before = sum(f.note == "read before, nothing to do" for f in report.files)
    assert read_before == sum(note["complete"] for note in notes) + 1, "and the file that stands twice"
    expected, found = facts(whole), facts(killed)
    complete = [note for note in killed.sources() if note["complete"]]
    assert sorted(map(repr, complete)) == expected.pop("sources") and found.pop("sources")
    assert found == expected, "each reject is noted once, too"


def test_a_file_that_does_not_fit_takes_none_before_it_with_it(tmp_path: Path) -> None:
    text, number = Schema({"post": {"text": Column()}}, {}), Schema({"post": {"text": Column("int")}}, {})
    store = Store.create(tmp_path / "store")
    pool = CommitPool(store)
    outcomes = [FileOutcome(name) for name in "abc"]
    for name, schema, outcome in zip("abc", (text, number, text), outcomes, strict=True):
        batch = EventBatch.of_events(schema, [NodeRow("post", name, 1, {"text": 5 if schema is number else "x"})])
        pool.add(Delivery(batch, About(schema), [{"file": name}]), outcome, 1)
    assert store.version == 0
    with pytest.raises(SchemaError, match="holds int"):
        pool.commit()
    assert (store.version, store.sources()) == (1, [{"file": "a"}])
    assert [outcome.new for outcome in outcomes] == [1, 0, 0]
    pool.commit()
    assert store.version == 1, "nothing waits any more"


def test_what_was_read_before_an_error_is_committed(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{n}.jsonl", [post(n)]) for n in range(3)]

    class Stops(XV2Reader):
        """Stops at one file, as a platform does that an export does not fit."""

        def records(self, path: Path) -> Records:
            if path == files[2]:
                raise SchemaError("no such thing")
            return super().records(path)

    store = Store.create(tmp_path / "store")
    with pytest.raises(SchemaError, match="no such thing"):
        ingest_exports(files, store, reader=Stops())
    assert store.version == 1 and len(store.sources()) == 2


def test_slow_files_are_committed_after_some_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100, 2))
    monkeypatch.setattr(commit_pool.time, "monotonic", lambda: next(clock))
    files = [write(tmp_path / f"{n}.jsonl", [post(n)]) for n in range(7)]
    # the first of a pool asks twice: begun at 0, then 2, 4, 6 seconds; the next one begins at 8
    assert ingest_exports(files, Store.create(tmp_path / "store")).version == 3


# ---- nothing is left of what failed


def test_a_failed_first_reading_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello\nworld of words\n")
    (tmp_path / "more.txt").write_text("some\nother words\n")
    before = sorted(tmp_path.rglob("*"))
    store = Store.create(tmp_path / "new" / "store")
    for files in (["notes.txt"], ["notes.txt", "more.txt"]):
        with pytest.raises(EventFormatError, match="no format that is known"):
            ingest_exports([tmp_path / name for name in files], store)
    with pytest.raises(SchemaError, match="no file or folder"):
        ingest_exports([tmp_path / "nothing"], store)
    assert sorted(tmp_path.rglob("*")) == before
    assert (store.version, store.versions(), store.sources(), store.rejects()) == (0, [], [], [])
    assert store.graph().node_types == () and store.conflicts() == {}
    assert sorted(tmp_path.rglob("*")) == before, "asking makes nothing either"
    report = ingest_exports([write(tmp_path / "a.jsonl", [post(1)])], store)
    assert (report.new, Store.open(store.path).version) == (4, 1), "and the same store can be used later"


def test_pictures_of_a_failed_first_reading_are_taken_away(tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    hidden = Pseudonymiser(Pseudonyms.from_file(tmp_path / "key"))
    folder = tmp_path / "in"
    folder.mkdir()
    Image.new("RGB", (4, 4), "red").save(folder / "m.png")
    (folder / "mapping.toml").write_text(PICTURES)
    (folder / "posts.csv").write_text("post,time,user,picture\np,5,ann,m\n")
    there = tmp_path / "there"
    (there / "media").mkdir(parents=True)
    for target, had in ((tmp_path / "new", False), (there, True)):
        reader = MappedTableReader.from_mapping_file(folder / "mapping.toml", folder / "posts.csv")

        class Stops(type(reader)):  # type: ignore[misc]
            """Reads everything, then stops."""

            def records(self, path: Path) -> Records:
                yield from super().records(path)
                assert any((target / "media").glob("*.png")), "the picture was copied"  # noqa: B023
                raise SchemaError("stopped")

        stops = Stops(reader.table, folder, ("{id}.png",))
        with pytest.raises(SchemaError, match="stopped"):
            ingest_exports([folder / "posts.csv"], Store.create(target), reader=stops, pseudonymiser=hidden)
        assert (target / "media").exists() is had
        assert target.exists() is had
