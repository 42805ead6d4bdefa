"""Writes a file so that its name always means either the old bytes or the new ones, whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

UNFINISHED = ".writing-"
"""Names of files that are being written, or were when their writer was killed, start so."""


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside the target, flushes to the disk and renames; removes the unfinished file on any error."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
