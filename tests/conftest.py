"""Fixtures that several rooms share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from graphsocial.graph import SocialGraph
from graphsocial.ingest import load

ROOT = Path(__file__).resolve().parent.parent

# How long the making of examples takes says something of the machine, not of the code.
settings.register_profile("graphsocial", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("graphsocial")


@pytest.fixture(scope="session")
def repo_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def mediaeval() -> SocialGraph:
    """The shipped corpus; views are cheap and immutable, so all tests share it."""
    return load(ROOT / "data" / "mediaeval")


@pytest.fixture(autouse=True)
def no_figure_stays_open() -> Iterator[None]:
    """Answers draw on figures that their caller owns; matplotlib warns when twenty are open."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
