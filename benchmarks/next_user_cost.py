"""What training the graphsocial next-user model costs per target as the history grows: its parts, and all of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import click
import numpy as np

from benchmarks.cascade_content import CascadeContent, cascade_content
from benchmarks.cascade_data import corpus_folder
from benchmarks.command_options import data_option, out_option, protocol_option
from benchmarks.result_lines import ResultLines, peak_memory
from graphsocial.errors import SchemaError
from graphsocial.ingest import read_cascade_folder
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.split import PROTOCOLS, NextUserSplit, next_user_split

HISTORIES = (0.25, 0.5, 1.0)
"""Shares of the cascades that there are, the first ones; ascending, as the peak of the memory only ever rises."""
EPOCHS, REPEATS = 3, 3
PER_TARGET = ("evidence_seconds_per_target", "epoch_seconds_per_target", "training_seconds_per_target")


@dataclass(frozen=True)
class Cost:
    """What one history took.

    Attributes:
        values: By metric.
        about: Sizes and settings.
    """

    values: dict[str, float]
    about: dict[str, object]


@click.command("next_user_cost")
@data_option
@protocol_option(PROTOCOLS)
@out_option("next_user_cost_DATA_PROTOCOL.jsonl")
def next_user_cost(data: str, protocol: str, out: Path | None) -> None:
    """Seconds per training target and per epoch, and of all epochs, on a quarter, half and all of the cascades.

    Users and candidates are those of the whole in all three, so that only the history differs.
    """
    path = corpus_folder(data)
    if path is None:
        return
    folder = read_cascade_folder(path)
    click.echo(repr(folder))
    table = CascadeTable.of(folder.cascades)
    if len(table) * HISTORIES[0] < 10:
        raise SchemaError(f"got {len(table)} cascades, expected at least 40: a quarter of them is cut into tenths")
    cuts = [next_user_split(first_cascades(table, int(len(table) * share)), protocol) for share in HISTORIES]
    content = cascade_content(folder, table)
    out = out or Path(f"benchmarks/results/next_user_cost_{folder.name}_{protocol}.jsonl")
    lines = ResultLines(out, "next_user_cost", folder.name, folder.sha256, protocol)
    evidence_seconds(cuts[0], content.vectors, 64)  # compiles, which is not to be timed
    costs = []
    for share, split in zip(HISTORIES, cuts, strict=True):
        cost = cost_of(split, content)
        costs.append(cost)
        for metric, value in cost.values.items():
            name, _, part = metric.partition("/")
            lines.write("graphsocial", "/".join(filter(None, (name, f"history={share:g}", part))), value,
                        task="next_user", unit=unit_of(name), seed=0, config=cost.about)  # fmt: skip
    for metric in [m for m in costs[0].values if m.startswith(PER_TARGET)]:
        growth = costs[-1].values[metric] / costs[0].values[metric]
        name, _, part = metric.partition("/")
        about = {"from_history": HISTORIES[0], "to_history": HISTORIES[-1]}
        lines.write("graphsocial", "/".join(filter(None, (name, "growth", part))), growth,
                    task="next_user", unit="times", seed=0, config=about)  # fmt: skip
    show(costs, f"{folder.name}, {protocol}")
    click.echo(f"\nresults in {out}")


def first_cascades(table: CascadeTable, count: int) -> CascadeTable:
    """The first cascades of a table; the codes of the users stay.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> part = first_cascades(tiny_split("strict").table, 2)
    >>> len(part), part.users[part.user].tolist()
    (2, ['dee', 'ann', 'bob', 'cy', 'ann', 'bob', 'cy'])
    """
    events = int(table.offsets[count])
    return replace(
        table,
        user=table.user[:events],
        time=table.time[:events],
        offsets=table.offsets[: count + 1],
        names=table.names[:count],
    )


def cost_of(split: NextUserSplit, content: CascadeContent) -> Cost:
    """Evidence, the best of `REPEATS` as other work on the machine can only add; the median epoch; the memory.

    Training is the evidence, read once, and as many such epochs as the model's settings say.
    """
    from graphsocial.learn.next_user.model import NextUserModel  # torch, needed only here
    from graphsocial.learn.next_user.sampled import Sources
    from graphsocial.learn.next_user.training import NextUserTraining

    mine = content.first(len(split.table))
    seconds, targets = min(evidence_seconds(split, mine.vectors) for _ in range(REPEATS))
    values = {"evidence_seconds_per_target": seconds / targets}
    if mine.vectors:  # the content is compared with that of every earlier cascade, so its cost is shown apart
        values["evidence_seconds_per_target/part=no_content"] = (
            min(evidence_seconds(split, {})[0] for _ in range(REPEATS)) / targets
        )
    whole = NextUserTraining().epochs
    sources = Sources(None, mine.vectors, mine.assumptions)
    model = NextUserModel(split, sources, training=NextUserTraining(epochs=EPOCHS))
    epoch = median(targets / report.examples_per_second for report in model.fit())
    values |= {
        "epoch_seconds_per_target": epoch / targets,
        "training_seconds_per_target": (seconds + whole * epoch) / targets,
        "epoch_seconds": epoch,
        "epochs_per_second": 1 / epoch,
        "peak_memory": peak_memory(),
    }
    events = int(split.table.offsets[split.train_end])
    sizes = {"cascades": split.train_end, "events": events, "targets": targets, "users": len(split.table.users)}
    return Cost(values, {**model.config, "epochs_of_training": whole, **sizes})


def evidence_seconds(
    split: NextUserSplit, content: Mapping[str, np.ndarray], most: int | None = None
) -> tuple[float, int]:
    """Seconds to read the evidence and the neighbourhoods of all training targets, and how many targets there are.

    Args:
        split: The cut.
        content: Content of each cascade by modality [cascade, channel].
        most: Most targets, None = those of the model's settings.
    """
    from graphsocial.learn.next_user.evidence import Questions, part_rows  # numba, needed only here
    from graphsocial.learn.next_user.sampled import Neighbourhoods, Sampled, Sources
    from graphsocial.learn.next_user.training import NextUserTraining

    training = NextUserTraining()
    began = time.perf_counter()
    questions = Questions.to_train(split, training.blocks)
    rows = part_rows(questions.targets)
    rows = rows[questions.until[rows] > 0][-(most or training.most_rows) :]
    if not len(rows):
        raise SchemaError(f"{split.protocol}: no training target has anything before it, expected at least one")
    limits = np.unique(np.linspace(0, questions.until.max(), training.blocks + 1).astype(np.int64))
    around = Neighbourhoods.of(split.table, questions.event, limits, training.neighbours)
    Sampled.of(split, questions, rows, Sources(None, content), around, training.hard, training.drawn, 0)
    return time.perf_counter() - began, len(rows)


def unit_of(metric: str) -> str:
    """Unit of a metric by its name."""
    return {"epochs_per_second": "1/s", "peak_memory": "MB"}.get(metric, "s")


def show(costs: list[Cost], title: str) -> None:
    """Prints one column per history, and how many times the whole costs what the shortest does."""
    click.echo(f"\n{title}, {costs[-1].about['device']}, {costs[-1].about['users']:,} users in every history")
    head = "".join(f"{f'history {share:g}':>14}" for share in HISTORIES)
    click.echo(f"{'':44}{head}{'whole / first':>15}")
    for size in ("cascades", "events", "targets"):
        click.echo(f"{size:44}" + "".join(f"{cost.about[size]:>14,}" for cost in costs))
    for metric in costs[0].values:
        cells = [cost.values[metric] for cost in costs]
        row = "".join(f"{value:>14.4g}" for value in cells)
        click.echo(f"{metric:44}{row}{cells[-1] / cells[0]:>15.2f}")
