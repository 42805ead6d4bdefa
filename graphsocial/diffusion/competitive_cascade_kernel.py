"""Competitive cascades: attempts of all campaigns, node after node; ties are settled as they come."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.random_stream_kernel import advance, below, mix, stream_of, unit


@numba.njit(cache=True, nogil=True)
def competitive_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, seed_campaign, by_priority, indptr, target, probability, place_of, node, parent,
    time, campaign, size, censored,
):  # fmt: skip
    """Runs `begin` to `end`, member after member; stops before a run that might not fit.

    Of the n-th successful attempt at a node within a step, one in n replaces the one that stands: each is the last to
    stand with the same chance.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        seed_campaign: Campaign of each seed, [seed].
        by_priority: Whether the campaign named first wins ties, instead of any successful attempt.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        probability: Chance of each edge in each campaign, [campaign, edge].
        place_of: -1 everywhere, before and after, int32 [node].
        node: Who became active, in order [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        campaign: Which campaign each member follows, [member].
        size: Members of each run, [run].
        censored: Written: whether members of the last step have an edge left to somebody not reached yet, [run].

    Returns:
        Number of runs done.
    """
    nodes, room, base = len(place_of), len(node), 0
    tries = np.zeros(nodes, dtype=np.int32)
    for run in range(begin, end):
        if room - base < nodes + 1:
            return run - begin
        state = stream_of(key, run)
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail], campaign[tail] = seeds[s], -1, 0, seed_campaign[s]
            place_of[seeds[s]] = tail - base
            tail += 1
        head = base
        while head < tail and time[head] < horizon:
            u, now, mine = node[head], time[head] + 1, np.int64(campaign[head])
            for place in range(indptr[u], indptr[u + 1]):
                v = target[place]
                held = base + np.int64(place_of[v])
                if held >= base and time[held] < now:
                    continue
                state = advance(state)
                if unit(mix(state)) >= probability[mine, place]:
                    continue
                if held < base:
                    node[tail], parent[tail], time[tail], campaign[tail] = v, head - base, now, mine
                    place_of[v], tries[v] = tail - base, 1
                    tail += 1
                    continue
                tries[v] += 1
                if by_priority:
                    wins = mine < np.int64(campaign[held])
                else:
                    state = advance(state)
                    wins = below(mix(state), tries[v]) == 0
                if wins:
                    parent[held], campaign[held] = head - base, mine
            head += 1
        censored[run - begin] = False
        for i in range(head, tail):
            for place in range(indptr[node[i]], indptr[node[i] + 1]):
                open_edge = probability[np.int64(campaign[i]), place] > 0.0 and place_of[target[place]] < 0
                censored[run - begin] |= open_edge
        for i in range(base, tail):
            place_of[node[i]] = -1
        size[run - begin] = tail - base
        base = tail
    return end - begin
