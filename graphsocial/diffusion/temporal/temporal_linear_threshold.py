"""Linear threshold over contacts: weights add up as contacts happen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.diffusion.temporal.contact_runner import ContactModel, contact_name
from graphsocial.errors import SchemaError

_NEARLY = 1e-6
"""Weights may exceed 1 by so much together, and then count as 1."""


@dataclass(frozen=True, eq=False)
class TemporalLinearThreshold(ContactModel):
    """Each run draws a threshold of [0, 1] per node; a node is active once the contacts that count weigh as much.

    A contact counts if its source became active strictly before it happens; several from one source count each. The
    parent is the source of the contact that crossed the threshold.

    Simulated without adding up: of all contacts into a node, at most one is drawn, each with its weight as the chance,
    and the node becomes active at that one if its source was. That has the same distribution (Kempe, Kleinberg and
    Tardos, KDD 2003, theorem 2.5; it holds in order of time as well: given that earlier contacts of active sources
    were not drawn, the next one is drawn with its weight divided by what they leave of 1).

    Attributes:
        spread: The contacts.
        weight: Weight of each contact, [contact]; None: 1 / number of contacts into the target. Sums into a node within
            1e-6 of 1 count as 1.
        start: When the seeds become active; None: one unit of time before the first contact.

    Raises:
        SchemaError: Not one weight of at least 0 per contact, or weights into a node that sum to more than 1.

    >>> from graphsocial.diffusion import simulate
    >>> from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
    >>> contacts = TemporalSpread.from_contacts([0, 1, 0], [2, 2, 2], [5, 8, 9])
    >>> runs = simulate(TemporalLinearThreshold(contacts), [0], runs=3000, rng=1)
    >>> print(f"{(runs.size == 2).mean():.1f}")  # 2 in 3
    0.7
    """

    weight: np.ndarray | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        spread = self.spread
        into = np.bincount(spread.target, minlength=spread.num_nodes)
        weight = 1 / into[spread.target] if self.weight is None else np.array(self.weight)
        if weight.shape != (spread.num_contacts,) or weight.dtype.kind not in "fiub":
            raise SchemaError(
                f"weights got {weight.dtype} of shape {weight.shape}, expected ({spread.num_contacts},), one number "
                "per contact"
            )
        weight = weight.astype(np.float64)
        wrong = np.flatnonzero(~((weight >= 0) & (weight < np.inf)))
        if len(wrong):
            what = contact_name(spread, wrong[0])
            raise SchemaError(f"weight of {what} got {weight[wrong[0]]}, expected a number of [0, 1]")
        total = np.bincount(spread.target, weight, minlength=spread.num_nodes)
        if (total > 1 + _NEARLY).any():
            v = int(np.argmax(total))
            raise SchemaError(
                f"weights of the contacts into {spread.ids[v]!r} sum to {total[v]:.6g}, expected at most 1"
            )
        weight.setflags(write=False)
        object.__setattr__(self, "weight", weight)

    @cached_property
    def rule(self) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Each contact's stretch of [0, 1], as `contact_runs` reads it."""
        spread, weight = self.spread, np.asarray(self.weight)
        order = np.argsort(spread.target, kind="stable")
        target = spread.target[order]
        total = np.bincount(target, weight[order], minlength=spread.num_nodes)
        scale = np.where(np.abs(total - 1) <= _NEARLY, 1 / np.maximum(total, 0.5), 1.0)[target]
        up_to = np.cumsum(weight[order] * scale)
        first = np.searchsorted(target, target)  # the first contact into the same node
        before = np.where(first > 0, up_to[first - 1], 0.0)
        low, high = np.empty(len(order)), np.empty(len(order))
        high[order] = up_to - before
        low[order] = np.where(first < np.arange(len(order)), np.roll(up_to, 1) - before, 0.0)
        return 0.0, np.empty(0), low, high
