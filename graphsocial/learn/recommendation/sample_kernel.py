"""Some candidates out of many: the right one, those that lead by evidence, and others drawn uniformly."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.recommendation.replay_kernel import SCALES, jit


@jit
def _mix(x):  # type: ignore[no-untyped-def]
    """splitmix64 (Steele et al. 2014): a well-mixed number from a counter."""
    x = (x + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@jit
def sample(counts, posts, right, total, most, seed, u, now):  # type: ignore[no-untyped-def]
    """Places of `most` candidates, and the log of how many each stands for.

    A quarter leads by popularity faded over six hours, a quarter by item-kNN, the rest is drawn; what is drawn follows
    from the seed, the user and the time.
    """
    c, number = counts, len(posts)
    chosen = np.zeros(number, dtype=np.bool_)
    picked = np.empty(most, dtype=np.int64)
    stands_for = np.zeros(most)
    count = 0
    for i in range(number):
        if posts[i] == right:
            picked[0] = i
            chosen[i] = True
            count = 1
    for way in range(2):
        rank = np.empty(number)
        for i in range(number):
            p = posts[i]
            faded = c.fading[p, 1] * np.exp((c.faded_at[p] - now) / SCALES[1])
            rank[i] = -faded if way == 0 else -total[p, 0]
        limit = (1 + way) * most // 4
        for i in np.argsort(rank, kind="mergesort"):
            if count >= limit or rank[i] == 0:
                break
            if not chosen[i]:
                chosen[i] = True
                picked[count] = i
                count += 1
    each = np.log((number - count) / (most - count))
    state = _mix(np.uint64(seed) ^ _mix(np.uint64(now) ^ _mix(np.uint64(u + 1))))
    while count < most:
        state = _mix(state)
        at = np.int64(state % np.uint64(number))
        if not chosen[at]:
            chosen[at] = True
            picked[count] = at
            stands_for[count] = each
            count += 1
    return picked, stands_for
