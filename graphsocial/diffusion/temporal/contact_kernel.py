"""Spread over contacts: only those of somebody who has it are looked at; the earliest that passes it on comes next."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.epidemics.event_heap_kernel import drop_first, grown, sift_in, waiting_time
from graphsocial.diffusion.random_stream_kernel import coin, exponential, stream_of


@numba.njit(cache=True, nogil=True)
def contact_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, start, horizon, limit, again, skip, hazards, low, high, incubation, duration,
    indptr, contact, clock, target, gate, node, parent, time, marks, size, censored
):  # fmt: skip
    """Runs `begin` to `end`; stops before a run that does not fit.

    A contact passes on by one of three rules: with the one chance that all have, where `hazards` and `low` are empty;
    with a chance of its own; or if the number of its target lies in its stretch, as thresholds have it.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        start: When they become active.
        horizon: Nothing happens after it; finite.
        limit: First contact after the horizon.
        again: Whether those who recovered can be infected again.
        skip: Contacts per unit of hazard, -1 / log(1 - p), where all have one chance.
        hazards: -log(1 - p) of each contact, [contact] or empty.
        low: Where each contact's stretch begins, [contact] or empty.
        high: Where it ends, [contact] or empty.
        incubation: Mean time from infection until infectious; not read without that phase.
        duration: Mean time from then until recovery; not read without that phase.
        indptr: First entry of each node's row, [node + 1].
        contact: Contact of each entry, ascending within a row [entry].
        clock: Time of each contact, ascending [contact].
        target: Whom each contact reaches, [contact].
        gate: Infinite everywhere, before and after; below zero where `again`: the contact at which a node is reached as
            far as is known, or the time until which nothing reaches it [node].
        node: Who became active, in order [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: When [member].
        marks: When it recovered, or when it became infectious and when it recovered; infinite after the horizon
            [mark, member].
        size: Members of each run, [run].
        censored: Written: whether somebody was exposed or infectious still, or without recovery had a contact to come
            that could have passed it on [run].

    Returns:
        Number of runs done.
    """
    room, base, phases, closed = len(node), 0, len(marks), -np.inf if again else np.inf
    due, source = np.empty(1024, dtype=np.int64), np.empty(1024, dtype=np.int32)
    for run in range(begin, end):
        stream = stream_of(key, run)
        state = stream
        tail, waiting, ongoing, fits = base, 0, False, True
        for s in range(len(seeds)):
            gate[seeds[s]] = start if again else -1.0
        while True:
            if tail - base < len(seeds):
                u, now, from_whom = np.int64(seeds[tail - base]), start, -1
            elif waiting > 0:
                c, from_whom = due[0], int(source[0])
                u, now = np.int64(target[c]), clock[c]
                drop_first(due, source, waiting)
                waiting -= 1
                if (again and not gate[u] < now) or (not again and gate[u] != c):
                    continue
            else:
                break
            if tail == room:
                fits, gate[u] = False, closed
                break
            node[tail], parent[tail], time[tail] = u, from_whom, now
            infectious, until = now, np.inf
            if phases == 2:
                if from_whom >= 0:
                    state, latency = waiting_time(state, incubation, False)
                    infectious += latency
                marks[0, tail] = infectious if infectious <= horizon else np.inf
            if phases:
                state, period = waiting_time(state, duration, False)
                until = infectious + period
                ongoing |= until > horizon
                marks[phases - 1, tail] = until if until <= horizon else np.inf
            if again:
                gate[u] = until
            entry, last = indptr[u], indptr[u + 1]
            below = last
            while entry < below:  # the first contact strictly after becoming infectious
                middle = (entry + below) >> 1
                if clock[contact[middle]] <= infectious:
                    entry = middle + 1
                else:
                    below = middle
            state, left = exponential(state)
            while entry < last:
                if len(hazards) == 0 and len(low) == 0:
                    ahead = left * skip
                    if not ahead < last - entry:
                        break
                    entry += np.int64(ahead)
                c = np.int64(contact[entry])
                if c >= limit or clock[c] > until:
                    break
                v = np.int64(target[c])
                if len(hazards):
                    passes = left < hazards[c]
                    left -= hazards[c]
                elif len(low):
                    number = coin(stream, v)
                    passes = low[c] <= number and number < high[c]
                else:
                    passes = True
                if passes:
                    if (again and gate[v] < clock[c]) or (not again and c < gate[v]):
                        if not again:
                            gate[v] = c
                        if waiting == len(due):
                            due, source = grown(due), grown(source)
                        sift_in(due, source, waiting, c, np.int32(tail - base))
                        waiting += 1
                    state, left = exponential(state)
                entry += 1
            tail += 1
        if fits and not phases and limit < len(target):
            ongoing = goes_on(node[base:tail], limit, skip, hazards, low, high, indptr, contact, target, gate)
        for s in range(len(seeds)):
            gate[seeds[s]] = closed
        for i in range(base, tail):
            gate[node[i]] = closed
        if not again:  # where the run did not fit, others have been promised
            for i in range(waiting):
                gate[target[due[i]]] = closed
        if not fits:
            return run - begin
        censored[run - begin] = ongoing
        size[run - begin] = tail - base
        base = tail
    return end - begin


@numba.njit
def goes_on(member, limit, skip, hazards, low, high, indptr, contact, target, gate):  # type: ignore[no-untyped-def]
    """Whether some member has a contact from `limit` on that could reach somebody else.

    Args:
        member: Members of the run, [member].
        limit: First contact to look at.
        skip: Infinite where no contact has a chance, if all have the same.
        hazards: Of each contact, [contact] or empty.
        low: Where each contact's stretch begins, [contact] or empty.
        high: Where it ends, [contact] or empty.
        indptr: First entry of each node's row, [node + 1].
        contact: Contact of each entry, ascending within a row [entry].
        target: Whom each contact reaches, [contact].
        gate: Infinite where a node has not been reached, [node].
    """
    for u in member:
        for entry in range(indptr[u + 1] - 1, indptr[u] - 1, -1):
            c = contact[entry]
            if c < limit:
                break
            if len(hazards):
                may = hazards[c] > 0.0
            elif len(low):
                may = high[c] > low[c]
            else:
                may = skip < np.inf
            if may and gate[target[c]] == np.inf:
                return True
    return False
