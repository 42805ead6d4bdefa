"""Which rows a store has already: their keys in sorted segments on disk, mapped in chunks: memory stays flat."""

from __future__ import annotations

import os
import shutil
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphsocial.store.index_file import file_crc, read_manifest, write_manifest
from graphsocial.store.row_keys import Keys, key_order

MANIFEST = "keys.json"
CHUNK = 1 << 18
"""Keys mapped at once, 4 MB."""


FEW = 8
"""Segments that are not worth merging."""


class KeyIndex:
    """Sorted segments of keys. It is a cache: where it is missing, stale or damaged it is made anew from the rows.

    Where there are more than a few, segments are merged so that each is at least twice as large as the next: every key
    is written a logarithmic number of times.

    Attributes:
        version: Version of the store whose rows are all in it; -1 when it holds nothing.
    """

    def __init__(self, folder: Path):
        """Opens the index of a folder, empty where there is none that is whole."""
        self.folder = folder
        self.version = -1
        self._segments: list[dict[str, Any]] = []
        found = read_manifest(folder / MANIFEST)
        if found is not None and all(self._whole(segment) for segment in found["segments"]):
            self.version, self._segments = found["version"], found["segments"]

    @property
    def num_keys(self) -> int:
        """Keys in all segments."""
        return sum(segment["keys"] for segment in self._segments)

    @property
    def current(self) -> bool:
        """Whether nobody else has written the index down since."""
        found = read_manifest(self.folder / MANIFEST)
        return found is not None and found == {"version": self.version, "segments": self._segments}

    def clear(self) -> None:
        """Forgets everything, to begin anew."""
        self.version, self._segments = -1, []
        shutil.rmtree(self.folder, ignore_errors=True)

    def known(self, keys: Keys) -> np.ndarray:
        """Whether each key is in the index, bool [row]; the keys are in the order of `key_order`."""
        from graphsocial.store.row_keys_kernel import mark_contained  # numba: imported when first needed

        found = np.zeros(len(keys), dtype=bool)
        first_numbers = np.ascontiguousarray(keys[:, 0])
        for segment in self._segments:
            for chunk in _chunks(self.folder / segment["file"]):
                first = np.searchsorted(first_numbers, chunk[0, 0], side="left")
                last = np.searchsorted(first_numbers, chunk[-1, 0], side="right")
                mark_contained(keys[first:last], chunk, found[first:last])
        return found

    def add(self, keys: Keys, version: int) -> None:
        """Adds the keys of a version's rows, in order and none of them in it yet, and writes the index down."""
        self.folder.mkdir(parents=True, exist_ok=True)
        segments = list(self._segments)
        if len(keys):
            segments.append(self._write([keys]))
        obsolete = []
        if len(segments) > FEW:
            while len(segments) > 1 and segments[-2]["keys"] < 2 * segments[-1]["keys"]:
                small, large = segments.pop(), segments.pop()
                files = [self.folder / large["file"], self.folder / small["file"]]
                segments.append(self._write(_merged(*files)))
                obsolete += files
        write_manifest(self.folder / MANIFEST, {"version": version, "segments": segments})
        self.version, self._segments = version, segments
        for file in obsolete:  # a reader that still has it open keeps it
            file.unlink(missing_ok=True)

    def _whole(self, segment: dict[str, Any]) -> bool:
        path = self.folder / segment["file"]
        try:
            return path.stat().st_size == 16 * segment["keys"] and file_crc(path) == segment["crc"]
        except OSError:
            return False

    def _write(self, parts: Iterator[Keys] | list[Keys]) -> dict[str, Any]:
        name = f"{uuid.uuid4().hex}.keys"
        count, crc = 0, 0
        with open(self.folder / name, "wb") as file:
            for part in parts:
                content = np.ascontiguousarray(part, dtype="<u8").data.cast("B") if len(part) else b""
                file.write(content)
                count, crc = count + len(part), zlib.crc32(content, crc)
        return {"file": name, "keys": count, "crc": crc}


def sorted_keys(keys: Keys) -> Keys:
    """Keys in ascending order of both numbers."""
    return keys[key_order(keys)]


def _chunks(path: Path) -> Iterator[Keys]:
    """A segment, part by part; keys that share their first number may fall into two parts, each holding its own."""
    with open(path, "rb") as file:
        count = os.fstat(file.fileno()).st_size // 16
        for first in range(0, count, CHUNK):
            # mapped part by part, for what is mapped counts as memory of the process
            shape = (min(CHUNK, count - first), 2)
            part = np.memmap(file, dtype="<u8", mode="r", offset=16 * first, shape=shape)
            yield part.view(np.ndarray).astype(np.uint64, copy=False)


def _merged(one: Path, other: Path) -> Iterator[Keys]:
    """Two sorted segments as one, part by part."""
    streams = [_chunks(one), _chunks(other)]
    held = [next(stream, np.empty((0, 2), np.uint64)) for stream in streams]
    while len(held[0]) and len(held[1]):
        # what is not above the smaller of the two last first-numbers is complete in both parts, but for equal ones
        limit = min(held[0][-1, 0], held[1][-1, 0])
        cuts = [int(np.searchsorted(part[:, 0], limit, side="left")) for part in held]
        if cuts == [0, 0]:
            cuts = [1, 0] if tuple(held[0][0]) <= tuple(held[1][0]) else [0, 1]
        yield sorted_keys(np.concatenate([part[:cut] for part, cut in zip(held, cuts, strict=True)]))
        for which, cut in enumerate(cuts):
            held[which] = held[which][cut:]
            if not len(held[which]):
                held[which] = next(streams[which], np.empty((0, 2), np.uint64))
    for which in (0, 1):
        if len(held[which]):
            yield held[which]
        yield from streams[which]
