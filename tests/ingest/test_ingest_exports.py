"""Exports into a store: nothing twice, nothing lost, nothing silent."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner

import graphsocial as gs
from graphsocial.cli import main
from graphsocial.errors import DataIntegrityError, EventFormatError, SchemaError
from graphsocial.ingest import byte_stream, commit_pool
from graphsocial.ingest.detect_format import ReaderSettings, detect_format, export_readers
from graphsocial.ingest.ingest_exports import ingest_exports
from graphsocial.ingest.pseudonymise import Pseudonymiser
from graphsocial.store import Store
from graphsocial.store.pseudonyms import Pseudonyms, new_key
from tests.ingest.platforms.reading import FIXTURES

ROOT = Path(__file__).resolve().parents[2]
BEGIN = 1_646_820_000
"""2022-03-09T10:00:00Z."""


def post(number: int, **more: Any) -> dict[str, Any]:
    minute, second = divmod(number, 60)
    return {
        "id": f"9{number}",
        "author_id": f"1{number % 5}",
        "created_at": f"2022-03-09T10:{minute:02}:{second:02}.000Z",
        "text": f"post {number} #flood",
        "public_metrics": {"like_count": number, "retweet_count": 0, "reply_count": 0, "quote_count": 0},
        "entities": {"hashtags": [{"tag": "flood"}]},
        "edit_history_tweet_ids": [f"9{number}"],
    } | more


def write(path: Path, posts: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(p) + "\n" for p in posts), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


def edges_of(graph: gs.SocialGraph) -> set[tuple[str, str, str, int]]:
    found = set()
    for source, relation, target in graph.edge_types:
        edges = graph.edges((source, relation, target))
        ends = graph.node_ids(source)[edges.src], graph.node_ids(target)[edges.dst]
        found |= {(relation, s, d, t) for s, d, t in zip(*ends, edges.time.tolist(), strict=True)}
    return found


def test_the_same_export_twice_adds_nothing(tmp_path: Path, store: Store) -> None:
    file = write(tmp_path / "a.jsonl", [post(i) for i in range(30)])
    first = ingest_exports([file], store)
    assert (first.new, first.rejected) == (30 * 4, 0)
    again = ingest_exports([file], store)
    assert again.new == 0 and again.version == first.version and "read before" in repr(again)
    copied = write(tmp_path / "other name.jsonl", [post(i) for i in range(30)])
    assert ingest_exports([copied], store).version == first.version, "the same bytes under another name"
    shuffled = write(tmp_path / "b.jsonl", [post(i) for i in reversed(range(30))])
    third = ingest_exports([shuffled], store)
    assert (third.new, third.files[0].known) == (0, 30 * 4), "other bytes, the same rows"
    assert store.graph().num_nodes("post") == 30


def test_overlapping_exports_merge(tmp_path: Path, store: Store) -> None:
    one = write(tmp_path / "a.jsonl", [post(i) for i in range(20)])
    other = write(tmp_path / "b.jsonl", [post(i) for i in range(10, 30)])
    ingest_exports([one], store)
    report = ingest_exports([other], store)
    assert (report.new, report.files[0].known) == (10 * 4, 10 * 4)
    whole = Store.create(tmp_path / "whole")
    ingest_exports([write(tmp_path / "c.jsonl", [post(i) for i in range(30)])], whole)
    assert edges_of(store.graph()) == edges_of(whole.graph())
    assert store.graph().column("post", "text") == whole.graph().column("post", "text")


def test_a_later_export_adds_the_counts_of_its_time(tmp_path: Path, store: Store) -> None:
    file = write(tmp_path / "a.jsonl", [post(3)])
    later = write(tmp_path / "b.jsonl", [post(3, public_metrics={"like_count": 50})])
    ingest_exports([file], store, settings=ReaderSettings(collected_at=BEGIN + 1000))
    ingest_exports([later], store, settings=ReaderSettings(collected_at=BEGIN + 2000))
    graph = store.graph()
    assert graph.as_of(BEGIN + 1001).column("post", "likes").to_pylist() == [3]
    assert graph.as_of(BEGIN + 1000).column("post", "likes").to_pylist() == [None]
    assert graph.column("post", "likes").to_pylist() == [50]


def test_an_interrupted_reading_goes_on(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "a.jsonl", [post(i) for i in range(50)])
    monkeypatch.setattr(commit_pool, "BATCH", 40)
    calls = 0
    append = Store.append_all

    def fails_once(self: Store, *args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return append(self, *args, **kwargs)

    monkeypatch.setattr(Store, "append_all", fails_once)
    with pytest.raises(KeyboardInterrupt):
        ingest_exports([file], store)
    assert store.graph().num_nodes("post") == 20, "two batches of ten posts"
    report = ingest_exports([file], store)
    assert report.files[0].note == "went on after record 20"
    assert store.graph().num_nodes("post") == 50


SCRIPT = """
import sys
from graphsocial.ingest import commit_pool, ingest_exports
from graphsocial.store import Store
commit_pool.BATCH = 200
print("ready", flush=True)
ingest_exports([sys.argv[1]], Store.create(sys.argv[2]))
"""


def commits(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "killed" / "events" / "_delta_log").glob("*.json"))


def kill_ingest(tmp_path: Path, kills: int, seed: int) -> None:
    file = write(
        tmp_path / "a.jsonl", [post(i) if i % 7 else {"id": f"9{i}", "text": "", "author_id": "1"} for i in range(3000)]
    )
    rng = random.Random(seed)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    begun = 0
    for _ in range(kills):
        command = [sys.executable, "-c", SCRIPT, str(file), str(tmp_path / "killed")]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        wanted = len(commits(tmp_path)) + rng.randrange(1, 6)
        while process.poll() is None and len(commits(tmp_path)) < wanted:
            time.sleep(0.005)
        time.sleep(rng.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        notes = Store.open(tmp_path / "killed").sources() if (tmp_path / "killed" / "store.json").exists() else []
        begun += bool(notes) and not any(note["complete"] for note in notes)
    assert begun, "no reading was killed midway"
    killed = Store.create(tmp_path / "killed")
    ingest_exports([file], killed)
    whole = Store.create(tmp_path / "whole")
    ingest_exports([file], whole)
    assert edges_of(killed.graph()) == edges_of(whole.graph())
    assert killed.rejects() and sorted(r["line"] for r in killed.rejects()) == sorted(
        r["line"] for r in whole.rejects()
    )
    assert killed.graph().measurements("post", "likes").values == whole.graph().measurements("post", "likes").values


def test_kill_a_reading_a_few_times(tmp_path: Path) -> None:
    kill_ingest(tmp_path, 3, 0)


@pytest.mark.slow
def test_kill_a_reading_many_times(tmp_path: Path) -> None:
    kill_ingest(tmp_path, 25, 1)


def test_placeholders_fill_in_when_the_post_arrives(tmp_path: Path, store: Store) -> None:
    reply = post(5, referenced_tweets=[{"type": "replied_to", "id": "91"}])
    ingest_exports([write(tmp_path / "a.jsonl", [reply])], store)
    graph = store.graph()
    assert dict(zip(graph.node_ids("post"), graph.column("post", "text").to_pylist(), strict=True)) == {
        "91": None,
        "95": "post 5 #flood",
    }
    ingest_exports([write(tmp_path / "b.jsonl", [post(1)])], store)
    assert store.graph().column("post", "text").to_pylist() == ["post 1 #flood", "post 5 #flood"]


def test_rejects_have_file_line_field_and_reason(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "a.jsonl"
    good = json.dumps(post(1)).encode()
    lines = [
        good,
        b'{"id": "2", "text": "x", "author_id": "1"}',
        good[:50],
        b"\xff\xfe\xfa{}",
        b"",
        b"[1]",
        b"caf\xe9",
        good,
    ]
    file.write_bytes(b"\n".join(lines))
    report = ingest_exports([file], store)
    assert report.files[0].records == 7 and report.rejected == 5
    assert {r["file"] for r in store.rejects()} == {"a.jsonl"}
    found = [(r["line"], r["field"]) for r in store.rejects()]
    assert found == [(2, "created_at"), (3, None), (4, None), (6, None), (7, None)]
    assert all(r["reason"] for r in store.rejects())


def test_a_line_of_ten_megabytes_is_read_and_one_beyond_the_limit_is_not_held(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphsocial.ingest import json_lines

    file = write(tmp_path / "a.jsonl", [post(1, text="x" * (10 << 20)), post(2)])
    assert ingest_exports([file], store).rejected == 0
    assert len(store.graph().column("post", "text")[0].as_py()) == 10 << 20
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 1 << 20)
    report = ingest_exports([write(tmp_path / "b.jsonl", [post(3), post(4, text="x" * (3 << 20)), post(5)])], store)
    assert (report.files[0].records, report.rejected) == (3, 1)
    assert store.rejects()[-1]["line"] == 2 and "longer than" in store.rejects()[-1]["reason"]


@pytest.mark.parametrize("ending", [".gz", ".zst", ".bz2", ".xz", ".zip"])
def test_compressed_exports(tmp_path: Path, store: Store, ending: str) -> None:
    import bz2
    import lzma

    rng = random.Random(0)
    posts = [post(i, text=f"{rng.getrandbits(512):x}") for i in range(2500)]
    data = "".join(json.dumps(p) + "\n" for p in posts).encode()
    file = tmp_path / f"a.jsonl{ending}"
    if ending == ".zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.jsonl", data)
    else:
        packed = {".gz": gzip.compress, ".zst": zstandard.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
        file.write_bytes(packed[ending](data))
    assert ingest_exports([file], store).new == 2500 * 4
    half = tmp_path / f"half.jsonl{ending}"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    if ending in (".zip", ".bz2"):  # its directory stands at the end, its first block is larger than half
        with pytest.raises(EventFormatError, match="cannot be decompressed"):
            ingest_exports([half], store)
        return
    report = ingest_exports([half], store)
    assert report.rejected in (1, 2) and "damaged" in store.rejects()[-1]["reason"]
    assert report.files[0].known > 1000, "what came before the damage is read"


@pytest.mark.parametrize("ending", [".gz", ".zst", ".zip"])
def test_a_bomb_stops_at_an_implausible_size(
    tmp_path: Path, store: Store, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(byte_stream, "FREE_BYTES", 1 << 20)
    line = (json.dumps(post(1)) + "\n").encode()
    data = line + b"\n" * (64 << 20)
    file = tmp_path / f"bomb.jsonl{ending}"
    if ending == ".zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.jsonl", data)
    else:
        file.write_bytes(gzip.compress(data) if ending == ".gz" else zstandard.compress(data))
    report = ingest_exports([file], store)
    assert report.files[0].new == 4, "what came before is kept"
    assert "times its size" in store.rejects()[0]["reason"]


def test_archives_of_several_files_and_paths_out_of_them_are_refused(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../etc/one.jsonl", json.dumps(post(1)))
        archive.writestr("two.jsonl", json.dumps(post(2)))
    with pytest.raises(EventFormatError, match="holds 2 files"):
        ingest_exports([file], store)
    assert not (tmp_path.parent / "etc").exists()


def test_utf_16_is_named(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps(post(1)), encoding="utf-16")
    with pytest.raises(EventFormatError, match="UTF-16"):
        ingest_exports([file], store)


def test_duplicate_ids_with_different_content_are_counted(tmp_path: Path, store: Store) -> None:
    file = write(tmp_path / "a.jsonl", [post(1), post(1, text="something else")])
    ingest_exports([file], store)
    assert store.conflicts() == {"post": 1}
    assert store.graph().num_nodes("post") == 1


def test_every_fixture_is_told_apart(tmp_path: Path) -> None:
    """Each fixture's name begins with its format."""
    readers = export_readers()
    formats = sorted((reader.format for reader in readers), key=len, reverse=True)
    seen = set()
    for path in sorted([*FIXTURES.iterdir(), *(FIXTURES.parent.parent / "formats" / "fixtures").iterdir()]):
        stem = path.name.replace("four_cat", "4cat")
        stem = {"forest": "cascade_text", "ms_hgat": "cascade_text", "casflow": "cascade_text"}.get(
            stem.split(".")[0], stem
        )
        expected = next((f for f in formats if stem.startswith(f)), None)
        if expected is None:
            continue
        assert detect_format(path, readers).format == expected, path.name
        seen.add(expected)
    assert {"x_v2", "x_v1", "mastodon", "bluesky", "reddit", "4cat", "cascade_text"} <= seen


