"""Cuts of the time axis into training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from graphsocial.errors import TimeWindowError
from graphsocial.graph import SocialGraph, format_time, parse_time

Part = Literal["train", "valid", "test"]


@dataclass(frozen=True, init=False)
class TemporalSplit:
    """Training before `valid`, selection in [valid, test), test in [test, end).

    Whatever was fitted with this split is known from `test` on.

    Args:
        valid: Start of the validation part, anything `parse_time` takes.
        test: Start of the test part.
        end: End of the test part (exclusive); None is the end of the graph.
        start: Start of the training part; None is the beginning.

    Raises:
        TimeWindowError: When the cuts are not in order.

    >>> TemporalSplit(valid="2012-11-01", test="2012-11-03").window("valid")
    (1351728000, 1351900800)
    """

    start: int | None
    valid: int
    test: int
    end: int | None

    def __init__(self, valid: Any, test: Any, end: Any = None, start: Any = None):
        cuts = {"start": start, "valid": valid, "test": test, "end": end}
        parsed = {name: None if value is None else parse_time(value) for name, value in cuts.items()}
        named = [(name, value) for name, value in parsed.items() if value is not None]
        for (left, a), (right, b) in pairwise(named):
            if a >= b:
                raise TimeWindowError(f"split has {left} = {format_time(a)} not before {right} = {format_time(b)}")
        for name, value in parsed.items():
            object.__setattr__(self, name, value)

    def window(self, part: Part, graph: SocialGraph | None = None) -> tuple[int, int]:
        """Half-open [start, end) of a part; open ends take the earliest and latest time of `graph`."""
        first, last = (-(2**62), 2**62) if graph is None else time_span(graph)
        start = first if self.start is None else self.start
        end = max(last, self.test + 1) if self.end is None else self.end
        return {"train": (start, self.valid), "valid": (self.valid, self.test), "test": (self.test, end)}[part]


def time_span(graph: SocialGraph) -> tuple[int, int]:
    """Earliest edge or row and one second after the latest of a view, int64 seconds UTC; (0, 0) when it is empty."""
    times = [graph.edges(edge_type).time for edge_type in graph.edge_types]
    times += [graph.row_known_at(node_type) for node_type in graph.node_types]
    times = [time[(time > -(2**62)) & (time < 2**62)] for time in times]
    times = [time for time in times if len(time)]
    if not times:
        return (0, 0)
    return int(min(time.min() for time in times)), int(max(time.max() for time in times)) + 1
