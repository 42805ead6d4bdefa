"""The leaks of two published splits, as counted in the literature's own files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphsocial.audit import audit_folder

DATA = os.environ.get("GRAPHSOCIAL_DATA")
pytestmark = pytest.mark.skipif(not DATA, reason="GRAPHSOCIAL_DATA is not set: the corpora are not there to audit")


def corpus(name: str) -> Path:
    folder = Path(DATA or "") / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not under GRAPHSOCIAL_DATA")
    return folder


@pytest.mark.parametrize(
    ("name", "leak", "count", "total", "share"),
    [
        ("android", "events_after_cut", 19_991, 25_613, 0.781),
        ("twitter", "events_after_cut", 12_885, 93_158, 0.138),
        ("twitter", "near_duplicates", 71, 344, 0.206),
        ("android", "end_tokens", 67, 1_287, 0.052),
        ("twitter", "end_tokens", 341, 8_202, 0.042),
    ],
)
def test_published_splits(name: str, leak: str, count: int, total: int, share: float) -> None:
    found = audit_folder(corpus(name), "legacy")[leak]
    assert (found.count, found.total, round(found.share, 3)) == (count, total, share)


@pytest.mark.parametrize("protocol", ["strict", "prequential"])
@pytest.mark.parametrize("name", ["android", "twitter"])
def test_honest_protocols_remove_them(name: str, protocol: str) -> None:
    report = audit_folder(corpus(name), protocol)
    for leak in ("events_after_cut", "cascades_across_cut", "edges_from_test_events", "end_tokens"):
        assert report[leak].share == 0.0 and report[leak].removed > 0
    assert round(report["near_duplicates"].share, 3) == {"android": 0.0, "twitter": 0.206}[name]


def test_what_the_leak_would_buy() -> None:
    oracle = audit_folder(corpus("android"), "users_only", oracle=True).oracle
    assert oracle is not None and oracle.targets == 1_220
    assert oracle.leaked["hits@10"] == pytest.approx(0.87, abs=0.005)
    assert oracle.honest["hits@10"] == pytest.approx(0.063, abs=0.002)
