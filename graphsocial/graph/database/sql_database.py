"""An empty database in memory that reaches nothing outside itself, and whose clock stands at the end of a view."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from graphsocial.errors import MissingExtraError, SchemaError
from graphsocial.graph.social_graph import SocialGraph

_CLOCK = {
    "TIMESTAMP": ("now", "get_current_timestamp", "transaction_timestamp", "current_localtimestamp"),
    "DATE": ("current_date", "today"),
    "TIME": ("get_current_time", "current_localtime"),
}
"""DuckDB's functions that read the clock, by the type they give."""

_SETTINGS = (
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "python_enable_replacements = false",
    "enable_external_access = false",
    "TimeZone = 'UTC'",
)

_TIMELESS = "now() is the end of the view, and this view has none; take graph.as_of(time)"


def database(view: SocialGraph, memory_limit: str, threads: int) -> Database:
    """The database for queries on a view, kept with it: opening one takes as long as many small queries.

    Args:
        view: Its end is what `now()` gives; without an end, `now()` raises.
        memory_limit: What DuckDB may hold, such as "500MB"; nothing is spilled to disk.
        threads: At most this many.

    Raises:
        SchemaError: An argument is no size or no number, or DuckDB cannot start with it.
        MissingExtraError: DuckDB is not installed.
    """
    if not isinstance(memory_limit, str) or not re.fullmatch(r"[0-9.]+ ?[KMGT]i?B", memory_limit, re.IGNORECASE):
        raise SchemaError(f"sql got memory_limit={memory_limit!r}, expected a size such as '500MB' or '2GB'")
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer) or threads < 1:
        raise SchemaError(f"sql got threads={threads!r}, expected a whole number of at least 1")
    try:
        import duckdb  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("sql needs DuckDB: pip install 'graphsocial[sql]'") from error
    key = ("sql", memory_limit, int(threads))
    if key not in view.cache:
        view.cache[key] = Database(view.end, memory_limit, int(threads))
    found: Database = view.cache[key]
    return found


class Database:
    """An empty database that sees no file, no network and no Python variable.

    Each query has a cursor with tables of its own, so threads do not meet. A copy sent to another process opens anew.
    """

    def __init__(self, end: int | None, memory_limit: str, threads: int):
        import duckdb

        self._arguments = end, memory_limit, threads
        options: dict[str, Any] = {"memory_limit": memory_limit, "temp_directory": "", "threads": threads}
        try:
            self._connection = duckdb.connect(":memory:", config=options)
            for setting in _SETTINGS:
                self._connection.execute(f"SET GLOBAL {setting}")
            _set_clock(self._connection, end)
            self._connection.execute("SET lock_configuration = true")
        except (duckdb.Error, ValueError, RuntimeError) as error:
            raise SchemaError(
                f"DuckDB cannot start with memory_limit={memory_limit!r} and threads={threads}: {error}"
            ) from error

    def cursor(self) -> Any:
        """A DuckDB connection to the database; close it after the query."""
        return self._connection.cursor()

    def __reduce__(self) -> tuple[Any, ...]:
        return Database, self._arguments


def _set_clock(connection: Any, end: int | None) -> None:
    """Hides the functions that read the clock behind macros of the same names."""
    moment = f"error('{_TIMELESS}')" if end is None else f"make_timestamp({end * 1_000_000})"
    for kind, names in _CLOCK.items():
        for name in names:
            connection.execute(f"CREATE MACRO {name}() AS CAST({moment} AS {kind})")
    today = f"CAST(CAST({moment} AS DATE) AS TIMESTAMP)"
    connection.execute(f"CREATE MACRO age(a) AS system.main.age({today}, a), (a, b) AS system.main.age(a, b)")
