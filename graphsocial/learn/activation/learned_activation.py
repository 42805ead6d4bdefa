"""Activation probabilities that a model learned for one post, with all that its simulation needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.diffusion.virality_law import ViralityLaw
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.time import format_time


@dataclass(frozen=True, eq=False, repr=False)
class LearnedActivation(Activation):
    """An `Activation` for this very post as of a time: who acted before, and how it goes on.

    Attributes:
        delays: Law of the delays, seconds.
        virality: Law of the factor that all edges of a run share; the number of new adopters follows from it.
        seeds: Who had acted and is known to the graph, then the node that stands for what comes from outside.
        ages: How long ago each had acted, seconds; the outside acts from the post's first event on.
        post: Id of the post.
        as_of: The time, int64 seconds UTC; only what came before was read.
        horizon: Seconds from there that the model was fitted for.
        assumptions: What has to be believed, one sentence each.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> spread = SpreadGraph.from_edges([0, 1, 3, 3], [1, 2, 1, 2], ids=["ann", "bob", "cy", "(outside)"])
    >>> learned = LearnedActivation(
    ...     spread, [1.0, 1.0, 0.0, 0.0], delays=DelayLaw.constant(60), virality=ViralityLaw([1.0], [1.0]),
    ...     seeds=("ann", "(outside)"), ages={"ann": 10.0, "(outside)": 10.0}, post="p1", as_of=0, horizon=100.0,
    ... )
    >>> runs = simulate(learned.cascade(), learned.seeds, runs=2, rng=7, horizon=learned.horizon)
    >>> learned.new_adopters(runs).tolist()  # bob after 50 seconds; cy would after 110
    [1, 1]
    """

    delays: DelayLaw = field(kw_only=True)
    virality: ViralityLaw = field(kw_only=True)
    seeds: tuple[Any, ...] = field(kw_only=True)
    ages: Mapping[Any, float] = field(kw_only=True)
    post: Any = field(kw_only=True)
    as_of: int = field(kw_only=True)
    horizon: float = field(kw_only=True)
    assumptions: tuple[str, ...] = field(default=(), kw_only=True)

    def cascade(self, coupled: bool = False) -> DelayedCascade:
        """What `simulate` takes, together with `seeds` and `horizon`.

        Args:
            coupled: Runs of one `rng` differ from those of another activation over the same graph only where the two
                do.
        """
        return DelayedCascade(
            self, self.delays, self.virality, self.ages, coupled, allow_future_model=self.allow_future_model
        )

    def new_adopters(self, runs: CascadeSet) -> np.ndarray:
        """How many act after the question in each run, int64 [run].

        Raises:
            SchemaError: Not runs from these seeds.
        """
        if not isinstance(runs, CascadeSet):
            raise SchemaError(f"got {type(runs).__name__}, expected what simulate(activation.cascade(), ...) returns")
        if len(runs) and int(runs.size.min()) < len(self.seeds):
            raise SchemaError(
                f"a run has {int(runs.size.min())} members, expected the {len(self.seeds)} seeds in each: simulate "
                "from activation.seeds"
            )
        return runs.size - len(self.seeds)

    def __repr__(self) -> str:
        mean = float(self.probability.mean()) if len(self.probability) else float("nan")
        until = f", fitted until {format_time(self.known_until)}" if self.known_until is not None else ""
        return (
            f"LearnedActivation of post {self.post!r} as of {format_time(self.as_of)}: {len(self.probability):,} "
            f"edges, mean {mean:.4g}, {len(self.seeds) - 1:,} acted before ({self.origin}{until})"
        )
