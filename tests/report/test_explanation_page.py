"""The page of explained posts: everything is there, nothing of a text becomes markup, broken pictures are named."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from graphsocial.errors import SchemaError
from graphsocial.explain import Attribution, Piece, attribute, faithfulness_report, modality_value, seed_stability
from graphsocial.learn.metrics import ACCURACY
from graphsocial.report.explanation_page import ShownExplanation, write_explanations
from tests.explain.linear_model import LinearModel

TEXT = "sun <b>&amp; rain</b> \x07here"


def attribution(**more) -> Attribution:
    words = [Piece("word", TEXT[a:b], (a, b)) for a, b in ((0, 3), (4, 12), (13, 21), (22, 27))]
    regions = [Piece("region", f"row {y + 1}, column {x + 1} of 2×2", (y, x, 2)) for y in (0, 1) for x in (0, 1)]
    others = [Piece("modality", "text"), Piece("neighbour", "user <u5>"), Piece("edge", "user a repost post b")]
    score = np.array([0.5, -0.25, 0.0, 0.1, 0.2, -0.4, 0.0, 0.1, 0.7, 0.3, -0.3])
    given = {"task": "mood", "subject": "post <1>", "output": "probability of 'glad'", "value": 0.9, "as_of": 1_000}
    return Attribution(**(given | {"method": "deletion", "pieces": (*words, *regions, *others), "score": score} | more))


class Elements(HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "p.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)).save(file)
    return file


def test_words_regions_and_neighbours_are_there(tmp_path, picture):
    models = [LinearModel([1.0, 2.0, float(n)]) for n in range(5)]
    given = [attribute(model) for model in models]
    report = faithfulness_report(models, {"deletion": given}, "word")
    target = np.array([0, 1, 0, 1])
    worth = modality_value(
        {frozenset(): 1 - target, frozenset(["text"]): target}, ACCURACY, target, flavour="masked", resamples=20
    )
    out = write_explanations(
        [ShownExplanation(attribution(), TEXT, picture, "sad", {"word": (0.25, 0.01)})],
        tmp_path / "deep" / "page.html",
        title="Why & how",
        faithfulness=[report],
        stability={"word": seed_stability([given, given], "word")},
        values=[worth],
    )
    page = out.read_text()
    seen = Elements(page)
    marks = [mark for mark in seen.all("mark") if mark.get("title")]
    assert [(mark["title"], mark["class"], mark["style"]) for mark in marks] == [
        ("+0.5000", "up", "--s: 100%"),
        ("-0.2500", "down", "--s: 50%"),
        ("+0.0000", "none", "--s: 0%"),
        ("+0.1000", "up", "--s: 20%"),
    ]
    cells = seen.all("i")
    assert [cell["class"] for cell in cells] == ["up", "down", "none", "up"]
    assert "left: 50.0%; top: 0.0%; width: 50.0%" in cells[1]["style"]
    assert seen.all("img")[0]["src"].startswith("data:image/jpeg;base64,")
    for text in (
        "user <u5>",
        "user a repost post b",
        "Why & how",
        "truth sad",
        "1970-01-01",
        "insertion minus deletion",
    ):
        assert text in seen.text, text
    assert "+0.250, random orders +0.010" in seen.text and "over attention" in seen.text
    assert "with all and 0.000 with none" in seen.text and "1.000 [1.000, 1.000]" in seen.text
    assert "http:" not in page and "https:" not in page and "<script" not in page


def test_a_text_stays_a_text(tmp_path):
    hostile = "<script>alert(1)</script> \"quoted\" 'x'"
    words = tuple(Piece("word", hostile[a:b], (a, b)) for a, b in ((0, 25), (26, 34)))
    found = attribution(
        pieces=words, score=np.array([1.0, -1.0]), subject=hostile, output=hostile, task=hostile, as_of=None
    )
    page = write_explanations([ShownExplanation(found, hostile, truth=hostile)], tmp_path, title=hostile).read_text()
    assert "<script" not in page and page.count("&lt;script&gt;") >= 5
    assert hostile in Elements(page).text
    control = write_explanations([ShownExplanation(attribution(), TEXT)], tmp_path).read_bytes()
    assert b"\x07" not in control and "\N{REPLACEMENT CHARACTER}here".encode() in control


def test_words_and_regions_of_neighbours_stand_with_their_own_text(tmp_path, picture):
    pieces = (
        Piece("word", "sun", (0, 3), "post 7"),
        Piece("word", "rain", (0, 4), "post 8"),
        Piece("region", "picture 1, row 1, column 1 of 1×1", (0, 0, 1), "post 8"),
        Piece("neighbour", "post 7"),
    )
    found = attribution(pieces=pieces, score=np.array([0.1, -0.2, 0.3, 0.1]))
    shown = ShownExplanation(found, near={"post 7": ("sun here", None), "post 8": ("rain there", picture)})
    seen = Elements(write_explanations([shown], tmp_path).read_text())
    marks = [(mark["title"], mark["style"]) for mark in seen.all("mark") if mark.get("title")]
    assert marks == [("+0.1000", "--s: 50%"), ("-0.2000", "--s: 100%")]
    assert len(seen.all("img")) == 1 and [cell["class"] for cell in seen.all("i")] == ["up"]
    order = [
        seen.text.index(part) for part in ("Neighbours", "Read with it: post 7", "sun here", "post 8", "rain there")
    ]
    assert order == sorted(order)


def test_broken_pictures_are_named(tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    shown = [ShownExplanation(attribution(), TEXT, file) for file in (broken, tmp_path / "gone.png")]
    seen = Elements(write_explanations(shown, tmp_path / "p.html").read_text())
    assert "could not be read: not a picture" in seen.text and "could not be read: no such file" in seen.text
    assert not seen.all("img") and not seen.all("i")


def test_metadata_of_a_photo_is_not_embedded(tmp_path):
    import base64

    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (900, 300), "red").save(tmp_path / "a.jpg", exif=exif)
    assert b"secret place" in (tmp_path / "a.jpg").read_bytes()
    page = write_explanations([ShownExplanation(attribution(), TEXT, tmp_path / "a.jpg")], tmp_path).read_text()
    data = base64.b64decode(re.search(r"base64,([^\"]+)", page).group(1))
    assert b"secret" not in data and Image.open(__import__("io").BytesIO(data)).size == (560, 187)


def test_same_bytes_nothing_and_no_place(tmp_path, picture):
    shown = [ShownExplanation(attribution(), TEXT, picture)]
    one, two = (write_explanations(shown, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert one == two
    with pytest.raises(SchemaError, match="no explanation"):
        write_explanations([], tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(SchemaError, match="cannot be written"):
        write_explanations(shown, tmp_path / "file" / "page.html")
    empty = Attribution("t", "s", "o", 0.0, "attention", (), np.zeros(0))
    assert "scores by" in write_explanations([ShownExplanation(empty)], tmp_path).read_text()
    unknown = attribution(score=np.full(11, np.nan))
    assert "nan" in write_explanations([ShownExplanation(unknown, TEXT, picture)], tmp_path).read_text()
