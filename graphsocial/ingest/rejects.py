"""Rows that could not be read: counted, and written down one JSON line each."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

EXAMPLES = 20
"""Rejects kept in memory for the report; the file has all of them."""


@dataclass(frozen=True)
class Reject:
    """A row that could not be read.

    Attributes:
        file: File name, relative to the folder.
        line: Physical line the row starts on, the header being line 1.
        field: Column that is wrong, None when the whole row is.
        reason: What was got and what was expected.
    """

    file: str
    line: int
    field: str | None
    reason: str


class RejectLog:
    """Collects rejects. The file appears, complete, when the `with` block ends well, and replaces an earlier one."""

    def __init__(self, path: str | Path | None):
        self.path = None if path is None else Path(path)
        self.by_file: Counter[str] = Counter()
        self.by_field: Counter[str] = Counter()
        self.examples: list[Reject] = []
        self._stream: IO[str] | None = None

    def add(self, reject: Reject) -> None:
        """Writes one reject down."""
        self.by_file[reject.file] += 1
        self.by_field[reject.field or "(whole row)"] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(reject)
        if self._stream is not None:
            self._stream.write(json.dumps(asdict(reject), ensure_ascii=True) + "\n")

    def __enter__(self) -> RejectLog:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
            self._stream = open(self._part, "w", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is None or self.path is None:
            return
        self._stream.close()
        if kind is None:
            os.replace(self._part, self.path)
        else:
            self._part.unlink(missing_ok=True)
