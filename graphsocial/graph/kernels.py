"""Compiled loops over compressed sparse rows.

Every kernel that works on independent items takes the range `begin, end` of items to do, releases the GIL and writes
only to its own slots, so callers may split the range over threads and the result does not depend on how they do.
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph.prefetch import prefetch

jit = numba.njit(cache=True, nogil=True)


@jit
def stable_groups(key, num_groups, order):  # type: ignore[no-untyped-def]
    """Start of each group [group + 1]; writes the items, grouped by key in their given order, to `order` [item]."""
    indptr = np.zeros(num_groups + 1, dtype=np.int64)
    for i in range(len(key)):
        indptr[key[i] + 1] += 1
    for g in range(num_groups):
        indptr[g + 1] += indptr[g]
    slot = indptr[:-1].copy()
    for i in range(len(key)):
        order[slot[key[i]]] = i
        slot[key[i]] += 1
    return indptr


@numba.njit(inline="always")
def first_at_or_after(time, low, high, moment):  # type: ignore[no-untyped-def]
    """First position in `time[low:high]`, ascending, that is not before the moment."""
    while low < high:
        middle = (low + high) >> 1
        if time[middle] < moment:
            low = middle + 1
        else:
            high = middle
    return low


@jit
def locate(begin, end, node, start, stop, indptr, time, low, high):  # type: ignore[no-untyped-def]
    """Writes the range of each node's row that lies in `[start, stop)` to `low` and `high`, [item]."""
    for i in range(begin, end):
        first, last = indptr[node[i]], indptr[node[i] + 1]
        low[i] = first_at_or_after(time, first, last, start[i])
        high[i] = first_at_or_after(time, low[i], last, stop[i])


@numba.njit(inline="always")
def _mix(x):  # type: ignore[no-untyped-def]
    """Finaliser of splitmix64 (Steele, Lea, Flood 2014): neighbouring inputs give unrelated outputs."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(inline="always")
def _child_key(key, branch, draw):  # type: ignore[no-untyped-def]
    """Key of the random stream one step further down a tree: it depends on the path from the seed alone."""
    step = np.uint64(branch) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(draw) * np.uint64(0xD1342543DE82EF95)
    return _mix(key + step + np.uint64(0x2545F4914F6CDD1D))


@jit
def seed_keys(rng, first, key):  # type: ignore[no-untyped-def]
    """Writes one stream key per tree, numbered from `first`, [tree]."""
    for i in range(len(key)):
        key[i] = _child_key(_mix(rng), 0, first + i)


@jit
def pick(begin, end, low, high, offset, key, branch, uniform, position, target, child):  # type: ignore[no-untyped-def]
    """Writes which entries of its row each target keeps: all, the latest, or a uniform draw without replacement.

    Args:
        begin: First item to do.
        end: One past the last item to do.
        low: First allowed entry of each target's row, [target].
        high: One past the last allowed entry, [target].
        offset: Slots of each target in the outputs, [target + 1]; their number is how many entries to keep.
        key: Random stream of each target, uint64 [target].
        branch: Number of the relation, part of the children's keys.
        uniform: Draw uniformly instead of keeping the latest.
        position: Output, entries kept, ascending within a target, [slot].
        target: Output, number of the target, [slot].
        child: Output, random stream of the sampled node, uint64 [slot].
    """
    for i in range(begin, end):
        slot, wanted = offset[i], offset[i + 1] - offset[i]
        available = high[i] - low[i]
        if wanted == available or not uniform:
            for j in range(wanted):
                position[slot + j] = high[i] - wanted + j
        else:
            # Floyd's algorithm: `wanted` draws give a uniform subset; kept sorted by insertion, as `wanted` is small
            for j in range(wanted):
                top = available - wanted + j
                bits = _child_key(~key[i], branch, j)
                drawn = np.int64(bits % np.uint64(top + 1))
                for s in range(slot, slot + j):
                    if position[s] == low[i] + drawn:
                        drawn = top
                        break
                s = slot + j
                while s > slot and position[s - 1] > low[i] + drawn:
                    position[s] = position[s - 1]
                    s -= 1
                position[s] = low[i] + drawn
        for j in range(wanted):
            target[slot + j] = i
            child[slot + j] = _child_key(key[i], branch, position[slot + j] - low[i] + 1)


@jit
def common_counts(begin, end, a, b, stop, indptr, neighbour, first, count):  # type: ignore[no-untyped-def]
    """Writes how many nodes both rows name before `stop`, [pair]; rows are sorted by neighbour, without repeats."""
    for i in range(begin, end):
        short, long = a[i], b[i]
        if indptr[short + 1] - indptr[short] > indptr[long + 1] - indptr[long]:
            short, long = long, short
        found = 0
        low, last = indptr[long], indptr[long + 1]
        for j in range(indptr[short], indptr[short + 1]):
            other = neighbour[j]
            if first[j] >= stop[i] or other == short or other == long:
                continue
            low = first_at_or_after(neighbour, low, last, other)
            if low == last:
                break
            if neighbour[low] == other and first[low] < stop[i]:
                found += 1
        count[i] = found


@numba.njit(inline="always")
def _row_in_view(node, start, stop, indptr, clock):  # type: ignore[no-untyped-def]
    """First entry of a node's row that is not before the start, and the first that is not before the stop."""
    low, high = indptr[node], indptr[node + 1]
    if low < high and clock[low] < start:
        low = first_at_or_after(clock, low, high, start)
    if low < high and clock[high - 1] >= stop:
        high = first_at_or_after(clock, low, high, stop)
    return low, high


