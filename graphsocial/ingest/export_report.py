"""What the reading of exports into a store gave, refused and assumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from graphsocial.ingest.rejects import Reject

SHOWN = 5
"""Examples of rejected records in what people read."""


@dataclass
class FileOutcome:
    """What became of one file.

    Attributes:
        file: Its name.
        format: Its format, empty where it was not read.
        records: Records in it.
        new: Rows that the store did not have.
        known: Rows that it had already.
        rejected: Records that could not be read.
        skipped: Records that a graph cannot hold, by what they are.
        note: What else there is to say, such as why it was not read.
    """

    file: str
    format: str = ""
    records: int = 0
    new: int = 0
    known: int = 0
    rejected: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    note: str = ""


@dataclass(frozen=True, repr=False)
class ExportIngest:
    """What the reading of exports into a store gave, refused and assumed.

    Attributes:
        store: Folder of the store.
        version: Its version afterwards.
        files: What became of each file.
        examples: The first records that could not be read.
        rejected_fields: Number of them by the field that was wrong.
        assumptions: What was assumed about time and flow, one sentence each.
    """

    store: Path
    version: int
    files: tuple[FileOutcome, ...]
    examples: tuple[Reject, ...] = ()
    rejected_fields: Mapping[str, int] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """Rows that the store did not have."""
        return sum(file.new for file in self.files)

    @property
    def rejected(self) -> int:
        """Records that could not be read."""
        return sum(file.rejected for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts."""
        return asdict(self) | {"store": str(self.store), "new": self.new, "rejected": self.rejected}

    def __repr__(self) -> str:
        lines = [f"{self.store}: version {self.version}, {self.new:,} new rows, {self.rejected:,} records rejected"]
        for file in self.files:
            if not file.format:
                lines.append(f"  {file.file}: not read: {file.note}")
                continue
            counts = (
                f"{file.records:,} records, {file.new:,} new rows, {file.known:,} known, {file.rejected:,} rejected"
            )
            lines.append(f"  {file.file} ({file.format}): {counts}{f'; {file.note}' if file.note else ''}")
            lines += [f"    left out: {count:,} {what}" for what, count in file.skipped.most_common()]
        if self.rejected_fields:
            fields = ", ".join(f"{name} {count:,}" for name, count in self.rejected_fields.items())
            lines.append(f"  rejected by field: {fields}")
            lines += [
                f"    {r.file} line {r.line}{f', {r.field}' if r.field else ''}: {r.reason}" for r in self.examples
            ]
        lines += [f"  assumed: {sentence}" for sentence in self.assumptions]
        return "\n".join(lines)
