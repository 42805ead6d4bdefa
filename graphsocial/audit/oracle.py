"""What a leak would buy: the counting rule with the test cascades counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from graphsocial.learn.next_user.split import NextUserSplit


@dataclass(frozen=True)
class Oracle:
    """Scores of the counting rule on users only, honest and with the answers in its counts.

    Attributes:
        honest: Metric to value, counting the training cascades.
        leaked: Metric to value, counting the test cascades as well.
        targets: Number of test targets.
    """

    honest: dict[str, float]
    leaked: dict[str, float]
    targets: int

    def __repr__(self) -> str:
        pairs = (f"{metric} {self.honest[metric]:.3f} → {self.leaked[metric]:.3f}" for metric in self.leaked)
        return (
            f"oracle: counting rule, users only, before → after counting the test cascades too: "
            f"{', '.join(pairs)} ({self.targets:,} targets)"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"honest": self.honest, "leaked": self.leaked, "targets": self.targets}


def counting_oracle(split: NextUserSplit) -> Oracle:
    """Runs the counting rule on the test part twice: with the training cascades, and with the test cascades besides.

    The protocol is users only, whatever the split's own: no end tokens, whole cascades.

    Args:
        split: A cut of a table of cascades.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> counting_oracle(tiny_split("strict")).leaked["hits@10"]
    1.0
    """
    from graphsocial.learn.next_user.counting import Counting
    from graphsocial.learn.next_user.split import Countable, NextUserSplit, Part

    class LeakySplit(NextUserSplit):
        """Counts everything up to the end of the test part."""

        def countable(self, part: Part) -> Countable:
            return Countable(self.test_end, None)

    honest = replace(split, protocol="users_only")
    leaky = LeakySplit(split.table, "users_only", split.train_end, split.valid_end, split.test_end)
    scores = [_scores(Counting().ranks(one, "test")) for one in (honest, leaky)]
    return Oracle(scores[0], scores[1], len(honest.targets("test")))


def _scores(ranks: np.ndarray) -> dict[str, float]:
    """Hits@k and MAP@100 over all targets, 0 where a target cannot be hit."""
    found = {f"hits@{k}": float((ranks <= k).mean()) if len(ranks) else 0.0 for k in (10, 50, 100)}
    gain = np.where(ranks <= 100, 1 / ranks, 0.0)
    return {**found, "map@100": float(gain.mean()) if len(ranks) else 0.0}
