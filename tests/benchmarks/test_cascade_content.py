"""Vectors of texts and pictures of cascades: in the order of the table, encoded once, what they take for granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.cascade_content import CascadeContent, cascade_content
from graphsocial.embed import Embedded, EncoderInfo
from graphsocial.ingest import read_cascade_folder
from graphsocial.learn.cascade_table import CascadeTable

START = 1_600_000_000  # 2020-09-13
KNOWN = "the {} of a cascade is taken to have been known at its first event"


@dataclass
class Double:
    """An encoder of texts by their length, of pictures by their first pixel; keeps what it was asked."""

    info: EncoderInfo
    layout: str = "two tokens"
    tokens: int = 2
    size: int = 4
    asked: list[list[object]] = field(default_factory=list)

    def embed(self, contents: Sequence[str | Image.Image]) -> Embedded:
        self.asked.append(list(contents))
        tokens = np.full((len(contents), 2, self.info.channels), 99, np.float16)
        for i, each in enumerate(contents):
            tokens[i, 0] = len(each) if isinstance(each, str) else np.asarray(each)[0, 0, 0] + 0.5
        return Embedded(tokens, np.ones((len(contents), 2), bool))


@pytest.fixture
def encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Double]:
    made = {
        "text": Double(EncoderInfo("t", "text", 3, "aa", released="2021-08-31")),
        "image": Double(EncoderInfo("i", "image", 2, "bb", released="2020-03-16")),
    }
    monkeypatch.setattr("benchmarks.cascade_content.text_embedder", lambda: made["text"])
    monkeypatch.setattr("benchmarks.cascade_content.image_embedder", lambda: made["image"])
    monkeypatch.setattr("benchmarks.cascade_content.CACHE", tmp_path / "cache")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "toy"
    made.mkdir()
    starts = {"late": 300, "early": 0, "plain": 200, "same": 100}
    rows = [f"{name}\t\ta:{START + start} b:{START + start + 1}" for name, start in starts.items()]
    (made / "cascades.tsv").write_text("\n".join([*rows, f"short\t\ta:{START - 9}"]) + "\n")
    (made / "texts.tsv").write_text("late\tfour\nsame\tthree\nearly\tthree\nshort\tnot ranked\n")
    for name, grey in (("one", 10), ("copy", 10), ("two", 20)):
        Image.new("RGB", (4, 4), (grey, 0, 0)).save(made / f"{name}.png")
    (made / "broken.png").write_bytes(b"no picture")
    (made / "empty.png").write_bytes(b"")
    shown = {"late": "two", "early": "one", "same": "copy", "plain": "broken"}
    (made / "images.tsv").write_text("".join(f"{name}\t{file}.png\n" for name, file in shown.items()))
    return made


def content_of(folder: Path) -> CascadeContent:
    read = read_cascade_folder(folder)
    return cascade_content(read, CascadeTable.of(read.cascades))


def test_the_order_is_that_of_the_table(
    folder: Path, encoders: dict[str, Double], capsys: pytest.CaptureFixture[str]
) -> None:
    found = content_of(folder)  # early, same, plain, late
    assert {name: rows.dtype for name, rows in found.vectors.items()} == {"text": np.float32, "image": np.float32}
    assert found.vectors["text"].tolist() == [[5] * 3, [5] * 3, [0] * 3, [4] * 3]
    assert found.vectors["image"].tolist() == [[10.5] * 2, [10.5] * 2, [0] * 2, [20.5] * 2]
    (line,) = capsys.readouterr().err.splitlines()
    assert "broken.png: not a picture" in line and line.endswith("its cascade keeps its text")
    first = found.first(2)
    assert {name: len(rows) for name, rows in first.vectors.items()} == {"text": 2, "image": 2}
    assert first.assumptions == found.assumptions


def test_distinct_contents_are_encoded_once_by_each_encoder(folder: Path, encoders: dict[str, Double]) -> None:
    first = content_of(folder)
    assert encoders["text"].asked == [["three", "four"]], "equal texts once, those of no ranked cascade never"
    assert [len(asked) for asked in encoders["image"].asked] == [2], "pictures of equal bytes once"
    again = content_of(folder)
    assert len(encoders["text"].asked) == 1 and sum(map(len, encoders["image"].asked)) == 2
    for name, rows in first.vectors.items():
        assert np.array_equal(rows, again.vectors[name])
    with (folder / "texts.tsv").open("a") as file:
        file.write("plain\tanother\n")
    assert content_of(folder).vectors["text"][:, 0].tolist() == [5, 5, 7, 4]
    assert encoders["text"].asked[1:] == [["another"]], "what the file says elsewhere is not encoded again"
    encoders["text"].info = EncoderInfo("t", "text", 3, "other weights")
    content_of(folder)
    assert encoders["text"].asked[2:] == [["three", "another", "four"]]


def test_what_is_taken_for_granted(folder: Path, encoders: dict[str, Double]) -> None:
    newer = "text encoder t was released 2021-08-31, after 2020-09-13 12:26:40Z: its weights may know later things"
    assert content_of(folder).assumptions == (newer, KNOWN.format("text"), KNOWN.format("picture"))
    (folder / "texts.tsv").unlink()
    encoders["image"].info = EncoderInfo("i", "image", 2, "bb")
    newer, known = content_of(folder).assumptions
    assert "image encoder i has no known release date" in newer and known == KNOWN.format("picture")


def test_nothing_to_read(folder: Path, encoders: dict[str, Double], capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "texts.tsv").write_text("short\tnot ranked\n")
    (folder / "images.tsv").write_text("early\tempty.png\n")
    found = content_of(folder)
    assert found.vectors == {} and found.assumptions == ()
    assert "empty.png: empty file" in capsys.readouterr().err
    (folder / "images.tsv").write_text("early\tbroken.png\n")
    assert not content_of(folder).vectors["image"].any()