@numba.njit(inline="always")
def _ask_ahead(node, i, indptr, neighbour):  # type: ignore[no-untyped-def]
    """Asks for the rows of later nodes: each lies elsewhere, and waiting for one costs more than reading it."""
    if i + 16 < len(node):
        prefetch(indptr, node[i + 16])  # type: ignore[call-arg]
        row = indptr[node[i + 8]]
        for line in range(4):
            prefetch(neighbour, row + 16 * line)  # type: ignore[call-arg]


@jit
def expand(node, start, stop, indptr, neighbour, clock, mark, found, count):  # type: ignore[no-untyped-def]
    """Marks every node in `[start, stop)` of the rows of `node`; appends the newly marked to `found` after `count`.

    Returns:
        How many nodes `found` holds now.
    """
    for i in range(len(node)):
        _ask_ahead(node, i, indptr, neighbour)
        low, high = _row_in_view(node[i], start, stop, indptr, clock)
        for j in range(low, high):
            other = neighbour[j]
            if not mark[other]:
                mark[other] = True
                found[count] = other
                count += 1
    return count


@jit
def mark_rows(node, start, stop, indptr, neighbour, clock, mark):  # type: ignore[no-untyped-def]
    """Marks every node in `[start, stop)` of the rows of `node`, whether or not it was marked before."""
    for i in range(len(node)):
        _ask_ahead(node, i, indptr, neighbour)
        low, high = _row_in_view(node[i], start, stop, indptr, clock)
        for j in range(low, high):
            mark[neighbour[j]] = True


@jit
def grow_cascades(src, dst, time, num_nodes):  # type: ignore[no-untyped-def]
    """Who became active through whom, reading "src passed on dst" edges in time order.

    Returns:
        Each node's parent, -1 for roots, [node]; the time it became active, [node]; the root of its tree, -1 for nodes
        that never were active, [node]; nodes in the order they became active, [active].
    """
    parent = np.full(num_nodes, -1, dtype=np.int64)
    root = np.full(num_nodes, -1, dtype=np.int64)
    since = np.zeros(num_nodes, dtype=np.int64)
    order = np.empty(num_nodes, dtype=np.int64)
    active = 0
    for e in range(len(src)):
        u, v = src[e], dst[e]
        if u == v:
            continue
        if root[v] < 0:
            root[v], since[v], order[active] = v, time[e], v
            active += 1
        if root[u] < 0:
            parent[u], root[u], since[u], order[active] = v, root[v], time[e], u
            active += 1
    return parent, since, root, order[:active]


@jit
def generations(parent):  # type: ignore[no-untyped-def]
    """Steps from the root, [member]; parents stand before their children, -1 marks a root."""
    generation = np.zeros(len(parent), dtype=np.int64)
    for i in range(len(parent)):
        if parent[i] >= 0:
            generation[i] = generation[parent[i]] + 1
    return generation
