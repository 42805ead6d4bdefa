"""Small worlds for the learned ranking: cascades from lists of users, and patterns that the counting rule misses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphsocial.learn.cascade_table import CascadeTable


def table_of(rows: Sequence[Sequence[int]], users: int, step: int = 100) -> CascadeTable:
    """Cascades that start `step` seconds apart, one user a second."""
    sizes = [len(row) for row in rows]
    return CascadeTable(
        user=np.concatenate([np.asarray(row) for row in rows]).astype(np.int64),
        time=np.concatenate([step * i + np.arange(size) for i, size in enumerate(sizes)]).astype(np.int64),
        offsets=np.cumsum([0, *sizes]),
        users=np.array([f"u{i:03}" for i in range(users)], dtype=object),
        names=np.array([f"c{i}" for i in range(len(rows))], dtype=object),
    )


def answered_back(rng: np.random.Generator, cascades: int = 240, users: int = 60, later: int = 60) -> CascadeTable:
    """Pairs (x, y), each answered `later` cascades on by (y, x), which the counting rule has then only seen as x, y."""
    rows: list[list[int]] = []
    for i in range(cascades):
        x, y = rng.choice(users, 2, replace=False).tolist()
        rows.append(rows[i - later][::-1] if i >= later and i % 4 else [x, y])
    return table_of(rows, users)


def circles(rng: np.random.Generator, size: int = 14, count: int = 4) -> CascadeTable:
    """Every pair of a circle meets once, in any order: who comes next has never met whom came first."""
    rows = [(c * size + i, c * size + j) for c in range(count) for i in range(size) for j in range(i)]
    return table_of([rng.permutation(rows[i]).tolist() for i in rng.permutation(len(rows))], size * count)


def by_topic(rng: np.random.Generator, cascades: int = 240) -> tuple[CascadeTable, np.ndarray]:
    """Five topics of six users each; anybody of ten others starts, the topic's content decides who answers."""
    topic = rng.integers(0, 5, cascades)
    rows = [[30 + int(rng.integers(10)), *(t * 6 + rng.choice(6, 1, replace=False)).tolist()] for t in topic]
    return table_of(rows, 40), np.eye(5)[topic] + rng.normal(0, 0.1, (cascades, 5))


def without_events(table: CascadeTable, gone: np.ndarray) -> CascadeTable:
    """The table with events cut out; users keep their codes, cascades their numbers."""
    size = np.bincount(table.cascade[~gone], minlength=len(table))
    return CascadeTable(
        table.user[~gone], table.time[~gone], np.concatenate([[0], np.cumsum(size)]), table.users, table.names
    )


def with_rare_users(rng: np.random.Generator, table: CascadeTable, rare: int = 60) -> CascadeTable:
    """A fifth of the events by many more users, most of them never seen before and hence level with each other."""
    known = len(table.users)
    user = np.where(rng.random(len(table.user)) < 0.2, known + rng.integers(0, rare, len(table.user)), table.user)
    return CascadeTable(
        user,
        table.time,
        table.offsets,
        np.array([f"u{i:03}" for i in range(known + rare)], dtype=object),
        table.names,
    )
