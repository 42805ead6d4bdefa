"""Competitive cascades: several campaigns at once, and each node follows one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.stepped_model import Asked, SteppedModel, SteppedRunner
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.cascades import CascadeSet

Tie = Literal["random", "priority"]
"""Who wins a node that several campaigns reach in one step: any successful attempt, or the campaign named first."""


@dataclass(frozen=True, eq=False)
class Campaign:
    """One of several that compete.

    Attributes:
        name: What it is called.
        activation: Chance of each edge to pass it on.
        seeds: Who begins with it, ids or `(node type, id)`.
        allow_future_model: The loud switch: a `SeedSet` selected by what the graph does not know yet is used anyway.
    """

    name: str
    activation: Activation
    seeds: Sequence[Any]
    allow_future_model: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, eq=False)
class CompetitiveCascade(SteppedModel):
    """Independent cascades of several campaigns; the first to reach a node has it for good.

    A node that becomes active has one chance at each inactive neighbour, in the next step, with its own campaign's
    probability. Who wins where several succeed in one step is `tie`: "random" takes one of the successful attempts, all
    alike, so that a campaign's chance is in proportion to its active neighbours that succeeded (Borodin, Filmus and
    Oren, WINE 2010); "priority" takes the campaign named first (Budak, Agrawal and El Abbadi, WWW 2011).

    The campaigns hold their own seeds; `simulate` is given all of them: `simulate(model, model.seeds, ...)`. The mark
    "campaign" of each member is the position of its campaign.

    Attributes:
        campaigns: Over one graph, with names and seeds that differ.
        tie: The rule for ties.

    >>> from graphsocial.diffusion import Activation, SpreadGraph, simulate
    >>> chain = SpreadGraph.from_edges([0, 1, 3, 2], [1, 2, 2, 4])
    >>> sure = Activation.uniform(chain, 1.0)
    >>> model = CompetitiveCascade([Campaign("rumour", sure, [0]), Campaign("truth", sure, [3])])
    >>> model.sizes(simulate(model, model.seeds, runs=2, rng=1)).tolist()
    [[2, 3], [2, 3]]
    """

    campaigns: Sequence[Campaign]
    tie: Tie = "random"

    def __post_init__(self) -> None:
        campaigns = tuple(self.campaigns)
        object.__setattr__(self, "campaigns", campaigns)
        if not campaigns or not all(
            isinstance(c, Campaign) and isinstance(c.activation, Activation) for c in campaigns
        ):
            raise SchemaError('campaigns, expected a list such as [Campaign("rumour", activation, seeds), ...]')
        if self.tie not in get_args(Tie):
            known = " or ".join(map(repr, get_args(Tie)))
            raise SchemaError(f"tie={self.tie!r}, expected {known}.{did_you_mean(self.tie, get_args(Tie))}")
        names = [c.name for c in campaigns]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise SchemaError(f"campaign {twice[0]!r} stands twice, expected each to have a name of its own")
        for campaign in campaigns[1:]:
            if campaign.activation.spread is not self.spread:
                raise SchemaError(
                    f"campaign {campaign.name!r} is over another graph than {names[0]!r}, expected the same"
                )
        for campaign in campaigns:
            if isinstance(campaign.seeds, SeedSet):
                campaign.seeds.check_known(self.spread, campaign.allow_future_model)
        first: dict[int, str] = {}
        for campaign, positions in zip(campaigns, self._positions, strict=True):
            if not len(positions):
                raise SchemaError(f"campaign {campaign.name!r} has no seeds, expected at least one")
            for position in positions.tolist():
                if position in first:
                    who = f"node {self.spread.ids[position]!r}"
                    raise SchemaError(
                        f"{who} is a seed of {first[position]!r} and of {campaign.name!r}, expected one campaign each"
                        if first[position] != campaign.name
                        else f"{who} stands twice in the seeds of {campaign.name!r}, expected each seed once"
                    )
                first[position] = campaign.name

    @cached_property
    def _positions(self) -> list[np.ndarray]:
        return [self.spread.numbers(c.seeds) for c in self.campaigns]

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Chance of each edge in each campaign, float32 [campaign, edge]."""
        return np.stack([c.activation.probability for c in self.campaigns])

    @property
    def seeds(self) -> list[Any]:
        """Seeds of all campaigns, for `simulate`."""
        return self.spread.ids[np.concatenate(self._positions)].tolist()

    @property
    def spread(self) -> SpreadGraph:
        """The graph."""
        return self.campaigns[0].activation.spread

    @property
    def marks(self) -> tuple[str, ...]:
        """Which campaign each member follows."""
        return ("campaign",)

    def runner(self, seeds: np.ndarray, horizon: float) -> CompetitiveCascadeRunner:
        """One thread's runner.

        Raises:
            SchemaError: The seeds are not those of the campaigns.
        """
        return CompetitiveCascadeRunner(self, seeds, horizon)

    def sizes(self, cascades: CascadeSet) -> np.ndarray:
        """How many nodes each campaign has in each run, seeds included, int64 [run, campaign].

        Raises:
            SchemaError: The cascades have no mark "campaign".
        """
        if "campaign" not in cascades.marks:
            raise SchemaError('the cascades have no mark "campaign", expected those that simulate() made of this model')
        count = len(self.campaigns)
        run = np.repeat(np.arange(len(cascades)), cascades.size)
        flat = np.bincount(run * count + cascades.marks["campaign"].astype(np.int64), minlength=len(cascades) * count)
        return flat.reshape(len(cascades), count)


class CompetitiveCascadeRunner(SteppedRunner):
    """One thread's scratch space."""

    def __init__(self, model: CompetitiveCascade, seeds: np.ndarray, horizon: float):
        super().__init__(model, seeds, horizon)
        self._campaign_of = np.full(model.spread.num_nodes, -1, dtype=np.int32)
        for campaign, positions in enumerate(model._positions):
            self._campaign_of[positions] = campaign
        given = self._campaign_of[seeds]
        if (given < 0).any() or len(given) != (self._campaign_of >= 0).sum():
            raise SchemaError(
                f"got seeds {_shown(model.spread.ids[seeds])}, but the campaigns begin at {_shown(model.seeds)}; pass "
                "seeds=model.seeds, and a model with other campaigns for other seeds"
            )
        self._seed_campaign = given
        self._probability = model.probabilities
        self._place = np.full(model.spread.num_nodes, -1, dtype=np.int32)
        self._by_priority = model.tie == "priority"

    def _compiled(self, asked: Asked, room: RunBuffer) -> int:
        from graphsocial.diffusion.competitive_cascade_kernel import competitive_runs

        spread = self._spread
        out = (room.node, room.parent, room.time, room.marks[0], room.size, room.censored)
        rows = (spread.indptr, spread.target, self._probability, self._place)
        return competitive_runs(*asked, self._seed_campaign, self._by_priority, *rows, *out)


def _shown(ids: Iterable[Any]) -> str:
    names = [repr(i) for i in ids]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
