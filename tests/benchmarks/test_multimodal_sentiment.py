"""The sentiment task on a generated folder: a planted signal is found, controls show none."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import multimodal_sentiment, multimodal_veracity, post_label_data
from benchmarks.post_label_data import labelled_posts, one_side
from graphsocial.errors import SchemaError
from graphsocial.ingest import PostFolder, read_post_folder


def generated(folder: Path, posts: int, with_images: bool = True, times: bool = False) -> PostFolder:
    """Red pictures and the word sun are glad, blue ones and rain are sad; every picture differs in one pixel."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    with (folder / "posts.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["post", "user", "time", "text", "images", "label", "group"])
        for at in range(posts):
            glad = at % 3 > 0
            says = glad if rng.random() < 0.7 else not glad
            picture = np.full((32, 32, 3), (220, 40, 40) if glad else (40, 40, 220), np.uint8)
            picture[0, 0] = (at % 256, at // 256, 0)
            Image.fromarray(picture).save(folder / f"{at}.png")
            text = f"{'sun' if says else 'rain'} {rng.choice(['here', 'there', 'again'])}"
            when = str(1_000_000 + 100 * at) if times else ""
            image = f"{at}.png" if with_images else "gone.png"
            rows.writerow([at, f"u{at % 7}", when, text, image, "glad" if glad else "sad", ""])
        rows.writerow([posts, "u", "1" if times else "", "alone", "", "rare", ""])
    return read_post_folder(folder)


def values(out: Path) -> dict[tuple[str, str], dict]:
    return {(line["case"], line["metric"]): line for line in map(json.loads, out.read_text().splitlines())}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of all folders are the same, so they are encoded once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(post_label_data, "CACHE", cache)


def test_planted_signal_of_the_picture_is_found(tmp_path: Path):
    data = generated(tmp_path / "planted", 75)
    out = tmp_path / "lines.jsonl"
    multimodal_sentiment.run(data, 1, True, out)
    found = values(out)
    cross, floor = found["cross_modal", "macro_f1"]["value"], found["tfidf", "macro_f1"]["value"]
    assert cross > 0.9 > floor
    assert found["cross_modal/permuted_image", "macro_f1"]["value"] < cross - 0.1
    assert found["cross_modal", "macro_f1/difference"]["value"] > 0.05
    assert len(found["cross_modal", "macro_f1/difference"]["interval"]) == 2
    assert found["cross_modal", "macro_f1/difference"]["protocol"] == "grouped_5_fold"
    assert found["cross_modal", "macro_f1"]["config"]["left_out"] == {
        "of label 'rare', as fewer than 2 posts have it.": 1
    }
    sizes = {found[case, "macro_f1"]["config"]["parameters"] for case in ("cross_modal", "late_fusion")}
    assert len(sizes) == 1
    assert ("cross_modal", "macro_f1/gain_over_text") in found and "f1/sad" in {metric for _, metric in found}
    lost = {share: found["cross_modal", f"macro_f1/lost_image={share}"]["value"] for share in (50, 100)}
    assert cross >= lost[50] >= lost[100] and lost[100] < cross - 0.1
    for way in ("lost", "drop"):
        assert ("cross_modal", f"macro_f1/{way}_image=50/gain_over_text") in found
        assert ("cross_modal", f"macro_f1/{way}_text=100/gain_over_image") in found
    assert (tmp_path / "lines_missing.svg").read_text().startswith("<?xml")


def test_without_pictures_and_without_labels(tmp_path: Path):
    data = generated(tmp_path / "plain", 60, with_images=False)
    multimodal_sentiment.run(data, 1, True, tmp_path / "lines.jsonl")
    assert {case for case, _ in values(tmp_path / "lines.jsonl")} == {"majority", "tfidf", "tfidf_balanced", "text"}
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "posts.csv").write_text("post,text,label\n1,a,glad\n2,b,glad\n3,c,sad\n")
    with pytest.raises(SchemaError, match="glad 2, sad 1; expected at least two labels"):
        multimodal_sentiment.run(read_post_folder(folder), 1, True, tmp_path / "none.jsonl")


def test_groups_and_equal_pictures_stay_together(tmp_path: Path):
    folder = tmp_path / "same"
    folder.mkdir()
    Image.new("RGB", (8, 8), "red").save(folder / "a.png")
    (folder / "b.png").write_bytes((folder / "a.png").read_bytes())
    rows = [
        "post,text,images,label,group",
        "1,x,a.png,s,",
        "2,x,b.png,t,g",
        "3,x,,s,g",
        "4,x,,t,",
        "5,x,,s,h",
        "6,x,,t,h",
    ]
    (folder / "posts.csv").write_text("\n".join(rows) + "\n")
    side = one_side(labelled_posts(read_post_folder(folder)))
    assert side[0] == side[1] == side[2] and side[4] == side[5]
    assert len(set(side.tolist())) == 3


def test_veracity_by_time_and_what_it_needs(tmp_path: Path):
    data = generated(tmp_path / "timed", 75, times=True)
    out = tmp_path / "lines.jsonl"
    multimodal_veracity.run(data, 1, True, out)
    found = values(out)
    assert found["cross_modal", "macro_f1"]["protocol"] == "by_time_4_origins"
    assert found["cross_modal", "macro_f1"]["value"] > 0.9
    with pytest.raises(SchemaError, match="have no time and there are 0 groups"):
        multimodal_veracity.run(generated(tmp_path / "untimed", 30), 1, True, out)
