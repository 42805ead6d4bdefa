"""Compiled loops that count all motifs of three edges at once: stars and pairs in one pass, triangles in another."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def count_stars(  # type: ignore[no-untyped-def]
    begin_at, finish_at, out_indptr, out_neighbour, out_clock, in_indptr, in_neighbour, in_clock, start, stop, delta,
    star, pair,
):  # fmt: skip
    """Adds the three-edge motifs that are stars around a node, and those between two nodes.

    For each centre, entries are grouped by neighbour. Two entries of one group and a third one anywhere make a triple;
    how many thirds there are is a difference of running counts, so the work grows with the number of edges and not with
    the number of motifs. Triples within a group are subtracted.

    Args:
        begin_at: First centre to do.
        finish_at: One past the last.
        out_indptr: Rows of targets, [node + 1].
        out_neighbour: [entry].
        out_clock: Readings, ascending within a row, [entry].
        in_indptr: Rows of sources, [node + 1].
        in_neighbour: [entry].
        in_clock: Readings, ascending within a row, [entry].
        start: First reading that counts.
        stop: One past the last reading that counts.
        delta: Seconds from the first edge to the last.
        star: Added to: which edge has a neighbour of its own (first, second, third), then the three directions, 0 away
            from the centre and 1 towards it, [3, 2, 2, 2].
        pair: Added to: the three directions seen from the node of the lower number, [2, 2, 2].
    """
    for x in range(begin_at, finish_at):
        i, i_end, j, j_end = out_indptr[x], out_indptr[x + 1], in_indptr[x], in_indptr[x + 1]
        size = i_end - i + j_end - j
        if size < 3:
            continue
        time, way, near = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
        d = 0
        while i < i_end or j < j_end:
            out = j == j_end or (i < i_end and out_clock[i] <= in_clock[j])
            t = np.int64(out_clock[i]) if out else np.int64(in_clock[j])
            v = out_neighbour[i] if out else in_neighbour[j]
            i, j = (i + 1, j) if out else (i, j + 1)
            if t >= stop:
                break
            if t >= start and v != x:
                time[d], way[d], near[d] = t, 0 if out else 1, v
                d += 1
        if d < 3:
            continue
        before, upto = np.empty((d, 2), np.int64), np.empty((d, 2), np.int64)
        reach, since = np.empty((d, 2), np.int64), np.empty((d, 2), np.int64)
        total = np.zeros((d + 1, 2), np.int64)
        for i in range(d):
            total[i + 1, 0] = total[i, 0] + 1 - way[i]
            total[i + 1, 1] = total[i, 1] + way[i]
        same_low, same_high, far, back = 0, 0, 0, 0
        for i in range(d):
            while time[same_low] < time[i]:
                same_low += 1
            while same_high < d and time[same_high] <= time[i]:
                same_high += 1
            while far < d and time[far] <= time[i] + delta:
                far += 1
            while time[back] < time[i] - delta:
                back += 1
            for b in range(2):
                before[i, b], upto[i, b] = total[same_low, b], total[same_high, b]
                reach[i, b], since[i, b] = total[far, b], total[back, b]
        order = np.argsort(near[:d], kind="mergesort")
        g = 0
        while g < d:
            g_end = g
            while g_end < d and near[order[g_end]] == near[order[g]]:
                g_end += 1
            if g_end - g >= 2:
                counts_pairs = x < near[order[g]]
                _one_neighbour(order, g, g_end, time, way, before, upto, reach, since, delta, star, pair, counts_pairs)
            g = g_end


@jit
def _one_neighbour(group, begin, end, time, way, before, upto, reach, since, delta, star, pair, counts_pairs):  # type: ignore[no-untyped-def]
    """Adds the motifs with two or three edges between the centre and one neighbour, given as entries in time order."""
    single, double = np.zeros(2, np.int64), np.zeros((2, 2), np.int64)
    behind, ahead, under = np.zeros((2, 2), np.int64), np.zeros((2, 2), np.int64), np.zeros((2, 2), np.int64)
    oldest, k = begin, begin
    while k < end:
        t = time[group[k]]
        k_end = k
        while k_end < end and time[group[k_end]] == t:
            k_end += 1
        while oldest < k and time[group[oldest]] < t - delta:
            gone = oldest
            while gone < k and time[group[gone]] == time[group[oldest]]:
                e = group[gone]
                single[way[e]] -= 1
                for b in range(2):
                    behind[way[e], b] -= upto[e, b]
                    ahead[way[e], b] -= reach[e, b]
                    under[way[e], b] -= before[e, b]
                gone += 1
            for expired in range(oldest, gone):
                for b in range(2):
                    double[way[group[expired]], b] -= single[b]
            oldest = gone
        for m in range(k, k_end):
            e = group[m]
            w = way[e]
            for a in range(2):
                for b in range(2):
                    # (a, b, w): the same neighbour thrice, then with the second, third and first edge elsewhere
                    same = double[a, b]
                    if counts_pairs:
                        pair[a, b, w] += same
                    star[1, a, b, w] += single[a] * before[e, b] - behind[a, b] - same
                    star[2, a, w, b] += ahead[a, b] - single[a] * upto[e, b]
                    star[0, b, a, w] += under[a, b] - single[a] * since[e, b]
                    star[2, a, b, w] -= same
                    star[0, a, b, w] -= same
        for m in range(k, k_end):
            for a in range(2):
                double[a, way[group[m]]] += single[a]
        for m in range(k, k_end):
            e = group[m]
            single[way[e]] += 1
            for b in range(2):
                behind[way[e], b] += upto[e, b]
                ahead[way[e], b] += reach[e, b]
                under[way[e], b] += before[e, b]
        k = k_end


@jit
def count_triangles(row, high, pair_start, time, way, delta, scratch, mark, triangle):  # type: ignore[no-untyped-def]
    """Adds the three-edge motifs on three pairs of nodes.

    Args:
        row: First pair of each node, its other ends having higher numbers, [node + 1].
        high: Other end of each pair, [pair].
        pair_start: First edge of each pair, [pair + 1].
        time: Readings, ascending within a pair, [edge].
        way: 0 from the lower to the higher number, else 1, [edge].
        delta: Seconds from the first edge to the last.
        scratch: As long as the edges of any three pairs, [edge, 2].
        mark: Scratch, -1 for every node, [node].
        triangle: Added to: `2 * pair + way` of the three edges, pairs being (u, v), (v, w), (u, w) of u < v < w,
            [6, 6, 6].
    """
    side = np.empty(3, np.int64)
    for u in range(len(row) - 1):
        for p in range(row[u], row[u + 1]):
            mark[high[p]] = p
        for p in range(row[u], row[u + 1]):
            for q in range(row[high[p]], row[high[p] + 1]):
                if mark[high[q]] < row[u]:
                    continue
                side[0], side[1], side[2] = p, q, mark[high[q]]
                latest_start, earliest_end = np.int64(-1), np.iinfo(np.int64).max
                for c in range(3):
                    latest_start = max(latest_start, time[pair_start[side[c]]])
                    earliest_end = min(earliest_end, time[pair_start[side[c] + 1] - 1])
                if latest_start - earliest_end <= delta:
                    _one_triangle(side, pair_start, time, way, delta, scratch, triangle)


@jit
def _one_triangle(side, pair_start, time, way, delta, scratch, triangle):  # type: ignore[no-untyped-def]
    """Adds the motifs of three pairs' edges, one of each pair."""
    at = np.empty(3, np.int64)
    for c in range(3):
        at[c] = pair_start[side[c]]
    count = 0
    while True:
        chosen = -1
        for c in range(3):
            if at[c] < pair_start[side[c] + 1] and (chosen < 0 or time[at[c]] < time[at[chosen]]):
                chosen = c
        if chosen < 0:
            break
        scratch[count, 0], scratch[count, 1] = time[at[chosen]], 2 * chosen + way[at[chosen]]
        at[chosen] += 1
        count += 1
    single, double = np.zeros(6, np.int64), np.zeros((6, 6), np.int64)
    oldest, k = 0, 0
    while k < count:
        t = scratch[k, 0]
        k_end = k
        while k_end < count and scratch[k_end, 0] == t:
            k_end += 1
        while oldest < k and scratch[oldest, 0] < t - delta:
            gone = oldest
            while gone < k and scratch[gone, 0] == scratch[oldest, 0]:
                single[scratch[gone, 1]] -= 1
                gone += 1
            for expired in range(oldest, gone):
                for b in range(6):
                    double[scratch[expired, 1], b] -= single[b]
            oldest = gone
        for m in range(k, k_end):
            for a in range(6):
                for b in range(6):
                    triangle[a, b, scratch[m, 1]] += double[a, b]
        for m in range(k, k_end):
            for a in range(6):
                double[a, scratch[m, 1]] += single[a]
        for m in range(k, k_end):
            single[scratch[m, 1]] += 1
        k = k_end
