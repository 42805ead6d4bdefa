"""A data folder that cannot be kept leaves nothing behind but the rows that were refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphsocial.errors import SchemaError
from graphsocial.ingest import data_folder
from graphsocial.ingest.data_folder import ingest_folder
from graphsocial.store import Store

MAPPING = '[[table]]\nfiles = "posts.csv"\nnode = "post"\nid = "post"\ntime = "time"\n[table.columns]\n'


def data(path: Path, rows: str, columns: str = 'text = "string"\n', header: str = "post,time,text\n") -> Path:
    path.mkdir()
    (path / "mapping.toml").write_text(MAPPING + columns)
    (path / "posts.csv").write_text(header + rows)
    return path


def disk_is_full(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_column_that_is_missing_leaves_no_folder(tmp_path: Path) -> None:
    folder = data(tmp_path / "in", "p,1646820000\n", header="post,time\n")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SchemaError, match="no column 'text'"):
        ingest_folder(folder, Store.create(tmp_path / "new" / "store"))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("refused", [False, True])
def test_only_rows_that_were_refused_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: bool) -> None:
    folder = data(tmp_path / "in", "p,1646820000,x\n" + "q,soon,y\n" * refused)
    before = set(tmp_path.rglob("*"))
    monkeypatch.setattr(Store, "append", disk_is_full)
    with pytest.raises(OSError, match="No space left"):
        ingest_folder(folder, Store.create(tmp_path / "new" / "store"))
    left = sorted(set(tmp_path.rglob("*")) - before)
    store = tmp_path / "new" / "store"
    assert left == ([store.parent, store, store / "rejects.jsonl"] if refused else [])
    if refused:
        assert json.loads(left[-1].read_text())["field"] == "time"


def test_what_is_there_stays(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    report = ingest_folder(data(tmp_path / "in", "p,1646820000,x\nq,soon,y\n"), store)
    assert report.rejects_path == store.path / "rejects.jsonl" and str(report.rejects_path) in repr(report)
    kept = report.rejects_path.read_text()
    assert kept.count("\n") == 1
    before = sorted(path.name for path in store.path.iterdir())
    other = data(tmp_path / "other", "p,1646820000,5\nq,now,5\nr,then,5\n", columns='text = "int"\n')
    with pytest.raises(SchemaError, match="holds int"):
        ingest_folder(other, store)
    assert report.rejects_path.read_text() == kept and store.version == 1
    assert sorted(path.name for path in store.path.iterdir()) == before


def test_a_folder_that_was_there_stays_when_the_reading_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(data_folder, "About", interrupted)
    folder = data(tmp_path / "in", "p,1646820000,x\n")
    (tmp_path / "store").mkdir()
    with pytest.raises(KeyboardInterrupt):
        ingest_folder(folder, Store.create(tmp_path / "store"))
    assert list((tmp_path / "store").iterdir()) == []
