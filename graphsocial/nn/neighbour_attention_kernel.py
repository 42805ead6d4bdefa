"""Attention of targets over their neighbours' rows, read where they lie, and its gradients: compiled loops for the CPU.

Each loop writes to items of its own only, so no split over threads changes a bit. Rows are keys, then values. The
weights of a key are [head, target slot, key slot], zero where a slot holds nothing or may not be seen. `lanes` is a
tuple of as many entries as a head has channels.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from graphsocial.nn.lane_products import add, dot

_jit = numba.njit(cache=True, nogil=True, error_model="numpy")


@_jit
def attend(  # type: ignore[no-untyped-def]
    begin, end, lanes, query, rows, row, ages, own, null, kind, order, bounds, seen, held, same, out, weight,
    own_weight, null_weight, reached,
):  # fmt: skip
    """What the slots of targets `begin` to `end` gather, in one softmax over all slots they may see.

    Args:
        begin: First target.
        end: One past the last target.
        lanes: See above.
        query: Queries, [target, slot, channel].
        rows: Rows of the sources, [source row, slot, 2 channel].
        row: Row of each edge's source, [edge].
        ages: What an edge's age adds to each slot of its row, [edge, 2 channel].
        own: Rows of the targets themselves, [target, slot, 2 channel].
        null: What a slot that no neighbour can answer sees, [node type, slot, 2 channel].
        kind: Node type of each target, [target].
        order: Edges, those of one target side by side, [edge].
        bounds: Where each target's stretch of `order` begins, [target + 1].
        seen: Which slots of its source each edge shows, bool [edge, slot].
        held: Which slots each target holds, bool [target, slot].
        same: Whether a slot asks only slots of its own modality.
        out: Written, [target, slot, channel].
        weight: Written: attention to each edge, in the order of `order`, [edge, head, target slot, key slot].
        own_weight: Written: attention to the target's own slots, [target, head, target slot, key slot].
        null_weight: Written: attention to the null, [target, head, target slot].
        reached: Written: which slots some neighbour holds, bool [target, slot].
    """
    _, slots, channels = query.shape
    width = len(lanes)
    heads = channels // width
    scale = np.float32(1 / math.sqrt(width))
    near = np.empty((slots, 2 * channels), np.float32)
    nothing = np.zeros((1, 2 * channels), np.float32)
    most = np.empty((heads, slots), np.float32)
    total = np.empty((heads, slots), np.float32)
    for target in range(begin, end):
        reached[target] = False
        for place in range(bounds[target], bounds[target + 1]):
            for slot in range(slots):
                reached[target, slot] |= seen[order[place], slot]
        answered = reached[target].any()
        most[:] = -np.inf
        total[:] = 0
        out[target] = 0
        _bring(own, target, nothing, 0, 0, near)
        _ask(lanes, query, target, near, held, target, same, scale, own_weight, target, most)
        for place in range(bounds[target], bounds[target + 1]):
            edge = order[place]
            _bring(rows, row[edge], ages, edge, 0, near)
            _ask(lanes, query, target, near, seen, edge, same, scale, weight, place, most)
        for slot in range(slots):
            alone = not (reached[target, slot] if same else answered)
            for head in range(heads):
                logit = np.float32(-np.inf)
                if alone:
                    asking = (target * slots + slot) * channels + head * width
                    key = (kind[target] * slots + slot) * 2 * channels + head * width
                    logit = scale * dot(lanes, query, asking, null, key)  # type: ignore[call-arg]
                    most[head, slot] = max(most[head, slot], logit)
                null_weight[target, head, slot] = logit
        _bring(own, target, nothing, 0, channels, near)
        _gather(lanes, near, own_weight, target, most, total, out, target)
        for place in range(bounds[target], bounds[target + 1]):
            edge = order[place]
            _bring(rows, row[edge], ages, edge, channels, near)
            _gather(lanes, near, weight, place, most, total, out, target)
        for slot in range(slots):
            for head in range(heads):
                part = np.float32(0)
                if null_weight[target, head, slot] > -np.inf:
                    part = np.float32(math.exp(null_weight[target, head, slot] - most[head, slot]))
                    value = (kind[target] * slots + slot) * 2 * channels + channels + head * width
                    add(lanes, out, (target * slots + slot) * channels + head * width, part, null, value)  # type: ignore[call-arg]
                share = np.float32(1) / (total[head, slot] + part)
                null_weight[target, head, slot] = part * share
                total[head, slot] = share
                for channel in range(head * width, (head + 1) * width):
                    out[target, slot, channel] *= share
        _scale(own_weight, target, total)
        for place in range(bounds[target], bounds[target + 1]):
            _scale(weight, place, total)


@_jit
def _bring(rows, at, ages, edge, first, near):  # type: ignore[no-untyped-def]
    """Keys (`first` 0) or values (`first` channel) of a row, with what the age adds."""
    slots, both = near.shape
    for slot in range(slots):
        for channel in range(both // 2):
            near[slot, first + channel] = rows[at, slot, first + channel] + ages[edge, first + channel]


@_jit
def _ask(lanes, query, target, near, there, at, same, scale, logit, to, most):  # type: ignore[no-untyped-def]
    """Logits of one key's slots, and the largest so far."""
    _, slots, channels = query.shape
    width = len(lanes)
    for key in range(slots):
        for slot in range(slots):
            seen = there[at, key] and not (same and key != slot)
            for head in range(channels // width):
                product = np.float32(-np.inf)
                if seen:
                    asking = (target * slots + slot) * channels + head * width
                    product = scale * dot(lanes, query, asking, near, key * 2 * channels + head * width)  # type: ignore[call-arg]
                    most[head, slot] = max(most[head, slot], product)
                logit[to, head, slot, key] = product


@_jit
def _gather(lanes, near, weight, at, most, total, out, target):  # type: ignore[no-untyped-def]
    """Turns logits of one key's slots into weights that are not yet shares, and adds up its values by them."""
    _, slots, channels = out.shape
    width = len(lanes)
    for key in range(slots):
        for slot in range(slots):
            for head in range(channels // width):
                logit, part = weight[at, head, slot, key], np.float32(0)
                if logit > -np.inf:
                    part = np.float32(math.exp(logit - most[head, slot]))
                    total[head, slot] += part
                    value = (key * 2 + 1) * channels + head * width
                    add(lanes, out, (target * slots + slot) * channels + head * width, part, near, value)  # type: ignore[call-arg]
                weight[at, head, slot, key] = part


@_jit
def _scale(weight, at, share):  # type: ignore[no-untyped-def]
    _, heads, slots, _ = weight.shape
    for head in range(heads):
        for slot in range(slots):
            for key in range(slots):
                weight[at, head, slot, key] *= share[head, slot]


@_jit
def attend_backward(  # type: ignore[no-untyped-def]
    begin, end, lanes, query, rows, row, ages, own, null, kind, order, bounds, weight, own_weight, null_weight, out,
    toward, by_query, by_ages, by_own, by_logit, by_null_logit,
):  # fmt: skip
    """Gradients by queries, ages, own rows and logits, target after target.

    Args:
        begin: First target.
        end: One past the last target.
        lanes: As in `attend`, and so are all up to `out`.
        query: Queries.
        rows: Sources.
        row: Of each edge.
        ages: Of each edge.
        own: Of each target.
        null: Of each node type.
        kind: Of each target.
        order: Of the edges.
        bounds: Of the targets.
        weight: To edges.
        own_weight: To own slots.
        null_weight: To nulls.
        out: What was gathered.
        toward: Gradient by `out`, [target, slot, channel].
        by_query: Written, as `query`.
        by_ages: Written, as `ages`.
        by_own: Written, as `own`.
        by_logit: Written: gradient by the products of queries and keys, as `weight`.
        by_null_logit: Written: likewise, as `null_weight`.
    """
    _, slots, channels = query.shape
    width = len(lanes)
    heads = channels // width
    scale = np.float32(1 / math.sqrt(width))
    near = np.empty((slots, 2 * channels), np.float32)
    nothing = np.zeros((1, 2 * channels), np.float32)
    mean = np.empty((heads, slots), np.float32)
    own_logit = np.empty((1, heads, slots, slots), np.float32)
    for target in range(begin, end):
        for slot in range(slots):
            for head in range(heads):
                here = (target * slots + slot) * channels + head * width
                mean[head, slot] = dot(lanes, toward, here, out, here)  # type: ignore[call-arg]
        by_query[target] = 0
        by_own[target] = 0
        _bring(own, target, nothing, 0, 0, near)
        _bring(own, target, nothing, 0, channels, near)
        _turn(lanes, near, toward, target, own_weight, target, mean, scale, own_logit, 0, by_query)
        _spread(lanes, query, toward, target, own_weight, target, own_logit, 0, by_own, target)
        for place in range(bounds[target], bounds[target + 1]):
            edge = order[place]
            _bring(rows, row[edge], ages, edge, 0, near)
            _bring(rows, row[edge], ages, edge, channels, near)
            _turn(lanes, near, toward, target, weight, place, mean, scale, by_logit, place, by_query)
            by_ages[edge] = 0
            for slot in range(slots):
                for head in range(heads):
                    slope, part = np.float32(0), np.float32(0)
                    for key in range(slots):
                        slope += by_logit[place, head, slot, key]
                        part += weight[place, head, slot, key]
                    here = (target * slots + slot) * channels + head * width
                    add(lanes, by_ages, edge * 2 * channels + head * width, slope, query, here)  # type: ignore[call-arg]
                    add(lanes, by_ages, (edge * 2 + 1) * channels + head * width, part, toward, here)
        for slot in range(slots):
            for head in range(heads):
                part, slope = null_weight[target, head, slot], np.float32(0)
                if part > 0:
                    here = (target * slots + slot) * channels + head * width
                    key = (kind[target] * slots + slot) * 2 * channels + head * width
                    slope = part * scale * (dot(lanes, toward, here, null, key + channels) - mean[head, slot])  # type: ignore[call-arg]
                    add(lanes, by_query, here, slope, null, key)
                by_null_logit[target, head, slot] = slope


@_jit
def _turn(lanes, near, toward, target, weight, at, mean, scale, by_logit, to, by_query):  # type: ignore[no-untyped-def]
    """Gradient by the products of one key's slots, and what they add to that by the query."""
    _, slots, channels = toward.shape
    width = len(lanes)
    for key in range(slots):
        for slot in range(slots):
            for head in range(channels // width):
                part, slope = weight[at, head, slot, key], np.float32(0)
                if part > 0:
                    here = (target * slots + slot) * channels + head * width
                    there = key * 2 * channels + head * width
                    slope = part * scale * (dot(lanes, toward, here, near, there + channels) - mean[head, slot])  # type: ignore[call-arg]
                    add(lanes, by_query, here, slope, near, there)
                by_logit[to, head, slot, key] = slope


@_jit
def _spread(lanes, query, toward, target, weight, at, by_logit, by_at, by_rows, to):  # type: ignore[no-untyped-def]
    """Adds up the gradient by one key's row."""
    _, slots, channels = query.shape
    width = len(lanes)
    for key in range(slots):
        for slot in range(slots):
            for head in range(channels // width):
                part = weight[at, head, slot, key]
                if part > 0:
                    here = (target * slots + slot) * channels + head * width
                    there = (to * slots + key) * 2 * channels + head * width
                    add(lanes, by_rows, there, by_logit[by_at, head, slot, key], query, here)  # type: ignore[call-arg]
                    add(lanes, by_rows, there + channels, part, toward, here)


@_jit
def rows_backward(  # type: ignore[no-untyped-def]
    begin, end, lanes, query, toward, weight, by_logit, places, owner, bounds, by_rows
):
    """The gradient by rows `begin` to `end`, source after source.

    Args:
        begin: First row.
        end: One past the last row.
        lanes: As in `attend`.
        query: Queries, [target, slot, channel].
        toward: Gradient by what was gathered, [target, slot, channel].
        weight: As `attend` writes it.
        by_logit: As `attend_backward` writes it.
        places: Places of the edges, those of one row side by side, [edge].
        owner: Target of each place, [edge].
        bounds: Where each row's stretch of `places` begins, [row + 1].
        by_rows: Written, [row, slot, 2 channel].
    """
    for at in range(begin, end):
        by_rows[at] = 0
        for number in range(bounds[at], bounds[at + 1]):
            place = places[number]
            _spread(lanes, query, toward, owner[place], weight, place, by_logit, place, by_rows, at)
