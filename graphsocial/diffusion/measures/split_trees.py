"""The trees of forests, each as a cascade of its own."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.cascades import CascadeSet


def split_trees(cascades: CascadeSet) -> CascadeSet:
    """One cascade per root, in the order of the roots; each is named after its root's id.

    A run from several seeds is a forest. Where the trees of different seeds are to be measured one by one, as with
    observed cascades, split it first. A tree is censored where its forest is. The trees of one run are not independent,
    as they compete for nodes: intervals over them are too narrow.

    >>> forest = CascadeSet([*"abcd"], [-1, -1, 0, 1], [0, 0, 1, 1], [0, 4], [0], [False])
    >>> trees = split_trees(forest)
    >>> trees.names.tolist(), trees.size.tolist(), trees.node.tolist(), trees.parent.tolist()
    (['a', 'b'], [2, 2], ['a', 'c', 'b', 'd'], [-1, 0, -1, 2])
    """
    from graphsocial.diffusion.measures.tree_kernel import roots  # numba: imported when first needed

    root = np.empty(len(cascades.parent), dtype=np.int64)
    roots(cascades.parent, root)
    order = np.argsort(root, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    parent = cascades.parent[order]
    first = np.flatnonzero(parent < 0)
    of_cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    return CascadeSet(
        cascades.node[order],
        np.where(parent >= 0, place[parent], -1),
        cascades.time[order],
        np.append(first, len(order)),
        cascades.node[order][first],
        cascades.censored[of_cascade[order][first]],
        {name: values[order] for name, values in cascades.marks.items()},
        cascades.known_until,
    )
