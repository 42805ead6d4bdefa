"""The floors once more, in plain Python from their definitions: a score for every user at every target."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.counting import CountingSettings
from graphsocial.learn.next_user.split import NextUserSplit

Event = tuple[int, int, int, int]
"""Cascade, place in it, user, time."""

Score = Callable[[list[Event], int, list[int]], Callable[[int], tuple[float, ...]]]
"""(countable events, the cascade in question, its prefix) to the score of a user."""


def random_table(rng: np.random.Generator, cascades: int = 24, users: int = 9, repeats: bool = True) -> CascadeTable:
    """Small cascades that overlap in time, with equal times, and with users who come twice."""
    rows = []
    for _ in range(cascades):
        size = int(rng.integers(2, users))
        members = rng.choice(users, size, replace=repeats and bool(rng.random() < 0.3))
        rows.append((np.sort(rng.integers(0, 40, size)) + int(rng.integers(0, 60)), members))
    rows.sort(key=lambda row: row[0][0])
    return CascadeTable(
        user=np.concatenate([members for _, members in rows]).astype(np.int64),
        time=np.concatenate([time for time, _ in rows]).astype(np.int64),
        offsets=np.cumsum([0, *[len(members) for _, members in rows]]),
        users=np.array([f"u{i}" for i in range(users)], dtype=object),
        names=np.array([f"c{i}" for i in range(cascades)], dtype=object),
    )


def all_events(table: CascadeTable) -> list[Event]:
    place = np.arange(len(table.user)) - table.offsets[table.cascade]
    return list(zip(table.cascade.tolist(), place.tolist(), table.user.tolist(), table.time.tolist(), strict=True))


def allowed(split: NextUserSplit, part: str, moment: int) -> list[Event]:
    """Events that may be counted for a target at a moment, from the words of the protocols."""
    table, events = split.table, all_events(split.table)
    first = split.train_end if part == "valid" else split.valid_end
    cut = int(table.start[first])
    return {
        "legacy": [e for e in events if e[0] < first],
        "users_only": [e for e in events if e[0] < split.train_end],
        "strict": [e for e in events if e[0] < first and e[3] < cut],
        "prequential": [e for e in events if e[3] < moment],
    }[split.protocol]


def brute_ranks(split: NextUserSplit, part: str, score: Score) -> list[float]:
    table, ranks = split.table, []
    targets = split.targets(part)  # type: ignore[arg-type]
    for c, position, right, moment in zip(targets.cascade, targets.position, targets.user, targets.time, strict=True):
        prefix = table.user[table.offsets[c] : table.offsets[c] + position].tolist()
        end = split.protocol == "legacy"
        if right < 0:
            ranks.append(1.0)
        elif right in prefix:
            ranks.append(math.inf)
        else:
            of = score(allowed(split, part, int(moment)), int(c), prefix)
            mine = of(right)
            others = [of(u) for u in range(len(table.users)) if u not in prefix and u != right]
            ranks.append(1 + end + sum(o > mine for o in others) + sum(o == mine for o in others) / 2)
    return ranks


def popularity(events: list[Event], cascade: int, prefix: list[int]) -> Callable[[int], tuple[float, ...]]:
    return lambda user: (sum(e[2] == user for e in events),)


def recency(events: list[Event], cascade: int, prefix: list[int]) -> Callable[[int], tuple[float, ...]]:
    return lambda user: (max((e[3] for e in events if e[2] == user), default=-1),)


def counting(settings: CountingSettings) -> Score:
    def score(events: list[Event], cascade: int, prefix: list[int]) -> Callable[[int], tuple[float, ...]]:
        weights: dict[tuple[int, int], float] = {}
        for first in events:
            for second in events:
                gap = second[1] - first[1]
                if first[0] == second[0] and 0 < gap <= settings.window:
                    adds = {"inverse": 1 / gap, "root": gap**-0.5, "flat": 1.0}[settings.weighting]
                    weights[first[2], second[2]] = weights.get((first[2], second[2]), 0.0) + adds
        highest = max((sum(e[2] == u for e in events) for u in {e[2] for e in events}), default=1)

        def of(user: int) -> tuple[float, ...]:
            value = 0.0
            for seen in prefix:
                value = settings.decay * value + weights.get((seen, user), 0.0)
            popular = sum(e[2] == user for e in events) / highest
            return (round(value + 0.001 * popular, 9),)

        return of

    return score


def nearest(neighbours: int) -> Score:
    def score(events: list[Event], cascade: int, prefix: list[int]) -> Callable[[int], tuple[float, ...]]:
        members: dict[int, set[int]] = {}
        for e in events:
            if e[0] != cascade:
                members.setdefault(e[0], set()).add(e[2])
        latest = {user: i for i, user in enumerate(prefix, start=1)}
        similarity = {
            c: round(
                sum(latest[u] for u in users if u in latest) / len(prefix) / math.sqrt(len(prefix) * len(users)), 9
            )
            for c, users in members.items()
        }
        near = sorted((c for c in similarity if similarity[c] > 0), key=lambda c: (similarity[c], c))[-neighbours:]
        highest = max((sum(e[2] == u for e in events) for u in {e[2] for e in events}), default=1)

        def of(user: int) -> tuple[float, ...]:
            votes = sum(similarity[c] for c in near if user in members[c])
            return (round(votes + 1e-6 * sum(e[2] == user for e in events) / highest, 11),)

        return of

    return score
