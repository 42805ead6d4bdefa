"""What tasks do to each other: alone, in pairs, all together, three balances, and how their gradients pull.

Every training has the same settings, split and early stopping. A gain is over the same task alone, on the same test
examples; its interval draws groups of examples and seeds.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.result_lines import ResultLines, data_hash
from graphsocial.embed import EmbeddingTable, embed_posts, hashing_embeddings
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.ingest import load
from graphsocial.learn import Task, TemporalSplit, Trainer, TrainingConfig, read_task_file
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.seed_difference import SeedPrediction, seed_interval
from graphsocial.learn.task_transfer import Together, task_gains, trainings_for_transfer
from graphsocial.nn.balancing import balance_from_name
from graphsocial.nn.balancing.balance_names import BALANCE_NAMES
from graphsocial.nn.balancing.gradient_conflict import GradientConflict, PairConflict
from graphsocial.report.drawing import plot_style
from graphsocial.report.plots.transfer_matrix import transfer_matrix_plot

LOOK_EVERY = 5
"""Steps between two looks at the gradients: one costs a backward pass for each task."""

QUICK_TASKS, QUICK_EPOCHS = 2, 1

Trained = dict[Together, dict[str, list[SeedPrediction]]]


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("data/mediaeval"),
    show_default=True,
    help="A data folder with a tasks.toml, or the name of one under data/.",
)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--quick", is_flag=True, help="Within a minute: two tasks, hashed contents, one seed, one epoch.")
@click.option("--out", type=click.Path(path_type=Path), help="[default: benchmarks/results/multitask_DATA.jsonl]")
def multitask(data: Path, seeds: int, quick: bool, out: Path | None) -> None:
    """Transfer between every two tasks of a folder's tasks.toml, gradient conflicts, and three loss balances."""
    folder = data if data.is_dir() else Path("data") / data
    if not (folder / "tasks.toml").is_file():
        raise SchemaError(f"{data} has no tasks.toml, expected a data folder with one, such as data/mediaeval")
    graph = load(folder)
    tokens = hashing_embeddings(graph) if quick else embed_posts(graph, cache=Path("runs/.cache/tokens"))
    tasks, split = read_task_file(folder / "tasks.toml")
    if quick:
        tasks = _smallest(tasks, graph, split)
    name = folder.resolve().name
    out = out or Path(f"benchmarks/results/multitask_{name}{'_quick' if quick else ''}.jsonl")
    training = TrainingConfig(epochs=QUICK_EPOCHS) if quick else TrainingConfig()
    run = Transfers(graph, tokens, {task.name: task for task in tasks}, split, training)
    for seed in range(1 if quick else seeds):
        run.train(seed)
        lines = ResultLines(out, "multitask", name, data_hash(folder), "strict")
        write(lines, run, {"quick": quick, "seeds": seed + 1, "tasks": [task.name for task in tasks]})
    with plot_style():
        gains = task_gains(run.metrics, run.trained["mean"])
        transfer_matrix_plot(gains).savefig(out.with_suffix(".svg"), metadata={"Date": None})
    click.echo(f"\nresults in {out}")


class Transfers:
    """Trains tasks alone, in pairs and all together, and watches their gradients.

    Attributes:
        tasks: By name.
        metrics: Of each task.
        trained: Test predictions by balance, tasks trained together and task, one for each seed.
        conflicts: Gradient conflicts by balance and tasks trained together, for each seed.
        seconds: CPU seconds likewise.
    """

    def __init__(
        self,
        graph: SocialGraph,
        tokens: EmbeddingTable,
        tasks: Mapping[str, Task],
        split: TemporalSplit,
        training: TrainingConfig,
    ):
        self.graph, self.tokens, self.tasks, self.split, self.training = graph, tokens, dict(tasks), split, training
        self.metrics = {name: task.metric for name, task in tasks.items()}
        self.everything = tuple(sorted(tasks))
        self.trained: dict[str, Trained] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        self.conflicts: dict[tuple[str, Together], list[tuple[PairConflict, ...]]] = defaultdict(list)
        self.seconds: dict[tuple[str, Together], list[float]] = defaultdict(list)
        self._content = ContentIndex.of(graph, tokens)

    def train(self, seed: int) -> None:
        """Everything with one more seed."""
        for together in trainings_for_transfer(self.everything):
            self._train(together, "mean", seed)
        for balance in BALANCE_NAMES[1:]:
            self._train(self.everything, balance, seed)

    def _train(self, together: Together, balance: str, seed: int) -> None:
        began = time.process_time()
        watch = GradientConflict(balance_from_name(balance, together), LOOK_EVERY)
        tasks = [self.tasks[name] for name in together]
        trainer = Trainer(tasks, self.split, training=self.training, balance=watch, rng=seed)
        for _ in trainer.epochs(self.graph, self.tokens):
            pass
        test = trainer.examples(self.graph, "test")
        for task, prediction in trainer.predict(self.graph, self._content, test).items():
            self.trained[balance][together][task].append(SeedPrediction(test[task], prediction))
        self.conflicts[balance, together].append(watch.conflicts())
        self.seconds[balance, together].append(time.process_time() - began)
        took, epochs = self.seconds[balance, together][-1], len(trainer.history)
        click.echo(f"{' + '.join(together)}, {balance}, seed {seed}: {epochs} epochs, {took:.0f} CPU s")


