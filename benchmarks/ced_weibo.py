"""Reader of the `ced_weibo` corpus (Song et al., arXiv:1811.04175): Weibo posts with their timed reposts.

What the files hide, each counted or left out here:

- Events mix reposts and comments and are not in order of time; 50 precede their root and count at its time.
- Cascades were selected by size, so nothing here says how large an arbitrary post gets.
- Node numbers run from the newest event to the oldest: the number of an event gives its cascade's size away. They are
  used to find parents and dropped.
- `reposts`, `comments`, `likes`, `n_events` are counts of the target itself and `label` was given later: never read.
- `followers`, `friends`, `statuses`, `verified_type` were measured at crawl time: not read, unless asked for (the
  floors of an earlier measurement used `followers`), and then named as an assumption.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.graph import CascadeSet
from graphsocial.learn.cascade_size.record import UNKNOWN, SizeRecord

FILES = ("cascades.csv.gz", "events.csv.gz", "event_texts_first40.csv.gz")
CHINA = 8 * 3600


@dataclass(frozen=True, eq=False)
class CedWeibo:
    """The corpus, read.

    Attributes:
        record: Cascades for the size benchmark.
        followers: Of the root's author, measured at crawl time, int64 [cascade].
        before_root: Events earlier than their root.
        bad_parents: Events whose parent comes after them; they count as direct answers to the root.
        sha256: Hash of the three files.
    """

    record: SizeRecord
    followers: np.ndarray
    before_root: int
    bad_parents: int
    sha256: str


def is_ced_weibo(folder: Path) -> bool:
    """True where the folder holds this corpus."""
    return (folder / FILES[0]).is_file() and (folder / FILES[1]).is_file()


def read_ced_weibo(folder: Path) -> CedWeibo:
    """Reads the corpus.

    Raises:
        DataIntegrityError: A file is missing.
        EventFormatError: A file cannot be read.
    """
    missing = [name for name in FILES[:2] if not (folder / name).is_file()]
    if missing:
        raise DataIntegrityError(f"{folder} lacks {', '.join(missing)}")
    try:
        roots = pl.read_csv(
            folder / FILES[0],
            columns=["cascade", "author", "time", "account_created", "followers", "text"],
            schema_overrides={"text": pl.String},
        )
        events = pl.read_csv(folder / FILES[1])
    except (pl.exceptions.PolarsError, OSError) as error:
        raise EventFormatError(f"cannot read {folder}: {error}", path=str(folder)) from error
    roots = roots.sort("time", maintain_order=True)
    events = events.join(roots.select("cascade", "time", pl.int_range(pl.len()).alias("row")), on="cascade")
    events = events.with_columns(pl.col("dt_seconds").clip(0).alias("age")).sort(
        ["row", "age", "node"], descending=[False, False, True]
    )
    size = np.bincount(events["row"].to_numpy(), minlength=len(roots)) + 1
    offsets = np.concatenate([[0], np.cumsum(size)])
    row = events["row"].to_numpy()
    member = np.arange(len(events)) + row + 1  # every cascade so far has put its root in front
    key = row.astype(np.int64) * 2**20 + events["node"].to_numpy()
    order = np.argsort(key)
    wanted = row.astype(np.int64) * 2**20 + events["parent_node"].to_numpy()
    direct = events["parent_node"].to_numpy() < 0
    found = order[np.clip(np.searchsorted(key[order], wanted), 0, len(order) - 1)]
    late = ~direct & ((key[found] != wanted) | (member[found] >= member))
    parent = np.where(direct | late, offsets[:-1][row], member[found])
    members = int(offsets[-1])

    def column(of_root: np.ndarray, of_event: np.ndarray) -> np.ndarray:
        out = np.empty(members, dtype=of_event.dtype)
        out[offsets[:-1]], out[member] = of_root, of_event
        return out

    start = roots["time"].to_numpy().astype(np.int64)
    cascades = CascadeSet(
        node=column(
            roots["author"].cast(pl.String).to_numpy().astype(object),
            events["user"].cast(pl.String).to_numpy().astype(object),
        ),
        parent=column(np.full(len(roots), -1), parent),
        time=column(start, start[row] + events["age"].to_numpy()),
        offsets=offsets,
        names=roots["cascade"].cast(pl.String).to_numpy().astype(object),
        censored=np.zeros(len(roots), dtype=bool),
    )
    early = int((events["dt_seconds"] < 0).sum())
    record = SizeRecord.of(
        cascades,
        texts=dict(zip(cascades.names.tolist(), roots["text"].fill_null("").to_list(), strict=True)),
        text_length=column(np.full(len(roots), UNKNOWN), events["text_len"].to_numpy().astype(np.int64)),
        author_since=roots["account_created"].fill_null(UNKNOWN).to_numpy().astype(np.int64),
        zone=CHINA,
        assumptions=(
            "cascades were selected by size and mix reposts with comments",
            f"{early} events dated before their root count at its time",
        ),
    )
    return CedWeibo(
        record=record,
        followers=roots["followers"].fill_null(0).to_numpy().astype(np.int64),
        before_root=early,
        bad_parents=int(late.sum()),
        sha256=_hash(folder),
    )


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in FILES:
        if (folder / name).is_file():
            digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()
