"""Reads a picture file into RGB, safely: size from the header first, and every failure as one kind of error."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import DataIntegrityError

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 50_000_000
"""Pictures that claim more than this are refused before anything is decoded."""

MAX_BYTES = 512 * 2**20
"""Files larger than this are refused unread."""

# Formats that platforms serve. Pillow hands others to outside programs (PostScript) or to decoders few people use.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


def read_image(source: Path | bytes, size: int | None = None, max_pixels: int = MAX_PIXELS) -> Image:
    """The picture as RGB, upright, transparency over white.

    Args:
        source: File, or its bytes.
        size: When given, the whole picture is squeezed into a square of this side: nothing is cropped, so cell (i, j)
            of a token grid is cell (i, j) of the picture. JPEG files are then decoded at a reduced scale.
        max_pixels: Largest size that the header may claim. Pillow's own global limit is neither used nor changed.

    Raises:
        DataIntegrityError: Missing, too large, not a picture, or damaged; the message is the reason.
    """
    from PIL import Image

    data = read_bytes(source) if isinstance(source, Path) else source
    try:
        Image.init()
        with Image.open(io.BytesIO(data), formats=[name for name in _FORMATS if name in Image.OPEN]) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise DataIntegrityError(
                    f"picture of {width} x {height} = {width * height / 1e6:,.0f} megapixels, "
                    f"the limit is {max_pixels / 1e6:,.0f}"
                )
            if size is not None:
                image.draft("RGB", (size, size))
            image.load()
            upright = _as_rgb(_turn_upright(image))
            return upright if size is None else upright.resize((size, size), Image.Resampling.BICUBIC)
    except DataIntegrityError:
        raise
    except Image.DecompressionBombError as error:
        raise DataIntegrityError(
            f"picture with too many pixels, the limit is {max_pixels / 1e6:,.0f} million"
        ) from error
    except Image.UnidentifiedImageError as error:
        raise DataIntegrityError("not a picture") from error
    except Exception as error:  # decoders meet hostile bytes with nearly every built-in error
        raise DataIntegrityError(
            f"damaged picture ({str(error).splitlines()[0] if str(error) else error!r})"
        ) from error


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Content of a regular file of sensible size.

    Raises:
        DataIntegrityError: No such file, not a file, too large, empty, or unreadable.
    """
    try:
        check_file(path, max_bytes)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise DataIntegrityError(f"cannot be read ({getattr(error, 'strerror', None) or error})") from error


def check_file(path: Path, max_bytes: int | None = None) -> None:
    """Raises DataIntegrityError unless the path is a regular file with something in it."""
    if not path.exists():
        raise DataIntegrityError("no such file")
    if not path.is_file():
        raise DataIntegrityError("not a file")
    found = path.stat().st_size
    if found == 0:
        raise DataIntegrityError("empty file")
    if max_bytes is not None and found > max_bytes:
        raise DataIntegrityError(f"file of {found / 2**20:,.0f} MiB, the limit is {max_bytes / 2**20:,.0f}")


def _turn_upright(image: Image) -> Image:
    from PIL import ImageOps

    with contextlib.suppress(Exception):  # a damaged note about orientation is no reason to lose the picture
        return ImageOps.exif_transpose(image)
    return image


def _as_rgb(image: Image) -> Image:
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits of grey, which convert would clip
        wide = np.asarray(image).astype(np.int64)
        return Image.fromarray((wide >> 8 if wide.max() > 255 else wide).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB")
