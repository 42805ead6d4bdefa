"""Relations with times: whether an edge comes in the next window or now, its sign and its strength."""

from __future__ import annotations

from typing import get_args

import click
import numpy as np

from benchmarks.relation_lines import RelationLines, seeds_of
from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.metrics import MACRO_F1, Metric, Sums
from graphsocial.learn.relations.relation_config import RelationConfig
from graphsocial.learn.relations.relation_edges import RelationEdges
from graphsocial.learn.relations.relation_examples import TWO_HOP, UNIFORM, RelationExamples
from graphsocial.learn.relations.relation_model import RelationModel, best_floor
from graphsocial.learn.relations.relation_types import f1_threshold
from graphsocial.learn.relations.timed_edges import TimedEdges
from graphsocial.learn.relations.timed_evidence import COLUMN_NAMES, EXISTENCE_FLOORS, VALUE_FLOORS
from graphsocial.learn.relations.timed_questions import TimedProtocol, TimedSplit, timed_split

MAE = Metric(
    "mae",
    False,
    lambda p, t, q: float(np.abs(p - t).mean()),
    Sums(lambda p, t, q: np.column_stack([np.abs(p - t), np.ones(len(t))]), lambda s: s[..., 0] / s[..., 1]),
)
RMSE = Metric(
    "rmse",
    False,
    lambda p, t, q: float(np.sqrt(((p - t) ** 2).mean())),
    Sums(lambda p, t, q: np.column_stack([(p - t) ** 2, np.ones(len(t))]), lambda s: np.sqrt(s[..., 0] / s[..., 1])),
)

_EXISTENCE = [COLUMN_NAMES.index(name) for name in EXISTENCE_FLOORS]
_VALUE = [COLUMN_NAMES.index(name) for name in VALUE_FLOORS]


def timed_relations(edges: RelationEdges, lines: RelationLines, seeds: int, quick: bool, seed: int) -> None:
    """Asks every relation under every protocol; what cannot be asked is left out with a line that says why."""
    config = RelationConfig.quick() if quick else RelationConfig()
    protocols: tuple[TimedProtocol, ...] = get_args(TimedProtocol)
    asked = 0
    for relation, name in enumerate(edges.names):
        for protocol in protocols:
            try:
                split = timed_split(TimedEdges.of(edges, relation), protocol, seed)
                _existence(name, protocol, split, lines, config, seeds)
                asked += 1
                if split.value is not None:
                    _signs(name, protocol, split, lines, config, seeds)
                    _strengths(name, protocol, split, lines, config, seeds)
            except (SchemaError, NotFittedError) as problem:
                click.echo(f"{name}, {protocol}: left out, {problem}")
    if not asked:
        raise SchemaError("no relation has enough timed edges to be asked about; the lines above say why")


Parts = tuple[RelationExamples, ...]


def _fits(
    parts: Parts, floors: list[int], config: RelationConfig, seeds: int, amount: bool = False
) -> list[RelationModel]:
    return [RelationModel(config, amount=amount).fit(parts[0], parts[1], floors, s) for s in range(seeds)]


def _existence(
    name: str, protocol: str, split: TimedSplit, lines: RelationLines, config: RelationConfig, seeds: int
) -> None:
    lines.count(f"newcomers/part={name}", split.newcomers, protocol)
    models = _fits(split.existence, _EXISTENCE, config, seeds)
    chosen = COLUMN_NAMES[best_floor(split.existence[1], _EXISTENCE)]
    for negatives, kind in (("uniform", UNIFORM), ("two_hop", TWO_HOP)):
        test = split.existence[2].against(kind)
        if len(np.unique(test.target)) < 2:
            click.echo(f"{name} {negatives}, {protocol}: left out, {len(test)} pairs are all of one kind")
            continue
        floors = {floor: test.evidence[:, at] for floor, at in zip(EXISTENCE_FLOORS, _EXISTENCE, strict=True)}
        learned = {"graph": seeds_of([model.predict(test) for model in models])}
        lines.ranked(f"{name}_{negatives}", protocol, floors, learned, test.target, test.src, chosen)


def _signs(
    name: str, protocol: str, split: TimedSplit, lines: RelationLines, config: RelationConfig, seeds: int
) -> None:
    """Distrust, the rarer answer, is what is looked for: precision and area are those of finding it."""
    train, valid, test = split.signs()
    if any(len(np.unique(part.target)) < 2 for part in (train, valid, test)):
        click.echo(f"{name} sign, {protocol}: left out, values are all of one sign in some part")
        return
    models = _fits((train, valid), _VALUE, config, seeds)
    chosen = best_floor(valid, _VALUE)
    floors = {floor: -test.evidence[:, at] for floor, at in zip(VALUE_FLOORS, _VALUE, strict=True)}
    learned = {"graph": -seeds_of([model.predict(test) for model in models])}
    part = f"{name}_sign"
    lines.ranked(part, protocol, floors, learned, 1 - test.target, test.src, COLUMN_NAMES[chosen])

    def classes(on_valid: np.ndarray, on_test: np.ndarray) -> np.ndarray:
        return (-on_test >= f1_threshold(-on_valid, 1 - valid.target)).astype(np.float64)

    said = {
        floor: classes(valid.evidence[:, at], test.evidence[:, at])
        for floor, at in zip(VALUE_FLOORS, _VALUE, strict=True)
    }
    said["majority"] = np.zeros(len(test))
    ours = {"graph": np.stack([classes(model.predict(valid), model.predict(test)) for model in models])}
    lines.scored(part, protocol, MACRO_F1, said, ours, 1 - test.target, test.src, COLUMN_NAMES[chosen])


def _strengths(
    name: str, protocol: str, split: TimedSplit, lines: RelationLines, config: RelationConfig, seeds: int
) -> None:
    assert split.value is not None
    train, valid, test = split.value
    models = _fits((train, valid), _VALUE, config, seeds, amount=True)
    chosen = COLUMN_NAMES[best_floor(valid, _VALUE, amount=True)]
    floors = {floor: test.evidence[:, at] for floor, at in zip(VALUE_FLOORS, _VALUE, strict=True)}
    floors["median"] = np.full(len(test), float(np.median(train.target)))
    learned = {"graph": np.stack([model.predict(test) for model in models])}
    for metric in (MAE, RMSE):
        lines.scored(f"{name}_strength", protocol, metric, floors, learned, test.target, test.src, chosen)
