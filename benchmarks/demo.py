"""The demo's model taken apart: retrained ablations, each task alone, loss balances, leave-one-event-out, and speed.

Every case has the size, the settings (tuned for the full model only) and the early stopping of the full model.
Differences are paired over the same test examples, pooled over seeds, and resampled by the units that share an image,
an event or a target.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.demo_speed import measure_speed, time_demo
from benchmarks.result_lines import ResultLines, data_hash
from graphsocial.embed import EmbeddingTable, NodeContents, embed_posts
from graphsocial.graph import SocialGraph
from graphsocial.ingest import load
from graphsocial.learn import Examples, Task, Trainer, read_task_file
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.bootstrap import bootstrap_interval, paired_difference
from graphsocial.learn.temporal_split import time_span
from graphsocial.nn import EncoderConfig
from graphsocial.nn.balancing import MeanBalance, PCGrad, UncertaintyBalance

Scored = dict[str, tuple[Examples, np.ndarray]]
"""Task to its test examples and the predictions for them."""


PARTS = ("ablations", "events", "speed", "command")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("data/mediaeval"), show_default=True)
@click.option("--seeds", default=3, show_default=True)
@click.option("--quick", is_flag=True, help="Speed only, within a minute; the same as --part speed.")
@click.option("--part", type=click.Choice(["all", *PARTS]), default="all", show_default=True)
@click.option(
    "--minutes", default=90.0, show_default=True, help="Cases that would start later are left out, and named."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="[default: benchmarks/results/demo.jsonl or demo_PART.jsonl]"
)
def demo(data: Path, seeds: int, quick: bool, part: str, minutes: float, out: Path | None) -> None:
    """Ablations of the demo's model, leave-one-event-out, speed of its parts and of the whole command."""
    parts = ("speed",) if quick else PARTS if part == "all" else (part,)
    name = "demo" if parts == PARTS else f"demo_{parts[0]}"
    lines = ResultLines(out or Path(f"benchmarks/results/{name}.jsonl"), "demo", data.name, data_hash(data), "strict")
    deadline = time.monotonic() + 60 * minutes
    graph = load(data)
    tokens = embed_posts(graph, cache=Path("runs/.cache/tokens"))
    if "ablations" in parts:
        Ablations(graph, tokens, data / "tasks.toml", lines, seeds, deadline).run()
    if "events" in parts:
        leave_one_event_out(graph, tokens, data / "tasks.toml", lines, deadline)
    if "speed" in parts:
        measure_speed(graph, tokens, data, lines)
    if "command" in parts:
        time_demo(data, lines)


class Ablations:
    """Trains each case over the seeds and writes its lines as soon as it is done."""

    def __init__(
        self,
        graph: SocialGraph,
        tokens: EmbeddingTable,
        task_file: Path,
        lines: ResultLines,
        seeds: int,
        deadline: float,
    ):
        self.graph, self.tokens, self.lines, self.seeds, self.deadline = graph, tokens, lines, seeds, deadline
        self.tasks, self.split = read_task_file(task_file)
        self.full: list[Scored] = []

    def cases(self) -> Iterator[tuple[str, Callable[[int], Trainer], EmbeddingTable]]:
        """Name, trainer and tokens of every case, the full model first."""
        names = [task.name for task in self.tasks]

        def trainer(**changes: Any) -> Callable[[int], Trainer]:
            balance = changes.pop("balance", MeanBalance)
            tasks = changes.pop("tasks", self.tasks)
            encoder = EncoderConfig(**changes)
            return lambda seed: Trainer(tasks, self.split, encoder=encoder, balance=balance(), rng=seed)

        yield "full", trainer(), self.tokens
        yield "no_graph", trainer(use_graph=False), self.tokens
        yield "text_only", trainer(modalities=("text", "structure")), self.tokens
        yield "image_only", trainer(modalities=("image", "structure")), self.tokens
        yield "structure_only", trainer(modalities=("structure",)), self.tokens
        yield "late_fusion", trainer(fusion="late"), self.tokens
        yield "permuted_images", trainer(), permuted(self.tokens, "image")
        for task in self.tasks:
            yield f"alone_{task.name}", trainer(tasks=[task]), self.tokens
        yield "balance_uncertainty", trainer(balance=lambda: UncertaintyBalance(names)), self.tokens
        yield "balance_pcgrad", trainer(balance=PCGrad), self.tokens

    def run(self) -> None:
        """Every case until the deadline."""
        for case, build, tokens in self.cases():
            if time.monotonic() > self.deadline:
                click.echo(f"{case}: left out, the time is up")
                continue
            scored = []
            for seed in range(self.seeds):
                began = time.perf_counter()
                trainer = build(seed)
                for _ in trainer.epochs(self.graph, tokens):
                    pass
                scored.append(self._score(trainer, tokens))
                seconds = time.perf_counter() - began
                for task, (rows, prediction) in scored[-1].items():
                    self._value(case, trainer.tasks[task], rows, prediction, seed, seconds)
                click.echo(f"{case} seed {seed}: {seconds:.0f} s, {len(trainer.history)} epochs")
            if case == "full":
                self.full = scored
            else:
                self._differences(case, scored)

    def _score(self, trainer: Trainer, tokens: EmbeddingTable) -> Scored:
        test = trainer.examples(self.graph, "test")
        predictions = trainer.predict(self.graph, ContentIndex.of(self.graph, tokens), test)
        return {task: (test[task], prediction) for task, prediction in predictions.items()}

    def _value(self, case: str, task: Task, rows: Examples, prediction: np.ndarray, seed: int, seconds: float) -> None:
        found = bootstrap_interval(task.metric, prediction, rows.target, rows.query, rows.group, seed)
        self.lines.write(
            case, task.metric.name, found.value, task=task.name, interval=found.interval, seed=seed, seconds=seconds
        )

    def _differences(self, case: str, scored: Sequence[Scored]) -> None:
        for task in self.tasks:
            if task.name in scored[0]:
                ours, rows = pooled([s[task.name] for s in scored])
                full, _ = pooled([s[task.name] for s in self.full])
                found = paired_difference(task.metric, ours, full, rows.target, rows.query, rows.group, 0)
                self.lines.write(
                    case, f"{task.metric.name}/difference", found.value, task=task.name, interval=found.interval
                )


