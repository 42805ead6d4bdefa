"""What a store promises: versions, each row once, an index that is only a cache, readers without graphsocial."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsocial as gs
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.schema import MEASURED, Column, Schema
from graphsocial.store import About, EdgeRow, EventBatch, NodeRow, Store
from graphsocial.store.index_file import write_manifest
from tests.store.growing import AUTHOR, POSTS, SCHEMA, events_of


def grown(path: Path, batches: int) -> Store:
    store = Store.create(path)
    for batch in range(batches):
        store.append(EventBatch.of_events(SCHEMA, events_of(batch)))
    return store


def content(graph: SocialGraph) -> dict[str, object]:
    """Everything that a graph shows, by ids."""
    users, posts = graph.node_ids("user").tolist(), graph.node_ids("post").tolist()
    edges, seen = graph.edges(AUTHOR), graph.measurements("user", "followers")
    return {
        "users": list(zip(users, graph.known_at("user").tolist(), strict=True)),
        "posts": list(zip(posts, graph.column("post", "text").to_pylist(), strict=True)),
        "edges": [(users[s], posts[d], t) for s, d, t in zip(edges.src, edges.dst, edges.time.tolist(), strict=True)],
        "followers": list(zip([users[n] for n in seen.node], seen.time.tolist(), seen.values.to_pylist(), strict=True)),
    }


def test_every_version_can_be_opened_again(tmp_path: Path) -> None:
    grown(tmp_path / "s", 3)
    assert gs.open(tmp_path / "s", version=0).node_types == ()
    for version in (1, 2, 3):
        graph = gs.open(tmp_path / "s", version=version)
        assert graph.num_nodes("post") == POSTS * version
        assert content(graph) == content(built(version))
    with pytest.raises(DataIntegrityError, match="no version 4"):
        gs.open(tmp_path / "s", version=4)
    with pytest.raises(SchemaError, match="version is -1"):
        gs.open(tmp_path / "s", version=-1)


def built(batches: int) -> SocialGraph:
    """The graph of the first batches, made without a store."""
    batch = EventBatch.of_events(SCHEMA, [e for b in range(batches) for e in events_of(b)])
    return SocialGraph.build(SCHEMA, batch.nodes, batch.edges, measurements=batch.measured)


def test_the_same_rows_twice_add_nothing(tmp_path: Path) -> None:
    store = grown(tmp_path / "s", 2)
    again = store.append(EventBatch.of_events(SCHEMA, events_of(1)))
    assert (again.version, again.rows, again.known) == (2, 0, 3 * POSTS)
    overlapping = store.append(EventBatch.of_events(SCHEMA, events_of(1) + events_of(2) + events_of(2)))
    assert (overlapping.rows, overlapping.known) == (3 * POSTS, 6 * POSTS)
    assert store.graph().num_edges(AUTHOR) == 3 * POSTS


def test_the_order_of_appends_does_not_matter(tmp_path: Path) -> None:
    forward = grown(tmp_path / "a", 3)
    backward = Store.create(tmp_path / "b", name="a")
    for batch in (2, 0, 1):
        events = events_of(batch)
        random.Random(batch).shuffle(events)
        backward.append(EventBatch.of_events(SCHEMA, events))
    assert content(forward.graph()) == content(backward.graph())


def test_two_rows_of_a_post_give_the_earliest_and_are_counted(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "s")
    schema = Schema({"post": {"text": Column(), "language": Column()}}, {})

    def add(time: int, **values: str) -> None:
        store.append(EventBatch.of_events(schema, [NodeRow("post", "p", time, values)]))

    add(20, text="late")
    assert store.graph().column("post", "text").to_pylist() == ["late"]
    add(10, text="early")
    assert store.graph().column("post", "text").to_pylist() == ["early"]
    assert store.conflicts() == {"post": 1}
    add(10, language="en")
    graph = store.graph()
    assert graph.column("post", "text").to_pylist() == ["early"], "rows of one moment fill each other's gaps"
    assert graph.column("post", "language").to_pylist() == ["en"]
    assert graph.known_at("post").tolist() == [10]


def test_a_placeholder_fills_in_when_the_post_arrives(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "s")
    store.append(EventBatch.of_events(SCHEMA, [EdgeRow(AUTHOR, "ann", "p", 5, {})]))
    assert store.graph().column("post", "text").to_pylist() == [None]
    store.append(EventBatch.of_events(SCHEMA, [NodeRow("post", "p", 3, {"text": "here"})]))
    graph = store.graph()
    assert graph.column("post", "text").to_pylist() == ["here"]
    assert graph.known_at("post").tolist() == [3]


def test_columns_can_be_added_and_old_versions_do_not_have_them(tmp_path: Path) -> None:
    store = grown(tmp_path / "s", 1)
    wider = Schema({"post": {"text": Column(), "mood": Column()}}, {})
    store.append(EventBatch.of_events(wider, [NodeRow("post", "new", 1, {"text": "x", "mood": "calm"})]))
    assert set(gs.open(tmp_path / "s").schema.nodes["post"]) == {"text", "mood"}
    assert set(gs.open(tmp_path / "s", version=1).schema.nodes["post"]) == {"text"}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (Schema({"post": {"text": Column("int")}}, {}), "holds int, but what is there holds string"),
        (Schema({"post": {"followers": Column("string")}}, {}), "a store has one column of a name"),
        (Schema({"post": {"Text": Column("string")}}, {}), "a name taken by 'text'"),
        (Schema({"post": {"json": Column("int")}}, {}), "a name taken by"),
        (Schema({"post": {"text": Column("string", MEASURED)}}, {}), "known at"),
        (Schema({"user": {}, "post": {}}, {AUTHOR: {}}, {AUTHOR: "backward"}), "influence travels"),
    ],
)
def test_a_batch_that_does_not_fit_changes_nothing(tmp_path: Path, schema: Schema, message: str) -> None:
    store = grown(tmp_path / "s", 1)
    with pytest.raises(SchemaError, match=message):
        store.append(EventBatch(schema))
    assert store.version == 1


def test_untimed_edges_count_as_known_after_everything(tmp_path: Path) -> None:
    store = grown(tmp_path / "s", 1)
    follow = ("user", "follow", "user")
    schema = Schema({"user": {}}, {follow: {}})
    store.append(EventBatch.of_events(schema, [EdgeRow(follow, "u1", "u2", None, {})]))
    graph = store.graph()
    assert graph.num_edges(follow) == 1
    assert graph.as_of("9999-12-31").num_edges(follow) == 0
    assert any("as nobody stated when they were collected" in sentence for sentence in graph.assumptions)
    assert graph.span == (0, POSTS - 1)
    store.append(EventBatch.of_events(SCHEMA, events_of(1)))
    assert store.graph().num_edges(follow) == 1 and store.graph().num_edges(AUTHOR) == 2 * POSTS
    stated = Schema({"user": {}}, {follow: {}}, crawled_at={follow: 5})
    store.append(EventBatch(stated))
    assert store.graph().edges(follow).time.tolist() == [5]


def test_pseudonyms_of_another_key_are_refused(tmp_path: Path) -> None:
    store = grown(tmp_path / "s", 1)
    with pytest.raises(DataIntegrityError, match="the source's own ids"):
        store.append(EventBatch.of_events(SCHEMA, events_of(5)), about=About(SCHEMA, pseudonyms="ab12"))


# ---- the index is a cache


def index_files(store: Store, *endings: str) -> list[Path]:
    return [p for p in (store.path / "index").rglob("*") if p.is_file() and p.name.endswith(endings)]


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_byte_in_the_index_is_noticed_and_the_index_made_anew(tmp_path: Path, seed: int) -> None:
    store = grown(tmp_path / "s", 3)
    expected = content(store.graph())
    store.wait()
    rng = random.Random(seed)
    path = rng.choice(index_files(store, ".arrow", ".npy", ".keys", ".json"))
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(data))
    again = Store.open(tmp_path / "s")
    assert content(again.graph()) == expected
    assert again.append(EventBatch.of_events(SCHEMA, events_of(1))).rows == 0
    assert again.append(EventBatch.of_events(SCHEMA, events_of(3))).rows == 3 * POSTS


@pytest.mark.parametrize("what", ["all", "keys", "graph", "a file", "half a file"])
def test_a_missing_index_is_made_anew(tmp_path: Path, what: str) -> None:
    import shutil

    store = grown(tmp_path / "s", 2)
    expected = content(store.graph())
    store.wait()
    if what == "all":
        shutil.rmtree(store.path / "index")
    elif what in ("keys", "graph"):
        shutil.rmtree(store.path / "index" / what)
    else:
        path = index_files(store, ".arrow")[0]
        path.unlink() if what == "a file" else path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    again = Store.open(tmp_path / "s")
    assert content(again.graph()) == expected
    assert again.append(EventBatch.of_events(SCHEMA, events_of(0))).rows == 0


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_what_came_since_the_index_is_merged_in(tmp_path: Path, late: bool, again: bool) -> None:
    """In the process that appended, or in a new one; events in order of time, or late ones."""
    batches = [3, 4, 5, 0, 1] if late else [0, 1, 2, 3, 4]
    store = Store.create(tmp_path / "s")
    for batch in batches[:3]:
        store.append(EventBatch.of_events(SCHEMA, events_of(batch)))
    store.graph()
    store.wait()
    for place, batch in enumerate(batches[3:], start=4):
        store.append(EventBatch.of_events(SCHEMA, events_of(batch)))
        store = Store.open(tmp_path / "s") if again else store
        fresh = Store.create(tmp_path / f"fresh{place}", name="s")
        for earlier in batches[:place]:
            fresh.append(EventBatch.of_events(SCHEMA, events_of(earlier)))
        assert content(store.graph()) == content(fresh.graph())
        assert repr(store.graph()) == repr(fresh.graph())


def test_appends_are_merged_and_not_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphsocial.store import held_graph

    store = grown(tmp_path / "s", 2)
    store.graph()

    def never(*_: object, **__: object) -> None:
        raise AssertionError("built anew")

    monkeypatch.setattr(held_graph, "graph_of_rows", never)
    monkeypatch.setattr(type(store.log), "read_all", never)
    for batch in (2, 3, 4):
        store.append(EventBatch.of_events(SCHEMA, events_of(batch)))
        assert store.graph().num_nodes("post") == POSTS * (batch + 1)


def test_the_index_is_mapped_not_read(tmp_path: Path) -> None:
    store = grown(tmp_path / "s", 1)
    store.graph()
    store.wait()
    csr = Store.open(tmp_path / "s").graph().csr(AUTHOR)
    assert not csr.neighbour.flags.owndata
    assert not csr.neighbour.flags.writeable


def test_a_key_index_that_was_not_finished_is_no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from graphsocial.store.key_index import KeyIndex

    store = grown(tmp_path / "s", 3)
    shutil.rmtree(store.path / "index" / "keys")
    add, calls = KeyIndex.add, 0

    def fails_later(self: KeyIndex, *args: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        add(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(KeyIndex, "add", fails_later)
    with pytest.raises(KeyboardInterrupt):
        Store.open(tmp_path / "s").append(EventBatch.of_events(SCHEMA, events_of(1)))
    monkeypatch.undo()
    assert Store.open(tmp_path / "s").append(EventBatch.of_events(SCHEMA, events_of(1))).rows == 0
    assert Store.open(tmp_path / "s").append(EventBatch.of_events(SCHEMA, events_of(2))).rows == 0


# ---- other readers


def test_duckdb_and_polars_read_a_store_without_graphsocial(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    import polars as pl
    from deltalake import DeltaTable

    grown(tmp_path / "s", 3)
    events = DeltaTable(tmp_path / "s" / "events", version=2).to_pyarrow_dataset()
    count = duckdb.sql("select count(*), max(time) from events where \"table\" = 'user.author.post'").fetchall()[0]
    assert count == (2 * POSTS, 2 * POSTS - 1)
    frame = pl.scan_pyarrow_dataset(events).filter(pl.col("table") == "post").select("id", "known_at", "text").collect()
    assert frame.sort("known_at")["text"].to_list() == [f"text {i}" for i in range(2 * POSTS)]
    native = pl.read_delta(str(tmp_path / "s" / "events"), version=2).filter(pl.col("table") == "post")
    assert native.height == 2 * POSTS


def test_the_files_of_a_pinned_version_hold_its_rows(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    store = grown(tmp_path / "s", 3)
    files = [path for path, table in store.log.files(2) if table == "post"]
    assert sum(pq.read_metadata(path).num_rows for path in files) == 2 * POSTS


def test_compacting_changes_no_version_and_no_graph(tmp_path: Path) -> None:
    store = grown(tmp_path / "s", 4)
    expected, old = content(store.graph()), content(store.graph(2))
    store.log.compact()
    assert store.version > 4
    assert len(store.log.files(store.version)) < len(store.log.files(4))
    assert content(store.graph()) == expected
    assert content(store.graph(2)) == old
    assert store.append(EventBatch.of_events(SCHEMA, events_of(2))).rows == 0


# ---- bad folders


def test_a_store_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    store = grown(tmp_path / "s", 1)
    write_manifest(store.path / "store.json", {"format": "graphsocial store", "version": 2, "name": "s"})
    with pytest.raises(DataIntegrityError, match="another release"):
        gs.open(store.path)


def test_damaged_cards_and_lost_events_are_named(tmp_path: Path) -> None:
    import shutil

    store = grown(tmp_path / "s", 1)
    (store.path / "store.json").write_text("{")
    with pytest.raises(DataIntegrityError, match="damaged"):
        gs.open(store.path)
    store = grown(tmp_path / "t", 1)
    shutil.rmtree(store.path / "events" / "_delta_log")
    with pytest.raises(DataIntegrityError, match="lost its events"):
        gs.open(store.path)
    (tmp_path / "u" / "events").mkdir(parents=True)
    (tmp_path / "u" / "events" / "precious.txt").write_text("x")
    with pytest.raises(DataIntegrityError, match="in the way"):
        Store.create(tmp_path / "u")
    with pytest.raises(DataIntegrityError, match="no graph at"):
        gs.open(tmp_path / "nowhere")


def test_a_damaged_file_of_events_is_named(tmp_path: Path) -> None:
    store = grown(tmp_path / "s", 1)
    path = next(path for path, table in store.log.files(1) if table == "post")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataIntegrityError, match="cannot be read"):
        store.graph()


def test_notes_are_kept_with_the_rows(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "s")
    batch = EventBatch.of_events(SCHEMA, events_of(0))
    store.append(batch, sources=[{"file": "a.jsonl", "records": 3}], rejects=[{"line": 2, "reason": "no"}])
    assert store.sources() == [{"file": "a.jsonl", "records": 3}]
    assert store.rejects() == [{"line": 2, "reason": "no"}]
    assert store.sources(0) == []
    assert json.dumps(store.sources())


# ---- keys


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=8), st.integers(1, 3))
def test_the_key_index_knows_exactly_what_was_added(batches: list[list[int]], chunk: int) -> None:
    import tempfile

    from graphsocial.store import key_index

    before, key_index.CHUNK = key_index.CHUNK, chunk
    try:
        with tempfile.TemporaryDirectory() as folder:
            index = key_index.KeyIndex(Path(folder) / "k")
            seen: set[int] = set()

            def keys(numbers: list[int]) -> np.ndarray:
                # few different first numbers, so that the second one has to decide
                return np.array([[n // 9, n % 9] for n in numbers], dtype=np.uint64).reshape(-1, 2)

            for version, batch in enumerate(batches):
                numbers = sorted(set(batch))
                assert index.known(keys(numbers)).tolist() == [n in seen for n in numbers]
                index.add(keys([n for n in numbers if n not in seen]), version)
                seen |= set(numbers)
                assert index.num_keys == len(seen)
                assert key_index.KeyIndex(Path(folder) / "k").version == version
            assert index.known(keys(list(range(41)))).tolist() == [n in seen for n in range(41)]
    finally:
        key_index.CHUNK = before


def test_keys_tell_rows_apart_and_do_not_change() -> None:
    from graphsocial.store.row_keys import row_keys

    table = pa.table(
        {
            "id": ["a", "ab", "", "a"],
            "time": [1, 1, 1, None],
            "text": ["b", "", "ab", "b"],
            "share": [0.5, 0.0, None, 0.5],
            "flag": [True, False, None, True],
        }
    )
    keys = row_keys("post", table)
    assert len({tuple(k) for k in keys.tolist()}) == 4
    assert not (row_keys("user", table) == keys).any()
    order = [3, 1, 0, 2]
    assert (row_keys("post", table.take(pa.array(order))) == keys[order]).all()
    assert (row_keys("post", table.select(sorted(table.column_names, reverse=True))) == keys).all()
    # written down once: a store keeps keys for ever
    assert [f"{high:016x}{low:016x}" for high, low in keys.tolist()] == GOLDEN


GOLDEN = [
    "46f3459c4ae6dbfa1038885c83fd4f3f",
    "dd50563868db7b110114948e1ba38eb4",
    "9cd638c52697d4f87f8aceb3f8352bca",
    "50a0ec190fa8866ea81056b86ccf4b63",
]


@pytest.mark.parametrize("name", ["a[b", "a]b", "50%20off", "a^b", "a|b", "a\\b"])
def test_paths_that_delta_tables_cannot_have_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SchemaError, match=r"has . in it, which the table format cannot reach"):
        Store.create(tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a b", "a#b", "a?b", "名", "a'b"])
def test_other_paths_work(tmp_path: Path, name: str) -> None:
    grown(tmp_path / name, 1)
    assert content(gs.open(tmp_path / name)) == content(built(1))
