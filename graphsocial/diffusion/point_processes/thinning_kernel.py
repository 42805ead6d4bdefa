"""Runs of a self-exciting process by thinning, in a compiled loop.

Candidates come at a rate that the intensity cannot pass before the next event, for no memory kernel rises; each is kept
with the share of that rate that the intensity has when it comes (Ogata, "On Lewis' simulation method for point
processes", IEEE Transactions on Information Theory 27(1), 1981). The number that decides whether a candidate is kept
lies, given that it is, evenly below the intensity, so it also says which event triggered the new one.
"""

from __future__ import annotations

import numba

from graphsocial.diffusion.point_processes.memory_families_kernel import density_at, exponential_of
from graphsocial.diffusion.random_stream_kernel import advance, exponential, mix, stream_of, unit

FOREVER = 1e300
"""Seconds after which nothing is looked for."""


@numba.njit(cache=True, nogil=True)
def thinned_runs(  # type: ignore[no-untyped-def]
    begin, end, key, background, branching, family, first, second, root, until, most, node, parent, time, size, censored
):
    """Runs `begin` to `end`, event after event; stops before a run that does not fit.

    A run goes on beyond `until` up to the next event, which is not kept: so it is known whether the run was cut short.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        background: Events per second that nothing triggered.
        branching: Direct answers per event.
        family: Which memory kernel, see `memory_families_kernel`.
        first: Its first parameter.
        second: Its second parameter.
        root: Whether a run begins with an event at 0.
        until: Events before this time are kept, seconds.
        most: Most events of a run.
        node: Number of the event within its run [member].
        parent: Number of the event that triggered it, -1 for none [member].
        time: Seconds [member].
        size: Events of each run [run].
        censored: True where the run went on after `until` [run].

    Returns:
        Number of runs done, and whether the next one has more than `most` events.
    """
    room, base = len(node), 0
    for run in range(begin, end):
        state = stream_of(key, run)
        now, count, memory = 0.0, 0, 0.0  # memory: sum of exp(-rate delay), only kept up for the exponential family
        if root:
            if base >= room:
                return run - begin, False
            node[base], parent[base], time[base] = 0, -1, 0.0
            count, memory = 1, 1.0
        bound = background
        if root:
            bound += branching * density_at(family, first, second, 0.0)
        cut = False
        while bound > 0.0:
            state, gap = exponential(state)
            later = now + gap / bound
            if not later < FOREVER:
                break
            if family == 0:
                memory *= exponential_of(-first * (later - now))
                intensity = background + branching * first * memory
            else:
                excitement = 0.0
                for i in range(base + count - 1, base - 1, -1):
                    excitement += density_at(family, first, second, later - time[i])
                intensity = background + branching * excitement
            now = later
            state = advance(state)
            level = unit(mix(state)) * bound
            bound = intensity
            if level >= intensity:
                continue
            if now >= until:
                cut = True
                break
            if count >= most:
                return run - begin, True
            if base + count >= room:
                return run - begin, False
            above = -1
            if level >= background:
                level -= background
                i = count
                while level >= 0.0 and i > 0:  # the newest first: they have the largest shares
                    i -= 1
                    level -= branching * density_at(family, first, second, now - time[base + i])
                above = i
            node[base + count], parent[base + count], time[base + count] = count, above, now
            count += 1
            memory += 1.0
            bound += branching * density_at(family, first, second, 0.0)
        size[run - begin] = count
        censored[run - begin] = cut
        base += count
    return end - begin, False
