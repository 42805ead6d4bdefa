"""Reader of the `ced_weibo` corpus as a folder of posts; `benchmarks/ced_weibo.py` says what its files hide.

- Reposts are edges (user, repost, post) at their own time. They mix reposts and comments. The root's author does not
  repost by posting. An event that precedes its root, or has no user, is left out and counted.
- Users are `u` and their number, as users and posts are numbered from 0 on, both.
- Times are China's clock, eight hours ahead, and become UTC.
- For veracity, what an event says is a post of its own without a label, named `POST.EVENT`, with an edge (event, reply,
  the post or the event that it answers). Only events of the first `HOURS` are read then; texts are there for the first
  forty events that say something.
- Counts of the target, the author's counters of crawl time and the number of an event (it gives the cascade's size
  away: numbers run from the newest event to the oldest) are not read; the number in an event's name is counted anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.ced_weibo import CHINA, FILES
from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.ingest.post_folder import Post, PostEdges, PostFolder, post_folder
from graphsocial.ingest.refusals import Refusals

HOURS = 24
"""Events after a post that the reader gives for veracity."""

ROOTS, EVENTS, TEXTS = FILES


def read(folder: Path, task: str) -> PostFolder:
    """The corpus.

    Args:
        folder: Where it is.
        task: "veracity" also reads what the first events say and which event they answer, and nothing later.

    Raises:
        DataIntegrityError: A file is missing.
        EventFormatError: A file cannot be read.
    """
    files = [folder / name for name in (FILES if task == "veracity" else FILES[:2])]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise DataIntegrityError(f"{folder} lacks {', '.join(missing)}")
    try:
        return _read(folder, files, task == "veracity")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise EventFormatError(f"cannot read {folder}: {error}", path=str(folder)) from error


def _read(folder: Path, files: list[Path], with_replies: bool) -> PostFolder:
    refusals = Refusals()
    roots = pl.read_csv(
        files[0],
        columns=["cascade", "author", "time", "label", "text"],
        schema_overrides={"text": pl.String, "label": pl.String},
    )
    roots = roots.with_columns(pl.col("time") - CHINA, pl.col("text").fill_null(""))
    events = pl.read_csv(files[1]).with_row_index("line", offset=2)
    events = events.join(roots.select("cascade", pl.col("time").alias("began")), on="cascade", maintain_order="left")
    bad = {
        "an event without a user": pl.col("user").is_null(),
        "an event that precedes its root": pl.col("dt_seconds") < 0,
    }
    for what, wrong in bad.items():
        for line in events.filter(wrong)["line"].to_list():
            refusals.add(files[1], line, None, what, "left out")
        events = events.filter(~wrong)
    events = events.with_columns(pl.col("began") + pl.col("dt_seconds"), pl.lit("repost").alias("relation"))
    events = events.sort(["began", "cascade", "node"], descending=[False, False, True])
    rows: list[Post] = [
        (str(post), f"u{author}", time, text, (), label, None)
        for post, author, time, label, text in roots.select("cascade", "author", "time", "label", "text").iter_rows()
    ]
    if with_replies:
        events = events.filter(pl.col("dt_seconds") < HOURS * 3600)
    edges = [events.select(_name("u", "user"), _name("", "cascade"), "relation", "began")]
    if with_replies:
        replies = _replies(events, pl.read_csv(files[2], schema_overrides={"text": pl.String}))
        edges.append(replies.select("name", "answered", pl.lit("reply").alias("relation"), "began"))
        rows += [
            (name, user, time, text, (), None, None)
            for name, user, time, text in replies.select("name", _name("u", "user"), "began", "text").iter_rows()
        ]
    return post_folder(folder.resolve().name, rows, _edges(edges), refusals, files)


def _name(prefix: str, column: str) -> pl.Expr:
    return pl.concat_str(pl.lit(prefix), pl.col(column).cast(pl.String)).alias(column)


def _edges(tables: list[pl.DataFrame]) -> PostEdges:
    columns = [np.concatenate([table.to_series(at).to_numpy() for table in tables]) for at in range(4)]
    src, dst, relation = (column.astype(object) for column in columns[:3])
    return PostEdges(src, dst, relation, columns[3].astype(np.int64))


def _replies(events: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Events as posts: `name`, `user`, `began`, `text`, and `answered`, the post or event that each answers."""
    place = pl.int_range(1, pl.len() + 1).over("cascade").cast(pl.String)
    named = events.with_columns(pl.concat_str(pl.col("cascade").cast(pl.String), place, separator=".").alias("name"))
    named = named.join(texts.unique(["cascade", "node"]), on=["cascade", "node"], how="left", maintain_order="left")
    parents = named.select("cascade", pl.col("node").alias("parent_node"), pl.col("name").alias("answered"), "began")
    named = named.join(parents, on=["cascade", "parent_node"], how="left", maintain_order="left", suffix="_of_parent")
    # an answer to something that comes later, or that is not there, counts as one to the root
    known = pl.col("began_of_parent") <= pl.col("began")
    answered = pl.when(known).then(pl.col("answered")).otherwise(pl.col("cascade").cast(pl.String))
    return named.with_columns(answered.alias("answered"), pl.col("text").fill_null(""))
