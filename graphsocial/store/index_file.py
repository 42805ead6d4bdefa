"""Files of the index: written in one step, and read only when every byte is what was written."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

CHUNK = 1 << 22


def file_crc(path: Path) -> int:
    """CRC-32 of a file's bytes: damage is what it looks for, nobody who means harm."""
    crc = 0
    with open(path, "rb") as file:
        while block := file.read(CHUNK):
            crc = zlib.crc32(block, crc)
    return crc


def write_manifest(path: Path, content: dict[str, Any], durable: bool = False) -> None:
    """Puts a JSON file in place of an earlier one in one step; its own checksum stands in it.

    Args:
        path: The file.
        content: What to write.
        durable: Whether it has to survive the loss of power; a cache need not.
    """
    text = json.dumps(content)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with open(part, "w", encoding="utf-8") as file:
        json.dump({"crc": zlib.crc32(text.encode()), "content": text}, file)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    os.replace(part, path)


def read_manifest(path: Path) -> dict[str, Any] | None:
    """What `write_manifest` wrote, None where it is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if zlib.crc32(found["content"].encode()) != found["crc"]:
            return None
        content = json.loads(found["content"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
