"""Frames of a video or animated picture, sampled evenly, with the time of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from graphsocial.embed.picture import MAX_PIXELS, check_file
from graphsocial.errors import DataIntegrityError, SchemaError

if TYPE_CHECKING:
    from PIL.Image import Image

VIDEO_SUFFIXES = (".mp4", ".webm", ".mov", ".gif")
"""Media files whose name ends so are read as video."""


class VideoFrame(NamedTuple):
    """One frame.

    Attributes:
        image: RGB picture.
        time: Seconds since the first frame of the clip.
    """

    image: Image
    time: float


def video_frames(path: str | Path, frames: int = 4, max_pixels: int = MAX_PIXELS) -> list[VideoFrame]:
    """Frames from the middles of `frames` equal parts of a clip, in order; all of them when it has no more.

    Packets are counted first, without decoding, so a long clip costs a few seeks and bounded memory.

    Args:
        path: Anything FFmpeg reads.
        frames: How many.
        max_pixels: Largest frame that the header may claim.

    Raises:
        SchemaError: `frames` is below 1.
        DataIntegrityError: Missing, not a video, too large, or damaged; the message is the reason.
    """
    import av

    if frames < 1:
        raise SchemaError(f"video_frames got frames={frames}, expected at least 1")
    check_file(Path(path))
    try:
        times = _packet_times(str(path), max_pixels)
        if not times:
            raise DataIntegrityError("video without frames")
        wanted = sorted({(2 * part + 1) * len(times) // (2 * frames) for part in range(frames)})
        found = list(_decode(str(path), times, wanted))
    except (av.FFmpegError, OSError, ValueError, EOFError, IndexError) as error:
        raise DataIntegrityError(f"not a video, or damaged ({getattr(error, 'strerror', None) or error})") from error
    if not found:
        raise DataIntegrityError("video without a frame that decodes")
    return found


def _packet_times(path: str, max_pixels: int) -> list[int]:
    """Presentation times of all frames, in the stream's own unit, ascending; frame numbers where there are none."""
    import av

    with av.open(path) as container:
        stream = _video_stream(container)
        width, height = stream.codec_context.width, stream.codec_context.height
        if width * height > max_pixels:
            raise DataIntegrityError(
                f"video of {width} x {height} = {width * height / 1e6:,.0f} megapixels, "
                f"the limit is {max_pixels / 1e6:,.0f}"
            )
        packets = [packet.pts for packet in container.demux(stream) if packet.size]
    timed = [pts for pts in packets if pts is not None]
    return sorted(timed) if len(timed) == len(packets) else list(range(len(packets)))


def _decode(path: str, times: list[int], wanted: list[int]) -> Iterator[VideoFrame]:
    import av

    with av.open(path) as container:
        stream = _video_stream(container)
        unit = float(stream.time_base or 0)
        first = times[0]
        position: int | None = None  # presentation time of the last decoded frame
        frames = iter(container.decode(stream))
        for number in wanted:
            target = times[number]
            if unit and (position is None or _worth_seeking(position, target, unit)):
                frames = _seek(container, stream, target, frames)
            for count, frame in enumerate(frames):
                position = frame.pts if frame.pts is not None else (position or 0) + (1 if count or position else 0)
                if position >= target:
                    yield VideoFrame(frame.to_image(), round((position - first) * unit, 6))
                    break


def _worth_seeking(position: int, target: int, unit: float) -> bool:
    return (target - position) * unit > 2.0


def _seek(container: Any, stream: Any, target: int, frames: Iterator[Any]) -> Iterator[Any]:
    """A decoder that starts at the key frame before `target`; the present one where the format cannot seek."""
    import av

    try:
        container.seek(target, stream=stream, backward=True)
    except av.FFmpegError:
        return frames
    return iter(container.decode(stream))


def _video_stream(container: Any) -> Any:
    if not container.streams.video:
        raise DataIntegrityError("no video in the file")
    return container.streams.video[0]
