"""A saved embedding table whose tokens stay on disk, for tokens that do not fit into memory."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from graphsocial.embed.table import EmbeddingTable
from graphsocial.errors import DataIntegrityError

_TABLE = "table.json"
_KINDS = {"F16": np.float16, "F32": np.float32, "I64": np.int64, "BOOL": np.bool_}
_BLOCK = 1 << 24


def open_mapped(path: Path | str) -> EmbeddingTable:
    """Opens a saved table with its tokens mapped from the file, read-only; everything else is in memory.

    The checksum is read through once, in blocks, so opening takes as long as the file takes to read, and no memory.

    Raises:
        DataIntegrityError: Missing, damaged, or of another format; see `EmbeddingTable.open`.
    """
    from graphsocial.embed.table import _FORMAT, _about_hash

    folder = Path(path)
    if not (folder / _TABLE).is_file():
        raise DataIntegrityError(f"{folder} is no embedding table: {_TABLE} is missing")
    try:
        about = json.loads((folder / _TABLE).read_bytes())
        if about["format"] != _FORMAT:
            raise DataIntegrityError(f"embedding table {folder} has format {about['format']}, expected {_FORMAT}")
        file = folder / about["tokens_file"]
        if _file_hash(file) != about["tokens_sha256"] or about.pop("about_sha256") != _about_hash(about):
            raise DataIntegrityError(f"embedding table {folder} is damaged: its checksum does not match")
        return EmbeddingTable._from_parts(about, mapped_arrays(file))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataIntegrityError(f"embedding table {folder} is damaged ({error})") from error


def mapped_arrays(file: Path) -> dict[str, np.ndarray]:
    """Arrays of a safetensors file by name: those called `MODALITY/tokens` mapped, the others read."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
    header.pop("__metadata__", None)
    arrays: dict[str, np.ndarray] = {}
    for name, about in header.items():
        start, end = about["data_offsets"]
        shape, kind = tuple(about["shape"]), _KINDS[about["dtype"]]
        if start == end:  # nothing to map
            arrays[name] = np.empty(shape, kind)
            continue
        mapped = np.memmap(file, kind, "r", offset=8 + length + start, shape=shape)
        arrays[name] = mapped if name.endswith("/tokens") else np.array(mapped)
    return arrays


def _file_hash(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
