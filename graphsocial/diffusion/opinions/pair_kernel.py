"""Opinions that move two at a time."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.random_stream_kernel import advance, below, mix


@numba.njit(inline="always")
def approach(opinion, u, v, bound, convergence):  # type: ignore[no-untyped-def]
    """Both move towards each other if they differ by less than the bound."""
    difference = opinion[v] - opinion[u]
    if abs(difference) < bound:
        opinion[u] += convergence * difference
        opinion[v] -= convergence * difference


@numba.njit(cache=True, nogil=True)
def meet(source, target, bound, convergence, opinion, state, begin, count, tolerance):  # type: ignore[no-untyped-def]
    """Meetings along edges drawn evenly, as many per step as there are nodes.

    Args:
        source: One end of each edge, [edge].
        target: The other, [edge].
        bound: Difference from which on two do not listen to each other.
        convergence: Share of the difference that each moves.
        opinion: Opinions, written [node].
        state: Of the stream.
        begin: Step the opinions are of.
        count: Steps to go.
        tolerance: Ends that differ by at most this much are of one opinion.

    Returns:
        The state of the stream, and the first step from which on no edge moves its ends, -1 if that is not reached.
    """
    for step in range(begin, begin + count + 1):
        moves = False
        for edge in range(len(source)):
            difference = abs(opinion[source[edge]] - opinion[target[edge]])
            if tolerance < difference < bound:
                moves = True
                break
        if not moves:
            return state, step
        if step == begin + count:
            break
        for _ in range(len(opinion)):
            state = advance(state)
            edge = below(mix(state), len(source))
            approach(opinion, source[edge], target[edge], bound, convergence)
    return state, -1


@numba.njit(cache=True, nogil=True)
def meet_in_order(source, target, first, last, bound, convergence, opinion):  # type: ignore[no-untyped-def]
    """Meetings along contacts `first` to `last`; see `meet`."""
    for contact in range(first, last):
        approach(opinion, source[contact], target[contact], bound, convergence)


@numba.njit(cache=True, nogil=True)
def copy_in_order(source, target, first, last, opinion):  # type: ignore[no-untyped-def]
    """Targets of contacts `first` to `last` take their sources' opinions."""
    for contact in range(first, last):
        opinion[target[contact]] = opinion[source[contact]]


@numba.njit(cache=True, nogil=True)
def copy_neighbours(indptr, source, opinion, state, begin, count):  # type: ignore[no-untyped-def]
    """Nodes drawn evenly take a neighbour's opinion, as many per step as there are nodes.

    Args:
        indptr: First entry of each node's row, [node + 1].
        source: Whom the node hears, [entry].
        opinion: Opinions, written [node].
        state: Of the stream.
        begin: Step the opinions are of.
        count: Steps to go.

    Returns:
        The state of the stream, and the first step from which on everybody agrees with all they hear, -1 if that is not
        reached.
    """
    nodes = len(opinion)
    for step in range(begin, begin + count + 1):
        agree = True
        for v in range(nodes):
            for place in range(indptr[v], indptr[v + 1]):
                if opinion[source[place]] != opinion[v]:
                    agree = False
                    break
            if not agree:
                break
        if agree:
            return state, step
        if step == begin + count:
            break
        for _ in range(nodes):
            state = advance(state)
            v = below(mix(state), nodes)
            heard = indptr[v + 1] - indptr[v]
            if heard > 0:
                state = advance(state)
                opinion[v] = opinion[source[indptr[v] + below(mix(state), heard)]]
    return state, -1


@numba.njit(cache=True, nogil=True)
def convince(indptr, target, opinion, state, begin, count):  # type: ignore[no-untyped-def]
    """Pairs that agree convince whom they reach, as many draws per step as there are nodes.

    Args:
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        opinion: Opinions, written [node].
        state: Of the stream.
        begin: Step the opinions are of.
        count: Steps to go.

    Returns:
        The state of the stream, and the first step from which on no pair convinces anybody, -1 if that is not reached.
    """
    nodes = len(opinion)
    agrees = np.empty(nodes, dtype=np.bool_)
    for step in range(begin, begin + count + 1):
        agrees[:] = False
        for u in range(nodes):
            for place in range(indptr[u], indptr[u + 1]):
                if opinion[target[place]] == opinion[u]:
                    agrees[u] = agrees[target[place]] = True
        over = True
        for u in range(nodes):
            if agrees[u]:
                for place in range(indptr[u], indptr[u + 1]):
                    over &= opinion[target[place]] == opinion[u]
        if over:
            return state, step
        if step == begin + count:
            break
        for _ in range(nodes):
            state = advance(state)
            u = below(mix(state), nodes)
            reached = indptr[u + 1] - indptr[u]
            if reached == 0:
                continue
            state = advance(state)
            v = target[indptr[u] + below(mix(state), reached)]
            if opinion[u] != opinion[v]:
                continue
            held = opinion[u]
            for place in range(indptr[u], indptr[u + 1]):
                opinion[target[place]] = held
            for place in range(indptr[v], indptr[v + 1]):
                opinion[target[place]] = held
    return state, -1
