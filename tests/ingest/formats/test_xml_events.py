"""Streaming, and everything that XML could do to a reader."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from graphsocial.errors import EventFormatError
from graphsocial.ingest.formats import xml_events
from graphsocial.ingest.formats.xml_events import local_name

LAUGHS = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">]><gexf>&lol2;</gexf>"""
EXTERNAL = '<!DOCTYPE gexf [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><gexf>&xxe;</gexf>'
OUTSIDE = '<!DOCTYPE gexf SYSTEM "https://example.org/gexf.dtd"><gexf/>'
LATE = f"<?xml version='1.0'?>\n<!-- {'x' * 100_000} -->\n<?nothing here?><!DOCTYPE gexf [<!ENTITY a 'b'>]><gexf/>"


def told(path: Path, text: str | bytes, whole: tuple[str, ...] = ("node",)) -> list[tuple[str, str]]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(event, local_name(element)) for event, element in xml_events.xml_events(path, whole)]


@pytest.mark.parametrize("bomb", [LAUGHS, EXTERNAL, OUTSIDE, LATE, LAUGHS.encode("utf-16")])
def test_document_types_are_refused_before_anything_is_parsed(bomb: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(EventFormatError, match="has a DOCTYPE, which is refused"):
        told(tmp_path / "x.xml", bomb)
    packed = gzip.compress(bomb if isinstance(bomb, bytes) else bomb.encode())
    with pytest.raises(EventFormatError, match="has a DOCTYPE"):
        told(tmp_path / "x.xml.gz", packed)


def test_whole_elements_have_their_children_and_others_do_not(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text("<g a='1'><n>t</n><node id='1'><v/><node id='2'><w/></node></node><k/></g>")
    seen = [(e, local_name(x), x.get("id"), x.text) for e, x in xml_events.xml_events(path, ("node",))]
    assert seen == [
        ("start", "g", None, None),
        ("start", "n", None, "t"),
        ("end", "n", None, "t"),
        ("start", "node", "1", None),
        ("end", "node", "2", None),
        ("end", "node", "1", None),
        ("start", "k", None, None),
        ("end", "k", None, None),
        ("end", "g", None, None),
    ]


def test_children_of_every_element_are_told_with_it(tmp_path: Path) -> None:
    nodes = "".join(f"<node id='{i}'><v a='{i}'/><v a='{-i}'/></node>" for i in range(5000))
    (tmp_path / "x.xml").write_text(f"<g>{nodes}</g>")
    ends = [x for e, x in xml_events.xml_events(tmp_path / "x.xml", ("node",)) if e == "end"]
    assert len(ends) == 5001
    children = [[v.get("a") for v in x] for e, x in xml_events.xml_events(tmp_path / "x.xml", ("node",)) if e == "end"][
        :5000
    ]
    assert children == [[str(i), str(-i)] for i in range(5000)]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 40_000):
        nodes = "".join(f"<node id='{i}'><v a='{i}'>text</v></node><other/>\n" for i in range(count))
        (tmp_path / "x.xml").write_text(f"<g>{nodes}</g>")
        tracemalloc.start()
        assert sum(1 for _ in xml_events.xml_events(tmp_path / "x.xml", ("node",))) == 4 * count + 2
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.parametrize(
    ("text", "before", "reason"),
    [
        ("<g><node/><node></g>", 1, "mismatched tag: line 1"),
        ("<g><node/>&nbsp;<node/></g>", 1, "undefined entity"),
        ("<g><node/>", 1, "no element found"),
        ("<g><node/></g><g/>", 1, "junk after document element"),
        (b"<g><node/>\xff</g>", 1, "invalid token"),
        ("", 0, "no element found"),
        ("not XML", 0, "syntax error"),
        ("<?xml version='1.0' encoding='klingon'?><g/>", 0, "unknown encoding"),
        ("<?xml version='1.0' encoding='shift_jis'?><g/>", 0, "multi-byte encodings"),
        ("<?xml version='1.0' encoding='rot13'?><g>\xe9</g>".encode("latin-1"), 0, "not a text encoding"),
    ],
)
def test_what_stands_before_damage_is_told(text: str | bytes, before: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    ends = []
    with pytest.raises(EventFormatError, match=f"nothing from here on can be read: .*{reason}"):
        for event, element in xml_events.xml_events(path, ("node",)):
            ends += [element] * (event == "end" and local_name(element) == "node")
    assert len(ends) == before


def test_a_damaged_compression(tmp_path: Path) -> None:
    path = tmp_path / "x.xml.gz"
    packed = gzip.compress(("<g>" + "".join(f"<node id='{i * 7919 % 104729}'/>" for i in range(30_000))).encode())
    path.write_bytes(packed[: len(packed) // 2])
    count = 0
    with pytest.raises(EventFormatError, match="the file is damaged"):
        for _ in xml_events.xml_events(path, ("node",)):
            count += 1
    assert count > 1000


def test_what_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EventFormatError, match="more than 200 elements inside each other"):
        told(tmp_path / "x.xml", "<g>" * 100_000)
    monkeypatch.setattr(xml_events, "LONGEST", 100_000)
    for endless in ("<v/>" * 50_000, "x" * 200_000, f"<node>{'<v/>' * 50_000}</node>"):
        with pytest.raises(EventFormatError, match="more than 100,000 bytes without the end of a node or an edge"):
            told(tmp_path / "x.xml", f"<g><node/>{endless}</g>")
    assert len(told(tmp_path / "x.xml", f"<g>{'<node/>' * 50_000}</g>")) == 100_002
    with pytest.raises(EventFormatError, match="no element in the first 100,000 bytes"):
        told(tmp_path / "x.xml", f"<!-- {'x' * 200_000} --><g/>")


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(EventFormatError, match="is not a file"):
        list(xml_events.xml_events(tmp_path / "none.gexf", ()))
