"""Explained heads of a graph model: edges, neighbours, words, image regions and modalities."""

from __future__ import annotations

import time
from pathlib import Path

import click
import numpy as np

from benchmarks.explanation_contents import NodeContents
from benchmarks.explanation_lines import explain_and_write, order_checks, write_value
from benchmarks.result_lines import ResultLines
from graphsocial.embed import embed_posts
from graphsocial.errors import SchemaError
from graphsocial.explain import (
    GRAPH_MODALITIES,
    FaithfulnessReport,
    GraphQuestion,
    ModalityValue,
    masked_coalitions,
    masked_predictions,
    modality_value,
)
from graphsocial.explain.evidence import Kind
from graphsocial.graph import SocialGraph
from graphsocial.ingest import load
from graphsocial.learn import Examples, Task, Trainer, TrainingConfig, read_task_file
from graphsocial.learn.batching import ContentIndex
from graphsocial.report.explanation_page import ShownExplanation, write_explanations
from graphsocial.schema import NodeKey

TASKS = "tasks.toml"
KINDS: tuple[Kind, ...] = ("neighbour", "edge", "word", "region")
EXAMPLES, QUICK_EXAMPLES = 10, 2
SCORED, QUICK_SCORED = 200, 20
"""Questions of the test part that modality values are measured on."""
SHOWN = 2
"""Examples of each head on a page."""


def explain_graph(folder: Path, seeds: int, quick: bool, lines: ResultLines, page: Path | None = None) -> None:
    """Explains test questions of every head that a folder's `tasks.toml` names.

    Args:
        folder: A graph folder.
        seeds: Models of other seeds, for stability; the first one is the one explained.
        quick: One model, one epoch, few examples.
        lines: Where results go.
        page: A page of some examples of every head; None: none is written.

    Raises:
        SchemaError: The folder has no `tasks.toml`.
    """
    if not (folder / TASKS).is_file():
        raise SchemaError(f"{folder} has no {TASKS}, which names heads and time cuts; data/mediaeval has one")
    tasks, split = read_task_file(folder / TASKS)
    graph = load(folder)
    tokens = embed_posts(graph, cache=Path("runs/.cache/tokens"))
    content, contents = ContentIndex.of(graph, tokens), NodeContents(graph, tokens)
    shown: list[ShownExplanation] = []
    tables: list[FaithfulnessReport] = []
    values: list[ModalityValue] = []
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
        count = QUICK_EXAMPLES if quick else EXAMPLES
        asked, picked = _questions(trainers, graph, content, contents, test, count)
        if asked[0]:
            group = [str(each) for each in test.group[picked]]
            found, reports, _ = explain_and_write(lines, name, asked, KINDS, group, 1 if quick else 3, about)
            for report in reports:
                click.echo(repr(report))
            tables += reports
            on_page = 0 if page is None else SHOWN
            for question, attribution, row in list(zip(asked[0], found["deletion"], picked, strict=True))[:on_page]:
                shown.append(
                    contents.shown(
                        attribution,
                        _node(graph, test, row),
                        _truth(trainers[0].tasks[name], test, row),
                        order_checks(question, attribution, KINDS),
                    )
                )
        rows = test.take(_whole_questions(test, QUICK_SCORED if quick else SCORED))
        metric = trainers[0].tasks[name].metric
        said = masked_coalitions(
            GRAPH_MODALITIES,
            lambda given, rows=rows: masked_predictions(trainers[0], graph, content, rows, given),  # type: ignore[misc]
        )
        value = modality_value(
            said, metric, rows.target, flavour="masked", query=rows.query, group=rows.group, resamples=300
        )
        values.append(value)
        write_value(lines, name, value, about | {"rows": len(rows), "higher_is_better": metric.higher_is_better})
        click.echo(f"{value!r}\n{name}: {time.process_time() - began:.0f} CPU s")
    if page is not None and shown:
        title = f"{folder.resolve().name}: explained heads"
        write_explanations(shown, page, title=title, faithfulness=tables, values=values)
        click.echo(f"page in {page}")


def _questions(
    trainers: list[Trainer],
    graph: SocialGraph,
    content: ContentIndex,
    contents: NodeContents,
    test: Examples,
    count: int,
) -> tuple[list[list[GraphQuestion]], list[int]]:
    """For each model, the same questions, of those whose nodes have at least two neighbours, and their rows."""
    view = graph.as_of(int(test.time.max()) + 1)
    asked: list[list[GraphQuestion]] = [[] for _ in trainers]
    picked: list[int] = []
    right = test.target > 0 if not test.classes and len(np.unique(test.query)) < len(test) else np.ones(len(test), bool)
    for row in np.random.default_rng(0).permutation(np.flatnonzero(right))[: 5 * count].tolist():
        single, text = test.take(np.array([row])), contents.text(_node(graph, test, row))
        chosen = None
        several = []
        for trainer in trainers:
            question = GraphQuestion(
                trainer,
                view,
                content,
                single,
                text=text,
                embedder=contents.embedder,
                near_text=contents.text,
                chosen=chosen,
            )
            if sum(piece.kind == "neighbour" for piece in question.pieces) < 2:
                break
            chosen = question.chosen
            several.append(question)
        if len(several) < len(trainers):
            continue
        for number, question in enumerate(several):
            asked[number].append(question)
        picked.append(row)
        if len(picked) == count:
            break
    return asked, picked


def _node(graph: SocialGraph, test: Examples, row: int) -> NodeKey:
    """The first node that a row asks about."""
    node_type, index = next(iter(test.nodes.values()))
    return node_type, str(graph.node_ids(node_type)[np.ravel(index[row])[0]])


def _truth(task: Task, test: Examples, row: int) -> str:
    """What was true, in the unit of the explained output too where it is another one."""
    target = test.target[row]
    if test.classes:
        return test.classes[int(target)]
    return f"{target:g}, log1p {np.log1p(target):.3f}" if task.kind == "popularity" else f"{target:g}"


def _whole_questions(test: Examples, count: int) -> np.ndarray:
    """Rows of some questions, all of each."""
    names = np.unique(test.query)
    drawn = np.random.default_rng(0).permutation(names)[:count]
    return np.flatnonzero(np.isin(test.query, drawn))
