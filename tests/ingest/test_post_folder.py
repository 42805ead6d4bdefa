"""Folders of labelled posts: what is read, what is counted, what is refused."""

import gzip
from pathlib import Path

import pytest
from PIL import Image

from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.ingest import post_folder, read_post_folder
from graphsocial.schema import UNKNOWN_TIME

POSTS = """post,user,time,text,images,label,group
1,ann,2020-01-01T00:00Z,"hello, you",a.png b.png,glad,g
2,bob,5,,,sad,
3,,,x,"two words.png",,
"""


def written(folder: Path, posts: str | None = POSTS, edges: str | None = None) -> Path:
    if posts is not None:
        (folder / "posts.csv").write_text(posts)
    if edges is not None:
        (folder / "edges.csv").write_text(edges)
    for name in ("a.png", "b.png", "two words.png"):
        Image.new("RGB", (2, 2)).save(folder / name)
    return folder


def test_every_column_is_read(tmp_path):
    read = read_post_folder(written(tmp_path, edges="src,dst,relation,time\nann,1,repost,7\nbob,1,,\n"))
    assert read.post.tolist() == ["1", "2", "3"]
    assert read.user.tolist() == ["ann", "bob", ""]
    assert read.time.tolist() == [1577836800, 5, UNKNOWN_TIME]
    assert read.text.tolist() == ["hello, you", "", "x"]
    assert [[file.name for file in files] for files in read.images] == [["a.png", "b.png"], [], ["two words.png"]]
    assert read.label.tolist() == ["glad", "sad", None]
    assert read.group.tolist() == ["g", None, None]
    assert read.edges.relation.tolist() == ["repost", "edge"]
    assert read.edges.time.tolist() == [7, UNKNOWN_TIME]
    assert read.rejected == {} and read.notes == {}
    assert "3 posts" in repr(read) and "glad 1, sad 1" in repr(read)


@pytest.mark.parametrize("separator", [";", "|", " ", " ; "])
def test_pictures_are_separated_in_several_ways(tmp_path, separator):
    read = read_post_folder(written(tmp_path, f"post,images\n1,a.png{separator}b.png\n"))
    assert [file.name for file in read.images[0]] == ["a.png", "b.png"]


def test_what_cannot_be_read_costs_itself_and_is_counted(tmp_path):
    posts = "post,time,images,mood\n1,5,gone.png,x\n1,6,,x\n,7,,x\n2,never,,x\n3,8,../secret.png,x\n4,9\n5,9,,x\n"
    (tmp_path.parent / "secret.png").write_bytes(b"")
    read = read_post_folder(written(tmp_path, posts))
    assert read.post.tolist() == ["1", "3", "5"]
    assert read.images == ((), (), ())
    assert read.rejected == {
        "a post id that was there before": 1,
        "no post id": 1,
        "a time that cannot be read": 1,
        "a picture path that leads out": 1,
        "a broken row": 1,
    }
    assert read.notes == {"pictures that are not there": 1, "columns of posts.csv that are not read": 1}
    assert {(reject.line, reject.field) for reject in read.rejects} >= {(3, "post"), (5, "time"), (6, "images")}


def test_an_edge_of_one_end_is_counted(tmp_path):
    read = read_post_folder(written(tmp_path, None, "src,dst\na,b\na,\n,b\n"))
    assert len(read) == 0 and len(read.edges) == 1
    assert read.rejected == {"an edge of one end": 2}


def test_gzipped_tables_read_the_same(tmp_path):
    plain, packed = written(_made(tmp_path / "plain")), written(_made(tmp_path / "packed"), None)
    (packed / "posts.csv.gz").write_bytes(gzip.compress(POSTS.encode()))
    assert read_post_folder(plain).text.tolist() == read_post_folder(packed).text.tolist()


def test_the_hash_changes_with_a_picture(tmp_path):
    folder = written(tmp_path)
    before = read_post_folder(folder).sha256
    assert read_post_folder(folder).sha256 == before
    Image.new("RGB", (3, 3)).save(folder / "a.png")
    assert read_post_folder(folder).sha256 != before


def test_a_folder_without_tables_says_what_it_holds(tmp_path):
    with pytest.raises(SchemaError, match="is no folder"):
        read_post_folder(tmp_path / "gone")
    (tmp_path / "post.csv").write_text("post\n1\n")
    with pytest.raises(SchemaError, match=r"no posts\.csv.*Did you mean 'post\.csv'"):
        read_post_folder(tmp_path)


def test_a_table_without_ids_or_rows_is_refused(tmp_path):
    with pytest.raises(SchemaError, match="no column 'post'"):
        read_post_folder(written(tmp_path, "posts,text\n1,x\n"))
    with pytest.raises(EventFormatError, match="no post and no edge"):
        read_post_folder(written(tmp_path, "post,text\n"))
    with pytest.raises(EventFormatError):
        read_post_folder(written(tmp_path, ""))


def test_rows_of_another_format_make_the_same_folder():
    folder = post_folder("x", [("1", "", UNKNOWN_TIME, "", (), None, None)])
    assert len(folder) == 1 and folder.label.tolist() == [None]
    assert len(post_folder("none", [])) == 0


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
