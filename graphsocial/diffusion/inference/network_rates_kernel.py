"""Compiled loops of network inference: who came before whom, and the rates that explain it best."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def list_earlier(offsets, time, earlier, later, cascade):  # type: ignore[no-untyped-def]
    """Writes all pairs of members of one cascade of which one came before the other; members stand in order of time.

    Args:
        offsets: First member of each cascade, [cascade + 1].
        time: When each became active, [member].
        earlier: Output, the earlier member, [pair]; where empty, pairs are only counted.
        later: Output, the later member, [pair].
        cascade: Output, which cascade, [pair].

    Returns:
        How many pairs there are.
    """
    count, write = 0, len(earlier) > 0
    for c in range(len(offsets) - 1):
        for b in range(offsets[c], offsets[c + 1]):
            for a in range(offsets[c], b):
                if time[a] == time[b]:
                    break
                if write:
                    earlier[count], later[count], cascade[count] = a, b, c
                count += 1
    return count


@jit
def fit_rates(  # type: ignore[no-untyped-def]
    begin, end, edge_of, event_of, event, entry_edge, hazard, exposure, most, tolerance,
    rate, transmissions, likelihood, iterations,
):  # fmt: skip
    """Rates of greatest likelihood into the nodes `begin` to `end`, each node by itself, by expectation maximisation.

    Args:
        begin: First node.
        end: One past the last node.
        edge_of: First edge into each node, [node + 1].
        event_of: First activation of each node, [node + 1].
        event: First entry of each activation, [activation + 1].
        entry_edge: The edge that each entry is about, [entry].
        hazard: Its hazard at rate 1, [entry].
        exposure: Cumulative hazard at rate 1 of each edge over all cascades, plus any penalty, [edge].
        most: Most iterations.
        tolerance: Stops when the log-likelihood grows by less than this share of itself.
        rate: Output, [edge].
        transmissions: Output, how often the edge passed something on, in shares, [edge].
        likelihood: Output, penalised, [node].
        iterations: Output, [node].
    """
    for v in range(begin, end):
        first, last = edge_of[v], edge_of[v + 1]
        if first == last:
            continue
        for e in range(first, last):
            rate[e] = (event_of[v + 1] - event_of[v]) / ((last - first) * exposure[e])
        before = -np.inf
        for turn in range(most + 1):
            found = 0.0
            for e in range(first, last):
                found -= rate[e] * exposure[e]
                transmissions[e] = 0.0
            for i in range(event_of[v], event_of[v + 1]):
                total = 0.0
                for k in range(event[i], event[i + 1]):
                    total += rate[entry_edge[k]] * hazard[k]
                found += np.log(total)
                for k in range(event[i], event[i + 1]):
                    transmissions[entry_edge[k]] += rate[entry_edge[k]] * hazard[k] / total
            likelihood[v], iterations[v] = found, turn
            if turn == most or found - before <= tolerance * abs(found):
                break
            before = found
            for e in range(first, last):
                rate[e] = transmissions[e] / exposure[e]
