"""Time-honest neighbour sampling: each seed node has its own tree, which holds only edges from before its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError, UnknownNodeError, did_you_mean
from graphsocial.graph.csr import Csr, Direction
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.threads import over_items
from graphsocial.schema import EdgeType, reverse_edge_type

Strategy = Literal["recent", "uniform"]


@dataclass(frozen=True)
class SampledNodes:
    """Nodes of one type in a sample; the seed nodes of the type come first, in the order given.

    Attributes:
        node: Position in the graph's node table, int64 [node].
        time: As-of time, that of the tree's seed node, int64 seconds [node].
        seed: Number of the tree, int64 [node].
        hop: Distance from the seed node, int64 [node].
    """

    node: np.ndarray
    time: np.ndarray
    seed: np.ndarray
    hop: np.ndarray

    def __len__(self) -> int:
        return len(self.node)


@dataclass(frozen=True)
class SampledEdges:
    """Messages of one edge type in a sample, sorted by target.

    Attributes:
        src: Position of the neighbour among the sample's nodes of its type, int64 [edge].
        dst: Position of the target among the sample's nodes of its type, int64 [edge].
        age: Seconds from the edge to the tree's time, at least 1, int64 [edge].
        edge: Position in the view's edges, as `graph.edges` and `graph.edge_column` list them, int64 [edge].
    """

    src: np.ndarray
    dst: np.ndarray
    age: np.ndarray
    edge: np.ndarray

    def __len__(self) -> int:
        return len(self.src)


@dataclass(frozen=True)
class SampledNeighbourhood:
    """A batch of disjoint trees in which messages flow from neighbours to the seed nodes.

    Attributes:
        nodes: By node type, every type of the graph.
        edges: By edge type as stored and reversed, every type sampled over.
        degrees: Number of edges before the tree's time, by node type, int64 [node, relation].
        last_age: Seconds since the latest such edge, -1 where there is none, by node type, int64 [node, relation].
        degree_names: Names of the relation columns of `degrees` and `last_age`, by node type, such as
            "user repost post out".
        num_seeds: Number of seed nodes by node type.
    """

    nodes: dict[str, SampledNodes]
    edges: dict[EdgeType, SampledEdges]
    degrees: dict[str, np.ndarray]
    last_age: dict[str, np.ndarray]
    degree_names: dict[str, tuple[str, ...]]
    num_seeds: dict[str, int]

    def __repr__(self) -> str:
        nodes = ", ".join(f"{t} {len(n):,} ({self.num_seeds[t]:,} seeds)" for t, n in self.nodes.items())
        edges = ", ".join(f"{' '.join(t)} {len(e):,}" for t, e in self.edges.items())
        return f"SampledNeighbourhood\n  nodes: {nodes}\n  edges: {edges}"


def sample_neighbours(
    graph: SocialGraph,
    seeds: Mapping[str, tuple[np.ndarray, np.ndarray]],
    fanout: Sequence[int],
    rng: int | np.random.Generator,
    strategy: Strategy = "recent",
    edge_types: Iterable[EdgeType] | None = None,
    threads: int | None = None,
) -> SampledNeighbourhood:
    """Samples a tree of neighbours around every seed node, from edges strictly before its time.

    Every edge type is followed both ways: for a target of its target type under its own name, for one of its source
    type under `reverse_edge_type`. A node met twice in a tree stands in it twice. A node that does not exist yet at
    its tree's time, or not in this view, has no neighbours. The sample depends on `rng`, the order of the seeds and
    the past alone: neither on the number of threads nor on anything at or after a tree's time.

    Args:
        graph: View whose window bounds the edges on top of each seed's time.
        seeds: By node type: positions of the seed nodes, int64 [seed], and their times, int64 seconds [seed]. Trees
            are numbered over the node types in sorted order, then by position.
        fanout: Per hop, neighbours per target and per relation and direction; -1 keeps all.
        rng: Seed value or generator of the draws; unused by "recent".
        strategy: "recent" keeps the latest edges, "uniform" draws without replacement.
        edge_types: Stored edge types to follow, None for all.
        threads: At most this many, None for one per core.

    Raises:
        SchemaError: Unknown node type, edge type or strategy, or arrays of a wrong shape.
        UnknownNodeError: A seed's position is not in the graph.
    """
    if strategy not in ("recent", "uniform"):
        raise SchemaError(
            f"unknown strategy {strategy!r}, expected 'recent' or 'uniform'."
            f"{did_you_mean(str(strategy), ('recent', 'uniform'))}"
        )
    if any(int(k) != k or k < -1 for k in fanout):
        raise SchemaError(f"fanout {list(fanout)!r}, expected numbers of neighbours per hop, -1 for all")
    growth = _Growth(graph, _relations(graph, edge_types), strategy == "uniform", threads)
    growth.plant(_checked_seeds(graph, seeds), _seed_value(rng))
    for hop in range(len(fanout) + 1):
        growth.grow(hop, int(fanout[hop]) if hop < len(fanout) else 0)
    return growth.result({t: len(seeds[t][0]) if t in seeds else 0 for t in graph.node_types})


@dataclass(frozen=True)
class _Relation:
    """One stored edge type in one direction, as seen from the target of its messages."""

    name: str
    message_type: EdgeType
    target: str
    neighbour: str
    csr: Csr
    branch: int
    column: int
    """Column of the target type's degrees."""
    first_edge: int
    """How many edges of the store lie before the view's start."""


