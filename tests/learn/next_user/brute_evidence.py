"""The channels of evidence once more, in plain Python from their definitions, one candidate at a time."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from graphsocial.learn.next_user.evidence_kernel import CHANNELS
from graphsocial.learn.next_user.split import NextUserSplit
from tests.learn.next_user.brute_force import Event

WINDOW, DECAY = 20, 0.9


def brute_channels(
    split: NextUserSplit,
    events: list[Event],
    known_time: int,
    cascade: int,
    prefix: list[int],
    prefix_time: list[int],
    links: set[tuple[int, int]] = frozenset(),  # type: ignore[assignment]
) -> np.ndarray:
    """Channels of every user, float64 [user, channel].

    Args:
        split: The cut; only the starts of its training cascades are looked at, for the scales of time.
        events: Those that may be counted.
        known_time: As of when they are all.
        cascade: The one in question.
        prefix: Its users so far.
        prefix_time: When they came.
        links: Pairs of linked users, both ways.
    """
    start = split.table.start
    span = max(int(start[split.train_end - 1] - start[0]), 1)
    fast, slow, fading = span / 100, span / 10, span / 8
    forward, flat, next_to, faded = (defaultdict(float) for _ in range(4))
    for one in events:
        for two in events:
            gap = two[1] - one[1]
            if one[0] == two[0] and 0 < gap <= WINDOW:
                pair = (one[2], two[2])
                forward[pair] += 1 / gap
                flat[pair] += 1
                next_to[pair] += gap == 1
                faded[pair] += math.exp(-(known_time - max(one[3], two[3])) / fading) / gap
    users = range(len(split.table.users))
    follows = [sum(forward[u, v] for v in users) for u in users]
    followed = [sum(forward[v, u] for v in users) for u in users]
    count = [sum(e[2] == u for e in events) for u in users]
    power = [DECAY ** (len(prefix) - 1 - i) for i in range(len(prefix))]
    likeness, meet = _likeness(events, cascade, prefix, power)
    now, before = prefix_time[-1], prefix_time[max(len(prefix) - 2, 0)]
    rows = []
    for b in users:
        walk = sum(p * forward[u, b] for p, u in zip(power, prefix, strict=True))
        popular = 0.001 * count[b] / max(count) if max(count) else 0.0
        mine = sorted((e for e in events if e[2] == b), key=lambda e: e[3])
        votes = [(likeness[e[0]], e[1] - meet[e[0]]) for e in mine if e[0] in likeness]
        idle = max(known_time - mine[-1][3], 0) if mine else 0
        values = {
            "counting": math.log(max(walk + popular, 0.0005 / max(*count, 1))),
            "forward": math.log(walk + 1e-2),
            "forward_share": math.log(
                sum(p * forward[u, b] / (follows[u] + 1) for p, u in zip(power, prefix, strict=True)) + 1e-3
            ),
            "forward_flat_share": math.log(sum(flat[u, b] / (follows[u] + 1) for u in prefix) / len(prefix) + 1e-4),
            "backward": math.log(sum(p * forward[b, u] for p, u in zip(power, prefix, strict=True)) + 1e-2),
            "backward_share": math.log(sum(flat[b, u] / (followed[u] + 1) for u in prefix) / len(prefix) + 1e-4),
            "forward_recent": math.log(sum(p * faded[u, b] for p, u in zip(power, prefix, strict=True)) + 1e-3),
            "prefix_share": sum(flat[u, b] > 0 for u in prefix) / len(prefix),
            "last_user": math.log(forward[prefix[-1], b] + 1e-2),
            "last_user_next": math.log(1 + next_to[prefix[-1], b]),
            "nearest": math.log(sum(like for like, _ in votes) + 1e-3),
            "nearest_next": math.log(sum(like / behind for like, behind in votes if behind > 0) + 1e-4),
            "nearest_best": math.log(max((like for like, _ in votes), default=0) + 1e-4),
            "forward_short": math.log(
                sum(0.5 ** (len(prefix) - 1 - i) * forward[u, b] for i, u in enumerate(prefix)) + 1e-2
            ),
            "forward_lift": math.log(walk / math.sqrt(followed[b] + 1) + 1e-3),
            "popularity": math.log(1 + count[b]),
            "popularity_fast": math.log(1 + _faded(mine, fast) * math.exp(-idle / fast)),
            "popularity_slow": math.log(1 + _faded(mine, slow) * math.exp(-idle / slow)),
            "idle": math.log(1 + idle / fast) if mine else 10,
            "place": sum(math.log(1 + e[1]) for e in mine) / len(mine) if mine else 2,
            "starts": sum(e[1] == 0 for e in mine) / len(mine) if mine else -0.1,
            "linked": sum(0.5 + 0.5 * p for p, u in zip(power, prefix, strict=True) if (u, b) in links),
            "length": math.log(len(prefix)),
            "age": math.log(1 + (now - prefix_time[0]) / fast),
            "gap": math.log(1 + (now - before) / 60),
            "lag": math.log(1 + max(now - known_time, 0) / fast),
        }
        rows.append([values[name] for name in CHANNELS])
    return np.array(rows)


def _faded(mine: list[Event], scale: float) -> float:
    """Events of a user, each faded by its age at the last one."""
    return sum(math.exp(-(mine[-1][3] - e[3]) / scale) for e in mine)


def _likeness(
    events: list[Event], cascade: int, prefix: list[int], power: list[float]
) -> tuple[dict[int, float], dict[int, int]]:
    """Of each other cascade with a prefix user: its likeness, by what is known of it, and where the two meet."""
    cover: dict[int, float] = defaultdict(float)
    meet = {}
    for p, u in zip(power, prefix, strict=True):
        for e in sorted((e for e in events if e[2] == u and e[0] != cascade), key=lambda e: e[3]):
            cover[e[0]] += 0.5 + 0.5 * p
            meet[e[0]] = e[1]
    size = {c: sum(e[0] == c for e in events) for c in cover}
    return {c: cover[c] ** 2 / size[c] / len(prefix) for c in cover}, meet
