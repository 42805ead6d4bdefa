"""Reverse-reachable sets: who would have reached a node drawn at random, found by walking edges backwards.

The chance that a seed set meets such a set, times the number of nodes, is the seed set's expected spread (Borgs,
Brautbar, Chayes and Lucier, "Maximizing social influence in nearly optimal time", SODA 2014).

All kernels fill sets `begin` to `end`, set i from the stream of (key, i) alone. Nodes marked as wanted end a set as
soon as they are reached: whether the set meets them is then known.
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.float_bits import float32_of
from graphsocial.diffusion.random_stream_kernel import advance, below, exponential, mix, stream_of, unit
from graphsocial.graph.prefetch import prefetch

WANTED = 2
"""Mark of the nodes that end a set."""

AHEAD = 8
"""Sets whose first row is asked for before it is read."""


@numba.njit(inline="always")
def _root(key, i, nodes):  # type: ignore[no-untyped-def]
    """The stream of a set after its first number, and the node that the number draws."""
    state = advance(stream_of(key, i))
    return state, below(mix(state), nodes)


@numba.njit(inline="always")
def _reach(v, mark, node, tail):  # type: ignore[no-untyped-def]
    """Adds a node that is new; the new tail, and whether the node is wanted. No branch that could be guessed wrong."""
    seen = mark[v]
    fresh = seen == 0
    node[tail] = v
    mark[v] = seen | np.int8(fresh)
    return tail + np.int64(fresh), seen == WANTED


@numba.njit(cache=True, nogil=True)
def even_row_sets(begin, end, key, keep, deadline, header, source, mark, node, size):  # type: ignore[no-untyped-def]
    """Independent cascade where all edges into a node have one probability.

    An edge of probability p is a stretch of length -log(1 - p) on a line, and an exponential number leads to the next
    success on it, as in `independent_cascade_kernel`; within a row that is a whole number of edges away.

    Args:
        begin: First set.
        end: One past the last set.
        key: Key of the streams.
        keep: Whether members are kept; otherwise each set overwrites the one before it.
        deadline: Most steps back.
        header: First entry, number of entries, bits of an edge's hazard and bits of its inverse, 0 where edges are
            sure, int32 [node, 4].
        source: Who influences, [entry].
        mark: 0, or `WANTED`, before and after, int8 [node].
        node: Written: members of the sets, root first, with room for all nodes beyond those kept [member].
        size: Written: members of each set, 0 where it reached a wanted node, [set].

    Returns:
        Number of sets done; fewer where the next might not fit.
    """
    nodes, room, base = len(mark), len(node), 0
    for i in range(begin, end):
        if room - base < nodes + 1:
            return i - begin
        prefetch(header, 4 * _root(key, i + AHEAD, nodes)[1])  # type: ignore[call-arg]
        state, root = _root(key, i, nodes)
        state, left = exponential(state)
        tail, met = _reach(root, mark, node, base)
        head, level, level_end = base, 0, base + 1
        while head < tail and not met:
            if head == level_end:
                level += 1
                level_end = tail
            if level >= deadline:
                break
            u = node[head]
            head += 1
            place, rest = np.int64(header[u, 0]), np.int64(header[u, 1])
            rate = np.float64(float32_of(header[u, 3]))
            if rate == 0.0:
                for entry in range(place, place + rest):
                    tail, hit = _reach(source[entry], mark, node, tail)
                    met |= hit
                continue
            gap = left * rate
            while gap < rest:
                step = np.int64(gap)
                tail, hit = _reach(source[place + step], mark, node, tail)
                met |= hit
                place += step + 1
                rest -= step + 1
                state, left = exponential(state)
                gap = left * rate
            left = max(left - rest * np.float64(float32_of(header[u, 2])), 0.0)
        for j in range(base, tail):
            mark[node[j]] = 0
        size[i - begin] = 0 if met else tail - base
        if keep:
            base = tail
    return end - begin


@numba.njit(cache=True, nogil=True)
def uneven_row_sets(  # type: ignore[no-untyped-def]
    begin, end, key, keep, deadline, header, source, value, mark, node, size
):
    """Independent cascade where edges into a node differ; as `even_row_sets`, the next success is searched for.

    Args:
        begin: First set.
        end: One past the last set.
        key: Key of the streams.
        keep: Whether members are kept.
        deadline: Most steps back.
        header: First entry, first sure entry, one past the last entry, bits of the hazard of those that are not sure,
            int32 [node, 4].
        source: Who influences, those that surely do last, [entry].
        value: Hazards summed up from the row's beginning, float32 [entry].
        mark: 0, or `WANTED`, before and after, int8 [node].
        node: Written: members of the sets [member].
        size: Written: members of each set, 0 where it reached a wanted node, [set].
    """
    nodes, room, base = len(mark), len(node), 0
    for i in range(begin, end):
        if room - base < nodes + 1:
            return i - begin
        prefetch(header, 4 * _root(key, i + AHEAD, nodes)[1])  # type: ignore[call-arg]
        state, root = _root(key, i, nodes)
        state, left = exponential(state)
        tail, met = _reach(root, mark, node, base)
        head, level, level_end = base, 0, base + 1
        while head < tail and not met:
            if head == level_end:
                level += 1
                level_end = tail
            if level >= deadline:
                break
            u = node[head]
            head += 1
            place, sure = np.int64(header[u, 0]), np.int64(header[u, 1])
            total, past = np.float64(float32_of(header[u, 3])), 0.0
            while place < sure and past + left < total:
                goal = np.float32(past + left)
                rest = sure - place
                while rest > 0:
                    half = rest >> 1
                    up = value[place + half] <= goal
                    place = place + half + 1 if up else place
                    rest = rest - half - 1 if up else half
                if place >= sure:  # by rounding
                    past = total - left
                    break
                tail, hit = _reach(source[place], mark, node, tail)
                met |= hit
                past = np.float64(value[place])
                place += 1
                state, left = exponential(state)
            left = max(left - (total - past), 0.0)
            for entry in range(sure, np.int64(header[u, 2])):
                tail, hit = _reach(source[entry], mark, node, tail)
                met |= hit
        for j in range(base, tail):
            mark[node[j]] = 0
        size[i - begin] = 0 if met else tail - base
        if keep:
            base = tail
    return end - begin


@numba.njit(cache=True, nogil=True)
def walk_sets(begin, end, key, keep, deadline, header, source, ends, mark, node, size):  # type: ignore[no-untyped-def]
    """Linear threshold: each node listens to at most one of its edges, so a set is a walk (Kempe et al. 2003).

    Args:
        begin: First set.
        end: One past the last set.
        key: Key of the streams.
        keep: Whether members are kept.
        deadline: Most steps back.
        header: First entry and number of entries, int32 [node, 2].
        source: Who influences, [entry].
        ends: Where the stretch on which an edge is listened to ends, ascending in a row, float64 [entry].
        mark: 0, or `WANTED`, before and after, int8 [node].
        node: Written: members of the sets [member].
        size: Written: members of each set, 0 where it reached a wanted node, [set].
    """
    nodes, room, base = len(mark), len(node), 0
    for i in range(begin, end):
        if room - base < nodes + 1:
            return i - begin
        prefetch(header, 2 * _root(key, i + AHEAD, nodes)[1])  # type: ignore[call-arg]
        state, root = _root(key, i, nodes)
        tail, met = _reach(root, mark, node, base)
        u = np.int64(root)
        while not met and tail - base <= deadline:
            state = advance(state)
            drawn = unit(mix(state))
            low, last = np.int64(header[u, 0]), np.int64(header[u, 0]) + np.int64(header[u, 1])
            high = last
            while low < high:
                middle = (low + high) >> 1
                if ends[middle] <= drawn:
                    low = middle + 1
                else:
                    high = middle
            if low == last:
                break
            u = np.int64(source[low])
            longer, met = _reach(u, mark, node, tail)
            if longer == tail:
                break
            tail = longer
        for j in range(base, tail):
            mark[node[j]] = 0
        size[i - begin] = 0 if met else tail - base
        if keep:
            base = tail
    return end - begin


@numba.njit(cache=True)
def even_probability(target, probability, row):  # type: ignore[no-untyped-def]
    """Whether all edges into each node have one probability; writes it, 0 where there are none, to `row` [node]."""
    row[:] = -1.0
    for edge in range(len(target)):
        v = target[edge]
        if row[v] < 0:
            row[v] = probability[edge]
        elif row[v] != probability[edge]:
            return False
    for v in range(len(row)):
        row[v] = max(row[v], 0.0)
    return True


@numba.njit(cache=True)
def lay_uneven_rows(indptr, source, edge, probability, hazard, header, laid, value, total):  # type: ignore[no-untyped-def]
    """Puts the sure edges of every row last and sums up the hazards of the others.

    Args:
        indptr: First entry of each row, [node + 1].
        source: Who influences, [entry].
        edge: Which edge it is, [entry].
        probability: Chance of each edge, [edge].
        hazard: -log(1 - p), float64 [edge].
        header: Written, see `uneven_row_sets`; hazards as float32 in `total`.
        laid: Written: who influences, in the new order [entry].
        value: Written: summed hazards, [entry].
        total: Written: hazard of each row, float32 [node].
    """
    for u in range(len(indptr) - 1):
        front, back, past = indptr[u], indptr[u + 1], 0.0
        for entry in range(indptr[u], indptr[u + 1]):
            if probability[edge[entry]] < 1.0:
                past += hazard[edge[entry]]
                laid[front], value[front] = source[entry], past
                front += 1
            else:
                back -= 1
                laid[back], value[back] = source[entry], np.inf
        header[u, 0], header[u, 1], header[u, 2] = indptr[u], front, indptr[u + 1]
        total[u] = value[front - 1] if front > indptr[u] else np.float32(0.0)
