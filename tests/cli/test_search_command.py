"""`graphsocial align` and `graphsocial search`: words find pictures, and nothing newer than what is asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from graphsocial.cli import main
from graphsocial.embed import EmbeddingTable, hashing_embeddings
from graphsocial.graph import SocialGraph
from graphsocial.learn.alignment.alignment import FILE, Alignment
from graphsocial.nn.alignment_net import AlignmentNet, AlignmentNetConfig
from graphsocial.query import Engine
from graphsocial.query.content_encoder import ContentEncoder
from graphsocial.schema import Column, Schema
from graphsocial.store import open_graph, save_graph
from tests.learn.alignment.planted_pairs import picture_posts

MIDDLE = "1970-01-01T00:01:20Z"


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(given) for given in arguments], prog_name="graphsocial")


def done(*arguments: object) -> str:
    result = command(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def hits(output: str) -> list[list[str]]:
    """Likeness, post, time, files, and the beginning of the text."""
    return [line.strip().split("  ") for line in output.splitlines() if line.startswith("  ")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run as `ingest` and `embed` leave it, without a model; an alignment of the first 80 seconds."""
    folder = tmp_path_factory.mktemp("runs") / "world"
    graph = picture_posts()
    save_graph(graph, folder)
    hashing_embeddings(graph).save(folder / "tokens")
    said = done("align", folder, "--as-of", MIDDLE)
    assert "from 74 pairs before 1970-01-01 00:01:20" in said and "by chance 0." in said
    return folder


