"""The loop that replays events and reads, before each target, what they say about every candidate post."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.recommendation.neighbour_kernel import OWN, TOTALS, sum_authors, sum_neighbours
from graphsocial.learn.recommendation.replay_kernel import SCALES, advance, candidates, jit, mark_own
from graphsocial.learn.recommendation.sample_kernel import sample

OF_POST = (
    "popularity",
    "start",
    "activity",
    "ever",
    "fading_hour",
    "fading_quarter",
    "fading_day",
    "fading_days",
    "regulars_hour",
    "regulars_quarter",
    "regulars_day",
    "regulars_days",
    "author_posts",
    "author_regulars",
)
"""Known of a candidate whoever is asked: events in the window; how lately it began and was taken up; all events; events
and those of regulars (users with a past of their own), fading over an hour, six hours, a day and three days; posts of
its author so far and regulars on each."""

OF_PAIR = (
    "item_knn",
    "knn_best",
    "knn_faded",
    "knn_share",
    "knn_recent",
    "knn_rare",
    "knn_after",
    "knn_last",
    "alike_users",
    "close_users",
    "leaders",
    "alike_recent",
    "by_authors",
    "alike_share",
    "author_knn",
    "author_taken",
    "author_taken_share",
)
"""Known of a user and a candidate, see `TOTALS`; then likeness over the root of the candidate's users, other posts of
its author taken up by users who share posts with this one, posts of its author that the user took up, their share."""

OF_TARGET = ("past", "user_idle", "choice")
"""The same for all candidates: posts that the user took up, time since the last one, number of candidates."""

CHANNELS = (*OF_POST, *OF_PAIR, *OF_TARGET)
"""All on a log scale but shares; a greater `start` or `activity` is a later one."""

_PAIR, _TARGET = len(OF_POST), len(OF_POST) + len(OF_PAIR)
_LEAST = np.array([1e-3, 1e-3, 1e-3, 1e-3, 1e-2, 1e-3, 1e-3, 1e-3, 1e-2, 1.0, 1.0, 1e-2, 1.0])


@jit
def _of_post(record, counts, p, now, out):  # type: ignore[no-untyped-def]
    r, c = record, counts
    out[0] = np.log(1.0 + c.inside[p])
    out[1] = -np.log(1 + (now - r.start[p]) / 60)
    out[2] = -np.log(1 + (now - c.last[p]) / 60)
    out[3] = np.log(1.0 + c.ever[p])
    for s in range(len(SCALES)):
        keep = np.exp((c.faded_at[p] - now) / SCALES[s])
        out[4 + s] = np.log(1 + c.fading[p, s] * keep)
        out[8 + s] = np.log(1 + c.regulars[p, s] * keep)
    a = r.author[p]
    if a >= 0:
        out[12] = np.log(c.posts_of[a])
        out[13] = np.log(1 + c.regulars_of[a] / c.posts_of[a])


@jit
def _of_pair(record, counts, p, sums, authors, taken, past, out):  # type: ignore[no-untyped-def]
    c = counts
    size = np.sqrt(1.0 + c.size[p])
    for k in range(TOTALS):
        value = sums[k] / size if k in (5, 6) else sums[k]
        out[k] = np.log(_LEAST[k] + value)
    out[13] = np.log(1e-3 + sums[8] / size)
    a = record.author[p]
    out[14] = np.log(1e-2)
    if a >= 0:
        out[14] = np.log(1e-2 + authors[a] / np.sqrt(1.0 + c.members_of[a]))
        out[15] = np.log(1 + taken[a])
        out[16] = taken[a] / max(past, 1)


@jit
def read_targets(  # type: ignore[no-untyped-def]
    record, counts, user, right, time, offsets, most, seed, own_offsets, candidate, weight, channel, own
):  # fmt: skip
    """Replays the events target by target and writes what is known of all candidates, or of a sample of them.

    Args:
        record: Events.
        counts: Advanced in place.
        user: [target].
        right: [target].
        time: Ascending [target].
        offsets: First row of each target [target + 1].
        most: Candidates of a target beyond which a sample is taken.
        seed: Of what is drawn.
        own_offsets: First of each target's rows in `own` [target + 1].
        candidate: Posts, ascending unless sampled, out [row].
        weight: Log of how many candidates each stands for, out [row].
        channel: Evidence, zero, out [row, channel].
        own: Posts that the user took up, the latest first, out [own].
    """
    r, c = record, counts
    num_posts, num_users = len(r.start), len(r.mine) - 1
    has, is_candidate = np.zeros(num_posts, dtype=np.bool_), np.zeros(num_posts, dtype=np.bool_)
    sums, total = np.zeros((num_posts, 4)), np.zeros((num_posts, TOTALS))
    authors, taken, overlap = np.zeros(num_users), np.zeros(num_users), np.zeros((num_users, 2))
    lists = (
        np.empty(num_posts, dtype=np.int64),
        np.empty(num_users, dtype=np.int64),
        np.empty(num_users, dtype=np.int64),
    )
    for row in range(len(user)):
        u, now = user[row], time[row]
        advance(r, c, now)
        end = mark_own(r, c, u, has, True)
        past = end - r.mine[u]
        for i in range(min(past, OWN)):
            own[own_offsets[row] + i] = r.post[r.mine_event[end - 1 - i]]
        posts = candidates(c, has)
        for p in posts:
            is_candidate[p] = True
        num_authors = sum_neighbours(r, c, u, end, now, is_candidate, sums, total, authors, overlap, lists)
        sum_authors(r, c, u, end, is_candidate, total, taken)
        picked, stands_for = np.arange(len(posts)), np.zeros(len(posts))
        if len(posts) > most:
            picked, stands_for = sample(c, posts, right[row], total, most, seed, u, now)
        idle = np.log(1 + (now - r.time[r.mine_event[end - 1]]) / 3600) if past else 10.0
        for k in range(len(picked)):
            p, at = posts[picked[k]], offsets[row] + k
            candidate[at], weight[at] = p, stands_for[k]
            _of_post(r, c, p, now, channel[at, :_PAIR])
            _of_pair(r, c, p, total[p], authors, taken, past, channel[at, _PAIR:_TARGET])
            out = channel[at, _TARGET:]
            out[0], out[1], out[2] = np.log(1 + past), idle, np.log(1 + len(posts))
        for p in posts:
            is_candidate[p] = False
            total[p, :] = 0
        for i in range(num_authors):
            authors[lists[1][i]] = 0
        for i in range(min(past, OWN)):
            a = r.author[own[own_offsets[row] + i]]
            if a >= 0:
                taken[a] = 0
        mark_own(r, c, u, has, False)
