"""Ids as text: strings as they are, whole numbers in digits, UUIDs in their canonical form."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import numpy as np
import pyarrow as pa

_HYPHENS = (8, 13, 18, 23)
_DIGITS = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def id_text(name: object) -> str | None:
    """The text that an id has in a graph, None for what is no id.

    >>> id_text("ann"), id_text(17), id_text(UUID(int=17)), id_text(1.5)
    ('ann', '17', '00000000-0000-0000-0000-000000000011', None)
    """
    if isinstance(name, str):
        return name
    if isinstance(name, int | np.integer) and not isinstance(name, bool):
        return str(int(name))
    return str(name) if isinstance(name, UUID) else None


def id_bytes(names: Iterable[object]) -> pa.Array:
    """UTF-8 of the text that each id has in a graph, null for what is no id, large binary [id]."""
    texts = (name if isinstance(name, str) else id_text(name) for name in names)
    # half of a pair of surrogates is in no graph, and no reason to raise
    return pa.array([None if t is None else t.encode("utf-8", "surrogatepass") for t in texts], pa.large_binary())


def is_uuid(kind: pa.DataType) -> bool:
    """Whether an Arrow type holds UUIDs: Arrow's own, or binaries of 16 bytes, in which most tools write them."""
    return (
        getattr(kind, "extension_name", None) == "arrow.uuid"
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or (pa.types.is_fixed_size_binary(kind) and kind.byte_width == 16)
    )


def uuid_texts(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """UUIDs without nulls as texts such as `00000000-0000-0000-0000-000000000011`; None if any has not 16 bytes.

    >>> uuid_texts(pa.chunked_array([pa.array([UUID(int=17).bytes], pa.binary(16))])).to_pylist()
    ['00000000-0000-0000-0000-000000000011']
    """
    chunks = []
    for chunk in column.chunks:
        storage = chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk
        try:
            raw = storage.cast(pa.binary(16))
        except pa.ArrowException:
            return None
        octets = np.frombuffer(raw.buffers()[1] or b"", dtype=np.uint8)
        octets = octets[16 * raw.offset : 16 * (raw.offset + len(raw))].reshape(len(raw), 16)
        text = np.full((len(raw), 36), ord("-"), dtype=np.uint8)
        places = np.delete(np.arange(36), _HYPHENS)
        text[:, places[::2]], text[:, places[1::2]] = _DIGITS[octets >> 4], _DIGITS[octets & 15]
        offsets = np.arange(0, 36 * len(raw) + 1, 36, dtype=np.int64)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text))]
        chunks.append(pa.Array.from_buffers(pa.large_string(), len(raw), buffers))
    return pa.chunked_array(chunks, type=pa.large_string())
