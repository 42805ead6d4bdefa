"""Every data folder says what it is, under which licence, and what its files should hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphsocial.ingest import data_files, read_checksums, verify_checksums
from graphsocial.ingest.checksums import file_sha256

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(path for path in (ROOT / "data").iterdir() if path.is_dir() and not path.name.startswith("."))
HEADINGS = (
    "Source",
    "Licence",
    "Citation",
    "Changes",
    "Contents",
    "Times",
    "Known traps",
    "Intended use",
    "Sensitive content",
)
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=[path.name for path in FOLDERS])


def test_there_is_data() -> None:
    assert FOLDERS


@each_folder
def test_card_has_every_heading_and_something_under_it(folder: Path) -> None:
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", card, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert [heading for heading in HEADINGS if len(sections.get(heading, "").strip()) < 20] == []


@each_folder
def test_licence_and_citation_lie_beside_the_data(folder: Path) -> None:
    assert (folder / "LICENSE.md").read_text(encoding="utf-8").strip()
    assert (folder / "CITATION.bib").read_text(encoding="utf-8").startswith("@")


@each_folder
def test_checksums_are_complete_and_match(folder: Path) -> None:
    assert sorted(read_checksums(folder)) == data_files(folder)
    verify_checksums(folder)


@each_folder
def test_links_do_not_lead_out(folder: Path) -> None:
    assert [str(path) for path in folder.rglob("*") if path.is_symlink()] == []


def test_corpus_photos_lie_nowhere_else() -> None:
    photos = {file_sha256(path) for folder in FOLDERS for path in folder.rglob("*") if path.suffix in PICTURES}
    skipped = {"runs", "build"}
    elsewhere = [
        path
        for top in ROOT.iterdir()
        if top.is_dir() and top != ROOT / "data" and not top.name.startswith(".") and top.name not in skipped
        for path in top.rglob("*")
        if path.suffix.lower() in PICTURES and path.is_file()
    ]
    assert [str(path) for path in elsewhere if file_sha256(path) in photos] == []