def test_what_is_in_no_known_format_is_named(tmp_path: Path, store: Store) -> None:
    (tmp_path / "notes.txt").write_text("hello\nworld of words\n")
    with pytest.raises(EventFormatError, match="in no format that is known"):
        ingest_exports([tmp_path / "notes.txt"], store)
    with pytest.raises(SchemaError, match="Did you mean 'x_v2'"):
        ingest_exports([tmp_path / "notes.txt"], store, format="x_v22")
    with pytest.raises(SchemaError, match=r"Did you mean 'notes\.txt'"):
        ingest_exports([tmp_path / "note.txt"], store)
    write(tmp_path / "a.jsonl", [post(1)])
    report = ingest_exports([tmp_path], Store.create(tmp_path / ".store"))
    assert report.new == 4 and "notes.txt: not read" in repr(report)


def test_pseudonyms_merge_and_raw_ids_do_not_join_them(tmp_path: Path, store: Store) -> None:
    new_key(tmp_path / "key")
    hidden = Pseudonymiser(Pseudonyms.from_file(tmp_path / "key"))
    one = write(tmp_path / "ann_smith.jsonl", [post(i, text="@ann_smith at ann@smith.example") for i in range(5)])
    other = write(tmp_path / "b.jsonl", [post(i, text="@ann_smith at ann@smith.example") for i in range(3, 8)])
    ingest_exports([one], store, pseudonymiser=hidden)
    report = ingest_exports([other], store, pseudonymiser=hidden)
    assert (report.new, report.files[0].known) == (3 * 4, 2 * 4)
    assert store.graph().num_nodes("post") == 8
    secrets = (b"ann_smith", b"smith.example", b"ann_smith.jsonl", (tmp_path / "key").read_bytes())
    from deltalake import DeltaTable

    shown = repr(DeltaTable(store.path / "events").to_pyarrow_table().to_pylist()).encode()
    assert not any(secret in shown for secret in secrets)
    for path in store.path.rglob("*"):
        assert not path.is_file() or not any(secret in path.read_bytes() for secret in secrets), path
    with pytest.raises(DataIntegrityError, match="pseudonyms of key"):
        ingest_exports([write(tmp_path / "c.jsonl", [post(9)])], store)


