"""Nodes by name, and until when they are known: what graphs and contacts to spread over have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError, did_you_mean
from graphsocial.graph.time import format_time
from graphsocial.schema import NodeKey


class NamedNodes:
    """Nodes 0 to n - 1 with a type, and ids where they are called something else."""

    if TYPE_CHECKING:  # what its dataclasses bring; an attribute here would be taken for a field's default

        @property
        def num_nodes(self) -> int:
            """How many."""

        @property
        def node_type(self) -> str:
            """Their type."""

        @property
        def known_until(self) -> int | None:
            """What is known of them came before this second."""

        @property
        def _ids(self) -> np.ndarray | None: ...

    @cached_property
    def ids(self) -> np.ndarray:
        """What the nodes are called, object [node]."""
        ids = np.arange(self.num_nodes).astype(object) if self._ids is None else self._ids
        ids.setflags(write=False)
        return ids

    def numbers(self, nodes: Iterable[Any]) -> np.ndarray:
        """Positions of some nodes, by id or by `(node type, id)`, int64 [node].

        Raises:
            UnknownNodeError: A node is not in the graph; names near ones.
            SchemaError: Not a list of nodes.
        """
        if isinstance(nodes, str | bytes) or not isinstance(nodes, Iterable):
            raise SchemaError(f"got {nodes!r}, expected a list of nodes, such as {[*self.ids[:2]]}")
        return np.array([self._number(node) for node in nodes], dtype=np.int64)

    def _number(self, node: Any) -> int:
        name = node
        if isinstance(node, tuple) and len(node) == 2:
            node_type, name = node
            if self.node_type and node_type != self.node_type:
                raise UnknownNodeError(f"no node {node!r} in this graph, its nodes are of type {self.node_type!r}")
        if self._ids is None:
            if isinstance(name, int | np.integer) and not isinstance(name, bool) and 0 <= name < self.num_nodes:
                return int(name)
            raise UnknownNodeError(f"no node {node!r}, expected a number of 0 to {self.num_nodes - 1}")
        place = self._place.get(name, self._place.get(str(name)) if isinstance(name, int | np.integer) else None)
        if place is None:
            raise UnknownNodeError(f"no node {node!r} in {self!r}.{did_you_mean(str(name), self._near)}")
        return place

    @cached_property
    def _place(self) -> dict[Any, int]:
        return {name: i for i, name in enumerate(self.ids.tolist())}

    @property
    def _near(self) -> list[str]:
        return [str(i) for i in self.ids[:20_000]]

    def keys(self, number: np.ndarray | Sequence[int]) -> list[NodeKey]:
        """`(node type, id)` of some positions."""
        return [(self.node_type, name) for name in self.ids[np.asarray(number, dtype=np.int64)].tolist()]

    def check_known(self, what: str, known_until: int | None, allow_future_model: bool = False) -> bool:
        """Whether something fitted later than this graph's end is used, which has to be allowed.

        Raises:
            LeakageError: It knows what this graph does not, and `allow_future_model` is not set.
        """
        if self.known_until is None or (known_until is not None and known_until <= self.known_until):
            return False
        if not allow_future_model:
            seen = "everything" if known_until is None else f"what came before {format_time(known_until)}"
            raise LeakageError(
                f"{what} knows {seen}, but the graph ends at {format_time(self.known_until)}; fit on what was known "
                "then, or pass allow_future_model=True"
            )
        return True
