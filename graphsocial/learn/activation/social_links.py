"""Who can activate whom, by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph.time import format_time


@dataclass(frozen=True, eq=False)
class SocialLinks:
    """Links in the direction of flow.

    Attributes:
        ids: Users, str [user].
        link: Who influences and who is influenced, as places in `ids`, int64 [link, 2].
        known_until: The links are what was known before this second; None where nobody said.

    >>> links = SocialLinks.of(SpreadGraph.from_edges([0, 1], [1, 2], ids=["ann", "bob", "cy"]), 9)
    >>> links.numbers(np.array(["bob", "cy"], dtype=object)).tolist()
    [[0, 1]]
    """

    ids: np.ndarray
    link: np.ndarray
    known_until: int | None

    @classmethod
    def of(cls, spread: SpreadGraph, as_of: int) -> SocialLinks:
        """The edges of a graph.

        Raises:
            SchemaError: Not a `SpreadGraph`.
            LeakageError: It holds what was known only after a time.
        """
        if not isinstance(spread, SpreadGraph):
            raise SchemaError(
                f"links got {type(spread).__name__}, expected a SpreadGraph, such as spread_graph() returns"
            )
        if spread.known_until is not None and spread.known_until > as_of:
            raise LeakageError(
                f"links known until {format_time(spread.known_until)}, used as of {format_time(as_of)}; pass "
                "those of a view as of then"
            )
        link = np.stack([spread.source, spread.target], axis=1).astype(np.int64)
        return cls(spread.ids.astype(str), link, spread.known_until)

    def numbers(self, ids: np.ndarray) -> np.ndarray:
        """Links between some users, as their places, int64 [link, 2].

        Args:
            ids: The users, object [user].
        """
        place = {who: number for number, who in enumerate(ids.tolist())}
        number = np.array([place.get(who, -1) for who in self.ids.tolist()], dtype=np.int64)
        link = number[self.link] if len(self.link) else np.zeros((0, 2), dtype=np.int64)
        return link[(link >= 0).all(axis=1)]
