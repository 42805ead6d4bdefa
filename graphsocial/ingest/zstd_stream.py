"""Bytes of a Zstandard file, with an error where it ends in the middle of a frame."""

from __future__ import annotations

import io
from typing import IO

import zstandard

WINDOW = 1 << 31
"""Pushshift's files are compressed with a window of 2 GB, which is allocated only if a file needs it."""

PIECE = 1 << 11
"""Compressed bytes taken at once: however far they blow up, what comes of them fits into memory."""


class ZstdStream(io.RawIOBase):
    """Decompresses frame after frame. The package's own reader takes a file that was cut off for one that is whole.

    Reading raises EOFError where the file ends too early, and `zstandard.ZstdError` where it is damaged.
    """

    def __init__(self, raw: IO[bytes]):
        self._raw = raw
        self._held, self._place = b"", 0
        self._frame = self._new_frame()
        self._inside = False

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fills a buffer as far as what is decompressed goes."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        while self._place == len(self._held):
            if not self._more():
                return 0
        part = self._held[self._place : self._place + len(view)]
        view[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _more(self) -> bool:
        compressed = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame, self._inside = self._new_frame(), False
        compressed = compressed or self._raw.read(PIECE)
        if not compressed:
            if self._inside:
                raise EOFError("it ends in the middle of a frame")
            return False
        self._held, self._place = self._frame.decompress(compressed), 0
        self._inside = True
        return True

    @staticmethod
    def _new_frame() -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
