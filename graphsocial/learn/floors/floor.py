"""What a floor is, and how it reads the examples it is asked about."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from graphsocial.errors import NotFittedError, SchemaError, TimeWindowError, did_you_mean
from graphsocial.graph import SocialGraph, format_time
from graphsocial.learn.examples import Examples


class Floor(Protocol):
    """A rule without a network."""

    @property
    def name(self) -> str:
        """As it stands in reports."""

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Predictions for the test examples, in the shape the task's metric takes.

        Args:
            graph: View that holds everything before each example's time; later events in it are not looked at.
            train: Examples whose targets may be used.
            test: Examples to predict; their targets are not looked at.
        """


def nodes_of(examples: Examples, role: str) -> tuple[str, np.ndarray]:
    """Node type and canonical positions [example] of a role.

    Raises:
        SchemaError: The examples have no such role.
    """
    if role not in examples.nodes:
        raise SchemaError(
            f"examples of task {examples.name!r} have no role {role!r}, expected one of {', '.join(examples.nodes)}."
            f"{did_you_mean(role, examples.nodes)}"
        )
    return examples.nodes[role]


def check_within(graph: SocialGraph, examples: Examples) -> None:
    """Raises TimeWindowError when an example lies after the view's as_of: its past would be cut off unnoticed."""
    if graph.end is not None and len(examples) and examples.time.max() > graph.end:
        raise TimeWindowError(
            f"task {examples.name!r} has a question at {format_time(int(examples.time.max()))}, "
            f"after this view's as_of, {format_time(graph.end)}"
        )


def check_trained(name: str, train: Examples) -> None:
    """Raises NotFittedError when a floor that needs labels gets none."""
    if not len(train):
        raise NotFittedError(f"floor {name!r} needs at least one training example of task {train.name!r}, got 0")


def number_of_classes(train: Examples) -> int:
    """Classes of the task, also when some do not occur in training."""
    return len(train.classes) or int(train.target.max()) + 1
