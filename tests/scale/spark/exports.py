"""Exports with everything in them that goes wrong, and what a store holds after reading them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphsocial.store import Store
from graphsocial.store.stored_rows import NOTES

MAPPING = """
[[table]]
files = ["posts*.jsonl", "posts*.parquet"]
node = "post"
id = "post"
time = "time"
[table.columns]
text = "string"
likes = { type = "int", known_at = "unknown" }
[[table.edges]]
type = ["user", "author", "post"]
src = "user"
dst = "post"
"""


def post(number: int) -> dict[str, Any]:
    minute, second = divmod(number, 60)
    return {
        "id": f"9{number}",
        "author_id": f"1{number % 5}",
        "created_at": f"2022-03-09T10:{minute % 60:02}:{second:02}.000Z",
        "text": f"post {number} #flood é",
        "public_metrics": {"like_count": number, "retweet_count": 0, "reply_count": 0, "quote_count": 0},
        "entities": {"hashtags": [{"tag": "flood"}]},
        "edit_history_tweet_ids": [f"9{number}"],
    }


def write_exports(folder: Path) -> list[Path]:
    """Files of X: one with broken lines, one that repeats part of it, one compressed, a copy, and one of no format."""
    folder.mkdir(parents=True)
    lines = [json.dumps(post(n), ensure_ascii=False) for n in range(400)]
    lines[7] = lines[7][:50]  # cut off
    lines[20] = ""  # blank
    lines[21] = json.dumps(post(21) | {"created_at": "yesterday"})
    lines[300] = "[1, 2]"
    (folder / "a.jsonl").write_text("\ufeff" + "\n".join(lines), encoding="utf-8")  # no line end after the last
    again = [json.dumps(post(n)) for n in range(350, 450)]
    (folder / "b.jsonl").write_text("".join(f"{line}\n" for line in again), encoding="utf-8")
    more = [json.dumps(post(n)) for n in range(440, 470)] + ["{"]
    with gzip.open(folder / "c.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(more) + "\n")
    (folder / "copy.jsonl").write_bytes((folder / "b.jsonl").read_bytes())
    (folder / "notes.txt").write_text("nothing that anybody reads\n", encoding="utf-8")
    return sorted(folder.iterdir())


def write_tables(folder: Path) -> Path:
    """A folder with a mapping: a Parquet file of several row groups and a file of JSON lines, with bad rows."""
    folder.mkdir(parents=True)
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    rows = [
        {"post": f"p{n}", "user": f"u{n % 9}", "time": 1_000 + n, "text": f"text {n}", "likes": n} for n in range(300)
    ]
    rows[33]["user"] = None
    rows[150]["time"] = None
    pq.write_table(pa.Table.from_pylist(rows), folder / "posts_a.parquet", row_group_size=40)
    others = rows[280:] + [row | {"post": f"q{n}"} for n, row in enumerate(rows[:60])]
    lines = [json.dumps(row) for row in others]
    (folder / "posts_b.jsonl").write_text("\n".join([*lines, '{"post": 5, "user": "x", "time": "never"}', ""]), "utf-8")
    return folder


def content(path: Path) -> dict[str, list[str]]:
    """Every row of a store by the name under which it stands, in one order; of notes, the text."""
    store = Store.open(path)
    found: dict[str, list[str]] = {}
    for name, table in store.log.read_all(store.version).items():
        if name == "_schema":
            continue  # notes on one schema, however many
        columns = (
            ["json"] if name in NOTES else [c for c in table.column_names if table.column(c).null_count < len(table)]
        )
        rows = [{k: v for k, v in row.items() if v is not None} for row in table.select(sorted(columns)).to_pylist()]
        found[name] = sorted(json.dumps(row, sort_keys=True) for row in rows)
    return found
