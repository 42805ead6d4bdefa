"""Graph files with something wrong in them, and a look at what readers make of them."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.graph.time import EARLIEST, LATEST, NEVER
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped

_PARTS = re.compile(r'(<[^>]*>|"[^"]*"|[^<>"]+)')
_ODD = st.sampled_from(
    ["", '""', '"x"', '"-1"', '"1e999"', '"99999999999999999999"', '"nan"', '"true"', '"1_0"', '"٣"', '"1646820000123"',
     '"user"', '"post:"', '"_xD800_"', "\\ud800", "<node>", "</node>", "<edge/>", "<!-- -->", "text", "&amp;", "&lol;",
     "\x00", "{}"]
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text with a few parts dropped, doubled or replaced, or its end cut off."""
    parts = [part for tag in _PARTS.findall(text) for part in re.split(r'("[^"]*")', tag)]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(parts) - 1))
        parts[place] = draw(st.one_of(_ODD, st.just(parts[place] * 2)))
    whole = "".join(parts)
    return whole[: draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))]


def check_event(event: Event) -> None:
    """Fails for an event that no graph can hold."""
    if isinstance(event, Skipped):
        return
    times = {
        NodeRow: ("known_at", "first_known"),
        EdgeRow: ("time",),
        Measurement: ("at",),
    }[type(event)]
    for name in times:
        time = getattr(event, name)
        assert time is None or time == NEVER or EARLIEST <= time <= LATEST, event
    names = (event.src, event.dst) if isinstance(event, EdgeRow) else (event.id,)
    for value in (*names, *event.values.values()):
        assert isinstance(value, str | bool | float) or -(2**63) <= value < 2**63, event
        if isinstance(value, str):
            value.encode()


def read_anything(reader: GexfReader | GraphMLReader, text: str) -> None:
    """Reads a text as a file; raises what is neither a list of events nor an EventFormatError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph.{reader.format}"
        path.write_text(text, encoding="utf-8")
        try:
            mine = reader.for_file(path)
            for number, record in mine.records(path):
                assert number > 0
                if not isinstance(record, EventFormatError):
                    try:
                        for event in mine.events(record):
                            check_event(event)
                    except EventFormatError:
                        pass
        except EventFormatError:
            pass
