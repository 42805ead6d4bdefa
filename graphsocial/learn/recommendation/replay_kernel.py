"""Counting events up to a time, and which posts are candidates then."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True)

SCALES = np.array([1.0, 6.0, 24.0, 72.0]) * 3600
"""Seconds over which counts fade by 1/e."""


class Record(NamedTuple):
    """Events in order of time, and where those of a user and of a post stand.

    Attributes:
        user: [event].
        post: [event].
        time: [event].
        first: Whether the user did not have the post before [event].
        start: [post], ascending.
        author: -1 where there is none [post].
        mine: First of each user's first events in `mine_event` [user + 1].
        mine_event: Events [first event].
        member: First of each post's first events in `member_event` [post + 1].
        member_event: Events [first event].
        wrote: First of each user's posts in `wrote_post` [user + 1].
        wrote_post: Posts, ascending [post with an author].
        window: Seconds within which a candidate was active.
    """

    user: np.ndarray
    post: np.ndarray
    time: np.ndarray
    first: np.ndarray
    start: np.ndarray
    author: np.ndarray
    mine: np.ndarray
    mine_event: np.ndarray
    member: np.ndarray
    member_event: np.ndarray
    wrote: np.ndarray
    wrote_post: np.ndarray
    window: int


class Counts(NamedTuple):
    """What was counted so far.

    Attributes:
        inside: Events in the window [post].
        ever: All events [post].
        size: First events [post].
        last: Time of the last event, or of the start [post].
        fading: Faded first events as of `faded_at` [post, scale].
        regulars: The same of users who had taken up something before [post, scale].
        faded_at: [post].
        past: First events [user].
        posts_of: Posts that began [user as an author].
        regulars_of: First events of regulars on any of their posts [user as an author].
        members_of: First events on any of their posts [user as an author].
        active: Active posts, in `active[:progress[3]]` [post].
        is_active: [post].
        progress: Events counted, events that left the window, posts begun, number of active posts [4].
    """

    inside: np.ndarray
    ever: np.ndarray
    size: np.ndarray
    last: np.ndarray
    fading: np.ndarray
    regulars: np.ndarray
    faded_at: np.ndarray
    past: np.ndarray
    posts_of: np.ndarray
    regulars_of: np.ndarray
    members_of: np.ndarray
    active: np.ndarray
    is_active: np.ndarray
    progress: np.ndarray


@jit
def _activate(c, p):  # type: ignore[no-untyped-def]
    if not c.is_active[p]:
        c.is_active[p] = True
        c.active[c.progress[3]] = p
        c.progress[3] += 1


@jit
def _count(r, c, e):  # type: ignore[no-untyped-def]
    """Counts one event."""
    p, u, now = r.post[e], r.user[e], r.time[e]
    c.inside[p] += 1
    c.ever[p] += 1
    c.last[p] = now
    _activate(c, p)
    if not r.first[e]:
        return
    c.size[p] += 1
    a = r.author[p]
    regular = c.past[u] > 0
    for s in range(len(SCALES)):
        keep = np.exp((c.faded_at[p] - now) / SCALES[s])
        c.fading[p, s] = c.fading[p, s] * keep + 1
        c.regulars[p, s] = c.regulars[p, s] * keep + regular
    c.faded_at[p] = now
    if a >= 0:
        c.members_of[a] += 1
        c.regulars_of[a] += regular
    c.past[u] += 1


@jit
def advance(record, counts, now):  # type: ignore[no-untyped-def]
    """Counts everything strictly before `now`, and drops from the window what came before `now - window`."""
    r, c = record, counts
    while c.progress[2] < len(r.start) and r.start[c.progress[2]] < now:
        p = c.progress[2]
        c.last[p] = c.faded_at[p] = r.start[p]
        if r.author[p] >= 0:
            c.posts_of[r.author[p]] += 1
        _activate(c, p)
        c.progress[2] += 1
    while c.progress[0] < len(r.time) and r.time[c.progress[0]] < now:
        _count(r, c, c.progress[0])
        c.progress[0] += 1
    since = now - r.window
    while c.progress[1] < c.progress[0] and r.time[c.progress[1]] < since:
        c.inside[r.post[c.progress[1]]] -= 1
        c.progress[1] += 1
    kept = 0
    for i in range(c.progress[3]):
        p = c.active[i]
        if c.last[p] >= since:
            c.active[kept] = p
            kept += 1
        else:
            c.is_active[p] = False
    c.progress[3] = kept


@jit
def known(events, begin, end, until):  # type: ignore[no-untyped-def]
    """End of those of `events[begin:end]`, ascending, that lie before event number `until`."""
    while begin < end:
        middle = (begin + end) >> 1
        if events[middle] < until:
            begin = middle + 1
        else:
            end = middle
    return begin


@jit
def mark_own(record, counts, u, has, mark):  # type: ignore[no-untyped-def]
    """Sets `has` for the posts that the user took up or wrote; returns the end of the user's known events."""
    r = record
    end = known(r.mine_event, r.mine[u], r.mine[u + 1], counts.progress[0])
    for at in range(r.mine[u], end):
        has[r.post[r.mine_event[at]]] = mark
    for at in range(r.wrote[u], r.wrote[u + 1]):
        if r.wrote_post[at] >= counts.progress[2]:
            break
        has[r.wrote_post[at]] = mark
    return end


@jit
def candidates(counts, has):  # type: ignore[no-untyped-def]
    """Active posts that the user does not have, ascending."""
    c = counts
    posts = np.empty(c.progress[3], dtype=np.int64)
    number = 0
    for i in range(c.progress[3]):
        if not has[c.active[i]]:
            posts[number] = c.active[i]
            number += 1
    posts = posts[:number].copy()
    posts.sort()
    return posts


@jit
def count_candidates(record, counts, user, right, time, own, size, among):  # type: ignore[no-untyped-def]
    """How much there is to read for each target.

    Args:
        record: Events.
        counts: Empty counts, advanced in place.
        user: [target].
        right: [target].
        time: Ascending [target].
        own: Number of posts that the user took up, out [target].
        size: Number of candidates, out [target].
        among: Whether the right post is one of them, out, bool [target].
    """
    has = np.zeros(len(record.start), dtype=np.bool_)
    for row in range(len(user)):
        u = user[row]
        advance(record, counts, time[row])
        own[row] = mark_own(record, counts, u, has, True) - record.mine[u]
        number = 0
        for i in range(counts.progress[3]):
            number += not has[counts.active[i]]
        size[row] = number
        p = right[row]
        among[row] = counts.is_active[p] and not has[p]
        mark_own(record, counts, u, has, False)
