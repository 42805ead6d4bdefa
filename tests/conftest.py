"""Fixtures that several rooms share."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsocial.graph import SocialGraph
from graphsocial.ingest import load

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repo_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def mediaeval() -> SocialGraph:
    """The shipped corpus; views are cheap and immutable, so all tests share it."""
    return load(ROOT / "data" / "mediaeval")
