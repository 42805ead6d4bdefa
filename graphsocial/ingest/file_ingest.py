"""One file on its way into a store, batch by batch."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.ingest.commit_pool import CommitPool
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.export_report import FileOutcome
from graphsocial.ingest.formats.mapped_table import MappedTableReader
from graphsocial.ingest.hidden_reason import reject_reason
from graphsocial.ingest.mastodon_servers import MOST_SEEN, MastodonServers, stated_otherwise
from graphsocial.ingest.media_copy import pseudonymise_media
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.pseudonymise import Pseudonymiser
from graphsocial.ingest.rejects import EXAMPLES, Reject
from graphsocial.store import About, Delivery, Event, EventBuffer, NodeRow, Store

Progress = Callable[[str, int], None]
"""Told the name of the file and how many records of it were read since it was last told."""


class Source(NamedTuple):
    """A file, who reads it, and the hash of its bytes."""

    path: Path
    reader: ExportReader
    sha256: str


class FileIngest:
    """One file on its way into a store.

    Attributes:
        note: How far it was read, as noted in the store; None where there was nothing to read.
        rejects: The first records that could not be read.
        fields: Number of all of them by the field that was wrong.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        pool: CommitPool,
        outcome: FileOutcome,
        pseudonymiser: Pseudonymiser | None,
        progress: Progress | None,
        before: Mapping[str, Any] | None,
        servers: MastodonServers,
    ):
        self._source, self._store, self._pool, self._outcome = source, store, pool, outcome
        self._pseudonymiser, self._progress, self._before = pseudonymiser, progress, before
        self._servers, self._homes = servers, set[str](() if before is None else before.get("servers", ()))
        self.note: dict[str, Any] | None = None
        self.rejects: list[Reject] = []
        self.fields: Counter[str] = Counter()
        self._buffer = EventBuffer(source.reader.schema)
        self._noted: list[dict[str, Any]] = []
        self._media: dict[str, str | None] = {}
        reader = source.reader
        self._folder = reader.folder if isinstance(reader, MappedTableReader) else source.path.parent

    def run(self) -> None:
        """Reads what the store has not read of the file."""
        reader, outcome = self._source.reader, self._outcome
        outcome.format = reader.format
        before = self._before
        done = 0 if before is None else int(before["records"])
        if before is not None and before["complete"]:
            outcome.records += done
            outcome.note = "read before, nothing to do"
            return
        if done:
            outcome.note = f"went on after record {done:,}"
        records = 0
        for line, content in reader.records(self._source.path):
            records += 1
            if self._progress is not None and records % 1000 == 0:
                self._progress(outcome.file, 1000)
            if records <= done:
                continue
            self._read(line, content)
            if self._pool.full(self._buffer.events + len(self._noted)):
                self._deliver(records, complete=False)
        if self._progress is not None:
            self._progress(outcome.file, records % 1000)
        self._deliver(records, complete=True)
        outcome.records += records
        if isinstance(reader, MastodonReader) and reader.server is not None and self._pseudonymiser is None:
            misnamed = stated_otherwise(reader.server, self._homes)
            outcome.note = "; ".join(said for said in (outcome.note, misnamed) if said)

    def _read(self, line: int, content: Any) -> None:
        try:
            if isinstance(content, EventFormatError):
                raise content
            events = self._events(content)
            self._buffer.add(
                events if self._pseudonymiser is None else self._pseudonymised(events, self._pseudonymiser)
            )
        except EventFormatError as error:
            reason = str(error) if self._pseudonymiser is None else reject_reason(str(error))
            reject = Reject(self._outcome.file, line, error.field, reason)
            self._outcome.rejected += 1
            self.fields[error.field or "(whole record)"] += 1
            if len(self.rejects) < EXAMPLES:
                self.rejects.append(reject)
            self._noted.append(asdict(reject) | {"sha256": self._source.sha256})

    def _events(self, content: Any) -> list[Event]:
        reader = self._source.reader
        if not isinstance(reader, MastodonReader):
            return reader.events(content)
        events, homes = reader.events_and_homes(content)
        for home in sorted(homes) if len(self._homes) < MOST_SEEN else ():
            self._homes.add(_hidden_name(home, self._pseudonymiser))
        return events

    def _pseudonymised(self, events: list[Event], pseudonymiser: Pseudonymiser) -> list[Event]:
        """Events with pseudonyms; a picture that lies beside the file is copied without what its file says of it."""
        hidden = pseudonymiser.events(events)
        for place, event in enumerate(events):
            if isinstance(event, NodeRow) and event.type == "media" and event.values.get("path"):
                copied = self._copied(str(event.values["path"]), pseudonymiser)
                row = hidden[place]
                assert isinstance(row, NodeRow)
                hidden[place] = row._replace(values={**row.values, "path": copied})
        return hidden

    def _copied(self, path: str, pseudonymiser: Pseudonymiser) -> str | None:
        if path not in self._media:
            target = self._store.path / "media"
            try:
                if not (self._folder / path).resolve().is_relative_to(self._folder.resolve()):
                    raise EventFormatError(f"media path {path!r} leads out of the folder")
                made = pseudonymise_media(self._folder / path, target, pseudonymiser.pseudonyms, path)
                self._media[path] = made.relative_to(self._store.path).as_posix()
            except (EventFormatError, DataIntegrityError, OSError):
                self._media[path] = None
                self._outcome.skipped["pictures that could not be copied without their metadata"] += 1
        return self._media[path]

    def _deliver(self, records: int, complete: bool) -> None:
        source, reader, outcome = self._source, self._source.reader, self._outcome
        batch = self._buffer.batch()
        hidden = self._pseudonymiser
        media_root = "." if hidden is not None and self._media else None
        if hidden is None and isinstance(reader, MappedTableReader) and "media" in reader.schema.nodes:
            media_root = os.path.relpath(self._folder, self._store.path)
        key = "" if hidden is None else hidden.pseudonyms.key_fingerprint
        self.note = {
            "file": outcome.file,
            "sha256": source.sha256,
            "format": signature(reader, hidden),
            "pseudonyms": key,
            "records": records,
            "complete": complete,
        }
        if self._homes:
            self.note["servers"] = sorted(self._homes)
            self._servers.add(self.note)
        about = About(reader.schema, (*reader.assumptions, *self._servers.warnings()), media_root, key)
        outcome.skipped.update(batch.skipped)
        events = self._buffer.events + len(self._noted)
        self._pool.add(Delivery(batch, about, [self.note], self._noted), outcome, events)
        self._buffer, self._noted = EventBuffer(reader.schema), []


def signature(reader: ExportReader, pseudonymiser: Pseudonymiser | None) -> str:
    """What a reader makes of a file: its format, for a table its mapping without names of files, and a server."""
    if isinstance(reader, MappedTableReader):
        return f"{reader.format} {replace(reader.table, files=())!r}"
    if isinstance(reader, MastodonReader) and reader.server is not None:
        return f"{reader.format} {_hidden_name(reader.server, pseudonymiser)}"
    return reader.format


def _hidden_name(server: str, pseudonymiser: Pseudonymiser | None) -> str:
    """The name of a server: those of few users are as telling as a name of theirs."""
    return server if pseudonymiser is None else pseudonymiser.pseudonyms.of("url", server)
