"""How faithful methods of attribution are to a head: areas of their curves, against random orders and attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from graphsocial.errors import SchemaError
from graphsocial.explain.attribution import Attribution, of_kind
from graphsocial.explain.evidence import Kind
from graphsocial.explain.explained import Explained
from graphsocial.explain.order_curves import STEPS, order_curves
from graphsocial.learn.bootstrap import BootstrapInterval, bootstrap_interval
from graphsocial.learn.metrics import Metric, Sums

RANDOM, ATTENTION = "random", "attention"

MEAN = Metric(
    "mean",
    True,
    lambda value, target, query: float(np.mean(value)),
    Sums(
        lambda value, target, query: np.stack([value, np.ones(len(value))], axis=1),
        lambda sums: sums[..., 0] / sums[..., 1],
    ),
)


@dataclass(frozen=True)
class MethodFaithfulness:
    """Means over the explained examples, with 95 % intervals over their groups.

    Attributes:
        method: How the scores were made; `random` is the mean of several random orders.
        deletion: Area under the deletion curve; lower is more faithful.
        insertion: Area under the insertion curve; higher is more faithful.
        faithfulness: Insertion minus deletion.
        over_random: That of the method minus that of random orders, paired; None for random itself.
        over_attention: Minus that of plain attention, paired; None for attention itself, or where there is none.
    """

    method: str
    deletion: BootstrapInterval
    insertion: BootstrapInterval
    faithfulness: BootstrapInterval
    over_random: BootstrapInterval | None
    over_attention: BootstrapInterval | None


@dataclass(frozen=True)
class FaithfulnessReport:
    """Methods compared on one kind of pieces of one head.

    Attributes:
        task: The head.
        kind: Kind of the pieces.
        examples: Explained examples that have at least two such pieces; others have no order, and are left out.
        left_out: Those.
        rows: One for each method, in the order given, random orders last.
    """

    task: str
    kind: Kind
    examples: int
    left_out: int
    rows: tuple[MethodFaithfulness, ...]

    def to_polars(self) -> pl.DataFrame:
        """One row per method and measure."""
        found = []
        for row in self.rows:
            for measure in ("deletion", "insertion", "faithfulness", "over_random", "over_attention"):
                value = getattr(row, measure)
                if value is not None:
                    low, high = value.interval or (None, None)
                    found.append((self.task, self.kind, row.method, measure, value.value, low, high))
        names = ("task", "kind", "method", "measure", "value", "low", "high")
        schema = {name: pl.String if place < 4 else pl.Float64 for place, name in enumerate(names)}
        return pl.DataFrame(found, schema=schema, orient="row")

    def __repr__(self) -> str:
        lines = [f"Faithfulness of attributions to each {self.kind}, {self.task}, {self.examples} examples"]
        for row in self.rows:
            more = "" if row.over_random is None else f", over random {_shown(row.over_random)}"
            lines.append(f"  {row.method}: insertion minus deletion {_shown(row.faithfulness)}{more}")
        return "\n".join(lines)


def faithfulness_report(
    questions: Sequence[Explained],
    attributions: Mapping[str, Sequence[Attribution]],
    kind: Kind,
    *,
    group: Sequence[object] | None = None,
    orders: int = 5,
    steps: int = STEPS,
    rng: int = 0,
) -> FaithfulnessReport:
    """Deletion and insertion areas of every method, and of random orders, on the same examples.

    Args:
        questions: Explained examples of one head.
        attributions: By method, one for each of them.
        kind: Which pieces go and come.
        group: Unit of resampling of each example, such as its picture or event; None: each is its own.
        orders: Random orders for each example.
        steps: Of the curves.
        rng: Seed of the random orders and of the bootstrap.

    Raises:
        SchemaError: Numbers of questions, attributions and groups differ, or no example has two such pieces.
    """
    lengths = {len(given) for given in attributions.values()} | {len(questions) if group is None else len(group)}
    if lengths != {len(questions)} or orders < 1:
        raise SchemaError(
            f"got {len(questions)} questions, attributions and groups of lengths {sorted(lengths)} and {orders} random "
            "orders, expected one length and at least one order"
        )
    counts = [int(of_kind(question.pieces, kind).sum()) for question in questions]
    usable = [number for number, count in enumerate(counts) if count >= 2]
    if not usable:
        raise SchemaError(f"none of {len(questions)} examples has two pieces of kind {kind!r}: there is no order")
    generator = np.random.default_rng(rng)
    areas: dict[str, np.ndarray] = {name: np.zeros((len(usable), 2)) for name in attributions if name != RANDOM}
    chance = np.zeros((len(usable), 2))
    for place, number in enumerate(usable):
        question = questions[number]
        for name, area in areas.items():
            area[place] = _areas(question, attributions[name][number].score, kind, steps)
        drawn = generator.random((orders, len(question.pieces)))
        chance[place] = np.mean([_areas(question, each, kind, steps) for each in drawn], axis=0)
    areas[RANDOM] = chance
    units = np.array([str(number) if group is None else str(group[number]) for number in usable], dtype=object)

    def mean(value: np.ndarray) -> BootstrapInterval:
        return bootstrap_interval(MEAN, value, np.zeros(len(value)), np.arange(len(value)), units, rng)

    rows = []
    faithful = {name: area[:, 1] - area[:, 0] for name, area in areas.items()}
    for name, area in areas.items():
        over = {
            floor: mean(faithful[name] - faithful[floor]) if floor in faithful and floor != name else None
            for floor in (RANDOM, ATTENTION)
        }
        rows.append(
            MethodFaithfulness(
                name, mean(area[:, 0]), mean(area[:, 1]), mean(faithful[name]), over[RANDOM], over[ATTENTION]
            )
        )
    return FaithfulnessReport(questions[0].task, kind, len(usable), len(questions) - len(usable), tuple(rows))


def _areas(question: Explained, score: np.ndarray, kind: Kind, steps: int) -> tuple[float, float]:
    curves = order_curves(question, score, kind, steps)
    return curves.deletion_area, curves.insertion_area


def _shown(value: BootstrapInterval) -> str:
    ends = "" if value.interval is None else f" [{value.interval[0]:.3f}, {value.interval[1]:.3f}]"
    return f"{value.value:.3f}{ends}"
