"""What every reader of exports keeps to, whatever stands in the file that it is given."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import signal
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.graph.time import EARLIEST, LATEST, NEVER
from graphsocial.ingest.detect_format import detect_format, export_readers
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.json_fields import EARLIEST_POST, LATEST_POST
from graphsocial.store import About, EdgeRow, Event, EventBatch, Measurement, NodeRow, Skipped
from graphsocial.store.stored_rows import arrow_schema
from tests.contracts.damaged_bytes import Damaged, damaged
from tests.contracts.export_sources import LINES, SOURCES, ExportSource, export_source, reader_for, table_reader

READERS = (*export_readers(), table_reader())

ANY_DAMAGE = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Found(NamedTuple):
    """What a reader made of a file."""

    reader: ExportReader
    events: list[Event]
    lines: list[int]
    """Of the records that could be read."""


def look(reader: ExportReader, path: Path) -> Found:
    """Reads a whole file; fails where anything but events or EventFormatError comes out."""
    events: list[Event] = []
    lines: list[int] = []
    with within(30):
        try:
            reader = reader_for(reader, path)
            for line, record in reader.records(path):
                assert isinstance(line, int) and line > 0
                try:
                    if isinstance(record, EventFormatError):
                        raise record
                    events += reader.events(record)
                    lines.append(line)
                except EventFormatError as error:
                    assert str(error)
        except EventFormatError as error:
            assert str(error)
    return Found(reader, events, lines)


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fails where something takes far too long, on systems that can tell."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise AssertionError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def times_of(event: Event) -> list[int]:
    """Times in an event; what is known at no time has none."""
    if isinstance(event, NodeRow):
        found = [event.known_at, event.first_known]
    elif isinstance(event, EdgeRow):
        found = [event.time]
    else:
        found = [event.at] if isinstance(event, Measurement) else []
    return [time for time in found if time is not None and time != NEVER]


def ids_of(event: Event) -> list[str]:
    if isinstance(event, EdgeRow):
        return [event.src, event.dst]
    return [] if isinstance(event, Skipped) else [event.id]


def check(found: Found) -> None:
    """Fails for events that a store cannot take, or that no graph should hold."""
    EventBatch.of_events(found.reader.schema, found.events)
    exported = getattr(found.reader, "header", None) is not None  # whatever ids the graph had
    for event in found.events:
        assert all(type(name) is str and (exported or name.strip()) for name in ids_of(event)), event
        assert all(type(time) is int and EARLIEST <= time <= LATEST for time in times_of(event)), event
        assert not isinstance(event, Skipped) or event.what


# ---- what a reader says of itself


def test_no_two_formats_have_one_name() -> None:
    names = [reader.format for reader in READERS]
    assert len(set(names)) == len(names)
    assert all(name and name == name.strip() for name in names)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.format)
def test_a_reader_says_what_it_reads_and_assumes(reader: ExportReader) -> None:
    assert len(reader.documented.split()) > 1
    assert reader.schema.nodes and reader.schema.edges
    arrow_schema(reader.schema)
    said = reader.assumptions
    assert isinstance(said, tuple) and len(set(said)) == len(said)
    assert all(isinstance(sentence, str) and len(sentence.split()) > 2 for sentence in said)
    assert not any("\n" in sentence or sentence != sentence.strip() for sentence in said)


def test_exports_of_all_formats_fit_into_one_store() -> None:
    about = About()
    for reader in export_readers():
        about = about.joined(About(reader.schema, reader.assumptions))
    arrow_schema(about.schema)


def test_there_is_a_file_of_every_format() -> None:
    assert {export_source(name).reader.format for name in SOURCES} == {reader.format for reader in READERS}


# ---- what a reader makes of a file that is in order


@pytest.mark.parametrize("name", SOURCES)
def test_events_fit_the_schema_of_their_reader(name: str, tmp_path: Path) -> None:
    source = export_source(name)
    found = look(source.reader, source.write(tmp_path))
    assert found.events
    check(found)
    batch = EventBatch.of_events(found.reader.schema, found.events)
    assert batch.num_rows + sum(batch.skipped.values()) == len(found.events)


@pytest.mark.parametrize("name", SOURCES)
def test_times_are_those_of_the_file(name: str, tmp_path: Path) -> None:
    source = export_source(name)
    times = [time for event in look(source.reader, source.write(tmp_path)).events for time in times_of(event)]
    earliest = 0 if source.own_clock else EARLIEST_POST
    assert not [time for time in times if not earliest <= time < LATEST_POST]


@pytest.mark.parametrize("name", SOURCES)
def test_a_record_always_says_the_same(name: str, tmp_path: Path) -> None:
    source = export_source(name)
    path = source.write(tmp_path)
    reader = reader_for(source.reader, path)

    def said() -> list[tuple[int, Any]]:
        found: list[tuple[int, Any]] = []
        for line, record in reader.records(path):
            for _ in range(2):
                try:
                    if isinstance(record, EventFormatError):
                        raise record
                    found.append((line, reader.events(record)))
                except EventFormatError as error:
                    found.append((line, (error.field, str(error))))
            assert found[-1] == found[-2], "a record says something else when it is read for the second time"
        return found

    first = said()
    for other in SOURCES:  # a reader knows nothing of the files that it read before
        if export_source(other).reader.format == reader.format:
            look(reader, export_source(other).write(tmp_path))
    assert first and said() == first


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.format)
def test_a_file_of_another_format_does_no_harm(reader: ExportReader, tmp_path: Path) -> None:
    for name in SOURCES:
        check(look(reader, export_source(name).write(tmp_path)))


# ---- what a reader makes of a file that is damaged


@cache
def readable_lines(name: str) -> frozenset[bytes]:
    """Lines of a file that say something by themselves."""
    source = export_source(name)
    with tempfile.TemporaryDirectory() as folder:
        found = look(source.reader, source.write(Path(folder)))
    lines = source.content.split(b"\n")
    return frozenset(lines[line - 1].rstrip(b"\r") for line in found.lines)


@pytest.mark.parametrize("name", SOURCES)
@ANY_DAMAGE
@given(data=st.data())
def test_a_damaged_file_gives_events_or_reasons(name: str, data: st.DataObject) -> None:
    source = export_source(name)
    harm: Damaged = data.draw(damaged(source.content))
    with tempfile.TemporaryDirectory() as folder:
        path = source.write(Path(folder), harm.content)
        found = look(source.reader, path)
        check(found)
        if name in LINES and not _is_read_otherwise(source, harm.content):
            expected = sum(line.rstrip(b"\r\n") in readable_lines(name) for line in harm.whole)
            assert len(found.lines) >= expected, "damage to a line cost others"
        with within(30):
            try:
                detected = detect_format(path, export_readers())
            except EventFormatError:
                return
        check(look(detected, path))


def _is_read_otherwise(source: ExportSource, content: bytes) -> bool:
    """Whether the first character, which for 4CAT says whether lines are JSON or CSV, is another than before."""
    begins = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return source.reader.format == "4cat" and begins != source.content[:1]


# ---- what is in an archive


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export", content)
    return packed.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zip": zipped,
}


@pytest.mark.parametrize("ending", PACKED)
@pytest.mark.parametrize("name", ["reddit_comments.jsonl", "posts.csv", "gephi.gexf"])
@ANY_DAMAGE
@given(data=st.data())
def test_a_damaged_archive_gives_events_or_reasons(name: str, ending: str, data: st.DataObject) -> None:
    source = export_source(name)
    harm: Damaged = data.draw(damaged(PACKED[ending](source.content)))
    with tempfile.TemporaryDirectory() as folder:
        path = source.write(Path(folder), harm.content, ending)
        check(look(source.reader, path))
        with within(30):
            try:
                detect_format(path, export_readers())
            except EventFormatError:
                pass


# ---- what was found


def only_reason(name: str, content: bytes, tmp_path: Path, ending: str = "") -> str:
    """Why nothing of some content can be read."""
    source = export_source(name)
    path = source.write(tmp_path, content, ending)
    assert look(source.reader, path).events == []
    with pytest.raises(EventFormatError) as found:
        for _, record in source.reader.records(path):
            if isinstance(record, EventFormatError):
                raise record
            source.reader.events(record)
    return str(found.value)


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    content = bytearray(zipped(export_source("reddit_comments.jsonl").content))
    entry = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[entry + 8] |= 1
    assert "encrypted" in only_reason("reddit_comments.jsonl", bytes(content), tmp_path, ".zip")
    with pytest.raises(EventFormatError, match="encrypted"):
        detect_format(tmp_path / "reddit_comments.jsonl.zip", export_readers())


@pytest.mark.parametrize("begins", [0, 0xE1])
def test_an_archive_whose_directory_names_no_file(begins: int, tmp_path: Path) -> None:
    """The name ends before it begins, or is said to be UTF-8 and is not."""
    content = bytearray(zipped(export_source("reddit_comments.jsonl").content))
    entry = content.index(b"PK\x01\x02")
    content[entry + 9] |= 0x08  # names are UTF-8
    content[entry + 46] = begins
    assert "decompressed" in only_reason("reddit_comments.jsonl", bytes(content), tmp_path, ".zip")


@pytest.mark.parametrize("text", [b"rain", b"ann", b"text"])
def test_a_parquet_file_whose_words_are_no_utf_8(text: bytes, tmp_path: Path) -> None:
    """A cell, and a name of a column."""
    content = export_source("posts.parquet").content
    assert text in content
    reason = only_reason("posts.parquet", content.replace(text, text[:1] + b"\xff" + text[2:]), tmp_path)
    assert "utf-8" in reason.lower()


@pytest.mark.parametrize("keys", [[None], [""], [{"media_key": "3_1"}], [7]])
def test_media_of_an_x_post_that_have_no_id(keys: list[Any], tmp_path: Path) -> None:
    post = {"id": "1", "text": "x", "created_at": "2022-03-09T12:00:00Z", "attachments": {"media_keys": keys}}
    assert "list of ids" in only_reason("x_v2_page.jsonl", orjson.dumps(post), tmp_path)


def test_a_mention_of_nobody_in_an_item_of_4cat(tmp_path: Path) -> None:
    item = {"id": "1", "thread_id": "1", "body": "hi", "timestamp": "2022-03-09 12:00:00", "mentions": "@,@bob, "}
    source = export_source("four_cat_zeeschuimer.ndjson")
    found = look(source.reader, source.write(tmp_path, orjson.dumps(item)))
    assert [event.dst for event in found.events if isinstance(event, EdgeRow)] == ["bob"]


def test_a_picture_on_bluesky_whose_id_is_blank(tmp_path: Path) -> None:
    content = export_source("bluesky_stream.jsonl").content
    line = next(line for line in content.splitlines() if b'embed.images"' in line)
    blank = re.sub(rb'"\$link":\s*"[^"]*"', b'"$link":" "', line)
    assert "missing id of the file" in only_reason("bluesky_stream.jsonl", blank, tmp_path)


@pytest.mark.parametrize("name", ["gephi.gexf", "handmade.graphml"])
def test_a_node_of_a_graph_file_whose_id_is_blank(name: str, tmp_path: Path) -> None:
    source = export_source(name)
    before = look(source.reader, source.write(tmp_path))
    found = look(source.reader, source.write(tmp_path, source.content.replace(b'"bob"', b'" "')))
    check(found)
    assert len(found.lines) < len(before.lines)


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_a_time_that_its_zone_takes_out_of_the_calendar(time: str, tmp_path: Path) -> None:
    post = {"id": "1", "text": "x", "created_at": time, "author_id": "1"}
    assert "outside the years 1 to 9999" in only_reason("x_v2_page.jsonl", orjson.dumps(post), tmp_path)


@pytest.mark.parametrize("name", [name for name in SOURCES if name.endswith(("jsonl", "ndjson"))])
@pytest.mark.parametrize("depth", [400, 1100, 100_000])
def test_records_nested_as_deeply_as_json_goes_and_deeper(name: str, depth: int, tmp_path: Path) -> None:
    source = export_source(name)
    first = orjson.loads(next(line for line in source.content.splitlines() if line.startswith(b"{")))
    lines = []
    for key in first:
        for begin, end in ((b"[", b"]"), (b'{"a":', b"}"), (b'{"id":1,"quote":', b"}")):
            rest = orjson.dumps({k: v for k, v in first.items() if k != key})
            nested = begin * depth + b"1" + end * depth
            lines.append(rest[:-1] + b", " * (len(rest) > 2) + orjson.dumps(key) + b":" + nested + b"}")
    check(look(source.reader, source.write(tmp_path, b"\n".join(lines))))


def test_a_chain_of_posts_within_posts(tmp_path: Path) -> None:
    source = export_source("x_v2_page.jsonl")
    post = b'{"type":"quoted","id":"1","text":"x","created_at":"2022-03-09T12:00:00Z"'
    chain = (post + b',"referenced_tweets":[') * 400 + post + b"}" + b"]}" * 400
    found = look(source.reader, source.write(tmp_path, chain))
    assert found.lines == [1] and sum(isinstance(event, NodeRow) for event in found.events) == 401