def test_words_find_pictures_as_the_engine_does(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, tokens = open_graph(run), EmbeddingTable.open(run / "tokens")
    words = tokens.tokens["text"].tokens[5, 0].astype(np.float32)
    monkeypatch.setattr(ContentEncoder, "vector", lambda self, text, image: words)
    found = hits(done("search", run, "some", "words", "--modality", "image", "--count", 3))
    engine = Engine.open(run, graph)
    expected = engine.similar("some words", modality="image", k=3)
    assert [row[1] for row in found] == [f"post:{post}" for post in expected.ids]
    assert [row[3] for row in found] == [f"{post[1:]}.jpg" for post in expected.ids]  # p7 shows 7.jpg
    assert found[0][0] == f"{expected.similarity[0]:.3f}" and found[0][4].startswith("w")


def test_what_many_posts_show_is_listed_once(tmp_path: Path) -> None:
    """Nine of ten posts show one picture; the tenth shows its own."""
    show, at = ("post", "show", "media"), list(range(40))
    ids, files = [f"p{i}" for i in at], ["rare.jpg" if i % 10 == 9 else "common.jpg" for i in at]
    schema = Schema({"post": {"text": Column("string")}, "media": {"path": Column("string")}}, {show: {}})
    posts = pa.table({"id": ids, "known_at": at, "text": ["so say all"] * 40})
    media = pa.table({"id": ["common.jpg", "rare.jpg"], "path": ["common.jpg", "rare.jpg"]})
    graph = SocialGraph.build(
        schema, {"post": posts, "media": media}, {show: pa.table({"src": ids, "dst": files, "time": at})}
    )
    save_graph(graph, tmp_path)
    tokens = hashing_embeddings(graph)
    tokens.save(tmp_path / "tokens")
    config, sizes = (
        AlignmentNetConfig(channels=8),
        {name: tokens.tokens[name].tokens.shape[2] for name in tokens.tokens},
    )
    encoders = {name: tokens.tokens[name].encoder.name for name in tokens.tokens}
    Alignment([AlignmentNet(sizes, config)], config, sizes, encoders, 0, 40).save(tmp_path / FILE)
    across = ("search", tmp_path, "--post", "p0", "--modality", "image", "--count", 2)
    assert len({row[3] for row in hits(done(*across))}) == 1
    assert {row[3] for row in hits(done(*across, "--once"))} == {"common.jpg", "rare.jpg"}
    assert len(hits(done("search", tmp_path, "--post", "p0", "--once"))) == 1


def test_posts_find_posts_without_an_alignment_at_any_time(run: Path) -> None:
    early = hits(done("search", run, "--post", "p3", "--as-of", "1970-01-01T00:00:10Z", "--count", 99))
    assert len(early) == 9 and ["post:p3"] not in [row[1:2] for row in early]
    assert [row[1] for row in early] == [row[1] for row in hits(
        done("search", run, "--post", "post:p3", "--window", 0, 10, "--count", 99)
    )]  # fmt: skip


def test_an_alignment_of_later_posts_is_refused(run: Path, tmp_path: Path) -> None:
    across = ("search", run, "--post", "p3", "--modality", "image")
    assert len(hits(done(*across, "--as-of", MIDDLE))) == 10
    result = command(*across, "--as-of", "1970-01-01T00:01:19Z")
    assert result.exit_code == 1 and result.output.startswith("error: the learned alignment knows posts up to")
    done("align", run, "--as-of", "1970-01-01T00:01:00Z", "--out", tmp_path / "kept" / "early.safetensors")
    earlier = done(*across, "--as-of", "1970-01-01T00:01:19Z", "--alignment", tmp_path / "kept" / "early.safetensors")
    assert len(hits(earlier)) == 10


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "exactly one of WORDS"),
        ((" ",), "exactly one of WORDS"),
        (("words", "--post", "p3"), "exactly one of WORDS"),
        (("--post", "p3", "--modality", "picture"), "expected text or image"),
        (("--post", "p3000"), "p3000"),
        (("--image", "gone.jpg"), "gone.jpg"),
        (("--post", "p3", "--as-of", "soon"), "soon"),
        (("--post", "p3", "--window", "0", "1970-02-01"), "1970"),
        (("--post", "p3", "--alignment", "gone.safetensors"), "gone.safetensors"),
    ],
)
def test_what_cannot_be_searched_is_one_line(run: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = command("search", run, *arguments)
    assert result.exit_code == 1, (result.output, result.exception)
    assert result.output.startswith("error: ") and expected in result.output and "Traceback" not in result.output


def test_what_is_missing_names_the_command_that_makes_it(tmp_path: Path) -> None:
    graph = picture_posts(40)
    save_graph(graph, tmp_path / "run")
    assert "`graphsocial embed` makes it" in command("align", tmp_path / "run").output
    hashing_embeddings(graph).save(tmp_path / "run" / "tokens")
    across = command("search", tmp_path / "run", "--post", "p3", "--modality", "image").output
    assert FILE in across and "`graphsocial align` makes it" in across
    few = command("align", tmp_path / "run", "--as-of", "1970-01-01T00:00:05Z").output
    assert few.startswith("error: ") and "too few to learn from" in few
    assert "no graph" in command("search", tmp_path / "none", "words").output


@pytest.mark.slow
def test_from_a_folder_of_posts_to_the_picture_of_a_word(tmp_path: Path) -> None:
    folder, rng = tmp_path / "mine", np.random.default_rng(0)
    folder.mkdir()
    rows = ["post,user,time,text,images"]
    for at in range(60):
        says, colour = (("red sunset glow", (210, 40, 30)), ("deep blue sea", (20, 40, 210)))[at % 2]
        picture = rng.integers(0, 30, (48, 48, 3)) + np.array(colour)
        Image.fromarray(picture.astype(np.uint8)).save(folder / f"{at}.png")
        rows.append(f"{at},u{at % 5},2024-05-01T{at // 6:02}:{at % 6}0:00,{says} {at},{at}.png")
    (folder / "posts.csv").write_text("\n".join(rows) + "\n")
    run = tmp_path / "run"
    done("ingest", folder, "--out", run)
    done("embed", run)
    done("align", run)
    for words, right in (("red sunset glow", 0), ("deep blue sea", 1)):
        found = hits(done("search", run, words, "--modality", "image", "--count", 5))
        assert all(int(row[1].removeprefix("post:")) % 2 == right for row in found)
        assert found[0][3].endswith(".png")
    blue = hits(done("search", run, "--image", folder / "1.png", "--modality", "text", "--count", 5))
    assert all(int(row[1].removeprefix("post:")) % 2 == 1 for row in blue)
