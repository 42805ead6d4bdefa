from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., Path]

MAPPING = """
[[table]]
files = "posts*.csv"
node = "post"
id = "post"
time = "time"
[table.columns]
text = "string"
likes = { type = "int", known_at = "unknown" }
[[table.edges]]
type = ["user", "author", "post"]
src = "user"
dst = "post"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a mapping for posts (post, user, time, likes, text), and no table yet."""
    path = tmp_path / "corpus"
    path.mkdir()
    (path / "mapping.toml").write_text(MAPPING)
    return path


@pytest.fixture
def write(folder: Path) -> Write:
    """Writes `posts.csv` (or another file) from lines or bytes and returns the folder."""

    def write(content: str | bytes, name: str = "posts.csv", header: str = "post,user,time,likes,text\n") -> Path:
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(header.encode() + raw)
        return folder

    return write
