"""Rank among all users when few have a score and the rest differ by popularity only."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.next_user.levels import at_least, jit

ROUNDING = 1e-12
"""Scores that differ by less than this share of them are equal: sums of the same terms differ by their order."""


@jit
def popularity_term(count, highest, share):  # type: ignore[no-untyped-def]
    """`share` times a user's count over the highest count, 0 as long as nothing was counted."""
    return share * (count / highest) if highest else 0.0


@jit
def _fewest(score, highest, share):  # type: ignore[no-untyped-def]
    """Smallest count whose popularity term is at least the score."""
    low, high = 0, highest + 1
    while low < high:
        middle = (low + high) >> 1
        if popularity_term(middle, highest, share) >= score:
            high = middle
        else:
            low = middle + 1
    return low


@jit
def middle_rank(score, scored, hidden, prefix, count, tree, highest, share, right):  # type: ignore[no-untyped-def]
    """1 + users above the right one + half of those level with it, by `score + share * count / max(count)`.

    Users without a score are counted in `tree`, so the work is that of the scored ones and of the prefix.

    Args:
        score: Score of every user, >= 0 [user].
        scored: The users whose score is above 0 [scored].
        hidden: True for users of the prefix [user].
        prefix: Users of the prefix, each once [prefix].
        count: How often each user was counted [user].
        tree: Users by count, see `new_levels`.
        highest: Largest count.
        share: Weight of popularity.
        right: The right user, not in the prefix.
    """
    mine = score[right] + popularity_term(count[right], highest, share)
    bottom, top = mine * (1 - ROUNDING), mine * (1 + ROUNDING)
    level, over = _fewest(bottom, highest, share), _fewest(np.nextafter(top, np.inf), highest, share)
    above = at_least(tree, len(count), over)
    tied = at_least(tree, len(count), level) - above
    if score[right] == 0:
        tied -= 1  # itself
    for u in prefix:
        if score[u] == 0:
            above -= count[u] >= over
            tied -= level <= count[u] < over
    for u in scored:
        above -= count[u] >= over
        tied -= level <= count[u] < over
        if not hidden[u] and u != right:
            theirs = score[u] + popularity_term(count[u], highest, share)
            above += theirs > top
            tied += bottom <= theirs <= top
    return 1 + above + tied / 2
