"""What a blocked node or edge keeps from being reached, for all of them at once.

In a sampled graph of the edges that carry, whoever is reached only through v is v's subtree in the dominator tree; so
one tree per sample says what blocking each node would save (Xie, Zhang, Wang, Lin and Zhang, "Minimizing the influence
of misinformation via vertex blocking", ICDE 2023). The tree is found by semidominators (Semi-NCA, Georgiadis,
"Linear-time algorithms for dominators and related problems", 2005).
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.random_stream_kernel import coin, stream_of


@numba.njit(cache=True, nogil=True)
def saved(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, indptr, target, item, low, high, node_blocked, edge_blocked, by_node, by_edge
):
    """Sums over samples `begin` to `end`: what blocking each node, or each edge, saves.

    Args:
        begin: First sample.
        end: One past the last.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        item: Whose coin decides, [edge].
        low: Live from this coin on, [edge].
        high: And below this, [edge].
        node_blocked: 1 where a node is blocked, no seed, int8 [node].
        edge_blocked: 1 where an edge is blocked, int8 [edge].
        by_node: Added to: nodes not reached if the node is blocked, itself included, int64 [node].
        by_edge: Added to: nodes not reached if the edge is blocked, int64 [edge], or empty where nobody asks.

    Returns:
        Number of nodes reached, summed over the samples.
    """
    nodes = len(indptr) - 1
    number = np.zeros(nodes, dtype=np.int32)  # order of the search, the virtual root is 0, 0 also for not reached
    vertex, parent = np.empty(nodes + 1, dtype=np.int32), np.empty(nodes + 1, dtype=np.int32)
    ancestor, label = np.empty(nodes + 1, dtype=np.int32), np.empty(nodes + 1, dtype=np.int32)
    semi, dominator = np.empty(nodes + 1, dtype=np.int32), np.empty(nodes + 1, dtype=np.int32)
    size, start = np.empty(nodes + 1, dtype=np.int32), np.empty(nodes + 1, dtype=np.int32)
    cursor = np.empty(nodes + 1, dtype=np.int32)
    stack, place = np.empty(nodes + 1, dtype=np.int32), np.empty(nodes + 1, dtype=np.int64)
    room = 1024
    arrow_from, arrow_to = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    arrow_edge = np.empty(room, dtype=np.int64)
    total = 0
    for i in range(begin, end):
        stream = stream_of(key, i)
        count, arrows = 0, 0
        for s in seeds:
            if number[s] != 0:
                continue
            count += 1
            number[s], vertex[count], parent[count] = count, s, 0
            stack[0], place[0], depth = s, indptr[s], 1
            while depth > 0:
                u = stack[depth - 1]
                edge = place[depth - 1]
                if edge == indptr[u + 1]:
                    depth -= 1
                    continue
                place[depth - 1] += 1
                v = target[edge]
                if node_blocked[v] or edge_blocked[edge]:
                    continue
                x = coin(stream, item[edge])
                if not low[edge] <= x < high[edge]:
                    continue
                if number[v] == 0:
                    count += 1
                    number[v], vertex[count], parent[count] = count, v, number[u]
                    stack[depth], place[depth] = v, indptr[v]
                    depth += 1
                if arrows == room:
                    arrow_from = np.concatenate((arrow_from, np.empty(room, dtype=np.int64)))
                    arrow_to = np.concatenate((arrow_to, np.empty(room, dtype=np.int64)))
                    arrow_edge = np.concatenate((arrow_edge, np.empty(room, dtype=np.int64)))
                    room *= 2
                arrow_from[arrows], arrow_to[arrows], arrow_edge[arrows] = number[u], number[v], edge
                arrows += 1
        total += count
        into = np.zeros(count + 2, dtype=np.int64)
        for a in range(arrows):
            into[arrow_to[a] + 1] += 1
        for w in range(count + 1):
            into[w + 1] += into[w]
        slot = into[:-1].copy()
        by_target = np.empty(arrows, dtype=np.int64)
        for a in range(arrows):
            by_target[slot[arrow_to[a]]] = a
            slot[arrow_to[a]] += 1
        for w in range(1, count + 1):
            ancestor[w], label[w], semi[w], dominator[w] = parent[w], w, w, parent[w]
        dominator[0], ancestor[0], label[0], semi[0] = 0, 0, 0, 0
        for s in seeds:  # the virtual root points to every seed
            semi[number[s]] = 0
        for w in range(count, 0, -1):
            least = min(semi[w], parent[w])
            for j in range(into[w], into[w + 1]):
                v = arrow_from[by_target[j]]
                # the smallest semidominator above v in the forest of what was done, with path compression
                if ancestor[v] > w:
                    depth = 0
                    u = v
                    while ancestor[u] > w:
                        stack[depth] = u
                        depth += 1
                        u = ancestor[u]
                    while depth > 0:
                        depth -= 1
                        below = stack[depth]
                        if semi[label[u]] < semi[label[below]]:
                            label[below] = label[u]
                        ancestor[below] = ancestor[u]
                        u = below
                least = min(least, semi[label[v]] if v > w else v)
            semi[w] = least
        for w in range(1, count + 1):
            d = dominator[w]
            while d > semi[w]:
                d = dominator[d]
            dominator[w] = d
            size[w] = 1
        size[0] = 1
        for w in range(count, 0, -1):
            size[dominator[w]] += size[w]
            by_node[vertex[w]] += size[w]
        if len(by_edge):
            start[0], cursor[0] = 0, 1
            for w in range(1, count + 1):
                start[w] = cursor[dominator[w]]
                cursor[dominator[w]] += size[w]
                cursor[w] = start[w] + 1
            for w in range(1, count + 1):
                if dominator[w] == 0:
                    continue
                only, others = -1, 0
                for j in range(into[w], into[w + 1]):
                    v = arrow_from[by_target[j]]
                    if not start[w] <= start[v] < start[w] + size[w]:  # it does not come through w itself
                        only = arrow_edge[by_target[j]]
                        others += 1
                if others == 1:
                    by_edge[only] += size[w]
        for w in range(1, count + 1):
            number[vertex[w]] = 0
    return total
