"""Independent cascade over contacts: each contact is one chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.diffusion.temporal.contact_runner import ContactModel, chance_rule, checked_chance


@dataclass(frozen=True, eq=False)
class TemporalIndependentCascade(ContactModel):
    """A contact passes on with its probability if its source became active strictly before it happens.

    Whoever is active stays so, and each contact is a chance of its own, so this is `SI` over contacts as well. Times of
    the cascades are those of the contacts, and so is the horizon: contacts after it do nothing, and runs are marked as
    censored in which one of them could have. Of several contacts at one moment the first in the list is the parent's.

    Attributes:
        spread: The contacts.
        probability: Chance of each contact: one number for all, or [contact].
        start: When the seeds become active; None: one unit of time before the first contact.

    Raises:
        SchemaError: A probability outside of [0, 1], or not one per contact.

    >>> from graphsocial.diffusion import simulate
    >>> from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
    >>> contacts = TemporalSpread.from_contacts([0, 1, 2], [1, 2, 3], [5, 8, 8])
    >>> runs = simulate(TemporalIndependentCascade(contacts, 1.0), [0], runs=1, rng=1)
    >>> runs.node.tolist(), runs.time.tolist()  # 2 hears of it at 8, too late for its own contact
    ([0, 1, 2], [4.0, 5.0, 8.0])
    """

    probability: float | np.ndarray

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "probability", checked_chance(self.spread, "probability", self.probability))

    @cached_property
    def rule(self) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """As `contact_runs` reads it."""
        return chance_rule(self.probability)
