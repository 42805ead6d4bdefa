"""Labelled posts of a folder as what a classifier of posts takes: tokens, words, classes, groups."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.post_graph import post_graph
from graphsocial.embed import EmbeddingTable, embed_posts, normalise_text
from graphsocial.embed.posts import VIDEO_FRAMES
from graphsocial.errors import MissingExtraError, SchemaError, did_you_mean
from graphsocial.ingest import PostFolder
from graphsocial.learn.post_labels.post_inputs import PostInputs

CACHE = Path("runs/.cache/multimodal")
TEXT_TOKENS, GRID = 4, 3
FEWEST = 2
"""Posts of a class below which it is left out: it cannot be on both sides of a split."""


@dataclass(frozen=True, eq=False)
class LabelledPosts:
    """What a classifier of posts takes.

    Attributes:
        folder: The posts, labelled ones alone.
        inputs: Their tokens and words.
        target: Class codes, int64 [post].
        classes: Names of the classes.
        picture: Content of the first picture, a name of its own where there is none, object [post].
        assumptions: What using the encoders takes for granted.
        left_out: Posts left out, by why.
    """

    folder: PostFolder
    inputs: PostInputs
    target: np.ndarray
    classes: tuple[str, ...]
    picture: np.ndarray
    assumptions: tuple[str, ...]
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.target)


def labelled_posts(folder: PostFolder, limit: int | None = None) -> LabelledPosts:
    """Tokens and words of the labelled posts; every distinct content is encoded once and kept on disk.

    Args:
        folder: All posts.
        limit: Of the posts, this many at most, drawn with a fixed seed; None: all.

    Raises:
        SchemaError: There are not two classes of at least `FEWEST` posts.
    """
    labels = np.array(["" if label is None else str(label) for label in folder.label], dtype=object)
    names, count = np.unique(labels.astype(str), return_counts=True)
    classes = tuple(str(name) for name, number in zip(names, count, strict=True) if name and number >= FEWEST)
    if len(classes) < 2:
        found = ", ".join(f"{name} {number}" for name, number in zip(names, count, strict=True) if name) or "none"
        raise SchemaError(
            f"{folder.name}: labels with their posts: {found}; expected at least two labels of {FEWEST} posts or more"
        )
    code = {name: at for at, name in enumerate(classes)}
    target = np.array([code.get(label, -1) for label in labels], dtype=np.int64)
    rows = np.flatnonzero(target >= 0)
    left_out = {"without a label": int((labels == "").sum())}
    for name in sorted({label for label, number in zip(labels, target, strict=True) if label and number < 0}):
        few = f"of label {name!r}, as fewer than {FEWEST} posts have it.{did_you_mean(name, classes)}"
        left_out[few] = int((labels == name).sum())
    if limit is not None and len(rows) > limit:
        rows = np.sort(np.random.default_rng(0).choice(rows, limit, replace=False))
    kept = _take(folder, rows)
    table = embed_posts(
        post_graph(kept), text=text_encoder(kept), text_tokens=TEXT_TOKENS, image_grid=GRID, cache=CACHE
    )
    for what, number in left_out.items():
        if number:
            click.echo(f"left out: {number:,} post(s) {what}")
    for problem in table.problems[:5]:
        click.echo(f"{problem.path}: {problem.reason}; its post keeps its text", err=True)
    first = int(kept.time.min()) if len(kept) else 0
    return LabelledPosts(
        folder=kept,
        inputs=_inputs(kept, table),
        target=target[rows],
        classes=classes,
        picture=_pictures(kept),
        assumptions=table.assumptions(first),
        left_out={what: number for what, number in left_out.items() if number},
    )


def unseen_classes(target: np.ndarray, train: np.ndarray, test: np.ndarray, classes: Sequence[str]) -> dict[str, int]:
    """Test posts of each class that no training post has; nothing can foretell them, and they count as missed."""
    there = np.bincount(target[train], minlength=len(classes)) > 0
    asked = np.bincount(target[test], minlength=len(classes))
    return {name: int(asked[at]) for at, name in enumerate(classes) if asked[at] and not there[at]}


def text_encoder(folder: PostFolder) -> str:
    """The builtin encoder for the script of most letters; the English one where the other is not installed."""
    letters = [letter for text in folder.text[:2000] for letter in text if letter.isalpha()]
    foreign = sum(ord(letter) > 0x24F for letter in letters)
    if 2 * foreign <= len(letters):
        return "builtin:minilm"
    try:
        from graphsocial.embed.use_multilingual import use_multilingual_weights

        use_multilingual_weights()
    except MissingExtraError as problem:
        click.echo(f"{problem}; texts go through the English encoder", err=True)
        return "builtin:minilm"
    return "builtin:use_multilingual"


def one_side(posts: LabelledPosts) -> np.ndarray:
    """What has to stay on one side of a split: posts that share a group or a picture, int64 [post]."""
    size = len(posts)
    own = np.array(
        [f"group {name}" if name is not None else f"post {at}" for at, name in enumerate(posts.folder.group)]
    )
    keys = np.concatenate([own, posts.picture.astype(str)])
    code = np.unique(keys, return_inverse=True)[1]
    row = np.tile(np.arange(size), 2)
    nodes = size + int(code.max(initial=-1)) + 1
    links = coo_array((np.ones(2 * size), (row, size + code)), shape=(nodes, nodes))
    labels: np.ndarray = connected_components(links, directed=False)[1][:size]
    return labels.astype(np.int64)


def _take(folder: PostFolder, rows: np.ndarray) -> PostFolder:
    return replace(
        folder,
        post=folder.post[rows],
        user=folder.user[rows],
        time=folder.time[rows],
        text=folder.text[rows],
        images=tuple(folder.images[row] for row in rows),
        label=folder.label[rows],
        group=folder.group[rows],
        edges=None,
    )


def _inputs(folder: PostFolder, table: EmbeddingTable) -> PostInputs:
    names = folder.post.tolist()
    found = {modality: _first(table, modality, names) for modality in table.tokens}
    if "video" in found:  # of a clip or an animated picture, the first frame counts as a picture
        clip, clip_there = (part[:, : part.shape[1] // VIDEO_FRAMES] for part in found.pop("video"))
        image, there = found.get("image", (np.zeros_like(clip), np.zeros_like(clip_there)))
        seen: np.ndarray = np.asarray(there.any(axis=1))[:, None]
        found["image"] = np.where(seen[:, :, None], image, clip), np.where(seen, there, clip_there)
    words = np.array([normalise_text(text) for text in folder.text], dtype=object)
    return PostInputs(
        {name: tokens for name, (tokens, _) in found.items()},
        {name: mask for name, (_, mask) in found.items()},
        {"text": words} if words.astype(bool).any() else {},
    )


def _first(table: EmbeddingTable, modality: str, posts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and mask of each post; of several pictures the first."""
    found, row = table.tokens[modality], table.rows("post", modality, posts)[:, 0]
    tokens = np.where((row >= 0)[:, None, None], found.tokens[np.maximum(row, 0)], np.float16(0))
    return tokens, found.mask[np.maximum(row, 0)] & (row >= 0)[:, None]


def _pictures(folder: PostFolder) -> np.ndarray:
    """Hash of each post's first picture."""
    known: dict[Path, str] = {}
    out = np.empty(len(folder), dtype=object)
    for at, files in enumerate(folder.images):
        if files and files[0] not in known:
            known[files[0]] = hashlib.sha256(files[0].read_bytes()).hexdigest()
        out[at] = f"picture {known[files[0]]}" if files else f"post {at}"
    return out
