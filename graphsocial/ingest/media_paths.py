"""Where the files of media nodes lie in a data folder."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from graphsocial.errors import DataIntegrityError, EventFormatError
from graphsocial.ingest.cells import shown


class MediaPaths:
    """Finds the file of each media node, once per node.

    Attributes:
        found: Path relative to the folder by media id, None where there is no file, which is normal.
    """

    def __init__(self, folder: Path, patterns: tuple[str, ...], listed: frozenset[str] | None = None):
        """Searches `folder` by `patterns` with `{id}`; `listed` are the files that checksums vouch for, if any."""
        self._folder, self._patterns, self._listed = folder, patterns, listed
        self.found: dict[str, str | None] = {}

    def find(self, name: str) -> None:
        """Looks for the file of one media node.

        Raises:
            EventFormatError: The id leads out of the folder.
            DataIntegrityError: The file is there, but no checksum vouches for it.
        """
        if name in self.found:
            return
        candidates = [PurePosixPath(pattern.replace("{id}", name)) for pattern in self._patterns]
        if any(path.is_absolute() or ".." in path.parts for path in candidates):
            raise EventFormatError(f"media id {shown(name)} leads out of the folder")
        # os.path.isfile, unlike Path.is_file, takes any string for an answer: too long, or with a null character
        path = next((str(path) for path in candidates if os.path.isfile(self._folder / path)), None)
        if path is not None and self._listed is not None and path not in self._listed:
            raise DataIntegrityError(f"{self._folder}: {path} is not listed in the folder's SHA256SUMS")
        self.found[name] = path
