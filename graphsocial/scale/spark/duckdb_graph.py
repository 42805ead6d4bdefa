"""A view of a graph in this process, for the steps that are written once for Spark and for DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphsocial.errors import MissingExtraError
from graphsocial.graph import SocialGraph
from graphsocial.graph.social_graph import Time
from graphsocial.schema import EdgeType, Schema

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True, eq=False)
class DuckDbGraph:
    """What a `SocialGraph` knows, as rows that DuckDB answers from.

    Attributes:
        graph: The view.
    """

    graph: SocialGraph

    @property
    def schema(self) -> Schema:
        """Types, columns and flow."""
        return self.graph.schema

    @property
    def start(self) -> int | None:
        """Edges before this second are left out, None for none."""
        return self.graph.start

    @property
    def end(self) -> int | None:
        """Nothing at or after this second is known, None for no end."""
        return self.graph.end

    def window(self, start: Time, end: Time) -> DuckDbGraph:
        """The view with the edges of `[start, end)`; TimeWindowError where that reaches out of this one."""
        return DuckDbGraph(self.graph.window(start, end))

    def without_start(self) -> DuckDbGraph:
        """The view with all edges before its end."""
        return DuckDbGraph(self.graph.without_start())

    def nodes(self, node_type: str) -> pa.Table:
        """`number`, `id`, `first_known` of the view's nodes."""
        count = self.num_nodes(node_type)
        ids = self.graph.tables.nodes[node_type].ids.slice(0, count).cast(pa.string())
        return pa.table({"number": np.arange(count), "id": ids, "first_known": self.graph.known_at(node_type)})

    def num_nodes(self, node_type: str) -> int:
        """Number of nodes known before the view's end."""
        return self.graph.num_nodes(node_type)

    def edges(self, edge_type: EdgeType) -> pa.Table:
        """`src`, `dst`, `time`, `recorded` of the view's edges."""
        edges = self.graph.edges(edge_type)
        return pa.table({"src": edges.src, "dst": edges.dst, "time": edges.time, "recorded": edges.recorded})

    def run(self, expression: ibis.Table, **tables: pa.Table) -> pa.Table:
        """What an Ibis expression over named tables gives.

        Raises:
            MissingExtraError: DuckDB is not installed.
        """
        import ibis

        try:
            import duckdb
        except ImportError as error:
            raise MissingExtraError("steps on DuckDB need it: pip install 'graphsocial[sql]'") from error
        with duckdb.connect(config={"threads": 1}) as connection:
            for name, table in tables.items():
                connection.register(name, table)
            return connection.sql(str(ibis.to_sql(expression, dialect="duckdb"))).to_arrow_table()

    def keep(self, frame: pa.Table) -> pa.Table:
        """The frame, which is made already."""
        return frame

    def frame(self, table: pa.Table) -> pa.Table:
        """The table, which is a frame already."""
        return table

    def rows(self, frame: pa.Table) -> pa.Table:
        """The rows of a frame, which they are already."""
        return frame
