"""From a graph view to the modality tokens of its posts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.embed.clip import VIDEO_FRAMES, clip_layout, clip_tokens
from graphsocial.embed.contents import Distinct, MediaFile, distinct_media, distinct_texts, has_media, media_folder
from graphsocial.embed.contents import node_contents as contents_of_nodes
from graphsocial.embed.encoder import Embedded, EncoderInfo, ImageEmbedder, TextEmbedder
from graphsocial.embed.image import image_embedder
from graphsocial.embed.normalisation import TextNormalisation
from graphsocial.embed.picture import read_image
from graphsocial.embed.table import BrokenMedia, EmbeddingTable, ModalityTokens, NodeContents
from graphsocial.embed.text import text_embedder
from graphsocial.embed.token_cache import TokenCache
from graphsocial.errors import DataIntegrityError, SchemaError
from graphsocial.graph import SocialGraph

if TYPE_CHECKING:
    from PIL.Image import Image

Progress = Callable[[int, int, str], None]
"""Called with contents done, contents in all, and what they are; the caller owns the bar."""

FLUSH_EVERY = 512
"""Contents between two writes to the cache: what a kill can cost."""

_TOGETHER = 64  # pictures per call of the encoder; as many again are being decoded meanwhile
_DECODERS = 2


def embed_posts(
    graph: SocialGraph,
    text: str | TextEmbedder = "builtin:minilm",
    image: str | ImageEmbedder = "builtin:efficientnet_lite0",
    media_root: str | Path | None = None,
    cache: str | Path | None = None,
    progress: Progress | None = None,
    text_tokens: int = 4,
    image_grid: int = 2,
    normalisation: TextNormalisation | None = None,
    device: str | None = None,
) -> EmbeddingTable:
    """Tokens of the texts, pictures and clips that the posts of a view show.

    Every distinct content is encoded once. A graph without texts or without pictures works, and the encoder it does not
    need is not loaded. Media that cannot be read are listed in `problems`, and their posts keep the rest.

    Args:
        graph: View; posts have a column `text`, media nodes a column `path`, both optional. A post shows the media
            that its (post, show, media) edges lead to. Paths ending in .mp4, .webm, .mov or .gif are read as video.
        text: Encoder or its name: `builtin:minilm`, a sentence-transformers model name, or a folder.
        image: Encoder or its name: `builtin:efficientnet_lite0`, a timm model name, or a folder.
        media_root: Folder that paths are relative to; None takes the graph's own.
        cache: Folder for tokens by content hash, so that a second or interrupted run encodes only what is new.
        progress: Called as `progress(done, total, what)`.
        text_tokens: Tokens per text, where `text` is a name.
        image_grid: Cells along each side of a picture, where `image` is a name.
        normalisation: What is done to texts first.
        device: Where to encode; None takes CUDA where there is one.

    Raises:
        SchemaError: An unknown encoder, an unknown media folder, or a number out of range.
        GraphSocialError: An encoder cannot be loaded.
    """
    tell = progress or _silent
    rule = normalisation or TextNormalisation()
    tokens: dict[str, ModalityTokens] = {}
    shown: dict[tuple[str, str], NodeContents] = {}
    problems: list[BrokenMedia] = []

    texts = distinct_texts(graph, rule)
    if texts.items:
        encoder = text_embedder(text, tokens=text_tokens, device=device) if isinstance(text, str) else text
        _check_modality(encoder.info, "text")
        run = _Run("text", encoder.info, encoder.layout, len(texts.items), (encoder.tokens,), cache, rule.hash, tell)
        run.start(texts.keys)
        _encode_texts(run, texts, encoder)
        tokens["text"] = ModalityTokens("text", run.tokens, run.mask, encoder.info, encoder.layout)
        _add_nodes(graph, "text", texts, np.arange(len(texts.items)), shown)

    if has_media(graph):
        pictures, clips, broken = distinct_media(graph, media_folder(graph, media_root), tell)
        problems += broken
        if pictures.items or clips.items:
            eye = image_embedder(image, grid=image_grid, device=device) if isinstance(image, str) else image
            _check_modality(eye.info, "image")
            for modality, kind in (("image", pictures), ("video", clips)):
                if kind.items:
                    found, position, failed = _encode_media(modality, kind, eye, cache, tell)
                    problems += _all_nodes(graph, kind, failed)
                    if len(found):
                        tokens[modality] = found
                        _add_nodes(graph, modality, kind, position, shown)
    order = {name: row for row, name in enumerate(graph.node_ids("media"))} if problems else {}
    return EmbeddingTable(tokens, shown, rule, sorted(problems, key=lambda problem: order[problem.id]))


class _Run:
    """Tokens of one modality while they are collected: from the cache, then from the encoder, flushed as they come."""

    def __init__(
        self,
        modality: str,
        encoder: EncoderInfo,
        layout: str,
        count: int,
        axes: tuple[int, ...],
        cache: str | Path | None,
        rule: str,
        tell: Progress,
    ):
        self.tokens = np.zeros((count, *axes, encoder.channels), np.float16)
        self.mask = np.zeros((count, *axes), bool)
        self.time = np.zeros((count, *axes), np.float32) if modality == "video" else None
        self.found = np.zeros(count, bool)
        self._modality, self._tell = modality, tell
        self._cache = None if cache is None else TokenCache(cache, encoder, layout, rule)
        self.failed: dict[int, str] = {}
        self._keys: list[bytes] = []
        self._waiting: list[int] = []

    @property
    def missing(self) -> list[int]:
        return np.flatnonzero(~self.found).tolist()

    def start(self, keys: list[bytes]) -> None:
        self._keys = keys
        if self._cache is not None:
            self.found = self._cache.read(keys, self._arrays())
        self._report()

    def put(self, rows: list[int], found: Embedded) -> None:
        self.tokens[rows], self.mask[rows] = found.tokens, found.mask
        self.done(rows)

    def done(self, rows: list[int]) -> None:
        self.found[rows] = True
        self._waiting += rows
        if len(self._waiting) >= FLUSH_EVERY:
            self.flush()
        self._report()

    def fail(self, row: int, reason: str) -> None:
        self.failed[row] = reason
        self._report()

    def _report(self) -> None:
        self._tell(int(self.found.sum()) + len(self.failed), len(self.found), self._modality)

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self._cache is not None and waiting:
            arrays = {name: array[waiting] for name, array in self._arrays().items()}
            self._cache.write([self._keys[row] for row in waiting], arrays)

    def _arrays(self) -> dict[str, np.ndarray]:
        arrays = {"tokens": self.tokens, "mask": self.mask}
        return arrays if self.time is None else arrays | {"time": self.time}


def _encode_texts(run: _Run, texts: Distinct[str], encoder: TextEmbedder) -> None:
    """Texts of like length together, so that batches are full and padded little."""
    rows = sorted(run.missing, key=lambda row: len(texts.items[row]))
    try:
        for start in range(0, len(rows), FLUSH_EVERY):
            part = rows[start : start + FLUSH_EVERY]
            run.put(part, encoder.embed([texts.items[row] for row in part]))
    finally:
        run.flush()  # what is done is kept, also when the caller is interrupted


def _encode_media(
    modality: str, kind: Distinct[MediaFile], eye: ImageEmbedder, cache: str | Path | None, tell: Progress
) -> tuple[ModalityTokens, np.ndarray, dict[int, str]]:
    """Tokens of pictures or clips without the broken ones, the position of each content in them, and the failures."""
    frames = VIDEO_FRAMES if modality == "video" else 1
    layout = clip_layout(eye) if modality == "video" else eye.layout
    run = _Run(modality, eye.info, layout, len(kind.items), (frames * eye.tokens,), cache, "", tell)
    run.start(kind.keys)
    if modality == "video":
        _encode_clips(run, kind, eye)
    else:
        _encode_pictures(run, kind, eye)
    position = np.where(run.found, np.cumsum(run.found) - 1, -1)
    time = None if run.time is None else run.time[run.found]
    found = ModalityTokens(modality, run.tokens[run.found], run.mask[run.found], eye.info, layout, time)
    return found, position, run.failed


def _encode_pictures(run: _Run, kind: Distinct[MediaFile], eye: ImageEmbedder) -> None:
    """Pictures in order, decoded in threads a little ahead of the encoder."""
    remaining = iter(run.missing)
    ahead: deque[tuple[int, Future[Image]]] = deque()
    with ThreadPoolExecutor(_DECODERS) as pool:
        try:
            while True:
                for row in islice(remaining, 2 * _TOGETHER - len(ahead)):
                    ahead.append((row, pool.submit(read_image, kind.items[row].path, eye.size)))
                if not ahead:
                    return
                rows: list[int] = []
                pictures: list[Image] = []
                while ahead and len(rows) < _TOGETHER:
                    row, picture = ahead.popleft()
                    try:
                        pictures.append(picture.result())
                        rows.append(row)
                    except DataIntegrityError as error:
                        run.fail(row, str(error))
                if rows:
                    run.put(rows, eye.embed(pictures))
        finally:
            for _, picture in ahead:
                picture.cancel()
            run.flush()


def _encode_clips(run: _Run, kind: Distinct[MediaFile], eye: ImageEmbedder) -> None:
    """One clip at a time: its frames are a batch, and its tokens are frame after frame."""
    try:
        for row in run.missing:
            try:
                found = clip_tokens(kind.items[row].path, eye)
            except DataIntegrityError as error:
                run.fail(row, str(error))
                continue
            assert run.time is not None
            run.tokens[row], run.mask[row], run.time[row] = found
            run.done([row])
    finally:
        run.flush()


def _all_nodes(graph: SocialGraph, kind: Distinct[MediaFile], failed: dict[int, str]) -> list[BrokenMedia]:
    """A problem for every media node that names a broken file, also where several name equal ones."""
    if not failed:
        return []
    stated = graph.column("media", "path").to_pylist()
    return [
        BrokenMedia(name, path, failed[content])
        for name, path, contents in zip(graph.node_ids("media"), stated, kind.shown["media"], strict=True)
        for content in contents
        if content in failed
    ]


def _add_nodes(
    graph: SocialGraph,
    modality: str,
    kind: Distinct[str] | Distinct[MediaFile],
    position: np.ndarray,
    shown: dict[tuple[str, str], NodeContents],
) -> None:
    for node_type, contents in kind.shown.items():
        if any(contents):
            shown[node_type, modality] = contents_of_nodes(graph.node_ids(node_type).tolist(), contents, position)


def _check_modality(encoder: EncoderInfo, modality: str) -> None:
    if encoder.modality != modality:
        raise SchemaError(f"{encoder.name} encodes {encoder.modality}, expected an encoder of {modality}")


def _silent(done: int, total: int, what: str) -> None:
    pass
