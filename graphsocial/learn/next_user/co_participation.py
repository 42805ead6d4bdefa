"""Who took part with whom by a time, as a table of nearest users, and fixed codes that tell users apart."""

from __future__ import annotations

import hashlib

import numpy as np
from scipy import sparse

from graphsocial.learn.cascade_table import CascadeTable

WINDOW = 20


def co_participants(table: CascadeTable, known: np.ndarray, limit: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The users with whom each user took part most closely, by the first `limit` countable events.

    Closeness is the sum of 1 / gap over all places where the two stood at most `WINDOW` apart in a cascade.

    Args:
        table: The cascades.
        known: Number of each event among the countable ones in order of time [event].
        limit: Only events with a lower number are looked at.
        most: Neighbours per user.

    Returns:
        Codes, 0 where there is none, int64 [user, neighbour]; logs of closeness, -inf where there is none, float32.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> table = tiny_split("strict").table
    >>> code, closeness = co_participants(table, np.arange(len(table.user)), 4, 2)
    >>> table.users[code[0]].tolist(), np.exp(closeness[0]).round(2).tolist()
    (['bob', 'dee'], [1.0, 1.0])
    """
    users = len(table.users)
    ok = known < limit
    first, second, weight = [], [], []
    for gap in range(1, min(WINDOW, len(ok) - 1) + 1):
        at = np.flatnonzero((table.cascade[:-gap] == table.cascade[gap:]) & ok[:-gap] & ok[gap:])
        at = at[table.user[at] != table.user[at + gap]]
        first.append(table.user[at])
        second.append(table.user[at + gap])
        weight.append(np.full(len(at), 1 / gap))
    a, b, w = (np.concatenate(part) for part in (first, second, weight))
    pairs = sparse.coo_matrix((np.tile(w, 2), (np.append(a, b), np.append(b, a))), shape=(users, users)).tocsr()
    pairs.sum_duplicates()
    row = np.repeat(np.arange(users), np.diff(pairs.indptr))
    order = np.lexsort((pairs.indices, -pairs.data.astype(np.float32), row))
    place = np.arange(len(row)) - pairs.indptr[row]
    kept = order[place < most]
    code, closeness = np.zeros((users, most), dtype=np.int64), np.full((users, most), -np.inf, dtype=np.float32)
    code[row[kept], place[place < most]] = pairs.indices[kept]
    closeness[row[kept], place[place < most]] = np.log(pairs.data[kept])
    return code, closeness


def user_codes(users: np.ndarray, channels: int) -> np.ndarray:
    """A random vector of length 1 per user that depends on the id alone, float32 [user, channel].

    >>> bool((user_codes(np.array(["b", "a"]), 4)[1] == user_codes(np.array(["a"]), 4)[0]).all())
    True
    """
    out = np.empty((len(users), channels), dtype=np.float32)
    for i, user in enumerate(users):
        seed = int.from_bytes(hashlib.blake2b(str(user).encode(), digest_size=8).digest())
        out[i] = np.random.Generator(np.random.PCG64(seed)).standard_normal(channels)
    return out / np.linalg.norm(out, axis=1, keepdims=True)
