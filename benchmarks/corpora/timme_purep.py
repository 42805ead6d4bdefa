"""Reader of the `timme_purep` corpus as a folder of posts: politicians, five relations without times, party.

Every politician is a user with one post that says nothing here and carries the party as its label; vectors of what
they wrote come with the corpus.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.ingest.post_folder import Post, PostEdges, PostFolder, post_folder
from graphsocial.schema import UNKNOWN_TIME

FILES = ("users.csv", "edges.csv.gz", "features.npz")


def read(folder: Path, task: str) -> PostFolder:
    """The corpus, the same for every task.

    Args:
        folder: Where it is.
        task: Not looked at.

    Raises:
        DataIntegrityError: A file is missing.
        EventFormatError: A file cannot be read.
    """
    files = [folder / name for name in FILES]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise DataIntegrityError(f"{folder} lacks {', '.join(missing)}")
    try:
        users = pl.read_csv(files[0], schema_overrides={"user": pl.String})
        edges = pl.read_csv(files[1], schema_overrides={"src": pl.String, "dst": pl.String})
        with np.load(files[2]) as arrays:
            vectors = {name: arrays[name].astype(np.float32) for name in arrays.files}
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise EventFormatError(f"cannot read {folder}: {error}", path=str(folder)) from error
    rows: list[Post] = [(user, user, UNKNOWN_TIME, "", (), party or None, None) for user, party in users.rows()]
    columns = [edges[name].to_numpy().astype(object) for name in ("src", "dst", "relation")]
    joined = PostEdges(*columns, np.full(len(edges), UNKNOWN_TIME))
    return replace(post_folder(folder.resolve().name, rows, joined, files=files), vectors=vectors)
