"""What the posts of a graph view show: distinct texts and media files, each once, and which node shows which."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.embed.picture import check_file
from graphsocial.embed.table import BrokenMedia, NodeContents
from graphsocial.embed.video import VIDEO_SUFFIXES
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.graph import SocialGraph

SHOW = ("post", "show", "media")

Item = TypeVar("Item")


@dataclass
class Distinct(Generic[Item]):
    """Distinct contents of one modality, in order of first appearance.

    Attributes:
        items: One of each.
        keys: Their hashes, 32 bytes each.
        shown: Per node type, which contents each of its nodes shows, as positions in `items`.
    """

    items: list[Item]
    keys: list[bytes]
    shown: dict[str, list[list[int]]]


@dataclass(frozen=True)
class MediaFile:
    """A media file and the node that first names it."""

    id: str
    stated: str
    path: Path


def distinct_texts(graph: SocialGraph, normalisation: TextNormalisation) -> Distinct[str]:
    """Normalised texts of posts; a post whose text is null or empty shows none."""
    found: Distinct[str] = Distinct([], [], {})
    if "text" not in graph.schema.nodes.get("post", {}):
        return found
    position: dict[str, int] = {}
    shown = []
    for text in graph.column("post", "text").to_pylist():
        read = normalisation.apply(text) if text else ""
        shown.append([position.setdefault(read, len(position))] if read else [])
    found.items = list(position)
    found.keys = [hashlib.sha256(text.encode()).digest() for text in found.items]
    found.shown = {"post": shown}
    return found


def has_media(graph: SocialGraph) -> bool:
    """Whether any media node of the view names a file."""
    return "path" in graph.schema.nodes.get("media", {}) and any(graph.column("media", "path").to_pylist())


def distinct_media(
    graph: SocialGraph, root: Path, progress: Callable[[int, int, str], None]
) -> tuple[Distinct[MediaFile], Distinct[MediaFile], list[BrokenMedia]]:
    """Pictures, clips, and the media files that cannot be read; files of equal bytes are one content."""
    ids, stated = graph.node_ids("media"), graph.column("media", "path").to_pylist()
    named = [MediaFile(name, path, root / path) for name, path in zip(ids, stated, strict=True) if path]
    broken: list[BrokenMedia] = []
    pictures: Distinct[MediaFile] = Distinct([], [], {})
    clips: Distinct[MediaFile] = Distinct([], [], {})
    position: dict[tuple[bool, bytes], int] = {}
    content_of: dict[str, tuple[bool, int]] = {}
    with ThreadPoolExecutor(2) as pool:
        keys = pool.map(lambda media: file_hash(media.path, root), named)
        for done, (media, key) in enumerate(zip(named, keys, strict=True)):
            if isinstance(key, str):
                broken.append(BrokenMedia(media.id, media.stated, key))
            else:
                moves = media.path.suffix.lower() in VIDEO_SUFFIXES
                kind = clips if moves else pictures
                if (moves, key) not in position:
                    position[moves, key] = len(kind.items)
                    kind.items.append(media)
                    kind.keys.append(key)
                content_of[media.id] = moves, position[moves, key]
            progress(done + 1, len(named), "media files")
    for moves, kind in ((False, pictures), (True, clips)):
        of_media = [content_of.get(name, (not moves, -1)) for name in ids]
        own = [[content] if moving == moves else [] for moving, content in of_media]
        kind.shown = {"media": own, "post": _of_posts(graph, own)}
    return pictures, clips, broken


def node_contents(ids: Sequence[str], shown: Iterable[Iterable[int]], position: np.ndarray) -> NodeContents:
    """Which contents each node shows once broken ones are gone.

    Args:
        ids: Ids of the nodes.
        shown: Contents of each node.
        position: New position of each content, -1 for a broken one, int64 [content].
    """
    kept = [[int(position[content]) for content in contents if position[content] >= 0] for contents in shown]
    offsets = np.concatenate([[0], np.cumsum([len(contents) for contents in kept])]).astype(np.int64)
    flat = np.array([content for contents in kept for content in contents], np.int64)
    return NodeContents(tuple(ids), offsets, flat)


def _of_posts(graph: SocialGraph, of_media: list[list[int]]) -> list[list[int]]:
    """Contents of each post over its (post, show, media) edges, in time order, each once."""
    if SHOW not in graph.edge_types:
        return []
    shown: list[dict[int, None]] = [{} for _ in range(graph.num_nodes("post"))]
    edges = graph.edges(SHOW)
    for post, media in zip(edges.src.tolist(), edges.dst.tolist(), strict=True):
        shown[post].update(dict.fromkeys(of_media[media]))
    return [list(contents) for contents in shown]


def file_hash(path: Path, root: Path) -> bytes | str:
    """sha256 of a file under a folder, or the reason why there is none."""
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            return "path leaves the media folder"
        check_file(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except DataIntegrityError as error:
        return str(error)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        return f"cannot be read ({getattr(error, 'strerror', None) or error})"


def media_folder(graph: SocialGraph, media_root: str | Path | None) -> Path:
    """The folder that `path` columns are relative to.

    Raises:
        SchemaError: None is known, or it is no folder.
    """
    root = graph.media_root if media_root is None else media_root
    if root is None:
        raise SchemaError(
            "the graph's media have paths, but nothing says which folder they start from: pass media_root="
        )
    folder = Path(root).expanduser()
    if not folder.is_dir():
        raise SchemaError(f"media_root {str(root)!r} is no folder")
    return folder
