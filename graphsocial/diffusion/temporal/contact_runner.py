"""What the models over contacts have in common: where they start, and one thread's means to run them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from graphsocial.diffusion.epidemics.epidemic_runner import LAST_TIME, MOST_MEMBERS, NEVER
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class ContactModel:
    """Something that spreads over contacts from a set of seeds that have it from `start` on."""

    spread: TemporalSpread
    start: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        name = type(self).__name__
        if not isinstance(self.spread, TemporalSpread):
            raise SchemaError(f"{name} got {type(self.spread).__name__} to spread over, expected a TemporalSpread")
        if self.start is not None:
            number = isinstance(self.start, int | float | np.number) and not isinstance(self.start, bool)
            if not number or not np.isfinite(self.start):
                raise SchemaError(f"{name} got start={self.start!r}, expected a finite time, or None")

    @property
    def continuous(self) -> bool:
        """Times are those of the contacts, not steps."""
        return True

    @property
    def marks(self) -> tuple[str, ...]:
        """What is recorded of each member beside its time."""
        return ()

    def most_members(self, seeds: np.ndarray) -> int:
        """Everybody, once."""
        return self.spread.num_nodes

    def runner(self, seeds: np.ndarray, horizon: float) -> ContactRunner:
        """One thread's runner."""
        return ContactRunner(self, seeds, horizon)

    @property
    def first_moment(self) -> float:
        """When the seeds become active: `start`, or one unit of time before the first contact."""
        if self.start is not None:
            return float(self.start)
        return float(self.spread.time[0]) - 1 if len(self.spread.time) else 0.0

    @cached_property
    def rule(self) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Skip, hazards and the two ends of stretches, as `contact_runs` reads them."""
        raise NotImplementedError


def checked_chance(spread: TemporalSpread, name: str, value: Any) -> Any:
    """A probability for all contacts, or read-only float64 [contact].

    Raises:
        SchemaError: Outside of [0, 1], or not one per contact.
    """
    if not np.ndim(value):
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not 0 <= value <= 1:
            raise SchemaError(f"{name} got {value!r}, expected a probability per contact, a number of [0, 1]")
        return value
    chance = np.array(value)
    if chance.shape != (spread.num_contacts,) or chance.dtype.kind not in "fiub":
        raise SchemaError(
            f"{name} got {chance.dtype} of shape {chance.shape}, expected ({spread.num_contacts},), one probability "
            "per contact, or one number for all"
        )
    chance = chance.astype(np.float64)
    wrong = np.flatnonzero(~((chance >= 0) & (chance <= 1)))  # nan, too
    if len(wrong):
        raise SchemaError(
            f"{name} of {contact_name(spread, wrong[0])} got {chance[wrong[0]]}, expected a number of [0, 1]"
        )
    chance.setflags(write=False)
    return chance


def contact_name(spread: TemporalSpread, contact: int) -> str:
    """How messages speak of a contact."""
    ids = spread.ids
    return f"contact {ids[spread.source[contact]]} -> {ids[spread.target[contact]]} at {spread.time[contact]}"


def chance_rule(probability: float | np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """The rule by which a contact passes on with a probability."""
    from graphsocial.diffusion.random_stream_kernel import hazards  # numba: imported when first needed

    hazard = np.empty(np.size(probability))
    hazards(np.atleast_1d(np.asarray(probability, dtype=np.float64)), hazard)
    if np.ndim(probability):
        return 0.0, hazard, np.empty(0), np.empty(0)
    return (1 / float(hazard[0]) if hazard[0] > 0 else np.inf), np.empty(0), np.empty(0), np.empty(0)


class ContactRunner:
    """One thread's scratch space."""

    def __init__(self, model: ContactModel, seeds: np.ndarray, horizon: float):
        self._model, self._seeds = model, seeds
        self._horizon = min(horizon, LAST_TIME)
        if self._horizon < model.first_moment:
            raise SchemaError(
                f"got horizon={horizon:g} before the seeds become active, at {model.first_moment:g}, expected a time "
                "of the contacts' own clock"
            )
        self._limit = int(np.searchsorted(model.spread.clock, self._horizon, side="right"))
        self._again = model.most_members(seeds) > model.spread.num_nodes
        self._gate = np.full(model.spread.num_nodes, -np.inf if self._again else np.inf)

    def fill(self, key: int, begin: int, end: int, room: RunBuffer) -> int:
        """Writes runs and returns how many fitted.

        Raises:
            SchemaError: One run has more members than can be kept.
        """
        from graphsocial.diffusion.temporal.contact_kernel import contact_runs

        model, spread = self._model, self._model.spread
        latency, period = (_mean_period(getattr(model, name, None)) for name in ("incubation", "recovery"))
        asked = (begin, end, np.uint64(key), self._seeds, model.first_moment, self._horizon, self._limit, self._again)
        out = (room.node, room.parent, room.time, room.marks, room.size, room.censored)
        done = contact_runs(
            *asked, *model.rule, latency, period, *spread.rows, spread.clock, spread.target, self._gate, *out
        )
        if not done and len(room.node) >= MOST_MEMBERS:
            raise SchemaError(f"run {begin} has more than {MOST_MEMBERS:,} members, expected an earlier horizon")
        if period == NEVER and self._horizon == LAST_TIME:
            room.censored[:done] = False  # nobody recovers, however long one waits
        return done


def _mean_period(rate: float | None) -> float:
    return min(1 / rate, NEVER) if rate else NEVER
