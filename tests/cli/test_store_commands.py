"""Stores by the commands alone: reading exports of every kind, keys, versions, and exports; errors are one line."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

import graphsocial as gs
from graphsocial.cli import main
from graphsocial.graph import SocialGraph
from graphsocial.store import Store
from graphsocial.store.export.export_graph import FORMATS

NOON = 1_646_827_200
"""2022-03-09T12:00:00Z."""

REPOST = ("user", "repost", "post")
MAPPING = """
[media]
path = "images/{id}.png"
[[table]]
files = "ann_smith.csv"
node = "post"
id = "post"
time = "time"
[table.columns]
text = "string"
likes = { type = "int", known_at = "unknown" }
[[table.edges]]
type = ["user", "author", "post"]
src = "user"
dst = "post"
[[table.edges]]
type = ["post", "show", "media"]
src = "post"
dst = "images"
split = " "
"""
TABLE = """post,user,time,text,likes,images
p1,u1,2022-03-09T12:00:00Z,"river, rising",3,ann_face
p2,u2,1646827260,write to ann.smith@mail.example,,ann_face broken
p3,u1,soon,no time,1,
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def done(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result.output


def failed(*arguments: str | Path) -> str:
    """What a command that fails says: one line, and no traceback."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert result.output.startswith("error: ") and result.output.count("\n") == 1, result.output
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def post(name: str, minute: int, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "author_id": "471100081542",
        "created_at": f"2022-03-09T12:{minute:02}:00.000Z",
        "text": "see @ann_smith, mail ann.smith@mail.example or call +49 151 2345678",
        "public_metrics": {"like_count": minute},
        "author": {"id": "471100081542", "username": "ann_smith", "name": "Ann Smith"},
    } | more


def write(path: Path, *posts: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(p) + "\n" for p in posts), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of two versions: two posts, then a repost of the first one."""
    first = write(tmp_path / "a.jsonl", post("901", 0), post("902", 30))
    repost = post("903", 50, author_id="4712", referenced_tweets=[{"type": "retweeted", "id": "901"}], author=None)
    done("ingest", first, "--out", tmp_path / "store", "--collected-at", "2022-03-10")
    done("ingest", write(tmp_path / "b.jsonl", repost), "--out", tmp_path / "store", "--collected-at", "2022-03-11")
    return tmp_path / "store"


def edges_of(graph: SocialGraph, edge_type: tuple[str, str, str]) -> list[tuple[str, str, int]]:
    edges = graph.edges(edge_type)
    ends = graph.node_ids(edge_type[0])[edges.src], graph.node_ids(edge_type[2])[edges.dst]
    return list(zip(*ends, edges.time.tolist(), strict=True))


# ---- versions


def test_versions_are_listed_newest_first(store: Path) -> None:
    lines = done("versions", store).splitlines()
    assert [line.split(",")[0] for line in lines] == [f"StoreVersion(version={n}" for n in (2, 1, 0)]
    assert all("committed='20" in line for line in lines)


def test_versions_of_what_is_no_store(store: Path, tmp_path: Path) -> None:
    assert "no store at" in failed("versions", tmp_path / "nothing")
    done("export", store, tmp_path / "graph", "--format", "parquet")
    assert "there is no store.json" in failed("versions", tmp_path / "graph")


def test_joined_files_hold_the_same_rows(store: Path) -> None:
    before = Store.open(store)
    graph, files = repr(before.graph()), len(before.log.files(before.version))
    said = done("compact", store)
    after = Store.open(store)
    assert f"{files} files became {len(after.log.files(after.version))}, version {after.version}" in said
    assert len(after.log.files(after.version)) < files
    assert repr(after.graph()) == graph and repr(after.graph(version=before.version)) == graph


# ---- export


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_written(store: Path, tmp_path: Path, format: str) -> None:
    out = tmp_path / f"out.{format}"
    relation = ("--relation", "user,repost,post") if format in ("tgb", "cascades_tsv") else ()
    said = done("export", store, out, "--format", format, *relation)
    assert said.startswith(f"ExportReport {format}: {out}\n")
    assert "user repost post 1" in said and out.exists()
    again = done("export", store, out, "--format", format, *relation)
    assert again == said, "an earlier export is replaced"
    if format == "parquet":
        assert gs.open(out).num_nodes("post") == 2
    if format in ("gexf", "graphml"):
        done("ingest", out, "--out", tmp_path / "again")
        assert edges_of(gs.open(tmp_path / "again"), REPOST) == [("4712", "901", NOON + 3000)]
    if format == "cascades_tsv":
        times = NOON, NOON + 3000, NOON + 1800
        assert out.read_text() == "901\t-\t471100081542:{} 4712:{}\n902\t-\t471100081542:{}\n".format(*times)


def test_an_export_as_of_a_time_and_of_a_version(store: Path, tmp_path: Path) -> None:
    arguments = ("export", store, tmp_path / "out.gexf", "--format", "gexf")
    said = done(*arguments, "--as-of", "2022-03-09T12:30:00Z")
    assert "post 1" in said and "the view ends at 2022-03-09 12:30:00Z" in said
    text = (tmp_path / "out.gexf").read_text()
    assert "901" in text and "902" not in text and "4712" not in text and "Ann Smith" not in text
    assert "user repost post 0" in done(*arguments, "--version", "1")
    assert "4712" not in (tmp_path / "out.gexf").read_text()
    assert "user repost post 1" in done(*arguments, "--version", "2")
    assert "nodes: none" in done(*arguments, "--version", "0")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--format", "gefx"), "Did you mean 'gexf'?"),
        (("--format", "gexf", "--as-of", "noon"), "'noon'"),
        (("--format", "gexf", "--as-of", "1646827200000"), "milliseconds"),
        (("--format", "gexf", "--version", "3"), "no version 3, the newest is 2"),
        (("--format", "gexf", "--version", "9" * 30), "no version 999"),
        (("--format", "gexf", "--version", "-1"), "version is -1"),
        (("--format", "gexf", "--relation", "user,repost,post"), "writes all relations"),
        (("--format", "tgb"), "writes one relation"),
        (("--format", "tgb", "--relation", "user,repst,post"), "Did you mean 'user repost post'?"),
        (("--format", "cascades_tsv", "--relation", ",,"), "unknown edge type"),
        (("--format", "cascades_tsv", "--relation", " "), "unknown edge type"),
        (("--format", "cascades_tsv", "--relation", "user,repost"), "unknown edge type ('user', 'repost')"),
        (("--format", "tgb", "--relation", "repst"), "Did you mean 'repost'?"),
        (("--format", "gexf", "--relation", "repost"), "writes all relations"),
    ],
)
def test_an_export_that_cannot_be(store: Path, tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    assert expected in failed("export", store, tmp_path / "out", *arguments)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "relation", ["repost", " repost ", "user, repost , post", "user repost post", "user,repost,post"]
)
def test_a_relation_in_short_and_with_blanks(store: Path, tmp_path: Path, relation: str) -> None:
    assert "user repost post 1" in done("export", store, tmp_path / "out", "--format", "tgb", "--relation", relation)


