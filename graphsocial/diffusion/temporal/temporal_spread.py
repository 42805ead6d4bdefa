"""Contacts in order of time that something spreads along, for the models of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from graphsocial.diffusion.named_nodes import NamedNodes
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.csr import narrow
from graphsocial.graph.time import format_time

EXACT = 2**53
"""Times are reckoned with as float64, which holds all whole numbers up to here."""


@dataclass(frozen=True, eq=False)
class TemporalSpread(NamedNodes):
    """Contacts from who influences to who is influenced, each at its time; a pair may have many.

    `temporal_spread` makes one from a view of a `SocialGraph`, `from_contacts` from plain arrays.

    Attributes:
        source: Who influences, int32 (int64 beyond 2**31 nodes) [contact].
        target: Who is influenced [contact].
        time: When, ascending: int64, seconds UTC where they come from a view, or float64 [contact].
        num_nodes: Number of nodes.
        node_type: Type of the nodes, "" where none was stated.
        edge_values: Numbers of each contact by name, [contact].
        known_until: The contacts are what was known before this second, None for all there is.
        unrecorded: Contacts left out because nobody recorded their time.
        assumptions: What has to be believed of them, one sentence each.

    Raises:
        SchemaError: The arrays do not fit together, or times do not ascend.

    >>> contacts = TemporalSpread.from_contacts([1, 0], [2, 1], [9, 5])
    >>> contacts
    TemporalSpread of 3 nodes and 2 contacts, 5 to 9
    >>> contacts.source.tolist(), contacts.target.tolist(), contacts.time.tolist()
    ([0, 1], [1, 2], [5, 9])
    """

    source: np.ndarray
    target: np.ndarray
    time: np.ndarray
    num_nodes: int
    node_type: str = ""
    edge_values: Mapping[str, np.ndarray] = field(default_factory=dict)
    known_until: int | None = None
    unrecorded: int = 0
    assumptions: tuple[str, ...] = ()
    _ids: np.ndarray | None = None

    def __post_init__(self) -> None:
        source, target, time = np.asarray(self.source), np.asarray(self.target), np.asarray(self.time)
        shapes = {"target": target.shape, "time": time.shape, **{n: np.shape(v) for n, v in self.edge_values.items()}}
        for name, shape in shapes.items():
            if source.ndim != 1 or shape != source.shape:
                raise SchemaError(f"contacts got {name} of shape {shape}, expected {source.shape}, as many as sources")
        for name, ends in (("source", source), ("target", target)):
            if len(ends) and not (ends.dtype.kind in "iu" and ends.min() >= 0 and ends.max() < self.num_nodes):
                wrong = ends[(ends < 0) | (ends >= self.num_nodes)] if ends.dtype.kind in "iu" else ends
                most = self.num_nodes - 1
                raise SchemaError(f"a contact got {name} {wrong[0]}, expected a whole number of 0 to {most}")
        if time.dtype.kind not in "iuf" or not np.isfinite(time).all() or (np.abs(time) > EXACT).any():
            raise SchemaError(f"times of contacts got {time.dtype}, expected finite numbers of at most 2**53")
        if (np.diff(time) < 0).any():
            raise SchemaError("times of contacts, expected to ascend; from_contacts() puts them in order")
        kind = narrow(self.num_nodes)
        clock = np.float64 if time.dtype.kind == "f" else np.int64
        held = {"source": source.astype(kind), "target": target.astype(kind), "time": time.astype(clock)}
        for name, array in held.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @classmethod
    def from_contacts(
        cls,
        source: np.ndarray | Sequence[int],
        target: np.ndarray | Sequence[int],
        time: np.ndarray | Sequence[float],
        num_nodes: int | None = None,
        ids: Sequence[Any] | np.ndarray | None = None,
        edge_values: Mapping[str, np.ndarray] | None = None,
    ) -> TemporalSpread:
        """From plain arrays, put in order of time; contacts of one moment stay in the order given.

        Args:
            source: Who influences, numbers from 0 on [contact].
            target: Who is influenced [contact].
            time: When; nan where nobody knows, which leaves the contact out [contact].
            num_nodes: Number of nodes; None: one more than the largest number, or the number of ids.
            ids: What the nodes are called, [node]; None: their numbers.
            edge_values: Numbers of each contact by name, in the order given.

        Raises:
            SchemaError: The arrays do not fit together, or an id stands twice.
        """
        ends = [np.asarray(end) if len(end) else np.empty(0, dtype=np.int64) for end in (source, target)]
        when = np.asarray(time) if len(time) else np.empty(0, dtype=np.int64)
        values = {name: np.asarray(v) for name, v in (edge_values or {}).items()}
        if num_nodes is None:
            numbers = [int(end.max()) for end in ends if end.size and end.dtype.kind in "iu"]
            num_nodes = len(ids) if ids is not None else max(numbers, default=-1) + 1
        unknown = 0
        if when.shape == ends[0].shape == ends[1].shape and all(v.shape == when.shape for v in values.values()):
            known = ~np.isnan(when) if when.dtype.kind == "f" else np.ones(when.shape, dtype=bool)
            order = np.flatnonzero(known)[np.argsort(when[known], kind="stable")]
            unknown = len(when) - len(order)
            ends, when = [end[order] for end in ends], when[order]
            values = {name: v[order] for name, v in values.items()}
        names = None
        if ids is not None:
            names = np.empty(len(ids), dtype=object)
            names[:] = list(ids)
            if len(names) != num_nodes or len(set(names.tolist())) != num_nodes:
                raise SchemaError(f"got {len(names)} ids, expected {num_nodes}, one of its own for each node")
        left_out = (f"{unknown} contacts of unknown time are left out",) if unknown else ()
        return cls(
            ends[0],
            ends[1],
            when,
            num_nodes,
            edge_values=values,
            unrecorded=unknown,
            assumptions=left_out,
            _ids=names,
        )

    def __repr__(self) -> str:
        kind = f"{self.node_type} " if self.node_type else ""
        show = format_time if self.node_type else "{:g}".format
        span = f", {show(self.time[0])} to {show(self.time[-1])}" if len(self.time) else ""
        left_out = f", {self.unrecorded:,} of unknown time left out" if self.unrecorded else ""
        return f"TemporalSpread of {self.num_nodes:,} {kind}nodes and {self.num_contacts:,} contacts{span}{left_out}"

    @property
    def num_contacts(self) -> int:
        """Number of contacts."""
        return len(self.time)

    def edge_value(self, name: str) -> np.ndarray:
        """Numbers of each contact, [contact].

        Raises:
            SchemaError: The contacts have no such values.
        """
        if name not in self.edge_values:
            known = ", ".join(self.edge_values) or "none: pass them when they are made"
            near = did_you_mean(str(name), self.edge_values)
            raise SchemaError(f"the contacts have no values {name!r}, they have {known}.{near}")
        return self.edge_values[name]

    @cached_property
    def clock(self) -> np.ndarray:
        """The times as float64, [contact]."""
        clock = self.time.astype(np.float64)
        clock.setflags(write=False)
        return clock

    @cached_property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """First entry of each node's row, int64 [node + 1], and the contact of each entry, in order of time [entry]."""
        from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

        contact = np.empty(self.num_contacts, dtype=narrow(self.num_contacts))
        return stable_groups(self.source.astype(np.int64), self.num_nodes, contact), contact
