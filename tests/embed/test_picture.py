import warnings

import numpy as np
import pytest
from PIL import Image

from graphsocial.embed import read_image
from graphsocial.errors import DataIntegrityError


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cut.jpg", "damaged"),
        ("gone.jpg", "no such file"),
        ("words.jpg", "not a picture"),
        ("bomb.png", "megapixels|pixels"),
    ],
)
def test_broken_files_say_why(media_root, name, reason):
    with pytest.raises(DataIntegrityError, match=reason):
        read_image(media_root / name)


def test_a_folder_and_an_empty_file(tmp_path):
    (tmp_path / "empty.png").touch()
    for path, reason in ((tmp_path, "not a file"), (tmp_path / "empty.png", "empty")):
        with pytest.raises(DataIntegrityError, match=reason):
            read_image(path)


def test_guard_does_not_use_the_global_limit(media_root, monkeypatch):
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(DataIntegrityError, match="megapixels"):
        read_image(media_root / "whole.jpg", max_pixels=100)
    assert before == Image.MAX_IMAGE_PIXELS


def test_bomb_under_warnings_as_errors(media_root):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DataIntegrityError):
            read_image(media_root / "bomb.png")


def test_whole_picture_at_size(media_root):
    picture = read_image(media_root / "whole.jpg", 32)
    assert picture.size == (32, 32) and picture.mode == "RGB"


def test_modes(tmp_path):
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert read_image(tmp_path / "clear.png").getpixel((0, 0)) == (255, 255, 255)
    Image.fromarray(np.full((4, 4), 40_000, np.uint16)).save(tmp_path / "deep.png")
    assert read_image(tmp_path / "deep.png").getpixel((0, 0)) == (156, 156, 156)
    Image.new("P", (4, 4)).save(tmp_path / "palette.gif")
    Image.new("L", (4, 4), 9).save(tmp_path / "grey.webp", lossless=True)
    assert {read_image(tmp_path / name).mode for name in ("palette.gif", "grey.webp")} == {"RGB"}


def test_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (40, 20)).save(tmp_path / "turned.jpg", exif=exif)
    assert read_image(tmp_path / "turned.jpg").size == (20, 40)
