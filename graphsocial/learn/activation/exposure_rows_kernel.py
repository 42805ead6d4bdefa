"""The loops that list who exposed whom: all exposures of those who acted, a weighted sample of the others."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.learn.activation.followed_pairs_kernel import edge_between


@numba.njit(cache=True, nogil=True)
def list_caused(  # type: ignore[no-untyped-def]
    cascades, offsets, user, time, as_of, end, indptr, target, write, row_edge, row_cascade, row_source, row_event
):
    """Every edge along which somebody who acted within [as_of, end) had been exposed at an earlier second.

    Args:
        cascades: Which cascades, int64 [example].
        offsets: First event of each cascade [cascade + 1].
        user: Of each event [event].
        time: Of each event [event].
        as_of: Beginning of each example's window, int64 [example].
        end: End of each example's window, int64 [example].
        indptr: First edge of each known user [user + 1].
        target: Whom each edge reaches [edge].
        write: False only counts; nothing is written.
        row_edge: Written [row].
        row_cascade: Number of the example, written [row].
        row_source: Event of the exposer, written [row].
        row_event: Event of whoever acted, written [row].

    Returns:
        Number of rows, events with a row, and events of known users in the window.
    """
    known = len(indptr) - 2
    rows, exposed, acted = 0, 0, 0
    for example in range(len(cascades)):
        first, stop = offsets[cascades[example]], offsets[cascades[example] + 1]
        for event in range(first, stop):
            if time[event] < as_of[example] or time[event] >= end[example] or user[event] >= known:
                continue
            acted += 1
            before = rows
            for exposer in range(first - 1, event):
                source = max(exposer, first)
                if time[source] >= time[event]:
                    break
                if exposer < first:  # the outside, from the first event on
                    edge = indptr[known] + user[event]
                elif user[source] >= known:
                    continue
                else:
                    edge = edge_between(indptr, target, user[source], user[event])
                if edge < 0:
                    continue
                if write:
                    row_edge[rows], row_cascade[rows] = edge, example
                    row_source[rows], row_event[rows] = source, event
                rows += 1
            exposed += rows > before
    return rows, exposed, acted


@numba.njit(cache=True, nogil=True)
def draw_exposed(  # type: ignore[no-untyped-def]
    cascades, offsets, user, time, as_of, end, indptr, target, prior, summed, drawn, row_edge, row_source, row_weight
):
    """Exposures of those who did not act, drawn in proportion to `prior`, each with how many it stands for.

    Who acts at or after a window's end neither exposes anybody in it nor counts as having acted.

    Args:
        cascades: Which cascades, int64 [example].
        offsets: First event of each cascade [cascade + 1].
        user: Of each event [event].
        time: Of each event [event].
        as_of: Beginning of each example's window; whoever acted before is no longer exposed, int64 [example].
        end: End of each example's window, int64 [example].
        indptr: First edge of each known user [user + 1].
        target: Whom each edge reaches [edge].
        prior: Weight of each edge in the draw, positive [edge].
        summed: Sums of `prior` before each edge [edge + 1].
        drawn: Numbers of [0, 1), float64 [example, draw].
        row_edge: Written; -1 for a draw that fell on somebody who acted, or where nobody is exposed [example, draw].
        row_source: Event of the exposer, written [example, draw].
        row_weight: Exposures that the draw stands for, written [example, draw].
    """
    known, draws = len(indptr) - 2, drawn.shape[1]
    for example in range(len(cascades)):
        first, stop = offsets[cascades[example]], offsets[cascades[example] + 1]
        outside = summed[indptr[known + 1]] - summed[indptr[known]]
        total, last = 0.0, first
        for event in range(first, stop):
            if time[event] >= end[example]:
                break
            last = event + 1
            if event == first:  # before that the outside has not seen the post either
                total += outside
            if user[event] < known:
                total += summed[indptr[user[event] + 1]] - summed[indptr[user[event]]]
        for draw in range(draws):
            row_edge[example, draw], row_weight[example, draw] = -1, 0.0
            if total <= 0:
                continue
            left = drawn[example, draw] * total
            source, u = first, known
            if left >= outside:
                left -= outside
                for event in range(first, last):
                    if user[event] >= known:
                        continue
                    mine = summed[indptr[user[event] + 1]] - summed[indptr[user[event]]]
                    if mine > 0:
                        source, u = event, user[event]
                        if left < mine:
                            break
                        left -= mine
            goal = summed[indptr[u]] + left
            low, high = indptr[u], indptr[u + 1] - 1
            while low < high:
                middle = (low + high) >> 1
                if summed[middle + 1] <= goal:
                    low = middle + 1
                else:
                    high = middle
            acted = False
            for event in range(first, last):
                acted |= user[event] == target[low]
            if acted:
                continue
            row_edge[example, draw], row_source[example, draw] = low, source
            row_weight[example, draw] = total / (draws * prior[low])


@numba.njit(cache=True, nogil=True)
def likeness(content, mean, cascade, user, out):  # type: ignore[no-untyped-def]
    """Inner products of what cascades say and what users usually take part in.

    Args:
        content: Float32 [cascade, channel].
        mean: Float32 [user, channel].
        cascade: Of each row [row].
        user: Of each row [row].
        out: Written, float32 [row].
    """
    for row in range(len(out)):
        total = np.float32(0)
        a, b = content[cascade[row]], mean[user[row]]
        for channel in range(len(a)):
            total += a[channel] * b[channel]
        out[row] = total
