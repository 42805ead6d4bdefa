"""A picture some of whose regions are covered."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

_GREY = 128
"""Says nothing of what was there; the picture's own mean colour would."""


def region_edges(size: int, grid: int) -> np.ndarray:
    """First pixel of each cell along a side, and the one behind the last, int64 [cell + 1].

    >>> region_edges(7, 3).tolist()
    [0, 2, 4, 7]
    """
    return np.arange(grid + 1) * size // grid


def covered_picture(picture: Image, cells: Collection[int], grid: int) -> Image:
    """The picture with some cells of a grid painted grey.

    Args:
        picture: RGB.
        cells: Which cells, counted row by row.
        grid: Cells along each side.

    >>> from PIL import Image
    >>> covered = covered_picture(Image.fromarray(np.arange(12, dtype=np.uint8).reshape(2, 2, 3)), [3], 2)
    >>> np.asarray(covered)[1, 1].tolist(), np.asarray(covered)[0, 0].tolist()
    ([128, 128, 128], [0, 1, 2])
    """
    from PIL import Image

    if not cells:
        return picture
    pixels = np.array(picture)
    rows, columns = region_edges(pixels.shape[0], grid), region_edges(pixels.shape[1], grid)
    for cell in cells:
        y, x = divmod(cell, grid)
        pixels[rows[y] : rows[y + 1], columns[x] : columns[x + 1]] = _GREY
    return Image.fromarray(pixels)
