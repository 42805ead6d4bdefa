"""Compiled loops over rows of vectors; each works on a range of items and writes only to its own slots.

Sums may be regrouped, so that they run on vector registers, but the grouping is the same for every row: equal vectors
get equal scores, wherever they stand, which a matrix product does not promise.
"""

from __future__ import annotations

import numba
import numpy as np

_jit = numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})


@_jit
def score_rows(begin, end, vectors, row, query, norm, cosine, out):  # type: ignore[no-untyped-def]
    """Cosine or dot product of the query and each row; -inf where the row holds no number or its square overflows."""
    for i in range(begin, end):
        vector = vectors[row[i]]
        dot, square = query.dtype.type(0), query.dtype.type(0)
        for c in range(len(query)):
            dot += vector[c] * query[c]
            square += vector[c] * vector[c]
        out[i] = _scored(dot, square, norm, cosine)


@_jit
def score_half_rows(begin, end, bits, row, query, norm, cosine, out):  # type: ignore[no-untyped-def]
    """The same on float16 rows, given as their uint16 bits [row, channel]."""
    # exponent and fraction of a half lie where a single has them after 13 places; the exponents differ by 112
    scale = np.float32(2.0**112)
    single = np.empty(len(query), np.int32)
    value = single.view(np.float32)
    for i in range(begin, end):
        vector = bits[row[i]]
        for c in range(len(query)):
            half = np.int32(vector[c])
            single[c] = ((half & np.int32(0x7FFF)) << np.int32(13)) | ((half & np.int32(0x8000)) << np.int32(16))
        dot, square = np.float32(0), np.float32(0)
        for c in range(len(query)):
            x = value[c] * scale
            dot += x * query[c]
            square += x * x
        # infinity and NaN come out as 2**16 and more: looked for only where the sum could hold one
        if square >= np.float32(2.0**32) and _no_number(vector):
            square = np.float32(np.inf)
        out[i] = _scored(dot, square, norm, cosine)


@numba.njit
def _no_number(bits):  # type: ignore[no-untyped-def]
    for c in range(len(bits)):
        if bits[c] & 0x7C00 == 0x7C00:
            return True
    return False


@numba.njit(inline="always")
def _scored(dot, square, norm, cosine):  # type: ignore[no-untyped-def]
    if not square < np.inf:
        return -np.inf
    if not cosine:
        return dot
    length = np.sqrt(square) * norm
    return dot / length if length > 0 else dot * 0
