"""Vectors of what posts say and show, checked and brought to length 1."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean


def post_content(
    content: Mapping[str, np.ndarray] | None, rows: int | None, widths: Mapping[str, int] | None = None
) -> dict[str, np.ndarray]:
    """Content by modality in order of its name, float32 [post, channel], each row of length 1 or zero.

    Args:
        content: Vectors by modality, zero where a post has none, [post, channel]; None: no post has any.
        rows: Number of posts; None: one post, whose vectors are [channel].
        widths: Modalities that are known, and their channels; those left out of `content` are zero. None: any.

    Raises:
        SchemaError: An unknown modality, a wrong shape, or a number that is none.

    >>> post_content({"text": np.array([3.0, 4.0])}, None, {"image": 1, "text": 2})
    {'image': array([[0.]], dtype=float32), 'text': array([[0.6, 0.8]], dtype=float32)}
    """
    if content is not None and not isinstance(content, Mapping):
        raise SchemaError(f"content got {type(content).__name__}, expected a mapping from modalities to vectors")
    given = dict(content or {})
    for name in given:
        if widths is not None and name not in widths:
            known = ", ".join(map(repr, widths)) or "none"
            raise SchemaError(
                f"content has modality {name!r}, the model was fitted with {known}.{did_you_mean(str(name), widths)}"
            )
    out = {}
    for name in sorted(widths if widths is not None else given):
        if name not in given:
            out[name] = np.zeros((rows or 1, (widths or {})[name]), dtype=np.float32)
            continue
        vectors = np.asarray(given[name])
        width = (widths or {}).get(name, vectors.shape[-1] if vectors.ndim else 0)
        expected = (width,) if rows is None else (rows, width)
        if vectors.shape != expected or not width or vectors.dtype.kind not in "iuf":
            axes = "[channel]" if rows is None else "[cascade of the set, channel]"
            raise SchemaError(
                f"content {name!r} got {vectors.dtype} {vectors.shape}, expected numbers {expected}, {axes}"
            )
        wide = vectors.reshape(-1, width).astype(np.float64)
        if not np.isfinite(wide).all():
            raise SchemaError(f"content {name!r} has a number that is not finite, expected all to be")
        length = np.linalg.norm(wide, axis=1, keepdims=True)
        out[name] = np.where(length > 0, wide / np.maximum(length, 1e-12), 0.0).astype(np.float32)
    return out
