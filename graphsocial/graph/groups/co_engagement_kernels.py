"""Compiled loops over pairs that share items, and the chances of sharing so many."""

from __future__ import annotations

import math

import numpy as np

from graphsocial.graph.kernels import jit

_NOTHING = 1e-305
_RARE = 0.03


@jit
def rows_after(position, row_end, item, low, high):  # type: ignore[no-untyped-def]
    """Writes, for every act, the part of its item's row that stands behind it, [act]."""
    for e in range(len(position)):
        low[e] = position[e] + 1
        high[e] = row_end[item[e]]


@jit
def rows_near(indptr, time, delta, low, high):  # type: ignore[no-untyped-def]
    """Writes, for every act, the part of its item's row within `delta` of it, [act]; rows are in order of time."""
    for i in range(len(indptr) - 1):
        first, last = indptr[i], indptr[i]
        for e in range(indptr[i], indptr[i + 1]):
            while time[e] - time[first] > delta:
                first += 1
            while last < indptr[i + 1] and time[last] - time[e] <= delta:
                last += 1
            low[e], high[e] = first, last


@jit
def shared_pairs(indptr, item, low, high, row_user, min_shared, within):  # type: ignore[no-untyped-def]
    """Pairs that share at least `min_shared` items: the first, the second, how many, [pair]; first < second.

    One row of counts, as long as there are users, is the only memory besides the answer.

    Args:
        indptr: First act of each user, and one past the last, [user + 1]; a user's acts are grouped by item.
        item: What was acted on, [act].
        low: First entry of the item's row to pair with, [act].
        high: One past the last, [act].
        row_user: Who acted, grouped by item, [entry].
        min_shared: Fewer shared items are not worth a row.
        within: Adds up the pairs of each item, int64 [item].
    """
    num_users = len(indptr) - 1
    shared = np.zeros(num_users, dtype=np.int32)
    seen = np.full(num_users, -1, dtype=np.int32)
    met = np.empty(num_users, dtype=np.int32)
    a = np.empty(1024, dtype=np.int32)
    b = np.empty(1024, dtype=np.int32)
    count = np.empty(1024, dtype=np.int32)
    found = 0
    for u in range(num_users):
        num_met = 0
        for e in range(indptr[u], indptr[u + 1]):
            now = item[e]
            for j in range(low[e], high[e]):
                v = row_user[j]
                if v <= u or (shared[v] > 0 and seen[v] == now):
                    continue
                if shared[v] == 0:
                    met[num_met] = v
                    num_met += 1
                shared[v] += 1
                seen[v] = now
                within[now] += 1
        for n in range(num_met):
            v = met[n]
            if shared[v] >= min_shared:
                if found == len(a):
                    a = np.concatenate((a, np.empty(found, dtype=np.int32)))
                    b = np.concatenate((b, np.empty(found, dtype=np.int32)))
                    count = np.concatenate((count, np.empty(found, dtype=np.int32)))
                a[found], b[found], count[found] = u, v, shared[v]
                found += 1
            shared[v] = 0
    return a[:found].copy(), b[:found].copy(), count[:found].copy()


@jit
def most_shared(a, b, shared, kind, top):  # type: ignore[no-untyped-def]
    """Writes the most items that a pair of each two kinds of users shares, [kind, kind], smaller kind first."""
    for i in range(len(a)):
        low, high = min(kind[a[i]], kind[b[i]]), max(kind[a[i]], kind[b[i]])
        top[low, high] = max(top[low, high], shared[i])


@jit
def look_up(a, b, shared, kind, place, offset, table, mean, p, expected):  # type: ignore[no-untyped-def]
    """Writes the chance and the expectation of each pair from those of its kind, [pair]."""
    for i in range(len(a)):
        low, high = min(kind[a[i]], kind[b[i]]), max(kind[a[i]], kind[b[i]])
        at = place[low, high]
        p[i] = table[offset[at] + shared[i]]
        expected[i] = mean[at]


@jit
def _multiply(mass, top, chance, times, limit, factor, product):  # type: ignore[no-untyped-def]
    """Adds `times` independent trials of one chance to a distribution held in `mass[:top]`; returns its new length.

    Masses below `_NOTHING` and beyond `limit` are dropped; all terms are positive, so what is kept stays accurate.
    """
    if times == 1:
        length = min(top + 1, limit)
        if length > top:
            mass[top] = 0.0
        for j in range(length - 1, 0, -1):
            mass[j] = mass[j] * (1 - chance) + mass[j - 1] * chance
        mass[0] *= 1 - chance
    else:
        # a binomial from its mode outwards
        mode = min(np.int64((times + 1) * chance), times)
        if mode >= limit:
            mode = limit - 1
        log = mode * math.log(chance) + (times - mode) * math.log1p(-chance)
        if mode > 0:
            log += math.lgamma(times + 1.0) - math.lgamma(mode + 1.0) - math.lgamma(times - mode + 1.0)
        odds = chance / (1 - chance)
        factor[mode] = math.exp(log)
        first, last = mode, mode + 1
        while first > 0 and factor[first] > _NOTHING:
            factor[first - 1] = factor[first] * first / ((times - first + 1) * odds)
            first -= 1
        while last < limit and last <= times and factor[last - 1] > _NOTHING:
            factor[last] = factor[last - 1] * odds * (times - last + 1) / last
            last += 1
        length = min(top + last - 1, limit)
        product[:length] = 0.0
        for j in range(top):
            if mass[j] > 0:
                for f in range(first, min(last, length - j)):
                    product[j + f] += mass[j] * factor[f]
        mass[:length] = product[:length]
    while length > 1 and mass[length - 1] < _NOTHING:
        length -= 1
    return length


