"""Readers of corpora, on folders of their layout with a few rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.ced_weibo import CHINA
from benchmarks.corpora import ced_weibo_posts, mediaeval_posts, mvsa_single
from graphsocial.errors import DataIntegrityError

DAY = 86400


def zipped(path: Path, text: str) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def weibo(tmp_path: Path) -> Path:
    folder = tmp_path / "ced_weibo"
    folder.mkdir()
    zipped(
        folder / "cascades.csv.gz", f"cascade,author,time,label,text\n7,3,{CHINA + 1000},rumor,真的\n8,4,{CHINA},,\n"
    )
    events = ["cascade,node,user,parent_node,dt_seconds,text_len", "7,2,5,-1,10,2", "7,1,6,2,20,0", f"7,0,5,1,{DAY},3"]
    zipped(folder / "events.csv.gz", "\n".join([*events, "7,3,9,-1,-5,0", "8,0,,-1,1,0"]) + "\n")
    zipped(folder / "event_texts_first40.csv.gz", "cascade,node,text\n7,2,假的\n")
    return folder


def test_reposts_have_their_time_and_what_is_left_out_is_counted(weibo: Path):
    data = ced_weibo_posts.read(weibo, "recommendation")
    assert data.edges is not None
    got = list(zip(data.edges.src, data.edges.dst, data.edges.relation, data.edges.time, strict=True))
    assert got == [("u5", "7", "repost", 1010), ("u6", "7", "repost", 1020), ("u5", "7", "repost", 1000 + DAY)]
    assert data.post.tolist() == ["7", "8"] and data.user.tolist() == ["u3", "u4"]
    assert data.time.tolist() == [1000, 0] and data.label.tolist() == ["rumor", None]
    assert data.rejected == {"an event without a user": 1, "an event that precedes its root": 1}


def test_veracity_reads_answers_of_the_first_day_alone(weibo: Path):
    data = ced_weibo_posts.read(weibo, "veracity")
    assert data.edges is not None
    assert data.post.tolist() == ["7", "8", "7.1", "7.2"] and data.text[2] == "假的"
    answers = data.edges.relation == "reply"
    assert data.edges.src[answers].tolist() == ["7.1", "7.2"]
    assert data.edges.dst[answers].tolist() == ["7", "7.1"]
    assert int((~answers).sum()) == 2


def test_a_later_event_changes_no_name(weibo: Path):
    before = ced_weibo_posts.read(weibo, "veracity")
    with gzip.open(weibo / "events.csv.gz", "at") as file:
        file.write("7,9,11,-1,500,0\n")
    after = ced_weibo_posts.read(weibo, "veracity")
    assert after.post.tolist()[: len(before)] == before.post.tolist()


def test_missing_file(weibo: Path):
    (weibo / "events.csv.gz").unlink()
    with pytest.raises(DataIntegrityError, match=r"lacks events\.csv\.gz"):
        ced_weibo_posts.read(weibo, "recommendation")


def test_mvsa_groups_equal_pictures(tmp_path: Path):
    (tmp_path / "images").mkdir()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "images" / "1.jpg")
    (tmp_path / "posts.csv").write_text(
        "id,split,sentiment,hashtags,text\n1,train,positive,,a\n2,train,,,b\n3,t,neutral,,c\n"
    )
    (tmp_path / "duplicate_image_groups.json").write_text(json.dumps([[1, 3]]))
    data = mvsa_single.read(tmp_path, "sentiment")
    assert data.label.tolist() == ["positive", None, "neutral"]
    assert data.group[0] == data.group[2] != data.group[1] and data.group[1] is None
    assert [len(files) for files in data.images] == [1, 0, 0] and data.notes == {"pictures that are not there": 2}


def test_mediaeval_groups_events(tmp_path: Path):
    header = "post,user,time,split,veracity,event,images,text\n"
    zipped(
        tmp_path / "posts.csv.gz",
        header + "1,5,1351198834,dev,real,sandy,img1 img2,hi\n2,6,1351198900,dev,fake,eclipse,,\n",
    )
    zipped(tmp_path / "user_edges.csv.gz", "src,dst,type,time,post\n5,6,reply,1351198834,1\n")
    data = mediaeval_posts.read(tmp_path, "veracity")
    assert data.group.tolist() == ["sandy", "eclipse"] and data.label.tolist() == ["real", "fake"]
    assert data.edges is not None and data.edges.src.tolist() == ["u5"] and data.edges.relation.tolist() == ["reply"]
    assert data.notes == {"pictures that are not there": 2}
