"""Runs a reader over a file and sorts its events, for tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from graphsocial.errors import EventFormatError
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped

FIXTURES = Path(__file__).parent / "fixtures"


class Read(NamedTuple):
    """What a reader made of a file."""

    nodes: dict[tuple[str, str], dict[str, Any]]
    """Values that are not None, with `known_at` and `first_known`, by (node type, id)."""
    edges: Counter[tuple[str, str, str, int | None]]
    """(relation, source, target, time)."""
    measured: dict[tuple[str, str], dict[str, Any]]
    """Values that are not None, with `at`, by (node type, id); the last one of each."""
    skipped: Counter[str]
    rejects: list[tuple[int, str | None, str]]
    """(line, field, reason)."""
    events: list[Event]


def read(reader: ExportReader, path: Path) -> Read:
    out = Read({}, Counter(), {}, Counter(), [], [])
    for line, content in reader.records(path):
        try:
            if isinstance(content, EventFormatError):
                raise content
            events = reader.events(content)
        except EventFormatError as error:
            out.rejects.append((line, error.field, str(error)))
            continue
        out.events.extend(events)
        for event in events:
            if isinstance(event, NodeRow):
                assert set(event.values) <= set(reader.schema.nodes[event.type])
                row = {k: v for k, v in event.values.items() if v is not None} | {"known_at": event.known_at}
                out.nodes[event.type, event.id] = row | (
                    {} if event.first_known is None else {"first_known": event.first_known}
                )
            elif isinstance(event, EdgeRow):
                assert set(event.values) <= set(reader.schema.edges[event.type])
                out.edges[event.type[1], event.src, event.dst, event.time] += 1
            elif isinstance(event, Measurement):
                assert set(event.values) <= set(reader.schema.nodes[event.type])
                seen = {k: v for k, v in event.values.items() if v is not None} | {"at": event.at}
                out.measured[event.type, event.id] = seen
            else:
                assert isinstance(event, Skipped)
                out.skipped[event.what] += 1
    return out
