from __future__ import annotations

import pytest

from graphsocial.errors import DataIntegrityError
from graphsocial.ingest import load, read_checksums, verify_checksums, write_checksums


@pytest.fixture
def corpus(write, folder):
    write("a,ann,10,1,first\nb,bob,20,2,second\n")
    (folder / "notes.md").write_text("x")
    write_checksums(folder)
    return folder


def test_an_untouched_folder_loads(corpus):
    assert load(corpus).num_nodes("post") == 2
    assert verify_checksums(corpus) == {"posts.csv", "mapping.toml", "notes.md"}


def test_what_differs_and_what_is_missing_is_listed(corpus):
    (corpus / "posts.csv").write_text((corpus / "posts.csv").read_text().replace("first", "fIrst"))
    (corpus / "notes.md").unlink()
    with pytest.raises(DataIntegrityError, match=r"missing notes\.md; differs posts\.csv"):
        load(corpus)


def test_a_table_that_nobody_vouches_for_is_not_read(corpus):
    (corpus / "posts-extra.csv").write_text("post,user,time,likes,text\n")
    with pytest.raises(DataIntegrityError, match=r"posts-extra\.csv is not listed"):
        load(corpus)


def test_an_image_that_nobody_vouches_for_is_not_read(tmp_path):
    (tmp_path / "posts.csv").write_text("post,user,time,images\np1,ann,10,cat\n")
    write_checksums(tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "cat.jpg").write_bytes(b"x")
    with pytest.raises(DataIntegrityError, match=r"images/cat\.jpg is not listed"):
        load(tmp_path)


def test_the_task_file_is_free_to_edit(corpus):
    (corpus / "tasks.toml").write_text("")
    write_checksums(corpus)
    (corpus / "tasks.toml").write_text("# edited")
    load(corpus)


@pytest.mark.parametrize("line", ["nonsense", "ab  posts.csv", f"{'0' * 64}  ../posts.csv", f"{'0' * 64}  /etc/hosts"])
def test_a_broken_list_is_named(corpus, line):
    (corpus / "SHA256SUMS").write_text(line + "\n")
    with pytest.raises(DataIntegrityError, match="SHA256SUMS line 1"):
        read_checksums(corpus)
