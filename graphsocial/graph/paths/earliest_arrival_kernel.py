"""Compiled search for the first moments at which something can arrive."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph.kernels import jit

NEVER = np.int64(2**62)


@jit
def settle_in_order(source, start, gap, target, begin, end, tail, head, time, indptr, order, free, by, found):  # type: ignore[no-untyped-def]
    """From when on each node can pass on what left the source at `start`, and the step that brought it there.

    Nodes are settled in order of time, reading only the rows of those that were reached. Once that has read as much as
    a fair part of all steps, the rest of the steps is swept in order of time instead, which costs less per step.

    Args:
        source: Number of the source.
        start: From when on it passes on.
        gap: Seconds from a step's time until its head can pass on; 0 lets steps of one moment follow each other.
        target: Stop when it was reached; -1 to go on.
        begin: First step that counts.
        end: One past the last step that counts.
        tail: Number of the node each step leaves, [step].
        head: Number of the node it enters, [step].
        time: Ascending, int64 [step].
        indptr: First entry of each node's row, int64 [node + 1].
        order: Step of each entry, ascending in a row, [entry]; empty where entry i is step i.
        free: Receives from when on, int64 [node]; NEVER everywhere at first.
        by: Receives the step, int64 [node]; -1 everywhere at first, and for the source.
        found: Receives the nodes in order of arrival, int64 [node].

    Returns:
        How many nodes were found, the source among them.
    """
    free[source], found[0] = start, source
    if source == target:
        return 1
    words = ((end - begin) >> 6) + 1
    waiting = np.zeros(words, dtype=np.uint64)  # steps that would be the first to enter their head, a bit each
    label = np.full(len(free), end, dtype=np.int64)  # the earliest such step of each node
    count, cursor, budget = 1, words, 256 + (end - begin) // 128
    node, now = source, start
    while True:
        low = _first_entry(order, time, indptr[node], indptr[node + 1], begin, free[node])
        high = indptr[node + 1]
        if end < len(time):
            high = _first_entry(order, time, low, high, end, time[0])
        budget -= high - low
        if budget < 0:
            break
        for entry in range(low, high):
            step = _step(order, entry)
            other = head[step]
            if step < label[other] and free[other] == NEVER:
                label[other] = step
                _put(waiting, step - begin)
                cursor = min(cursor, (step - begin) >> 6)
        step = -1
        while cursor < words:
            bits = waiting[cursor]
            if bits == 0:
                cursor += 1
                continue
            waiting[cursor] = bits & (bits - np.uint64(1))
            step = begin + (cursor << 6) + _lowest(bits)
            if label[head[step]] == step:
                break
            step = -1
        if step < 0:
            return count
        node, now = head[step], time[step]
        free[node], by[node], found[count] = now + gap, step, node
        count += 1
        if node == target:
            return count
    return _sweep(now, gap, target, begin, end, tail, head, time, indptr, order, free, by, found, count)


@jit
def _sweep(now, gap, target, begin, end, tail, head, time, indptr, order, free, by, found, count):  # type: ignore[no-untyped-def]
    """Goes on with all steps from `now` in order of time."""
    low, high = begin, end
    while low < high:
        middle = (low + high) >> 1
        if time[middle] < now:
            low = middle + 1
        else:
            high = middle
    reached = np.zeros((len(free) >> 6) + 1, dtype=np.uint64)  # a bit per node stays in the nearest cache
    for k in range(count):
        _put(reached, found[k])
    for step in range(low, end):
        node = head[step]
        if _holds(reached, node) or free[tail[step]] > time[step]:
            continue
        moment = time[step]
        free[node], by[node], found[count] = moment + gap, step, node
        count += 1
        _put(reached, node)
        if node == target:
            return count
        if gap > 0 or step == begin or time[step - 1] != moment:
            continue
        k = count - 1  # steps of this very moment that were passed already may leave the node
        while k < count:
            last = indptr[found[k] + 1]
            for entry in range(_first_entry(order, time, indptr[found[k]], last, begin, moment), last):
                other_step = _step(order, entry)
                if time[other_step] > moment:
                    break
                other = head[other_step]
                if not _holds(reached, other):
                    free[other], by[other], found[count] = moment, other_step, other
                    count += 1
                    _put(reached, other)
                    if other == target:
                        return count
            k += 1
    return count


@numba.njit(inline="always")
def _put(bits, place):  # type: ignore[no-untyped-def]
    bits[place >> 6] |= np.uint64(1) << np.uint64(place & 63)


@numba.njit(inline="always")
def _holds(bits, place):  # type: ignore[no-untyped-def]
    return (bits[place >> 6] >> np.uint64(place & 63)) & np.uint64(1) != 0


@numba.njit(inline="always")
def _step(order, entry):  # type: ignore[no-untyped-def]
    return np.int64(order[entry]) if len(order) > 0 else np.int64(entry)


@numba.njit(inline="always")
def _first_entry(order, time, low, high, begin, moment):  # type: ignore[no-untyped-def]
    """First entry of a row whose step is neither before `begin` nor before the moment."""
    while low < high:
        middle = (low + high) >> 1
        step = _step(order, middle)
        if step < begin or time[step] < moment:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(inline="always")
def _lowest(bits):  # type: ignore[no-untyped-def]
    """Place of the lowest bit set, by halving."""
    place = 0
    for width in (32, 16, 8, 4, 2, 1):
        if bits & ((np.uint64(1) << np.uint64(width)) - np.uint64(1)) == 0:
            bits >>= np.uint64(width)
            place += width
    return place
