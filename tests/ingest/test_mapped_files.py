"""A folder by a mapping: what it names is read by it, the rest by its own format or not at all, nothing is missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import graphsocial as gs
from graphsocial.cli import main
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.ingest.mapped_files import mapped_files
from graphsocial.store.pseudonyms import new_key

MAPPING = """
[media]
path = "images/{id}.png"
[[table]]
files = ["posts*.csv", "more/last.csv"]
node = "post"
id = "post"
time = "time"
[table.columns]
text = "string"
[[table]]
files = "late.csv"
optional = true
node = "user"
id = "user"
time = "time"
"""
X_POST = {"id": "901", "author_id": "1", "created_at": "2022-03-09T12:00:00Z", "text": "x", "public_metrics": {}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "more").mkdir(parents=True)
    (folder / "images").mkdir()
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / "posts_1.csv").write_text("post,time,text\np1,2022-03-09T12:00:00Z,rain\n")
    (folder / "posts_2.csv").write_text("post,time,text\np2,2022-03-09T12:00:01Z,snow\n")
    (folder / "more" / "last.csv").write_text("post,time,text\np3,2022-03-09T12:00:02Z,sun\n")
    (folder / "images" / "p1.png").write_bytes(b"a picture")
    (folder / "CARD.md").write_text("who made this\n")
    (folder / "x.jsonl").write_text(json.dumps(X_POST) + "\n")
    return folder


def ingest(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["ingest", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_folder_is_read_by_its_mapping_and_other_files_by_their_format(folder: Path, tmp_path: Path) -> None:
    status, said = ingest(folder, "--mapping", folder / "mapping.toml", "--out", tmp_path / "store")
    assert status == 0, said
    for name in ("posts_1.csv", "posts_2.csv", "last.csv"):
        assert f"{name} (table): 1 records" in said
    assert "x.jsonl (x_v2): 1 records" in said and "CARD.md: not read: " in said
    assert "  mapping.toml" not in said and "p1.png" not in said, "they are no data"
    posts = gs.open(tmp_path / "store").node_ids("post").tolist()
    assert sorted(posts) == ["901", "p1", "p2", "p3"]


def test_names_of_a_shell_pattern_are_read_like_their_folder(folder: Path, tmp_path: Path) -> None:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    status, said = ingest(*files, "--mapping", folder / "mapping.toml", "--out", tmp_path / "store")
    assert status == 0 and "  mapping.toml" not in said
    assert sorted(gs.open(tmp_path / "store").node_ids("post").tolist()) == ["901", "p1", "p2"]


@pytest.mark.parametrize(("gone", "pattern"), [("posts_1.csv", ""), ("more/last.csv", "'more/last.csv'")])
def test_what_the_mapping_names_must_be_there(folder: Path, tmp_path: Path, gone: str, pattern: str) -> None:
    """One of two files of a pattern may be gone, the only one not; a table that is optional may be."""
    (folder / gone).unlink()
    status, said = ingest(folder, "--mapping", folder / "mapping.toml", "--out", tmp_path / "store")
    assert status == bool(pattern) and f"no file {pattern}" * bool(pattern) in said
    assert (tmp_path / "store" / "store.json").exists() != bool(pattern), "nothing is read of what is not whole"


def test_a_folder_under_pseudonyms(folder: Path, tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    arguments = ("--out", tmp_path / "store", "--pseudonymise", tmp_path / "key")
    status, said = ingest(folder, *arguments)
    assert status == 1 and f"--mapping {folder / 'mapping.toml'}" in said, "the way that does it is named"
    status, said = ingest(folder, *arguments, "--mapping", folder / "mapping.toml")
    assert status == 0 and "posts_1" not in said and "CARD" not in said
    assert gs.open(tmp_path / "store").num_nodes("post") == 4


def test_a_mapping_that_lies_elsewhere_goes_by_names(folder: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "other" / "mine.toml"
    mapping.parent.mkdir()
    (folder / "mapping.toml").rename(mapping)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = {path.name: reader is not None for path, reader in mapped_files(mapping, files, whole=True).items()}
    named = {"posts_1.csv", "posts_2.csv", "last.csv"}
    assert found == {path.name: path.name in named for path in files}
    with pytest.raises(DataIntegrityError, match=r"no file 'more/last\.csv'"):
        mapped_files(mapping, [folder / "posts_1.csv"], whole=True)
    assert list(mapped_files(mapping, [folder / "posts_1.csv"])) == [folder / "posts_1.csv"], "one that was named alone"


def test_tables_share_their_reader_and_keep_the_order_of_the_files(folder: Path) -> None:
    files = [folder / "posts_2.csv", folder / "x.jsonl", folder / "posts_1.csv"]
    found = mapped_files(folder / "mapping.toml", files)
    assert list(found) == files and found[files[0]] is found[files[2]] and found[files[1]] is None


def test_a_mapping_that_names_nothing_or_too_much(folder: Path) -> None:
    mapping = folder / "mapping.toml"
    with pytest.raises(SchemaError, match=r"0 tables in x\.jsonl, expected one; it names posts\*\.csv, more/last\.csv"):
        mapped_files(mapping, [folder / "x.jsonl"])
    with pytest.raises(SchemaError, match="0 tables in these files"):
        mapped_files(mapping, [mapping])
    mapping.write_text(MAPPING.replace("late.csv", "posts_2.csv"))
    with pytest.raises(SchemaError, match=r"2 tables in posts_2\.csv, expected one"):
        mapped_files(mapping, [folder / "posts_1.csv", folder / "posts_2.csv"])
