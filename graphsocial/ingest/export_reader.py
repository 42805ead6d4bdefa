"""What every reader of an export does: recognise a file, cut it into records, turn each record into events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from graphsocial.schema import Schema
from graphsocial.store.events import Event

Records = Iterator[tuple[int, Any]]
"""Line (or number, the first being 1) of each record and its content, or an EventFormatError in its place."""


@dataclass(frozen=True)
class FileSample:
    """The beginning of a file, for telling formats apart.

    Attributes:
        path: The file.
        name: Its name in lower case, without the ending of a compression.
        head: Its first bytes, decompressed; up to `HEAD` of them.
        first: Its first JSON objects, at most three; empty where its lines are not JSON objects.
    """

    path: Path
    name: str
    head: bytes
    first: tuple[dict[str, Any], ...]

    @property
    def text(self) -> str:
        """The head as text; what is no UTF-8 is replaced."""
        return self.head.decode("utf-8", errors="replace").removeprefix("\ufeff")

    def header(self, delimiter: str = ",") -> list[str]:
        """Names in the first line, as far as it stands in the head."""
        line = self.text.split("\n", 1)[0].rstrip("\r")
        return [name.strip().strip('"') for name in line.split(delimiter)]


HEAD = 1 << 18
"""Bytes of a file that are looked at to tell its format."""


class ExportReader(Protocol):
    """Reads files of one format; a reader holds settings and nothing about the file that it reads.

    Attributes:
        format: Name that users type.
        documented: Version of the platform's schema and where it is documented.
    """

    format: ClassVar[str]
    documented: ClassVar[str]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the reader assumes about time and flow, one sentence each; they are in every report."""
        ...

    @property
    def schema(self) -> Schema:
        """Everything that its events may hold."""
        ...

    def recognises(self, sample: FileSample) -> bool:
        """Whether a file is of this format."""
        ...

    def records(self, path: Path) -> Records:
        """Records in order, one in memory at a time; content is not interpreted yet, so that skipping is cheap.

        Raises:
            EventFormatError: The file as a whole cannot be read.
        """
        ...

    def events(self, record: Any) -> list[Event]:
        """What a record says; nothing of it is used unless all of it can be read.

        Raises:
            EventFormatError: With `field` naming what is wrong.
        """
        ...
