"""Log-likelihood and compensator of self-exciting processes, with gradients, in compiled loops."""

from __future__ import annotations

import math

import numba

from graphsocial.diffusion.point_processes.memory_families_kernel import density_slopes, mass_slopes

_SMALLEST = 1e-300


@numba.njit(cache=True, nogil=True)
def log_likelihoods(  # type: ignore[no-untyped-def]
    begin, end, background, branching, family, first, second, age, offsets, until, root, out
):
    """Sum of the events' log intensities minus the compensator, of some sequences.

    Daley and Vere-Jones, "An Introduction to the Theory of Point Processes", 2nd ed., proposition 7.2.III. Linear in
    the number of events for the exponential family (the recursion of Ozaki, "Maximum likelihood estimation of Hawkes'
    self-exciting point processes", Annals of the Institute of Statistical Mathematics 31, 1979), quadratic for others.

    Args:
        begin: First sequence.
        end: One past the last sequence.
        background: Events per second that nothing triggered.
        branching: Direct answers per event.
        family: Which memory kernel, see `memory_families_kernel`.
        first: Its first parameter.
        second: Its second parameter.
        age: Seconds since the sequence's beginning [event].
        offsets: First event of each sequence [sequence + 1].
        until: Length of the observation, seconds [sequence].
        root: Whether the first event of a sequence is given.
        out: Written: the value and its derivatives by background, branching and the kernel's parameters [sequence, 5].
    """
    for s in range(begin, end):
        low, high = offsets[s], offsets[s + 1]
        value, by_background, by_branching, by_first, by_second = 0.0, 0.0, 0.0, 0.0, 0.0
        memory, slope = 0.0, 0.0  # sums of exp(-rate delay) and of delay exp(-rate delay)
        for i in range(low, high):
            share, share_first, share_second = 0.0, 0.0, 0.0
            if family == 0:
                if i > low:
                    gap = age[i] - age[i - 1]
                    fade = math.exp(-first * gap)
                    slope = (slope + gap * memory) * fade
                    memory *= fade
                    if memory < _SMALLEST:  # keep the slope of the logarithm when both underflow
                        memory, slope = _SMALLEST, _SMALLEST * gap
                share, share_first = first * memory, memory - first * slope
                memory += 1.0
            else:
                for j in range(low, i):
                    density, density_first, density_second = density_slopes(family, first, second, age[i] - age[j])
                    share += density
                    share_first += density_first
                    share_second += density_second
            if not (root and i == low):
                intensity = max(background + branching * share, _SMALLEST)
                value += math.log(intensity)
                by_background += 1.0 / intensity
                by_branching += share / intensity
                by_first += branching * share_first / intensity
                by_second += branching * share_second / intensity
            mass, mass_first, mass_second = mass_slopes(family, first, second, until[s] - age[i])
            value -= branching * mass
            by_branching -= mass
            by_first -= branching * mass_first
            by_second -= branching * mass_second
        if background > 0.0:
            value -= background * until[s]
        out[s, 0], out[s, 1], out[s, 2] = value, by_background - until[s], by_branching
        out[s, 3], out[s, 4] = by_first, by_second


@numba.njit(cache=True, nogil=True)
def compensators(  # type: ignore[no-untyped-def]
    begin, end, background, branching, family, first, second, age, offsets, until, at_event, at_end
):
    """Expected events from a sequence's beginning to each event, and to the end of its observation.

    Args:
        begin: First sequence.
        end: One past the last sequence.
        background: Events per second that nothing triggered.
        branching: Direct answers per event.
        family: Which memory kernel, see `memory_families_kernel`.
        first: Its first parameter.
        second: Its second parameter.
        age: Seconds since the sequence's beginning [event].
        offsets: First event of each sequence [sequence + 1].
        until: Length of the observation, seconds [sequence].
        at_event: Written [event].
        at_end: Written [sequence].
    """
    for s in range(begin, end):
        low, high = offsets[s], offsets[s + 1]
        memory = 0.0
        for i in range(low, high):
            mass = 0.0
            if family == 0:
                if i > low:
                    memory *= math.exp(-first * (age[i] - age[i - 1]))
                mass = (i - low) - memory
                memory += 1.0
            else:
                for j in range(low, i):
                    mass += mass_slopes(family, first, second, age[i] - age[j])[0]
            at_event[i] = background * age[i] + branching * mass
        whole = background * until[s] if background > 0.0 else 0.0
        for i in range(low, high):
            whole += branching * mass_slopes(family, first, second, until[s] - age[i])[0]
        at_end[s] = whole
