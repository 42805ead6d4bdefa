"""From a store to a file of another tool, into a new store and back: the same graph, but for what the export said."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsocial as gs
from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.ingest import ingest_exports
from graphsocial.ingest.formats.cascade_events import AUTHOR, CASCADE_SCHEMA, REPOST
from graphsocial.schema import MEASURED, Column, EdgeType, Schema
from graphsocial.store import About, EdgeRow, Event, EventBatch, Measurement, NodeRow, Store
from graphsocial.store.export import ExportReport, export_graph
from graphsocial.store.export.export_graph import FORMATS
from tests.store.export.graphs import said

FOLLOW: EdgeType = ("user", "follow", "user")
TAG: EdgeType = ("post", "tag", "hashtag")
CRAWL, SEEN = 60, 75

SCHEMA = Schema(
    nodes={
        "user": {"name": Column("string", MEASURED), "followers": Column("int", MEASURED), "bot": Column("bool")},
        "post": {"text": Column(), "mood": Column("float"), "sightings": Column("int", SEEN)},
        "hashtag": {},
    },
    edges={AUTHOR: {}, REPOST: {"event": Column(), "weight": Column("float", SEEN)}, FOLLOW: {}, TAG: {}},
    crawled_at={FOLLOW: CRAWL},
)
ABOUT = About(SCHEMA, ("the crawl missed private accounts",))

BEFORE: list[Event] = [
    NodeRow("user", "ann", 3, {"bot": False}),
    NodeRow("user", "bob:2", 4, {"bot": True}),
    NodeRow("post", "p1", 12, {"text": "rain <&> \x0b_x0041_", "mood": 0.1, "sightings": 7}, 10),
    NodeRow("post", "p2", None, {"text": "", "mood": float("-inf")}),
    Measurement("user", "ann", 5, {"name": "Ann", "followers": 2**62}),
    Measurement("user", "ann", 30, {"name": None, "followers": 3}),
    Measurement("user", "cy", None, {"name": "Çy", "followers": None}),
    EdgeRow(AUTHOR, "ann", "p1", 10, {}),
    EdgeRow(TAG, "p1", "flood", 10, {}),
    EdgeRow(TAG, "p2", "calm", None, {}),
    EdgeRow(REPOST, "bob:2", "p1", 20, {"event": "r1", "weight": 0.5}),
    EdgeRow(REPOST, "bob:2", "p1", 21, {"event": "r2", "weight": None}),
    EdgeRow(REPOST, "ann", "p1", 22, {"event": None, "weight": None}),
    EdgeRow(REPOST, "dee dee", "p2", 25, {"event": "", "weight": -0.0}),
    EdgeRow(FOLLOW, "bob:2", "ann", None, {}),
    EdgeRow(FOLLOW, "cy", "cy", 15, {}),
]
"""What is known before 80."""

LATER: list[Event] = [
    NodeRow("post", "p9", 90, {"text": "unheard", "mood": 0.987654321, "sightings": 987654321}),
    NodeRow("user", "zoe", 95, {"bot": True}),
    Measurement("user", "ann", 91, {"name": "Renamed", "followers": 123456789}),
    EdgeRow(AUTHOR, "zed", "p9", 90, {}),
    EdgeRow(TAG, "p1", "unseen", 93, {}),
    EdgeRow(REPOST, "zoe", "p1", 92, {"event": "r987654", "weight": 0.123456789}),
    EdgeRow(FOLLOW, "zoe", "ann", 94, {}),
]
UNHEARD = ("unheard", "98765", "zoe", "Renamed", "123456789", "zed", "unseen", "p9")
"""What only later events say."""


def stored(folder: Path, events: list[Event], schema: Schema = SCHEMA, about: About = ABOUT) -> SocialGraph:
    """The graph of a new store with some events."""
    store = Store.create(folder, name="town")
    store.append(EventBatch.of_events(schema, events), about=about)
    return settled(store)


def ingested(file: Path, folder: Path) -> SocialGraph:
    """The graph of a new store that read a file; nothing of it may be left out."""
    store = Store.create(folder, name="town")
    report = ingest_exports([file], store)
    assert report.rejected == 0 and not report.files[0].skipped, report
    return settled(store)


def settled(store: Store) -> SocialGraph:
    """The graph of a store that writes nothing in the background any more, so that its folder may be removed."""
    graph = store.graph()
    store.wait()
    return graph


def exported(graph: SocialGraph, folder: Path, format: str) -> ExportReport:
    relation = REPOST if format in ("cascades_tsv", "tgb") else None
    return export_graph(graph, folder / f"out.{format}", format, relation=relation)  # type: ignore[arg-type]


def joined(graph: SocialGraph, edge_type: EdgeType) -> list[tuple[str, str, int]]:
    """Ends and times of edges."""
    edges = graph.edges(edge_type)
    ends = graph.node_ids(edge_type[0])[edges.src], graph.node_ids(edge_type[2])[edges.dst]
    return sorted(zip(*ends, edges.time.tolist(), strict=True))


def all_measured(graph: SocialGraph) -> dict[str, list[Any]]:
    found = {}
    for node_type in graph.node_types:
        for column in graph.schema.measured_columns(node_type):
            seen = graph.measurements(node_type, column)
            ids = graph.node_ids(node_type)[seen.node]
            found[f"{node_type}.{column}"] = list(zip(ids, seen.time.tolist(), seen.values.to_pylist(), strict=True))
    return found


def check_again(again: SocialGraph, graph: SocialGraph, lost: tuple[str, ...]) -> None:
    """Everything but what was lost, and where a view began and ended, is there again."""
    assert said(again) == said(graph)
    assert again.schema.to_json() == graph.schema.to_json()
    assert again.stated_assumptions == graph.stated_assumptions
    if not any("earlier measurements" in sentence for sentence in lost):
        assert all_measured(again) == all_measured(graph)


@pytest.mark.parametrize("format", ["gexf", "graphml"])
def test_a_graph_file_gives_the_graph_again(format: str, tmp_path: Path) -> None:
    graph = stored(tmp_path / "a", BEFORE + LATER)
    report = exported(graph, tmp_path, format)
    assert [sentence.split(":")[0] for sentence in report.lost] == [
        "1 earlier measurements of user.name",
        "2 earlier measurements of user.followers",
        "characters in 1 values that XML forbids",
    ]
    assert report.written == {
        "user": 6, "post": 3, "hashtag": 3, AUTHOR: 2, REPOST: 5, FOLLOW: 3, TAG: 3
    }  # fmt: skip
    again = ingested(report.path, tmp_path / "b")
    check_again(again, graph, report.lost)
    assert again.name == graph.name
    twice = exported(again, tmp_path, f"{format}")
    assert twice.lost == report.lost[2:], "what was lost once is not lost again"


def test_a_folder_of_parquet_opens_as_the_graph_that_it_was(tmp_path: Path) -> None:
    graph = stored(tmp_path / "a", BEFORE + LATER)
    report = exported(graph, tmp_path, "parquet")
    assert report.lost == ()
    again = gs.open(report.path)
    check_again(again, graph, ())
    assert again.name == graph.name


def test_cascade_lines_give_authors_and_reposts_again(tmp_path: Path) -> None:
    graph = stored(tmp_path / "a", BEFORE + LATER)
    report = exported(graph, tmp_path, "cascades_tsv")
    assert set(report.lost) == {
        "2 edges that pass on oneself or for a second time: a cascade holds the first one of each",
        "1 events of users whose id has a blank",
        "1 events of authors nobody recorded",
        "1 cascades without an event that can be written",
        "columns user.name, user.followers, user.bot, post.text, post.mood, post.sightings: the format has none for "
        "nodes",
        "columns event, weight of (user, repost, post): lines have none",
        "2 user nodes that no line names",
        "1 post nodes that no line names",
        "3 hashtag nodes that no line names",
        "3 edges (user, follow, user): the format holds one relation",
        "3 edges (post, tag, hashtag): the format holds one relation",
    }
    again = ingested(report.path, tmp_path / "b")
    assert joined(again, AUTHOR) == joined(graph, AUTHOR) == [("ann", "p1", 10), ("zed", "p9", 90)]
    assert joined(again, REPOST) == [("bob:2", "p1", 20), ("zoe", "p1", 92)]
    assert again.node_ids("post").tolist() == ["p1", "p9"] and again.known_at("post").tolist() == [10, 90]
    assert {t: again.num_nodes(t) for t in ("user", "post")} == {t: report.written[t] for t in ("user", "post")}


# ---- views


def texts(path: Path) -> str:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return "".join(str(pq.read_table(f).to_pylist()) if f.suffix == ".parquet" else f.read_text("utf-8") for f in files)


@pytest.mark.parametrize("format", FORMATS)
def test_a_view_exports_nothing_that_came_later(format: str, tmp_path: Path) -> None:
    """Neither in words, nor by any byte that is another one than without the later events."""
    graph = stored(tmp_path / "a", BEFORE + LATER)
    report = exported(graph.as_of(80), tmp_path, format)
    assert any("the view ends at" in sentence for sentence in report.lost)
    written = texts(report.path)
    assert [word for word in UNHEARD if word in written] == []
    (tmp_path / "without").mkdir()
    without = exported(stored(tmp_path / "c", BEFORE).as_of(80), tmp_path / "without", format)
    assert texts(without.path) == written
    assert without.written == report.written


@pytest.mark.parametrize("format", ["gexf", "graphml", "parquet"])
def test_a_view_comes_back_as_a_graph_of_what_it_knew(format: str, tmp_path: Path) -> None:
    for end in (0, 11, 12, 31, 60, 61, 76, 92):
        folder = tmp_path / f"{end}"
        view = stored(folder / "a", BEFORE + LATER).as_of(end)
        report = exported(view, folder, format)
        again = gs.open(report.path) if format == "parquet" else ingested(report.path, folder / "b")
        assert said(again) == said(view)
        times = [again.edges(e).time for e in again.edge_types] + [again.known_at(t) for t in again.node_types]
        assert all(time < end or time == NEVER for column in times for time in column.tolist())


# ---- any events

_IDS = st.sampled_from(["a", "b", "c:d", "é", "_x0041_", "x\x02", "1"])
_TIME = st.integers(0, 90)
_MAYBE_TIME = st.one_of(st.none(), _TIME)
_WORDS = st.one_of(st.none(), st.sampled_from(["", " ", "\r\n\t", "<&>\"']]>", "_x005F_x0001_", "NA", "\ufffe", "é"]))
_NUMBER = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
_FLOAT = st.one_of(st.none(), st.floats(allow_nan=False))
_BOOL = st.sampled_from([None, True, False])

EVENTS = st.lists(
    st.one_of(
        st.builds(NodeRow, st.just("user"), _IDS, _MAYBE_TIME, st.fixed_dictionaries({"bot": _BOOL}), _MAYBE_TIME),
        st.builds(
            NodeRow,
            st.just("post"),
            _IDS,
            _MAYBE_TIME,
            st.fixed_dictionaries({"text": _WORDS, "mood": _FLOAT, "sightings": _NUMBER}),
            _MAYBE_TIME,
        ),
        st.builds(
            Measurement,
            st.just("user"),
            _IDS,
            _MAYBE_TIME,
            st.fixed_dictionaries({"name": _WORDS, "followers": _NUMBER}),
        ),
        st.builds(EdgeRow, st.just(AUTHOR), _IDS, _IDS, _TIME, st.just({})),
        st.builds(EdgeRow, st.just(TAG), _IDS, _IDS, _MAYBE_TIME, st.just({})),
        st.builds(EdgeRow, st.just(FOLLOW), _IDS, _IDS, _MAYBE_TIME, st.just({})),
        st.builds(
            EdgeRow,
            st.just(REPOST),
            _IDS,
            _IDS,
            _TIME,
            st.fixed_dictionaries({"event": _WORDS, "weight": _FLOAT}),
        ),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("format", ["gexf", "graphml", "parquet"])
@settings(max_examples=15, deadline=None)
@given(events=EVENTS)
def test_any_store_comes_back(format: str, events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        graph = stored(folder / "a", events)
        report = exported(graph, folder, format)
        again = gs.open(report.path) if format == "parquet" else ingested(report.path, folder / "b")
        check_again(again, graph, report.lost)


_POSTS = st.sampled_from(["p", "q"])
_CASCADES = st.lists(
    st.one_of(
        st.builds(EdgeRow, st.just(AUTHOR), _IDS, _POSTS, _TIME, st.just({})),
        st.builds(EdgeRow, st.just(REPOST), _IDS, _POSTS, _TIME, st.just({"parent": None})),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(events=_CASCADES)
def test_cascades_of_which_nothing_was_lost_come_back(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        graph = stored(folder / "a", events, CASCADE_SCHEMA, About(CASCADE_SCHEMA))
        report = exported(graph, folder, "cascades_tsv")
        if report.lost or not any(report.written.values()):
            return
        again = ingested(report.path, folder / "b")
        assert joined(again, AUTHOR) == joined(graph, AUTHOR)
        assert joined(again, REPOST) == joined(graph, REPOST)
