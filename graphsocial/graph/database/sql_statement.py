"""What a SQL text mentions, found with DuckDB's own parser, and what it may not do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphsocial.errors import SchemaError

IRREPRODUCIBLE = frozenset(
    "random setseed uuid gen_random_uuid uuidv4 uuidv7 nextval currval setval sleep_ms write_log stats vector_type "
    "current_query current_query_id current_transaction_id current_connection_id txid_current "
    "pg_conf_load_time pg_postmaster_start_time pg_sleep".split()
)
"""Functions whose answer depends on more than the view's rows."""

TABLE_FUNCTIONS = frozenset("unnest generate_series range repeat repeat_row json_each json_tree".split())
"""Functions in FROM that make rows from their arguments; all others read files, settings or memory."""

_SHOWN = ("tables", "databases", "schemas", "variables", "__show_tables_expanded")
"""What SHOW takes besides a table; the last is SHOW ALL TABLES."""

_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(ANALYZE\s+)?(\(\s*(ANALYZE|FORMAT)\b[^)]*\)\s*)?", re.IGNORECASE)
_ALLOWED = "expected one SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN; a view is only read"


@dataclass(frozen=True)
class Mentioned:
    """What a statement mentions.

    Attributes:
        tables: Names in FROM, as typed.
        ctes: Names that the statement itself gives to queries.
        catalogue: Whether it asks which tables there are.
    """

    tables: tuple[str, ...]
    ctes: frozenset[str]
    catalogue: bool


def read_statement(connection: Any, query: str) -> Mentioned:
    """Tables that one reading statement mentions.

    Args:
        connection: A DuckDB connection, for its parser.
        query: SQL text.

    Raises:
        SchemaError: It cannot be parsed, is more than one statement, may write, or calls what is not reproducible.
    """
    import duckdb

    if not isinstance(query, str):
        raise SchemaError(f"sql got a {type(query).__name__}, expected a text such as 'SELECT id FROM user'")
    try:
        kinds = [statement.type.name for statement in connection.extract_statements(query)]
    except duckdb.Error as error:
        raise SchemaError(f"the SQL cannot be read: {error}") from error
    if kinds not in (["SELECT"], ["EXPLAIN"]):
        pivot = re.search(r"\bPIVOT\b", query, re.IGNORECASE)
        hint = "; PIVOT needs its columns listed: PIVOT post ON kind IN ('a', 'b') USING count(*)" if pivot else ""
        raise SchemaError(f"sql got {_counted(kinds)}, {_ALLOWED}{hint}")
    explained = _EXPLAIN.match(query) if kinds == ["EXPLAIN"] else None
    plain = query[explained.end() :] if explained else query
    ((text,),) = connection.execute("SELECT json_serialize_sql(?)", [plain]).fetchall()
    tree = json.loads(text)
    if tree["error"]:
        raise SchemaError(f"sql cannot check this statement ({tree['error_message']}), {_ALLOWED}")
    return _mentioned(tree["statements"])


def _counted(kinds: list[str]) -> str:
    return f"a statement of kind {kinds[0]}" if len(kinds) == 1 else f"{len(kinds)} statements"


def _mentioned(statements: list[Any]) -> Mentioned:
    tables, ctes, catalogue = [], set(), False
    for node in _nodes(statements):
        kind = node.get("type")
        if kind == "BASE_TABLE":
            if (node.get("schema_name") or "").lower() == "information_schema":
                catalogue = True
            else:
                tables.append(node["table_name"])
        elif kind == "SHOW_REF":
            shown = (node.get("table_name") or "").strip('"')
            catalogue |= shown in _SHOWN
            tables += [shown] if shown and shown not in _SHOWN else []
        elif kind == "TABLE_FUNCTION":
            _check_table_function(node["function"])
        if "function_name" in node:
            _check_function(node)
        if "cte_map" in node:
            ctes |= {entry["key"].lower() for entry in node["cte_map"]["map"]}
        sample = node.get("sample")
        if isinstance(sample, dict) and sample.get("seed", -1) in (-1, None):
            raise SchemaError("a sample without a seed differs from run to run, add REPEATABLE (17)")
    return Mentioned(tuple(dict.fromkeys(tables)), frozenset(ctes), catalogue)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in a parsed statement; a stack of its own, as long chains of AND nest deeply."""
    stack = [tree]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            yield here
        stack += [v for v in (here.values() if isinstance(here, dict) else here) if isinstance(v, dict | list)]


def _check_function(node: dict[str, Any]) -> None:
    name = node["function_name"]
    path = [node.get("catalog") or "", node.get("schema") or ""]
    if path[0] or path[1].lower() not in ("", "main"):  # around the macros that hide the clock
        raise SchemaError(f"sql got {'.'.join([*filter(None, path), name])}(), expected the plain name, {name}()")
    if name.lower() in IRREPRODUCIBLE:
        raise SchemaError(
            f"{name}() depends on more than the view, so its answer could not be reproduced; draw at random in Python, "
            "from a seed, or order by hash(id)"
        )


def _check_table_function(function: dict[str, Any]) -> None:
    name = function.get("function_name", "")
    if name.lower() not in TABLE_FUNCTIONS:
        raise SchemaError(
            f"FROM {name}(…): SQL on a view reads the view's tables only, no files and no settings; "
            f"functions that make rows are {', '.join(sorted(TABLE_FUNCTIONS))}"
        )
