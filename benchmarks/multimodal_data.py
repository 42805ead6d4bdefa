"""Corpora of other layouts, and folders of posts, as folders of posts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from graphsocial.ingest import PostFolder, read_post_folder

READERS = {
    "mvsa_single": "mvsa_single",
    "mediaeval": "mediaeval_posts",
    "mediaeval_dev": "mediaeval_posts",
    "ced_weibo": "ced_weibo_posts",
    "timme_purep": "timme_purep",
    "weibo_hotsearch": "weibo_hotsearch",
    "snap_small": "bitcoin_otc",
    "bitcoin_otc": "bitcoin_otc",
}
"""By name of the folder, the module of `benchmarks.corpora` whose `read` turns it into a folder of posts."""


def read_multimodal(folder: Path, task: str) -> PostFolder:
    """The folder's posts and relations.

    A folder with `posts.csv` of the documented columns is read as it is, also under the name of a known corpus.

    Args:
        folder: The folder.
        task: What is asked, as some corpora have several labels.

    Raises:
        SchemaError: It is no folder of posts.
    """
    name = folder.resolve().name
    if name in READERS and not _is_post_folder(folder):
        read: PostFolder = import_module(f"benchmarks.corpora.{READERS[name]}").read(folder, task)
        return read
    return read_post_folder(folder)


def _is_post_folder(folder: Path) -> bool:
    """Whether the first column of its table of posts is the documented one."""
    table = folder / "posts.csv"
    if not table.is_file():
        return False
    with table.open(encoding="utf-8-sig", errors="replace") as lines:
        header = lines.readline().strip().split(",")
    return "post" in header and "label" in header
