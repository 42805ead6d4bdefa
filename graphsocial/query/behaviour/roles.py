"""Roles that users play: who originates, who spreads, who comments, who is the audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.graph.groups.partition_agreement import adjusted_rand
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.query.behaviour.k_means import k_means
from graphsocial.query.behaviour.role_features import RoleFeatures, role_features

AUDIENCE = "audience"
"""Who did nothing that is recorded, but follows or was named."""

NAMES = {
    "originates": "originator",
    "spreads": "spreader",
    "comments": "commentator",
    "addresses": "addresser",
    "approves": "supporter",
    "heard": "source",
}
"""What a group is called by the feature that sets it apart most; a source is who others act on."""


@dataclass(frozen=True)
class RoleGroup:
    """Users of one role.

    Attributes:
        name: Of the role.
        users: How many.
        shares: Mean share of each kind of act, by kind.
        acts: Median number of acts.
        heard: Median number of acts of others on them.
    """

    name: str
    users: int
    shares: Mapping[str, float]
    acts: float
    heard: float

    def __repr__(self) -> str:
        most = sorted(self.shares.items(), key=lambda item: -item[1])[:2]
        does = ", ".join(f"{kind} {100 * share:.0f} %" for kind, share in most if share > 0) or "does nothing"
        return f"{self.name} {self.users:,} ({does}; {self.acts:g} acts, heard {self.heard:g} times)"


@dataclass(frozen=True, repr=False, eq=False)
class Roles(QueryResult):
    """The role of each user.

    Attributes:
        graph: The view.
        role: Name of each user's role, object [user].
        certainty: Share of seeds that give the user the same role, float64 [user].
        groups: What sets each role apart, the one with the most users first.
        stability: Mean adjusted Rand index of the grouping with those of other seeds; 1 with a single seed.
        seeds: How many were tried.
        features: What users were grouped by.
    """

    graph: SocialGraph
    role: np.ndarray
    certainty: np.ndarray
    groups: tuple[RoleGroup, ...]
    stability: float
    seeds: int
    features: RoleFeatures

    def of(self, user: str) -> str:
        """Role of one user.

        Raises:
            UnknownNodeError: The view does not know the user.
        """
        return str(self.role[self.graph.index_of(("user", user))])

    def title(self) -> str:
        """How many roles, how stable, and what they are."""
        when = "" if self.graph.end is None else f" as of {format_time(self.graph.end)}"
        return (
            f"{len(self.groups)} roles of {len(self.role):,} users{when}, agreement of {self.seeds} seeds "
            f"{self.stability:.2f}: " + "; ".join(map(repr, self.groups))
        )

    def columns(self) -> Mapping[str, Column]:
        """`user`, `role`, `certainty`, acts by kind, and `heard`."""
        acts = {kind: self.features.acts[:, at] for at, kind in enumerate(self.features.kinds)}
        return {
            "user": self.graph.node_ids("user"),
            "role": self.role,
            "certainty": self.certainty,
            **acts,
            "heard": self.features.heard,
        }


def roles(view: SocialGraph, count: int | None = None, *, seeds: int = 10, rng: int = 0) -> Roles:
    """Groups of users who act alike, named by what sets each apart.

    Users are grouped by k-means over the shares of the kinds of acts they do, the logarithm of how often, and the
    logarithm of how often others act on them, each in units of its standard deviation. A group gets the name of the
    feature that lies furthest above the mean over users, each name once; groups left over are called by it again, with
    "busy" or "occasional" added. Users who do nothing themselves are the audience, without any grouping.

    Args:
        view: Its edges count, all those of its window.
        count: Groups besides the audience; None: one more than kinds of acts.
        seeds: Groupings to compare; the first one is returned.
        rng: Seed of the first.

    Raises:
        SchemaError: The graph records nothing that users do, nobody does anything, or a number out of range.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> wrote, passed = ("user", "author", "post"), ("user", "repost", "post")
    >>> edges = {
    ...     wrote: pa.table({"src": ["ann", "bob"] * 3, "dst": [f"p{i}" for i in range(6)], "time": range(6)}),
    ...     passed: pa.table({"src": ["cat", "dan"] * 3, "dst": ["p0"] * 6, "time": range(9, 15)}),
    ... }
    >>> found = roles(SocialGraph.build(Schema({"user": {}, "post": {}}, {wrote: {}, passed: {}}), {}, edges), count=2)
    >>> found.of("ann"), found.of("dan"), found.stability
    ('originator', 'spreader', 1.0)
    """
    for name, value in (("count", count), ("seeds", seeds)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1):
            raise SchemaError(f"got {name}={value!r}, expected a whole number of at least 1")
    features = role_features(view)
    total = features.acts.sum(axis=1)
    active = np.flatnonzero(total)
    if not len(active):
        raise SchemaError("no user of the view did anything, there are no roles")
    points = _points(features, active)
    names = (*features.kinds, "heard")
    wanted = min(len(names) if count is None else int(count), len(np.unique(points, axis=0)))
    runs = [_grouping(points, wanted, names, rng + at) for at in range(seeds)]
    first, named = runs[0]
    agreement = [adjusted_rand(first, other) for other, _ in runs[1:]]
    role = np.full(len(total), AUDIENCE, dtype=object)
    role[active] = named
    certainty = np.ones(len(total))
    certainty[active] = np.mean([other == named for _, other in runs], axis=0)
    return Roles(
        graph=view,
        role=role,
        certainty=certainty,
        groups=_groups(features, role),
        stability=float(np.mean(agreement)) if agreement else 1.0,
        seeds=seeds,
        features=features,
    )


def _points(features: RoleFeatures, active: np.ndarray) -> np.ndarray:
    """Standardised shares by kind, then times heard, then acts, float64 [user, feature]."""
    acts = features.acts[active]
    total = acts.sum(axis=1, keepdims=True)
    raw = np.concatenate([acts / total, np.log1p(features.heard[active])[:, None], np.log1p(total)], axis=1)
    spread = raw.std(axis=0)
    return (raw - raw.mean(axis=0)) / np.where(spread > 0, spread, 1)


def _grouping(points: np.ndarray, count: int, names: tuple[str, ...], rng: int) -> tuple[np.ndarray, np.ndarray]:
    """Group of each user, and its name [user]."""
    centroid, label = k_means(points, count, rng)
    order = sorted(np.ndindex(len(centroid), len(names)), key=lambda at: (-centroid[at], at))
    named: dict[int, str] = {}
    for group, feature in order:
        if group not in named and NAMES[names[feature]] not in named.values() and centroid[group, feature] > 0:
            named[group] = NAMES[names[feature]]
    for group in range(len(centroid)):
        if group not in named:
            best = NAMES[names[int(centroid[group, : len(names)].argmax())]]
            how = "busy" if centroid[group, -1] > 0 else "occasional"
            taken = sum(name.startswith(f"{how} {best}") for name in named.values())
            named[group] = f"{how} {best}" + (f" {taken + 1}" if taken else "")
    return label, np.array([named[group] for group in range(len(centroid))], dtype=object)[label]


def _groups(features: RoleFeatures, role: np.ndarray) -> tuple[RoleGroup, ...]:
    total = features.acts.sum(axis=1)
    found = []
    for name in sorted(set(role.tolist())):
        members = np.flatnonzero(role == name)
        share = features.acts[members] / np.maximum(total[members], 1)[:, None]
        found.append(
            RoleGroup(
                name=name,
                users=len(members),
                shares=dict(zip(features.kinds, share.mean(axis=0).tolist(), strict=True)),
                acts=float(np.median(total[members])),
                heard=float(np.median(features.heard[members])),
            )
        )
    return tuple(sorted(found, key=lambda group: (-group.users, group.name)))
