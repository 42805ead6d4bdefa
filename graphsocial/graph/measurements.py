"""Values that each have the time at which somebody looked, such as counts of likes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphsocial.graph.columns import cast_column, times
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, Column


@dataclass(frozen=True)
class Measurements:
    """Measurements of one column, in order of (time, node, value).

    Attributes:
        node: Position of the node among those of its type, int64 [measurement].
        time: When it was measured, int64 seconds UTC, ascending [measurement]; 2**63 - 1 where nobody recorded it.
        values: What was measured, never null [measurement].
    """

    node: np.ndarray
    time: np.ndarray
    values: pa.Array

    def __len__(self) -> int:
        return len(self.node)

    def before(self, end: int | None) -> Measurements:
        """Those strictly before a time, all of them when it is None."""
        if end is None:
            return self
        last = int(np.searchsorted(self.time, end, side="left"))
        return Measurements(self.node[:last], self.time[:last], self.values.slice(0, last))

    def last_of_each(self, num_nodes: int) -> np.ndarray:
        """Position of the last measurement of each node, int64 [node], -1 for one without any."""
        last = np.full(num_nodes, -1, dtype=np.int64)
        last[self.node] = np.arange(len(self.node))  # of several, numpy keeps the last
        return last

    def shown(self, num_nodes: int) -> pa.Array:
        """The last value of each node, [node], null for one without any."""
        last = self.last_of_each(num_nodes)
        return self.values.take(pa.array(last, mask=last < 0))

    def known_at(self, num_nodes: int) -> np.ndarray:
        """When the last value of each node was measured, int64 seconds [node]; 2**63 - 1 for one without any."""
        last = self.last_of_each(num_nodes)
        time = np.full(num_nodes, NEVER, dtype=np.int64)
        time[last >= 0] = self.time[last[last >= 0]]
        return time

    def of_nodes(self, kept: np.ndarray, new_position: np.ndarray) -> Measurements:
        """Those of some nodes, which stand in the same order elsewhere.

        Args:
            kept: Whether a node is kept, bool [node].
            new_position: Where it then stands, int64 [node].
        """
        mine = kept[self.node]
        return Measurements(new_position[self.node[mine]], self.time[mine], self.values.filter(pa.array(mine)))


NOTHING: Mapping[str, Measurements] = {}


def read_measured_at(table: pa.Table, label: str) -> np.ndarray:
    """Times of a table of measurements, int64 seconds [row], NEVER where unknown."""
    time = times(table, label, "measured_at")
    return np.where(time == UNKNOWN_TIME, NEVER, time)


def order_measurements(
    table: pa.Table, label: str, node: np.ndarray, time: np.ndarray, columns: Mapping[str, Column]
) -> dict[str, Measurements]:
    """Measurements by column, sorted; equal ones of the same node and time once.

    Args:
        table: Values by column, null where not looked at.
        label: What the table is called in errors.
        node: Position of each row's node [row].
        time: When each row was measured [row].
        columns: Measured columns of the node type.
    """
    found = {}
    for name, column in columns.items():
        values = cast_column(table, label, name, column)
        looked_at = np.asarray(values.is_valid())
        values, at, where = values.filter(pa.array(looked_at)), time[looked_at], node[looked_at]
        order = pc.sort_indices(
            pa.table({"time": at, "node": where, "value": values}),
            [("time", "ascending"), ("node", "ascending"), ("value", "ascending")],
        )
        values, at, where = values.take(order), at[order], where[order].astype(np.int64)
        if len(where) > 1:
            alike = (np.diff(at) == 0) & (np.diff(where) == 0)
            same = np.asarray(pc.equal(values.slice(1), values.slice(0, len(values) - 1)))
            fresh = np.r_[True, ~(alike & same)]
            values, at, where = values.filter(pa.array(fresh)), at[fresh], where[fresh]
        for array in (where, at):
            array.setflags(write=False)
        found[name] = Measurements(where, at, values)
    return found
