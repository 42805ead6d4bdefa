"""A trained state in one file: tensors and their description, written so that the old file survives any failure."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from graphsocial.errors import DataIntegrityError

FORMAT = 1


def write_checkpoint(path: Path, tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> None:
    """Writes tensors and a JSON state beside `path`, then renames over it.

    Raises:
        DataIntegrityError: When the file cannot be written (full disk, no rights); an earlier checkpoint is untouched.
    """
    packed = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    payload = save(packed, metadata={"graphsocial": json.dumps({"format": FORMAT, **state})})
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        kept = f"; the earlier one at {path} is intact" if path.exists() else ""
        raise DataIntegrityError(
            f"checkpoint could not be written to {path}: {error.strerror or error}{kept}"
        ) from error


def read_checkpoint(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Reads what `write_checkpoint` wrote.

    Raises:
        DataIntegrityError: When there is no such file, or it is damaged or not a checkpoint.
    """
    if not path.is_file():
        raise DataIntegrityError(f"no checkpoint at {path}; `graphsocial train` writes one")
    try:
        with safe_open(str(path), framework="pt") as file:
            state = json.loads((file.metadata() or {})["graphsocial"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise DataIntegrityError(f"{path} is damaged or not a graphsocial checkpoint: {error}") from error
    if state.get("format") != FORMAT:
        raise DataIntegrityError(f"{path} has checkpoint format {state.get('format')!r}, expected {FORMAT}")
    return tensors, state
