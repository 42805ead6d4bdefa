"""What the edges before a time say about pairs."""

from __future__ import annotations

import numpy as np
from numba import njit

COLUMNS = 36


@njit(cache=True, nogil=True)
def before(time: np.ndarray, low: int, high: int, end: int) -> int:
    """First place in [low, high) whose time is not before `end`."""
    while low < high:
        middle = (low + high) // 2
        if time[middle] < end:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def timed_columns_kernel(
    src: np.ndarray,
    dst: np.ndarray,
    as_of: np.ndarray,
    known: np.ndarray,
    out_start: np.ndarray,
    out_node: np.ndarray,
    out_time: np.ndarray,
    out_value: np.ndarray,
    in_start: np.ndarray,
    in_node: np.ndarray,
    in_time: np.ndarray,
    in_value: np.ndarray,
    fairness: np.ndarray,
    fitted: np.ndarray,
    recent: int,
    never: float,
) -> np.ndarray:
    """Columns of pairs in the order of `timed_evidence.COLUMN_NAMES`, float64 [pair, column].

    `fairness` [refit, node] holds what was fitted before the time of `fitted` [pair], a row number.
    """
    nodes = len(known)
    from_u = np.zeros(nodes)
    stamp_out, stamp_in = np.full(nodes, -1), np.full(nodes, -1)
    stamp_met = np.full(nodes, -1)
    table = np.zeros((len(src), COLUMNS))
    for i in range(len(src)):
        u, v, end = src[i], dst[i], as_of[i]
        row, fair = table[i], fairness[fitted[i]]
        ou, iu = (
            before(out_time, out_start[u], out_start[u + 1], end),
            before(in_time, in_start[u], in_start[u + 1], end),
        )
        ov, iv = (
            before(out_time, out_start[v], out_start[v + 1], end),
            before(in_time, in_start[v], in_start[v + 1], end),
        )
        n_ou, n_iu, n_ov, n_iv = ou - out_start[u], iu - in_start[u], ov - out_start[v], iv - in_start[v]
        row[0], row[1] = n_ou * n_iv, n_iv
        for k in range(out_start[u], ou):
            stamp_out[out_node[k]] = i
            from_u[out_node[k]] = out_value[k]
            if out_node[k] != v:
                row[16] += out_value[k]
                row[17] += out_value[k] * out_value[k]
        for k in range(in_start[u], iu):
            stamp_in[in_node[k]] = i
            row[20] += in_value[k]
            if in_node[k] == v:
                row[6], row[7] = 1, in_value[k]
        weight, positive, trusted = 0.0, 0.0, 0.0
        for k in range(in_start[v], iv):
            w, value = in_node[k], in_value[k]
            row[18] += value
            row[19] += value * value
            row[21] += value < 0
            row[30] += fair[w] * value
            if w != u and (stamp_out[w] == i or stamp_in[w] == i):
                stamp_met[w] = i
                degree = before(out_time, out_start[w], out_start[w + 1], end) - out_start[w]
                degree += before(in_time, in_start[w], in_start[w + 1], end) - in_start[w]
                row[2] += 1
                row[3] += 1 / np.log(max(degree, 2))
                row[4] += 1 / degree
            if stamp_out[w] == i:
                row[13] += 1
                sign = 1.0 if from_u[w] > 0 else -1.0
                row[22] += sign * value
                weight += 1
                if sign > 0:
                    trusted += value
                    positive += 1
            if stamp_in[w] == i:
                row[15] += 1
        for k in range(out_start[v], ov):
            w = out_node[k]
            row[23] += out_value[k]
            if w != u and (stamp_out[w] == i or stamp_in[w] == i) and stamp_met[w] != i:
                degree = before(out_time, out_start[w], out_start[w + 1], end) - out_start[w]
                degree += before(in_time, in_start[w], in_start[w + 1], end) - in_start[w]
                row[2] += 1
                row[3] += 1 / np.log(max(degree, 2))
                row[4] += 1 / degree
            if stamp_out[w] == i:
                row[14] += 1
                row[24] -= abs(from_u[w] - out_value[k])
        row[5] = iv - before(in_time, in_start[v], iv, end - recent)
        row[8], row[9], row[10], row[11] = n_ou, n_iu, n_ov, n_iv
        row[12] = ou - before(out_time, out_start[u], ou, end - recent)
        row[16] = row[16] / n_ou if n_ou else np.nan
        row[17] = row[17] / n_ou if n_ou else np.nan
        row[18] = row[18] / n_iv if n_iv else np.nan
        row[19] = row[19] / n_iv if n_iv else np.nan
        row[20] = row[20] / n_iu if n_iu else np.nan
        row[21] = row[21] / n_iv if n_iv else 0
        row[22] = row[22] / weight if weight else np.nan
        row[23] = row[23] / n_ov if n_ov else np.nan
        row[24] = row[24] / row[14] if row[14] else np.nan
        row[25] = trusted / positive if positive else np.nan
        row[26] = end - out_time[ou - 1] if n_ou else never
        row[27] = end - in_time[iu - 1] if n_iu else never
        row[28] = end - out_time[ov - 1] if n_ov else never
        row[29] = end - in_time[iv - 1] if n_iv else never
        row[30] = fair[u] * row[30] / n_iv if n_iv else np.nan
        row[31] = fair[u]
        row[32] = min(max(end - known[u], 0), never)
        row[33] = min(max(end - known[v], 0), never)
        row[34] = ov - before(out_time, out_start[v], ov, end - recent)
        row[35] = iu - before(in_time, in_start[u], iu, end - recent)
    return table


@njit(cache=True, nogil=True)
def walk_kernel(
    src: np.ndarray,
    as_of: np.ndarray,
    chance: np.ndarray,
    start: np.ndarray,
    node: np.ndarray,
    time: np.ndarray,
) -> np.ndarray:
    """Ends of random walks along edges before a time, -1 where there is no edge to take, int64 [pair].

    `chance` [pair, step] chooses each step.
    """
    out = np.empty(len(src), np.int64)
    for i in range(len(src)):
        at = src[i]
        for k in range(chance.shape[1]):
            have = before(time, start[at], start[at + 1], as_of[i]) - start[at]
            if have == 0:
                at = -1
                break
            at = node[start[at] + int(chance[i, k] * have)]
        out[i] = at
    return out
