"""Who took up which post when, as sorted codes: what a recommender may count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.schema import UNKNOWN_TIME

Column = np.ndarray


@dataclass(frozen=True, eq=False)
class TakeUps:
    """Posts in order of their start (then id), and the events in which users took them up, in order of time.

    The order does not depend on what comes later, and ties are broken by ids, so an earlier half of the events is the
    first half of these arrays.

    Attributes:
        posts: Ids, object [post].
        start: When each began, int64 seconds [post].
        author: Code of its author, -1 where nobody recorded one, int64 [post].
        users: Ids, in order of the first event, object [user].
        user: Code, int64 [event].
        post: Number of the post, int64 [event].
        time: int64 seconds [event].
        first: Whether the user did not have the post before: neither wrote it nor took it up, bool [event].
        left_out: Number of rows that are not read, by what was wrong with them.
    """

    posts: np.ndarray
    start: np.ndarray
    author: np.ndarray
    users: np.ndarray
    user: np.ndarray
    post: np.ndarray
    time: np.ndarray
    first: np.ndarray
    left_out: Mapping[str, int]

    @classmethod
    def of(cls, post: Column, author: Column, start: Column, src: Column, dst: Column, time: Column) -> TakeUps:
        """Puts posts and events in order.

        An event of an unknown post, without a time, or not after the start of its post is left out and counted; so is
        a post without a time.

        Args:
            post: Ids, each once, object [post].
            author: Ids of the authors, "" where there is none, object [post].
            start: Seconds, `UNKNOWN_TIME` where there is none, int64 [post].
            src: Users, object [event].
            dst: Posts, object [event].
            time: Seconds, `UNKNOWN_TIME` where there is none, int64 [event].

        Raises:
            SchemaError: Nothing is left.

        >>> ids = lambda text: np.array(text.split(), dtype=object)
        >>> made = TakeUps.of(ids("p q"), ids("ann bob"), np.array([5, 1]), ids("cy cy ann"), ids("p p p"),
        ...                   np.array([7, 9, 8]))
        >>> made.posts.tolist(), made.users[made.user].tolist(), made.first.tolist()
        (['q', 'p'], ['cy', 'ann', 'cy'], [True, False, False])
        """
        timed = np.flatnonzero(start != UNKNOWN_TIME)
        order = timed[np.lexsort((post[timed].astype(str), start[timed]))]
        number = {name: i for i, name in enumerate(post[order])}
        start_of = start[order].astype(np.int64)
        place = np.array([number.get(name, -1) for name in dst], dtype=np.int64)
        known, has_time = place >= 0, time != UNKNOWN_TIME
        after = np.zeros(len(place), dtype=bool)
        after[known] = time[known] > start_of[place[known]]
        keep = np.flatnonzero(known & has_time & after)
        left_out = {
            "posts without a time": len(post) - len(timed),
            "events of a post that is not there": int((~known).sum()),
            "events without a time": int((known & ~has_time).sum()),
            "events not after the start of their post": int((known & has_time & ~after).sum()),
        }
        if not len(keep):
            found = ", ".join(f"{count:,} {what}" for what, count in left_out.items() if count) or "no event at all"
            raise SchemaError(f"recommendation needs timed events of users and posts, got {found}")
        ids = src[keep].astype(str)
        keep = keep[np.lexsort((ids, place[keep], time[keep]))]
        names, codes = _codes(src[keep], author[order])
        user, post_of, author_of = codes[: len(keep)], place[keep], codes[len(keep) :]
        author_of = np.where([bool(name) for name in author[order]], author_of, -1)
        pair = user * len(order) + post_of
        first = np.zeros(len(keep), dtype=bool)
        first[np.unique(pair, return_index=True)[1]] = True
        first &= user != author_of[post_of]
        return cls(
            posts=post[order],
            start=start_of,
            author=author_of,
            users=names,
            user=user,
            post=post_of,
            time=time[keep].astype(np.int64),
            first=first,
            left_out={what: count for what, count in left_out.items() if count},
        )

    def __len__(self) -> int:
        return len(self.time)

    def earlier(self) -> np.ndarray:
        """Posts that the user of each event had taken up before its time, int64 [event]."""
        rows = np.flatnonzero(self.first)
        rows = rows[np.argsort(self.user[rows], kind="stable")]
        out = np.zeros(len(self), dtype=np.int64)
        key = self.user[rows] * (int(self.time[-1]) - int(self.time[0]) + 2) + (self.time[rows] - self.time[0])
        begins = np.searchsorted(self.user[rows], np.arange(len(self.users)))
        out[rows] = np.searchsorted(key, key) - begins[self.user[rows]]  # events of the same second are not earlier
        return out


def _codes(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ids in the order in which they turn up, and the code of each row of the columns put together."""
    rows = np.concatenate([column.astype(str) for column in columns])
    names, at, code = np.unique(rows, return_index=True, return_inverse=True)
    order = np.argsort(at)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return names[order].astype(object), rank[code]
