"""A small file of every export format, with the reader that it is for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from graphsocial.ingest import parse_mapping
from graphsocial.ingest.detect_format import ReaderSettings, detect_format, export_readers
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.formats.cascade_text import CascadeTextReader
from graphsocial.ingest.formats.edge_list import EdgeListReader
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.formats.oasis import OasisReader
from graphsocial.store.export import export_graph
from tests.ingest.formats.test_gexf import GEPHI
from tests.ingest.formats.test_graphml import HANDMADE
from tests.ingest.formats.test_oasis import database, dated, rows
from tests.store.export.graphs import AUTHOR, FOLLOW, REPOST, SHARE, graph_of

COLLECTED = 1_735_689_600
"""2025-01-01T00:00:00Z."""

NOON = 1_646_827_200
"""2022-03-09T12:00:00Z."""

FIXTURES = {path.name: path for path in sorted(Path(__file__).parents[1].glob("ingest/**/fixtures/*"))}

_TOLD: dict[str, ExportReader] = {
    "bitcoin.csv": EdgeListReader(columns=("src", "dst", "weight", "time"), collected_at=COLLECTED),
    "forest_hours.txt": CascadeTextReader(step_seconds=3600),
    "forest_milliseconds.txt": CascadeTextReader(per_second=1000),
    "snap.txt": EdgeListReader(),
}
"""Readers of fixtures that do not say themselves how they are to be read."""

_OWN_CLOCK = {"cascades.tsv", "exported.gexf", "exported.graphml"}
"""Files that count seconds from a start of their own."""

_POSTS = """post,user,time,text,likes,tags
p1,ann,2022-03-09T12:00:00Z,"rain, again",3,flood rain
p2,bob,1646827260,"she said ""go""
and left",,flood
p3,,1646827320,no author,1,
p4,ann,yesterday,no time,1,
p5,ann,1646827380,few,many,
p6,cy,1646827440,last,4,rain
"""
_OBJECTS = """{"post": "p1", "user": "ann", "time": "2022-03-09T12:00:00Z", "text": "rain", "likes": 3, "tags": ["a"]}
{"post": "p2", "user": "bob", "time": 1646827260, "text": "é", "likes": null, "tags": "a b"}

{"post": "p3", "user": {"id": 4}, "time": 1646827320}
{"post": 4, "user": 5, "time": 1646827380, "likes": "7"}
"""
_MAPPING = {
    "assumptions": ["the crawl missed private accounts"],
    "table": [
        {
            "files": "posts*",
            "node": "post",
            "id": "post",
            "time": "time",
            "columns": {"text": "string", "likes": {"type": "int", "known_at": "unknown"}},
            "edges": [
                {"type": ["user", "author", "post"], "src": "user", "dst": "post"},
                {"type": ["post", "tag", "hashtag"], "src": "post", "dst": "tags", "split": " "},
            ],
        }
    ],
}


class ExportSource(NamedTuple):
    """A file in an export format.

    Attributes:
        name: Name of the file.
        content: What is in it.
        reader: Who reads it, with settings.
        own_clock: Whether its times count from a start of its own.
    """

    name: str
    content: bytes
    reader: ExportReader
    own_clock: bool

    def write(self, folder: Path, content: bytes | None = None, ending: str = "") -> Path:
        """Writes the file, or other content under its name."""
        path = folder / f"{self.name}{ending}"
        path.write_bytes(self.content if content is None else content)
        return path


def table_reader() -> MappedTableReader:
    """A reader of a table of posts."""
    mapping = parse_mapping(_MAPPING)
    return MappedTableReader(mapping.tables[0], assumptions=mapping.assumptions)


@cache
def export_source(name: str) -> ExportSource:
    """The file of a name."""
    if name in _MADE:
        content, reader = _MADE[name]()
    else:
        content = FIXTURES[name].read_bytes()
        readers = export_readers(ReaderSettings(collected_at=COLLECTED))
        reader = _TOLD[name] if name in _TOLD else detect_format(FIXTURES[name], readers)
    return ExportSource(name, content, reader, name in _OWN_CLOCK)


def reader_for(reader: ExportReader, path: Path) -> ExportReader:
    """The reader of one file, as the driver chooses it."""
    return reader.for_file(path) if isinstance(reader, GexfReader | GraphMLReader) else reader


def _text(text: str, reader: Callable[[], ExportReader]) -> Callable[[], tuple[bytes, ExportReader]]:
    return lambda: (text.encode(), reader())


def _exported(format: str, reader: Callable[[], ExportReader]) -> Callable[[], tuple[bytes, ExportReader]]:
    def make() -> tuple[bytes, ExportReader]:
        graph = graph_of(
            {"user": [{"id": "ann:1", "known_at": 5, "bot": True}], "post": [{"id": "p", "known_at": 9, "name": 0.5}]},
            {
                FOLLOW: [{"src": "bob", "dst": "ann:1", "time": None}],
                REPOST: [{"src": "bob", "dst": "bob", "time": 20, "weight": 1.5, "event": "r\x01"}],
                SHARE: [{"src": "bob", "dst": "p", "time": 30, "event": 7}],
                AUTHOR: [{"src": "ann:1", "dst": "p", "time": 9}],
            },
            {"user": [{"id": "cy", "measured_at": None, "name": "Cy"}, {"id": "bob", "measured_at": 40, "name": "B"}]},
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"graph.{format}"
            export_graph(graph, path, format)  # type: ignore[arg-type]
            return path.read_bytes(), reader()

    return make


def _database() -> tuple[bytes, ExportReader]:
    with tempfile.TemporaryDirectory() as folder:
        made = database(Path(folder) / "simulation.db", rows(dated))
        return made.read_bytes(), OasisReader(collected_at=COLLECTED)


def _parquet() -> tuple[bytes, ExportReader]:
    columns = {
        "post": ["p1", "p2"],
        "user": ["ann", None],
        "time": [NOON, NOON + 60],
        "text": ["rain", None],
        "likes": pa.array([3, None], pa.int32()),
        "tags": [["flood"], None],
    }
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, compression="none")
    return sink.getvalue().to_pybytes(), table_reader()


_MADE: dict[str, Callable[[], tuple[bytes, ExportReader]]] = {
    "gephi.gexf": _text(GEPHI, lambda: GexfReader(COLLECTED)),
    "handmade.graphml": _text(HANDMADE, lambda: GraphMLReader(COLLECTED)),
    "exported.gexf": _exported("gexf", GexfReader),
    "exported.graphml": _exported("graphml", GraphMLReader),
    "simulation.db": _database,
    "posts.csv": _text(_POSTS, table_reader),
    "posts.jsonl": _text(_OBJECTS, table_reader),
    "posts.parquet": _parquet,
}

SOURCES = (*FIXTURES, *_MADE)

LINES = tuple(
    name
    for name in SOURCES
    if name.endswith((".jsonl", ".ndjson", ".tsv", ".txt", "bitcoin.csv")) and name != "snap.txt"
)
"""Files of which a line says the same whatever the others hold; of an edge list the first one may say it is none."""
