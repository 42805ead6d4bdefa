"""An explanation as a value: what was deleted, what that changed, and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

Kind = Literal["edge", "neighbour", "modality", "word", "region"]
KINDS: tuple[Kind, ...] = ("edge", "neighbour", "modality", "word", "region")


@dataclass(frozen=True)
class EvidenceRow:
    """One thing the prediction may rest on.

    Attributes:
        kind: Neighbour (one edge into the node), modality (all of the node's own text or image), word, or image region.
        what: Readable name.
        effect: Output with everything minus output without this; positive means it pushed the output up.
        attention: Share of the node's attention that went there, descriptive only; None where it has none.
    """

    kind: Kind
    what: str
    effect: float
    attention: float | None = None


@dataclass(frozen=True)
class Faithfulness:
    """Does deleting the top evidence change the output more than deleting as much at random?

    Attributes:
        deletion: Absolute change of the output when the top rows are deleted together.
        random: Mean absolute change over random choices of as many rows.
        interval: 2.5 % and 97.5 % quantiles over the random choices.
        rows: Number of rows deleted together.
    """

    deletion: float
    random: float
    interval: tuple[float, float]
    rows: int


@dataclass(frozen=True)
class Evidence:
    """Evidence for one prediction, strongest first.

    Attributes:
        task: Task of the prediction.
        node: Node it is about.
        as_of: Nothing at or after this time was used, int64 seconds UTC.
        output: What `effect` is a difference of, in words.
        value: The output with everything in place.
        rows: Evidence rows by falling absolute effect.
        faithfulness: Deletion against random, None when there are too few rows to choose from.
        stability: Mean rank correlation of the effects between dropout draws of the network, None when undefined.
    """

    task: str
    node: tuple[str, str]
    as_of: int
    output: str
    value: float
    rows: tuple[EvidenceRow, ...]
    faithfulness: Faithfulness | None
    stability: float | None

    def to_polars(self) -> pl.DataFrame:
        """One row per piece of evidence."""
        return pl.DataFrame(
            [(r.kind, r.what, r.effect, r.attention) for r in self.rows],
            schema={"kind": pl.String, "what": pl.String, "effect": pl.Float64, "attention": pl.Float64},
            orient="row",
        )

    def to_pandas(self) -> Any:
        """The same as a pandas frame (needs pandas)."""
        return self.to_polars().to_pandas()

    def __repr__(self) -> str:
        head = f"Evidence for {self.task} of {self.node}: {self.output} = {self.value:.3f}"
        lines = [f"  {r.effect:+.4f}  {r.kind}: {r.what}" for r in self.rows]
        if self.faithfulness:
            f = self.faithfulness
            lines.append(
                f"  deleting the top {f.rows} changes it by {f.deletion:.4f}, random {f.rows}: {f.random:.4f} "
                f"[{f.interval[0]:.4f}, {f.interval[1]:.4f}]"
            )
        return "\n".join([head, *lines])
