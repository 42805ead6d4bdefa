"""What a run keeps for its report: predictions, explanations, attention shares and a trend with its forecasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from graphsocial.graph import SocialGraph
from graphsocial.learn.batching import ContentIndex, make_batch
from graphsocial.learn.examples import Examples
from graphsocial.learn.popularity_task import PopularityTask
from graphsocial.learn.post_label_task import PostLabelTask
from graphsocial.learn.trainer import Trainer
from graphsocial.learn.trend_task import TrendTask
from graphsocial.nn import AttentionShare
from graphsocial.query.answers import Prediction
from graphsocial.query.engine import Engine
from graphsocial.schema import EdgeType

Progress = Callable[[int, int, str], None]


def post_tasks(trainer: Trainer) -> list[str]:
    """Names of the tasks that are asked about single posts."""
    return [name for name, task in trainer.tasks.items() if isinstance(task, PostLabelTask | PopularityTask)]


def explained_predictions(
    engine: Engine, graph: SocialGraph, count: int, rng: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Predictions for posts of the test part with their evidence, spread over the post tasks and over groups.

    Posts are drawn at random, one per group, so the choice cannot flatter the model.

    Args:
        engine: An engine with a model.
        graph: The graph with the test part, to draw posts from.
        count: Number of posts.
        rng: Seed of the choice.

    Returns:
        Entries of `predictions.json` and `explanations.json`.
    """
    trainer = engine.trainer
    assert trainer is not None
    names = post_tasks(trainer)
    predictions: list[dict[str, Any]] = []
    explanations: list[dict[str, Any]] = []
    if not names:
        return predictions, explanations
    test = trainer.examples(graph, "test", names)
    generator = np.random.default_rng(rng)
    for position in range(count):
        name = names[position % len(names)]
        rows = test[name]
        used = {entry["node"][1] for entry in predictions}
        row = _draw(engine.graph, rows, used, generator)
        if row is None:
            continue
        node_type, index = rows.nodes["node"]
        node = (node_type, str(engine.graph.node_ids(node_type)[index[row]]))
        guess = engine.predict(name, node)
        truth = rows.classes[int(rows.target[row])] if rows.classes else float(rows.target[row])
        predictions.append({**prediction_json(guess), "truth": truth})
        explanations.append({**explanation_json(engine, guess), "truth": truth})
    return predictions, explanations


def _draw(graph: SocialGraph, rows: Examples, used: set[str], generator: np.random.Generator) -> int | None:
    """A random row of a random group, not used yet."""
    node_type, index = rows.nodes["node"]
    ids = graph.node_ids(node_type)[index]
    free = np.flatnonzero(~np.isin(ids.astype(str), sorted(used)))
    if not len(free):
        return None
    groups = rows.group[free].astype(str)
    chosen = generator.choice(np.unique(groups))
    return int(generator.choice(free[groups == chosen]))


def prediction_json(guess: Prediction) -> dict[str, Any]:
    """A prediction as plain values."""
    return {
        "task": guess.task,
        "node": list(guess.node),
        "other": None if guess.other is None else list(guess.other),
        "as_of": guess.as_of,
        "value": guess.value,
        "unit": guess.unit,
        "probabilities": guess.probabilities,
        "interval": None if guess.interval is None else list(guess.interval),
        "known_until": guess.known_until,
        "future_model": guess.future_model,
    }


def explanation_json(engine: Engine, guess: Prediction, top: int = 6) -> dict[str, Any]:
    """An explained prediction as plain values."""
    evidence = engine.explain(guess, top=top)
    check = evidence.faithfulness
    text = None
    if guess.node[0] == "post" and "text" in engine.graph.schema.nodes["post"]:
        text = engine.graph.column("post", "text")[engine.graph.index_of(guess.node)].as_py()
    return {
        "task": guess.task,
        "node": list(guess.node),
        "as_of": guess.as_of,
        "prediction": guess.value,
        "target": evidence.output,
        "value": evidence.value,
        "evidence": [
            {"kind": r.kind, "what": r.what, "effect": r.effect, "attention": r.attention} for r in evidence.rows
        ],
        "faithfulness": None
        if check is None
        else {"deletion": check.deletion, "random": check.random, "interval": list(check.interval), "rows": check.rows},
        "stability": evidence.stability,
        "text": text,
    }


def attention_shares(engine: Engine, graph: SocialGraph, limit: int = 512) -> dict[str, Any]:
    """Where attention went, by layer, for a sample of test questions; descriptive, not importance."""
    trainer = engine.trainer
    assert trainer is not None and trainer.model is not None
    content = ContentIndex.of(engine.graph, engine.tokens)
    test = {n: rows for n, rows in trainer.examples(graph, "test").items() if len(rows)}
    part = {n: rows.take(np.unique(np.linspace(0, len(rows) - 1, limit).astype(int))) for n, rows in test.items()}
    batch = make_batch(engine.graph, content, part, trainer.training.fanout, 0, trainer.training.strategy).to(
        trainer.device
    )
    trainer.model.eval()
    with torch.inference_mode():
        shares = trainer.model.encoder(batch.data, attention=True).attention or []
    asked = sum(len(rows) for rows in part.values())
    return {
        "layers": [{"shares": _share_rows(layer)} for layer in shares],
        "note": f"{asked} test questions, {len(shares)} layers; descriptive only",
    }


def _share_rows(layer: AttentionShare) -> list[dict[str, Any]]:
    return [
        {
            "target": target,
            "relation": relation if isinstance(relation, str) else relation[1],
            "source": source,
            "share": mass,
        }
        for (target, relation, source), mass in layer.mass.items()
    ]


def trend_forecasts(engine: Engine, graph: SocialGraph, days: int = 3) -> dict[str, Any] | None:
    """The busiest node of the trend task over the test part: past counts, forecasts, and what came."""
    trainer = engine.trainer
    assert trainer is not None
    name = next((n for n, task in trainer.tasks.items() if isinstance(task, TrendTask)), None)
    if name is None:
        return None
    task = trainer.tasks[name]
    assert isinstance(task, TrendTask)
    rows = trainer.examples(graph, "test", [name])[name]
    if not len(rows):
        return None
    node_type, index = rows.nodes["node"]
    busiest = int(np.bincount(index, weights=np.expm1(rows.target)).argmax())
    chosen = rows.take(np.flatnonzero(index == busiest))
    content = ContentIndex.of(engine.graph, engine.tokens)
    output = np.expm1(trainer.predict(engine.graph, content, {name: chosen})[name])
    first, last = int(chosen.time[0]) - days * 86400, int(chosen.time[-1])
    times, counts = _counts(engine.graph, task.edge_type, busiest, task.width, first, last)
    return {
        "node": [node_type, str(engine.graph.node_ids(node_type)[busiest])],
        "width_seconds": task.width,
        "times": times,
        "counts": counts,
        "forecasts": [
            {
                "time": int(t),
                "horizon_seconds": task.width,
                "lower": float(q[0]),
                "median": float(q[len(q) // 2]),
                "upper": float(q[-1]),
                "actual": float(np.expm1(y)),
            }
            for t, q, y in zip(chosen.time, output, chosen.target, strict=True)
        ],
    }


def _counts(
    graph: SocialGraph, edge_type: EdgeType, node: int, width: int, start: int, end: int
) -> tuple[list[int], list[int]]:
    edges = graph.edges(edge_type)
    time = edges.time[(edges.dst == node) & (edges.time >= start) & (edges.time < end + width)]
    bins = np.arange(start, end + width, width)
    return bins.tolist(), np.histogram(time, np.append(bins, bins[-1] + width))[0].tolist()
