"""What one task does for cascade trees, without Spark: any split of the members gives the library's own trees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.graph import SocialGraph, cascade_trees
from graphsocial.graph.exposures.adoptions import adoptions
from graphsocial.scale.spark.grown_trees import grown_trees

REPOST, FOLLOW = ("user", "repost", "post"), ("user", "follow", "user")


def members_of(view: SocialGraph, chunks: int, rng: np.random.Generator) -> pa.Table:
    """All members, told to every chunk and asked for in one, in random order."""
    found = adoptions(view, REPOST)
    is_author = np.zeros(len(found.who), dtype=bool)
    is_author[found.author_at] = True
    mine = np.where(is_author, 0, rng.integers(0, chunks, len(found.who)))
    parts = []
    for chunk in range(chunks):
        columns = {"item": found.item[found.item_of], "chunk": np.full(len(mine), chunk), "user": found.who}
        parts.append(pa.table({**columns, "time": found.time, "is_author": is_author, "asked": mine == chunk}))
    return pa.concat_tables(parts).take(pa.array(rng.permutation(chunks * len(mine))))


@pytest.mark.parametrize("chunks", [1, 4])
@pytest.mark.parametrize(
    "asked", [{}, {"parents": "first"}, {"unexposed": "root"}, {"parents": "first", "unexposed": "root"}]
)
def test_the_trees_are_those_of_the_library(world: SocialGraph, asked: dict[str, Any], chunks: int) -> None:
    view = world.as_of(60_000)
    edges = view.edges(FOLLOW)
    follows = pa.table({"user": edges.src, "source": edges.dst, "since": edges.time})
    choices = {"parents": "latest", "unexposed": "author"} | asked
    found = grown_trees(members_of(view, chunks, np.random.default_rng(3)), follows, **choices)
    expected = cascade_trees(view, REPOST, FOLLOW, **asked)

    item = {view.index_of(("post", name)): i for i, name in enumerate(expected.names)}
    which = np.array([item[i] for i in found.column("item").to_pylist()])
    place, parent, user = (found.column(name).to_numpy() for name in ("place", "parent", "user"))
    order = np.lexsort((place, which))
    assert place[order].tolist() == (np.arange(len(order)) - np.repeat(expected.offsets[:-1], expected.size)).tolist()
    ids = np.append(view.node_ids("user"), "")
    assert ids[user[order]].tolist() == expected.node.tolist()
    first = expected.offsets[:-1][which[order]]
    assert np.where(parent[order] >= 0, parent[order] + first, -1).tolist() == expected.parent.tolist()
    assert found.column("time").to_numpy()[order].tolist() == expected.time.tolist()
    # something is to be found: parents other than the author, and authors nobody recorded
    assert (expected.parent > first).any()
    assert "" in expected.node.tolist()


def test_an_earlier_second_and_an_earlier_follow_are_needed() -> None:
    """Bob (1) adopts in ann's (0) second, cy (2) follows bob only after adopting, dee (3) followed both in time."""
    members = pa.table(
        {
            "item": [5] * 5,
            "chunk": [0] * 5,
            "user": [0, 1, 2, 3, 4],
            "time": [10, 10, 20, 30, 40],
            "is_author": [True, False, False, False, False],
            "asked": [True] * 5,
        }
    )
    follows = pa.table({"user": [1, 2, 3, 3, 4, 4], "source": [0, 1, 0, 2, 9, 3], "since": [0, 20, 0, 29, 0, 40]})
    found = grown_trees(members, follows, "latest", "root").sort_by("place")
    assert found.column("parent").to_pylist() == [-1, -1, -1, 2, -1]
    assert grown_trees(members, follows, "first", "author").sort_by("place").column("parent").to_pylist() == [
        -1, 0, 0, 0, 0,
    ]  # fmt: skip


def test_no_members_and_no_follows() -> None:
    kinds = {"item": pa.int64(), "chunk": pa.int64(), "user": pa.int64(), "time": pa.int64()}
    kinds |= {"is_author": pa.bool_(), "asked": pa.bool_()}
    nobody = pa.table({name: pa.array([], kind) for name, kind in kinds.items()})
    nothing = pa.table({name: pa.array([], pa.int64()) for name in ("user", "source", "since")})
    assert grown_trees(nobody, nothing, "latest", "author").num_rows == 0
