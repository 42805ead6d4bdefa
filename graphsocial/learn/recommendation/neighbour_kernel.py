"""What users who share posts with a user say about the candidates."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.recommendation.replay_kernel import jit, known

DAY = 86_400.0
OWN, MEMBERS, THEIRS = 64, 20_000, 64
"""Latest posts of the user, latest users of each and latest posts of each of those that are looked at."""
FADE = 0.8
"""Factor by which each earlier post of the user counts less where older ones do."""
TOTALS = 13
"""Sums per candidate: over the user's posts q the cosine of the users of q and of the candidate, the largest, faded;
the share of q's users; over the users that the two have in common, how lately they came, how little else they take up,
whether after q; the cosine for the last q. Over users who share a post: likeness, whether they share two, whether they
came first, likeness times how lately they came. Authors of the user's posts who took the candidate up."""


@jit
def sum_neighbours(record, counts, u, end, now, is_candidate, sums, total, authors, overlap, lists):  # type: ignore[no-untyped-def]
    """Adds up `total`; counts in `authors` the other posts, by author, of users who share posts with this one.

    Args:
        record: Events.
        counts: As of now.
        u: The user.
        end: End of the user's known events.
        now: Seconds.
        is_candidate: [post].
        sums: Zeros, left so [post, 4].
        total: See `TOTALS` [post, total].
        authors: [user].
        overlap: Zeros, left so [user, 2].
        lists: Room for posts [post] and twice for users [user]; the first one of users holds the authors afterwards.

    Returns:
        Number of authors.
    """
    r, c = record, counts
    here_list, author_list, user_list = lists
    until, begin = c.progress[0], r.mine[u]
    num_authors = users = 0
    for i in range(min(end - begin, OWN)):
        mine = r.mine_event[end - 1 - i]
        q = r.post[mine]
        here = 0
        stop = known(r.member_event, r.member[q], r.member[q + 1], until)
        for at in range(max(r.member[q], stop - MEMBERS), stop):
            met = r.member_event[at]
            v = r.user[met]
            if v == u:
                continue
            if overlap[v, 0] == 0:
                user_list[users] = v
                users += 1
            overlap[v, 0] += 1
            overlap[v, 1] += met < mine
            if c.past[v] < 2:
                continue  # q is all there is
            theirs = known(r.mine_event, r.mine[v], r.mine[v + 1], until)
            rare = 1 / np.log(1.0 + c.past[v])
            for where in range(max(r.mine[v], theirs - THEIRS), theirs):
                event = r.mine_event[where]
                p = r.post[event]
                if p == q:
                    continue
                a = r.author[p]
                if a >= 0:
                    if authors[a] == 0:
                        author_list[num_authors] = a
                        num_authors += 1
                    authors[a] += 1
                if not is_candidate[p]:
                    continue
                if sums[p, 0] == 0:
                    here_list[here] = p
                    here += 1
                sums[p, 0] += 1
                sums[p, 1] += np.exp((r.time[event] - now) / DAY)
                sums[p, 2] += rare
                sums[p, 3] += event > met
        root = np.sqrt(float(c.size[q]))
        for j in range(here):
            p = here_list[j]
            cosine = sums[p, 0] / (root * np.sqrt(float(c.size[p])))
            total[p, 0] += cosine
            total[p, 1] = max(total[p, 1], cosine)
            total[p, 2] += FADE**i * cosine
            total[p, 3] += sums[p, 0] / c.size[q]
            for k in range(3):
                total[p, 4 + k] += sums[p, 1 + k] / root
            if i == 0:
                total[p, 7] = cosine
            sums[p, :] = 0
    for j in range(users):
        v = user_list[j]
        if c.past[v] > 1:
            theirs = known(r.mine_event, r.mine[v], r.mine[v + 1], until)
            like = overlap[v, 0] / np.sqrt(float(c.past[v]) * (end - begin))
            for where in range(max(r.mine[v], theirs - THEIRS), theirs):
                event = r.mine_event[where]
                p = r.post[event]
                if is_candidate[p]:
                    total[p, 8] += like
                    total[p, 9] += overlap[v, 0] > 1
                    total[p, 10] += overlap[v, 1] > 0
                    total[p, 11] += like * np.exp((r.time[event] - now) / DAY)
        overlap[v, 0] = overlap[v, 1] = 0
    return num_authors


@jit
def sum_authors(record, counts, u, end, is_candidate, total, taken):  # type: ignore[no-untyped-def]
    """Counts the user's posts by author into `taken`, and adds what these authors took up themselves to `total`."""
    r = record
    for i in range(min(end - r.mine[u], OWN)):
        a = r.author[r.post[r.mine_event[end - 1 - i]]]
        if a < 0:
            continue
        taken[a] += 1
        if taken[a] > 1:
            continue
        theirs = known(r.mine_event, r.mine[a], r.mine[a + 1], counts.progress[0])
        for where in range(max(r.mine[a], theirs - THEIRS), theirs):
            p = r.post[r.mine_event[where]]
            if is_candidate[p]:
                total[p, 12] += 1
