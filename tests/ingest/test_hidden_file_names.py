"""Files found in a folder that is read under pseudonyms: what cannot be read of them leaves no name in the store."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphsocial.cli import main
from graphsocial.store import Store
from graphsocial.store.pseudonyms import new_key
from tests.cli.test_store_commands import everything

SECRET = "ann_smith"
POST = {"id": "901", "author_id": "1", "created_at": "2022-03-09T12:00:00Z", "text": "x", "public_metrics": {}}
LINE = json.dumps(POST).encode() + b"\n"


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, LINE)
    return content.getvalue()


def database(damaged: bool) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE post (post_id, original_post_id, user_id, content, created_at)")
    connection.execute("CREATE TABLE follow (follower_id, followee_id, created_at)")
    connection.executemany("INSERT INTO post VALUES (?, NULL, 1, 'x', 'soon')", [(n,) for n in range(500)])
    connection.commit()
    content = connection.serialize()
    return content[:6000] + b"\xff" * 4000 + content[10_000:] if damaged else content


_ZIP = zipped(f"{SECRET}.jsonl")
UNREADABLE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "in no format": (".txt", lambda: b"hello words\n"),
    "in two formats": (".gexf", lambda: LINE),
    "UTF-16": (".jsonl", lambda: LINE.decode().encode("utf-16")),
    "a damaged archive": (".jsonl.gz", lambda: gzip.compress(LINE * 9)[:20]),
    "an archive of several files": (".zip", lambda: zipped(f"{SECRET}.jsonl", f"{SECRET}_2.jsonl")),
    "an archive with a wrong sum": (".zip", lambda: _ZIP.replace(b'"text": "x"', b'"text": "y"')),
    "an encrypted archive": (
        ".zip",
        lambda: _ZIP[:6] + b"\1" + _ZIP[7:].replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1"),
    ),
    "a graph with a document type": (".gexf", lambda: b"<!DOCTYPE gexf []><gexf/>"),
    "a graph that ends early": (".gexf", lambda: b'<gexf><graph><nodes><node id="1" label="x"/>'),
    "a graph of another format": (".graphml", lambda: b"<gexf/>"),
    "edges without names": (".csv", lambda: b"1,2,3,4\n"),
    "a database of dates that are none": (".db", lambda: database(False)),
    "a damaged database": (".db", lambda: database(True)),
    "a table of another export": (".csv", lambda: b"id,thread_id,body,timestamp\n1,1,x,soon\n"),
    "lines that are cut off": (".jsonl", lambda: LINE + LINE[:50]),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_cannot_be_read_leaves_no_name(what: str, tmp_path: Path) -> None:
    ending, content = UNREADABLE[what]
    folder = tmp_path / "exports"
    (folder / SECRET).mkdir(parents=True)
    (folder / "b.jsonl").write_bytes(LINE)
    (folder / SECRET / f"{SECRET}{ending}").write_bytes(content())
    new_key(tmp_path / "key")
    out = tmp_path / "store"
    arguments = ["ingest", str(folder), "--out", str(out), "--pseudonymise", str(tmp_path / "key")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert SECRET not in result.output and SECRET.encode() not in everything(out)
    said = any(words in result.output for words in (": not read: ", "0 records, 0 new rows, 0 known, 0 rejected; "))
    assert said or Store.open(out).rejects(), "something could not be read"


@pytest.mark.parametrize("what", UNREADABLE)
def test_alone_in_its_folder_it_leaves_none_either(what: str, tmp_path: Path) -> None:
    """The error may name it to whoever has the folder; nothing that is kept does."""
    ending, content = UNREADABLE[what]
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / f"{SECRET}{ending}").write_bytes(content())
    new_key(tmp_path / "key")
    out = tmp_path / "store"
    CliRunner().invoke(main, ["ingest", str(folder), "--out", str(out), "--pseudonymise", str(tmp_path / "key")])
    kept = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert SECRET.encode() not in kept
    if (out / "store.json").exists() and Store.open(out).version:
        assert SECRET.encode() not in everything(out)
