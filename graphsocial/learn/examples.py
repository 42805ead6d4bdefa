"""The rows a task asks about: nodes, the time of the question, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from graphsocial.errors import SchemaError


@dataclass(frozen=True)
class Examples:
    """One row per question of a task; the input of a row is the graph as of its `time`.

    Attributes:
        name: Task the rows belong to.
        nodes: Role to (node type, canonical indices [example] or [example, item], -1 = padding).
        time: As-of time of the input, int64 seconds UTC [example]; only events strictly before it are seen.
        target: The answer [example]: a class code, a count, 0/1, or log1p of a count.
        group: Unit of resampling (event, image, user …) [example]; rows of one group are never independent.
        query: Number of the question [example]; the candidates of one ranking question share it.
        features: What the task itself computed as of `time`, float32 [example, feature], or None.
        classes: Class names in code order, empty when the target is not a class.
        dropped: Reason to number of rows that were left out.
    """

    name: str
    nodes: Mapping[str, tuple[str, np.ndarray]]
    time: np.ndarray
    target: np.ndarray
    group: np.ndarray
    query: np.ndarray
    features: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sizes = {len(self.time), len(self.target), len(self.group), len(self.query)}
        sizes |= {len(index) for _, index in self.nodes.values()}
        if self.features is not None:
            sizes.add(len(self.features))
        if len(sizes) != 1:
            raise SchemaError(
                f"examples of task {self.name!r} have columns of lengths {sorted(sizes)}, expected one length"
            )

    def __len__(self) -> int:
        return len(self.time)

    def __repr__(self) -> str:
        dropped = ", ".join(f"{n} {reason}" for reason, n in self.dropped.items() if n) or "none"
        return f"Examples({self.name}: {len(self)} rows, {len(np.unique(self.query))} questions, dropped: {dropped})"

    def take(self, rows: np.ndarray) -> Examples:
        """The same examples restricted to some rows (indices or a mask), in that order."""
        return replace(
            self,
            nodes={role: (node_type, index[rows]) for role, (node_type, index) in self.nodes.items()},
            time=self.time[rows],
            target=self.target[rows],
            group=self.group[rows],
            query=self.query[rows],
            features=None if self.features is None else self.features[rows],
        )
