"""Reader of Bitcoin-OTC as a folder without posts: who trusted whom how much, from -10 to 10, and when."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.ingest.post_folder import PostEdges, PostFolder, post_folder

FILE = "soc-sign-bitcoinotc.csv"


def read(folder: Path, task: str) -> PostFolder:
    """The ratings, under the name "bitcoin_otc" whatever the folder's is.

    Args:
        folder: Where the file is.
        task: Not looked at.

    Raises:
        DataIntegrityError: The file is missing.
        EventFormatError: It cannot be read.
    """
    file = folder / FILE
    if not file.is_file():
        raise DataIntegrityError(f"{folder} lacks {FILE}")
    try:
        src, dst, rating, time = pl.read_csv(
            file,
            has_header=True,
            new_columns=["src", "dst", "rating", "time"],
            schema_overrides=[pl.String, pl.String, pl.Float64, pl.Float64],
        ).get_columns()
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise EventFormatError(f"cannot read {file}: {error}", path=str(file)) from error
    edges = PostEdges(
        src.to_numpy().astype(object),
        dst.to_numpy().astype(object),
        np.full(len(src), "trust", dtype=object),
        np.floor(time.to_numpy()).astype(np.int64),
        rating.to_numpy(),
    )
    return post_folder("bitcoin_otc", [], edges, files=[file])
