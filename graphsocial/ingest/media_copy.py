"""Copies pictures under pseudonymous names, without anything but their pixels."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from graphsocial.errors import DataIntegrityError
from graphsocial.ingest.clean_picture import clean_picture
from graphsocial.store.pseudonyms import Pseudonyms

MAX_BYTES = 512 << 20
"""Picture files larger than this are refused unread."""

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".webm", ".mov")


def media_name(path: str, pseudonyms: Pseudonyms) -> str:
    """What the file of a medium is called once pseudonymised, from its path under the media root; its ending stays.

    >>> media_name("images/ann.JPG", Pseudonyms(bytes(range(32)))).endswith(".jpg")
    True
    """
    suffix = PurePosixPath(path.replace("\\", "/")).suffix.lower()
    return pseudonyms.of("file", path) + (suffix if suffix in _SUFFIXES else "")


def pseudonymise_media(source: Path, target_folder: Path, pseudonyms: Pseudonyms, path: str | None = None) -> Path:
    """Copies a picture under its pseudonymous name, upright, without anything but its pixels; returns where it lies.

    The picture is encoded anew, so EXIF with its place and thumbnail, XMP, IPTC, comments, colour profiles and what
    stands behind its end are gone. JPEG, PNG, WebP and GIF stay what they are, moving ones keep their frames, times
    and number of repetitions. The honest limit: faces, number plates, street signs, writing and watermarks stay, and
    whoever has the original will find it by its looks.

    Args:
        source: The picture.
        target_folder: Where the copy goes; made if it is missing.
        pseudonyms: Gives the name.
        path: Path under the media root by which the data know the picture, as in the column `path` of media; the
            name of `source` if none is given.

    Raises:
        DataIntegrityError: It is no picture of these formats, damaged, too large, or another picture has its name in
            the folder already. The message gives the pseudonymous name, not the source's.
    """
    name = media_name(source.name if path is None else path, pseudonyms)
    encoded = clean_picture(_content(source, name), name)
    target = target_folder / name
    if target.exists() and target.read_bytes() != encoded:
        raise DataIntegrityError(f"{target} is another picture with the same name; give paths to tell them apart")
    target_folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{name}.{os.getpid()}.part")
    try:
        part.write_bytes(encoded)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _content(source: Path, name: str) -> bytes:
    if not source.is_file():
        raise DataIntegrityError(f"{name}: no such file")
    if source.stat().st_size > MAX_BYTES:
        raise DataIntegrityError(f"{name}: a file of more than {MAX_BYTES >> 20} MiB")
    try:
        return source.read_bytes()
    except OSError as error:
        reason = error.strerror
    raise DataIntegrityError(f"{name}: cannot be read: {reason}")  # outside the handler: its error shows the path
