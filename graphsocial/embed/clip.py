"""Tokens of a clip: those of frames sampled evenly, one frame after another, each with its time."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from graphsocial.embed.encoder import ImageEmbedder
from graphsocial.embed.video import video_frames

VIDEO_FRAMES = 4


class ClipTokens(NamedTuple):
    """Tokens of one clip, as many as of `VIDEO_FRAMES` pictures; a shorter clip leaves the last ones out.

    Attributes:
        tokens: float16 [token, channel], zero where masked.
        mask: Which tokens exist, bool [token].
        time: Seconds since the first frame, float32 [token].
    """

    tokens: np.ndarray
    mask: np.ndarray
    time: np.ndarray


def clip_layout(eye: ImageEmbedder) -> str:
    """What the tokens of a clip are, in a line, as `ImageEmbedder.layout` says of a picture's."""
    return f"{eye.layout}; {VIDEO_FRAMES} frames"


def clip_tokens(path: str | Path, eye: ImageEmbedder) -> ClipTokens:
    """Tokens of the frames of a clip, which the encoder gets as one batch: no other clip can change a bit of them.

    Args:
        path: Anything FFmpeg reads.
        eye: Encoder of the frames.

    Raises:
        DataIntegrityError: Missing, not a video, too large, or damaged; the message is the reason.
    """
    frames = video_frames(path, VIDEO_FRAMES)
    found = eye.embed([frame.image for frame in frames])
    size, count = VIDEO_FRAMES * eye.tokens, len(frames) * eye.tokens
    clip = ClipTokens(np.zeros((size, eye.info.channels), np.float16), np.zeros(size, bool), np.zeros(size, np.float32))
    clip.tokens[:count] = found.tokens.reshape(count, -1)
    clip.mask[:count] = found.mask.reshape(count)
    clip.time[:count] = np.repeat([frame.time for frame in frames], eye.tokens)
    return clip
