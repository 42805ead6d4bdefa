"""SQL on views against the views read row by row, and what SQL may not do."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import MissingExtraError, SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.graph.database.sql import sql
from graphsocial.graph.database.sql_database import _CLOCK
from graphsocial.graph.database.sql_statement import IRREPRODUCIBLE
from graphsocial.graph.database.view_tables import table_names
from graphsocial.schema import UNKNOWN_TIME, Column, Schema
from tests.graph.worlds import random_world

duckdb = pytest.importorskip("duckdb")

LIKE = ("user", "like", "post")
REPLY = ("post", "reply", "post")


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture(scope="module")
def graph() -> SocialGraph:
    """Ann and Bob write; Bob likes both posts, the second a day later; cy is only named, in the future."""
    schema = Schema(
        nodes={"user": {"followers": Column("int", 500_000)}, "post": {"text": Column("string")}},
        edges={LIKE: {"weight": Column("float")}, REPLY: {}},
    )
    users = pa.table({"id": ["ann", "bob"], "known_at": [0, None], "followers": [7, 2**60]})
    posts = pa.table({"id": ["p1", "p2"], "known_at": [10, 90_000], "text": ["hi; there", "it's"]})
    likes = pa.table({"src": ["bob", "bob", "cy"], "dst": ["p1", "p2", "p1"], "time": [20, 100_000, 900_000]})
    replies = pa.table({"src": ["p2"], "dst": ["p1"], "time": [90_000]})
    return SocialGraph.build(schema, {"user": users, "post": posts}, {LIKE: likes, REPLY: replies}, name="tiny")


def rows(view: SocialGraph, query: str, parameters: Any = None, **options: Any) -> list[tuple[Any, ...]]:
    found = sql(view, query, parameters, **options)
    return list(zip(*(list(values) for values in found.columns().values()), strict=True)) if len(found) else []


def test_tables_hold_what_the_view_shows(graph: SocialGraph) -> None:
    early, late = graph.as_of(95_000), graph.window(50_000, 600_000)
    assert rows(early, "SELECT * FROM user") == [("ann", moment(0), None), ("bob", moment(20), None)]
    assert rows(late, "SELECT * FROM user") == [("ann", moment(0), 7), ("bob", moment(20), 2**60)]
    assert rows(early, 'SELECT * FROM "like"') == [("bob", "p1", moment(20), True, None)]
    assert rows(late, "SELECT src, dst FROM user_like_post") == [("bob", "p2")]
    assert rows(late, "SELECT count(*) FROM post") == [(2,)]
    assert rows(graph, "FROM user SELECT id") == [("ann",), ("bob",), ("cy",)]
    assert rows(graph.as_of(0), "SELECT * FROM user, post, reply") == []


def test_results_have_types_that_data_frames_know(graph: SocialGraph) -> None:
    found = sql(graph, "SELECT max(time) - min(time) AS span, sum(1) AS n, min(time) AS first FROM reply, (SELECT 1)")
    assert found.columns()["span"][0] == timedelta(0) and found.columns()["n"][0] == 1
    assert found.to_arrow().schema.types == [pa.duration("us"), pa.int64(), pa.timestamp("us", tz="UTC")]
    assert found.to_polars().row(0) == (timedelta(0), 1, moment(90_000))
    assert found.to_pandas()["n"].tolist() == [1]
    twice = sql(graph, "SELECT 1 AS a, 2 AS a, INTERVAL 1 MONTH AS b, 2::HUGEINT ** 1 AS c, NULL AS d")
    assert list(twice.columns()) == ["a", "a_2", "b", "c", "d"] and twice.columns()["b"][0] == "1 months 0 days"
    assert twice.to_polars().shape == (1, 5)
    assert rows(graph, "SELECT sum(followers) FROM user") == [(7 + 2**60,)]
    assert rows(graph, f"SELECT {2**90}::HUGEINT")[0][0] == 2**90
    none = sql(graph, "SELECT time - time AS a, sum(1) AS b FROM reply WHERE src = 'x' GROUP BY a")
    assert none.to_polars().shape == (0, 2)
    assert sql(graph, "SELECT i, CASE WHEN i > 1 THEN INTERVAL (i) HOUR END AS h FROM range(4) t(i)").columns()["h"][
        :
    ] == [None, None, timedelta(hours=2), timedelta(hours=3)]


def test_shows_itself(graph: SocialGraph) -> None:
    found = sql(graph.as_of(95_000), "SELECT id, known_at FROM post ORDER BY id")
    assert repr(found).splitlines() == [
        "SQL on tiny as of 1970-01-02 02:23:20Z: 2 rows × 2 columns",
        "  id  known_at",
        "  p1  1970-01-01 00:00:10+00:00",
        "  p2  1970-01-02 01:00:00+00:00",
    ]
    assert (found.query, found.as_of, len(found)) == ("SELECT id, known_at FROM post ORDER BY id", 95_000, 2)


def test_parameters_are_values(graph: SocialGraph) -> None:
    query = "SELECT id FROM user WHERE id IN ($1, $2) ORDER BY id"
    assert rows(graph, query, ["bob", "x'; DROP TABLE user"]) == [("bob",)]
    assert rows(graph, "SELECT id FROM user WHERE id = ANY($names)", {"names": np.array(["ann"], object)}) == [("ann",)]
    assert rows(graph, "SELECT count(*) FROM reply WHERE time < ?", (moment(90_001),)) == [(1,)]
    assert rows(graph, "SELECT ? + 1", [np.int64(2)]) == [(3,)]


def test_now_is_the_end_of_the_view(graph: SocialGraph) -> None:
    view = graph.as_of(95_000)
    asked = "now(), current_timestamp, localtimestamp, transaction_timestamp(), get_current_timestamp()"
    assert set(rows(view, f"SELECT {asked}")[0]) == {moment(95_000)}
    assert {str(day) for day in rows(view, "SELECT current_date, today(), now()::DATE")[0]} == {"1970-01-02"}
    assert {str(time) for time in rows(view, "SELECT current_time, localtime")[0]} == {"02:23:20"}
    assert rows(view, "SELECT age(TIMESTAMP '1970-01-01'), age(now(), now())") == [(timedelta(1), timedelta(0))]
    assert rows(view, "SELECT id FROM post WHERE known_at >= now() - INTERVAL 2 HOUR") == [("p2",)]
    with pytest.raises(SchemaError, match=r"now\(\) is the end of the view, and this view has none"):
        sql(graph, "SELECT now()")
    assert rows(view, "SELECT main.now()") == [(moment(95_000),)]
    for path in ("system.main", "pg_catalog", "temp.main"):
        with pytest.raises(SchemaError, match=rf"got {path}.now\(\), expected the plain name, now\(\)"):
            sql(view, f"SELECT {path}.now()")


def test_times_are_utc(graph: SocialGraph) -> None:
    asked = "TIMESTAMPTZ '1970-01-01', TIMESTAMP '1970-01-01'::TIMESTAMPTZ, TIMESTAMPTZ '1970-01-01'::TIMESTAMP"
    assert set(rows(graph, f"SELECT {asked}")[0]) == {moment(0)}
    assert rows(graph, "SELECT current_setting('TimeZone')") == [("UTC",)]  # not that of the machine


def test_every_function_that_reads_clock_or_chance_is_known() -> None:
    """A newer DuckDB may bring more of them."""
    found = duckdb.connect().execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() "
        "WHERE stability = 'VOLATILE' AND function_type = 'scalar'"
    )
    assert {name for (name,) in found.fetchall()} - {"error"} <= IRREPRODUCIBLE
    found = duckdb.connect().execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'scalar' AND "
        "(function_name LIKE '%now%' OR function_name LIKE '%current%' OR function_name LIKE '%today%')"
    )
    harmless = {"current_database", "current_schema", "current_schemas", "current_setting"}
    clock = {name for names in _CLOCK.values() for name in names}
    assert {name for (name,) in found.fetchall()} <= IRREPRODUCIBLE | clock | harmless


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT id FROM usr", "no table 'usr' in this view, expected one of user, post, like, reply. Did you mean"),
        ("SELECT * FROM follow", "no table 'follow' in this view"),
        (
            "SELECT ids FROM user",
            r"no column 'ids', expected one of user: id, known_at, followers. Did you mean 'id'\?",
        ),
        ("SELECT u.tet FROM post u", "no column 'tet', expected one of post: id, known_at, text. Did you mean 'text'"),
        ('SELECT * FROM user WHERE id = "zoe"', "no column 'zoe'.*A text stands in single quotes"),
        ("SELEC id", r'(?s)cannot be read: Parser Error: syntax error at or near "SELEC".*LINE 1: SELEC id\n\s+\^'),
        ("SELECT id FROM user WHERE (", "Parser Error: syntax error"),
        ("SELECT foo(id) FROM user", "Scalar Function with name foo does not exist"),
        ("SELECT sum(id) FROM user", "No function matches"),
        ("SELECT id::INT FROM user", "Could not convert string 'ann'"),
        ("SELECT ?", "cannot be answered"),
        ("SELECT x FROM (WITH a AS (SELECT 1 AS x) FROM a) JOIN a USING (x)", "Table with name a does not exist"),
        ("", "got 0 statements, expected one SELECT"),
        ("SELECT 1; SELECT 2", "got 2 statements"),
        ("DROP TABLE user", "statement of kind DROP, expected one SELECT, WITH.* a view is only read"),
        ("DELETE FROM user", "statement of kind DELETE"),
        ("INSERT INTO user VALUES (1)", "statement of kind INSERT"),
        ("CREATE TABLE a AS SELECT 1", "statement of kind CREATE"),
        ("COPY user TO 'x.csv'", "statement of kind COPY"),
        ("ATTACH 'x.db'", "statement of kind ATTACH"),
        ("INSTALL httpfs", "statement of kind LOAD"),
        ("SET threads = 4", "statement of kind SET"),
        ("PRAGMA database_list", "statement of kind PRAGMA|Only SELECT"),
        ("CALL pragma_version()", "statement of kind CALL"),
        ("EXPLAIN DROP TABLE user", "Only SELECT statements"),
        ("PIVOT post ON text USING count(*)", "PIVOT needs its columns listed"),
        ("SELECT * FROM '/etc/passwd'", "no table '/etc/passwd'"),
        ("SELECT * FROM read_text('/etc/passwd')", r"FROM read_text\(…\): SQL on a view reads the view's tables only"),
        ("SELECT * FROM duckdb_settings()", "reads the view's tables only"),
        ("SELECT * FROM arrow_scan(1, 2, 3)", "reads the view's tables only"),
        ("SELECT * FROM query('SELECT 1')", "reads the view's tables only"),
        ("SELECT * FROM query_table('user')", "reads the view's tables only"),
        ("SELECT id FROM user WHERE id IN (SELECT content FROM glob('/*'))", "reads the view's tables only"),
        ("SELECT Random() FROM user", "random.. depends on more than the view"),
        ("SELECT id FROM user ORDER BY uuid()", "uuid.. depends on more than the view"),
        ("SELECT * FROM user USING SAMPLE 1 ROWS", "a sample without a seed"),
        ("SELECT * FROM user TABLESAMPLE 10%", "a sample without a seed"),
    ],
)
def test_what_cannot_be_answered_says_why(graph: SocialGraph, query: str, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        sql(graph, query)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"memory_limit": "lots"}, "got memory_limit='lots', expected a size such as"),
        ({"memory_limit": 5}, "got memory_limit=5"),
        ({"threads": 0}, "got threads=0, expected a whole number of at least 1"),
        ({"threads": True}, "got threads=True"),
        ({"parameters": "ann"}, "got parameters='ann', expected a list"),
        ({"parameters": [object()]}, "cannot be answered"),
        ({"parameters": [1]}, "cannot be answered"),
        ({"parameters": {"a": 1}}, "cannot be answered"),
    ],
)
def test_wrong_options(graph: SocialGraph, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        sql(graph, "SELECT id FROM user", **options)


def test_query_is_a_text(graph: SocialGraph) -> None:
    with pytest.raises(SchemaError, match="got a int, expected a text"):
        sql(graph, 5)  # type: ignore[arg-type]


def test_too_little_memory_is_said(graph: SocialGraph) -> None:
    with pytest.raises(SchemaError, match="needs more than memory_limit='20MB'"):
        sql(graph, "SELECT list(i::VARCHAR || 'x') FROM range(3000000) t(i)", memory_limit="20MB")


def test_python_variables_are_not_seen(graph: SocialGraph) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(SchemaError, match="no table 'secret'"):
        sql(graph, "SELECT * FROM secret")
    with pytest.raises(SchemaError, match=r"Circular reference|does not exist"):
        sql(graph, "WITH secret AS (FROM secret) FROM secret")
    assert secret.num_rows


def test_the_catalogue_lists_the_tables(graph: SocialGraph) -> None:
    assert [row[:1] for row in rows(graph, "SHOW TABLES")] == [("like",), ("post",), ("reply",), ("user",)]
    assert [row[:2] for row in rows(graph, "DESCRIBE user")] == [
        ("id", "VARCHAR"), ("known_at", "TIMESTAMP"), ("followers", "BIGINT")
    ]  # fmt: skip
    listed = rows(graph, "SELECT table_name FROM information_schema.tables ORDER BY 1")
    assert listed == [("like",), ("post",), ("reply",), ("user",)]
    assert rows(graph, "SUMMARIZE post")[0][0] == "id"
    assert "post" not in rows(graph, "EXPLAIN SELECT count(*) FROM reply r JOIN user u ON r.src = u.id")[0][1]
    assert len(sql(graph, "EXPLAIN ANALYZE SELECT 1")) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t WHERE x < 3) SELECT max(x) FROM t", [(3,)]),
        ("WITH user AS (SELECT upper(id) AS id FROM user) SELECT id FROM user ORDER BY id LIMIT 1", [("ANN",)]),
        ("SELECT u.id, p.id FROM User u, POST p WHERE p.known_at < '1970-01-02' AND u.id > 'b' ORDER BY ALL",
         [("bob", "p1"), ("cy", "p1")]),
        ("SELECT id FROM post p WHERE EXISTS (FROM user_like_post WHERE dst = p.id AND src = 'cy')", [("p1",)]),
        ("PIVOT reply ON dst IN ('p1') USING count(*)", None),
        ("SELECT count(*) FROM user USING SAMPLE reservoir(2 ROWS) REPEATABLE (42)", [(2,)]),
        ("SELECT list_transform([1, 2], lambda x: x + 1)", [([2, 3],)]),
        ("TABLE reply; -- a remark", None),
        ("SELECT 'DROP TABLE user; now()'", [("DROP TABLE user; now()",)]),
        ("SELECT p.id, l.src FROM post p ASOF JOIN \"like\" l ON id = dst AND known_at <= time WHERE p.id = 'p2'",
         [("p2", "bob")]),
    ],
)  # fmt: skip
def test_the_dialect_is_duckdbs(graph: SocialGraph, query: str, expected: list[tuple[Any, ...]] | None) -> None:
    found = rows(graph, query)
    assert found == expected if expected is not None else found


def test_only_mentioned_tables_are_made(graph: SocialGraph) -> None:
    view = graph.as_of(95_000)
    sql(view, "SELECT count(*) FROM user WHERE id NOT IN (SELECT src FROM reply)")
    made = {key[1] for key in view.cache if key[0] == "view_table"}
    assert made == {"user", REPLY}
    before = view.cache["view_table", "user"]
    sql(view, "SELECT 1 FROM user")
    assert view.cache["view_table", "user"] is before


def test_ids_of_later_nodes_are_not_even_in_the_dictionary(graph: SocialGraph) -> None:
    view = graph.as_of(95_000)
    sql(view, 'FROM "like"')
    table = view.cache["view_table", LIKE]
    assert table.column("src").chunk(0).dictionary.to_pylist() == ["ann", "bob"]
    assert table.column("src").chunk(0).indices.type == pa.int32()


def test_names_that_differ_in_case_only() -> None:
    schema = Schema({"user": {"ID": Column("int"), "Name": Column(), "name": Column()}}, {})
    users = pa.table({"id": ["a"], "ID": [5], "Name": ["x"], "name": ["y"]})
    graph = SocialGraph.build(schema, {"user": users}, {})
    assert rows(graph, "SELECT id, ID_2, Name, name_2 FROM user") == [("a", 5, "x", "y")]
    assert rows(graph, "SELECT known_at FROM user") == [(None,)]


@pytest.mark.parametrize("seed", range(4))
def test_the_future_changes_nothing(seed: int) -> None:
    world = random_world(seed)
    for time in (0, 30, 61, 80):
        views = world.graph().as_of(time), world.erased(time).graph().as_of(time)
        for name in table_names(views[0].schema):
            for query in (f"FROM {name}", f"SELECT count(*), now() FROM {name}"):
                kept, erased = (sql(view, query).to_arrow() for view in views)
                assert kept.equals(erased), (name, time)
        joined = (
            "SELECT f.src, count(*) AS n FROM follow f LEFT JOIN user_repost_user r ON f.dst = r.src GROUP BY f.src"
        )
        kept, erased = (sql(view, joined).to_arrow() for view in views)
        assert kept.equals(erased)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(-5, 130), st.integers(0, 60))
def test_tables_equal_the_view(seed: int, end: int, before: int) -> None:
    view = random_world(seed).graph().window(end - before, end)
    for name, which in table_names(view.schema).items():
        found = rows(view, f"FROM {name}")
        if isinstance(which, str):
            times = [None if t == UNKNOWN_TIME else moment(int(t)) for t in view.known_at(which)]
            columns = [view.column(which, c).to_pylist() for c in view.schema.nodes[which]]
            assert found == list(zip(view.node_ids(which).tolist(), times, *columns, strict=True))
        else:
            edges, src, dst = view.edges(which), view.node_ids(which[0]), view.node_ids(which[2])
            ends = [src[i] for i in edges.src], [dst[i] for i in edges.dst]
            columns = [view.edge_column(which, c).to_pylist() for c in view.schema.edges[which]]
            times = [moment(int(t)) for t in edges.time]
            assert found == list(zip(*ends, times, edges.recorded.tolist(), *columns, strict=True))
            degree = Counter(ends[0])
            assert dict(rows(view, f"SELECT src, count(*) FROM {name} GROUP BY src")) == degree


def test_threads_at_once(graph: SocialGraph) -> None:
    views = [graph.as_of(time) for time in (5, 15, 95_000, 200_000)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: rows(views[i % 4], "SELECT count(*) FROM post")[0][0], range(40)))
    assert found == [0, 1, 2, 2] * 10


def test_nothing_is_written(graph: SocialGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sort that does not fit into memory would be spilled to disk."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SchemaError, match="needs more than memory_limit"):
        sql(graph, "SELECT hash(i) AS h FROM range(2000000) t(i) ORDER BY h", memory_limit="20MB")
    assert list(tmp_path.iterdir()) == []


def test_duckdb_is_an_extra(graph: SocialGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=re.escape("pip install 'graphsocial[sql]'")):
        sql(graph, "SELECT 1")


def test_duckdb_is_loaded_when_asked_for() -> None:
    code = "import sys, graphsocial.graph.database.sql; sys.exit('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_two_million_ends_cost_two_million_small_numbers() -> None:
    """A million edges take 17 bytes each in Arrow, besides the ids themselves."""
    rng = np.random.default_rng(0)
    count, follow = 100_000, ("user", "follow", "user")
    names = np.char.add("user", np.arange(1000).astype(str)).astype(object)
    ends = {end: pa.array(names[rng.integers(0, 1000, count)]) for end in ("src", "dst")}
    graph = SocialGraph.build(
        Schema({"user": {}}, {follow: {}}), {}, {follow: pa.table({**ends, "time": np.arange(count)})}
    )
    expected = Counter(ends["src"].to_pylist()).most_common()
    found = rows(graph, "SELECT src, count(*) AS n FROM follow GROUP BY src")
    assert Counter(dict(found)) == Counter(dict(expected))
    assert graph.cache["view_table", follow].nbytes < 18 * count + 40 * 1000


def test_a_view_that_was_asked_can_be_sent_to_another_process(graph: SocialGraph) -> None:
    view = graph.as_of(95_000)
    sql(view, "FROM user")
    twin = pickle.loads(pickle.dumps(view))  # noqa: S301 - our own bytes
    assert rows(twin, "SELECT id, now() FROM user") == [("ann", moment(95_000)), ("bob", moment(95_000))]
