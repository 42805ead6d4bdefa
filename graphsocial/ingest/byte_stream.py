"""Bytes of a file that may be compressed, with a bound on how far it may blow up."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import zstandard

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.readable_name import readable_name
from graphsocial.ingest.zstd_stream import ZstdStream

COMPRESSIONS = (".gz", ".zst", ".bz2", ".xz", ".zip")

BLOW_UP = 250
"""Decompressed bytes per compressed one that real exports stay far below; JSON lines reach about 30."""

FREE_BYTES = 256 << 20
"""Bytes that a file may decompress to whatever its ratio."""

DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, zipfile.BadZipFile, NotImplementedError)
"""What decompressors raise on a damaged file."""


class _Bounded(io.RawIOBase):
    """Passes bytes on until there are too many of them for the size of the file."""

    def __init__(self, stream: IO[bytes], path: Path, compressed: int):
        self._stream, self._path = stream, path
        self._left = max(FREE_BYTES, BLOW_UP * compressed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        read = getattr(self._stream, "read1", self._stream.read)  # what precedes damage is not lost to a larger read
        data = read(len(view))
        self._left -= len(data)
        if self._left < 0:
            raise OSError(f"decompresses to more than {BLOW_UP} times its size, which no export does")
        view[: len(data)] = data
        return len(data)


@contextmanager
def open_bytes(path: Path) -> Iterator[io.BufferedReader]:
    """The file's bytes, decompressed by the ending of its name; a `.zip` must hold one file.

    Reading raises one of `DAMAGE` where the file is damaged or decompresses to an implausible size.

    Raises:
        EventFormatError: There is no such file, or an archive holds several or is encrypted.
    """
    if not path.is_file():
        raise EventFormatError(f"{path} is not a file", str(path))
    with open(path, "rb") as raw:
        size = path.stat().st_size
        suffix = path.suffix.lower()
        if suffix not in COMPRESSIONS:
            yield raw
            return
        try:
            stream = _decompressed(raw, suffix, path)
        except EventFormatError:
            raise
        except Exception as error:  # zipfile meets a damaged directory with nearly every built-in error
            raise EventFormatError(f"{path} cannot be decompressed: {error}", str(path)) from error
        with stream, io.BufferedReader(_Bounded(stream, path, size), 1 << 18) as bounded:
            yield bounded  # type: ignore[misc]  # typeshed wants more of a stream than Python does


def _decompressed(raw: IO[bytes], suffix: str, path: Path) -> IO[bytes]:
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    if suffix == ".zst":
        return cast("IO[bytes]", io.BufferedReader(ZstdStream(raw)))
    if suffix == ".bz2":
        return cast("IO[bytes]", bz2.BZ2File(raw))
    if suffix == ".xz":
        return cast("IO[bytes]", lzma.LZMAFile(raw))
    archive = zipfile.ZipFile(raw)
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) != 1:
        names = ", ".join(shown(info.filename) for info in members[:3]) or "nothing"
        raise EventFormatError(f"{path} holds {len(members)} files ({names} …), expected one; unpack it", str(path))
    if members[0].flag_bits & 1:
        raise EventFormatError(f"{path} is encrypted, expected an archive without a password; unpack it", str(path))
    return archive.open(members[0])


def plain_name(path: Path) -> str:
    """Name of a file in lower case, without the ending of a compression.

    >>> plain_name(Path("RS_2019-01.ndjson.ZST"))
    'rs_2019-01.ndjson'
    """
    name = readable_name(path.name).lower()
    return next((name.removesuffix(s) for s in COMPRESSIONS if name.endswith(s)), name)
