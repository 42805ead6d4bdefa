"""Folders of labelled posts: who posted what, when, with which pictures; optionally timed relations."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from graphsocial.errors import EventFormatError, SchemaError, TimeWindowError, did_you_mean
from graphsocial.graph import parse_time
from graphsocial.ingest.cells import shown
from graphsocial.ingest.checksums import file_sha256
from graphsocial.ingest.csv_rows import CsvFile
from graphsocial.ingest.readable_name import readable_name
from graphsocial.ingest.refusals import Refusals
from graphsocial.ingest.rejects import Reject
from graphsocial.schema import UNKNOWN_TIME

POSTS, POST_EDGES = "posts.csv", "edges.csv"
POST_COLUMNS = ("post", "user", "time", "text", "images", "label", "group")
EDGE_COLUMNS = ("src", "dst", "relation", "time", "value")


@dataclass(frozen=True, eq=False)
class PostEdges:
    """Timed relations between users, or between users and posts.

    Attributes:
        src: Ids, object [edge].
        dst: Ids, object [edge].
        relation: Names of the relations, object [edge].
        time: Seconds since 1970-01-01 UTC, `UNKNOWN_TIME` where the file has none, int64 [edge].
        value: Strength or rating, nan where the file has none, float64 [edge]; None: it has no such column.
    """

    src: np.ndarray
    dst: np.ndarray
    relation: np.ndarray
    time: np.ndarray
    value: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.src)


@dataclass(frozen=True, eq=False, repr=False)
class PostFolder:
    """What a folder of posts holds, and what of it could not be read.

    Attributes:
        name: Name of the folder.
        post: Ids, object [post].
        user: Ids of the authors, "" where there is none, object [post].
        time: Seconds since 1970-01-01 UTC, `UNKNOWN_TIME` where there is none, int64 [post].
        text: "" where there is none, object [post].
        images: Files of the pictures that are there.
        label: None where there is none, object [post].
        group: What stays on one side of a split, None where the post stands alone, object [post].
        edges: Relations; None where the folder has no `edges.csv`.
        rejects: Rows left out, the first of them.
        rejected: Number of all of them, by what was wrong.
        notes: Number of things that are kept but may surprise, by what they are.
        sha256: Hash over names and contents of the files that were read.
        vectors: Vectors that came with the data in place of texts or pictures, by name, rows of zeros where a post has
            none, float [post, channel].
    """

    name: str
    post: np.ndarray
    user: np.ndarray
    time: np.ndarray
    text: np.ndarray
    images: tuple[tuple[Path, ...], ...]
    label: np.ndarray
    group: np.ndarray
    edges: PostEdges | None
    rejects: Sequence[Reject]
    rejected: Mapping[str, int]
    notes: Mapping[str, int]
    sha256: str
    vectors: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.post)

    def __repr__(self) -> str:
        labels = sorted({label for label in self.label if label is not None})
        counts = {
            "with text": sum(bool(text) for text in self.text),
            "with a picture": sum(bool(files) for files in self.images),
            "with a time": int((self.time != UNKNOWN_TIME).sum()),
            "edges": 0 if self.edges is None else len(self.edges),
        }
        lines = [f"PostFolder {self.name!r}: {len(self):,} posts"]
        lines += [f"  {count:,} {what}" for what, count in counts.items() if count]
        if labels:
            most = ", ".join(f"{name} {int((self.label == name).sum()):,}" for name in labels[:8])
            lines.append(f"  labels: {most}{' …' if len(labels) > 8 else ''}")
        lines += [f"  left out: {count:,} with {what}" for what, count in sorted(self.rejected.items())]
        lines += [f"  noted: {count:,} {what}" for what, count in sorted(self.notes.items())]
        return "\n".join(lines)


def read_post_folder(path: str | Path) -> PostFolder:
    """Reads `posts.csv` of a folder, and `edges.csv` where it is there; either may be gzipped.

    `posts.csv` has a header with `post` and any of `user,time,text,images,label,group`; other columns are counted as
    not read. A time is seconds since 1970-01-01 UTC or ISO 8601. `images` are paths relative to the folder, several
    with `;`, `|` or spaces between them; a picture that is not there is counted, and its post stays. A post without an
    id, with an id that was there before or with a time that cannot be read costs itself, and is counted.

    `edges.csv` has `src,dst` and any of `relation,time,value`; without a relation it is called "edge". A value is a
    number, such as a rating.

    Args:
        path: The folder.

    Raises:
        SchemaError: There is no such folder, it has neither file, or `posts.csv` has no column `post`.
        EventFormatError: No row could be read.
    """
    folder = Path(path)
    if not folder.is_dir():
        near = [p.name for p in folder.parent.iterdir() if p.is_dir()] if folder.parent.is_dir() else []
        raise SchemaError(f"{folder} is no folder.{did_you_mean(folder.name, near)}")
    posts, edges = (_file(folder, name) for name in (POSTS, POST_EDGES))
    if posts is None and edges is None:
        found = sorted(p.name for p in folder.iterdir())
        has = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        raise SchemaError(f"{folder} has no {POSTS}, it holds {has or 'nothing'}.{did_you_mean(POSTS, found)}")
    refusals = Refusals()
    rows = [] if posts is None else _read_posts(posts, folder, refusals)
    found_edges = None if edges is None else _read_edges(edges, refusals)
    if not rows and not (found_edges is not None and len(found_edges)):
        first = f": {refusals.first[0].reason}" if refusals.first else ""
        raise EventFormatError(f"{folder}: no post and no edge could be read{first}", str(posts or edges))
    return post_folder(
        folder.resolve().name, rows, found_edges, refusals, [file for file in (posts, edges) if file is not None]
    )


Post = tuple[str, str, int, str, tuple[Path, ...], str | None, str | None]
"""Id, user, time, text, pictures, label, group."""


def post_folder(
    name: str,
    rows: Sequence[Post],
    edges: PostEdges | None = None,
    refusals: Refusals | None = None,
    files: Sequence[Path] = (),
) -> PostFolder:
    """Puts rows of posts together, for readers of other formats, too.

    Args:
        name: Of the data.
        rows: Posts.
        edges: Relations.
        refusals: What was left out.
        files: What was read; pictures need not be named.

    >>> folder = post_folder("tiny", [("1", "ann", 5, "hello", (), "glad", None)])
    >>> folder.label.tolist(), folder.time.tolist()
    (['glad'], [5])
    """
    columns: list[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(POST_COLUMNS)
    post, user, text, label, group = (_objects(columns[i]) for i in (0, 1, 3, 5, 6))
    refusals = refusals or Refusals()
    pictures: tuple[tuple[Path, ...], ...] = tuple(columns[4])  # type: ignore[arg-type]
    read = sorted({*files, *(file for several in pictures for file in several)})
    sums = "".join(f"{file_sha256(file)}  {file.name}\n" for file in read)
    return PostFolder(
        name=readable_name(name),
        post=post,
        user=user,
        time=np.array(columns[2], dtype=np.int64),
        text=text,
        images=pictures,
        label=label,
        group=group,
        edges=edges,
        rejects=refusals.first,
        rejected=dict(refusals.counts),
        notes={what: count for what, count in refusals.notes.items() if count},
        sha256=hashlib.sha256(sums.encode()).hexdigest(),
    )


def _objects(values: Sequence[object]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _file(folder: Path, name: str) -> Path | None:
    return next((folder / n for n in (name, f"{name}.gz") if (folder / n).is_file()), None)


def _read_posts(path: Path, folder: Path, refusals: Refusals) -> list[Post]:
    have, cell = _columns(path, ("post",), POST_COLUMNS, refusals)
    found: dict[str, Post] = {}
    for line, row in CsvFile(path).rows(have):
        if isinstance(row, EventFormatError):
            refusals.add(path, line, None, "a broken row", str(row))
            continue
        post = cell(row, "post")
        if not post or post in found:
            kind = "a post id that was there before" if post else "no post id"
            refusals.add(path, line, "post", kind, f"got {shown(post)}, expected an id of its own")
            continue
        time = _time(cell(row, "time"), path, line, refusals)
        if time is not None:
            pictures = _pictures(cell(row, "images"), folder, path, line, refusals)
            label, group = cell(row, "label") or None, cell(row, "group") or None
            found[post] = (post, cell(row, "user"), time, cell(row, "text"), pictures, label, group)
    return list(found.values())


def _read_edges(path: Path, refusals: Refusals) -> PostEdges:
    have, cell = _columns(path, ("src", "dst"), EDGE_COLUMNS, refusals)
    rows: list[tuple[str, str, str, int, float]] = []
    for line, row in CsvFile(path).rows(have):
        if isinstance(row, EventFormatError):
            refusals.add(path, line, None, "a broken row", str(row))
            continue
        src, dst = cell(row, "src"), cell(row, "dst")
        if not src or not dst:
            field = "dst" if src else "src"
            refusals.add(path, line, field, "an edge of one end", f"no {field}, expected two ids")
            continue
        time = _time(cell(row, "time"), path, line, refusals)
        value = _value(cell(row, "value"), path, line, refusals)
        if time is not None and value is not None:
            rows.append((src, dst, cell(row, "relation") or "edge", time, value))
    columns: list[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(EDGE_COLUMNS)
    src_ids, dst_ids, relation = (_objects(column) for column in columns[:3])
    values = np.array(columns[4], dtype=np.float64) if "value" in have else None
    return PostEdges(src_ids, dst_ids, relation, np.array(columns[3], dtype=np.int64), values)


def _columns(
    path: Path, needed: Sequence[str], known: Sequence[str], refusals: Refusals
) -> tuple[list[str], Callable[[list[str], str], str]]:
    """Which of the known columns the file has, and what reads one of them from a row, "" where the file lacks it."""
    header = CsvFile(path).header()
    for name in needed:
        if name not in header:
            raise SchemaError(
                f"{path} has no column {name!r}, it has {', '.join(header)}; expected {', '.join(known)}."
                f"{did_you_mean(name, header)}"
            )
    have = [name for name in known if name in header]
    refusals.notes[f"columns of {path.name} that are not read"] += len(header) - len(have)
    place = {name: i for i, name in enumerate(have)}
    return have, lambda row, name: row[place[name]].strip() if name in place else ""


def _time(value: str, path: Path, line: int, refusals: Refusals) -> int | None:
    """Seconds; `UNKNOWN_TIME` for none, None, and counted, for one that cannot be read."""
    if not value:
        return UNKNOWN_TIME
    try:
        return parse_time(value)
    except TimeWindowError as error:
        refusals.add(path, line, "time", "a time that cannot be read", str(error))
        return None


def _value(value: str, path: Path, line: int, refusals: Refusals) -> float | None:
    """A number; nan for none, None, and counted, for one that cannot be read."""
    if not value:
        return float("nan")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if np.isfinite(number):
        return number
    refusals.add(path, line, "value", "a value that is no number", f"got {shown(value)}, expected a finite number")
    return None


def _pictures(value: str, folder: Path, path: Path, line: int, refusals: Refusals) -> tuple[Path, ...]:
    if not value:
        return ()
    names = [value]
    for separator in (";", "|", None):
        if separator is None or separator in value:
            whole = separator is None and (folder / value.replace("\0", "")).is_file()
            names = [value] if whole else [name.strip() for name in value.split(separator)]
            break
    found = []
    for name in filter(None, names):
        file = (folder / name.replace("\0", "")).resolve()  # a zero byte would be an error of the system
        if not file.is_relative_to(folder.resolve()):
            refusals.add(path, line, "images", "a picture path that leads out", f"got {shown(name)}")
        elif not file.is_file():
            refusals.notes["pictures that are not there"] += 1
        else:
            found.append(file)
    return tuple(found)
