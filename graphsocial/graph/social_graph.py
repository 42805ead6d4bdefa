"""The noun of the library: an immutable, time-stamped heterogeneous graph, and its views."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphsocial.errors import SchemaError, TimeWindowError, UnknownNodeError, did_you_mean
from graphsocial.graph.build import build_tables
from graphsocial.graph.csr import Csr, Direction
from graphsocial.graph.ids import id_bytes, id_text
from graphsocial.graph.measurements import Measurements
from graphsocial.graph.tables import Tables
from graphsocial.graph.time import AFTER_ALL, NEVER, format_time, parse_time
from graphsocial.schema import AT_ROW, MEASURED, UNKNOWN_TIME, EdgeType, NodeKey, Schema

Id = str | int | UUID
"""An id as the source has it; the graph keeps and returns its text."""

Time = int | float | str | date
"""Anything `parse_time` reads."""


@dataclass(frozen=True)
class Edges:
    """Edges of one type in a view, in time order.

    Attributes:
        src: Position of the source among the nodes of its type, int64 [edge].
        dst: Position of the target among the nodes of its type, int64 [edge].
        time: When the edge became known, int64 seconds UTC [edge].
        recorded: False where nobody recorded the edge's own time and `time` is that of the crawl, bool [edge].
    """

    src: np.ndarray
    dst: np.ndarray
    time: np.ndarray
    recorded: np.ndarray

    def __len__(self) -> int:
        return len(self.src)


class SocialGraph:
    """Users, posts and what passed between them, as known before a moment.

    One immutable store, many cheap views: `as_of` and `window` copy nothing. Nodes of a type are sorted by (first known
    time, id) and edges by time, so a view keeps a prefix of each table and erasing the future changes no index.

    Attributes:
        schema: Types, columns and flow.
        name: What the graph is called in reports.
        media_root: Folder that the `path` column of media nodes is relative to, None when not stated.
        start: Views only: edges before this time are left out.
        end: Views only: nothing at or after this time is known.

    >>> from graphsocial.schema import Column
    >>> schema = Schema({"user": {}, "post": {"text": Column()}}, {("user", "author", "post"): {}})
    >>> posts = pa.table({"id": ["p1", "p2"], "known_at": [10, 20], "text": ["first", "second"]})
    >>> author = pa.table({"src": ["ann", "bob"], "dst": ["p1", "p2"], "time": [10, 20]})
    >>> graph = SocialGraph.build(schema, {"post": posts}, {("user", "author", "post"): author}, name="tiny")
    >>> early = graph.as_of(20)
    >>> early.node_ids("user").tolist(), early.column("post", "text").to_pylist()
    (['ann'], ['first'])
    >>> early.index_of(("user", "bob"))
    Traceback (most recent call last):
    graphsocial.errors.UnknownNodeError: no user 'bob' as of 1970-01-01 00:00:20Z: it exists only later
    """

    name: str
    media_root: str | None

    def __init__(
        self,
        tables: Tables,
        name: str = "",
        media_root: str | None = None,
        stated_assumptions: tuple[str, ...] = (),
        assumed_known: frozenset[tuple[str, str]] = frozenset(),
        start: int | None = None,
        end: int | None = None,
    ):
        """A view of existing tables; `SocialGraph.build` is the way in for tables of your own."""
        self._tables, self.name, self.media_root = tables, name, media_root
        self._stated_assumptions, self._assumed_known = tuple(stated_assumptions), assumed_known
        self._start, self._end = start, end
        self.cache: dict[Hashable, Any] = {}
        """What queries built from this view and may use again; the view is immutable, so it never grows stale."""

    @classmethod
    def build(
        cls,
        schema: Schema,
        nodes: Mapping[str, pa.Table],
        edges: Mapping[EdgeType, pa.Table],
        name: str = "",
        assumptions: tuple[str, ...] = (),
        media_root: str | None = None,
        measurements: Mapping[str, pa.Table] | None = None,
    ) -> SocialGraph:
        """A graph from tables in any row order.

        Args:
            schema: Types and columns; missing columns become null.
            nodes: Per node type `id`, optionally `known_at` (int64 seconds; null: unknown), and the schema's columns.
                Optionally `first_known`, when the node was heard of before anything in these tables; a `known_at` of
                2**63 - 1 marks a node without a row. Ids that only edges name become nodes with null columns.
            edges: Per edge type `src` and `dst` (ids), `time` (int64 seconds; null: unknown, counts as known from the
                relation's crawl time in the schema), and the schema's columns.
            name: What the graph is called in reports.
            assumptions: Sentences to list in every report.
            media_root: Folder that the `path` column of media nodes is relative to.
            measurements: Per node type `id`, `measured_at` (int64 seconds; null: unknown, and then no view as of a time
                shows them), and columns that the schema says are measured; null where not looked at. Values of such
                columns in `nodes` count as measured at an unknown time.

        Raises:
            SchemaError: A table does not fit the schema, an id stands twice, or an unknown time has no crawl time.
        """
        return cls(build_tables(schema, nodes, edges, measurements), name, media_root, tuple(assumptions))

    # ---- what it is

    @property
    def schema(self) -> Schema:
        """Types, columns and flow."""
        return self._tables.schema

    @property
    def tables(self) -> Tables:
        """Columns of the WHOLE store, whatever the view; for rooms that save or subset it."""
        return self._tables

    @property
    def node_types(self) -> tuple[str, ...]:
        """Node types, in the schema's order."""
        return tuple(self.schema.nodes)

    @property
    def edge_types(self) -> tuple[EdgeType, ...]:
        """Edge types, in the schema's order."""
        return tuple(self.schema.edges)

    @property
    def start(self) -> int | None:
        """First second of the window, None when it has no start."""
        return self._start

    @property
    def end(self) -> int | None:
        """The view knows what happened strictly before this second, None when it knows everything."""
        return self._end

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What has to be believed for this view to be honest, one sentence each; reports list them."""
        found = list(self._stated_assumptions)
        for node_type, column in sorted(self._assumed_known):
            known_at = self.schema.node_column(node_type, column).known_at
            since = f" (measured {format_time(known_at)})" if isinstance(known_at, int) else ""
            found.append(f"column {node_type}.{column}{since} is treated as known with its row")
        for edge_type in self.edge_types:
            unknown = int((~self.edges(edge_type).recorded).sum())
            if unknown:
                crawl = self.schema.crawled_at[edge_type]
                since = f"from the crawl, {format_time(crawl)}"
                if crawl == AFTER_ALL:
                    since = "after everything, as nobody stated when they were collected"
                found.append(f"{unknown} edges ({', '.join(edge_type)}) of unknown time count as known {since}")
        for node_type in self.node_types:
            timeless = int((self.known_at(node_type) == UNKNOWN_TIME).sum())
            if timeless:
                found.append(f"{timeless} {node_type} nodes without any time count as known from the beginning")
        return tuple(found)

    def __repr__(self) -> str:
        when = "" if self.end is None else f" as of {format_time(self.end)}"
        when += "" if self.start is None else f", edges from {format_time(self.start)}"
        lines = [f"SocialGraph {self.name!r}{when}"]
        lines.append("  nodes: " + (", ".join(f"{t} {self.num_nodes(t):,}" for t in self.node_types) or "none"))
        lines.append(
            "  edges: " + (", ".join(f"{' '.join(t)} {self.num_edges(t):,}" for t in self.edge_types) or "none")
        )
        span = self.span
        lines.append(
            "  span:  " + ("no times" if span is None else f"{format_time(span[0])} to {format_time(span[1])}")
        )
        return "\n".join(lines)

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last time at which the view's nodes and edges became known, None when it has no time at all."""
        seen = []
        for edge_type in self.edge_types:
            time = self.edges(edge_type).time
            time = time[: np.searchsorted(time, AFTER_ALL)]
            if len(time):
                seen.append(time[[0, -1]])
        if self.start is None:
            for node_type in self.node_types:
                known = self.known_at(node_type)
                timed = known[(known != UNKNOWN_TIME) & (known != NEVER)]
                if len(timed):
                    seen.append(timed[[0, -1]])
        return (int(min(s[0] for s in seen)), int(max(s[1] for s in seen))) if seen else None

    # ---- views

    def as_of(self, time: Time) -> SocialGraph:
        """The view that knows only what happened strictly before `time`.

        Raises:
            TimeWindowError: The time cannot be read, or lies after this view's own end or before its start.
        """
        return self._view(self._start, self._checked(parse_time(time)))

    def window(self, start: Time, end: Time) -> SocialGraph:
        """The view with the edges of `[start, end)` and all nodes known before `end`.

        Raises:
            TimeWindowError: A time cannot be read, start is after end, or the window reaches out of this view.
        """
        first, last = parse_time(start), self._checked(parse_time(end))
        if self._start is not None and first < self._start:
            raise TimeWindowError(
                f"window from {format_time(first)} reaches before this view's start, {format_time(self._start)}"
            )
        return self._view(first, last)

    def without_start(self) -> SocialGraph:
        """The view with the same end and all edges before it."""
        return self._view(None, self._end)

    def assume_known(self, node_type: str, column: str, at: str = AT_ROW) -> SocialGraph:
        """The same view with a column that was measured later treated as known with its row.

        For labels only: the result lists the assumption.

        Raises:
            SchemaError: No such node type or column, or `at` is something else than "row".
        """
        self.schema.node_column(node_type, column)
        if at != AT_ROW:
            raise SchemaError(f"assume_known got at={at!r}, expected {AT_ROW!r}")
        return self._view(self._start, self._end, self._assumed_known | {(node_type, column)})

    @property
    def stated_assumptions(self) -> tuple[str, ...]:
        """The assumptions given to `build`; `assumptions` adds those that follow from the view."""
        return self._stated_assumptions

    @property
    def assumed_known(self) -> frozenset[tuple[str, str]]:
        """Columns that `assume_known` was called for, as (node type, column)."""
        return self._assumed_known

    def with_tables(self, tables: Tables) -> SocialGraph:
        """This view's name, assumptions and bounds over other tables of the same schema."""
        return SocialGraph(
            tables,
            self.name,
            self.media_root,
            self._stated_assumptions,
            self._assumed_known,
            self._start,
            self._end,
        )

    def restored_view(
        self, assumed_known: frozenset[tuple[str, str]], start: int | None, end: int | None
    ) -> SocialGraph:
        """The view with these assumed columns and bounds, None meaning unbounded; for rooms that load a graph."""
        for node_type, column in assumed_known:
            self.schema.node_column(node_type, column)
        return self._view(start, None if end is None else self._checked(end), assumed_known)

    def _view(
        self, start: int | None, end: int | None, assumed: frozenset[tuple[str, str]] | None = None
    ) -> SocialGraph:
        if start is not None and end is not None and start > end:
            raise TimeWindowError(f"start {format_time(start)} lies after end {format_time(end)}")
        assumed = self._assumed_known if assumed is None else assumed
        return SocialGraph(self._tables, self.name, self.media_root, self._stated_assumptions, assumed, start, end)

    def _checked(self, end: int) -> int:
        if self._end is not None and end > self._end:
            raise TimeWindowError(
                f"{format_time(end)} lies after this view's own end, {format_time(self._end)}; "
                "a view never reaches past what it knows, take the new one from the whole graph"
            )
        return end

    # ---- nodes

    def num_nodes(self, node_type: str) -> int:
        """Number of nodes known before the view's end."""
        table = self._tables.nodes[self.schema.check_node_type(node_type)]
        return len(table) if self._end is None else int(np.searchsorted(table.first_known, self._end, side="left"))

    def node_ids(self, node_type: str) -> np.ndarray:
        """Ids in canonical order, object [node]."""
        count = self.num_nodes(node_type)
        return self._tables.nodes[node_type].id_array[:count]

    def known_at(self, node_type: str) -> np.ndarray:
        """When each node is first known, int64 seconds [node]; UNKNOWN_TIME for one without any time."""
        count = self.num_nodes(node_type)
        return self._tables.nodes[node_type].first_known[:count]

    def row_known_at(self, node_type: str) -> np.ndarray:
        """When the columns of each node's row are known, int64 seconds [node]; 2**63 - 1 where not in this view."""
        count = self.num_nodes(node_type)
        known = self._tables.nodes[node_type].row_known[:count]
        return known if self._end is None else np.where(known < self._end, known, np.int64(NEVER))

    def index(self, node_type: str, ids: Iterable[Id]) -> np.ndarray:
        """Positions of ids in canonical order, int64 [id].

        A whole number or a UUID finds the node whose id it was in the source.

        Raises:
            UnknownNodeError: An id is not in the view; names near ones.
        """
        count = self.num_nodes(node_type)
        if isinstance(ids, str):
            raise SchemaError(f"index got one string, {ids[:60]!r}, expected a list of ids; index_of takes one node")
        names = list(ids)
        found = self._tables.nodes[node_type].lookup.find(id_bytes(names))
        unknown = np.flatnonzero((found < 0) | (found >= count))
        if len(unknown):
            raise self._unknown(node_type, names[unknown[0]], len(unknown))
        return found

    def index_of(self, key: NodeKey) -> int:
        """Position of one node, given as `(node type, id)`; the id may be a whole number or a UUID, as in the source.

        Raises:
            UnknownNodeError: The id is not in the view; names near ones.
        """
        node_type, name = _checked_key(key)
        position = self._position(node_type, name)
        if position is None:
            raise self._unknown(node_type, name)
        return position

    def has_node(self, key: NodeKey) -> bool:
        """Whether the view knows the node `(node type, id)`."""
        return self._position(*_checked_key(key)) is not None

    def _position(self, node_type: str, name: Id) -> int | None:
        count = self.num_nodes(node_type)
        text = id_text(name)
        position = None if text is None else self._tables.nodes[node_type].lookup.get(text)
        return None if position is None or position >= count else position

    def _unknown(self, node_type: str, name: object, how_many: int = 1) -> UnknownNodeError:
        when = "" if self._end is None else f" as of {format_time(self._end)}"
        others = "" if how_many == 1 else f" ({how_many - 1} more ids are unknown)"
        shown = repr(name) if len(repr(name)) <= 80 else f"{repr(name)[:80]}…"
        if id_text(name) in self._tables.nodes[node_type].lookup:
            return UnknownNodeError(f"no {node_type} {shown}{when}: it exists only later{others}")
        near = _near(str(name), self.node_ids(node_type))
        hint = f"; near ones: {', '.join(map(repr, near))}" if near else ""
        return UnknownNodeError(f"no {node_type} {shown}{when}, ids are the source's own strings{hint}{others}")

    def column(self, node_type: str, name: str) -> pa.Array:
        """Values of a node column, [node], null where not known as of the view; of a measured one the last."""
        count = self.num_nodes(node_type)
        column = self.schema.node_column(node_type, name)
        if column.known_at == MEASURED:
            return self._shown(node_type, name, count)
        values = self._tables.nodes[node_type].columns[name].slice(0, count)
        if self._end is None:
            return values
        if isinstance(column.known_at, int) and (node_type, name) not in self._assumed_known:
            if column.known_at >= self._end:
                return pa.nulls(count, values.type)
        visible = self._tables.nodes[node_type].row_known[:count] < self._end
        return values if visible.all() else pc.if_else(pa.array(visible), values, pa.scalar(None, values.type))

    def measurements(self, node_type: str, name: str) -> Measurements:
        """Every measurement of a measured column that the view knows, in order of time.

        Raises:
            SchemaError: No such node type or column, or its values are not measured one by one.
        """
        if self.schema.node_column(node_type, name).known_at != MEASURED:
            measured = ", ".join(self.schema.measured_columns(node_type)) or "(none)"
            raise SchemaError(f"column {node_type}.{name} is not measured one by one, expected one of {measured}")
        return self._tables.nodes[node_type].measured[name].before(self._end)

    def _shown(self, node_type: str, name: str, count: int) -> pa.Array:
        key = ("shown", node_type, name)
        if key not in self.cache:
            assumed = (node_type, name) in self._assumed_known
            whole = self._tables.nodes[node_type].measured[name]
            if assumed:  # the loud switch: what was ever measured counts as known with its node
                everywhere = np.arange(len(self._tables.nodes[node_type]))
                whole = whole.of_nodes(everywhere < count, everywhere)
            self.cache[key] = (whole if assumed else whole.before(self._end)).shown(count)
        return self.cache[key]

    # ---- edges

    def num_edges(self, edge_type: EdgeType) -> int:
        """Number of edges in the view."""
        first, last = self._edge_range(edge_type)
        return last - first

    def edges(self, edge_type: EdgeType) -> Edges:
        """Edges of one type in time order, as read-only numpy views."""
        first, last = self._edge_range(edge_type)
        table = self._tables.edges[self.schema.check_edge_type(edge_type)]
        part = slice(first, last)
        return Edges(table.src[part], table.dst[part], table.time[part], table.recorded[part])

    def edge_column(self, edge_type: EdgeType, name: str) -> pa.Array:
        """Values of an edge column, [edge], all null when measured at or after the view's end.

        Raises:
            SchemaError: No such edge type or column.
        """
        first, last = self._edge_range(edge_type)
        edge_type = self.schema.check_edge_type(edge_type)
        columns = self.schema.edges[edge_type]
        if name not in columns:
            raise SchemaError(
                f"edge type {edge_type!r} has no column {name!r}, expected one of {', '.join(columns) or '(none)'}."
                f"{did_you_mean(str(name), columns)}"
            )
        values = self._tables.edges[edge_type].columns[name].slice(first, last - first)
        known_at = columns[name].known_at
        if self._end is not None and isinstance(known_at, int) and known_at >= self._end:
            return pa.nulls(last - first, values.type)
        return values

    def csr(self, edge_type: EdgeType, direction: Direction = "out") -> Csr:
        """Rows of source nodes (`out`) or target nodes (`in`) of the WHOLE store, shared by all views.

        Kernels take the view's start and end as arguments; nothing else should read it.
        """
        if direction not in ("out", "in"):
            raise SchemaError(f"csr got direction {direction!r}, expected 'out' or 'in'")
        return self._tables.csr(self.schema.check_edge_type(edge_type), direction)

    def _edge_range(self, edge_type: EdgeType) -> tuple[int, int]:
        time = self._tables.edges[self.schema.check_edge_type(edge_type)].time
        first = 0 if self._start is None else int(np.searchsorted(time, self._start, side="left"))
        last = len(time) if self._end is None else int(np.searchsorted(time, self._end, side="left"))
        return first, last


def _checked_key(key: NodeKey) -> NodeKey:
    if not isinstance(key, tuple) or len(key) != 2:
        raise SchemaError(f"a node is named by (node type, id), such as ('user', 'u17'), got {key!r}")
    return key


def _near(name: str, ids: np.ndarray) -> list[str]:
    """Up to three ids that look like the name; a large graph is searched among ids with the same beginning or end."""
    if len(name) > 200:
        return []
    pool = [i for i in ids if len(i) <= 200]
    if len(pool) > 20_000:
        pool = [i for i in pool if abs(len(i) - len(name)) <= 2 and (i[:2] == name[:2] or i[-3:] == name[-3:])][:20_000]
    return difflib.get_close_matches(name, pool, n=3)
