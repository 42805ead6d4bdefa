"""Everything the library says about a graph as of t, one named fingerprint after the other, the cheap ones first."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch_geometric.data import HeteroData

from graphsocial.diffusion import (
    Activation,
    IndependentCascade,
    fit_activation,
    select_seeds,
    simulate,
    spread_graph,
)
from graphsocial.embed import EmbeddingTable, hashing_embeddings
from graphsocial.graph import (
    SocialGraph,
    cascade_tree,
    common_neighbours,
    count_before,
    ego_network,
    read_cascades,
    sample_neighbours,
)
from graphsocial.learn import Task, TemporalSplit, Trainer, TrainingConfig
from graphsocial.learn.batching import ContentIndex, make_batch
from graphsocial.learn.link_task import LinkTask
from graphsocial.learn.next_user_task import NextUserTask
from graphsocial.learn.popularity_task import PopularityTask
from graphsocial.learn.post_label_task import PostLabelTask
from graphsocial.learn.recommendation_task import RecommendationTask
from graphsocial.learn.relation_task import RelationTask
from graphsocial.learn.trend_task import TrendTask
from graphsocial.nn import EncoderConfig
from graphsocial.query import Engine
from graphsocial.schema import EdgeType
from tests.leakage.erasable_world import FOLLOW, LATER, LIKE, MENTION, REPOST, SHARE, TAG, TEST, VALID

SPLIT = TemporalSplit(valid=VALID, test=TEST, end=LATER)


@dataclasses.dataclass(frozen=True)
class Scene:
    """What is asked of a graph.

    Attributes:
        tasks: Everything to be learned, made anew for each run.
        split: Its cuts; the end of its test part is the latest `t` that makes sense.
        shares: Relation along which cascades are read.
        ties: Relations between users.
    """

    tasks: Callable[[], list[Task]]
    split: TemporalSplit
    shares: EdgeType
    ties: tuple[EdgeType, ...]

    def new_trainer(self) -> Trainer:
        """A network small enough for a test."""
        return Trainer(
            self.tasks(),
            self.split,
            encoder=EncoderConfig(channels=8, heads=2),
            training=TrainingConfig(epochs=2, batch_size=400, fanout=(3, 2), warmup=1),
            rng=3,
            device="cpu",
        )


def every_task() -> list[Task]:
    return [
        Task.post_label("mood", resample_by="show", disjoint_by="show"),
        Task.popularity(column="reposts"),
        Task.link(MENTION, REPOST, negatives=4),
        Task.relation(MENTION, REPOST),
        Task.trend(TAG, width=6 * 3600, minimum=3),
        NextUserTask(edge_type=SHARE, prefix=4, negatives=3),
        RecommendationTask(edge_type=LIKE, negatives=3),
    ]


RANDOM_WORLD = Scene(every_task, SPLIT, SHARE, (REPOST, FOLLOW))


def outputs(graph: SocialGraph, t: int, scene: Scene = RANDOM_WORLD) -> Iterator[tuple[str, str]]:
    """Name and fingerprint of every output as of t; t is the end of the split's validation or test part.

    Args:
        graph: The whole graph, its future included.
        t: Nothing at or after it may matter.
        scene: What to ask.
    """
    yield from _graph_outputs(graph.as_of(t), scene)
    trainer = scene.new_trainer()
    tested = scene.split.end is not None and t >= scene.split.end
    parts = {
        part: trainer.examples(graph, part) for part in (("train", "valid", "test") if tested else ("train", "valid"))
    }
    for part, tasks in parts.items():
        for name, rows in tasks.items():
            yield f"examples {part} {name}", fingerprint(rows)
    for name, task in trainer.tasks.items():
        train, valid = parts["train"][name], parts["valid"][name]
        for floor in task.floors():
            yield f"floor {name} {floor.name}", fingerprint(floor.predict(graph, train, valid))
    tokens = hashing_embeddings(graph)
    content = ContentIndex.of(graph, tokens)
    for part, tasks in parts.items():
        for name, rows in tasks.items():
            some = rows.take(np.arange(min(len(rows), 120)))
            for strategy in ("recent", "uniform"):
                batch = make_batch(graph, content, {name: some}, (3, 2), 11, strategy)
                yield f"batch {part} {name} {strategy}", fingerprint(batch)
    reports = [dataclasses.asdict(epoch) for epoch in trainer.epochs(graph, tokens)]
    timed = ("seconds", "examples_per_second", "sampler_share")
    yield "epoch reports", fingerprint([{k: v for k, v in r.items() if k not in timed} for r in reports])
    assert trainer.model is not None
    yield "weights", fingerprint(trainer.model.state_dict())
    yield "assumptions of the model", fingerprint([trainer.shape, trainer.encoders])
    last = list(parts)[-1]
    for name, output in trainer.predict(graph, content, parts[last]).items():
        yield f"predictions {last} {name}", fingerprint(output)
    if tested:
        yield "evaluation", fingerprint(trainer.evaluate(graph, tokens, resamples=20))
    yield from _engine_outputs(graph, tokens, trainer, t)


def differences(one: SocialGraph, other: SocialGraph, t: int, scene: Scene = RANDOM_WORLD) -> Iterator[str]:
    """Names of the outputs as of t in which two graphs differ, as they are found."""
    for (name, mine), (same, theirs) in zip(outputs(one, t, scene), outputs(other, t, scene), strict=True):
        if (name, mine) != (same, theirs):
            yield name


def _graph_outputs(view: SocialGraph, scene: Scene) -> Iterator[tuple[str, str]]:
    yield "repr", repr(view)
    yield "assumptions", fingerprint(view.assumptions)
    for n in view.node_types:
        yield f"ids {n}", fingerprint([view.node_ids(n), view.known_at(n), view.row_known_at(n)])
        for c in view.schema.nodes[n]:
            yield f"column {n}.{c}", fingerprint(view.column(n, c).to_pylist())
    for e in view.edge_types:
        edges = view.edges(e)
        yield f"edges {e}", fingerprint([edges.src, edges.dst, edges.time, edges.recorded])
        yield f"cascades {e}", fingerprint(read_cascades(view, e))
        for direction, n in (("out", e[0]), ("in", e[2])):
            csr, rows = view.csr(e, direction), []
            for i in range(view.num_nodes(n)):
                row = slice(csr.indptr[i], csr.indptr[i + 1])
                rows.append([column[row][csr.time[row] < view.end] for column in (csr.neighbour, csr.time, csr.edge)])
            yield f"csr {e} {direction}", fingerprint(rows)
            every = np.arange(view.num_nodes(n))
            yield (
                f"degrees {e} {direction}",
                fingerprint(count_before(view, e, direction, every, scene.split.valid, view.end)),
            )
    cascades = read_cascades(view, scene.shares)
    yield (
        "cascade trees",
        fingerprint([sorted(cascade_tree(cascades, i).edges) for i in range(min(20, len(cascades.size)))]),
    )
    times = [scene.split.valid, scene.split.test, view.end]
    for n in view.node_types:
        every = np.arange(view.num_nodes(n))
        seeds = {n: (np.repeat(every, len(times)), np.tile(np.array(times), len(every)))}
        for strategy in ("recent", "uniform"):
            yield f"samples {n} {strategy}", fingerprint(sample_neighbours(view, seeds, [3, 2], 5, strategy))
    users = np.arange(min(view.num_nodes("user"), 100))
    a, b = np.repeat(users, len(users)), np.tile(users, len(users))
    shared = common_neighbours(view, list(scene.ties), a, b, np.full(len(a), view.end))
    yield "common neighbours", fingerprint(shared)
    for user in view.node_ids("user")[:5]:
        ego = ego_network(view, ("user", user), hops=2)
        yield (
            f"ego {user}",
            fingerprint([[ego.node_ids(n) for n in ego.node_types], [ego.edges(e).time for e in ego.edge_types]]),
        )


def _spread_outputs(view: SocialGraph, scene: Scene) -> Iterator[tuple[str, str]]:
    """What spreads over the view, and what is fitted on its cascades."""
    for tie in scene.ties:
        spread = spread_graph(view, tie)
        yield f"spread over {tie}", fingerprint([spread.indptr, spread.target, spread.edge_values, spread.ids])
        if not spread.num_edges:
            continue
        model = IndependentCascade(Activation.uniform(spread, 0.3))
        yield f"simulated over {tie}", fingerprint(simulate(model, spread.ids[:2].tolist(), 20, rng=1))
        yield f"seeds over {tie}", fingerprint(list(select_seeds(model, 2, rng=1)))
        fitted = fit_activation(read_cascades(view, scene.shares), spread)
        yield f"fitted over {tie}", fingerprint([fitted.probability, fitted.known_until, repr(fitted)])


def _engine_outputs(graph: SocialGraph, tokens: EmbeddingTable, trainer: Trainer, t: int) -> Iterator[tuple[str, str]]:
    view = graph.as_of(t)
    engine = Engine(view, tokens, trainer)
    yield "engine", repr(engine)
    known = view.node_ids("post")[view.row_known_at("post") < t]
    texts = [p for p in known if tokens.rows("post", "text", [p])[0, 0] >= 0]
    window = (trainer.split.valid, trainer.split.test)
    for post in (texts[0], texts[-1]):
        yield f"similar {post}", fingerprint(engine.similar(node=("post", post), k=50))
        yield f"similar in a window {post}", fingerprint(engine.similar(node=("post", post), window=window))
    for node in (("user", view.node_ids("user")[0]), ("post", known[-1]), ("hashtag", view.node_ids("hashtag")[0])):
        yield f"embedding {node}", fingerprint(engine.embedding(node))
    yield "ego network", repr(engine.ego_network(("user", view.node_ids("user")[0]), hops=2))
    ids = {n: view.node_ids(n) for n in view.node_types}
    for name, task in trainer.tasks.items():
        if isinstance(task, PostLabelTask | PopularityTask):
            asked = [(("post", post), None) for post in known[-2:]]
        elif isinstance(task, LinkTask | RelationTask):
            source, _, target = task.edge_types[0]
            asked = [((source, ids[source][0]), (target, ids[target][1]))]
        elif isinstance(task, TrendTask):
            asked = [((task.edge_type[2], ids[task.edge_type[2]][0]), None)]
        else:
            continue
        for node, other in asked:
            guess = engine.predict(name, node, other)
            yield f"predict {name} {node}", fingerprint([guess, repr(guess)])
        if not isinstance(task, RelationTask):  # explained like a link
            yield f"explain {name} {node}", fingerprint(engine.explain(guess, top=3, words=False))


def fingerprint(value: Any) -> str:
    """Hash of a value to the last bit; arrays count with type and shape."""
    digest = hashlib.sha256()
    for part in _parts(value):
        digest.update(part)
    return digest.hexdigest()


def _parts(value: Any) -> Iterator[bytes]:
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray) and value.dtype != object:
        yield f"{value.dtype}{value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, HeteroData):
        yield from _parts(value.to_dict())
    elif dataclasses.is_dataclass(value):
        yield from _parts({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    elif isinstance(value, Mapping):
        for name in sorted(value, key=str):
            yield f"{name}:".encode()
            yield from _parts(value[name])
    elif isinstance(value, list | tuple | np.ndarray):
        yield f"[{len(value)}".encode()
        for item in value:
            yield from _parts(item)
    elif isinstance(value, float | np.floating):
        yield float(value).hex().encode()
    else:
        yield repr(value).encode()
