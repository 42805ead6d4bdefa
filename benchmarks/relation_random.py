"""Relations without times: existence, types and labels of nodes under a random split, never called temporal."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np
from sklearn.model_selection import StratifiedKFold

from benchmarks.relation_lines import RelationLines, seeds_of
from benchmarks.relation_vectors import user_vectors
from benchmarks.result_lines import ResultLines
from graphsocial.errors import NotFittedError
from graphsocial.ingest import PostFolder
from graphsocial.learn.metrics import ACCURACY, MACRO_F1
from graphsocial.learn.relations.edge_folds import FOLDS as EDGE_FOLDS
from graphsocial.learn.relations.edge_folds import HeldOut
from graphsocial.learn.relations.node_labels import label_propagation, linear_labels, structure_vectors
from graphsocial.learn.relations.relation_config import RelationConfig
from graphsocial.learn.relations.relation_edges import RelationEdges
from graphsocial.learn.relations.relation_evidence import FLOORS
from graphsocial.learn.relations.relation_examples import TWO_HOP, UNIFORM, RelationExamples, random_split
from graphsocial.learn.relations.relation_model import RelationModel, best_floor
from graphsocial.learn.relations.relation_types import TYPES_F1, bits, f1_threshold, type_questions

TRAINING_FOLDS = {False: EDGE_FOLDS - 2, True: 2}
MOST, MOST_TEST = {False: 1_500, True: 250}, {False: 6_000, True: 500}
LABEL_FOLDS = 5
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)

Cases = Mapping[str, tuple[bool, Mapping[str, np.ndarray]]]
"""By name, whether the graph's evidence is read, and which vectors."""


class RandomRelations:
    """Everything that is asked of relations without times.

    Args:
        data: The folder.
        edges: Its relations.
        raw: Where lines go.
        about: Written on every line.
        seeds: Trainings.
        quick: Less of everything.
        seed: Of the split.
    """

    def __init__(
        self,
        data: PostFolder,
        edges: RelationEdges,
        raw: ResultLines,
        about: Mapping[str, Any],
        seeds: int,
        quick: bool,
        seed: int,
    ):
        self._data, self._edges, self._seeds, self._quick, self._seed = data, edges, seeds, quick, seed
        self._vectors, assumptions = user_vectors(data, edges.ids)
        self._config = RelationConfig.quick() if quick else RelationConfig()
        self._lines = RelationLines(
            raw, quick, {**about, "assumptions": list(assumptions), "modalities": [*self._vectors]}
        )

    def run(self) -> None:
        """All questions."""
        began = time.perf_counter()
        kinds: tuple[HeldOut, ...] = ("edges",) if self._quick else ("edges", "pairs")
        for held_out in kinds:
            self._existence(held_out)
            click.echo(f"existence, {held_out} held out: {time.perf_counter() - began:.0f} s")
        if len(self._edges.names) > 1:
            self._types()
            click.echo(f"types: {time.perf_counter() - began:.0f} s")
        self._labels()

    def _cases(self) -> Cases:
        pictures = {name: rows for name, rows in self._vectors.items() if name == "image"}
        texts = {name: rows for name, rows in self._vectors.items() if name != "image"}
        cases: dict[str, tuple[bool, Mapping[str, np.ndarray]]] = {"graph": (True, {})}
        cases |= {"text": (False, texts)} if texts else {}
        cases |= {"image": (False, pictures)} if pictures else {}
        return cases | ({"cross_modal": (True, self._vectors)} if self._vectors else {})

    def _fitted(self, train: RelationExamples, valid: RelationExamples) -> dict[str, list[RelationModel]]:
        floors = range(len(FLOORS))
        return {
            name: [
                RelationModel(self._config, evidence, vectors).fit(train, valid, floors, seed)
                for seed in range(self._seeds)
            ]
            for name, (evidence, vectors) in self._cases().items()
        }

    def _existence(self, held_out: HeldOut) -> None:
        protocol = f"random_{held_out}_seed={self._seed}"
        split = random_split(
            self._edges,
            held_out,
            self._seed,
            TRAINING_FOLDS[self._quick],
            MOST[self._quick],
            MOST_TEST[self._quick],
        )
        for relation, name in enumerate(self._edges.names):
            train, valid, test = (part[relation] for part in (split.train, split.valid, split.test))
            try:
                models = self._fitted(train, valid)
            except NotFittedError as problem:
                click.echo(f"{name}: left out, {problem}")
                continue
            chosen = FLOORS[best_floor(valid, range(len(FLOORS)))]
            for negatives, kind in (("uniform", UNIFORM), ("two_hop", TWO_HOP)):
                asked = test.against(kind)
                if len(np.unique(asked.target)) < 2:
                    click.echo(f"{name} {negatives}: left out, {len(asked)} pairs are all of one kind")
                    continue
                learned = {case: seeds_of([m.predict(asked) for m in several]) for case, several in models.items()}
                if "text" in learned:
                    learned["late_fusion"] = _late(learned, ("graph", "text", "image"))
                floors = {floor: asked.evidence[:, column] for column, floor in enumerate(FLOORS)}
                part = f"{name}_{negatives}"
                self._lines.ranked(part, protocol, floors, learned, asked.target, asked.src, chosen)

    def _types(self) -> None:
        """Which relations join a pair, given that one does; thresholds are chosen on validation."""
        asked = type_questions(self._edges, self._seed, TRAINING_FOLDS[self._quick], 2 * MOST[self._quick])
        names, kept = self._edges.names, []
        said: dict[str, list[np.ndarray]] = {"majority": [], "best_floors": []}
        learned: dict[str, list[np.ndarray]] = {}
        for relation, name in enumerate(names):
            train, valid, test = (part[relation] for part in (asked.train, asked.valid, asked.test))
            try:
                models = self._fitted(train, valid)
            except NotFittedError as problem:
                click.echo(f"type {name}: left out, {problem}")
                continue
            kept.append(relation)
            said["majority"].append(np.full(len(test), 2 * train.target.mean() > 1))
            column = best_floor(valid, range(len(FLOORS)))
            floor = f1_threshold(valid.evidence[:, column], valid.target)
            said["best_floors"].append(test.evidence[:, column] >= floor)
            answers = {case: [(m.predict(valid), m.predict(test)) for m in fits] for case, fits in models.items()}
            if "text" in answers:
                parts = [answers[case] for case in ("graph", "text", "image") if case in answers]
                answers["late_fusion"] = [
                    (sum(p[0] for p in several), sum(p[1] for p in several)) for several in zip(*parts, strict=True)
                ]
            for case, fits in answers.items():
                yes = [on_test >= f1_threshold(on_valid, valid.target) for on_valid, on_test in fits]
                learned.setdefault(case, []).append(np.stack(yes))
        if len(kept) < 2:
            return
        target = bits(np.stack([asked.test[relation].target for relation in kept], axis=1))
        floors = {case: np.stack(columns, axis=1).astype(np.float64) for case, columns in said.items()}
        stacked = {case: np.stack(columns, axis=2).astype(np.float64) for case, columns in learned.items()}
        group = asked.test[kept[0]].src
        self._lines.scored("relation_type", f"random_pairs_seed={self._seed}", TYPES_F1, floors, stacked, target, group)

    def _labels(self) -> None:
        """The label of a node that its posts agree on."""
        nodes, target, classes = node_labels(self._data, self._edges.ids)
        if len(classes) < 2:
            click.echo("labels of nodes: left out, there are not two with as many nodes as folds")
            return
        matrices = {"graph": structure_vectors(self._edges)}
        if self._vectors:
            matrices["text"] = _scaled(np.concatenate([*self._vectors.values()], axis=1))
            matrices["cross_modal"] = np.concatenate([matrices["graph"], matrices["text"]], axis=1)
        floors: dict[str, np.ndarray] = {}
        learned: dict[str, list[np.ndarray]] = {}
        every = np.ones(len(self._edges), dtype=bool)
        for seed in range(self._seeds):
            answers = {
                name: np.zeros((len(nodes), len(classes))) for name in ("majority", "label_propagation", *matrices)
            }
            for train, test in StratifiedKFold(LABEL_FOLDS, shuffle=True, random_state=seed).split(nodes, target):
                known, label = nodes[train], target[train]
                answers["majority"][test] = np.bincount(label, minlength=len(classes))
                spread = label_propagation(self._edges, every, known, label, len(classes))
                answers["label_propagation"][test] = spread[nodes[test]]
                for name, matrix in matrices.items():
                    strength = _strength(matrix, known, label, len(classes), seed)
                    found = linear_labels(matrix, known, label, len(classes), strength)
                    answers[name][test] = found[nodes[test]]
            if "text" in answers:
                answers["late_fusion"] = np.log(answers["graph"] + 1e-9) + np.log(answers["text"] + 1e-9)
            for name, found in answers.items():
                learned.setdefault(name, []).append(found.argmax(axis=1).astype(np.float64))
        floors = {name: np.concatenate(learned.pop(name)) for name in ("majority", "label_propagation")}
        cases = {name: np.stack(several) for name, several in learned.items()}
        for metric in (ACCURACY, MACRO_F1):
            protocol = f"random_nodes_seed={self._seed}"
            self._lines.scored("label", protocol, metric, floors, cases, target, nodes)


