"""Exposures of training cascades as rows, with how much of the delay law falls into the window of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph.time import format_time
from graphsocial.learn.activation.candidate_edges import CandidateEdges
from graphsocial.learn.activation.cascade_record import CascadeRecord


@dataclass(frozen=True, eq=False)
class Windows:
    """What is asked: who else acts in some cascades within [as_of, end).

    Attributes:
        cascade: Which cascades of the record, int64 [example].
        as_of: When each is looked at; its events before are known, int64 seconds UTC [example].
        end: End of what is counted: the horizon, or the end of the observation if that comes first, int64 seconds UTC
            [example].

    Raises:
        SchemaError: Not whole numbers, not equally many, or a window ends before it begins.

    >>> len(Windows([0, 0], [60, 90], [3_660, 90]))
    2
    """

    cascade: np.ndarray
    as_of: np.ndarray
    end: np.ndarray

    def __post_init__(self) -> None:
        for name in ("cascade", "as_of", "end"):
            array = np.asarray(getattr(self, name))
            if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
                raise SchemaError(f"{name} got {array.dtype} {array.shape}, expected whole numbers, [example]")
            object.__setattr__(self, name, array.astype(np.int64))
        lengths = len(self.cascade), len(self.as_of), len(self.end)
        if len(set(lengths)) > 1:
            raise SchemaError(f"windows got {lengths} of cascade, as_of and end, expected equally many")
        wrong = np.flatnonzero(self.end < self.as_of)
        if len(wrong):
            begin, end = (format_time(int(when[wrong[0]])) for when in (self.as_of, self.end))
            raise SchemaError(f"window {wrong[0]} got end {end}, expected none before it begins, {begin}")

    def __len__(self) -> int:
        return len(self.cascade)

    def check(self, record: CascadeRecord, edges: CandidateEdges) -> None:
        """Whether these are windows of a record that a graph may be used for.

        Raises:
            SchemaError: The record has no such cascade, or the graph has other users.
            LeakageError: The graph knows what a window must not: it is as of a later time.
        """
        wrong = self.cascade[(self.cascade < 0) | (self.cascade >= len(record))]
        if len(wrong):
            raise SchemaError(f"windows got cascade {wrong[0]}, expected 0 to {len(record) - 1}: numbers of the record")
        users = edges.spread.num_nodes - 1
        if users > len(record.ids) or (edges.spread.ids[:users] != record.ids[:users]).any():
            raise SchemaError("the candidate edges are of other users, expected those of this record")
        early = self.as_of[self.as_of < edges.as_of]
        if len(early):
            raise LeakageError(
                f"the candidate edges know what came before {format_time(edges.as_of)}, but a window begins at "
                f"{format_time(int(early.min()))}; make them as of that time or before"
            )


@dataclass(frozen=True, eq=False)
class ExposureRows:
    """One row per edge along which somebody was exposed.

    Attributes:
        edge: The edge of the candidate graph, int64 [row].
        example: Number of the window, int64 [row].
        source: Event of the exposer, int64 [row]; of the outside: the cascade's first.
        event: Number of the activation that the row may have caused, of 0 to `activations` - 1, int64 [row]; -1 where
            nobody acted.
        age: Seconds from the exposer's activation to the beginning of what is asked, 0 if it came later, int64 [row].
        until: Seconds from there to the activation, or to the end of the window, int64 [row].
        weight: Exposures that the row stands for, float32 [row].
        activations: Activations with a row.
        acted: Activations of known users in the windows, with a row or without.
    """

    edge: np.ndarray
    example: np.ndarray
    source: np.ndarray
    event: np.ndarray
    age: np.ndarray
    until: np.ndarray
    weight: np.ndarray
    activations: int
    acted: int


def exposure_rows(
    record: CascadeRecord, edges: CandidateEdges, windows: Windows, draws: int, rng: int | np.random.Generator
) -> ExposureRows:
    """All exposures of whoever acted in the windows, and a sample of those that led to nothing.

    The sum over the sampled rows of weight times anything is an unbiased estimate of its sum over all exposures of
    those who acted neither before nor in the window. Members of the same second do not expose each other, nor does the
    outside expose those who act in the cascade's first.

    Args:
        record: The cascades.
        edges: Candidates as of a time that is not after any window's beginning.
        windows: What is asked.
        draws: Sampled exposures of each window; those that fall on somebody who acted leave no row.
        rng: Of the sample.

    Raises:
        SchemaError: Windows, graph and record do not belong together, or `draws` is negative.
        LeakageError: The graph is as of a later time than a window.

    >>> from graphsocial.graph import CascadeSet
    >>> from graphsocial.learn.activation.candidate_edges import candidate_edges
    >>> users, times = ["ann", "bob", "cy", "ann", "bob"], [0, 60, 90, 500, 530]
    >>> record = CascadeRecord.of(CascadeSet(users, [-1] * 5, times, [0, 3, 5], ["first", "second"], [False] * 2))
    >>> edges = candidate_edges(record, 500, {})
    >>> rows = exposure_rows(record, edges, Windows([1], [510], [600]), draws=0, rng=7)
    >>> [edges.spread.ids[u] for u in edges.spread.source[rows.edge]], rows.age.tolist(), rows.until.tolist()
    (['(outside)', 'ann'], [10, 10], [30, 30])
    """
    from graphsocial.learn.activation.exposure_rows_kernel import draw_exposed, list_caused  # numba: when first needed

    windows.check(record, edges)
    if draws < 0:
        raise SchemaError(f"draws got {draws}, expected 0 or more")
    graph = (edges.spread.indptr, edges.spread.target)
    asked = (windows.cascade, record.offsets, record.user, record.time, windows.as_of, windows.end, *graph)
    nothing = np.zeros(0, dtype=np.int64)
    count, activations, acted = list_caused(*asked, False, nothing, nothing, nothing, nothing)
    edge, example, source, event = (np.empty(count, dtype=np.int64) for _ in range(4))
    list_caused(*asked, True, edge, example, source, event)
    # the same event may be asked about by several windows
    other_activation = (np.diff(event) != 0) | (np.diff(example) != 0)
    activation = np.concatenate([[0], np.cumsum(other_activation)])[:count]

    shape = (len(windows), draws)
    row_edge, row_source, row_weight = np.empty(shape, np.int64), np.zeros(shape, np.int64), np.empty(shape)
    summed = np.concatenate([[0.0], np.cumsum(edges.prior)])
    uniform = np.random.default_rng(rng).random(shape)
    draw_exposed(*asked, edges.prior, summed, uniform, row_edge, row_source, row_weight)
    kept = row_edge >= 0
    drawn, drawn_example = row_edge[kept], np.nonzero(kept)[0]
    sources, examples = np.append(source, row_source[kept]), np.append(example, drawn_example)
    stop = np.append(record.time[event], windows.end[drawn_example])
    return ExposureRows(
        edge=np.append(edge, drawn),
        example=examples,
        source=sources,
        event=np.append(activation, np.full(len(drawn), -1)),
        age=np.maximum(windows.as_of[examples] - record.time[sources], 0),
        until=stop - record.time[sources],
        weight=np.append(np.ones(count), row_weight[kept]).astype(np.float32),
        activations=int(activations),
        acted=int(acted),
    )
