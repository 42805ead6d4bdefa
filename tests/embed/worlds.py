"""A small world with texts, pictures, broken files and a clip; encoders that need no weights."""

from __future__ import annotations

import hashlib
import io
import zlib

import av
import numpy as np
import pyarrow as pa
from PIL import Image

from graphsocial.embed import Embedded, EncoderInfo
from graphsocial.graph import SocialGraph
from graphsocial.schema import Column, Schema

TEXTS = {
    "p1": "Look at this flood @u17845",
    "p2": "Look at this flood @u99",  # the same once handles are masked
    "p3": "شاهد هذا الفيديو الآن 🌊",
    "p4": "看，洪水来了！😱",
    "p5": None,
    "p6": "word " * 20_000,
    "p7": "a clip",
}
MEDIA = {
    "m1": "red.png",
    "m2": "copy_of_red.png",
    "m3": "cut.jpg",
    "m4": "gone.jpg",
    "m5": "words.jpg",
    "m6": "bomb.png",
    "m7": "clip.mp4",
    "m8": None,
    "m9": "../secret.png",
}
SHOWN = [("p1", "m1"), ("p1", "m2"), ("p2", "m3"), ("p2", "m9"), ("p3", "m4"), ("p4", "m6"), ("p4", "m1"), ("p7", "m7")]
SHOW = ("post", "show", "media")


def write_clip(path, seconds=2, rate=10, size=(64, 48)):
    """A clip whose frames get brighter with time, so that a frame tells when it was."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4" if path.suffix == ".mp4" else "gif", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p" if path.suffix == ".mp4" else "rgb8"
        for number in range(seconds * rate):
            level = np.full((size[1], size[0], 3), 10 + number * 200 // (seconds * rate), np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(level, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def bomb() -> bytes:
    """A PNG of a few bytes that claims 30,000 x 30,000 pixels."""
    file = io.BytesIO()
    Image.new("1", (8, 8)).save(file, "PNG")
    data = bytearray(file.getvalue())
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


def build(texts=TEXTS, media=MEDIA, shown=SHOWN, root=None):
    schema = Schema({"post": {"text": Column()}, "media": {"path": Column()}}, {SHOW: {}})
    posts = pa.table({"id": list(texts), "known_at": list(range(10, 10 + len(texts))), "text": list(texts.values())})
    files = pa.table({"id": pa.array(list(media), pa.string()), "path": pa.array(list(media.values()), pa.string())})
    when = [posts["known_at"][list(texts).index(post)].as_py() for post, _ in shown]
    edges = pa.table(
        {
            "src": pa.array([post for post, _ in shown], pa.string()),
            "dst": pa.array([name for _, name in shown], pa.string()),
            "time": pa.array(when, pa.int64()),
        }
    )
    return SocialGraph.build(schema, {"post": posts, "media": files}, {SHOW: edges}, media_root=root)


class HashedText:
    """Tokens from a hash, counting what it is asked for."""

    info = EncoderInfo("hashed", "text", 8, "aa")
    layout = "hashed v1"
    tokens = 3

    def __init__(self, fail_after=None):
        self.seen: list[str] = []
        self.fail_after = fail_after

    def embed(self, texts):
        if self.fail_after is not None and len(self.seen) >= self.fail_after:
            raise KeyboardInterrupt
        self.seen += texts
        values = [np.frombuffer(hashlib.sha256(text.encode()).digest()[:24], np.uint8) for text in texts]
        tokens = np.array(values, np.float16).reshape(len(texts), 3, 8)
        return Embedded(tokens, np.ones((len(texts), 3), bool))


class MeanColour:
    """Token 0 is the mean colour; counts what it is asked for."""

    info = EncoderInfo("colour", "image", 3, "bb")
    layout = "colour v1"
    tokens = 2
    size = 16

    def __init__(self):
        self.seen = 0

    def embed(self, images):
        self.seen += len(images)
        tokens = np.zeros((len(images), 2, 3), np.float16)
        for row, image in enumerate(images):
            tokens[row] = np.asarray(image).reshape(-1, 3).mean(axis=0)
        return Embedded(tokens, np.ones((len(images), 2), bool))
