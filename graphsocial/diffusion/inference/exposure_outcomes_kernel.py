"""A compiled loop that tells what became of every exposure of some cascades."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def list_outcomes(  # type: ignore[no-untyped-def]
    offsets, who, time, end, window, indptr, target, into, source, into_edge, write,
    trials, failures, event, edge, delay, still_open,
):  # fmt: skip
    """Counts exposures, and writes who may have activated whom where `write` is set.

    Args:
        offsets: First member of each cascade, [cascade + 1].
        who: Position of each member, -1 for one that is not in the graph, [member].
        time: When it became active, [member].
        end: When each cascade's observation ends, inf where it is finished, [cascade].
        window: How long an exposure counts.
        indptr: First edge of each node's row, [node + 1].
        target: Whom each edge reaches, [edge].
        into: First entry of each node's reversed row, [node + 1].
        source: Who influences, [entry].
        into_edge: The edge of each entry, [entry].
        write: Whether to fill the outputs below.
        trials: Output, exposures along each edge whose window had ended, [edge].
        failures: Output, those that activated nobody, [edge].
        event: Output, first candidate of each activation, [activation + 1].
        edge: Output, edge along which the candidate may have succeeded, [candidate].
        delay: Output, time since the exposure began, [candidate].
        still_open: Output, whether its window reaches beyond the end, [candidate].

    Returns:
        Numbers of activations, of their candidates, of activations without any, and of exposures still open.
    """
    when = np.full(len(indptr) - 1, np.inf)
    done = np.full(len(indptr) - 1, -1, dtype=np.int64)
    events, candidates, alone, opened = 0, 0, 0, 0
    for c in range(len(offsets) - 1):
        first = np.inf
        for m in range(offsets[c], offsets[c + 1]):
            first = min(first, time[m])
            if who[m] >= 0:
                when[who[m]] = min(when[who[m]], time[m])
        for m in range(offsets[c], offsets[c + 1]):
            v = who[m]
            if v < 0 or done[v] == c:
                continue
            done[v] = c
            since = when[v]
            before = candidates
            for k in range(into[v], into[v + 1]):
                if since > first and when[source[k]] < since and since - when[source[k]] <= window:
                    if write:
                        edge[candidates] = into_edge[k]
                        delay[candidates] = since - when[source[k]]
                        still_open[candidates] = not (end[c] == np.inf or when[source[k]] + window < end[c])
                    candidates += 1
            if candidates > before:
                events += 1
                if write:
                    event[events] = candidates
            elif since > first:
                alone += 1
            closed = end[c] == np.inf or since + window < end[c]
            for e in range(indptr[v], indptr[v + 1]):
                other = when[target[e]]
                if other <= since:
                    continue
                if not closed:
                    opened += 1
                elif write:
                    trials[e] += 1
                    if other == np.inf or other - since > window:
                        failures[e] += 1
        for m in range(offsets[c], offsets[c + 1]):
            if who[m] >= 0:
                when[who[m]] = np.inf
    return events, candidates, alone, opened
