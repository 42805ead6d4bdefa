"""Compiled loop that counts pairs of edges in order of time at their common node."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import first_at_or_after, jit


@jit
def count_pairs(indptr_1, neighbour_1, clock_1, indptr_2, neighbour_2, clock_2, start, stop, delta, tally):  # type: ignore[no-untyped-def]
    """Pairs of an entry of one row and a later one, within delta, of the same node's other row; no loops.

    Both rows are read once, in order of time. Neighbours are looked at only where a pair is near enough in time.

    Args:
        indptr_1: Rows of the first edges, [node + 1].
        neighbour_1: Other ends of the first edges, [entry].
        clock_1: Readings, ascending within a row, [entry].
        indptr_2: Rows of the second edges, [node + 1].
        neighbour_2: Other ends of the second edges, [entry].
        clock_2: Readings, ascending within a row, [entry].
        start: First reading that counts.
        stop: One past the last reading that counts.
        delta: Seconds that the second may be later.
        tally: Scratch, 0 for every node, left as it was, [node].

    Returns:
        Pairs with different other ends, and with the same.
    """
    different, same = 0, 0
    for x in range(len(indptr_1) - 1):
        begin, end = indptr_1[x], indptr_1[x + 1]
        low, last = indptr_2[x], indptr_2[x + 1]
        if begin == end or low == last:
            continue
        if clock_1[begin] < start:
            begin = first_at_or_after(clock_1, begin, end, start)
        high, near = low, 0
        first_low = low
        for i in range(begin, end):
            t = np.int64(clock_1[i])
            if t >= stop:
                end = i
                break
            while low < last and clock_2[low] <= t:
                low += 1
            while high < last and clock_2[high] <= t + delta and clock_2[high] < stop:
                high += 1
            near += max(high - low, 0)
        if near == 0:
            continue
        low, high = first_low, first_low
        windowed = near > 4 * (end - begin + last - first_low)
        for i in range(begin, end):
            t = np.int64(clock_1[i])
            while low < last and clock_2[low] <= t:
                if windowed and low < high:
                    tally[neighbour_2[low]] -= 1
                low += 1
            high = max(high, low)
            while high < last and clock_2[high] <= t + delta and clock_2[high] < stop:
                if windowed:
                    tally[neighbour_2[high]] += 1
                high += 1
            v = neighbour_1[i]
            if v == x:
                continue
            if windowed:
                same += tally[v]
                different += high - low - tally[v] - tally[x]
            else:
                for j in range(low, high):
                    if neighbour_2[j] == v:
                        same += 1
                    elif neighbour_2[j] != x:
                        different += 1
        if windowed:
            for j in range(low, high):
                tally[neighbour_2[j]] -= 1
    return different, same
