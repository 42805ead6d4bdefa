"""The floors that every next-user result stands beside."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np

from graphsocial.learn.next_user.counting import Counting
from graphsocial.learn.next_user.counting_choice import best_on_validation
from graphsocial.learn.next_user.nearest_cascades import NearestCascades
from graphsocial.learn.next_user.popularity import Popularity
from graphsocial.learn.next_user.recency import Recency
from graphsocial.learn.next_user.split import NextUserSplit

FLOORS = ("counting", "popularity", "nearest_cascades", "recency")


class Ranker(Protocol):
    """Whatever ranks all users for every target."""

    @property
    def name(self) -> str:
        """As it stands in results."""

    def ranks(self, split: NextUserSplit, part: Literal["valid", "test"]) -> np.ndarray:
        """Middle rank of the right user at every target of the part, inf where it cannot be hit, float64 [target]."""


def next_user_floors(split: NextUserSplit) -> list[Ranker]:
    """Every floor, in the order of `FLOORS`; under legacy the counting rule's settings are picked on validation.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> [floor.name for floor in next_user_floors(tiny_split("strict"))] == list(FLOORS)
    True
    """
    counting = best_on_validation(split) if split.protocol == "legacy" else Counting()
    return [counting, Popularity(), NearestCascades(), Recency()]