def pooled(scored: Sequence[tuple[Examples, np.ndarray]]) -> tuple[np.ndarray, Examples]:
    """Predictions of several seeds one after the other, with questions kept apart and groups kept together."""
    sizes = [int(examples.query.max()) + 1 for examples, _ in scored]
    first_query = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rows = [
        replace(examples, query=examples.query + first)
        for (examples, _), first in zip(scored, first_query, strict=True)
    ]
    first = rows[0]
    joined = replace(
        first,
        nodes={
            role: (node_type, np.concatenate([r.nodes[role][1] for r in rows]))
            for role, (node_type, _) in first.nodes.items()
        },
        time=np.concatenate([r.time for r in rows]),
        target=np.concatenate([r.target for r in rows]),
        group=np.concatenate([r.group for r in rows]),
        query=np.concatenate([r.query for r in rows]),
        features=None if first.features is None else np.concatenate([r.features for r in rows]),  # type: ignore[misc]
    )
    return np.concatenate([prediction for _, prediction in scored]), joined


def permuted(tokens: EmbeddingTable, modality: str, rng: int = 0) -> EmbeddingTable:
    """The same table with a modality's contents dealt out to other nodes at random: a control without gain."""
    generator = np.random.default_rng(rng)
    contents = {
        key: NodeContents(tuple(generator.permutation(found.ids).tolist()), found.offsets, found.content)
        if key[1] == modality
        else found
        for key, found in tokens.contents.items()
    }
    return EmbeddingTable(tokens.tokens, contents, tokens.normalisation, tokens.problems)


def leave_one_event_out(
    graph: SocialGraph, tokens: EmbeddingTable, task_file: Path, lines: ResultLines, deadline: float
) -> None:
    """Trains the label task on all events but one and tests on that one, for every event.

    Not a temporal protocol: training may hold later events. Images of the event left out occur in no other event.
    """
    tasks, split = read_task_file(task_file)
    labelled: list[Any] = [task for task in tasks if getattr(task, "resample_by", None) and task.kind == "post_label"]
    for task in labelled:
        start, end = time_span(graph)
        rows = task.examples(graph, start, end, 0)
        content = ContentIndex.of(graph, tokens)
        floors: dict[str, list[np.ndarray]] = {floor.name: [] for floor in task.floors()}
        tested, predictions = [], []
        for event in np.unique(rows.group.astype(str)):
            if time.monotonic() > deadline:
                click.echo(f"leave_one_event_out {event}: left out, the time is up")
                continue
            began = time.perf_counter()
            train, valid, test = hold_out(rows, rows.group.astype(str) == event, graph, task)
            trainer = Trainer([task], split, rng=0)
            for _ in trainer.epochs(graph, tokens, train={task.name: train}, valid={task.name: valid}):
                pass
            prediction = trainer.predict(graph, content, {task.name: test})[task.name]
            for floor in task.floors():
                floors[floor.name].append(floor.predict(graph, train, test))
            tested.append(test)
            predictions.append(prediction)
            value = task.metric(prediction, test.target, test.query)
            seconds = time.perf_counter() - began
            lines.write(
                f"leave_out_{event}",
                task.metric.name,
                value,
                task=task.name,
                seed=0,
                seconds=seconds,
                protocol="leave_one_event_out",
                config={"n": len(test)},
            )
            click.echo(f"leave_out_{event}: {value:.3f} (n = {len(test)}, {seconds:.0f} s)")
        write_pooled(task, tested, predictions, floors, lines)


def write_pooled(
    task: Task,
    tested: Sequence[Examples],
    predictions: Sequence[np.ndarray],
    floors: Mapping[str, Sequence[np.ndarray]],
    lines: ResultLines,
) -> None:
    """All left-out events together, beside the floors, resampled by event."""
    if not tested:
        return
    ours, rows = pooled(list(zip(tested, predictions, strict=True)))
    arguments = (rows.target, rows.query, rows.group, 0)
    protocol = "leave_one_event_out"
    found = bootstrap_interval(task.metric, ours, *arguments)
    lines.write("full", task.metric.name, found.value, task=task.name, interval=found.interval, protocol=protocol)
    for name, parts in floors.items():
        theirs = np.concatenate(list(parts))
        found = bootstrap_interval(task.metric, theirs, *arguments)
        lines.write(name, task.metric.name, found.value, task=task.name, interval=found.interval, protocol=protocol)
        gap = paired_difference(task.metric, theirs, ours, *arguments)
        lines.write(
            name, f"{task.metric.name}/difference", gap.value, task=task.name, interval=gap.interval, protocol=protocol
        )


def hold_out(
    rows: Examples, test: np.ndarray, graph: SocialGraph, task: Any, share: float = 0.15
) -> tuple[Examples, Examples, Examples]:
    """Training, validation and test rows; validation keeps whole images of the other events to itself."""
    from graphsocial.learn.task import groups_of

    image = groups_of(graph, "post", rows.nodes["node"][1], task.disjoint_by).astype(str)
    others = np.unique(image[~test])
    chosen = np.random.default_rng(0).permutation(others)[: max(1, int(share * len(others)))]
    valid = ~test & np.isin(image, chosen)
    return rows.take(~test & ~valid), rows.take(valid), rows.take(test)