def _relations(graph: SocialGraph, edge_types: Iterable[EdgeType] | None) -> list[_Relation]:
    """Relations in sorted order, so that neither the schema's order nor the data decides where a sample stands."""
    chosen = sorted({graph.schema.check_edge_type(e) for e in (graph.edge_types if edge_types is None else edge_types)})
    directions: tuple[Direction, ...] = ("in", "out")
    relations: list[_Relation] = []
    for edge_type in chosen:
        for direction in directions:
            message = edge_type if direction == "in" else reverse_edge_type(edge_type)
            column = sum(relation.target == message[2] for relation in relations)
            name = f"{' '.join(edge_type)} {direction}"
            csr = graph.csr(edge_type, direction)
            first_edge = graph.without_start().num_edges(edge_type) - graph.num_edges(edge_type)
            branch = len(relations) + 1
            relations.append(_Relation(name, message, message[2], message[0], csr, branch, column, first_edge))
    return relations


@dataclass
class _Layer:
    """Nodes of one type that one hop added."""

    node: np.ndarray
    time: np.ndarray
    seed: np.ndarray
    key: np.ndarray
    degrees: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))
    last_age: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))


class _Growth:
    """Trees under construction, one hop at a time."""

    def __init__(self, graph: SocialGraph, relations: list[_Relation], uniform: bool, threads: int | None):
        self.relations, self.uniform, self.threads = relations, uniform, threads
        self.start = np.int64(np.iinfo(np.int64).min if graph.start is None else graph.start)
        self.end = np.int64(np.iinfo(np.int64).max if graph.end is None else graph.end)
        self.layers: dict[str, list[_Layer]] = {t: [] for t in graph.node_types}
        self.edges: dict[EdgeType, list[SampledEdges]] = {r.message_type: [] for r in relations}
        self.width = {t: sum(r.target == t for r in relations) for t in graph.node_types}

    def plant(self, seeds: Mapping[str, tuple[np.ndarray, np.ndarray]], rng: np.uint64) -> None:
        """Puts the seed nodes in the ground, [seed] per node type."""
        from graphsocial.graph.kernels import seed_keys  # numba: imported when first needed

        trees = 0
        numbered = {}
        for node_type in sorted(seeds):
            node, time = seeds[node_type]
            key = np.empty(len(node), dtype=np.uint64)
            seed_keys(rng, trees, key)
            numbered[node_type] = _Layer(node, time, np.arange(trees, trees + len(node), dtype=np.int64), key)
            trees += len(node)
        self._add(numbered)

    def grow(self, hop: int, fanout: int) -> None:
        """Counts the neighbours of the newest layer, and samples up to `fanout` of them per relation (-1: all)."""
        from graphsocial.graph.kernels import locate, pick

        newest = {t: layers[hop] for t, layers in self.layers.items()}
        base = {t: sum(len(layer.node) for layer in layers[:hop]) for t, layers in self.layers.items()}
        added: dict[str, list[_Layer]] = {t: [] for t in self.layers}
        next_position = {t: base[t] + len(layer.node) for t, layer in newest.items()}
        for relation in self.relations:
            layer, csr = newest[relation.target], relation.csr
            count = len(layer.node)
            if count == 0:
                continue
            low, high = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
            start, stop = np.full(count, csr.on_clock(self.start)), csr.on_clock(np.minimum(layer.time, self.end))
            over_items(locate, count, self.threads, layer.node, start, stop, csr.indptr, csr.clock, low, high)
            degree = high - low
            layer.degrees[:, relation.column] = degree
            some = degree > 0
            layer.last_age[some, relation.column] = layer.time[some] - csr.time_of(high[some] - 1)
            if fanout == 0:
                continue

            offset = np.zeros(count + 1, dtype=np.int64)
            np.cumsum(degree if fanout < 0 else np.minimum(degree, fanout), out=offset[1:])
            slots = int(offset[-1])
            if slots == 0:
                continue
            entry, target = np.empty(slots, dtype=np.int64), np.empty(slots, dtype=np.int64)
            child = np.empty(slots, dtype=np.uint64)
            over_items(
                pick, count, self.threads, low, high, offset, layer.key, relation.branch, self.uniform,
                entry, target, child,
            )  # fmt: skip
            time = layer.time[target]
            added[relation.neighbour].append(
                _Layer(csr.neighbour[entry].astype(np.int64), time, layer.seed[target], child)
            )
            src = np.arange(slots, dtype=np.int64) + next_position[relation.neighbour]
            next_position[relation.neighbour] += slots
            self.edges[relation.message_type].append(
                SampledEdges(
                    src,
                    target + base[relation.target],
                    time - csr.time_of(entry),
                    csr.edge_of(entry) - relation.first_edge,
                )
            )
        if fanout:
            self._add({t: _joined(layers) for t, layers in added.items()})
        else:
            self._add({})

    def _add(self, newest: Mapping[str, _Layer]) -> None:
        for node_type, layers in self.layers.items():
            layer = newest.get(node_type) or _joined([])
            layer.degrees = np.zeros((len(layer.node), self.width[node_type]), dtype=np.int64)
            layer.last_age = np.full((len(layer.node), self.width[node_type]), -1, dtype=np.int64)
            layers.append(layer)

    def result(self, num_seeds: dict[str, int]) -> SampledNeighbourhood:
        """The sample, layers and edge blocks joined in the order they grew in."""
        nodes, degrees, last_age, names = {}, {}, {}, {}
        for node_type, layers in self.layers.items():
            hop = np.repeat(np.arange(len(layers), dtype=np.int64), [len(layer.node) for layer in layers])
            nodes[node_type] = SampledNodes(
                np.concatenate([layer.node for layer in layers]),
                np.concatenate([layer.time for layer in layers]),
                np.concatenate([layer.seed for layer in layers]),
                hop,
            )
            degrees[node_type] = np.concatenate([layer.degrees for layer in layers])
            last_age[node_type] = np.concatenate([layer.last_age for layer in layers])
            names[node_type] = tuple(r.name for r in self.relations if r.target == node_type)
        none = np.empty(0, dtype=np.int64)
        edges = {
            edge_type: SampledEdges(
                *(np.concatenate([none, *(getattr(b, part) for b in blocks)]) for part in ("src", "dst", "age", "edge"))
            )
            for edge_type, blocks in self.edges.items()
        }
        return SampledNeighbourhood(nodes, edges, degrees, last_age, names, num_seeds)