def write(lines: ResultLines, run: Transfers, config: Mapping[str, Any]) -> None:
    """Metrics, gains over each task alone, balances against the plain mean, and conflicts of gradients."""
    plain, everything = run.trained["mean"], run.everything
    for balance, trained in run.trained.items():
        alone: Trained = {(name,): plain[(name,)] for name in everything}
        for together, predictions in trained.items():
            for task, several in predictions.items():
                found = seed_interval(run.metrics[task], several)
                seconds = float(np.mean(run.seconds[balance, together]))
                case, metric = case_of(together, task, balance), f"{run.metrics[task].name}/part={task}"
                lines.write(
                    case, metric, found.value, task=task, interval=found.interval, seconds=seconds, config=config
                )
        for gain in task_gains(run.metrics, {**alone, **trained}):
            case = case_of(tuple(sorted((gain.task, *gain.beside))), gain.task, balance)
            metric = f"gain_over_alone/part={gain.task}"
            about = dict(config) | {"metric": gain.metric, "better": "above 0, whichever way the metric counts"}
            lines.write(case, metric, gain.gain, task=gain.task, interval=gain.interval, config=about)
        for task, several in trained[everything].items() if balance != "mean" else ():
            gap = seed_interval(run.metrics[task], several, plain[everything][task])
            sign = 1 if run.metrics[task].higher_is_better else -1
            ends = None if gap.interval is None else tuple(sorted(sign * end for end in gap.interval))
            case, about = case_of(everything, task, balance), dict(config) | {"metric": run.metrics[task].name}
            metric = f"gain_over_mean/part={task}"
            lines.write(case, metric, sign * gap.value, task=task, interval=ends, config=about)  # type: ignore[arg-type]
    for (balance, together), seeds in run.conflicts.items():
        _write_conflicts(lines, balance, together, seeds, config)


def _write_conflicts(
    lines: ResultLines,
    balance: str,
    together: Together,
    seeds: Sequence[Sequence[PairConflict]],
    config: Mapping[str, Any],
) -> None:
    """Cosines of every two tasks' gradients, mean over seeds with the lowest and highest seed as the interval."""
    for pair in sorted({each.tasks for several in seeds for each in several}):
        found = [each for several in seeds for each in several if each.tasks == pair]
        about = dict(config) | {"balance": balance, "trained": list(together), "looked_at_every": LOOK_EVERY}
        about |= {"interval": "lowest and highest seed", "each_seed": [asdict(each) for each in found]}
        where = "pair" if len(together) == 2 and balance == "mean" else f"all_{balance}"
        for metric in ("mean_cosine", "conflicting", "magnitude"):
            values = [getattr(each, metric) for each in found]
            ends = (min(values), max(values)) if len(values) > 1 else None
            lines.write(where, f"{metric}/part={'+'.join(pair)}", float(np.mean(values)), interval=ends, config=about)


def case_of(together: Together, task: str, balance: str = "mean") -> str:
    """What a training is called, seen from one of its tasks.

    >>> case_of(("link",), "link"), case_of(("link", "trend"), "link"), case_of(("a", "b", "c"), "a", "pcgrad")
    ('alone', 'beside_trend', 'all_pcgrad')
    """
    others = [name for name in together if name != task]
    if not others:
        return "alone"
    return f"beside_{others[0]}" if len(others) == 1 and balance == "mean" else f"all_{balance}"


def _smallest(tasks: Sequence[Task], graph: SocialGraph, split: TemporalSplit) -> list[Task]:
    """The tasks with the fewest training examples."""
    rows = Trainer(tasks, split).examples(graph, "train")
    order = sorted(tasks, key=lambda task: len(rows[task.name]))
    return order[:QUICK_TASKS]
