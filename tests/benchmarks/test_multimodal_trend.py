"""The trend benchmark on tiny folders: lists, hashtags, events."""

from __future__ import annotations

import csv
import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import trend_topics
from benchmarks.corpora import weibo_hotsearch
from benchmarks.multimodal_trend import run
from benchmarks.trend_topics import online_kmeans
from graphsocial.embed import hashing_embeddings
from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.ingest import read_post_folder

DAY, HOUR = 86_400, 3_600


def folder_of(path: Path, rows) -> Path:
    path.mkdir()
    with (path / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["post", "user", "time", "text", "images", "label", "group"])
        table.writerows(
            [f"p{i}", "", time, text, "", label, group] for i, (time, text, label, group) in enumerate(rows)
        )
    return path


def lines_of(path: Path, out: Path) -> dict[tuple[str, str], dict]:
    run(read_post_folder(path), seeds=1, quick=True, out=out)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert all(line["task"] == "trend" and math.isfinite(line["value"]) for line in lines)
    return {(line["case"], line["metric"]): line for line in lines}


@pytest.mark.slow
def test_lists_with_a_planted_word_beat_every_floor(tmp_path):
    rng = np.random.default_rng(0)
    on: dict[int, set[str]] = {day: set() for day in range(60)}
    for day in range(60):
        for at in range(16):
            name = f"live show {day} {at}" if at % 3 == 0 else f"{rng.integers(10**8)} report {day}"
            on[day].add(name)
            if at % 3 == 0 and day + 2 < 60:
                on[day + 2].add(name)
    rows = []
    for day, names in on.items():
        rows += [(day * DAY, name, rank, "") for rank, name in enumerate(rng.permutation(sorted(names)), 1)]
    found = lines_of(folder_of(tmp_path / "lists", rows), tmp_path / "lists.jsonl")
    gain = found["cross_modal", "average_precision/return=2-7d/difference"]
    assert gain["value"] > 0.1 and gain["interval"][0] > 0 and gain["peer"] in ("logistic", "gradient_boosting")
    assert (
        "cross_modal",
        "auc/within=1d",
    ) not in found  # nobody is there the next day: undefined, and no NaN in a line
    assert found["tfidf", "auc/return=2-7d"]["value"] > 0.7
    for case in ("climatology", "persistence", "logistic", "gradient_boosting", "text", "cross_modal"):
        for metric in ("average_precision", "auc", "log_score", "brier", "calibration_error"):
            assert (case, f"{metric}/within=3d") in found
    assert 0 <= found["cross_modal", "interval_coverage/height=7d"]["value"] <= 1


@pytest.mark.slow
def test_hashtags_have_every_forecaster_and_horizon(tmp_path):
    rng = np.random.default_rng(0)
    rows = []
    for tag in range(25):
        for hour in range(30):
            times = (tag * 12 + hour) * HOUR + rng.integers(0, HOUR, round(25 * 0.8**hour))
            rows += [(int(time), f"so #t{tag}x", "", "") for time in times]
    found = lines_of(folder_of(tmp_path / "tags", rows), tmp_path / "tags.jsonl")
    for horizon in (1, 3, 6, 24):
        for case in ("naive", "seasonal_naive", "gradient_boosting", "pooled", "pooled/conformal"):
            for metric in ("crps", "interval_coverage", "interval_width", "interval_score"):
                assert (case, f"{metric}/ahead={horizon}h") in found
        assert ("pooled", f"crps/ahead={horizon}h/difference") in found
    assert found["pooled", "crps/ahead=3h"]["value"] < found["seasonal_naive", "crps/ahead=3h"]["value"]


@pytest.mark.slow
def test_events_are_found_by_topics(tmp_path, monkeypatch):
    monkeypatch.setattr(trend_topics, "embed_posts", lambda graph, **settings: hashing_embeddings(graph, channels=64))
    monkeypatch.setattr(trend_topics, "text_encoder", lambda folder: "")
    words = ["flood river bridge", "match goal stadium", "fire forest smoke", "vote party count", "song award stage"]
    rows = [
        (event * 3 * DAY + i * HOUR, f"{text} {text.split()[i % 3]}", "", f"event {event}")
        for event, text in enumerate(words)
        for i in range(20)
    ]
    found = lines_of(folder_of(tmp_path / "events", rows), tmp_path / "events.jsonl")
    assert found["text", "nmi/topics"]["value"] > 0.8 and found["text", "found_in_a_day/topics"]["value"] == 1
    assert 0 <= found["tfidf", "nmi/topics"]["value"] <= 1
    assert "with a picture" in (tmp_path / "events_emerging.svg").read_text()


def test_online_kmeans_does_not_look_ahead():
    texts = [f"word{i % 4} also{i % 4}" for i in range(60)]
    moment = np.arange(60) * DAY // 4
    early = moment < 8 * DAY
    past = online_kmeans([text for text, keep in zip(texts, early, strict=True) if keep], moment[early], 3)
    assert np.array_equal(online_kmeans(texts, moment, 3)[early], past)


def test_folders_without_anything_to_forecast_say_what_they_need(tmp_path):
    untimed = folder_of(tmp_path / "untimed", [("", "a #b", "", "")])
    with pytest.raises(SchemaError, match="column time"):
        run(read_post_folder(untimed), 1, True, tmp_path / "o")
    plain = folder_of(tmp_path / "plain", [(5, "no tag", "glad", ""), (9, "none", "sad", "")])
    with pytest.raises(SchemaError, match="expected daily lists"):
        run(read_post_folder(plain), 1, True, tmp_path / "o")
    short = folder_of(tmp_path / "short", [(day * DAY, f"item {day}", 1, "") for day in range(5)])
    with pytest.raises(SchemaError, match="at least 40"):
        run(read_post_folder(short), 1, True, tmp_path / "o")


def test_the_archive_of_topics_is_read_once_per_day(tmp_path):
    rows = [f"2022-09-{day:02},{at},t{at},{at or ''}" for day in (1, 2, 3) for at in range(4)]
    rows += ["2022-09-01,4,t3,1", "2022-09-05,0,late,", "broken,row"]
    with gzip.open(tmp_path / "daily_topics.csv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(["date,position,topic,band_rank", *rows]))
    read = weibo_hotsearch.read(tmp_path, "trend")
    assert len(read) == 12 and read.label.tolist()[:4] == [None, "1", "2", "1"]
    assert read.edges is not None and read.edges.dst.tolist()[:4] == ["0", "1", "2", "3"]
    assert read.notes == {
        "rows of a topic that is on the day's list already": 1,
        "topics of a last day that was not over": 1,
    }
    assert read.rejected == {"a broken row": 1}
    with gzip.open(tmp_path / "daily_topics.csv.gz", "wt", encoding="utf-8") as file:
        file.write("date,position,topic,band_rank\n")
    with pytest.raises(EventFormatError, match="no row"):
        weibo_hotsearch.read(tmp_path, "trend")