def test_the_command_reads_reports_and_goes_on(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", [post(1), {"id": "1", "author_id": "2", "text": "no time"}, post(2)])
    arguments = ["ingest", str(file), "--out", str(tmp_path / "s"), "--collected-at", "2022-03-10"]
    first = CliRunner().invoke(main, arguments)
    assert first.exit_code == 0, first.output
    assert "1 records rejected" in first.output and "created_at: missing time" in first.output
    again = CliRunner().invoke(main, arguments)
    assert again.exit_code == 0 and "0 new rows" in again.output
    rejects = [json.loads(line) for line in (tmp_path / "s" / "rejects.jsonl").read_text().splitlines()]
    assert [(r["file"], r["line"], r["field"]) for r in rejects] == [("a.jsonl", 2, "created_at")]
    assert gs.open(tmp_path / "s").num_nodes("post") == 2
    listed = CliRunner().invoke(main, ["versions", str(tmp_path / "s")])
    assert listed.exit_code == 0 and "version=1" in listed.output
    wrong = CliRunner().invoke(main, ["ingest", str(tmp_path / "nothing"), "--out", str(tmp_path / "s")])
    assert wrong.exit_code == 1 and wrong.output.startswith("error: no file or folder")


def test_a_data_folder_that_changed_takes_the_place_of_its_earlier_state(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "posts.csv").write_text(
        "post,user,time,text,mood\n1,ann,2024-05-01,hello,calm\n2,bob,2024-05-02,there,calm\n"
    )
    arguments = ["ingest", str(folder), "--out", str(tmp_path / "s")]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert Store.open(tmp_path / "s").version == 1
    (folder / "posts.csv").write_text("post,user,time,text,mood\n1,ann,2024-05-01,hello,worried\n")
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert gs.open(tmp_path / "s").column("post", "mood").to_pylist() == ["worried"]
    assert gs.open(tmp_path / "s", version=1).num_nodes("post") == 2


def test_a_clock_that_a_format_does_not_heed_is_refused(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "cascades.tsv"
    file.write_text("a\t-\tann:0 bob:1\n")
    with pytest.raises(SchemaError, match="epoch and step_seconds are for"):
        ingest_exports([file], store, settings=ReaderSettings(epoch=BEGIN))
    assert store.version == 0
