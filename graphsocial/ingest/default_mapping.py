"""The mapping of a folder without `mapping.toml`, from conventional file and column names."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from graphsocial.errors import EventFormatError, SchemaError, did_you_mean
from graphsocial.ingest.cells import read_value
from graphsocial.ingest.data_file import open_data_file
from graphsocial.ingest.mapping import MEASURED_LATER, ColumnMapping, EdgeMapping, FolderMapping, TableMapping
from graphsocial.schema import ColumnType, EdgeType

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")

MEDIA = (*(f"images/{{id}}{suffix}" for suffix in ("", ".jpg", ".jpeg", ".png", ".webp", ".gif")), "{id}")
"""Where the file of a media node is looked for."""

EDGE_TYPES: dict[str, EdgeType] = {
    **{r: ("user", r, "user") for r in ("repost", "quote", "reply", "mention", "follow")},
    **{r: ("user", r, "post") for r in ("author", "like")},
    **{r: ("post", r, t) for r, t in (("tag", "hashtag"), ("show", "media"), ("link", "url"))},
}
"""What a relation joins in a conventional `edges.csv`."""

TYPED_SHARE = 0.95
"""Share of filled cells that must read as numbers (or true and false) for a column of them; the rest are rejects."""


def default_mapping(folder: str | Path) -> FolderMapping:
    """The mapping of a folder with `posts.csv` and, if there is one, `edges.csv` (or .csv.gz, .tsv, .parquet).

    `posts`: `post`, `user`, `time`, and optionally `text`, `images` and `hashtags` (several, separated by blanks).
    Every other column becomes a column of the post, known only after the last event, because a label or a count is
    measured later. `edges`: `src`, `dst`, `relation`, and optionally `time` (an edge without one counts as known
    only after the last event). Relations join what `EDGE_TYPES` says.

    Raises:
        SchemaError: There is no posts table, or a conventional column is missing.
    """
    folder = Path(folder)
    posts = _find(folder, "posts")
    if posts is None:
        raise SchemaError(
            f"{folder} has neither a mapping.toml nor a posts table, "
            f"expected one of {', '.join(f'posts{suffix}' for suffix in SUFFIXES)}"
        )
    tables = [_posts(folder, posts)]
    edges = _find(folder, "edges")
    if edges is not None:
        tables.append(_edges(folder, edges))
    return FolderMapping(tuple(tables), media=MEDIA)


def _posts(folder: Path, name: str) -> TableMapping:
    header = _header(folder, name, ("post", "user", "time"))
    edges = [EdgeMapping("user", "post", ("user", "author", "post"))]
    if "images" in header:
        edges.append(EdgeMapping("post", "images", ("post", "show", "media"), split=" "))
    if "hashtags" in header:
        edges.append(EdgeMapping("post", "hashtags", ("post", "tag", "hashtag"), split=" ", strip="#", lower=True))
    columns = {"text": ColumnMapping("text")} if "text" in header else {}
    columns |= _measured(folder, name, header, ("post", "user", "time", "images", "hashtags", "text"))
    return TableMapping(
        (name,), "post", "post", "time", columns=columns, edges=tuple(edges), delimiter=_delimiter(name)
    )


def _edges(folder: Path, name: str) -> TableMapping:
    header = _header(folder, name, ("src", "dst", "relation"))
    seen = {str(value).strip() for value in _cells(folder, name, "relation")}
    edges = EdgeMapping(
        "src",
        "dst",
        type_column="relation",
        types={relation: kind for relation, kind in EDGE_TYPES.items() if relation in seen} or EDGE_TYPES,
        crawled_at=MEASURED_LATER,
        columns=_measured(folder, name, header, ("src", "dst", "relation", "time")),
    )
    time = "time" if "time" in header else None
    return TableMapping((name,), time=time, edges=(edges,), delimiter=_delimiter(name))


def _find(folder: Path, stem: str) -> str | None:
    found = [stem + suffix for suffix in SUFFIXES if (folder / (stem + suffix)).is_file()]
    if len(found) > 1:
        raise SchemaError(f"{folder} has {' and '.join(found)}, expected one; a mapping.toml can name several files")
    return found[0] if found else None


def _header(folder: Path, name: str, required: tuple[str, ...]) -> list[str]:
    header = open_data_file(folder / name, _delimiter(name)).header()
    for column in required:
        if column not in header:
            raise SchemaError(
                f"{folder / name} has no column {column!r}, got {', '.join(header)}.{did_you_mean(column, header)} "
                "Other names need a mapping.toml"
            )
    return header


def _measured(folder: Path, name: str, header: list[str], known: Collection[str]) -> dict[str, ColumnMapping]:
    """Columns without a conventional meaning, with the type most of their cells have."""
    extra = [column for column in header if column and column not in known]
    filled = dict.fromkeys(extra, 0)
    fits: dict[str, dict[ColumnType, int]] = {column: {"int": 0, "float": 0, "bool": 0} for column in extra}
    for _, cells in open_data_file(folder / name, _delimiter(name)).rows(extra):
        if isinstance(cells, EventFormatError):
            continue
        for column, cell in zip(extra, cells, strict=True):
            if cell is None or cell == "":
                continue
            filled[column] += 1
            for kind in fits[column]:
                fits[column][kind] += _reads_as(cell, kind)
    return {c: ColumnMapping(c, _type(fits[c], filled[c]), MEASURED_LATER) for c in extra}


def _reads_as(cell: Any, kind: ColumnType) -> bool:
    if kind == "bool":  # yes and no, or t and f, may be names of classes
        return str(cell).strip().lower() in ("true", "false")
    try:
        read_value(cell, kind)
    except EventFormatError:
        return False
    return True


def _type(fits: dict[ColumnType, int], filled: int) -> ColumnType:
    return next((kind for kind, count in fits.items() if filled and count >= TYPED_SHARE * filled), "string")


def _cells(folder: Path, name: str, column: str) -> Any:
    rows = open_data_file(folder / name, _delimiter(name)).rows([column])
    return (cells[0] for _, cells in rows if not isinstance(cells, EventFormatError))


def _delimiter(name: str) -> str:
    return "\t" if ".tsv" in name else ","
