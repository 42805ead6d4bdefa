"""Whom somebody may activate as of a time, and what is known by then of the pair and of the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.time import format_time
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.followed_pairs import WINDOW, FollowedPairs
from graphsocial.learn.activation.user_past import DAY, NEVER, USER_CHANNELS, mean_content, user_channels

__all__ = ["OUTSIDE", "PAIR_CHANNELS", "USER_CHANNELS", "WINDOW", "CandidateEdges", "candidate_edges", "links_of"]

OUTSIDE = "(outside)"
"""The node that stands for everything that reaches people other than through those who acted."""
PAIR_CHANNELS = ("weight", "together", "share_of_source", "share_of_target", "idle", "back", "from_outside")
"""Logs of the closeness of the two, of how often the one followed the other, of that per cascade of either, of the days
since the last time and of the closeness the other way round; 1 for an edge from the outside."""
_FAINT_WEIGHT, _FAINT_SHARE = (
    np.float32(0.05),
    np.float32(1e-3),
)  # keep the logs of nothing finite, below what one cascade together gives
_UNWALKED = 0.02  # prior of a link that nothing is known to have travelled along: seldom drawn, but drawn


@dataclass(frozen=True, eq=False)
class CandidateEdges:
    """The graph as of a time, with the evidence for each edge and user; nothing at or after that time is in it.

    The last node is `OUTSIDE`, the last edges run from there to every user.

    Attributes:
        as_of: The time, int64 seconds UTC.
        spread: Users known by then and the edges that something may travel along, with their `weight`, the sum of 1 /
            places between the two over cascades, and how often they were `together`.
        pair: `PAIR_CHANNELS`, on a log scale, float32 [edge, channel].
        user: `USER_CHANNELS`, on a log scale, zero for `OUTSIDE`, float32 [node, channel].
        prior: How often each edge was walked, weighted by how closely; what sampling is guided by; positive, float64
            [edge].
        content: Mean content of each user's cascades by modality, of length 1 or zero, float32 [node, channel].
    """

    as_of: int
    spread: SpreadGraph
    pair: np.ndarray
    user: np.ndarray
    prior: np.ndarray
    content: dict[str, np.ndarray]

    def __repr__(self) -> str:
        users, inner = len(self.user) - 1, self.spread.num_edges - (len(self.user) - 1)
        return f"CandidateEdges of {users:,} users and {inner:,} pairs as of {format_time(self.as_of)}"


def candidate_edges(
    record: CascadeRecord, as_of: int, content: Mapping[str, np.ndarray], links: np.ndarray | None = None
) -> CandidateEdges:
    """Candidate edges as of a time: pairs who took part in a cascade within `WINDOW` places of each other, or links.

    Two who took part in the same second are no pair: neither can have activated the other.

    Args:
        record: The cascades; only events before the time are read.
        as_of: The time, seconds UTC.
        content: Vector of each cascade by modality, zero where it has none, float32 [cascade, channel].
        links: Linked users as numbers of the record, in the direction of flow, int64 [link, 2]; then these are the
            candidates, as far as both are known, and co-participation is only evidence. None: pairs who took part
            together are. `links_of` makes them from a graph.

    Raises:
        SchemaError: Content or links do not fit the record, or a user is called `OUTSIDE`.

    >>> from graphsocial.graph import CascadeSet
    >>> users, times = ["ann", "bob", "cy", "bob", "ann"], [0, 60, 90, 500, 900]
    >>> read = CascadeSet(users, [-1] * 5, times, [0, 3, 5], ["first", "second"], [False] * 2)
    >>> edges = candidate_edges(CascadeRecord.of(read), 600, {})
    >>> edges
    CandidateEdges of 3 users and 3 pairs as of 1970-01-01 00:10:00Z
    >>> names = edges.spread.ids
    >>> [(names[u], names[v]) for u, v in zip(edges.spread.source, edges.spread.target)]
    [('ann', 'bob'), ('ann', 'cy'), ('bob', 'cy'), ('(outside)', 'ann'), ('(outside)', 'bob'), ('(outside)', 'cy')]
    >>> edges.spread.edge_value("weight").tolist()
    [1.0, 0.5, 1.0, 0.0, 0.0, 0.0]
    """
    _check_content(record, content)
    users = record.known(as_of)
    if OUTSIDE in record.ids[:users]:
        raise SchemaError(f"a user is called {OUTSIDE!r}, which is kept for what reaches people from outside")
    walked = FollowedPairs.of(record, as_of)
    if links is not None:
        walked = walked.along(_known_links(record, links, users))
    spread = SpreadGraph(
        np.append(walked.indptr, len(walked.target) + users),
        np.append(walked.target, np.arange(users)),
        "user",
        {
            "weight": np.append(walked.weight, np.zeros(users)),
            "together": np.append(walked.together, np.zeros(users, dtype=np.int64)),
        },
        known_until=as_of,
        _ids=np.append(record.ids[:users], OUTSIDE),
    )
    user = user_channels(record, as_of, np.diff(walked.indptr))
    means = {name: mean_content(record, as_of, rows, users) for name, rows in content.items()}
    return CandidateEdges(
        as_of=as_of,
        spread=spread,
        pair=_pair_channels(record, as_of, walked),
        user=_with_outside(user),
        prior=_prior(record, as_of, walked),
        content={name: _with_outside(rows) for name, rows in means.items()},
    )


def links_of(record: CascadeRecord, spread: SpreadGraph) -> tuple[np.ndarray, int]:
    """Edges of a graph as numbers of a record, as `candidate_edges` takes them.

    Args:
        record: Who is numbered; whoever has not acted is in it by its `others`.
        spread: The graph, edges in the direction of flow; its nodes are called as the users are.

    Returns:
        The links between users of the record, int64 [link, 2], and how many nodes of the graph the record does not
        hold.

    >>> from graphsocial.graph import CascadeSet
    >>> record = CascadeRecord.of(CascadeSet(["ann", "bob"], [-1, 0], [0, 60], [0, 2], ["post"], [False]))
    >>> links, unknown = links_of(record, SpreadGraph.from_edges([0, 1, 2], [2, 0, 0], ids=["bob", "cy", "ann"]))
    >>> links.tolist(), unknown
    ([[1, 0], [0, 1]], 1)
    """
    number = record.numbers(spread.ids.tolist())
    links = np.stack([number[spread.source], number[spread.target]], axis=1)
    return links[(links >= 0).all(axis=1)], int((number < 0).sum())


def _pair_channels(record: CascadeRecord, as_of: int, walked: FollowedPairs) -> np.ndarray:
    """`PAIR_CHANNELS`, float32 [edge, channel]."""
    from graphsocial.learn.activation.followed_pairs_kernel import values_back

    pairs = len(walked.target)
    weight, together = walked.weight.astype(np.float32), walked.together.astype(np.float32)
    back = np.empty(pairs, dtype=np.float32)
    values_back(walked.indptr, walked.target, weight, back)
    events = np.maximum(_events(record, as_of, walked.users), 1).astype(np.float32)
    idle = np.where(walked.together > 0, as_of - walked.last, NEVER).astype(np.float32)
    channels = {
        "weight": np.log(weight + _FAINT_WEIGHT),
        "together": np.log1p(together),
        "share_of_source": np.log(together / events[walked.source] + _FAINT_SHARE),
        "share_of_target": np.log(together / events[walked.target] + _FAINT_SHARE),
        "idle": np.log1p(idle / DAY),
        "back": np.log(back + _FAINT_WEIGHT),
    }
    out = np.zeros((pairs + walked.users, len(PAIR_CHANNELS)), dtype=np.float32)
    for name, values in channels.items():
        out[:pairs, PAIR_CHANNELS.index(name)] = values
    out[pairs:, PAIR_CHANNELS.index("from_outside")] = 1
    return out


def _prior(record: CascadeRecord, as_of: int, walked: FollowedPairs) -> np.ndarray:
    """What the draw of exposures goes by, float64 [edge].

    The outside reaches somebody as often as a usual user does, and the busy more often.
    """
    users = walked.users
    inner = walked.weight + _UNWALKED
    busy = _events(record, as_of, users) + 0.5
    usual = max(inner.sum() / max(users, 1), 1.0)  # also where nobody has an edge, or the outside would not be drawn
    return np.append(inner, busy * (usual / busy.sum() if users else 0.0))


def _events(record: CascadeRecord, as_of: int, users: int) -> np.ndarray:
    """How many cascades each known user took part in, int64 [user]."""
    return np.bincount(record.user[record.time < as_of], minlength=users)


def _with_outside(rows: np.ndarray) -> np.ndarray:
    return np.concatenate([rows, np.zeros((1, rows.shape[1]), dtype=rows.dtype)])


def _known_links(record: CascadeRecord, links: np.ndarray, users: int) -> np.ndarray:
    array = np.asarray(links)
    if array.ndim != 2 or array.shape[1] != 2 or (array.size and array.dtype.kind not in "iu"):
        raise SchemaError(f"links got {array.dtype} {array.shape}, expected numbers of the record's users, [link, 2]")
    array = array.astype(np.int64)
    wrong = array[(array < 0) | (array >= len(record.ids))]
    if len(wrong):
        raise SchemaError(f"links got user {wrong[0]}, expected 0 to {len(record.ids) - 1}: numbers of the record")
    return array[(array < users).all(axis=1)]


def _check_content(record: CascadeRecord, content: Mapping[str, np.ndarray]) -> None:
    if not isinstance(content, Mapping):
        raise SchemaError(f"content got {type(content).__name__}, expected a mapping of each modality to its vectors")
    for name, rows in content.items():
        if np.ndim(rows) != 2 or len(rows) != len(record):
            raise SchemaError(
                f"content {name!r} got shape {np.shape(rows)}, expected [cascade, channel] with {len(record)} "
                "cascades, in the order of the record"
            )
        if not np.isfinite(rows).all():
            raise SchemaError(f"content {name!r} has numbers that are not finite, expected zeros where there is none")