def _joined(layers: list[_Layer]) -> _Layer:
    none = np.empty(0, dtype=np.int64)
    return _Layer(
        np.concatenate([none, *(layer.node for layer in layers)]),
        np.concatenate([none, *(layer.time for layer in layers)]),
        np.concatenate([none, *(layer.seed for layer in layers)]),
        np.concatenate([none.astype(np.uint64), *(layer.key for layer in layers)]),
    )


def _seed_value(rng: int | np.random.Generator) -> np.uint64:
    if isinstance(rng, np.random.Generator):
        return np.uint64(rng.integers(0, 2**64, dtype=np.uint64))
    return np.uint64(int(rng) % 2**64)


def _checked_seeds(
    graph: SocialGraph, seeds: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    checked = {}
    for node_type, (node, time) in seeds.items():
        total = len(graph.tables.nodes[graph.schema.check_node_type(node_type)])
        node, time = np.array(node), np.array(time)  # copies: kernels compile once per kind of array
        if node.ndim != 1 or node.shape != time.shape:
            raise SchemaError(
                f"seeds[{node_type!r}] has positions {node.shape} and times {time.shape}, expected [seed] each"
            )
        if len(node) and not (np.issubdtype(node.dtype, np.integer) and np.issubdtype(time.dtype, np.integer)):
            raise SchemaError(
                f"seeds[{node_type!r}] has positions {node.dtype} and times {time.dtype}, expected whole numbers"
            )
        node, time = node.astype(np.int64), time.astype(np.int64)
        wrong = (node < 0) | (node >= total)
        if wrong.any():
            raise UnknownNodeError(f"no {node_type} at position {node[wrong][0]}, expected 0 to {total - 1}")
        checked[node_type] = (node, time)
    return checked
