"""Small worlds of cascades, as lists of members in the order they are listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphsocial.graph import CascadeSet
from graphsocial.learn.activation.cascade_record import CascadeRecord

DAY = 86_400
Listed = Mapping[str, Sequence[tuple[str, int]]]

THREE: Listed = {
    "p": [("ann", 0), ("bob", DAY), ("cy", DAY), ("dee", 3 * DAY)],
    "q": [("bob", 4 * DAY), ("ann", 5 * DAY)],
    "r": [("cy", 6 * DAY), ("bob", 7 * DAY), ("eve", 8 * DAY)],
}


def cascade_set(listed: Listed) -> CascadeSet:
    members = [member for cascade in listed.values() for member in cascade]
    sizes = [len(cascade) for cascade in listed.values()]
    return CascadeSet(
        np.array([user for user, _ in members], dtype=object),
        np.full(len(members), -1),
        np.array([when for _, when in members], dtype=np.int64),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        list(listed),
        np.zeros(len(listed), dtype=bool),
    )


def record_of(listed: Listed, others: Mapping[object, int] | None = None) -> CascadeRecord:
    return CascadeRecord.of(cascade_set(listed), others)


def random_world(seed: int, users: int = 9, cascades: int = 12, longest: int = 8, times: int = 60) -> Listed:
    """Few moments, hence many ties; members out of order, some of them twice; cascades out of order."""
    rng = np.random.default_rng(seed)
    world = {}
    for c in rng.permutation(cascades):
        start, size = int(rng.integers(times)), int(rng.integers(1, longest + 1))
        world[f"post {c}"] = [(f"u{rng.integers(users)}", start + int(rng.integers(12))) for _ in range(size)]
    return world


def first_events(listed: Listed) -> dict[str, list[tuple[str, int]]]:
    """What a record should hold: cascades by start and name, each user's first event in order of time."""
    out = {}
    for name, members in listed.items():
        once: list[tuple[str, int]] = []
        for user, when in sorted(members, key=lambda member: member[1]):
            if user not in [u for u, _ in once]:
                once.append((user, when))
        out[name] = once
    return dict(sorted(out.items(), key=lambda item: (item[1][0][1], item[0])))
