"""Posts of one stretch of time, asked about with one graph that knows nothing of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.learn.activation.candidate_edges import CandidateEdges, candidate_edges
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.exposure_rows import Windows
from graphsocial.learn.activation.spread_context import spread_context


@dataclass(frozen=True, eq=False)
class PostBlock:
    """Windows of some cascades, with the candidate edges as of a time before all of them.

    Attributes:
        record: The cascades.
        edges: Candidate edges as of no later than the first of them starts.
        windows: What is asked of each.
        content: Content of each cascade of the record by modality, float32 [cascade, channel].
    """

    record: CascadeRecord
    edges: CandidateEdges
    windows: Windows
    content: dict[str, np.ndarray]

    @classmethod
    def of(
        cls,
        record: CascadeRecord,
        content: dict[str, np.ndarray],
        links: np.ndarray | None,
        cascade: np.ndarray,
        observe: int,
        horizon: int,
        limit: int,
    ) -> PostBlock:
        """Asks about cascades `observe` after their start; what happens at or after `limit` is not looked at.

        Args:
            record: The cascades.
            content: Their content by modality.
            links: See `candidate_edges`.
            cascade: Numbers of the block's cascades, ascending, int64 [example].
            observe: Seconds from a cascade's start to the question.
            horizon: Seconds from there that are asked about.
            limit: End of the observation.
        """
        edges = candidate_edges(record, int(record.start[cascade[0]]), content, links)
        asked = cascade[record.start[cascade] + observe < limit]
        as_of = record.start[asked] + observe
        return cls(record, edges, Windows(asked, as_of, np.minimum(as_of + horizon, limit)), content)

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def known(self) -> int:
        """Number of users that the graph knows; the outside has the number after them."""
        return self.edges.spread.num_nodes - 1

    @cached_property
    def context(self) -> np.ndarray:
        """`spread_context` of each window, float32 [example, channel]."""
        return spread_context(self.record, self.edges, self.windows)

    @cached_property
    def post_content(self) -> dict[str, np.ndarray]:
        """Content of each window's post by modality, float32 [example, channel]."""
        return {name: rows[self.windows.cascade] for name, rows in self.content.items()}

    @cached_property
    def arrivals(self) -> tuple[np.ndarray, np.ndarray]:
        """Who of the known users acts in the windows: the window, and seconds since it began, int64 [event] both."""
        record, windows = self.record, self.windows
        first, count = record.offsets[windows.cascade], np.diff(record.offsets)[windows.cascade]
        example = np.repeat(np.arange(len(windows)), count)
        event = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        since = record.time[event] - windows.as_of[example]
        there = (since >= 0) & (record.time[event] < windows.end[example]) & (record.user[event] < self.known)
        return example[there], since[there]

    @cached_property
    def new_adopters(self) -> np.ndarray:
        """How many known users act in each window, int64 [example]."""
        return np.bincount(self.arrivals[0], minlength=len(self))