def test_a_short_relation_of_several_edge_types_lists_them(tmp_path: Path) -> None:
    (tmp_path / "edges.txt").write_text("1 2\n2 3\n")
    posts = write(tmp_path / "a.jsonl", post("901", 0))
    for file in (tmp_path / "edges.txt", posts):
        done("ingest", file, "--out", tmp_path / "store", "--relation", "repost", "--collected-at", "2022-03-10")
    arguments = ("export", tmp_path / "store", tmp_path / "out", "--format", "tgb", "--relation")
    said = failed(*arguments, "repost")
    assert "('user', 'repost', 'post')" in said and "('user', 'repost', 'user')" in said and "follow" not in said
    assert "edges: user repost user " in done(*arguments, "user repost user")


def test_an_export_to_where_it_cannot_go(store: Path, tmp_path: Path) -> None:
    assert "graphsocial ingest" in failed("export", tmp_path / "nothing", tmp_path / "x.gexf", "--format", "gexf")
    assert "is a folder" in failed("export", store, store, "--format", "gexf")
    assert "not a graph folder" in failed("export", store, store, "--format", "parquet")
    assert "no earlier export" in failed("export", store, store, "--format", "raphtory")
    assert "a.jsonl" in failed("export", store, tmp_path / "a.jsonl" / "x.gexf", "--format", "gexf")
    assert "compressed" in failed("export", store, tmp_path / "x.gexf.gz", "--format", "gexf")
    assert gs.open(store).num_nodes("post") == 2, "the store is as it was"


