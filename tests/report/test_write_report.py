import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from graphsocial.errors import DataIntegrityError
from graphsocial.graph import SocialGraph
from graphsocial.report import write_report
from graphsocial.report.run_folder import MADE_BY
from graphsocial.report.write_report import SECTIONS
from graphsocial.schema import Schema
from graphsocial.store import save_graph

VOID = {"meta", "br", "img", "link", "input", "hr", "path", "use", "rect"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on a tag that is not closed."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def section(path: Path, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', path.read_text(encoding="utf-8"), flags=re.S)
    assert found, name
    return found[0]


def test_every_section_is_there_and_in_the_contents(run):
    out = write_report(run)
    assert out == run / "report.html"
    for name, title in SECTIONS:
        assert title in section(out, name)
        assert f'href="#{name}"' in out.read_text(encoding="utf-8")
    assert "Not run" not in page(out).text


def test_the_page_loads_nothing(run):
    found = page(write_report(run))
    assert not found.tags & {"script", "link", "iframe", "object", "embed", "img", "image", "base", "form"}
    for tag, name, value in found.attributes:
        if name in {"href", "src", "srcset", "action", "poster", "data"}:
            assert value.startswith("#"), (tag, name, value)
        assert not name.startswith("on")
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    assert "base64" not in text


def test_ids_are_unique_and_every_reference_has_its_target(run):
    found = page(write_report(run))
    ids = [value for _, name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    used = {value[1:] for _, name, value in found.attributes if name == "href"}
    used |= {value for _, name, value in found.attributes if name == "aria-labelledby"}
    used |= set(re.findall(r"url\(#([^)]*)\)", (run / "report.html").read_text(encoding="utf-8")))
    assert used <= set(ids)


def test_text_is_escaped_and_kept_in_every_script(run):
    out = write_report(run)
    raw, found = out.read_text(encoding="utf-8"), page(out)
    assert "<script" not in raw and "<i>" not in raw and "<b>only" not in raw
    for words in ('<script>alert("x")</script>', "🌊", "مرحبا بالعالم", "洪水来了", "用户<1>", "rising <i>"):
        assert words in found.text
    assert "first 600 of 100,000 characters" in found.text
    assert 'dir="auto"' in raw


def test_the_same_run_gives_the_same_bytes(run, tmp_path):
    first = write_report(run, tmp_path / "one.html").read_bytes()
    code = "import sys; from pathlib import Path; from graphsocial.report import write_report as w; "
    code += "w(Path(sys.argv[1]), Path(sys.argv[2])); assert 'torch' not in sys.modules"
    again = tmp_path / "deep" / "two.html"
    subprocess.run([sys.executable, "-W", "error", "-c", code, str(run), str(again)], check=True)
    assert again.read_bytes() == first
    assert sorted(p.name for p in again.parent.iterdir()) == ["two.html"]


@pytest.mark.parametrize("name", sorted(MADE_BY))
def test_a_missing_file_reads_not_run(run, name):
    (run / name).unlink()
    where = {
        "history.json": "training",
        "attention.json": "attention",
        "predictions.json": "predictions",
        "explanations.json": "explanations",
        "trend.json": "trend",
        "ablations.jsonl": "ablations",
        "provenance.json": "reproduce",
    }[name]
    text = section(write_report(run), where)
    assert "Not run." in text and name in text and MADE_BY[name] in text


def test_metrics_and_graph_alone_are_enough(run):
    for name in [*MADE_BY, "card.md"]:
        (run / name).unlink()
    out = write_report(run)
    assert page(out).text.count("Not run.") == len(MADE_BY)
    assert "licence and source of this data are not recorded" in page(out).text


def test_headlines_say_what_the_numbers_say(run):
    text = page(write_report(run)).text
    assert (
        "The model's macro-F1 .610 [.500, .700] is not measurably better than TF-IDF + linear, .580: "
        "difference .030 [−.050, .110]." in text
    )
    assert "The model's MSLE 1.213 [1.100, 1.330] is worse than ridge on TF-IDF" in text
    assert "was compared with no floor, so nothing is claimed" in text


def test_an_empty_graph_has_a_report(tmp_path):
    schema = Schema(nodes={"user": {}, "post": {}}, edges={("user", "repost", "user"): {}})
    save_graph(SocialGraph.build(schema, {}, {}, name=""), tmp_path / "graph")
    (tmp_path / "metrics.json").write_text('{"tasks": {}}', encoding="utf-8")
    text = page(write_report(tmp_path)).text
    assert "Nothing in this graph has a time." in text
    assert "there is no cascade to show" in text and "there is no ego network to show" in text
    assert "lists no task" in text


@pytest.mark.filterwarnings("error")
def test_odd_values_do_not_break_the_page(run):
    task = {"metric": "auc", "value": float("nan"), "interval": None, "floors": {"x": {"value": None}}}
    tasks = {"a$b_{洪水}": task, "empty": {}}
    (run / "metrics.json").write_text(json.dumps({"tasks": tasks, "split": {"切": "2012-10-30"}}), encoding="utf-8")
    (run / "history.json").write_text('[{"epoch": 1, "losses": {"مهمة": null}}]', encoding="utf-8")
    (run / "trend.json").write_text('{"times": [], "counts": [], "forecasts": [3, {}]}', encoding="utf-8")
    (run / "attention.json").write_text('{"layers": [{"shares": []}]}', encoding="utf-8")
    strange = [{"task": "t", "node": "x", "evidence": None, "text": "half \ud83d a pair\x00"}]
    (run / "explanations.json").write_text(json.dumps(strange), encoding="utf-8")
    text = page(write_report(run)).text
    assert "could not be computed" in text and "half \ufffd a pair\ufffd" in text


def test_a_star_cascade_is_drawn_when_reposts_name_posts(tmp_path):
    author, repost = ("user", "author", "post"), ("user", "repost", "post")
    schema = Schema(nodes={"user": {}, "post": {}}, edges={author: {}, repost: {}})
    edges = {
        author: pa.table({"src": ["ann"], "dst": ["p"], "time": [100]}),
        repost: pa.table({"src": [f"u{n}" for n in range(200)], "dst": ["p"] * 200, "time": list(range(200, 400))}),
    }
    save_graph(SocialGraph.build(schema, {}, edges, name="star"), tmp_path / "graph")
    (tmp_path / "metrics.json").write_text('{"tasks": {}}', encoding="utf-8")
    out = write_report(tmp_path)
    assert "201 members, 1 generation below" in section(out, "cascade")
    assert "Shown: the first 70 of 201." in section(out, "cascade")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("metrics.json", "{", "is not JSON"),
        ("metrics.json", "[]", "has no 'tasks'"),
        ("metrics.json", '{"tasks": {"a": 3}}', "task 'a'"),
        ("history.json", "{}", "expected a list"),
        ("explanations.json", '[{"task": "a"}]', "entry 0 has no 'node'"),
        ("ablations.jsonl", '{"case": 1, "metric": "x", "value": 1}\n{', "line 2 is not JSON"),
    ],
)
def test_a_broken_file_is_named(run, name, content, words):
    (run / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataIntegrityError, match=re.escape(words)) as caught:
        write_report(run)
    assert name in str(caught.value)


def test_a_folder_that_is_no_run_is_named(tmp_path):
    with pytest.raises(DataIntegrityError, match="no run folder at"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(DataIntegrityError, match=r"no metrics\.json"):
        write_report(tmp_path)
