"""What a reader of a cascade folder left out or found noteworthy, counted; only the first rows are kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from graphsocial.ingest.readable_name import readable_name
from graphsocial.ingest.rejects import Reject

REJECTS_KEPT = 10_000
"""A file that is wrong throughout must not fill the memory."""


class Refusals:
    """Collects what was left out.

    Attributes:
        first: The first `REJECTS_KEPT` of them.
        counts: Number of all of them, by what was wrong.
        notes: Number of things that were kept, by what they are.

    >>> refusals = Refusals()
    >>> refusals.add(Path("a/cascades.tsv"), 3, "events", "no time", "got 'ann', expected user:time")
    >>> refusals.counts["no time"], refusals.first[0].line
    (1, 3)
    """

    def __init__(self) -> None:
        self.first: list[Reject] = []
        self.counts: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    def add(self, path: Path, line: int, field: str | None, kind: str, reason: str) -> None:
        """Counts something that is left out.

        Args:
            path: File it is in.
            line: Its line, the first being 1.
            field: Column that is wrong, None when the whole row is.
            kind: What is wrong, in few words.
            reason: What was got and what was expected.
        """
        self.counts[kind] += 1
        if len(self.first) < REJECTS_KEPT:
            self.first.append(Reject(readable_name(path.name), line, field, reason))