# ---- keys and pseudonyms


def test_a_key_is_its_owner_s_alone_and_never_overwritten(tmp_path: Path) -> None:
    key = tmp_path / "key"
    mask = os.umask(0)
    try:
        assert "whoever has it" in done("key", key)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 or os.name != "posix"
    made = key.read_bytes()
    assert len(made) == 32
    assert "overwritten" in failed("key", key)
    assert key.read_bytes() == made
    assert "cannot be written" in failed("key", tmp_path / "nowhere" / "key")
    done("key", tmp_path / "other")
    assert (tmp_path / "other").read_bytes() != made


def everything(folder: Path) -> bytes:
    """All bytes of all files, and of what the rows of the store hold."""
    from deltalake import DeltaTable

    rows = DeltaTable(folder / "events").to_pyarrow_table().to_pylist()
    return b"".join([repr(rows).encode(), *(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())])


SECRETS = (b"ann_smith", b"Ann Smith", b"ann.smith", b"mail.example", b"2345678", b"471100081542")


def test_pseudonymised_exports_hold_no_name_and_still_merge(tmp_path: Path) -> None:
    done("key", tmp_path / "key")
    one = write(
        tmp_path / "ann_smith.jsonl", post("901", 0), post("902", 30), {"id": "471100081542", "text": "ann_smith"}
    )
    other = write(tmp_path / "b.jsonl", post("901", 0), post("903", 40))
    out = tmp_path / "store"
    arguments = ("--out", out, "--pseudonymise", tmp_path / "key", "--collected-at", "2022-03-10")
    said = done("ingest", one, *arguments)
    assert "1 records rejected" in said
    said += done("ingest", other, *arguments)
    for secret in (*SECRETS, (tmp_path / "key").read_bytes()):
        assert secret not in said.encode() and secret not in everything(out), secret
    graph = gs.open(out)
    assert graph.num_nodes("post") == 3 and graph.num_nodes("user") == 1
    assert all(name.startswith("post_") for name in graph.node_ids("post"))
    assert graph.column("post", "text")[0].as_py().startswith("see @handle_")
    assert "0 new rows" in done("ingest", other, *arguments)
    done("export", out, tmp_path / "out.gexf", "--format", "gexf")
    assert not any(secret in (tmp_path / "out.gexf").read_bytes() for secret in SECRETS)


def test_raw_ids_and_pseudonyms_do_not_meet(store: Path, tmp_path: Path) -> None:
    """Not even where the file was read before."""
    done("key", tmp_path / "key")
    done("key", tmp_path / "other")
    export, hidden = tmp_path / "a.jsonl", tmp_path / "hidden"
    assert "the source's own ids" in failed("ingest", export, "--out", store, "--pseudonymise", tmp_path / "key")
    done("ingest", export, "--out", hidden, "--pseudonymise", tmp_path / "key")
    assert "pseudonyms of key" in failed("ingest", export, "--out", hidden)
    assert "pseudonyms of key" in failed("ingest", export, "--out", hidden, "--pseudonymise", tmp_path / "other")
    assert gs.open(store).num_nodes("post") == gs.open(hidden).num_nodes("post") == 2


def test_a_key_that_is_none(tmp_path: Path) -> None:
    export = write(tmp_path / "a.jsonl", post("901", 0))
    key = tmp_path / "key"
    arguments = ("ingest", export, "--out", tmp_path / "store", "--pseudonymise", key)
    assert "does not exist; `graphsocial key` makes one" in failed(*arguments)
    key.write_bytes(b"secret")
    key.chmod(0o600)
    assert "expected 32" in failed(*arguments)
    key.unlink()
    done("key", key)
    if os.name == "posix":
        key.chmod(0o644)
        assert "chmod 600" in failed(*arguments)
    assert not (tmp_path / "store").exists()


# ---- tables by a mapping


@pytest.fixture
def table(tmp_path: Path) -> Path:
    folder = tmp_path / "table"
    (folder / "images").mkdir(parents=True)
    Image.new("RGB", (8, 6), (200, 60, 40)).save(folder / "images" / "ann_face.png")
    (folder / "images" / "broken.png").write_bytes(b"no picture")
    (folder / "ann_smith.csv").write_text(TABLE)
    (folder / "mapping.toml").write_text(MAPPING)
    return folder / "ann_smith.csv"


