"""Pairs that acted on the same things more often than chance would have it, on Spark or DuckDB."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.graph.groups.co_engagement import check_numbers
from graphsocial.graph.groups.false_discovery import false_discovery
from graphsocial.graph.groups.shared_items import Acts
from graphsocial.graph.groups.shared_items_chance import Null, chance_of_sharing
from graphsocial.scale.spark.view_rows import Frame, ViewRows, edge_table, node_table, relations
from graphsocial.schema import EdgeType


def co_engagement(
    graph: ViewRows,
    edge_type: EdgeType,
    min_shared: int = 2,
    null: Null = "bicm",
    fdr: float = 0.05,
    max_actors: int | None = 1000,
) -> Frame:
    """The rows of `graphsocial.graph.co_engagement` for one relation: `a`, `b`, `shared`, `expected`, `p`, `q`.

    Pairs are counted where the acts are. The null needs no more than how many actors have how many items, and how many
    items how many actors, so it is fitted once, here, and p is looked up for every pair. Items with more than
    `max_actors` actors are left out as there; they are what would make one task last for days.

    Args:
        graph: A `SparkGraph` or a `DuckDbGraph`.
        edge_type: Acts.
        min_shared: Pairs that share fewer items are never listed.
        null: What chance would do.
        fdr: Largest expected share of false finds.
        max_actors: Leave out items with more actors, None for no limit.

    Raises:
        SchemaError: Unknown edge type or null, or a number out of its range.
    """
    check_numbers(None, min_shared, null, fdr, max_actors)
    edge_type = graph.schema.check_edge_type(edge_type)
    whole = "int64"
    ibis: Any = relations()
    acts = ibis.table({"actor": whole, "item": whole}, name="acts")
    of_actor = acts.group_by(actor=acts.actor).aggregate(degree=acts.count())
    of_item = acts.group_by(item=acts.item).aggregate(degree=acts.count())
    made = graph.keep(graph.run(_acts(max_actors), edges=graph.edges(edge_type)))
    actors = _histogram(graph, of_actor, made, graph.num_nodes(edge_type[0]))
    items = _histogram(graph, of_item, made, graph.num_nodes(edge_type[2]))
    pairs = ibis.table(dict.fromkeys(("a", "b", "degree_a", "degree_b", "shared"), whole), name="pairs")
    met = graph.keep(graph.run(_pairs(acts, of_actor, int(min_shared)), acts=made))
    classes = pairs.group_by("degree_a", "degree_b", "shared").aggregate(many=pairs.count())
    found = graph.rows(graph.run(classes.order_by("degree_a", "degree_b", "shared"), pairs=met))
    kept = _kept_classes(found, actors, items, int(min_shared), null, fdr)
    return _listed(graph, edge_type, pairs, met, kept)


def _acts(max_actors: int | None) -> Any:
    """Distinct acts on items that have few actors: `actor`, `item`."""
    edges = edge_table()
    acts = edges.select(actor=edges.src, item=edges.dst).distinct()
    if max_actors is None:
        return acts
    size = acts.group_by(hub=acts.item).aggregate(actors=acts.count())
    few = size.filter(size.actors <= int(max_actors))
    return acts.join(few, acts.item == few.hub).select("actor", "item")


def _histogram(graph: ViewRows, degrees: Any, acts: Frame, nodes: int) -> np.ndarray:
    """Degree of every node, in order of degree, int64 [node]; nodes without an act have none."""
    counted = degrees.group_by("degree").aggregate(many=degrees.count()).order_by("degree")
    found = graph.rows(graph.run(counted, acts=acts))
    degree, many = (found.column(name).to_numpy().astype(np.int64) for name in ("degree", "many"))
    return np.concatenate([np.zeros(nodes - int(many.sum()), dtype=np.int64), np.repeat(degree, many)])


def _pairs(acts: Any, of_actor: Any, min_shared: int) -> Any:
    """Pairs that share enough: `a`, `b`, `shared`, and how many items each acted on."""
    enough = of_actor.filter(of_actor.degree >= min_shared)
    named = enough.select(able=enough.actor, degree=enough.degree)
    kept = acts.join(named, acts.actor == named.able).select("actor", "item", "degree")
    left = kept.select(a=kept.actor, degree_a=kept.degree, item=kept.item)
    right = kept.select(b=kept.actor, degree_b=kept.degree, other=kept.item)
    met = left.join(right, [left.item == right.other, left.a < right.b])
    counted = met.group_by("a", "b", "degree_a", "degree_b").aggregate(shared=met.count())
    return counted.filter(counted.shared >= min_shared)


def _kept_classes(
    found: pa.Table, actors: np.ndarray, items: np.ndarray, min_shared: int, null: Null, fdr: float
) -> pa.Table:
    """Classes of pairs alike in degrees and shared items that are kept, with `expected`, `p` and `q`."""
    first, second, shared, many = (
        found.column(name).to_numpy().astype(np.int64) for name in ("degree_a", "degree_b", "shared", "many")
    )
    nothing = np.empty(0, dtype=np.int64)
    acts = Acts(nothing, nothing, nothing, nothing.astype(bool), actors, items)
    a, b = np.searchsorted(actors, first), np.searchsorted(actors, second)  # anybody of that degree will do
    p, expected = chance_of_sharing(acts, a, b, shared.astype(np.int32), np.ones(len(items)), null)
    eligible = int((actors >= min_shared).sum())
    low = np.flatnonzero(p <= fdr)
    q = np.empty(0)
    if len(low):
        every = false_discovery(np.repeat(p[low], many[low]), eligible * (eligible - 1) // 2)
        q = every[np.cumsum(many[low]) - 1]  # pairs of equal p have one q
    columns = {"class_a": first[low], "class_b": second[low], "class_shared": shared[low]}
    table = pa.table({**columns, "expected": expected[low], "p": p[low], "q": q})
    return table.filter(pa.array(q <= fdr))


def _listed(graph: ViewRows, edge_type: EdgeType, pairs: Any, met: Frame, kept: pa.Table) -> Frame:
    """Kept pairs with ids, in the order of the library's own answer."""
    ibis: Any = relations()
    whole, real = "int64", "float64"
    kinds = {"class_a": whole, "class_b": whole, "class_shared": whole, "expected": real, "p": real, "q": real}
    classes = ibis.table(kinds, name="classes")
    same = [
        pairs.degree_a == classes.class_a,
        pairs.degree_b == classes.class_b,
        pairs.shared == classes.class_shared,
    ]
    chosen = pairs.join(classes, same).select("a", "b", "shared", "expected", "p", "q")
    one, other = node_table("nodes"), node_table("nodes").view()
    first = chosen.join(one, chosen.a == one.number).select("a", "b", "shared", "expected", "p", "q", id_a=one["id"])
    both = first.join(other, first.b == other.number).select(
        "a", "b", "shared", "expected", "p", "q", "id_a", id_b=other["id"]
    )
    ordered = both.order_by(both.p, both.shared.desc(), both.a, both.b)
    shown = ordered.select(
        a=ordered.id_a, b=ordered.id_b, shared=ordered.shared, expected=ordered.expected, p=ordered.p, q=ordered.q
    )
    return graph.run(shown, pairs=met, nodes=graph.nodes(edge_type[0]), classes=graph.frame(kept))
