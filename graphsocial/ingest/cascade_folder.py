"""Folders of cascades: who took part in what, when; optionally who is linked to whom, and texts and images."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import CascadeSet
from graphsocial.ingest.cascade_lines import CascadeLines
from graphsocial.ingest.cascade_side_files import read_edges, read_images, read_texts
from graphsocial.ingest.checksums import file_sha256
from graphsocial.ingest.readable_name import readable_name
from graphsocial.ingest.refusals import Refusals
from graphsocial.ingest.rejects import Reject

CASCADES, EDGES, TEXTS, IMAGES = "cascades.tsv", "edges.tsv", "texts.tsv", "images.tsv"


@dataclass(frozen=True, eq=False, repr=False)
class CascadeFolder:
    """What a folder of cascades holds, and what of it could not be read.

    Attributes:
        name: Name of the folder.
        cascades: Every cascade that has an event, in the order of the file; parents are unknown, hence all -1.
        edges: Ids of linked users, object [edge, 2]; None where the folder has no `edges.tsv`. Their time is unknown.
        texts: Text of a cascade by its id.
        images: Image file of a cascade by its id.
        rejects: Rows and events left out, the first `REJECTS_KEPT` of them.
        rejected: Number of all of them, by what was wrong.
        notes: Number of things that are kept but may surprise, by what they are.
        sha256: Hash over names and contents of the files that were read.
    """

    name: str
    cascades: CascadeSet
    edges: np.ndarray | None
    texts: dict[str, str]
    images: dict[str, Path]
    rejects: list[Reject]
    rejected: Mapping[str, int]
    notes: Mapping[str, int]
    sha256: str

    def __repr__(self) -> str:
        lines = [f"CascadeFolder {self.name!r}: {len(self.cascades):,} cascades, {len(self.cascades.node):,} events"]
        extras = {"edges": 0 if self.edges is None else len(self.edges), "texts": len(self.texts)}
        extras["images"] = len(self.images)
        lines += [f"  {count:,} {what}" for what, count in extras.items() if count]
        lines += [f"  left out: {count:,} with {what}" for what, count in sorted(self.rejected.items())]
        lines += [f"  noted: {count:,} {what}" for what, count in sorted(self.notes.items())]
        return "\n".join(lines)


def read_cascade_folder(path: str | Path) -> CascadeFolder:
    """Reads `cascades.tsv` of a folder, and `edges.tsv`, `texts.tsv` and `images.tsv` where they are there.

    `cascades.tsv` has one cascade per line, tab-separated: its id, a split that is not read, and its events
    `user:time user:time …` with times in seconds, whole or not (fractions are cut off, and counted). The header may be
    missing, and the split too. Inside a cascade the order is that of the list; where its times go backwards it is put
    in order of time, equal times in the order of the list, and counted. An event that cannot be read costs itself, a
    second cascade of the same id costs itself; both are counted with file, line, field and reason. Cascades of one user
    are kept and counted: whoever ranks users leaves them out.

    `edges.tsv` has two user ids per line, `texts.tsv` a cascade's id and its text, `images.tsv` a cascade's id and a
    path relative to the folder; a header may precede them.

    Args:
        path: The folder.

    Raises:
        SchemaError: There is no such folder, or it has no `cascades.tsv`.
        EventFormatError: No cascade could be read.
    """
    folder = Path(path)
    if not folder.is_dir():
        near = [p.name for p in folder.parent.iterdir() if p.is_dir()] if folder.parent.is_dir() else []
        raise SchemaError(f"{folder} is no folder.{did_you_mean(folder.name, near)}")
    if not (folder / CASCADES).is_file():
        found = sorted(p.name for p in folder.iterdir())
        has = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        raise SchemaError(f"{folder} has no {CASCADES}, it holds {has or 'nothing'}.{did_you_mean(CASCADES, found)}")
    refusals = Refusals()
    cascades = CascadeLines(folder / CASCADES, refusals).read()
    known = set(cascades.names.tolist())
    files = [name for name in (CASCADES, EDGES, TEXTS, IMAGES) if (folder / name).is_file()]
    edges = read_edges(folder / EDGES, set(cascades.node.tolist()), refusals) if EDGES in files else None
    texts = read_texts(folder / TEXTS, known, refusals) if TEXTS in files else {}
    images = read_images(folder / IMAGES, known, refusals) if IMAGES in files else {}
    return CascadeFolder(
        name=readable_name(folder.resolve().name),
        cascades=cascades,
        edges=edges,
        texts=texts,
        images=images,
        rejects=refusals.first,
        rejected=dict(refusals.counts),
        notes=dict(Counter({what: count for what, count in refusals.notes.items() if count})),
        sha256=_sha256(folder, files),
    )


def _sha256(folder: Path, files: list[str]) -> str:
    sums = "".join(f"{file_sha256(folder / name)}  {name}\n" for name in sorted(files))
    return hashlib.sha256(sums.encode()).hexdigest()
