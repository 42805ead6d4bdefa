"""The schema that a mapping describes, complete once the time of the last event is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from graphsocial.errors import SchemaError
from graphsocial.graph import format_time
from graphsocial.ingest.mapping import MEASURED_LATER, ColumnMapping, FolderMapping, KnownAt
from graphsocial.schema import NODE_TYPES, Column, EdgeType, Flow, Schema


class FolderSchema:
    """Node and edge types of a mapping, each with the columns that all its tables give it."""

    def __init__(self, mapping: FolderMapping):
        self._nodes: dict[str, dict[str, ColumnMapping]] = {}
        self._edges: dict[EdgeType, dict[str, ColumnMapping]] = {}
        self._flow: dict[EdgeType, Flow] = {}
        self._crawled_at: dict[EdgeType, KnownAt] = {}
        for table in mapping.tables:
            if table.node is not None:
                _join(self._nodes.setdefault(table.node, {}), table.columns, table.node)
            for edges in table.edges:
                for edge_type in edges.edge_types:
                    for end in (edge_type[0], edge_type[2]):
                        self._nodes.setdefault(end, {})
                    _join(self._edges.setdefault(edge_type, {}), edges.columns, " ".join(edge_type))
                    if edges.flow is not None and self._flow.setdefault(edge_type, edges.flow) != edges.flow:
                        raise SchemaError(f"the mapping gives {edge_type} two flows, expected one")
                    if edges.crawled_at is not None:
                        if self._crawled_at.setdefault(edge_type, edges.crawled_at) != edges.crawled_at:
                            raise SchemaError(f"the mapping gives {edge_type} two crawl times, expected one")
        if mapping.media:
            self._nodes["media"] = {"path": ColumnMapping("", note="file, relative to the media root")}

    def schema(self, last: int | None) -> Schema:
        """The schema, with what was measured later known after the last event."""

        def columns(given: Mapping[str, ColumnMapping]) -> dict[str, Column]:
            return {n: Column(c.type, _column_known_at(c.known_at, last), c.note) for n, c in given.items()}

        return Schema(
            nodes={n: columns(self._nodes[n]) for n in NODE_TYPES if n in self._nodes},
            edges={edge_type: columns(given) for edge_type, given in self._edges.items()},
            flow=self._flow,
            crawled_at={edge_type: known_time(at, last) or 0 for edge_type, at in self._crawled_at.items()},
        )

    def assumptions(self, last: int | None) -> Iterator[str]:
        """Sentences on time and flow."""
        yield "times without a zone are UTC"
        owners = [(name, given) for name, given in self._nodes.items()]
        owners += [(f"({', '.join(edge_type)})", given) for edge_type, given in self._edges.items()]
        later = [f"{o}.{name}" for o, given in owners for name, c in given.items() if c.known_at == MEASURED_LATER]
        if later and last is None:
            yield f"nothing has a time, so {', '.join(later)} count as known from the beginning"
        elif later and last is not None:
            yield (
                f"{', '.join(later)}: measured at an unrecorded later time, "
                f"so known only after the last event ({format_time(last)})"
            )
        for way, words in (("forward", "from source to target"), ("backward", "from target to source")):
            schema = self.schema(last)
            along = [e for e in self._edges if schema.flow_of(e) == way]
            if along:
                named = (f"({', '.join(e)})" + ("" if e in self._flow else " (by default)") for e in along)
                yield f"influence travels {words} along {', '.join(named)}"


def _join(into: dict[str, ColumnMapping], columns: Mapping[str, ColumnMapping], what: str) -> None:
    for name, column in columns.items():
        other = into.setdefault(name, column)
        if (other.type, other.known_at) != (column.type, column.known_at):
            raise SchemaError(f"the mapping describes column {name!r} of {what} in two ways, expected one")


def known_time(at: KnownAt, last: int | None) -> int | None:
    """The stated time, or the second after the last event; None when nothing has a time."""
    if isinstance(at, int):
        return at
    return None if last is None else last + 1


def _column_known_at(at: KnownAt, last: int | None) -> int | Literal["row"]:
    known = None if at == "row" else known_time(at, last)
    return "row" if known is None else known