def node_labels(data: PostFolder, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Nodes whose posts agree on a label that at least as many nodes as folds have; their codes; the labels."""
    found: dict[str, set[str]] = {}
    for user, label in zip(data.user, data.label, strict=True):
        if user and label is not None:
            found.setdefault(str(user), set()).add(str(label))
    labels = [next(iter(several)) if len(several := found.get(str(name), set())) == 1 else "" for name in ids]
    names, count = np.unique(np.array(labels, dtype=str), return_counts=True)
    classes = tuple(str(n) for n, number in zip(names, count, strict=True) if n and number >= LABEL_FOLDS)
    code = {name: at for at, name in enumerate(classes)}
    every = np.array([code.get(label, -1) for label in labels], dtype=np.int64)
    nodes = np.flatnonzero(every >= 0)
    return nodes, every[nodes], classes


def _strength(matrix: np.ndarray, known: np.ndarray, label: np.ndarray, classes: int, seed: int) -> float:
    """Regularisation that is best on a fifth of the known labels."""
    order = np.random.default_rng(seed).permutation(len(known))
    held, rest = order[: len(order) // LABEL_FOLDS], order[len(order) // LABEL_FOLDS :]
    losses = []
    for strength in STRENGTHS:
        found = linear_labels(matrix, known[rest], label[rest], classes, strength)[known[held]]
        losses.append(-float(np.log(found[np.arange(len(held)), label[held]] + 1e-6).mean()))
    return STRENGTHS[int(np.argmin(losses))]


def _scaled(matrix: np.ndarray) -> np.ndarray:
    return np.asarray((matrix - matrix.mean(axis=0)) / (matrix.std(axis=0) + 1e-9))


def _late(learned: Mapping[str, np.ndarray], parts: Sequence[str]) -> np.ndarray:
    """Mean of the logits, [example, seed]."""
    return np.asarray(np.mean([learned[part] for part in parts if part in learned], axis=0))
