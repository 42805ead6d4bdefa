"""SI, SIS, SIR and SEIR over contacts: infection only when people meet, recovery in its own time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from graphsocial.diffusion.temporal.contact_runner import ContactModel, chance_rule, checked_chance
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class _TemporalEpidemic(ContactModel):
    """What epidemic models over contacts have in common."""

    infection: float | np.ndarray

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "infection", checked_chance(self.spread, "infection", self.infection))
        for name in ("incubation", "recovery"):
            if hasattr(self, name):
                _check_rate(name, getattr(self, name))

    @cached_property
    def rule(self) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """As `contact_runs` reads it."""
        return chance_rule(self.infection)


@dataclass(frozen=True, eq=False)
class TemporalSI(_TemporalEpidemic):
    """A contact infects with its probability if its source was infected strictly before it; nobody recovers.

    Attributes:
        spread: The contacts.
        infection: Chance of each contact: one number for all, or [contact].
        start: When the seeds become infectious; None: one unit of time before the first contact.

    Raises:
        SchemaError: A probability outside of [0, 1], or not one per contact.

    >>> from graphsocial.diffusion import simulate
    >>> from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
    >>> contacts = TemporalSpread.from_contacts([1, 0], [2, 1], [3, 4])
    >>> simulate(TemporalSI(contacts, 1.0), [0], runs=1, rng=1).node.tolist()  # 1 met 2 before it was infected
    [0, 1]
    """


@dataclass(frozen=True, eq=False)
class TemporalSIS(_TemporalEpidemic):
    """As `TemporalSIR`, but who recovered can be infected again, and each infection is a member of its own.

    Attributes:
        spread: The contacts.
        infection: Chance of each contact: one number for all, or [contact].
        recovery: Rate at which the infected recover, per unit of the contacts' time; the mark `recovered` says when.
        start: When the seeds become infectious; None: one unit of time before the first contact.

    Raises:
        SchemaError: A probability outside of [0, 1], a rate below 0, or not one number per contact.

    >>> from graphsocial.diffusion import simulate
    >>> from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
    >>> contacts = TemporalSpread.from_contacts([0, 1], [1, 0], [10, 1010])
    >>> runs = simulate(TemporalSIS(contacts, 1.0, recovery=1e-3, start=0), [0], runs=1, rng=5)
    >>> runs.node.tolist(), runs.time.tolist()
    ([0, 1, 0], [0.0, 10.0, 1010.0])
    """

    recovery: float

    @property
    def marks(self) -> tuple[str, ...]:
        """When it recovered."""
        return ("recovered",)

    def most_members(self, seeds: np.ndarray) -> int:
        """One for each contact, beside the seeds."""
        return len(seeds) + self.spread.num_contacts + self.spread.num_nodes


@dataclass(frozen=True, eq=False)
class TemporalSIR(_TemporalEpidemic):
    """A contact infects with its chance if its source is infectious: infected strictly before it, not yet recovered.

    With a horizon, runs are marked as censored in which somebody was infectious then. Without one, the run ends with
    the contacts, and whoever is infectious still recovers afterwards.

    Attributes:
        spread: The contacts.
        infection: Chance of each contact: one number for all, or [contact].
        recovery: Rate at which the infected recover, per unit of the contacts' time; the mark `recovered` says when.
        start: When the seeds become infectious; None: one unit of time before the first contact.

    Raises:
        SchemaError: A probability outside of [0, 1], a rate below 0, or not one number per contact.

    >>> from graphsocial.diffusion import simulate
    >>> from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
    >>> contacts = TemporalSpread.from_contacts([0], [1], [10])
    >>> runs = simulate(TemporalSIR(contacts, 1.0, recovery=0.1, start=0), [0], runs=10_000, rng=1)
    >>> print(f"{(runs.size == 2).mean():.2f}, expected {np.exp(-0.1 * 10):.2f}")
    0.37, expected 0.37
    """

    recovery: float

    @property
    def marks(self) -> tuple[str, ...]:
        """When it recovered."""
        return ("recovered",)


@dataclass(frozen=True, eq=False)
class TemporalSEIR(_TemporalEpidemic):
    """As `TemporalSIR`, but whoever is infected is exposed for a while first and then infectious; seeds are so at once.

    Attributes:
        spread: The contacts.
        infection: Chance of each contact: one number for all, or [contact].
        incubation: Rate at which the exposed become infectious; the mark `infectious` says when.
        recovery: Rate at which the infectious recover; the mark `recovered` says when.
        start: When the seeds become infectious; None: one unit of time before the first contact.

    Raises:
        SchemaError: A probability outside of [0, 1], a rate below 0, or not one number per contact.

    >>> from graphsocial.diffusion import simulate
    >>> from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
    >>> contacts = TemporalSpread.from_contacts([0, 1], [1, 2], [10, 20])
    >>> runs = simulate(TemporalSEIR(contacts, 1.0, incubation=0.1, recovery=0.0), [0], runs=10_000, rng=1)
    >>> print(f"{(runs.size == 3).mean():.2f}, expected {1 - np.exp(-0.1 * 10):.2f}")
    0.63, expected 0.63
    """

    incubation: float
    recovery: float

    @property
    def marks(self) -> tuple[str, ...]:
        """When it became infectious and when it recovered."""
        return ("infectious", "recovered")


def _check_rate(name: str, value: Any) -> None:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not 0 <= value < np.inf:
        raise SchemaError(f"{name} got {value!r}, expected a finite rate per unit of time, at least 0")
