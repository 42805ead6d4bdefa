"""Files of the small world, and the encoders, loaded once."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from graphsocial.embed import image_embedder, text_embedder
from tests.embed.worlds import HashedText, MeanColour, bomb, build, write_clip


@pytest.fixture(scope="session")
def media_root(tmp_path_factory):
    root = tmp_path_factory.mktemp("world") / "media"
    root.mkdir()
    Image.new("RGB", (80, 60), (200, 20, 20)).save(root / "red.png")
    (root / "copy_of_red.png").write_bytes((root / "red.png").read_bytes())
    (root.parent / "secret.png").write_bytes((root / "red.png").read_bytes())
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
    Image.fromarray(noise).save(root / "whole.jpg", quality=90)
    (root / "cut.jpg").write_bytes((root / "whole.jpg").read_bytes()[:9000])
    (root / "words.jpg").write_text("this is no picture")
    (root / "bomb.png").write_bytes(bomb())
    write_clip(root / "clip.mp4")
    return root


@pytest.fixture
def world(media_root):
    return build(root=str(media_root))


@pytest.fixture
def hashed():
    return HashedText()


@pytest.fixture
def colour():
    return MeanColour()


@pytest.fixture(scope="session")
def minilm():
    return text_embedder("builtin:minilm", device="cpu")


@pytest.fixture(scope="session")
def lite0():
    return image_embedder("builtin:efficientnet_lite0", device="cpu")
