"""What rises, stays and returns: `python -m benchmarks multimodal --task trend`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from benchmarks.result_lines import ResultLines
from benchmarks.trend_return import is_list, run_return
from benchmarks.trend_topics import has_events, run_topics
from benchmarks.trend_volume import has_volume, run_volume
from graphsocial.errors import SchemaError
from graphsocial.ingest import PostFolder
from graphsocial.schema import UNKNOWN_TIME


def run(data: PostFolder, seeds: int, quick: bool, out: Path) -> None:
    """Writes the lines of whatever the folder can answer.

    Posts whose labels are ranks are daily lists: which item is there again, and how high. Other timed texts with
    hashtags: how often each is used in the coming hours. Posts of known events: how soon and how well topics find them.

    Args:
        data: Posts with times.
        seeds: Nothing here depends on a seed but the boosting, which draws nothing; one is run.
        quick: Less of everything.
        out: File of lines.

    Raises:
        SchemaError: No post has a time, or there is nothing to forecast.
    """
    timed = data.time != UNKNOWN_TIME
    if not timed.any():
        raise SchemaError(f"{data.name}: none of {len(data):,} posts has a time; expected a column time for trends")
    if not timed.all():
        click.echo(f"left out: {int((~timed).sum()):,} posts without a time")
    parts = [(is_list, run_return), (has_volume, run_volume), (has_events, run_topics)]
    asked = [do for has, do in parts if has(data)]
    if not asked:
        raise SchemaError(
            f"{data.name}: {len(data):,} posts without ranks as labels, with too few hashtags in the text and without "
            "groups; expected daily lists (label = rank), texts with hashtags, or posts of several groups (events)"
        )
    lines = ResultLines(out, "multimodal_trend", data.name, data.sha256, "strict")
    for do in asked:
        do(_rows(data, timed), quick, lines)


def _rows(data: PostFolder, kept: np.ndarray) -> PostFolder:
    rows = np.flatnonzero(kept)
    return replace(
        data,
        post=data.post[rows], user=data.user[rows], time=data.time[rows], text=data.text[rows],
        images=tuple(data.images[row] for row in rows), label=data.label[rows], group=data.group[rows],
    )  # fmt: skip
