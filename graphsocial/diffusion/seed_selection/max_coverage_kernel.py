"""Greedy maximum coverage: nodes that together meet the most sets, and how many the best ones could meet at most."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.seed_selection.rank_heap_kernel import make_heap, sink


@numba.njit(cache=True)
def memberships(node, offsets, slot, slots):  # type: ignore[no-untyped-def]
    """Sets of each node that has a slot: first entry of each slot [slot + 1], and sets [entry]."""
    indptr = np.zeros(slots + 1, dtype=np.int64)
    for m in range(len(node)):
        if slot[node[m]] >= 0:
            indptr[slot[node[m]] + 1] += 1
    for s in range(slots):
        indptr[s + 1] += indptr[s]
    place = indptr[:-1].copy()
    member_of = np.empty(indptr[-1], dtype=np.int32)
    for i in range(len(offsets) - 1):
        for m in range(offsets[i], offsets[i + 1]):
            s = slot[node[m]]
            if s >= 0:
                member_of[place[s]] = i
                place[s] += 1
    return indptr, member_of


@numba.njit(cache=True, nogil=True)
def met_by_nodes(node, offsets, wanted):  # type: ignore[no-untyped-def]
    """How many sets have a member that is wanted, bool [node]."""
    met = 0
    for i in range(len(offsets) - 1):
        for m in range(offsets[i], offsets[i + 1]):
            if wanted[node[m]]:
                met += 1
                break
    return met


@numba.njit(inline="always")
def _best_sum(level, top, k):  # type: ignore[no-untyped-def]
    """Sum of the k largest counts, given how many nodes have each count."""
    total, need = 0, k
    for c in range(top, 0, -1):
        take = min(level[c], need)
        total += take * c
        need -= take
        if need == 0:
            break
    return total


@numba.njit(cache=True, nogil=True)
def greedy_coverage(node, offsets, k, allowed, chosen, gain):  # type: ignore[no-untyped-def]
    """Takes k times the node that meets the most sets not met yet; of equal ones the first.

    Only nodes whose count is among the largest are looked through and have their sets listed; the list grows when the
    best count falls to what nodes outside may have.

    Args:
        node: Members of the sets, [member].
        offsets: First member of each set, [set + 1].
        k: How many nodes, at most as many as are allowed.
        allowed: Whether a node may be chosen, bool [node].
        chosen: Written: nodes in the order taken, [k].
        gain: Written: sets that each of them met first, [k].

    Returns:
        No k allowed nodes meet more sets than this: the least, over the prefixes of the choice, of what the prefix
        meets plus the k largest gains that are left (Tang, Tang, Xiao and Yuan, SIGMOD 2018, section 5).
    """
    nodes, sets = len(allowed), len(offsets) - 1
    count = np.zeros(nodes, dtype=np.int32)
    for m in range(len(node)):
        count[node[m]] += 1
    top = 0
    for v in range(nodes):
        if not allowed[v]:
            count[v] = 0
        top = max(top, count[v])
    level = np.zeros(top + 1, dtype=np.int64)
    for v in range(nodes):
        level[count[v]] += 1
    first_count = count.copy()
    slot = np.full(nodes, -1, dtype=np.int32)
    taken = np.zeros(nodes, dtype=np.int8)
    covered = np.zeros(sets, dtype=np.int8)
    listed, floor, size = np.empty(0, dtype=np.int64), top + 1, 2 * k
    indptr, member_of = np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32)
    met, bound = 0, np.int64(sets)
    for step in range(k):
        while top > 0 and level[top] == 0:
            top -= 1
        bound = min(bound, met + _best_sum(level, top, k))
        if top == 0:  # all sets are met
            v = 0
            for s in range(step, k):
                while taken[v] or not allowed[v]:
                    v += 1
                chosen[s], gain[s], taken[v] = v, 0, 1
            return bound
        while top < floor:  # a node outside the list might be as good
            size *= 2
            floor, seen = top, level[top]
            while floor > 1 and seen + level[floor - 1] <= size:
                floor -= 1
                seen += level[floor]
            slots = 0
            for v in range(nodes):
                slot[v] = -1
                if first_count[v] >= floor and count[v] > 0:
                    slot[v] = slots
                    slots += 1
            listed = np.flatnonzero(slot >= 0)
            indptr, member_of = memberships(node, offsets, slot, slots)
        best = -1
        for s in range(len(listed)):
            if count[listed[s]] == top:
                best = s
                break
        v = listed[best]
        chosen[step], gain[step], taken[v] = v, top, 1
        met += top
        for j in range(indptr[best], indptr[best + 1]):
            i = member_of[j]
            if covered[i] == 0:
                covered[i] = 1
                for m in range(offsets[i], offsets[i + 1]):
                    w = node[m]
                    c = count[w]
                    if c > 0:  # 0 for those not allowed
                        count[w] = c - 1
                        level[c] -= 1
                        level[c - 1] += 1
    while top > 0 and level[top] == 0:
        top -= 1
    return min(bound, met + _best_sum(level, top, k))


@numba.njit(inline="always")
def _most_affordable(count, cost, affordable, budget):  # type: ignore[no-untyped-def]
    """Sum of counts that a budget buys where nodes can be bought in part, the best ratio first."""
    order = affordable[np.argsort(-count[affordable] / cost[affordable], kind="mergesort")]
    total, left = 0.0, budget
    for v in order:
        if cost[v] >= left:
            return total + count[v] * left / cost[v]
        total += count[v]
        left -= cost[v]
    return total


@numba.njit(cache=True, nogil=True)
def greedy_budgeted_coverage(node, offsets, cost, budget, allowed, chosen, gain):  # type: ignore[no-untyped-def]
    """Takes the affordable node that meets the most new sets per cost, again and again; or the best node alone.

    Khuller, Moss and Naor, "The budgeted maximum coverage problem", Information Processing Letters 1999: the better of
    the two meets at least (1 - 1/e) / 2 of the sets that the best choice meets.

    Args:
        node: Members of the sets, [member].
        offsets: First member of each set, [set + 1].
        cost: Cost of each node, above 0, float64 [node].
        budget: Largest sum of costs.
        allowed: Whether a node may be chosen, none costs more than the budget, bool [node].
        chosen: Written: nodes in the order taken, [node].
        gain: Written: sets that each of them met first, [node].

    Returns:
        How many nodes are taken, and a number of sets that no allowed choice exceeds.
    """
    nodes, sets = len(allowed), len(offsets) - 1
    count = np.zeros(nodes)
    for m in range(len(node)):
        count[node[m]] += 1
    affordable = np.flatnonzero(allowed)
    slot = np.full(nodes, -1, dtype=np.int32)
    alone = affordable[0]
    for s in range(len(affordable)):
        slot[affordable[s]] = s
        if count[affordable[s]] > count[alone]:
            alone = affordable[s]
    most_alone = count[alone]
    indptr, member_of = memberships(node, offsets, slot, len(affordable))
    covered = np.zeros(sets, dtype=np.int8)
    rank = count / cost
    heap = affordable.copy()
    length = len(heap)
    make_heap(heap, rank)
    taken, met, left, fits = 0, 0.0, budget, True
    bound, next_look = min(np.float64(sets), _most_affordable(count, cost, affordable, budget)), 1
    while length > 0:
        v = heap[0]
        now = count[v] / cost[v]
        if now < rank[v]:
            rank[v] = now
            sink(heap, 0, length, rank)
            continue
        too_dear = cost[v] > left
        if fits:  # nothing better per cost has been passed over
            bound = min(bound, met + now * budget)
        if (too_dear and fits) or taken == next_look:
            bound = min(bound, met + _most_affordable(count, cost, affordable, budget))
            fits = fits and not too_dear
            next_look = max(2 * taken, 1)
        length -= 1
        heap[0] = heap[length]
        sink(heap, 0, length, rank)
        if too_dear:
            continue
        chosen[taken], gain[taken] = v, count[v]
        taken += 1
        met += count[v]
        left -= cost[v]
        for j in range(indptr[slot[v]], indptr[slot[v] + 1]):
            i = member_of[j]
            if covered[i] == 0:
                covered[i] = 1
                for m in range(offsets[i], offsets[i + 1]):
                    count[node[m]] -= 1
    bound = min(bound, met + _most_affordable(count, cost, affordable, budget))
    if most_alone > met:
        chosen[0], gain[0], taken = alone, most_alone, 1
    return taken, bound
