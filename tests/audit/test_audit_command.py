"""`graphsocial audit`: folders of every kind, JSON alone on stdout, a page, and errors in one line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphsocial.cli import main
from graphsocial.store import save_graph
from tests.audit.test_audit_graph import graph
from tests.audit.worlds import clean, planted, write_folder

POSTS = "post,user,time,text\n" + "".join(f"{k},u{k % 3},{1000 + 10 * k},hello\n" for k in range(20))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, arguments)])


def shares(*arguments: str | Path) -> dict[str, float]:
    result = run(*arguments, "--json", "-")
    assert result.exit_code == 0, result.output
    return {found["name"]: found["share"] for found in json.loads(result.stdout)["findings"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(
        tmp_path / "tiny", planted(), edges="u0\tu1\nu1\tu2\n", texts="cascade\ttext\nc0\tsame\nc9\tsame\n"
    )


def test_leaks_are_no_failure_and_json_stands_alone(folder: Path) -> None:
    command = [sys.executable, "-m", "graphsocial", "audit", str(folder), "--protocol", "legacy", "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    raw = json.loads(done.stdout)
    assert raw["protocol"] == "legacy" and raw["name"] == "tiny"
    found = {f["name"]: f for f in raw["findings"]}
    assert found["events_after_cut"]["share"] == 2 / 26
    assert found["near_duplicates"]["share"] == 1.0
    assert found["shared_texts"]["count"] == 1
    assert found["edges_without_times"]["severity"] == "medium"


@pytest.mark.parametrize("protocol", ["strict", "prequential"])
def test_honest_protocols_show_the_leaks_as_absent(folder: Path, protocol: str) -> None:
    found = shares(folder, "--protocol", protocol)
    absent = ("events_after_cut", "cascades_across_cut", "edges_from_test_events", "end_tokens")
    assert [found[name] for name in absent] == [0.0] * 4
    assert found["near_duplicates"] == 1.0


def test_a_clean_folder(tmp_path: Path) -> None:
    found = shares(write_folder(tmp_path / "clean", clean()), "--protocol", "strict", "--selected-on", "valid")
    assert set(found.values()) == {0.0}


def test_files_and_text(folder: Path, tmp_path: Path) -> None:
    result = run(
        folder, "--json", tmp_path / "out" / "leaks.json", "--html", tmp_path / "out" / "leaks.html", "--oracle"
    )
    assert result.exit_code == 0, result.output
    assert "events_after_cut: 2 of 26" in result.output and "oracle: " in result.output
    raw = json.loads((tmp_path / "out" / "leaks.json").read_text(encoding="utf-8"))
    assert raw["oracle"]["leaked"]["hits@10"] >= raw["oracle"]["honest"]["hits@10"]
    assert (tmp_path / "out" / "leaks.html").exists()


class Page(HTMLParser):
    """Ids, addresses and open tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.depth: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.depth.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.depth.pop() == tag


def test_the_page_holds_the_findings_and_loads_nothing(tmp_path: Path) -> None:
    world = planted()
    world["<script>alert(1)</script>"] = world.pop("c9")
    target = tmp_path / "leaks.html"
    assert run(write_folder(tmp_path / "tiny", world), "--html", target, "--oracle").exit_code == 0
    text = target.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.depth == []
    assert len(set(page.ids)) == len(page.ids)
    assert {"findings", "events_after_cut", "near_duplicates", "oracle", "unchecked"} <= set(page.ids)
    assert all(address.startswith("#") and address[1:] in page.ids for address in page.addresses)
    assert "7.7 %" in text and "2 of 26 training events" in text and "What to do." in text
    assert "<script" not in text and "&lt;script&gt;alert(1)" in text
    assert 'name="viewport"' in text and "prefers-color-scheme: dark" in text and 'lang="en"' in text
    assert not re.search(r"url\(|@import|https?://", text)
    assert run(tmp_path / "tiny", "--html", tmp_path / "again.html", "--oracle").exit_code == 0
    assert (tmp_path / "again.html").read_bytes() == target.read_bytes()


def test_saved_graphs_runs_and_data_folders(tmp_path: Path) -> None:
    save_graph(graph(late=1), tmp_path / "run" / "graph")
    for path in (tmp_path / "run" / "graph", tmp_path / "run"):
        assert "events_after_cut" in shares(path, "--protocol", "legacy")
    data = tmp_path / "data"
    data.mkdir()
    (data / "posts.csv").write_text(POSTS, encoding="utf-8")
    assert shares(data, "--protocol", "legacy")["edges_from_test_events"] == 0.1  # 2 of 20 author edges
    tasks = tmp_path / "tasks.toml"
    tasks.write_text(
        '[split]\nvalid = 1080\ntest = 1100\n[[task]]\nkind = "link"\nedge_types = [["user", "author", "post"]]\n'
    )
    assert shares(data, "--protocol", "legacy", "--tasks", tasks)["edges_from_test_events"] == 0.5
    assert shares(data, "--protocol", "strict", "--tasks", tasks)["edges_from_test_events"] == 0.0


def bad(name: str, folder: Path) -> list[str | Path]:
    """Arguments that have to fail, made in a folder."""
    folder.mkdir()
    if name == "missing":
        return [folder / "tinny"]
    if name == "file":
        (folder / "file.txt").write_text("x")
        return [folder / "file.txt"]
    if name == "empty":
        return [folder]
    if name == "no cascade":
        (folder / "cascades.tsv").write_text("cascade\tsplit\tevents\n")
    elif name == "no events":
        (folder / "cascades.tsv").write_text("c1\tnone\tnot an event\n")
    elif name == "one user each":
        (folder / "cascades.tsv").write_text("".join(f"c{k}\tnone\tu{k}:{k}\n" for k in range(20)))
    elif name == "too few":
        write_folder(folder, dict(list(clean().items())[:3]))
    elif name == "cascades.tsv is a folder":
        (folder / "cascades.tsv").mkdir()
    elif name == "protocol":
        return [write_folder(folder, clean()), "--protocol", "stric"]
    elif name == "part":
        return [write_folder(folder, clean()), "--selected-on", "tests"]
    elif name == "tasks":
        return [write_folder(folder, clean()), "--tasks", folder / "tasks.toml"]
    elif name == "oracle without cascades":
        (folder / "posts.csv").write_text(POSTS)
        return [folder, "--oracle"]
    elif name == "damaged graph":
        (folder / "schema.json").write_text("{")
    elif name == "unreadable target":
        (folder / "file").write_text("x")
        return [write_folder(folder, clean()), "--json", folder / "file" / "out.json"]
    return [folder]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing", "no folder"),
        ("file", "is a file"),
        ("empty", "is empty, expected cascades.tsv"),
        ("no cascade", "cascade"),
        ("no events", "no cascade can be read"),
        ("one user each", "none of them of 2 to 500 users"),
        ("too few", "expected at least 10 cascades"),
        ("cascades.tsv is a folder", "cascades.tsv"),
        ("protocol", "Did you mean 'strict'?"),
        ("part", "Did you mean 'test'?"),
        ("tasks", "--tasks is for graphs"),
        ("oracle without cascades", "no cascades.tsv"),
        ("damaged graph", "schema.json"),
        ("unreadable target", "error"),
    ],
)
def test_bad_input_ends_in_one_line(tmp_path: Path, name: str, expected: str) -> None:
    result = run(*bad(name, tmp_path / "bad"))
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("error: ") and len(result.stderr.strip().splitlines()) == 1, result.output
    assert expected in result.stderr and result.stdout == ""
    assert result.exception is None or isinstance(result.exception, SystemExit)
