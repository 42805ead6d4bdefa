"""Veracity on generated folders: events left out, cascades of the first hours, what held-out events are trusted to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import multimodal_veracity, post_label_data
from benchmarks.multimodal_veracity import thinned, units
from benchmarks.post_label_data import labelled_posts
from benchmarks.post_label_lines import FoldScores
from graphsocial.errors import SchemaError
from graphsocial.ingest import read_post_folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(post_label_data, "CACHE", tmp_path / "cache")


def run(folder: Path) -> dict[tuple[str, str], dict]:
    out = folder / "out.jsonl"
    multimodal_veracity.run(read_post_folder(folder), 1, True, out)
    return {(line["case"], line["metric"]): line for line in map(json.loads, out.read_text().splitlines())}


def test_events_are_left_out_and_words_that_hold_in_all_are_trusted(tmp_path: Path):
    rows = ["post,text,label,group"]
    for at in range(120):
        event, fake = at % 4, at % 3 > 0
        says = "shocking leak" if fake else "officials confirm"
        rows.append(f"{at},{says} place{event} {at % 7},{'fake' if fake else 'real'},e{event}")
    (tmp_path / "posts.csv").write_text("\n".join(rows) + "\n")
    found = run(tmp_path)
    assert found["tfidf", "macro_f1"]["protocol"] == "leave_groups_out"
    assert found["trusted_evidence", "macro_f1"]["value"] == 1.0
    assert sum(found["trusted_evidence", "macro_f1"]["config"]["chosen"].values()) == 2  # quick: two events
    assert found["text", "group_accuracy"]["value"] == found["text", "accuracy"]["value"]  # events of one size
    assert len(found["text", "group_accuracy"]["config"]["by_group"]) == 2
    assert found["majority", "group_accuracy/difference"]["interval"][1] < 0
    assert found["majority", "worst_group_accuracy"]["value"] < 1


def test_the_first_hours_of_cascades_tell_and_what_comes_later_does_not(tmp_path: Path):
    posts, edges = ["post,user,time,text,label"], ["src,dst,relation,time"]
    for at in range(160):
        start, fake = 1_000_000 + 100_000 * at, at % 2
        posts.append(f"p{at},a,{start},same words,{'fake' if fake else 'real'}")
        for nth in range(12):  # all are shared as often, true ones only after the window
            edges.append(f"u{nth},p{at},repost,{start + 60 + nth + (0 if fake else 30_000)}")
    (tmp_path / "posts.csv").write_text("\n".join(posts) + "\n")
    (tmp_path / "edges.csv").write_text("\n".join(edges) + "\n")
    found = run(tmp_path)
    assert found["cascade_boosted", "macro_f1"]["protocol"] == "by_time_4_origins"
    assert found["cascade_boosted", "macro_f1"]["value"] == 1.0 and found["cascade", "macro_f1"]["value"] == 1.0
    assert found["tfidf", "macro_f1"]["value"] < 0.6
    assert found["cross_modal", "macro_f1/difference"]["config"]["best_floor"] == "cascade_boosted"


def test_a_picture_or_an_event_without_pictures_is_one_unit(tmp_path: Path):
    rows = ["post,text,label,group", *(f"{at},x,{'ab'[at % 2]},{'e' if at < 30 else ''}" for at in range(40))]
    (tmp_path / "posts.csv").write_text("\n".join(rows) + "\n")
    unit = units(labelled_posts(read_post_folder(tmp_path)))
    assert len(set(unit)) == 1 + 10
    thin = thinned(np.arange(40), unit, 2, 0)
    assert (thin < 30).sum() == 2 and (thin >= 30).sum() == 10 and (np.diff(thin) > 0).all()


def test_accuracy_by_group():
    scores = FoldScores(np.array([0, 1, 1]), ("a", "b"), np.arange(3), np.array(["x", "y", "y"], object))
    scores.add("case", 0, 0, np.array([0, 1, 2]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]))
    assert scores.by_group("case") == {"x": 1.0, "y": 0.5}
    with pytest.raises(SchemaError, match="no groups"):
        FoldScores(np.zeros(1, int), ("a",), np.zeros(1)).by_group("case")
