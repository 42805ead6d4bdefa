"""Small graphs with everything that a format may fail to hold, and what a view says in plain values."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.schema import MEASURED, Column, EdgeType, Schema

FOLLOW: EdgeType = ("user", "follow", "user")
REPOST: EdgeType = ("user", "repost", "user")
SHARE: EdgeType = ("user", "repost", "post")
AUTHOR: EdgeType = ("user", "author", "post")
CRAWL = 60

SCHEMA = Schema(
    nodes={
        "user": {"name": Column("string", MEASURED), "followers": Column("int", MEASURED), "bot": Column("bool")},
        "post": {"text": Column(), "name": Column("float"), "type": Column("string"), "seen": Column("int", 75)},
    },
    edges={
        FOLLOW: {},
        REPOST: {"weight": Column("float"), "event": Column("string"), "type": Column("bool", 75)},
        SHARE: {"event": Column("int")},
        AUTHOR: {},
    },
    crawled_at={FOLLOW: CRAWL},
)

_ARROW = {"string": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
Row = dict[str, Any]


def graph_of(
    nodes: dict[str, list[Row]], edges: dict[EdgeType, list[Row]], measured: dict[str, list[Row]] | None = None
) -> SocialGraph:
    """A graph of `SCHEMA` from rows."""
    keys = {"id": pa.string(), "known_at": pa.int64(), "first_known": pa.int64()}
    ends = {"src": pa.string(), "dst": pa.string(), "time": pa.int64()}
    looks = {"id": pa.string(), "measured_at": pa.int64()}
    plain = {t: {n: c for n, c in cs.items() if c.known_at != MEASURED} for t, cs in SCHEMA.nodes.items()}
    return SocialGraph.build(
        SCHEMA,
        {t: _table(rows, keys, plain[t]) for t, rows in nodes.items()},
        {t: _table(rows, ends, SCHEMA.edges[t]) for t, rows in edges.items()},
        "wörld",
        ("a stated one",),
        measurements={t: _table(rows, looks, SCHEMA.measured_columns(t)) for t, rows in (measured or {}).items()},
    )


def _table(rows: list[Row], keys: dict[str, pa.DataType], columns: Any) -> pa.Table:
    types = {**keys, **{name: _ARROW[column.type] for name, column in columns.items()}}
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in types.items()})


_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(["", " ", "\r\n\t", "\x00\x1f\ufffe", "_x0041_", "_x005F_x0001_", "_x005F\x01", "<&>\"']]>", "NA"]),
)
_IDS = st.sampled_from(["a", "b", "c:d", "é\x0b", "_x0062_", " x ", "1"])
_TIME = st.integers(0, 90)
_MAYBE_TIME = st.one_of(st.none(), _TIME)
_INT = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
_FLOAT = st.one_of(st.none(), st.floats())
_BOOL = st.sampled_from([None, True, False])
_MAYBE_TEXT = st.one_of(st.none(), _TEXT)


def _rows(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.fixed_dictionaries(fields), max_size=5)


def _nodes(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    row = st.fixed_dictionaries(
        {"id": _IDS, "known_at": st.one_of(st.just(NEVER), _MAYBE_TIME), "first_known": _MAYBE_TIME, **fields}
    )
    return st.lists(row, max_size=5, unique_by=lambda r: r["id"])


@st.composite
def graphs(draw: st.DrawFn) -> SocialGraph:
    """Whole graphs and views of them."""
    nodes = {
        "user": draw(_nodes(bot=_BOOL)),
        "post": draw(_nodes(text=_MAYBE_TEXT, name=_FLOAT, type=_MAYBE_TEXT, seen=_INT)),
    }
    edges = {
        FOLLOW: draw(_rows(src=_IDS, dst=_IDS, time=_MAYBE_TIME)),
        REPOST: draw(_rows(src=_IDS, dst=_IDS, time=_TIME, weight=_FLOAT, event=_MAYBE_TEXT, type=_BOOL)),
        SHARE: draw(_rows(src=_IDS, dst=_IDS, time=_TIME, event=_INT)),
        AUTHOR: draw(_rows(src=_IDS, dst=_IDS, time=_TIME)),
    }
    measured = {"user": draw(_rows(id=_IDS, measured_at=_MAYBE_TIME, name=_MAYBE_TEXT, followers=_INT))}
    graph = graph_of(nodes, edges, measured)
    end = draw(st.one_of(st.none(), st.integers(0, 91)))
    return graph if end is None else graph.as_of(end)


def said(view: SocialGraph) -> dict[str, Any]:
    """What a view says, as plain values that compare with ==; of measurements only the last ones."""
    found: dict[str, Any] = {}
    for t in view.node_types:
        found[f"ids {t}"] = view.node_ids(t).tolist()
        found[f"first known {t}"] = view.known_at(t).tolist()
        found[f"row known {t}"] = view.row_known_at(t).tolist()
        for c in view.schema.nodes[t]:
            found[f"column {t} {c}"] = list(map(repr, view.column(t, c).to_pylist()))
        for c in view.schema.measured_columns(t):
            found[f"measured {t} {c}"] = view.measurements(t, c).known_at(view.num_nodes(t)).tolist()
    for e in view.edge_types:
        edges = view.edges(e)
        found[f"edges {e}"] = [a.tolist() for a in (edges.src, edges.dst, edges.time, edges.recorded)]
        for c in view.schema.edges[e]:
            found[f"edge column {e} {c}"] = list(map(repr, view.edge_column(e, c).to_pylist()))
    return found
