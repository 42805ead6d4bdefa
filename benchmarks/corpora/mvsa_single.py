"""Reader of the `mvsa_single` corpus (Niu et al., MMM 2016): tweets with a picture and how they feel."""

from __future__ import annotations

import json
from pathlib import Path

from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.ingest.csv_rows import CsvFile
from graphsocial.ingest.post_folder import Post, PostFolder, post_folder
from graphsocial.ingest.refusals import Refusals
from graphsocial.schema import UNKNOWN_TIME

POSTS, DUPLICATES = "posts.csv", "duplicate_image_groups.json"


def read(folder: Path, task: str) -> PostFolder:
    """The corpus: no users, no times; posts whose pictures are equal to the byte form a group.

    The published parts are not read: the labelled posts are one part, the rest have no label.

    Args:
        folder: Where it is.
        task: Makes no difference here.

    Raises:
        DataIntegrityError: A file is missing.
        EventFormatError: A file cannot be read.
    """
    missing = [name for name in (POSTS, DUPLICATES) if not (folder / name).is_file()]
    if missing:
        raise DataIntegrityError(f"{folder} lacks {', '.join(missing)}")
    group = _groups(folder / DUPLICATES)
    refusals = Refusals()
    rows: list[Post] = []
    for line, row in CsvFile(folder / POSTS).rows(["id", "sentiment", "text"]):
        if isinstance(row, EventFormatError):
            refusals.add(folder / POSTS, line, None, "a broken row", str(row))
            continue
        post, label, text = (cell.strip() for cell in row)
        picture = folder / "images" / f"{post}.jpg"
        if not picture.is_file():
            refusals.notes["pictures that are not there"] += 1
        pictures = (picture,) if picture.is_file() else ()
        rows.append((post, "", UNKNOWN_TIME, text, pictures, label or None, group.get(post)))
    return post_folder(folder.resolve().name, rows, None, refusals, [folder / POSTS, folder / DUPLICATES])


def _groups(path: Path) -> dict[str, str]:
    """Name of each post's group, for posts that share a picture."""
    try:
        groups = json.loads(path.read_text(encoding="utf-8"))
        return {str(post): f"picture of {group[0]}" for group in groups for post in group}
    except (ValueError, TypeError, OSError) as error:
        raise EventFormatError(f"cannot read {path}: {error}", path=str(path)) from error
