"""SQL on a view."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.database.sql_database import database
from graphsocial.graph.database.sql_result import SqlResult, plain_table
from graphsocial.graph.database.sql_statement import Mentioned, read_statement
from graphsocial.graph.database.view_tables import table_names, view_table
from graphsocial.graph.social_graph import SocialGraph

Parameters = Sequence[Any] | Mapping[str, Any]

_COLUMN = re.compile(r'Referenced column "(.+?)" not found|does not have a column named "(.+?)"')


def sql(
    view: SocialGraph,
    query: str,
    parameters: Parameters | None = None,
    *,
    memory_limit: str = "2GB",
    threads: int = 1,
) -> SqlResult:
    """Answers one SQL query, in DuckDB's dialect, from the rows that a view knows and nothing else.

    Tables are the node types (`user`, `post`, …: `id`, `known_at`, columns) and the relations (`follow`, or
    `user_repost_post` where a relation joins several pairs of types; the long name always works: `src`, `dst`, `time`,
    `recorded`, columns). `"like"` is a word of SQL and stands in double quotes. `SHOW TABLES` and `DESCRIBE user` tell
    what there is. Times are timestamps in UTC. Only tables that the query mentions are made.

    `now()`, `current_date`, `today()`, … are the end of the view, never the clock on the wall; without an end they
    raise. Random functions, samples without a seed, files, settings and anything that writes raise. Rows without ORDER
    BY come in an order that depends on nothing but the view as long as `threads` is 1.

    Args:
        view: What may be known: its nodes, and its edges in `[start, end)`.
        query: One statement that reads.
        parameters: Values for `?` or `$1` (a sequence), or for `$name` (a mapping).
        memory_limit: What DuckDB may hold besides the tables, such as "500MB"; it never writes to disk.
        threads: At most this many. With more than one, the order of rows without ORDER BY and the last digits of sums
            may vary from run to run.

    Raises:
        SchemaError: The query cannot be answered: unknown tables or columns (near ones are named), wrong syntax, values
            that do not fit, too little memory.
        MissingExtraError: DuckDB is not installed.

    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "cy"], "dst": ["ann", "ann", "bob"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges}, name="tiny")
    >>> sql(graph.as_of(3), "SELECT dst, count(*) AS times, max(time) AS last FROM repost GROUP BY dst")
    SQL on tiny as of 1970-01-01 00:00:03Z: 1 row × 3 columns
      dst  times  last
      ann  2      1970-01-01 00:00:02+00:00
    >>> sql(graph, "SELECT id FROM usr")
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: no table 'usr' in this view, expected one of user, repost. Did you mean 'user'?
    """
    given = _plain_parameters(parameters)
    with database(view, memory_limit, threads).cursor() as connection:
        import duckdb  # an extra; `database` says so when it is missing

        tables = _tables(view, read_statement(connection, query))
        for name, table in tables.items():
            connection.register(name, table)
        try:
            found = connection.sql(query, params=given).to_arrow_table()
        except (duckdb.Error, TypeError, ValueError, RuntimeError, OverflowError) as error:
            raise _explained(error, tables, memory_limit) from error
    return SqlResult(plain_table(found), query, view.name, view.end)


def _tables(view: SocialGraph, mentioned: Mentioned) -> dict[str, pa.Table]:
    """Tables that the query mentions, all where it asks which there are."""
    shown = table_names(view.schema)
    known = shown | {"_".join(edge_type): edge_type for edge_type in view.edge_types}
    wanted = dict.fromkeys(shown) if mentioned.catalogue else {}
    for typed in mentioned.tables:
        if typed.lower() in known:
            wanted[typed.lower()] = None
        elif typed.lower() not in mentioned.ctes:
            near = did_you_mean(typed.lower(), known)
            raise SchemaError(f"no table {typed!r} in this view, expected one of {', '.join(shown)}.{near}")
    return {name: view_table(view, known[name]) for name in wanted}


def _plain_parameters(parameters: Parameters | None) -> list[Any] | dict[str, Any] | None:
    """The parameters as DuckDB takes them: numpy's numbers as Python's."""
    if parameters is None:
        return None
    if isinstance(parameters, Mapping):
        return {str(name): _plain_value(value) for name, value in parameters.items()}
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence | np.ndarray):
        raise SchemaError(f"sql got parameters={parameters!r}, expected a list for ? or a mapping for $name")
    return [_plain_value(value) for value in parameters]


def _plain_value(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def _explained(error: Exception, tables: Mapping[str, pa.Table], memory_limit: str) -> SchemaError:
    if type(error).__name__ == "OutOfMemoryException":
        return SchemaError(f"the SQL needs more than memory_limit={memory_limit!r}, give it more: {error}")
    unknown = _COLUMN.search(str(error))
    if unknown is None:
        return SchemaError(f"the SQL cannot be answered: {error}")
    name = unknown[1] or unknown[2]
    columns = {column: table for table, found in tables.items() for column in found.column_names}
    listed = "; ".join(f"{table}: {', '.join(found.column_names)}" for table, found in tables.items())
    near = did_you_mean(name, columns) or " A text stands in single quotes, a name in double ones."
    return SchemaError(f"no column {name!r}, expected one of {listed or '(no table is mentioned)'}.{near}")
