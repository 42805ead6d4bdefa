"""What a step that is written once asks of a view, whichever engine holds its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from graphsocial.errors import MissingExtraError
from graphsocial.graph.social_graph import Time
from graphsocial.schema import EdgeType, Schema

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

Frame = Any
"""Rows as an engine holds them: a Spark DataFrame, or an Arrow table."""


class ViewRows(Protocol):
    """A view of a graph as rows between canonical positions.

    Attributes:
        schema: Types, columns and flow.
        start: Edges before this second are left out, None for none.
        end: Nothing at or after this second is known, None for no end.
    """

    @property
    def schema(self) -> Schema: ...  # noqa: D102

    @property
    def start(self) -> int | None: ...  # noqa: D102

    @property
    def end(self) -> int | None: ...  # noqa: D102

    def window(self, start: Time, end: Time) -> ViewRows:
        """The view with the edges of `[start, end)`; TimeWindowError where that reaches out of this one."""
        ...

    def without_start(self) -> ViewRows:
        """The view with all edges before its end."""
        ...

    def nodes(self, node_type: str) -> Frame:
        """`number`, `id`, `first_known` of the view's nodes."""
        ...

    def num_nodes(self, node_type: str) -> int:
        """Number of nodes known before the view's end."""
        ...

    def edges(self, edge_type: EdgeType) -> Frame:
        """`src`, `dst`, `time`, `recorded` of the view's edges."""
        ...

    def run(self, expression: ibis.Table, **tables: Frame) -> Frame:
        """What an Ibis expression over named tables gives."""
        ...

    def keep(self, frame: Frame) -> Frame:
        """The frame, made once where several steps read it."""
        ...

    def frame(self, table: pa.Table) -> Frame:
        """A small table of this process as a frame."""
        ...

    def rows(self, frame: Frame) -> pa.Table:
        """The rows of a frame, here."""
        ...


def edge_table(name: str = "edges") -> ibis.Table:
    """An unbound table of edges, to write expressions over."""
    return relations().table({"src": "int64", "dst": "int64", "time": "int64", "recorded": "boolean"}, name=name)


def node_table(name: str = "nodes") -> ibis.Table:
    """An unbound table of nodes, to write expressions over."""
    return relations().table({"number": "int64", "id": "string", "first_known": "int64"}, name=name)


def relations() -> Any:
    """Ibis, in which steps for several engines are written.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import ibis
    except ImportError as error:
        raise MissingExtraError("steps on Spark need ibis: pip install 'graphsocial[spark]'") from error
    return ibis


def real_number(value: float) -> ibis.Value:
    """A number in an expression, to the last bit; dialects write numbers in ways of their own, and text in one."""
    return relations().literal(repr(float(value))).cast("float64")
