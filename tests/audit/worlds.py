"""Cascades with known leaks, small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from graphsocial.graph import CascadeSet
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.split import NextUserSplit, next_user_split

Cascade = list[tuple[str, int]]


def clean() -> dict[str, Cascade]:
    """Ten cascades of three of eleven users each, one after the other: no two share more than one user."""
    found = {}
    for k in range(10):
        users = [f"u{(3 * k + step) % 11}" for step in (0, 1, 5)]
        found[f"c{k}"] = [(user, 100 * k + j) for j, user in enumerate(users)]
    return found


def planted() -> dict[str, Cascade]:
    """The clean world with two events of c0 after the first test start (900), and c9 a copy of c1's users."""
    world = clean()
    world["c0"] += [("u6", 900), ("u7", 950)]
    world["c9"] = [(user, 900 + j) for j, (user, _) in enumerate(world["c1"])]
    return world


def cascade_set(world: dict[str, Cascade]) -> CascadeSet:
    node = np.array([user for cascade in world.values() for user, _ in cascade], dtype=object)
    time = np.array([t for cascade in world.values() for _, t in cascade])
    offsets = np.cumsum([0, *map(len, world.values())])
    names = np.array(list(world), dtype=object)
    return CascadeSet(node, np.full(len(node), -1), time, offsets, names, np.zeros(len(names), bool))


def split_of(world: dict[str, Cascade], protocol: str) -> NextUserSplit:
    return next_user_split(CascadeTable.of(cascade_set(world)), protocol)


def write_folder(folder: Path, world: dict[str, Cascade], edges: str = "", texts: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["\t".join([name, "none", " ".join(f"{u}:{t}" for u, t in events)]) for name, events in world.items()]
    (folder / "cascades.tsv").write_text("cascade\tsplit\tevents\n" + "\n".join(rows) + "\n", encoding="utf-8")
    if edges:
        (folder / "edges.tsv").write_text(edges, encoding="utf-8")
    if texts:
        (folder / "texts.tsv").write_text(texts, encoding="utf-8")
    return folder
