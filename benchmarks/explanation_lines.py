"""Lines of explanations: faithfulness of each method, stability over seeds, values of modalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.result_lines import ResultLines
from graphsocial.errors import SchemaError
from graphsocial.explain import (
    Attribution,
    Explained,
    FaithfulnessReport,
    ModalityValue,
    attribute,
    faithfulness_report,
    order_curves,
    seed_stability,
)
from graphsocial.explain.attribution import Method, of_kind
from graphsocial.explain.evidence import Kind
from graphsocial.learn.bootstrap import BootstrapInterval

COMPARED: tuple[Method, ...] = ("integrated_gradients", "gradient_input", "deletion", "attention")
"""Beside random orders."""


def explain_and_write(
    lines: ResultLines,
    task: str,
    models: Sequence[Sequence[Explained]],
    kinds: Sequence[Kind],
    group: Sequence[object],
    orders: int,
    config: Mapping[str, Any],
) -> tuple[dict[str, list[Attribution]], list[FaithfulnessReport], dict[str, BootstrapInterval]]:
    """Explains the same examples by every method with every model, and writes what comes of it.

    Args:
        lines: Where they go.
        task: Name of the head.
        models: For each model, the same examples; faithfulness is that of the first model.
        kinds: Kinds of pieces to look at; one that no example has is left out.
        group: Unit of resampling [example].
        orders: Random orders for each example.
        config: Of the run.

    Returns:
        By method, attributions by the first model; reports; stability of deletion by kind.
    """
    found: dict[str, list[list[Attribution]]] = {
        method: [[attribute(each, method) for each in asked] for asked in models] for method in COMPARED
    }
    first = {method: given[0] for method, given in found.items()}
    reports: list[FaithfulnessReport] = []
    stable: dict[str, BootstrapInterval] = {}
    for kind in kinds:
        try:
            report = faithfulness_report(models[0], first, kind, group=group, orders=orders)
        except SchemaError:
            continue  # no example has two of them
        reports.append(report)
        part = f"part={task}_{kind}"
        about = dict(config) | {"examples": report.examples, "left_out": report.left_out, "orders": orders}
        for row in report.rows:
            named = {
                f"deletion/{part}": row.deletion,
                f"insertion/{part}": row.insertion,
                f"faithfulness/{part}": row.faithfulness,
                f"faithfulness/{part}/over_random": row.over_random,
                f"faithfulness/{part}/over_attention": row.over_attention,
            }
            for metric, value in named.items():
                write(lines, row.method, metric, value, about)
        for method in COMPARED if len(models) > 1 else ():
            try:
                value = seed_stability(found[method], kind, group=group)
            except SchemaError:
                continue  # too few pieces, or scores that are all the same
            write(lines, method, f"stability/{part}", value, dict(config) | {"models": len(models)})
            if method == "deletion":
                stable[kind] = value
    return first, reports, stable


def order_checks(question: Explained, found: Attribution, kinds: Sequence[Kind]) -> dict[str, tuple[float, float]]:
    """By kind of pieces of one example, insertion minus deletion by its scores, and the mean of five random orders."""
    out = {}
    for kind in kinds:
        if of_kind(question.pieces, kind).sum() > 1:
            chance = [order_curves(question, attribute(question, "random", rng=n).score, kind) for n in range(5)]
            own = order_curves(question, found.score, kind).faithfulness
            out[str(kind)] = own, float(np.mean([each.faithfulness for each in chance]))
    return out


def write_value(lines: ResultLines, task: str, found: ModalityValue, config: Mapping[str, Any]) -> None:
    """Shapley values, and what each coalition reaches."""
    part = f"part={task}_{found.flavour}"
    reached = {"+".join(sorted(each)) or "none": value for each, value in found.coalitions.items()}
    for name, value in found.value.items():
        write(lines, name, f"shapley/{part}", value, dict(config) | {"metric": found.metric, "coalitions": reached})


def write(
    lines: ResultLines, case: str, metric: str, value: BootstrapInterval | None, config: Mapping[str, Any]
) -> None:
    """One line, none where there is no value."""
    if value is not None:
        lines.write(case, metric, value.value, interval=value.interval, config=config)
