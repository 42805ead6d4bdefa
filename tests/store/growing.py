"""A writer that appends batch after batch and says which are acknowledged, to be killed by tests."""

from __future__ import annotations

import sys
from pathlib import Path

from graphsocial.schema import MEASURED, Column, EdgeType, Schema
from graphsocial.store import EdgeRow, Event, EventBatch, Measurement, NodeRow, Store

AUTHOR: EdgeType = ("user", "author", "post")
SCHEMA = Schema(
    {"user": {"followers": Column("int", MEASURED)}, "post": {"text": Column("string")}},
    {AUTHOR: {}},
)
POSTS = 20
"""Posts of a batch; each gives a row, an edge and a measurement."""


def events_of(batch: int, posts: int = POSTS) -> list[Event]:
    events: list[Event] = []
    for number in range(posts):
        time, post = batch * posts + number, f"p{batch}_{number}"
        events.append(NodeRow("post", post, time, {"text": f"text {time}"}))
        events.append(EdgeRow(AUTHOR, f"u{time % 7}", post, time, {}))
        events.append(Measurement("user", f"u{time % 7}", time, {"followers": time}))
    return events


def main(folder: Path, first: int, batches: int) -> None:
    store = Store.create(folder)
    for batch in range(first, first + batches):
        store.append(EventBatch.of_events(SCHEMA, events_of(batch)))
        sys.stdout.write(f"{batch}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
