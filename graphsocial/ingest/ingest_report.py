"""What a reader read, refused and assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from graphsocial.ingest.rejects import Reject


@dataclass(frozen=True)
class FileCount:
    """Rows of one file.

    Attributes:
        file: File name, relative to the folder.
        rows: Rows read.
        rejected: Rows left out.
        unused: Columns that the mapping does not use.
    """

    file: str
    rows: int
    rejected: int
    unused: tuple[str, ...] = ()

    @property
    def accepted(self) -> int:
        """Rows that are in the graph."""
        return self.rows - self.rejected


@dataclass(frozen=True, repr=False)
class IngestReport:
    """What a reader read, refused and assumed.

    Attributes:
        name: Name of the graph.
        files: Rows per file.
        rejects_path: Where every rejected row is listed, None when no file was asked for.
        rejected_fields: Number of rejected rows per column that was wrong.
        examples: The first rejected rows.
        placeholders: Per node type, nodes that only edges name; they have no row of their own.
        media_without_file: Media nodes whose file is not there; their posts keep everything else.
        media: Media nodes.
        unread: Tables in the folder that the mapping does not name.
        assumptions: What was assumed about time and flow, one sentence each.
        sha256: Hash of what was read, empty where nobody took it.
    """

    name: str
    files: tuple[FileCount, ...]
    rejects_path: Path | None = None
    rejected_fields: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[Reject, ...] = ()
    placeholders: Mapping[str, int] = field(default_factory=dict)
    media_without_file: int = 0
    media: int = 0
    unread: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def rows(self) -> int:
        """Rows read."""
        return sum(file.rows for file in self.files)

    @property
    def accepted(self) -> int:
        """Rows that are in the graph."""
        return sum(file.accepted for file in self.files)

    @property
    def rejected(self) -> int:
        """Rows left out."""
        return sum(file.rejected for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts."""
        raw = asdict(self)
        raw["rejects_path"] = None if self.rejects_path is None else str(self.rejects_path)
        return raw | {"rows": self.rows, "accepted": self.accepted, "rejected": self.rejected}

    def __repr__(self) -> str:
        lines = [f"IngestReport {self.name!r}: {_counts(self.rows, self.accepted, self.rejected)}"]
        for file in self.files:
            unused = f" (columns not used: {', '.join(file.unused)})" if file.unused else ""
            lines.append(f"  {file.file}: {_counts(file.rows, file.accepted, file.rejected)}{unused}")
        if self.rejected:
            fields = ", ".join(f"{name} {count:,}" for name, count in self.rejected_fields.items())
            where = self.rejects_path or "not kept, pass rejects='rejects.jsonl' to list them all"
            lines.append(f"  rejected by column: {fields}; {where}")
            lines += [
                f"    {r.file} line {r.line}{f', {r.field}' if r.field else ''}: {r.reason}" for r in self.examples[:3]
            ]
        if self.placeholders:
            lines.append(
                "  nodes without a row: " + ", ".join(f"{name} {count:,}" for name, count in self.placeholders.items())
            )
        if self.media:
            lines.append(f"  media without a file: {self.media_without_file:,} of {self.media:,}")
        if self.unread:
            lines.append(f"  tables not read: {', '.join(self.unread)}")
        lines += [f"  assumed: {sentence}" for sentence in self.assumptions]
        return "\n".join(lines)


def _counts(rows: int, accepted: int, rejected: int) -> str:
    return f"{rows:,} rows read, {accepted:,} accepted, {rejected:,} rejected"
