"""Names of files that are not UTF-8: what is in the files is read, the names are shown with escapes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

import graphsocial as gs
from graphsocial.cli import main
from graphsocial.ingest.readable_name import readable_name
from graphsocial.store import Store
from graphsocial.store.pseudonyms import new_key

ODD = os.fsdecode(b"caf\xe9")
POST = {"id": "901", "author_id": "1", "created_at": "2022-03-09T12:00:00Z", "text": "x", "public_metrics": {}}
TABLE = "post,user,time,text\np1,u1,2022-03-09T12:00:00Z,rain\np2,u2,soon,snow\n"
MAPPING = '[[table]]\nfiles = "*.csv"\nnode = "post"\nid = "post"\ntime = "time"\n[table.columns]\ntext = "string"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / f"folder {ODD}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has no such names")
    return folder


def ingest(*arguments: str | Path) -> tuple[int, str]:
    """Status and output of the command, which writes UTF-8 as strictly as a terminal does."""
    result = CliRunner().invoke(main, ["ingest", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_exports_are_read_and_their_names_have_escapes(folder: Path, tmp_path: Path) -> None:
    (folder / f"{ODD}.jsonl").write_text(json.dumps(POST) + "\n{bad\n")
    (folder / f"{ODD}.txt").write_text("0,1289200011 56,1289200012\n")
    (folder / f"{ODD}.md").write_text("hello words\n")
    status, said = ingest(folder, "--out", tmp_path / "store")
    assert status == 0, said
    assert r"caf\xe9.jsonl (x_v2): 2 records" in said and r"caf\xe9.md: not read: " in said
    store = Store.open(tmp_path / "store")
    assert {note["file"] for note in store.sources()} == {r"caf\xe9.jsonl", r"caf\xe9.txt"}
    assert [(r["file"], r["line"]) for r in store.rejects()] == [(r"caf\xe9.jsonl", 2)]
    rejects = (tmp_path / "store" / "rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["file"] for line in rejects] == [r"caf\xe9.jsonl"]
    assert sorted(store.graph().node_ids("post").tolist()) == ["901", r"caf\xe9_1"], "a cascade is named after its file"


def test_a_data_folder_and_its_tables(folder: Path, tmp_path: Path) -> None:
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / f"{ODD}.csv").write_text(TABLE)
    status, said = ingest(folder, "--out", tmp_path / "store")
    assert status == 0 and r"caf\xe9.csv: 2 rows read, 1 accepted" in said
    store = Store.open(tmp_path / "store")
    assert [note["file"] for note in store.sources()] == [r"folder caf\xe9"]
    assert [r["file"] for r in store.rejects()] == [r"caf\xe9.csv"]
    assert json.loads((tmp_path / "store" / "steps.json").read_text())["ingest"]["folder"] == r"folder caf\xe9"
    (folder / f"{ODD}.csv").write_text(TABLE.replace("p1", "p9"))
    assert ingest(folder, "--out", tmp_path / "store")[0] == 0
    assert gs.open(tmp_path / "store").node_ids("post").tolist() == ["p9"], "the new state took its place"


def test_by_a_mapping_and_under_pseudonyms(folder: Path, tmp_path: Path) -> None:
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / f"{ODD}.csv").write_text(TABLE)
    mapping = ("--mapping", folder / "mapping.toml")
    status, said = ingest(folder, *mapping, "--out", tmp_path / "store")
    assert status == 0 and r"caf\xe9.csv (table): 2 records" in said
    new_key(tmp_path / "key")
    status, said = ingest(folder, *mapping, "--out", tmp_path / "hidden", "--pseudonymise", tmp_path / "key")
    assert status == 0 and "caf" not in said


def test_errors_are_one_line(folder: Path, tmp_path: Path) -> None:
    (folder / f"{ODD}.md").write_text("hello words\n")
    for arguments, expected in (
        ((folder / f"{ODD}.md", "--out", tmp_path / "store"), "no format that is known"),
        ((folder / f"{ODD}.txt", "--out", tmp_path / "store"), "no file or folder"),
        ((folder, "--out", folder / "store"), r"the path of a store must be UTF-8, got /"),
    ):
        status, said = ingest(*arguments)
        assert status == 1 and said.startswith("error: ") and said.count("\n") == 1 and expected in said


def test_what_is_utf_8_stays_as_it_is() -> None:
    for name in ("a.jsonl", "été 東京.csv", ""):
        assert readable_name(name) == name
    assert readable_name("a\ud800b\udcffé") == r"a\ud800b\xffé"
