"""Candidates for ranking questions, drawn only from what existed when the question was asked."""

from __future__ import annotations

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.schema import EdgeType


def first_target_times(view: SocialGraph, edge_types: tuple[EdgeType, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Nodes that were ever a target of the relations, by the time of the first, and those times.

    Returns:
        Canonical indices [target] and int64 seconds UTC [target], sorted by (time, index).
    """
    dst = np.concatenate([view.edges(e).dst for e in edge_types])
    time = np.concatenate([view.edges(e).time for e in edge_types])
    order = np.lexsort((dst, time))
    nodes, first = np.unique(dst[order], return_index=True)
    times = time[order][first]
    by_time = np.lexsort((nodes, times))
    return nodes[by_time], times[by_time]


def draw_candidates(
    view: SocialGraph,
    node_type: str,
    edge_types: tuple[EdgeType, ...],
    positive: np.ndarray,
    time: np.ndarray,
    count: int,
    rng: int,
) -> np.ndarray:
    """Other nodes that could have been the answer, -1 where none existed.

    Half are drawn from the nodes that had been a target before the question (the hard ones), half from all nodes
    that existed. The draws of a question depend on its position only, so erasing later questions changes nothing.

    Args:
        view: Graph as of the end of the part.
        node_type: Type of the candidates.
        edge_types: Relations whose targets count as hard candidates; none makes all candidates easy.
        positive: The true answer [question].
        time: Time of the question [question]; candidates existed strictly before it.
        count: Candidates per question.
        rng: Seed.

    Returns:
        Canonical indices [question, candidate]; never the positive, no index twice in a question.
    """
    draws = np.random.default_rng(rng).random((len(positive), count))
    if not edge_types:
        hard, hard_time = np.empty(0, np.int64), np.empty(0, np.int64)
    else:
        hard, hard_time = first_target_times(view, edge_types)
    hard_known = np.searchsorted(hard_time, time, side="left")
    known = np.searchsorted(view.known_at(node_type), time, side="left")
    half = count // 2 if edge_types else 0
    picked = np.full((len(positive), count), -1, np.int64)
    from_hard = np.floor(draws[:, :half] * hard_known[:, None]).astype(np.int64)
    if len(hard):
        picked[:, :half] = np.where(hard_known[:, None] > 0, hard[np.minimum(from_hard, len(hard) - 1)], -1)
    picked[:, half:] = np.where(known[:, None] > 0, np.floor(draws[:, half:] * known[:, None]).astype(np.int64), -1)
    picked[picked == positive[:, None]] = -1
    ordered = np.sort(picked, axis=1)
    repeats = np.zeros_like(picked, dtype=bool)
    repeats[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    ordered[repeats] = -1
    return ordered


def thinned(examples: Examples, negatives: int, rng: int) -> np.ndarray:
    """Rows that keep every true candidate and at most `negatives` others of each question, int64, ascending."""
    true = examples.target > 0
    draw = np.where(true, -1.0, np.random.default_rng(rng).random(len(examples)))
    order = np.lexsort((draw, examples.query))
    query = examples.query[order]
    place = np.arange(len(order)) - np.searchsorted(query, query)
    right = np.bincount(np.searchsorted(np.unique(query), query), weights=true[order])
    allowed = negatives + right[np.searchsorted(np.unique(query), query)]
    return np.sort(order[place < allowed])
