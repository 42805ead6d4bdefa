"""Compiled loops that compare simulated runs with what was observed, and find who could have begun it."""

from __future__ import annotations

from graphsocial.graph.kernels import jit


@jit
def compare_runs(size, node, role, stamp, first, similarity):  # type: ignore[no-untyped-def]
    """Writes how much of what was observed each run agrees with.

    Args:
        size: Members of each run, [run].
        node: Members of all runs, [member].
        role: 1 observed active, 2 observed inactive, 0 not observed, [node].
        stamp: Below 0 where no run was; scratch space, [node].
        first: Number of the first run, at least 0; not used before with this scratch space.
        similarity: Output, nodes active in both over observed nodes active in either, [run].
    """
    wanted = 0
    for v in range(len(role)):
        wanted += role[v] == 1
    at = 0
    for i in range(len(size)):
        hits, wrong = 0, 0
        for m in range(at, at + size[i]):
            v = node[m]
            if stamp[v] != first + i:
                stamp[v] = first + i
                hits += role[v] == 1
                wrong += role[v] == 2
        at += size[i]
        similarity[i] = hits / (wanted + wrong)


@jit
def hops_to(target, most, into, source, role, hops, queue):  # type: ignore[no-untyped-def]
    """Writes the fewest edges from every node to a target, `most` + 1 where there is no way so short.

    Ways lead through nodes that may have been active: nothing passes through one that was observed inactive.

    Args:
        target: The node to be reached.
        most: Most edges.
        into: First entry of each node's reversed row, [node + 1].
        source: Who influences, [entry].
        role: 2 for nodes observed inactive, [node].
        hops: Output, [node].
        queue: Scratch space, [node].
    """
    hops[:] = most + 1
    hops[target], queue[0] = 0, target
    done, count = 0, 1
    while done < count:
        here = queue[done]
        done += 1
        if hops[here] == most:
            break
        for k in range(into[here], into[here + 1]):
            if hops[source[k]] > most and role[source[k]] != 2:
                hops[source[k]] = hops[here] + 1
                queue[count] = source[k]
                count += 1
