"""Independent cascade in continuous time: what an edge passes on arrives after a delay."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.virality_law import ViralityLaw
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class DelayedCascade:
    """Each node that becomes active activates each inactive neighbour with the edge's chance, after a delay.

    An edge of chance p has succeeded by age a with probability 1 - (1 - p)**(M F(a)): F is the law of delays, and M a
    factor that all edges of a run share, for some posts travel better than others. Of rare successes F is the law of
    the delay; the likelier a success, the sooner it comes, up to a sure edge, which succeeds after the shortest delay
    that is left. Where M is 0 nothing succeeds. With a constant delay and no ages the members are those of
    `IndependentCascade`. The earliest success is the parent.

    With `ages` the cascade is under way at time 0: a seed of age a became active at -a, which is its time, and its
    edges to everybody else have not succeeded by a. The factor M is drawn as if nothing were known of it; what has
    happened, and has not, up to time 0 can be put into the activation probabilities and into `virality`.

    Draws depend on the horizon, so a run looked at for longer is another run, unless `coupled`.

    Attributes:
        activation: Chance of each edge.
        delays: Law of the delays; its unit is that of times, ages and the horizon.
        virality: Law of M: a `ViralityLaw`, or the shape of a gamma law, whose mean is 1 and whose variance is
            1 / shape; infinite: M is 1.
        ages: How long seeds had been active at time 0, by id or `(node type, id)`; others had not.
        coupled: Each edge of a run has an exponential number of its own, so that simulations with one `rng` over one
            graph differ only where their probabilities and delays do: what-if differences come out sharp. Slower.
        allow_future_model: The loud switch: laws of delays or of virality that were fitted on what the graph does not
            know yet are used anyway.

    Raises:
        SchemaError: Not an activation, a delay law, a virality law or shape above 0, or ages of at least 0.
        UnknownNodeError: An age of a node that is not in the graph.
        LeakageError: Delays or a virality law fitted on what came after the graph's end.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> chain = Activation.uniform(SpreadGraph.from_edges([0, 1, 2], [1, 2, 3]), 1.0)
    >>> simulate(DelayedCascade(chain, DelayLaw.constant(2.5)), [0], runs=1, rng=1, horizon=6).time.tolist()
    [0.0, 2.5, 5.0]
    >>> simulate(DelayedCascade(chain, DelayLaw.constant(2.5), ages={0: 2}), [0], runs=1, rng=1).time.tolist()
    [-2.0, 0.5, 3.0, 5.5]
    """

    activation: Activation
    delays: DelayLaw
    virality: float | ViralityLaw = float("inf")
    ages: Mapping[Any, float] | None = None
    coupled: bool = False
    allow_future_model: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.activation, Activation):
            raise SchemaError(
                f"delayed cascade got {type(self.activation).__name__}, expected an Activation, such as "
                "Activation.uniform(spread, 0.1)"
            )
        if not isinstance(self.delays, DelayLaw):
            raise SchemaError(
                f"delayed cascade got {type(self.delays).__name__} for its delays, expected a DelayLaw, such as "
                "DelayLaw.exponential(3_600)"
            )
        if not isinstance(self.virality, ViralityLaw) and not (_is_number(self.virality) and self.virality > 0):
            raise SchemaError(f"virality got {self.virality!r}, expected a number above 0, inf, or a ViralityLaw")
        for what, law in (("delay law", self.delays), ("virality law", self.virality)):
            if isinstance(law, DelayLaw | ViralityLaw) and law.fitted:
                self.spread.check_known(f"{what} ({law.origin})", law.known_until, self.allow_future_model)
        if self.ages is not None and not isinstance(self.ages, Mapping):
            raise SchemaError(f"ages got {type(self.ages).__name__}, expected a mapping from ids to ages")
        for name, age in (self.ages or {}).items():
            if not _is_number(age) or not 0 <= age < np.inf:
                raise SchemaError(f"age of {name!r} got {age!r}, expected a finite number, at least 0")
        object.__setattr__(self, "ages", dict(self.ages or {}))
        if len(self.age_of) < len(self.ages or {}):
            raise SchemaError("ages name a node twice, by its id and by its type and id")

    def with_virality(self, virality: float | ViralityLaw) -> DelayedCascade:
        """The same cascade with another law of the factor; the two share what was laid out of the hazards."""
        _ = self.summed_hazards
        other = copy(self)
        object.__setattr__(other, "virality", virality)
        other.__post_init__()
        return other

    @property
    def spread(self) -> SpreadGraph:
        """The graph."""
        return self.activation.spread

    @property
    def continuous(self) -> bool:
        """Times are numbers."""
        return True

    @property
    def marks(self) -> tuple[str, ...]:
        """What is recorded of each member beside its time: nothing."""
        return ()

    def most_members(self, seeds: np.ndarray) -> int:
        """Everybody, once."""
        return self.spread.num_nodes

    def runner(self, seeds: np.ndarray, horizon: float) -> DelayedCascadeRunner:
        """One thread's runner.

        Raises:
            SchemaError: An age of a node that is no seed.
        """
        return DelayedCascadeRunner(self, seeds, horizon)

    @cached_property
    def age_of(self) -> dict[int, float]:
        """Ages by position."""
        ages = self.ages or {}
        return dict(zip(self.spread.numbers(ages).tolist(), map(float, ages.values()), strict=True))

    @cached_property
    def factor_law(self) -> tuple[float, np.ndarray, np.ndarray]:
        """Shape of the factor's gamma law, infinite for none; values and cumulative chances of its table, if any."""
        if isinstance(self.virality, ViralityLaw):
            return np.inf, self.virality.factor, self.virality.cumulative
        return float(self.virality), np.zeros(0), np.zeros(0)

    @cached_property
    def hazard(self) -> np.ndarray:
        """-log(1 - p), infinite where p is 1, float64 [edge]."""
        from graphsocial.diffusion.random_stream_kernel import hazards  # numba: imported when first needed

        hazard = np.empty(self.spread.num_edges)
        hazards(self.activation.probability, hazard)
        return hazard

    @cached_property
    def summed_hazards(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Hazards summed along each row, and the rows of the sure edges, as `lay_hazards` writes them."""
        from graphsocial.diffusion.delayed_cascade_kernel import lay_hazards

        spread = self.spread
        summed, sure_indptr = np.empty(spread.num_edges), np.empty(spread.num_nodes + 1, dtype=np.int64)
        sure = np.empty(int(np.isinf(self.hazard).sum()), dtype=spread.target.dtype)
        lay_hazards(spread.indptr, spread.target, self.hazard, summed, sure_indptr, sure)
        return summed, sure_indptr, sure


class DelayedCascadeRunner:
    """One thread's scratch space."""

    def __init__(self, model: DelayedCascade, seeds: np.ndarray, horizon: float):
        idle = sorted(set(model.age_of) - set(seeds.tolist()))
        if idle:
            raise SchemaError(
                f"ages name {model.spread.ids[idle[0]]!r}, who is no seed; expected ages of seeds only: whoever was "
                "active before time 0 is one"
            )
        self._model, self._seeds, self._horizon = model, seeds, float(horizon)
        self._ages = np.array([model.age_of.get(seed, 0.0) for seed in seeds.tolist()])
        self._earliest = np.full(model.spread.num_nodes, np.inf)
        self._source = np.empty(model.spread.num_nodes, dtype=np.int32)

    def fill(self, key: int, begin: int, end: int, room: RunBuffer) -> int:
        """Writes runs and returns how many fitted."""
        from graphsocial.diffusion.delayed_cascade_kernel import delayed_runs, mark_unspent

        model, spread = self._model, self._model.spread
        quantile = model.delays.quantile
        asked = (begin, end, np.uint64(key), self._seeds, self._ages, self._horizon, *model.factor_law)
        rows = (spread.indptr, spread.target, model.hazard)
        out = (self._earliest, self._source, room.node, room.parent, room.time, room.size, room.censored)
        done: int = delayed_runs(*asked, model.coupled, quantile, *rows, *model.summed_hazards, *out)
        if np.isfinite(self._horizon):
            members = (room.node, room.time, room.size, room.censored)
            mark_unspent(done, self._horizon, float(quantile[-1]), *rows, self._earliest, *members)
        else:
            room.censored[:done] = False
        return done


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