def test_a_table_with_a_mapping(table: Path, tmp_path: Path) -> None:
    arguments = ("ingest", table, "--out", tmp_path / "store", "--mapping", table.parent / "mapping.toml")
    said = done(*arguments)
    assert "ann_smith.csv (table): 3 records" in said and "line 4, time: " in said
    graph = gs.open(tmp_path / "store")
    assert edges_of(graph, ("user", "author", "post")) == [("u1", "p1", NOON), ("u2", "p2", NOON + 60)]
    assert graph.column("post", "text").to_pylist() == ["river, rising", "write to ann.smith@mail.example"]
    assert graph.column("post", "likes").to_pylist() == [3, None]
    assert graph.as_of("2023-01-01").column("post", "likes").to_pylist() == [None, None]
    assert graph.media_root == str(table.parent)
    assert "read before" in done(*arguments)


def test_a_table_under_pseudonyms(table: Path, tmp_path: Path) -> None:
    done("key", tmp_path / "key")
    out = tmp_path / "store"
    arguments = ("--out", out, "--mapping", table.parent / "mapping.toml", "--pseudonymise", tmp_path / "key")
    said = done("ingest", table, *arguments)
    assert "1 pictures that could not be copied without their metadata" in said
    held = everything(out)
    assert not any(secret in said.encode() or secret in held for secret in (*SECRETS, b"ann_face"))
    graph = gs.open(out)
    paths = [path for path in graph.column("media", "path").to_pylist() if path is not None]
    assert graph.media_root == str(out) and [(out / path).is_file() for path in paths] == [True]
    assert "read before" in done("ingest", table, *arguments)


def test_a_mapping_that_does_not_fit(table: Path, tmp_path: Path) -> None:
    def refused(text: str) -> str:
        mapping = table.parent / "other.toml"
        mapping.write_text(text)
        return failed("ingest", table, "--out", tmp_path / "store", "--mapping", mapping)

    assert "cannot be read as TOML" in refused("[[table")
    assert "Did you mean 'post'?" in refused(MAPPING.replace('node = "post"', 'node = "pots"'))
    assert "Did you mean 'user'?" in refused(MAPPING.replace('src = "user"', 'src = "usr"'))
    assert "0 tables in ann_smith.csv" in refused(MAPPING.replace("ann_smith.csv", "bob.csv"))
    nothing = table.parent / "nothing.toml"
    assert "nothing.toml" in failed("ingest", table, "--out", tmp_path / "store", "--mapping", nothing)


# ---- formats that do not say everything themselves


def test_an_edge_list_with_named_columns(tmp_path: Path) -> None:
    file = tmp_path / "trust.csv"
    file.write_text("# invented\n6,2,4,1289200011\n5,6,-10,1289200041\n5,6,trust,1289200042\n")
    arguments = ("--format", "edge_list", "--columns", "src, dst,weight,time")
    said = done("ingest", file, "--out", tmp_path / "store", *arguments, "--relation", "like")
    assert "1 records rejected" in said and "line 4, weight" in said
    graph = gs.open(tmp_path / "store")
    like = ("user", "like", "user")
    assert edges_of(graph, like) == [("6", "2", 1289200011), ("5", "6", 1289200041)]
    assert graph.edge_column(like, "weight").to_pylist() == [4.0, -10.0]


def test_an_edge_list_in_milliseconds_with_a_header(tmp_path: Path) -> None:
    file = tmp_path / "edges.csv"
    file.write_text("who,whom,at\n1,2,1289200011500\n")
    arguments = ("--columns", "src,dst,time", "--header", "--per-second", "1000", "--format", "edge_list")
    done("ingest", file, "--out", tmp_path / "store", *arguments)
    assert edges_of(gs.open(tmp_path / "store"), ("user", "follow", "user")) == [("1", "2", 1289200011)]


def test_an_edge_list_without_times_is_known_from_when_it_was_collected(tmp_path: Path) -> None:
    file = tmp_path / "edges.txt"
    file.write_text("1 2\n2 3\n")
    done("ingest", file, "--out", tmp_path / "store", "--collected-at", "2022-03-09T12:00:00Z")
    graph = gs.open(tmp_path / "store")
    assert graph.as_of("2022-03-09T12:00:00Z").num_edges(("user", "follow", "user")) == 0
    assert graph.as_of("2022-03-09T12:00:01Z").num_edges(("user", "follow", "user")) == 2


