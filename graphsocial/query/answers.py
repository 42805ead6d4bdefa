"""What the engine returns: small values with a readable repr and a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from graphsocial.graph import format_time
from graphsocial.schema import NodeKey


@dataclass(frozen=True)
class Prediction:
    """A model's answer about a node.

    Attributes:
        task: Task name.
        node: Node it is about; `other` is the second node of a pair.
        value: A class name, an expected count, the median volume, or a ranking score.
        unit: What `value` is.
        interval: 90 % interval of a count or volume, None where the task has none.
        probabilities: Class to probability, empty when the answer is no class.
        as_of: Nothing at or after this time was used, int64 seconds UTC.
        known_until: The weights were fitted on events before this time.
        future_model: True when the weights are newer than `as_of` and the caller allowed it.
    """

    task: str
    node: NodeKey
    value: Any
    unit: str
    interval: tuple[float, float] | None
    probabilities: dict[str, float]
    as_of: int
    known_until: int
    other: NodeKey | None = None
    future_model: bool = False

    def __repr__(self) -> str:
        value = self.value if isinstance(self.value, str) else f"{self.value:.3g}"
        spread = "" if self.interval is None else f" [{self.interval[0]:.3g}, {self.interval[1]:.3g}]"
        shown = ", ".join(f"{name} {p:.2f}" for name, p in self.probabilities.items())
        pair = f" → {self.other}" if self.other else ""
        warning = ", MODEL KNOWS THE FUTURE" if self.future_model else ""
        return (
            f"Prediction({self.task} of {self.node}{pair}: {value}{spread} {self.unit}"
            f"{' (' + shown + ')' if shown else ''}, as of {format_time(self.as_of)}{warning})"
        )

    def to_polars(self) -> pl.DataFrame:
        """One row, or one row per class."""
        low, high = self.interval or (None, None)
        shared = {"task": self.task, "node_type": self.node[0], "node": self.node[1], "as_of": self.as_of}
        if self.probabilities:
            return pl.DataFrame([{**shared, "class": c, "probability": p} for c, p in self.probabilities.items()])
        return pl.DataFrame([{**shared, "value": self.value, "lower": low, "upper": high}])

    def to_pandas(self) -> Any:
        """The same as a pandas frame (needs pandas)."""
        return self.to_polars().to_pandas()


@dataclass(frozen=True)
class SimilarPosts:
    """Posts nearest to a query by cosine similarity, best first.

    Attributes:
        ids: Post ids.
        similarity: Cosine in [-1, 1].
        time: When each became known, int64 seconds UTC.
        text: Their texts, None where there is none.
        encoder: Encoder that was compared in.
        as_of: Posts at or after this time were not searched.
        searched: Number of posts that passed the filter.
    """

    ids: tuple[str, ...]
    similarity: np.ndarray
    time: np.ndarray
    text: tuple[str | None, ...]
    encoder: str
    as_of: int
    searched: int

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        head = f"SimilarPosts({len(self)} of {self.searched} by {self.encoder}, as of {format_time(self.as_of)})"
        rows = zip(self.similarity, self.ids, self.time, self.text, strict=True)
        return "\n".join([head, *(f"  {s:.3f}  {i}  {format_time(int(t))}  {(x or '')[:60]}" for s, i, t, x in rows)])

    def to_polars(self) -> pl.DataFrame:
        """One row per post."""
        columns = {"post": self.ids, "similarity": self.similarity, "time": self.time, "text": self.text}
        return pl.DataFrame({name: list(values) for name, values in columns.items()})

    def to_pandas(self) -> Any:
        """The same as a pandas frame (needs pandas)."""
        return self.to_polars().to_pandas()


@dataclass(frozen=True)
class Embedding:
    """The fused vector of a node.

    Attributes:
        node: The node.
        vector: float32 [channel].
        as_of: Nothing at or after this time was used.
        encoders: Modality to the name of the encoder below.
    """

    node: NodeKey
    vector: np.ndarray
    as_of: int
    encoders: dict[str, str]

    def __repr__(self) -> str:
        size = f"{len(self.vector)} channels"
        return f"Embedding({self.node}, {size}, as of {format_time(self.as_of)}, from {self.encoders})"
