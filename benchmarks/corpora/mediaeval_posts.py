"""Reader of the `mediaeval` and `mediaeval_dev` corpora (Boididou et al. 2018): tweets on events, fake or real.

The label is a function of the picture and pictures belong to one event: the group of a post is its event. Counts of
the author and of retweets were measured at the crawl and are not read.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.ingest.post_folder import Post, PostEdges, PostFolder, post_folder
from graphsocial.ingest.refusals import Refusals

POSTS, EDGES = "posts.csv.gz", "user_edges.csv.gz"


def read(folder: Path, task: str) -> PostFolder:
    """The corpus.

    Args:
        folder: Where it is.
        task: Makes no difference here: the label is always the veracity.

    Raises:
        DataIntegrityError: A file is missing.
        EventFormatError: A file cannot be read.
    """
    missing = [name for name in (POSTS, EDGES) if not (folder / name).is_file()]
    if missing:
        raise DataIntegrityError(f"{folder} lacks {', '.join(missing)}")
    names = ("post", "user", "time", "text", "images", "veracity", "event")
    try:
        posts = pl.read_csv(folder / POSTS, columns=list(names), schema_overrides={"text": pl.String}).select(names)
        edges = pl.read_csv(folder / EDGES, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise EventFormatError(f"cannot read {folder}: {error}", path=str(folder)) from error
    refusals = Refusals()
    rows: list[Post] = []
    for post, user, time, text, images, label, event in posts.iter_rows():
        pictures = [folder / "images" / f"{name}.jpg" for name in (images or "").split()]
        there = tuple(picture for picture in pictures if picture.is_file())
        refusals.notes["pictures that are not there"] += len(pictures) - len(there)
        rows.append((str(post), f"u{user}", int(time), text or "", there, label, event))
    src, dst, relation = (
        edges.select(pl.concat_str(pl.lit(prefix), pl.col(name).cast(pl.String))).to_series().to_numpy().astype(object)
        for prefix, name in (("u", "src"), ("u", "dst"), ("", "type"))
    )
    between = PostEdges(src, dst, relation, edges["time"].to_numpy().astype("int64"))
    return post_folder(folder.resolve().name, rows, between, refusals, [folder / POSTS, folder / EDGES])
