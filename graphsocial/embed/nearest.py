"""The rows of an array that are nearest to a vector, exactly, among those that pass a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.threads import over_items

Metric = Literal["cosine", "dot"]
"""Cosine of the angle, in [-1, 1], or dot product."""

METRICS: tuple[Metric, ...] = ("cosine", "dot")


@dataclass(frozen=True, repr=False, eq=False)
class Nearest(QueryResult):
    """Rows nearest to a vector, nearest first; of equally near ones the lower position first.

    Attributes:
        position: Rows, int64 [found].
        similarity: Cosine or dot product, float32, or float64 for float64 vectors [found].
        metric: "cosine" or "dot".
        searched: Rows that passed the filter.
    """

    position: np.ndarray
    similarity: np.ndarray
    metric: Metric
    searched: int

    def title(self) -> str:
        """How many of how many."""
        return f"{len(self):,} nearest of {self.searched:,} rows by {self.metric}"

    def columns(self) -> Mapping[str, Column]:
        """`position` and `similarity`."""
        return {"position": self.position, "similarity": self.similarity}


def nearest(
    vectors: np.ndarray,
    query: np.ndarray | Sequence[float],
    k: int = 10,
    candidates: np.ndarray | Sequence[int] | None = None,
    *,
    metric: Metric = "cosine",
    threads: int | None = None,
) -> Nearest:
    """The k rows nearest to a vector among the candidates: every candidate is compared, none is copied.

    An exact scan after the filter: its time is that of reading the candidates once, and its recall is 1 whatever the
    filter keeps, where an approximate index loses what the filter leaves it. Zero vectors have cosine 0 to everything;
    rows with infinities or NaN, or so long that their square overflows, are never found.

    Args:
        vectors: float16, float32 or float64 [row, channel]; copied once if its rows are not contiguous.
        query: A vector [channel].
        k: Rows to return; all candidates when there are fewer.
        candidates: Rows to compare: a mask, bool [row], or positions, int [candidate]; None: all.
        metric: "cosine" or "dot".
        threads: At most this many, None for one per core; the answer does not depend on it.

    Raises:
        SchemaError: Shapes that do not fit, positions out of range, an unknown metric, or k below 1.

    >>> vectors = np.array([[1, 0], [0, 2], [3, 3], [-1, 0]], dtype=np.float32)
    >>> nearest(vectors, [1, 1], k=2, candidates=[0, 1, 3])
    2 nearest of 3 rows by cosine
      position  similarity
      0         0.7071
      1         0.7071
    """
    if not isinstance(vectors, np.ndarray) or vectors.ndim != 2 or vectors.dtype not in (np.float16, np.float32, float):
        kind = f"{vectors.dtype} {list(vectors.shape)}" if isinstance(vectors, np.ndarray) else type(vectors).__name__
        raise SchemaError(f"nearest got vectors {kind}, expected float16, float32 or float64 [row, channel]")
    count = check_k(k)
    row = checked_candidates(candidates, len(vectors))
    similarity = similarities(vectors, checked_query(query, vectors.shape[1]), row, metric, threads)
    place = best_places(similarity, count)
    return Nearest(row[place], similarity[place], metric, len(row))


def similarities(
    vectors: np.ndarray, query: np.ndarray, row: np.ndarray, metric: Metric = "cosine", threads: int | None = None
) -> np.ndarray:
    """Similarity of a vector to some rows, float32 or float64 [row], -inf where it is no number."""
    from graphsocial.embed.nearest_kernels import score_half_rows, score_rows  # numba: imported when first needed

    if metric not in METRICS:
        raise SchemaError(
            f"unknown metric {metric!r}, expected one of {', '.join(METRICS)}.{did_you_mean(str(metric), METRICS)}"
        )
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
        raise SchemaError(f"got threads={threads!r}, expected a whole number of at least 1, or None")
    vectors = np.ascontiguousarray(vectors)
    asked = query.astype(np.float64 if vectors.dtype == np.float64 else np.float32)
    out = np.empty(len(row), dtype=asked.dtype)
    half = vectors.dtype == np.float16
    kernel, rows = (score_half_rows, vectors.view(np.uint16)) if half else (score_rows, vectors)
    over_items(kernel, len(row), threads, rows, row, asked, np.linalg.norm(asked), metric == "cosine", out)
    return out


def best_places(similarity: np.ndarray, k: int) -> np.ndarray:
    """Places of the k largest values, largest first, of equal ones the first, int64 [found]; -inf never is."""
    place = np.flatnonzero(similarity > -np.inf)
    if len(place) > k:
        values = similarity[place]
        least = np.partition(values, len(values) - k)[len(values) - k]
        above = values > least
        above[np.flatnonzero(values == least)[: k - int(above.sum())]] = True
        place = place[above]
    return place[np.argsort(-similarity[place], kind="stable")]


def check_k(k: int) -> int:
    """k, or SchemaError unless it is a whole number of at least 1."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise SchemaError(f"got k={k!r}, expected a whole number of at least 1")
    return int(k)


def checked_query(query: np.ndarray | Sequence[float], channels: int) -> np.ndarray:
    """The query as one float vector [channel]; raises SchemaError when it has another size or is no vector."""
    try:
        found = np.asarray(query, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"got a {type(query).__name__} as query, expected a vector of {channels} numbers") from error
    if found.shape != (channels,):
        raise SchemaError(f"got a query of shape {list(found.shape)}, expected a vector of {channels} numbers")
    if not np.isfinite(found).all():
        raise SchemaError("got a query with infinities or NaN, expected numbers")
    return found


def checked_candidates(candidates: np.ndarray | Sequence[int] | None, count: int) -> np.ndarray:
    """Positions that candidates stand for, each once, ascending, int64 [candidate]; raises SchemaError."""
    if candidates is None:
        return np.arange(count)
    given = np.asarray(candidates)
    if given.ndim == 1 and given.dtype == bool:
        if len(given) != count:
            raise SchemaError(f"got a mask of {len(given)} candidates, expected one bool for each of {count}")
        return np.flatnonzero(given)
    if given.size == 0:
        return np.empty(0, dtype=np.int64)
    if given.ndim != 1 or not np.issubdtype(given.dtype, np.integer):
        raise SchemaError(
            f"got candidates {given.dtype} {list(given.shape)}, expected positions, int [candidate], or bool [{count}]"
        )
    low, high = int(given.min()), int(given.max())
    if low < 0 or high >= count:
        raise SchemaError(f"got position {low if low < 0 else high}, expected positions from 0 to {count - 1}")
    ascending = bool((given[1:] > given[:-1]).all())
    return given.astype(np.int64) if ascending else np.unique(given.astype(np.int64))
