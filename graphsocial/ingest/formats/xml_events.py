"""Elements of an XML file one after another, with nothing that entities could do to the reader."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import IO, Literal
from xml.etree.ElementTree import Element, ParseError, iterparse
from xml.parsers import expat

from graphsocial.errors import EventFormatError
from graphsocial.ingest.byte_stream import DAMAGE, open_bytes

LONGEST = 8 << 20
"""Bytes without the end of a node or an edge beyond which a file is none that is read here: parsed, the smallest
elements take thirty times their bytes."""

DEEPEST = 200
"""Elements inside each other beyond which a file is none that is read here."""

AT_ONCE = 1 << 14

XmlEvents = Iterator[tuple[Literal["start", "end"], Element]]


def xml_events(path: Path, whole: Container[str]) -> XmlEvents:
    """Beginnings and ends of elements; memory does not grow with the file.

    At its start an element has its attributes, at its end also its text. Elements named in `whole` also have their
    children then; of these nothing is told before, except the ends of those that are named in `whole` too, which are
    taken out.

    Args:
        path: The file, compressed or not.
        whole: Names of elements, without their namespace, that are told as a whole.

    Raises:
        EventFormatError: There is no such file, it has a document type, it is nested too deeply, a record is too long,
            or it is damaged; the elements before the damage are told first.
    """
    check_prolog(path)
    around: list[Element] = []
    known: dict[str, bool] = {}  # whether elements are told as a whole, by tag
    inside = 0
    with open_bytes(path) as stream:
        counted = _Counted(stream)
        try:
            for event, element in iterparse(counted, ("start", "end")):
                tag = element.tag
                if tag not in known:
                    known[tag] = local_name(element) in whole
                is_whole = known[tag]
                if event == "start":
                    around.append(element)
                    if len(around) > DEEPEST:
                        raise EventFormatError(f"more than {DEEPEST} elements inside each other", str(path))
                    if not inside:
                        yield "start", element
                    inside += is_whole
                    continue
                around.pop()
                inside -= is_whole
                if is_whole or not inside:
                    counted.since = 0 if is_whole else counted.since
                    yield "end", element
                    element.clear()
                    if around:
                        around[-1].remove(element)  # the first of those left; later ones may be there already
        except DAMAGE as error:
            raise _damaged(path, error) from error
        except (ParseError, LookupError, ValueError) as error:  # the latter two: unknown encodings
            if isinstance(error, EventFormatError):
                raise
            raise _damaged(path, error) from error


def check_prolog(path: Path) -> None:
    """Raises EventFormatError where a document type, and so any entity, stands before the first element.

    Such files can make parsers allocate gigabytes or read other files. Nothing after the first element is looked at.
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> int:
        raise EventFormatError("the file has a DOCTYPE, which is refused: entities could be hidden in it", str(path))

    def stop(*_: object) -> None:
        raise StopIteration

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = stop
    read = 0
    with open_bytes(path) as stream:
        try:
            while chunk := stream.read(AT_ONCE):
                read += len(chunk)
                if read > LONGEST:
                    raise EventFormatError(f"no element in the first {LONGEST:,} bytes", str(path))
                parser.Parse(chunk, False)
        except StopIteration:
            return
        except EventFormatError:
            raise
        except (*DAMAGE, expat.ExpatError, LookupError, ValueError):
            return  # damaged before any element; reading the elements says how


def local_name(element: Element) -> str:
    """Name of an element without its namespace.

    >>> local_name(Element("{http://gexf.net/1.3}node"))
    'node'
    """
    return str(element.tag).rpartition("}")[2]


class _Counted:
    """Counts bytes since the last record, and refuses to read on where they are too many."""

    def __init__(self, stream: IO[bytes]):
        self._stream, self.since = stream, 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, AT_ONCE) if size >= 0 else AT_ONCE)
        self.since += len(data)
        if self.since > LONGEST:
            raise EventFormatError(f"more than {LONGEST:,} bytes without the end of a node or an edge")
        return data


def _damaged(path: Path, error: Exception) -> EventFormatError:
    return EventFormatError(f"the file is damaged, nothing from here on can be read: {error}", str(path))