def test_cascades_that_count_steps_from_a_start(tmp_path: Path) -> None:
    file = tmp_path / "steps.txt"
    file.write_text("0 56 1,25 3,\n7 5,8 6.5,\n")
    done("ingest", file, "--out", tmp_path / "store", "--epoch", "2022-03-09T12:00Z", "--step-seconds", "3600")
    graph = gs.open(tmp_path / "store")
    assert graph.node_ids("post").tolist() == ["steps_1", "steps_2"]
    assert edges_of(graph, ("user", "author", "post")) == [
        ("0", "steps_1", NOON + 3600),
        ("7", "steps_2", NOON + 5 * 3600),
    ]
    assert edges_of(graph, REPOST) == [
        ("56", "steps_1", NOON + 3600),
        ("25", "steps_1", NOON + 3 * 3600),
        ("8", "steps_2", NOON + 6 * 3600 + 1800),
    ]
    said = done("ingest", file, "--out", tmp_path / "without", "--format", "cascade_text")
    assert "2 records rejected" in said and "epoch from when" in said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--format", "edge_lst"), "Did you mean 'edge_list'?"),
        (("--format", "edge_list"), "name them"),
        (("--columns", "src,dst,wieght"), "Did you mean 'weight'?"),
        (("--columns", "src,time"), "expected src and dst"),
        (("--columns", ""), "unknown column ''"),
        (("--relation", "folow"), "Did you mean 'follow'?"),
        (("--epoch", "noon"), "'noon'"),
        (("--epoch", "1960-01-01"), "epoch=-315619200"),
        (("--collected-at", "yesterday"), "'yesterday'"),
        (("--collected-at", "1646827200000"), "milliseconds"),
        (("--per-second", "0"), "per_second=0"),
        (("--step-seconds", "-1"), "step_seconds=-1"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    file = tmp_path / "edges.txt"
    file.write_text("1 2 1289200011\n")
    assert expected in failed("ingest", file, "--out", tmp_path / "store", *arguments)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    out = tmp_path / "store"
    file = tmp_path / "edges.txt"
    file.write_text("1 2\n")
    assert "nothing.txt" in failed("ingest", tmp_path / "nothing.txt", "--out", out)
    assert "edges.txt" in failed("ingest", file, "--out", file)
    (tmp_path / "empty").mkdir()
    assert "nothing to read" in failed("ingest", tmp_path / "empty", "--out", out)
    (tmp_path / "empty.txt").write_text("")
    assert "no format that is known" in failed("ingest", tmp_path / "empty.txt", "--out", out)
    (tmp_path / "empty.jsonl.zst").write_bytes(b"nonsense")
    assert "cannot be decompressed" in failed("ingest", tmp_path / "empty.jsonl.zst", "--out", out)
    (tmp_path / "a.gexf").write_text("<!DOCTYPE gexf []><gexf/>")
    assert "DOCTYPE" in failed("ingest", tmp_path / "a.gexf", "--out", out)
    assert "error" not in done("ingest", file, tmp_path / "empty.txt", "--out", out), "others are read all the same"
    assert edges_of(gs.open(out), ("user", "follow", "user"))[0][:2] == ("1", "2")


def test_a_command_says_what_it_left_out(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", post("901", 0), {"id": "902", "text": "x", "author_id": "1"})
    done("ingest", file, "--out", tmp_path / "store")
    rejects = [json.loads(line) for line in (tmp_path / "store" / "rejects.jsonl").read_text().splitlines()]
    assert [(r["file"], r["line"], r["field"]) for r in rejects] == [("a.jsonl", 2, "created_at")]
    assert [(r["line"], r["reason"]) for r in Store.open(tmp_path / "store").rejects()] == [(2, rejects[0]["reason"])]
    done("export", tmp_path / "store", tmp_path / "edges", "--format", "tgb", "--relation", "user,author,post")
    rows = list(csv.reader(io.StringIO((tmp_path / "edges" / "edgelist.csv").read_text())))
    assert rows[1:] == [["0", "0", str(NOON), "0", "0.0"]]
