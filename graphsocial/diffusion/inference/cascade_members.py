"""Members of cascades as positions in a spread graph."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.cascades import CascadeSet


def cascade_members(cascades: CascadeSet, spread: SpreadGraph) -> tuple[np.ndarray, tuple[str, ...]]:
    """Position of each member, -1 where the graph has no such node, int64 [member], and a sentence that counts those.

    A whole number also finds the node that is called by its digits, as everywhere else.

    Raises:
        SchemaError: Not a `CascadeSet`, one without cascades, or no member is in the graph.

    >>> spread = SpreadGraph.from_edges([0], [1], ids=["ann", "bob"])
    >>> cascades = CascadeSet(["ann", "eve"], [-1, 0], [0, 5], [0, 2], ["ann"], [False])
    >>> cascade_members(cascades, spread)
    (array([ 0, -1]), ("1 of 2 members, of 1 ids such as 'eve', are not in the graph",))
    """
    if not isinstance(cascades, CascadeSet):
        raise SchemaError(f"got {type(cascades).__name__}, expected a CascadeSet, such as read_cascades() returns")
    if not len(cascades):
        raise SchemaError("got 0 cascades, expected at least one: nothing can be learned from none")
    place = {name: i for i, name in enumerate(spread.ids.tolist())}
    names = cascades.node.tolist()
    position = np.fromiter((place.get(name, -1) for name in names), dtype=np.int64, count=len(names))
    absent = np.flatnonzero(position < 0)
    position[absent] = [place.get(str(names[i]), -1) if isinstance(names[i], int) else -1 for i in absent]
    absent = absent[position[absent] < 0]
    if not len(absent):
        return position, ()
    strange = sorted({str(names[i]) for i in absent})
    if len(absent) == len(names):
        near = did_you_mean(strange[0], [str(i) for i in spread.ids[:20_000]])
        raise SchemaError(
            f"none of the {len(names):,} members is in the graph, such as {names[0]!r}; its nodes are called "
            f"{', '.join(map(repr, spread.ids[:2].tolist()))}; '0' is not 0.{near}"
        )
    shown = ", ".join(map(repr, strange[:3]))
    sentence = (
        f"{len(absent):,} of {len(names):,} members, of {len(strange):,} ids such as {shown}, are not in the graph"
    )
    return position, (sentence,)
