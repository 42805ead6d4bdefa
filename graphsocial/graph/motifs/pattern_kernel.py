"""Compiled search for sequences of edges that fit a pattern."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import first_at_or_after, jit


@jit
def match_pattern(  # type: ignore[no-untyped-def]
    edges, source, target, moment, out_indptr, out_neighbour, out_clock, in_indptr, in_neighbour, in_clock, stop, delta,
    nodes, moments,
):  # fmt: skip
    """Counts edges in strict order of time that fit a pattern within delta; stops when the record is full.

    Args:
        edges: Numbers of source and target of each edge of the pattern, each touching one before it, [step, end].
        source: Sources of the edges that may come first, [edge].
        target: Their targets, [edge].
        moment: Their readings, [edge].
        out_indptr: Rows of targets, [node + 1].
        out_neighbour: [entry].
        out_clock: Readings, ascending within a row, [entry].
        in_indptr: Rows of sources, [node + 1].
        in_neighbour: [entry].
        in_clock: Readings, ascending within a row, [entry].
        stop: One past the last reading that counts.
        delta: Seconds from the first edge to the last.
        nodes: Output, nodes of each instance by their number in the pattern, [instance, number]; empty to count all.
        moments: Output, readings of each instance's edges, [instance, step].
    """
    steps, labels = len(edges), edges.max() + 1
    bound_before = np.zeros(steps, dtype=np.int64)
    for s in range(1, steps):
        bound_before[s] = max(bound_before[s - 1], edges[s - 1].max() + 1)
    at, end = np.zeros(steps, dtype=np.int64), np.zeros(steps, dtype=np.int64)
    reading, name = np.zeros(steps, dtype=np.int64), np.full(labels, -1, dtype=np.int64)
    found, wanted = 0, len(nodes)
    for e in range(len(source)):
        if source[e] == target[e]:
            continue
        name[0], name[1], reading[0] = source[e], target[e], moment[e]
        until = min(stop, reading[0] + delta + 1)
        s, entering = 1, True
        while s > 0:
            a, b, known = edges[s, 0], edges[s, 1], bound_before[s]
            outward = a < known
            if outward and b < known:
                # both ends are known: the shorter of the two rows
                outward = out_indptr[name[a] + 1] - out_indptr[name[a]] <= in_indptr[name[b] + 1] - in_indptr[name[b]]
            if entering:
                if outward:
                    begin, end[s] = out_indptr[name[a]], out_indptr[name[a] + 1]
                    at[s] = first_at_or_after(out_clock, begin, end[s], reading[s - 1] + 1)
                else:
                    begin, end[s] = in_indptr[name[b]], in_indptr[name[b] + 1]
                    at[s] = first_at_or_after(in_clock, begin, end[s], reading[s - 1] + 1)
                entering = False
            j = at[s]
            if j == end[s] or (out_clock[j] if outward else in_clock[j]) >= until:
                s -= 1
                continue
            at[s] += 1
            other, far = (out_neighbour[j], b) if outward else (in_neighbour[j], a)
            if far < known:
                if name[far] != other:
                    continue
            else:
                fresh = True
                for label in range(known):
                    fresh = fresh and name[label] != other
                if not fresh:
                    continue
                name[far] = other
            reading[s] = out_clock[j] if outward else in_clock[j]
            if s < steps - 1:
                s, entering = s + 1, True
                continue
            if wanted:
                for label in range(labels):
                    nodes[found, label] = name[label]
                for step in range(steps):
                    moments[found, step] = reading[step]
            found += 1
            if found == wanted:
                return found
    return found
