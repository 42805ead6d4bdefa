"""Lines of a tab-separated file; one that is no text is counted and skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphsocial.ingest.refusals import Refusals


def tsv_lines(path: Path, refusals: Refusals) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and fields, one line in memory at a time. Blank lines are no lines; quotes mean nothing.

    Args:
        path: File in UTF-8.
        refusals: Where a line that is not UTF-8 is counted.
    """
    with open(path, "rb") as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                refusals.add(path, number, None, "unreadable text", f"not UTF-8: {error.reason}")
                continue
            if text.strip():
                yield number, text.split("\t")
