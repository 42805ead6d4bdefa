"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from graphsocial.errors import DataIntegrityError


@contextmanager
def new_file(target: Path) -> Iterator[TextIO]:
    """A text file beside the target that takes its name when the block ends, and is removed if the block raises.

    Raises:
        DataIntegrityError: A folder stands at `target`.
        OSError: The disk is full or the folder cannot be written; what stood at `target` stays.
    """
    if target.is_dir():
        raise DataIntegrityError(f"{target} is a folder, expected the name of a file")
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(target)
    try:
        with beside.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(target: Path, ours: Callable[[str], bool]) -> Iterator[Path]:
    """An empty folder beside the target that takes its name when the block ends, and is removed if the block raises.

    Args:
        target: Where the folder is to stand. One that an earlier export left there is replaced.
        ours: Whether a file of that name is one that the export writes.

    Raises:
        DataIntegrityError: Something other than such an export stands at `target`.
        OSError: The disk is full or the folder cannot be written; what stood at `target` stays.
    """
    _check_replaceable(target, ours)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(target)
    beside.mkdir()
    try:
        yield beside
        _put_in_place(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(target: Path) -> Path:
    return target.parent / f".{target.name[:100]}.{uuid4().hex}.new"


def _check_replaceable(target: Path, ours: Callable[[str], bool]) -> None:
    if not target.exists() and not target.is_symlink():
        return
    strange = [entry.name for entry in target.iterdir() if not ours(entry.name)] if target.is_dir() else [target.name]
    if strange:
        shown = ", ".join(sorted(strange)[:3])
        raise DataIntegrityError(
            f"{target} is no earlier export of this format ({shown}), expected one or a path where nothing is yet"
        )


def _put_in_place(folder: Path, target: Path) -> None:
    """Renames the folder to the target; a full folder cannot be replaced in one step, so the old one steps aside."""
    if not target.exists():
        os.replace(folder, target)
        return
    aside = _beside(target)
    os.replace(target, aside)
    try:
        os.replace(folder, target)
    except BaseException:
        os.replace(aside, target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
