"""The page of one phrase: which phrase, what it says, and that a look at what came chooses nothing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmarks.__main__ import main
from benchmarks.bridge_case_facts import LETTERS, chosen_phrase, named_phrase
from benchmarks.bridge_case_graph import AUTHOR, REPOST, case_graph
from benchmarks.bridge_data import BridgeData
from benchmarks.cascade_content import CascadeContent
from graphsocial.errors import SchemaError
from graphsocial.ingest import CascadeFolder, read_cascade_folder

HOUR, DAY = 3_600, 86_400


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Circles of users; what one of them says spreads within it; one late phrase has most sites in its first hour."""
    draw = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("data") / "toy"
    folder.mkdir()
    rows, texts = ["cascade\tsplit\tevents(user:time ...)"], ["cascade\ttext"]
    for i in range(240):
        soon = {217: 6, 218: 7}.get(i, 0)  # the more of them has too few letters
        circle, many = int(draw.integers(2)), max(soon, int(draw.integers(3, 9)))
        members = 20 * circle + draw.choice(20, many, replace=False)
        late = np.sort(draw.exponential(20 * HOUR, many - 1)).astype(int) + HOUR
        times = i * 8 * HOUR + np.concatenate([[0], np.arange(1, soon), late])[:many]
        rows.append(f"c{i}\tnone\t" + " ".join(f"u{m}:{t}" for m, t in zip(members, times, strict=True)))
        said = f"circle {circle}" if i == 218 else f"what people in circle {circle} say to each other {i}"
        texts.append(f"c{i}\t{said}")
    (folder / "cascades.tsv").write_text("\n".join(rows) + "\n")
    (folder / "texts.tsv").write_text("\n".join(texts) + "\n")
    return folder


@pytest.fixture(autouse=True)
def _no_encoder(monkeypatch: pytest.MonkeyPatch, corpus: Path) -> None:
    """Vectors of the circles instead of an encoder's."""
    said = read_cascade_folder(corpus).texts

    def content(folder: CascadeFolder, table: object) -> CascadeContent:
        names = [str(name) for name in table.names]  # type: ignore[attr-defined]
        return CascadeContent({"text": np.array([[1.0, 0.2] if "circle 0" in said[n] else [0.2, 1.0] for n in names])})

    monkeypatch.setattr("benchmarks.bridge_data.cascade_content", content)
    monkeypatch.setattr("benchmarks.bridge_case_graph.cascade_content", content)


def test_the_phrase_is_the_one_most_had_within_the_hour_whatever_came(corpus: Path) -> None:
    folder = read_cascade_folder(corpus)
    data = BridgeData.of(folder)
    first, second = (str(data.record.names[chosen_phrase(data, folder, place)]) for place in (0, 1))
    assert first == "c217" and second not in ("c217", "c218") and len(folder.texts["c218"]) < LETTERS
    assert data.record.names[named_phrase(data, "c218")] == "c218"
    with pytest.raises(SchemaError, match=r"'c22x' is no held-out phrase .* Did you mean"):
        named_phrase(data, "c22x")


def test_the_graph_says_what_the_cascades_say(corpus: Path) -> None:
    folder = read_cascade_folder(corpus)
    graph = case_graph(folder, folder.cascades)
    cascades = folder.cascades
    assert graph.num_nodes("post") == len(cascades) == graph.num_edges(AUTHOR)
    assert graph.num_edges(REPOST) == len(cascades.node) - len(cascades)
    text = graph.column("post", "text")[graph.index_of(("post", "c217"))].as_py()
    assert text == folder.texts["c217"]


def test_a_corpus_that_is_not_there_is_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GRAPHSOCIAL_DATA", raising=False)
    done = run("--data", "no_such_corpus", "--out", tmp_path / "page.md")
    assert done.exit_code == 0 and "skipped" in done.output and not (tmp_path / "page.md").exists()


@pytest.mark.slow
def test_the_page_is_made_the_same_twice(corpus: Path, tmp_path: Path) -> None:
    pages = []
    for name in ("one", "two"):
        done = run("--data", corpus, "--quick", "--model", tmp_path / "model", "--out", tmp_path / name / "page.md")
        assert done.exit_code == 0, done.output
        pages.append((tmp_path / name / "page.md").read_text())
        shown = re.findall(r"\]\((pictures/\S+)\)", pages[-1])
        assert len(shown) == 5
        for picture in shown:
            assert (tmp_path / name / picture).stat().st_size < 150_000
    assert pages[0] == pages[1]
    assert "largest difference of any run is 0" in re.sub(r"\s+", " ", pages[0])
    for picture in (tmp_path / "one" / "pictures").iterdir():
        assert picture.read_bytes() == (tmp_path / "two" / "pictures" / picture.name).read_bytes()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["bridge_case", *map(str, arguments)])