@jit
def _tilt(chance, count, mean, total):  # type: ignore[no-untyped-def]
    """How much likelier, in odds, each success may have to be for the trials to reach `total` on average: a bound."""
    tilt = max(2.0 * total / max(mean, 1e-300), 1.0)
    while tilt < 1e15:
        reached = 0.0
        for d in range(len(count)):
            reached += count[d] * chance[d] * tilt / (1 + chance[d] * (tilt - 1))
        if reached >= total:
            break
        tilt *= 4
    return tilt


@jit
def _rare(chance, count, bound, limit, mass):  # type: ignore[no-untyped-def]
    """Writes the distribution of the trials of chance `bound` or less to `mass`; returns its length, 0 if too long.

    The logarithm of the generating function, `sum n log(1 + q (z - 1))`, up to the fourth power of q.
    """
    p1, p2, p3, p4 = 0.0, 0.0, 0.0, 0.0
    for d in range(len(count)):
        q = chance[d]
        if q <= bound:
            n = count[d] * q
            p1 += n
            p2 += n * q
            p3 += n * q * q
            p4 += n * q * q * q
    if p1 > 500:  # the chance of no success at all would vanish
        return 0
    c1, c2, c3, c4 = p1 + p2 + p3 + p4, -p2 - 2 * p3 - 3 * p4, p3 + 3 * p4, -p4  # times 1, 2, 3, 4
    mass[0] = math.exp(-p1 - p2 / 2 - p3 / 3 - p4 / 4)
    length = 1
    while length < limit:
        j = length
        value = c1 * mass[j - 1]
        if j > 1:
            value += c2 * mass[j - 2]
        if j > 2:
            value += c3 * mass[j - 3]
        if j > 3:
            value += c4 * mass[j - 4]
        mass[j] = value / j
        if mass[j] < _NOTHING:
            break
        length += 1
    return length


@jit
def sum_tails(begin, end, first_kind, second_kind, probability, count, near, offset, table, mean):  # type: ignore[no-untyped-def]
    """Writes P(at least s of independent, unequal trials succeed) for s = 0, 1, … to `table`, and the mean.

    The Poisson-binomial distribution, to a relative error below 1e-6. Trials that stay rare even where their sum
    reaches the largest s wanted are summed by the powers of their chances; the others are added one class at a time, up
    to a length beyond which the tail is nothing.

    Args:
        begin: First case to do.
        end: One past the last case to do.
        first_kind: Class of the first user, [case].
        second_kind: Class of the second user, [case].
        probability: Chance that a user acted on an item, [user class, item class].
        count: Items, [item class].
        near: Chance that two acts on one item count as shared, [item class].
        offset: Where each case starts in the table, [case + 1]; its length says how many s are wanted.
        table: Output.
        mean: Output, [case].
    """
    mass, factor, product = np.empty(0), np.empty(0), np.empty(0)
    chance = np.empty(len(count))
    for c in range(begin, end):
        mean[c] = 0.0
        for d in range(len(count)):
            chance[d] = min(probability[first_kind[c], d] * probability[second_kind[c], d] * near[d], 1 - 1e-15)
            mean[c] += count[d] * chance[d]
        wanted = offset[c + 1] - offset[c]
        limit = _enough(wanted, mean[c])
        if limit > len(mass):
            mass, factor, product = np.empty(2 * limit), np.empty(2 * limit), np.empty(2 * limit)
        rare = _RARE / _tilt(chance, count, mean[c], wanted - 1)
        top = _rare(chance, count, rare, limit, mass)
        if top == 0:
            mass[0], top, rare = 1.0, 1, 0.0
        for d in range(len(count)):
            if chance[d] > rare:
                top = _multiply(mass, top, chance[d], count[d], limit, factor, product)
        tail = 0.0
        for j in range(max(top, wanted) - 1, -1, -1):
            if j < top:
                tail += mass[j]
            if j < wanted:
                table[offset[c] + j] = min(tail, 1.0)
        table[offset[c]] = 1.0


@jit
def _enough(wanted, mean):  # type: ignore[no-untyped-def]
    return np.int64(max(wanted, mean) + 9 * math.sqrt(mean + 1) + 16)


@jit
def draw_tails(degree_a, degree_b, num_items, offset, table, mean):  # type: ignore[no-untyped-def]
    """Writes P(at least s in common) of two random sets of items, for s = 0, 1, …: the hypergeometric distribution."""
    for c in range(len(degree_a)):
        a, b, n = degree_a[c], degree_b[c], num_items
        mean[c] = a * b / n
        wanted = offset[c + 1] - offset[c]
        same = math.lgamma(a + 1.0) + math.lgamma(b + 1.0) + math.lgamma(n - a + 1.0) + math.lgamma(n - b + 1.0)
        same -= math.lgamma(n + 1.0)
        lowest, tail = max(0, a + b - n), 0.0
        last = min(a, b, _enough(wanted, mean[c]))
        for j in range(max(last, wanted - 1), -1, -1):
            if lowest <= j <= last:
                tail += math.exp(
                    same
                    - math.lgamma(j + 1.0)
                    - math.lgamma(a - j + 1.0)
                    - math.lgamma(b - j + 1.0)
                    - math.lgamma(n - a - b + j + 1.0)
                )
            if j < wanted:
                table[offset[c] + j] = 1.0 if j <= lowest else min(tail, 1.0)
