"""The events inside the observation windows, and nothing else: what features and networks are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.learn.cascade_size.examples import SizeExamples


@dataclass(frozen=True, eq=False)
class ObservedEvents:
    """Observed events of all examples, one after the other, in order of time.

    Attributes:
        example: Which example, int64 [observed].
        age: Seconds since the root, int64 [observed].
        depth: Steps from the root, 1 where nobody recorded who came from whom, int64 [observed].
        parent: Place among these events, -1 for the root, int64 [observed].
        user: Code, int64 [observed].
        text_length: Characters, -1 unknown, int64 [observed].
        offsets: First event of each example, int64 [example + 1].
    """

    example: np.ndarray
    age: np.ndarray
    depth: np.ndarray
    parent: np.ndarray
    user: np.ndarray
    text_length: np.ndarray
    offsets: np.ndarray


def observed_events(examples: SizeExamples) -> ObservedEvents:
    """Gathers the events with `time < as_of`; a parent that is not observed counts as the root."""
    record, count = examples.record, examples.observed
    offsets = np.concatenate([[0], np.cumsum(count)])
    example = np.repeat(np.arange(len(examples)), count)
    first = record.offsets[examples.cascade]
    event = np.arange(offsets[-1]) - np.repeat(offsets[:-1], count) + np.repeat(first, count)
    inside = record.parent[event] - np.repeat(first, count)
    own = np.arange(len(event)) - np.repeat(offsets[:-1], count)
    parent = np.where((inside >= 0) & (inside < own), inside + np.repeat(offsets[:-1], count), -1)
    depth = np.ones(len(event), dtype=np.int64)
    for _ in range(len(event)):  # one round per generation
        deeper = np.where(parent >= 0, depth[parent] + 1, 1)
        if (deeper == depth).all():
            break
        depth = deeper
    return ObservedEvents(
        example=example,
        age=record.time[event] - record.start[examples.cascade][example],
        depth=depth,
        parent=parent,
        user=record.user[event],
        text_length=record.text_length[event],
        offsets=offsets,
    )
