"""Tokens on disk by content hash, so that nothing is encoded twice and a killed run goes on where it was.

One folder per (encoder, normalisation, token layout). In it, every flush writes one file that is named after the
sha256 of its own bytes, beside the target and then renamed: a kill leaves no half file, several processes can write at
once, and a damaged file is recognised by its name, dropped, and its contents are encoded again. Values are safetensors;
nothing here can run code when it is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphsocial.embed.atomic_file import UNFINISHED, write_atomically
from graphsocial.embed.encoder import EncoderInfo
from graphsocial.errors import SchemaError

_log = logging.getLogger(__name__)
_SUFFIX = ".safetensors"
_STALE_SECONDS = 3600.0


class TokenCache:
    """Tokens of one encoder, normalisation and layout.

    Attributes:
        folder: Where the files are.
        damaged: How many damaged files the last `read` dropped.
    """

    def __init__(self, root: Path | str, encoder: EncoderInfo, layout: str, normalisation: str = ""):
        about = {"encoder": encoder.sha256, "layout": layout, "normalisation": normalisation}
        key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        self.folder = Path(root).expanduser() / key[:32]
        self.damaged = 0
        self._writable = True
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            card = self.folder / "about.json"
            if not card.exists():
                write_atomically(card, json.dumps({"name": encoder.name, **about}, indent=1).encode())
            self._sweep()
        except OSError as error:
            raise SchemaError(f"cache folder {root} cannot be used: {error.strerror or error}") from error

    def read(self, keys: Sequence[bytes], arrays: dict[str, np.ndarray]) -> np.ndarray:
        """Fills rows of `arrays` with what is stored.

        Args:
            keys: Content hash of each row, 32 bytes.
            arrays: Arrays to fill, first axis as `keys`; their names, types and shapes must be those written.

        Returns:
            Which rows were found, bool [key].
        """
        found = np.zeros(len(keys), bool)
        position = {key: row for row, key in enumerate(keys)}
        self.damaged = 0
        for path in sorted(self.folder.glob(f"*{_SUFFIX}")):
            stored = self._load(path, arrays)
            if stored is None:
                continue
            rows = [(position.get(key.tobytes(), -1), at) for at, key in enumerate(stored["keys"])]
            target = np.array([row for row, _ in rows if row >= 0], np.int64)
            source = np.array([at for row, at in rows if row >= 0], np.int64)
            for name, array in arrays.items():
                array[target] = stored[name][source]
            found[target] = True
        return found

    def write(self, keys: Sequence[bytes], arrays: dict[str, np.ndarray]) -> None:
        """Stores rows; a full disk costs the cache, not the run."""
        import safetensors.numpy

        if not self._writable or not keys:
            return
        tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        tensors["keys"] = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1)
        data = safetensors.numpy.save(tensors)
        try:
            write_atomically(self.folder / f"{hashlib.sha256(data).hexdigest()}{_SUFFIX}", data)
        except OSError as error:
            self._writable = False
            _log.warning("token cache %s cannot be written (%s); going on without it", self.folder, error)

    def _load(self, path: Path, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray] | None:
        import safetensors.numpy

        try:
            data = path.read_bytes()
        except OSError as error:
            _log.warning("token cache file %s cannot be read (%s)", path, error)
            return None
        if hashlib.sha256(data).hexdigest() == path.name.removesuffix(_SUFFIX):
            stored = safetensors.numpy.load(data)
            if all(_fits(stored.get(name), array) for name, array in arrays.items()):
                return stored
        self.damaged += 1
        _log.warning("token cache file %s is damaged; dropped, its contents are encoded again", path)
        with contextlib.suppress(OSError):
            path.unlink()
        return None

    def _sweep(self) -> None:
        """Removes what killed writers left behind, once it is too old to belong to a living one."""
        for path in self.folder.glob(f"{UNFINISHED}*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink()


def _fits(stored: np.ndarray | None, array: np.ndarray) -> bool:
    return stored is not None and stored.dtype == array.dtype and stored.shape[1:] == array.shape[1:]
