"""Explained heads of a graph model: edges, neighbours, image regions and modalities."""

from __future__ import annotations

import time
from pathlib import Path

import click
import numpy as np

from benchmarks.explanation_lines import explain_and_write, write_value
from benchmarks.result_lines import ResultLines
from graphsocial.embed import embed_posts
from graphsocial.errors import SchemaError
from graphsocial.explain import GRAPH_MODALITIES, GraphQuestion, masked_coalitions, masked_predictions, modality_value
from graphsocial.graph import SocialGraph
from graphsocial.ingest import load
from graphsocial.learn import Examples, Trainer, TrainingConfig, read_task_file
from graphsocial.learn.batching import ContentIndex

TASKS = "tasks.toml"
EXAMPLES, QUICK_EXAMPLES = 20, 3
SCORED, QUICK_SCORED = 300, 40
"""Questions of the test part that modality values are measured on."""


def explain_graph(folder: Path, seeds: int, quick: bool, lines: ResultLines) -> None:
    """Explains test questions of every head that a folder's `tasks.toml` names.

    Args:
        folder: A graph folder.
        seeds: Models of other seeds, for stability; the first one is the one explained.
        quick: One epoch, two heads, few examples.
        lines: Where results go.

    Raises:
        SchemaError: The folder has no `tasks.toml`.
    """
    if not (folder / TASKS).is_file():
        raise SchemaError(f"{folder} has no {TASKS}, which names heads and time cuts; data/mediaeval has one")
    tasks, split = read_task_file(folder / TASKS)
    tasks = tasks[:2] if quick else tasks
    graph = load(folder)
    tokens = embed_posts(graph, cache=Path("runs/.cache/tokens"))
    content = ContentIndex.of(graph, tokens)
    trainers = []
    for seed in range(1 if quick else seeds):
        began = time.process_time()
        trainer = Trainer(tasks, split, training=TrainingConfig(epochs=1) if quick else None, rng=seed)
        for _ in trainer.epochs(graph, tokens):
            pass
        trainers.append(trainer)
        click.echo(f"seed {seed}: {len(trainer.history)} epochs ({time.process_time() - began:.0f} CPU s)")
    for name in trainers[0].tasks:
        began = time.process_time()
        test = trainers[0].examples(graph, "test", [name])[name]
        if not len(test):
            click.echo(f"{name}: no test example, left out")
            continue
        about = {"quick": quick, "seeds": len(trainers), "test_rows": len(test)}
        asked, group = _questions(trainers, graph, content, test, QUICK_EXAMPLES if quick else EXAMPLES)
        if asked[0]:
            _, reports, _ = explain_and_write(lines, name, asked, ("neighbour", "edge", "region"), group, 3, about)
            for report in reports:
                click.echo(repr(report))
        rows = test.take(_whole_questions(test, QUICK_SCORED if quick else SCORED))
        metric = trainers[0].tasks[name].metric
        said = masked_coalitions(
            GRAPH_MODALITIES,
            lambda given, rows=rows: masked_predictions(trainers[0], graph, content, rows, given),  # type: ignore[misc]
        )
        value = modality_value(
            said, metric, rows.target, flavour="masked", query=rows.query, group=rows.group, resamples=300
        )
        write_value(lines, name, value, about | {"rows": len(rows), "higher_is_better": metric.higher_is_better})
        click.echo(f"{value!r}\n{name}: {time.process_time() - began:.0f} CPU s")


def _questions(
    trainers: list[Trainer], graph: SocialGraph, content: ContentIndex, test: Examples, count: int
) -> tuple[list[list[GraphQuestion]], list[str]]:
    """For each model, the same questions, of those whose node has at least two neighbours, and their groups."""
    view = graph.as_of(int(test.time.max()) + 1)
    asked: list[list[GraphQuestion]] = [[] for _ in trainers]
    group: list[str] = []
    right = test.target > 0 if not test.classes and len(np.unique(test.query)) < len(test) else np.ones(len(test), bool)
    for row in np.random.default_rng(0).permutation(np.flatnonzero(right))[: 5 * count]:
        single = test.take(np.array([row]))
        question = GraphQuestion(trainers[0], view, content, single)
        if sum(piece.kind == "neighbour" for piece in question.pieces) < 2:
            continue
        asked[0].append(question)
        for number, trainer in enumerate(trainers[1:], 1):
            asked[number].append(GraphQuestion(trainer, view, content, single, chosen=question.chosen))
        group.append(str(test.group[row]))
        if len(group) == count:
            break
    return asked, group


def _whole_questions(test: Examples, count: int) -> np.ndarray:
    """Rows of some questions, all of each."""
    names = np.unique(test.query)
    drawn = np.random.default_rng(0).permutation(names)[:count]
    return np.flatnonzero(np.isin(test.query, drawn))
