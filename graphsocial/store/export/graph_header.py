"""What an exported file says of the graph as a whole, so that it can be read back: schema, name, assumptions."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.graph.build import EDGE_KEYS, NODE_KEYS
from graphsocial.graph.columns import ARROW_TYPE
from graphsocial.graph.time import EARLIEST, LATEST
from graphsocial.schema import AT_ROW, MEASURED, Column, Schema

FORMAT = "graphsocial graph"
VERSION = 1


class GraphHeader(NamedTuple):
    """What stands in a header.

    Attributes:
        name: What the graph is called.
        assumptions: What was stated when the graph was built.
        schema: Types and columns.
    """

    name: str
    assumptions: tuple[str, ...]
    schema: Schema


def header_text(graph: SocialGraph) -> str:
    """The header as JSON in ASCII, which every format can hold."""
    assumptions, schema = list(graph.stated_assumptions), graph.schema.to_json()
    content = {"format": FORMAT, "version": VERSION, "name": graph.name, "assumptions": assumptions, "schema": schema}
    return json.dumps(content)


def read_header(text: str) -> GraphHeader | None:
    """The header that `header_text` wrote, None where the text is something else.

    Raises:
        SchemaError: It is a header of another release or a damaged one.

    >>> read_header("A network of web pages") is None
    True
    """
    if not (text.lstrip().startswith("{") and FORMAT in text):
        return None
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            return None
        if content["version"] != VERSION:
            raise SchemaError(f"header of version {content['version']!r}, expected {VERSION}; another release wrote it")
        json.dumps(content, ensure_ascii=False).encode()  # raises where half a surrogate pair is in it
        name, assumptions = content["name"], tuple(content["assumptions"])
        if not all(isinstance(part, str) for part in (name, *assumptions)):
            raise SchemaError("name or assumptions in the header are no texts")
        return GraphHeader(name, assumptions, _checked(Schema.from_json(content["schema"])))
    except SchemaError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise SchemaError(f"the header of the file is damaged: {error!r}") from error


def _checked(schema: Schema) -> Schema:
    """The schema, after a look at what `Schema` takes on trust from code but not from files."""
    kept = [(columns, (*NODE_KEYS, "measured_at")) for columns in schema.nodes.values()]
    kept += [(columns, (*EDGE_KEYS, "relation")) for columns in schema.edges.values()]
    for columns, reserved in kept:
        for name, column in columns.items():
            if name in reserved or not _is_column(column):
                raise SchemaError(f"column {name!r} in the header of the file is described as {column}")
    for edge_type, flow in schema.flow.items():
        if flow not in ("forward", "backward"):
            raise SchemaError(f"flow of {edge_type} in the header of the file is {flow!r}")
    for edge_type, time in schema.crawled_at.items():
        if not _is_time(time):
            raise SchemaError(f"crawl time of {edge_type} in the header of the file is {time!r}")
    return schema


def _is_column(column: Column) -> bool:
    known: Any = column.known_at
    return (
        column.type in ARROW_TYPE and isinstance(column.note, str) and (known in (AT_ROW, MEASURED) or _is_time(known))
    )


def _is_time(time: object) -> bool:
    return isinstance(time, int) and not isinstance(time, bool) and EARLIEST <= time <= LATEST
