"""`SHA256SUMS`: what every file of a data folder should hold."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from graphsocial.errors import DataIntegrityError

CHECKSUM_FILE = "SHA256SUMS"

NOT_DATA = (CHECKSUM_FILE, "tasks.toml", "rejects.jsonl")
"""Files without a checksum: what to learn from the data is for everyone to edit."""

_LINE = re.compile(r"([0-9a-f]{64})[ ][ *](.+)")
_SHOWN = 5


def read_checksums(folder: str | Path) -> dict[str, str]:
    """SHA-256 by file name, as listed in the folder's `SHA256SUMS`.

    Raises:
        DataIntegrityError: The list cannot be read, or names a file outside the folder.
    """
    path = Path(folder) / CHECKSUM_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataIntegrityError(f"{path} cannot be read: {error}") from error
    sums = {}
    for number, line in enumerate(lines, start=1):
        found = _LINE.fullmatch(line)
        if not found:
            raise DataIntegrityError(f"{path} line {number}: got {line[:80]!r}, expected '<64 hex digits>  <file>'")
        name = found[2].removeprefix("./")
        if name.startswith("/") or ".." in name.split("/"):
            raise DataIntegrityError(f"{path} line {number}: {name!r} leads out of the folder")
        sums[name] = found[1]
    return sums


def verify_checksums(folder: str | Path) -> frozenset[str]:
    """Checks every file that the folder's `SHA256SUMS` lists; returns their names.

    Raises:
        DataIntegrityError: Files are missing or differ; the message lists them.
    """
    folder = Path(folder)
    sums = read_checksums(folder)
    missing = [name for name in sums if not (folder / name).is_file()]
    differ = [name for name in sums if name not in missing and file_sha256(folder / name) != sums[name]]
    if missing or differ:
        wrong = [f"{what} {_listed(names)}" for what, names in (("missing", missing), ("differs", differ)) if names]
        raise DataIntegrityError(f"{folder} does not match its {CHECKSUM_FILE}: {'; '.join(wrong)}")
    return frozenset(sums)


def write_checksums(folder: str | Path) -> Path:
    """Writes `SHA256SUMS` over what `data_files` names; returns its path."""
    folder = Path(folder)
    part = folder / f".{CHECKSUM_FILE}.{os.getpid()}.part"
    part.write_text("".join(f"{file_sha256(folder / name)}  {name}\n" for name in data_files(folder)), encoding="utf-8")
    os.replace(part, folder / CHECKSUM_FILE)
    return folder / CHECKSUM_FILE


def data_files(folder: str | Path) -> list[str]:
    """Files that `SHA256SUMS` should list, sorted: all but hidden ones and those in `NOT_DATA`."""
    folder = Path(folder)
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return [n for n in names if n not in NOT_DATA and not any(part.startswith(".") for part in n.split("/"))]


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file, in hex."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
