"""Which format a file is in, told from its beginning; what could be two things is asked about, not guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from graphsocial.errors import EventFormatError, SchemaError, did_you_mean
from graphsocial.ingest.byte_stream import DAMAGE, open_bytes, plain_name
from graphsocial.ingest.export_reader import HEAD, ExportReader, FileSample
from graphsocial.ingest.formats.cascade_text import CascadeTextReader
from graphsocial.ingest.formats.cascades_tsv import CascadesTsvReader
from graphsocial.ingest.formats.edge_list import EdgeListReader
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.ingest.formats.oasis import OasisReader
from graphsocial.ingest.json_lines import LONGEST_LINE
from graphsocial.ingest.platforms.bluesky import BlueskyReader
from graphsocial.ingest.platforms.four_cat import FourCatReader
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.platforms.reddit import RedditReader
from graphsocial.ingest.platforms.x_v1 import XV1Reader
from graphsocial.ingest.platforms.x_v2 import XV2Reader

UNICODE_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


@dataclass(frozen=True)
class ReaderSettings:
    """What an export does not say of itself.

    Attributes:
        collected_at: When the export was made, int64 seconds UTC; counts and profiles were measured then.
        relation: What the edges of an edge list say.
        columns: What the columns of an edge list are; None: source and target.
        header: Whether an edge list begins with names of columns.
        per_second: Parts of a second that times of cascade files and edge lists count.
        step_seconds: Seconds of one step that they count.
        epoch: Start, int64 seconds UTC, from which they count.
        server: Mastodon server whose API gave the statuses; its name stands before their ids.
    """

    collected_at: int | None = None
    relation: str = "follow"
    columns: tuple[str, ...] | None = None
    header: bool = False
    per_second: int = 1
    step_seconds: int = 1
    epoch: int | None = None
    server: str | None = None


def export_readers(settings: ReaderSettings | None = None) -> tuple[ExportReader, ...]:
    """A reader of every format that is told from a file's beginning.

    Raises:
        SchemaError: A setting is none that a reader can have.
    """
    told = settings or ReaderSettings()
    step = None if told.epoch is None else told.step_seconds
    return (
        XV2Reader(told.collected_at),
        XV1Reader(told.collected_at),
        MastodonReader(told.collected_at, told.server),
        BlueskyReader(),
        RedditReader(told.collected_at),
        FourCatReader(told.collected_at),
        CascadesTsvReader(),
        CascadeTextReader(told.per_second, told.step_seconds, told.epoch),
        GexfReader(told.collected_at),
        GraphMLReader(told.collected_at),
        OasisReader(told.epoch, step, told.collected_at),
        EdgeListReader(told.relation, told.columns, told.header, told.per_second, told.collected_at),
    )


def sample_file(path: Path) -> FileSample:
    """The beginning of a file.

    Raises:
        EventFormatError: There is no such file, it is damaged, or it is in UTF-16.
    """
    head = b""
    with open_bytes(path) as stream:
        try:
            # up to the end of the first line: some hold a whole page of results
            while len(head) < HEAD or (b"\n" not in head and len(head) < LONGEST_LINE):
                part = stream.read(HEAD) if len(head) >= HEAD else stream.read1(HEAD)
                if not part:
                    break
                head += part
        except DAMAGE as error:
            if not head:
                raise EventFormatError(f"{path} cannot be decompressed: {error}", str(path)) from error
    for mark, encoding in UNICODE_MARKS:
        if head.startswith(mark):
            raise EventFormatError(f"{path} is in {encoding}, expected UTF-8; convert it first", str(path))
    return FileSample(path, plain_name(path), head, tuple(_objects(head)))


def detect_format(path: Path, readers: Iterable[ExportReader], name: str | None = None) -> ExportReader:
    """The reader of a file.

    Args:
        path: The file.
        readers: Those to choose from.
        name: Format that somebody stated.

    Raises:
        SchemaError: No format has the stated name.
        EventFormatError: The file fits no format, or several.
    """
    known = {reader.format: reader for reader in readers}
    if name is not None:
        if name not in known:
            raise SchemaError(
                f"unknown format {name!r}, expected one of {', '.join(known)}.{did_you_mean(name, known)}"
            )
        return known[name]
    sample = sample_file(path)
    found = [reader for reader in known.values() if reader.recognises(sample)]
    if len(found) > 1:  # any two columns of numbers could be edges, so that is what a file is only if nothing else
        found = [reader for reader in found if not isinstance(reader, EdgeListReader)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise EventFormatError(
            f"{path} is in no format that is known ({', '.join(known)}); "
            "a table takes a mapping that names it, see --mapping",
            str(path),
        )
    names = ", ".join(reader.format for reader in found)
    raise EventFormatError(f"{path} could be {names}; say which with --format", str(path))


def _objects(head: bytes) -> Iterable[dict[str, object]]:
    """The first JSON objects among the first lines, at most three; an unfinished line is none."""
    seen = 0
    for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:50]:
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(found, dict):
            yield found
            seen += 1
            if seen == 3:
                return
