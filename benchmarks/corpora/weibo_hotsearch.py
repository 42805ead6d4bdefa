"""Daily lists of trending topics: a post per topic and day it was on the list."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.ingest import PostFolder
from graphsocial.ingest.post_folder import PostEdges, post_folder
from graphsocial.ingest.refusals import Refusals

TOPICS = "daily_topics.csv.gz"
ARCHIVED = "archived"
"""Relation from a post to its place in the archive of the day, counted from 0."""

_COLUMNS = ("date", "position", "topic", "band_rank")


def read(folder: Path, task: str) -> PostFolder:
    """Reads the archive; the label is the best rank of the day, 1 the highest.

    A day's list is what the crawls of the day saw. The archive puts what its last crawl saw first and everything older
    below it, so a place says who was still there at the end of the day, while the best rank says how high a topic
    stood; ranks are recorded since September 2022. For half a year the archive keeps a row per topic and crawl: they
    are one post, of the first place and the best rank. A post's time is the start of its day. The last day is left out
    where it holds less than half of what days of the month before do: the archive was taken before it was over.

    Args:
        folder: Where the archive is.
        task: Any; the posts are the same for all.

    Raises:
        SchemaError: There is no archive, or its columns are others.
    """
    path = folder / TOPICS
    if not path.is_file():
        raise SchemaError(f"{folder} has no {TOPICS}")
    refusals = Refusals()
    days: dict[str, dict[str, tuple[int, int | None]]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        header = tuple(next(rows, ()))
        if header != _COLUMNS:
            raise SchemaError(f"{path} has the columns {', '.join(header)}; expected {', '.join(_COLUMNS)}")
        for line, row in enumerate(rows, 2):
            try:
                date, place, topic, rank = row
                when, found = str(datetime.fromisoformat(date).date()), (int(place), int(float(rank)) if rank else None)
            except ValueError as error:
                refusals.add(path, line, None, "a broken row", str(error))
                continue
            seen = days.setdefault(when, {}).setdefault(topic, found)
            if seen is not found:
                refusals.notes["rows of a topic that is on the day's list already"] += 1
                best = min((r for r in (seen[1], found[1]) if r is not None), default=None)
                days[when][topic] = (min(seen[0], found[0]), best)
    if not days:
        raise EventFormatError(f"{path}: no row could be read", str(path))
    _drop_unfinished_day(days, refusals)
    return _folder(folder, path, days, refusals)


def _drop_unfinished_day(days: dict[str, dict[str, tuple[int, int | None]]], refusals: Refusals) -> None:
    *before, last = sorted(days)
    if before and len(days[last]) < np.median([len(days[day]) for day in before[-30:]]) / 2:
        refusals.notes["topics of a last day that was not over"] += len(days.pop(last))


def _folder(
    folder: Path, path: Path, days: dict[str, dict[str, tuple[int, int | None]]], refusals: Refusals
) -> PostFolder:
    posts, src, dst, time = [], [], [], []
    for date in sorted(days):
        moment = int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp())
        ordered = sorted(days[date].items(), key=lambda item: item[1][0])
        for place, (topic, (_, rank)) in enumerate(ordered):
            post = f"{date} {topic}"
            posts.append((post, "", moment, topic, (), None if rank is None else str(rank), None))
            src.append(post)
            dst.append(str(place))
            time.append(moment)
    gap = Counter(np.diff(np.unique(time)) // 86_400 - 1)
    refusals.notes["days missing between others"] += int(sum(days * count for days, count in gap.items()))
    columns = [np.array(values, dtype=object) for values in (src, dst, [ARCHIVED] * len(src))]
    return post_folder(
        folder.resolve().name, posts, PostEdges(*columns, np.array(time, dtype=np.int64)), refusals, [path]
    )
