"""`edges.tsv`, `texts.tsv` and `images.tsv` beside a file of cascades."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from graphsocial.ingest.refusals import Refusals
from graphsocial.ingest.tsv_lines import tsv_lines

_HEADERS = {
    "edges": (("src", "source", "from", "user"), ("dst", "target", "to", "user", "friend")),
    "texts": (("cascade", "cascade_id", "id"), ("text",)),
    "images": (("cascade", "cascade_id", "id"), ("path", "image", "relative path")),
}


def read_edges(path: Path, users: set[str], refusals: Refusals) -> np.ndarray:
    """Pairs of linked users, object [edge, 2]; counts users of either file whom the other does not name.

    Args:
        path: The file.
        users: Users of the cascades.
        refusals: Where rows left out are counted.
    """
    src: list[str] = []
    dst: list[str] = []
    same: dict[str, str] = {}
    for line, fields in _rows(path, "edges", refusals):
        first, second = fields[0].strip(), fields[1].strip() if len(fields) > 1 else ""
        if not first or not second:
            got = "\t".join(fields)[:80]
            refusals.add(path, line, "dst" if first else "src", "an edge of one user", f"got {got!r}, expected two ids")
            continue
        src.append(same.setdefault(first, first))
        dst.append(same.setdefault(second, second))
    refusals.notes["users of cascades without an edge"] += len(users - same.keys())
    refusals.notes["users of edges without a cascade"] += len(same.keys() - users)
    refusals.notes["edges from a user to the same user"] += sum(a is b for a, b in zip(src, dst, strict=True))
    edges = np.empty((len(src), 2), dtype=object)
    edges[:, 0], edges[:, 1] = src, dst
    return edges


def read_texts(path: Path, cascades: set[str], refusals: Refusals) -> dict[str, str]:
    """Text by cascade id; a tab inside the text stays."""
    texts: dict[str, str] = {}
    for line, fields in _rows(path, "texts", refusals):
        name, text = fields[0].strip(), "\t".join(fields[1:]).strip()
        if not text:
            refusals.add(path, line, "text", "an empty text", f"cascade {name!r} has none")
        elif _is_new(path, line, name, cascades, texts, refusals):
            texts[name] = text
    refusals.notes["cascades without a text"] += len(cascades) - len(texts)
    return texts


def read_images(path: Path, cascades: set[str], refusals: Refusals) -> dict[str, Path]:
    """Image file by cascade id; the path must lead to a file inside the folder."""
    images: dict[str, Path] = {}
    folder = path.parent.resolve()
    for line, fields in _rows(path, "images", refusals):
        name, relative = fields[0].strip(), fields[1].strip() if len(fields) > 1 else ""
        file = (folder / relative.replace("\0", "")).resolve()  # a zero byte would be an error of the system
        if not relative or not file.is_relative_to(folder):
            refusals.add(path, line, "path", "an image path that leads out", f"got {relative!r}, expected one inside")
        elif not file.is_file():
            refusals.add(path, line, "path", "an image that is not there", f"no file {relative!r} in the folder")
        elif _is_new(path, line, name, cascades, images, refusals):
            images[name] = file
    refusals.notes["cascades without an image"] += len(cascades) - len(images)
    return images


def _is_new(
    path: Path, line: int, name: str, cascades: set[str], have: dict[str, str] | dict[str, Path], refusals: Refusals
) -> bool:
    if name in cascades and name not in have:
        return True
    kind = "a cascade id that was there before" if name in have else "a cascade id that is no cascade's"
    refusals.add(path, line, "cascade", kind, f"got {name!r}")
    return False


def _rows(path: Path, what: str, refusals: Refusals) -> Iterator[tuple[int, list[str]]]:
    first, second = _HEADERS[what]
    for line, fields in tsv_lines(path, refusals):
        names = [field.strip().lower() for field in fields]
        if line == 1 and len(names) > 1 and names[0] in first and names[1] in second:
            continue
        yield line, fields
