"""Compiled loops over who adopted what after whom."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph.kernels import first_at_or_after, jit

ONE = np.int64(1)


@numba.njit(inline="always")
def _has(bits, v):  # type: ignore[no-untyped-def]
    return (bits[v >> 6] >> np.int64(v & 63)) & ONE


@numba.njit(inline="always")
def _add(bits, v):  # type: ignore[no-untyped-def]
    bits[v >> 6] |= ONE << np.int64(v & 63)


@jit
def gather(item, author, since, indptr, neighbour, clock, epoch, begin, stop, seen, offsets, who, time, author_at):  # type: ignore[no-untyped-def]
    """Writes the members of each item, in order of time, and where its author stands among them.

    Args:
        item: Rows to read, [item].
        author: Author of each item or -1, [item].
        since: When it was published, seconds [item].
        indptr: Rows of adopters, [row + 1].
        neighbour: Adopters, in order of time within a row, [entry].
        clock: When they adopted, [entry].
        epoch: Second that the clock counts from.
        begin: First reading that counts.
        stop: One past the last reading that counts.
        seen: Scratch, -1 for every node, [node].
        offsets: Output, first member of each item, [item + 1].
        who: Output, [member].
        time: Output, seconds [member].
        author_at: Output, [item].
    """
    n = 0
    for i in range(len(item)):
        offsets[i] = n
        if author[i] >= 0:
            seen[author[i]] = i
        placed = False
        last = indptr[item[i] + 1]
        for j in range(first_at_or_after(clock, indptr[item[i]], last, begin), last):
            if clock[j] >= stop:
                break
            u = neighbour[j]
            if seen[u] == i:
                continue
            seen[u] = i
            moment = np.int64(clock[j]) + epoch
            if not placed and since[i] <= moment:
                placed = True
                who[n], time[n], author_at[i] = author[i], since[i], n
                n += 1
            who[n], time[n] = u, moment
            n += 1
        if not placed:
            who[n], time[n], author_at[i] = author[i], since[i], n
            n += 1
    offsets[len(item)] = n


@jit
def earlier_members(offsets, author_at, time, below):  # type: ignore[no-untyped-def]
    """Writes one past the members of the same item that adopted in an earlier second; -1 for authors, [member].

    Args:
        offsets: First member of each item, [item + 1].
        author_at: Author of each item, [item].
        time: When they adopted, ascending within an item, [member].
        below: Output, [member].
    """
    for i in range(len(offsets) - 1):
        tied = offsets[i]
        for m in range(offsets[i], offsets[i + 1]):
            if time[m] != time[tied]:
                tied = m
            below[m] = tied
        below[author_at[i]] = -1


@jit
def walk_rows(  # type: ignore[no-untyped-def]
    offsets, below, who, moment, indptr, neighbour, clock, stop, lax, untimed, latest_only,
    bits, place, counted, later, count, first, last, slot, candidate,
):  # fmt: skip
    """Finds exposures by reading each adopter's row, looking up who of it is an earlier member; returns what it left.

    An exposure is a member that adopted strictly earlier and stands in the adopter's row. Rows longer than the
    list of earlier members are left to `scan_members`.

    Args:
        offsets: First member of each item, [item + 1].
        below: One past the earlier members of each member, -1 for authors, [member].
        who: Members in order of time, [member]; -1 for an unknown author.
        moment: When they adopted, on the rows' clock, [member].
        indptr: Rows of those who expose each node, [node + 1].
        neighbour: Those who expose, [entry].
        clock: Since when they do, [entry].
        stop: One past the last reading that counts.
        lax: Whether entries may expose before their own reading: 0 none, 1 those of `untimed`, 2 all.
        untimed: Entries whose own time nobody recorded, [entry]; empty unless `lax` is 1.
        latest_only: Only `last` is wanted; `count` and `first` are then not to be used.
        bits: Scratch, one zero bit for every node, left as it was: it fits where a number per node does not, [word].
        place: Scratch, [node].
        counted: Scratch, -1 for every node, [node].
        later: Output, adopters left and the first member of their item, [adopter, 2].
        count: Output, exposures of each member, [member].
        first: Output, earliest exposing member or -1, [member].
        last: Output, latest exposing member or -1; of several at the same second the last one, [member].
        slot: First slot of each member in `candidate`, [member + 1]; empty when candidates are not wanted.
        candidate: Output, exposing members, unsorted within a member, [slot].
    """
    left = 0
    for i in range(len(offsets) - 1):
        low = offsets[i]
        for m in range(low, offsets[i + 1]):
            u = who[m]
            if u < 0:
                continue
            place[u] = m
            _add(bits, u)
            if below[m] <= low:
                continue
            begin, end = indptr[u], indptr[u + 1]
            if end - begin > below[m] - low:
                later[left, 0], later[left, 1] = m, low
                left += 1
                continue
            found, earliest, latest = 0, np.int64(-1), np.int64(-1)
            for j in range(begin, end):
                v = neighbour[j]
                if not _has(bits, v):
                    continue
                c = np.int64(place[v])
                if c >= below[m] or (latest_only and c <= latest) or clock[j] >= stop:
                    continue
                if clock[j] >= moment[m] and (lax == 0 or (lax == 1 and not untimed[j])):
                    continue
                latest = max(latest, c)
                if latest_only:
                    continue
                if counted[v] == m:
                    continue
                counted[v] = m
                if len(slot):
                    candidate[slot[m] + found] = c
                found += 1
                earliest = c if earliest < 0 else min(earliest, c)
            count[m], first[m], last[m] = found, earliest, latest
        for m in range(low, offsets[i + 1]):
            if who[m] >= 0:
                bits[who[m] >> 6] = 0
    return left


@jit
def scan_members(  # type: ignore[no-untyped-def]
    later, groups, order, below, who, moment, indptr, neighbour, clock, stop, lax, untimed, latest_only,
    bits, since, count, first, last, slot, candidate,
):  # fmt: skip
    """Finds the exposures that `walk_rows` left: reads each node's row once, then its items' members backwards.

    Args: as `walk_rows`, and
        later: What is left, [adopter, 2].
        groups: Start of each node's part of `order`, [node + 1].
        order: Rows of `later`, grouped by node, [adopter].
        since: Scratch, [node].
    """
    for u in range(len(groups) - 1):
        if groups[u] == groups[u + 1]:
            continue
        for j in range(indptr[u], indptr[u + 1]):
            if clock[j] >= stop:
                break
            v, reading = neighbour[j], np.int64(clock[j])
            if lax == 2 or (lax == 1 and untimed[j]):
                reading = np.int64(-2)
            since[v] = min(since[v], reading) if _has(bits, v) else reading
            _add(bits, v)
        for g in range(groups[u], groups[u + 1]):
            m, low = later[order[g], 0], later[order[g], 1]
            for c in range(below[m] - 1, low - 1, -1):
                if who[c] < 0 or not _has(bits, who[c]) or since[who[c]] >= moment[m]:
                    continue
                if len(slot):
                    candidate[slot[m] + count[m]] = c
                count[m] += 1
                first[m] = c
                if last[m] < 0:
                    last[m] = c
                    if latest_only:
                        break
        for j in range(indptr[u], indptr[u + 1]):
            bits[neighbour[j] >> 6] = 0


@jit
def sort_slots(slot, candidate):  # type: ignore[no-untyped-def]
    """Sorts the candidates of each member, in place."""
    for m in range(len(slot) - 1):
        if slot[m + 1] - slot[m] > 1:
            candidate[slot[m] : slot[m + 1]].sort()


@jit
def count_bystanders(offsets, who, indptr, neighbour, clock, stop, seen, count):  # type: ignore[no-untyped-def]
    """Writes how many nodes stand in the rows of an item's members without being members, [item].

    Args:
        offsets: First member of each item, [item + 1].
        who: Members, [member]; -1 for an unknown author.
        indptr: Rows of those whom each node exposes, [node + 1].
        neighbour: Those exposed, [entry].
        clock: Since when, ascending within a row, [entry].
        stop: One past the last reading that counts.
        seen: Scratch, -1 for every node, [node].
        count: Output, [item].
    """
    for i in range(len(offsets) - 1):
        for m in range(offsets[i], offsets[i + 1]):
            if who[m] >= 0:
                seen[who[m]] = i
        found = 0
        for m in range(offsets[i], offsets[i + 1]):
            if who[m] < 0:
                continue
            for j in range(indptr[who[m]], indptr[who[m] + 1]):
                if clock[j] >= stop:
                    break
                if seen[neighbour[j]] != i:
                    seen[neighbour[j]] = i
                    found += 1
        count[i] = found


@jit
def list_bystanders(  # type: ignore[no-untyped-def]
    offsets, who, time, indptr, neighbour, clock, stop, member, slot, by, starts, node, count, first, last
):
    """Writes who stands in the rows of an item's members without being one, and how often, first and last when.

    Args: as `count_bystanders`, and
        time: When each member adopted, [member].
        member: Scratch, -1 for every node, [node].
        slot: Scratch, -1 for every node, [node].
        by: Scratch, -1 for every node, [node].
        starts: First slot of each item, [item + 1].
        node: Output, [slot].
        count: Output, members that exposed it, [slot].
        first: Output, [slot].
        last: Output, [slot].
    """
    for i in range(len(offsets) - 1):
        for m in range(offsets[i], offsets[i + 1]):
            if who[m] >= 0:
                member[who[m]] = i
        free = starts[i]
        for m in range(offsets[i], offsets[i + 1]):
            if who[m] < 0:
                continue
            for j in range(indptr[who[m]], indptr[who[m] + 1]):
                if clock[j] >= stop:
                    break
                w = neighbour[j]
                if member[w] == i or by[w] == m:
                    continue
                by[w] = m
                if slot[w] < starts[i]:
                    slot[w] = free
                    node[free], count[free], first[free] = w, 0, time[m]
                    free += 1
                count[slot[w]] += 1
                last[slot[w]] = time[m]
