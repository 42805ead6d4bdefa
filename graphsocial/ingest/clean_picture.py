"""Encodes a picture anew from nothing but its pixels."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graphsocial.errors import DataIntegrityError

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 50_000_000
"""Largest picture that is decoded."""

MAX_MOVING_PIXELS = 4 * MAX_PIXELS
"""As much of all frames of a moving picture together."""

_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF")


def clean_picture(data: bytes, name: str) -> bytes:
    """The picture encoded anew from its pixels, upright, and with nothing else of what the file held.

    Args:
        data: Content of a JPEG, PNG, WebP or GIF file.
        name: What messages call it.

    Raises:
        DataIntegrityError: It is no picture of these formats, damaged or too large.
    """
    from PIL import Image, ImageSequence

    Image.init()
    known = [kind for kind in _FORMATS if kind in Image.OPEN]  # Pillow can be built without some
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=known) as image:
            count = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
            size = image.width * image.height
            if size > MAX_PIXELS or size * count > MAX_MOVING_PIXELS:
                raise DataIntegrityError(f"{name}: {count} x {size / 1e6:,.0f} megapixels are too many")
            kind = "JPEG" if image.format == "MPO" else str(image.format)
            if count > 1:
                _write_moving(image, ImageSequence.Iterator(image), kind, out)
            elif kind == "JPEG":
                _bare(image).save(out, kind, quality=95)
            else:
                _bare(image).save(out, kind)
            return out.getvalue()
    except DataIntegrityError:
        raise
    except Image.DecompressionBombError:
        reason = "too many pixels"
    except Image.UnidentifiedImageError:
        reason = "no picture, expected JPEG, PNG, WebP or GIF"
    except Exception as error:  # decoders meet hostile bytes with nearly every built-in error
        reason = f"a damaged picture ({type(error).__name__})"
    raise DataIntegrityError(f"{name}: {reason}")


def _write_moving(image: Image, frames: Iterable[Image], kind: str, out: io.BytesIO) -> None:
    bare: list[Image] = []
    durations: list[float] = []
    for frame in frames:
        bare.append(_bare(frame))  # decodes it, after which its duration is known
        durations.append(frame.info.get("duration", 0))
    if image.info.get("default_image"):  # what programs show that cannot play a PNG, no frame of it
        bare, durations = bare[1:], durations[1:]
    modes = {frame.mode for frame in bare}
    if len(modes) > 1:  # some frames have clear parts or colours that others lack
        bare = [frame.convert("RGBA" if "RGBA" in modes else "RGB") for frame in bare]
    # a GIF without a number of repetitions plays once, and in the other formats 0 means for ever
    repeats: dict[str, Any] = {"loop": image.info["loop"]} if "loop" in image.info else {}
    later: dict[str, Any] = {"save_all": True, "append_images": bare[1:], "duration": durations, **repeats}
    if kind == "GIF":
        bare[0].save(out, kind, disposal=2, **later)  # frames are whole pictures, so none shows through the next
    else:
        bare[0].save(out, kind, **later)


def _bare(image: Image) -> Image:
    """The picture upright, in a mode that its format holds, and with none of what Pillow carries along with it."""
    from PIL import Image, ImageOps

    image.load()
    upright = image
    with contextlib.suppress(Exception):  # a damaged note about orientation is no reason to lose the picture
        upright = ImageOps.exif_transpose(image)
    if "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        plain = upright.convert("RGBA")
        if plain.getchannel("A").getextrema()[0] == 255:
            plain = plain.convert("RGB")  # nothing is seen through: more of its colours survive in a GIF
    else:
        plain = upright if upright.mode in ("1", "L", "I;16", "RGB") else upright.convert("RGB")
    return Image.frombytes(plain.mode, plain.size, plain.tobytes())
