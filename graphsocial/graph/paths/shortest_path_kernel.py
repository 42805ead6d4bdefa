"""Compiled searches from both ends at once."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph.kernels import jit


@jit
def _meet(source, target, out, back, mark, stamp, ahead, behind, ahead_end, behind_end):  # type: ignore[no-untyped-def]
    """Searches level by level from both ends, always on the side whose next level has the fewer entries to read.

    The first entry that leads into the other side's marks ends the search: levels are complete, so a shorter way would
    have been met before.

    Args:
        source: Number of the first node.
        target: Number of the last node, another one.
        out: First and last entry of each row and the neighbours, walking ahead.
        back: The same for walking against it.
        mark: uint8 [node], free of `stamp` and `stamp + 1`, which mark what was found from source and from target.
        stamp: See mark.
        ahead: Receives what was found from source, level by level, [node].
        behind: Receives what was found from target, [node].
        ahead_end: Receives one past the last place of each complete level, int64 [node].
        behind_end: The same from target.

    Returns:
        Steps between the nodes, -1 where there is no way; complete levels of both sides, the ends themselves counted;
        nodes found from both sides, those of a level that was not completed among them.
    """
    out_first, out_last, out_neighbour = out
    back_first, back_last, back_neighbour = back
    from_source, from_target = np.uint8(stamp), np.uint8(stamp + 1)
    mark[source], mark[target] = from_source, from_target
    ahead[0], behind[0] = source, target
    a, b = 0, 0  # begin of the newest level
    ahead_end[0], behind_end[0] = 1, 1
    levels, back_levels = 1, 1
    while True:
        a_end, b_end = ahead_end[levels - 1], behind_end[back_levels - 1]
        # sums both sides' entries by turns until one list ends: no longer than the cheaper side
        i, j, entries, back_entries = a, b, 0, 0
        while i < a_end and j < b_end:
            if entries <= back_entries:
                entries += out_last[ahead[i]] - out_first[ahead[i]]
                i += 1
            else:
                back_entries += back_last[behind[j]] - back_first[behind[j]]
                j += 1
        if i == a_end:
            end = _grow(ahead, a, a_end, out_first, out_last, out_neighbour, mark, from_source, from_target)
            if end < 0:
                return levels + back_levels - 1, levels, back_levels, -end, b_end
            a, ahead_end[levels] = a_end, end
            levels += 1
            if end == a:
                return -1, levels, back_levels, end, b_end
        else:
            end = _grow(behind, b, b_end, back_first, back_last, back_neighbour, mark, from_target, from_source)
            if end < 0:
                return levels + back_levels - 1, levels, back_levels, a_end, -end
            b, behind_end[back_levels] = b_end, end
            back_levels += 1
            if end == b:
                return -1, levels, back_levels, a_end, end


@numba.njit(inline="always")
def _grow(queue, begin, end, first, last, neighbour, mark, own, other):  # type: ignore[no-untyped-def]
    """Appends the next level after `end` and returns its own end, negative as soon as it touches the other side."""
    tail = end
    for i in range(begin, end):
        for entry in range(first[queue[i]], last[queue[i]]):
            node = neighbour[entry]
            seen = mark[node]
            if seen != own:
                if seen == other:
                    return -tail
                mark[node] = own
                queue[tail] = node
                tail += 1
    return tail


@jit
def pair_lengths(begin, end, source, target, out, back, length):  # type: ignore[no-untyped-def]
    """Writes the steps between each pair, int64 [pair], -1 where there is no way."""
    count = len(out[0])
    mark = np.zeros(count, dtype=np.uint8)
    ahead, behind = np.empty(count, dtype=out[2].dtype), np.empty(count, dtype=out[2].dtype)
    ahead_end, behind_end = np.empty(count + 1, dtype=np.int64), np.empty(count + 1, dtype=np.int64)
    stamp = 1
    for p in range(begin, end):
        if source[p] == target[p]:
            length[p] = 0
            continue
        if stamp > 254:  # marks are a byte: they stay in the cache, and are cleared once in 127 pairs
            mark[:] = 0
            stamp = 1
        length[p] = _meet(
            source[p], target[p], out, back, mark, stamp, ahead, behind, ahead_end, behind_end
        )[0]  # fmt: skip
        stamp += 2


@jit
def shortest_steps(source, target, out, back):  # type: ignore[no-untyped-def]
    """Every step that some shortest path between two different nodes may take, and some that end nowhere.

    Returns:
        Steps between the nodes, -1 where there is no way; nodes found, in order of their place on a path, the source
        first, int64 [found]; first step of each, int64 [found + 1]; where each step leads, as places in the nodes
        found, int64 [step].
    """
    count = len(out[0])
    first, last, neighbour = out
    mark = np.zeros(count, dtype=np.uint8)
    ahead, behind = np.empty(count, dtype=neighbour.dtype), np.empty(count, dtype=neighbour.dtype)
    ahead_end, behind_end = np.empty(count + 1, dtype=np.int64), np.empty(count + 1, dtype=np.int64)
    length, levels, back_levels, ahead_found, behind_found = _meet(
        source, target, out, back, mark, 1, ahead, behind, ahead_end, behind_end
    )  # fmt: skip
    node, indptr, step = np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.int64)
    if length < 0:
        return length, node, indptr, step
    # steps from source at which a shortest path would pass a node; a level that was not completed plays no part
    depth = np.empty(count, dtype=np.int64)
    place, read_by = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    for side in range(2):
        queue, ends = (ahead, ahead_end) if side == 0 else (behind, behind_end)
        begin = 0
        for level in range(levels if side == 0 else back_levels):
            for i in range(begin, ends[level]):
                depth[queue[i]] = level if side == 0 else length - level
            begin = ends[level]
        for i in range(begin, ahead_found if side == 0 else behind_found):
            depth[queue[i]] = -2
        for i in range(ahead_found if side == 0 else behind_found):
            place[queue[i]], read_by[queue[i]] = -1, -1
    total = ahead_found + behind_found
    node, indptr = np.empty(total, dtype=np.int64), np.zeros(total + 1, dtype=np.int64)
    step = np.empty(max(total, 16), dtype=np.int64)
    node[0], place[source], found = source, 0, 1
    i, tail = 0, 0
    while i < found:
        for entry in range(first[node[i]], last[node[i]]):
            other = neighbour[entry]
            if mark[other] == 0 or depth[other] != depth[node[i]] + 1 or read_by[other] == i:
                continue  # elsewhere, or a parallel edge
            read_by[other] = i
            if place[other] < 0:
                node[found], place[other] = other, found
                found += 1
            if tail == len(step):
                longer = np.empty(2 * tail, dtype=np.int64)
                longer[:tail] = step
                step = longer
            step[tail] = place[other]
            tail += 1
        i += 1
        indptr[i] = tail
    return length, node[:found], indptr[: found + 1], step[:tail]


@jit
def count_ways(target, node, indptr, step):  # type: ignore[no-untyped-def]
    """Ways from each node found to the target, float64 [found]: exact below 2**53, never 0 where there is one."""
    ways = np.zeros(len(node), dtype=np.float64)
    for i in range(len(node) - 1, -1, -1):
        if node[i] == target:
            ways[i] = 1.0
        for k in range(indptr[i], indptr[i + 1]):
            ways[i] += ways[step[k]]
    return ways


@jit
def list_paths(length, node, indptr, step, limit):  # type: ignore[no-untyped-def]
    """The first `limit` paths, int64 [path, step]; every step leads on to the target, and they are taken in order."""
    paths = np.empty((limit, length + 1), dtype=np.int64)
    at, trail = np.zeros(length + 1, dtype=np.int64), np.zeros(length + 1, dtype=np.int64)
    at[0] = indptr[0]
    level, written = 0, 0
    while written < limit:
        if level == length:
            for k in range(length + 1):
                paths[written, k] = node[trail[k]]
            written += 1
            level -= 1
        elif at[level] == indptr[trail[level] + 1]:
            level -= 1
            if level < 0:
                break
        else:
            ahead = step[at[level]]
            at[level] += 1
            level += 1
            trail[level], at[level] = ahead, indptr[ahead]
    return paths[:written]
