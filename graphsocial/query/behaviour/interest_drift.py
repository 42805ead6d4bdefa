"""How the interests of a user, or of users on average, change from one window of time to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.embed.table import EmbeddingTable
from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph, format_time, parse_time
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import Time
from graphsocial.query.behaviour.engagements import Engagements, engagements
from graphsocial.query.behaviour.post_topics import PostTopics
from graphsocial.query.behaviour.profile_distance import ProfileDistance, profile_distance
from graphsocial.schema import EdgeType

LEVEL = 0.95
RUN = 3_600
"""Posts that a user acted on within this many seconds of each other are dealt together."""

_RESAMPLES = 1_000


@dataclass(frozen=True, repr=False, eq=False)
class InterestDrift(QueryResult):
    """Distance between the topic profiles of neighbouring windows, beside that of posts dealt to them at random.

    Attributes:
        user: Id of the user, None for the mean over users.
        edge: Where windows start, and the end of the last one, int64 seconds UTC [window + 1].
        posts: Posts with a topic in each window, int64 [window].
        users: Users with enough posts on both sides of each change, int64 [change].
        distance: Jensen–Shannon distance, 0 to 1; nan where posts are too few, float64 [change].
        expected: What it would be on average if interests were the same, float64 [change].
        upper: For one user: what it would be at most, in 95 of 100 cases, if interests were the same; for the mean over
            users nan, float64 [change].
        p: For one user: chance of such a distance if interests were the same; otherwise nan, float64 [change].
        low: For the mean over users: lower end of the 95 % interval, over users, of distance less expected; otherwise
            nan, float64 [change].
        high: Upper end of it, float64 [change].
        as_of: Nothing at or after this time was used; None for a view without an end.
    """

    user: str | None
    edge: np.ndarray
    posts: np.ndarray
    users: np.ndarray
    distance: np.ndarray
    expected: np.ndarray
    upper: np.ndarray
    p: np.ndarray
    low: np.ndarray
    high: np.ndarray
    as_of: int | None

    @property
    def excess(self) -> np.ndarray:
        """Distance beyond the expected one, float64 [change]: 0 on average where nothing changes."""
        return self.distance - self.expected

    @property
    def drifted(self) -> np.ndarray:
        """Changes that chance does not explain at 5 %, not corrected for how many are asked about, bool [change]."""
        return self.p <= 1 - LEVEL if self.user is not None else self.low > 0

    def title(self) -> str:
        """Whose drift, over how many windows, and how many changes chance does not explain."""
        when = "" if self.as_of is None else f" as of {format_time(self.as_of)}"
        whose = f"user {self.user!r}" if self.user is not None else "users on average"
        told = int((~np.isnan(self.distance)).sum())
        few = "" if told == len(self.distance) else f", {len(self.distance) - told} with too few posts"
        return (
            f"interest drift of {whose}{when}: {int(self.drifted.sum())} of {told} changes between {len(self.posts)} "
            f"windows lie beyond chance{few}"
        )

    def columns(self) -> Mapping[str, Column]:
        """`change` (the time), `users`, `distance`, `expected`, then `upper` and `p`, or `low` and `high`."""
        shared: dict[str, Column] = {
            "change": [format_time(int(time)) for time in self.edge[1:-1]],
            "users": self.users,
            "distance": self.distance,
            "expected": self.expected,
        }
        if self.user is not None:
            return shared | {"upper": self.upper, "p": self.p}
        return shared | {"low": self.low, "high": self.high}


def interest_drift(
    view: SocialGraph,
    tokens: EmbeddingTable,
    topics: PostTopics,
    user: str | None = None,
    windows: int | Sequence[Time] = 4,
    *,
    relations: Iterable[EdgeType] | None = None,
    min_posts: int = 5,
    permutations: int = 500,
    rng: int = 0,
) -> InterestDrift:
    """Whether topics of the posts acted on change between neighbouring windows, by more than few posts would show.

    Two samples of one profile lie apart as well, the further the fewer they are. So every distance stands beside those
    of the same posts dealt to the two windows at random, runs of posts less than an hour apart dealt together. The
    mean over users gets a bootstrap interval, over users, of distance less expected.

    Args:
        view: Its edges count, all those of its window; acts without a time of their own are left out.
        tokens: Contents of posts.
        topics: Fitted on posts before the view's end.
        user: Id of the user; None: the mean over users with enough posts.
        windows: So many of equal length from the first act to the view's end, or the times where windows start and the
            end of the last one.
        relations: From users to posts; None for all.
        min_posts: Fewer posts with a topic in either window: no distance.
        permutations: Times that posts are dealt.
        rng: Seed; what a user gets does not depend on other users.

    Raises:
        UnknownNodeError: The view does not know the user.
        SchemaError: Unknown relation, an argument out of range, or there is no act with a time.
        TimeWindowError: Times of windows do not ascend, or reach out of the view.
        LeakageError: The topics know posts that the view does not.
    """
    for name, value, least in (("min_posts", min_posts, 1), ("permutations", permutations, 19)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise SchemaError(f"got {name}={value!r}, expected a whole number of at least {least}")
    who = None if user is None else view.index_of(("user", user))
    pairs = engagements(view, relations)
    label = topics.of_posts(view, tokens)
    chosen = slice(None) if who is None else pairs.of(who)
    edge = _edges(view, pairs.time[chosen][pairs.recorded[chosen]], windows)
    asked = np.unique(pairs.user) if who is None else np.array([who])
    found = {
        int(one): _changes(pairs, label, int(one), edge, len(topics.posts), min_posts, permutations, rng)
        for one in asked
        if pairs.start[one + 1] - pairs.start[one] >= 2 * min_posts or who is not None
    }
    timed = (pairs.recorded & (label[pairs.post] >= 0))[chosen]
    inside = np.searchsorted(edge, pairs.time[chosen][timed], side="right") - 1
    inside = inside[(inside >= 0) & (inside < len(edge) - 1)]
    posts = np.bincount(inside, minlength=len(edge) - 1)
    columns = [
        _mean([part[at] for part in found.values()], one=who is not None, rng=rng) for at in range(len(edge) - 2)
    ]
    users, distance, expected, upper, p, low, high = (np.array(column) for column in zip(*columns, strict=True))
    asked_about = None if user is None else str(user)
    return InterestDrift(asked_about, edge, posts, users, distance, expected, upper, p, low, high, view.end)


def _edges(view: SocialGraph, time: np.ndarray, windows: int | Sequence[Time]) -> np.ndarray:
    if isinstance(windows, int | np.integer) and not isinstance(windows, bool):
        if windows < 2:
            raise SchemaError(f"got windows={windows}, expected at least 2, a change needs a before and an after")
        if not len(time):
            raise SchemaError("nobody acted on a post at a recorded time, so there are no windows")
        end = int(time.max()) + 1 if view.end is None else view.end
        return np.round(np.linspace(int(time.min()), end, int(windows) + 1)).astype(np.int64)
    if isinstance(windows, str | bool) or not isinstance(windows, Sequence | np.ndarray) or len(windows) < 3:
        raise SchemaError(f"got windows={windows!r}, expected a number or at least 3 times")
    edge = np.array([parse_time(time) for time in windows], dtype=np.int64)
    if (np.diff(edge) <= 0).any():
        raise TimeWindowError("the times of windows have to ascend")
    if view.end is not None and edge[-1] > view.end:
        raise TimeWindowError(f"windows reach {format_time(edge[-1])}, the view ends at {format_time(view.end)}")
    return edge


def _changes(
    pairs: Engagements,
    label: np.ndarray,
    user: int,
    edge: np.ndarray,
    topics: int,
    min_posts: int,
    permutations: int,
    rng: int,
) -> list[ProfileDistance | None]:
    """Distance at each change, None where posts are too few."""
    mine = pairs.of(user)
    topic, time = label[pairs.post[mine]], pairs.time[mine]
    kept = (topic >= 0) & pairs.recorded[mine]
    topic, time = topic[kept], time[kept]
    run = np.cumsum(np.diff(time, prepend=time[:1]) > RUN)
    window = np.searchsorted(edge, time, side="right") - 1
    generator = np.random.default_rng([rng, user])
    found: list[ProfileDistance | None] = []
    for at in range(len(edge) - 2):
        both = (window == at) | (window == at + 1)
        later = window[both] == at + 1
        if min(int(later.sum()), int((~later).sum())) < min_posts:
            found.append(None)
            continue
        found.append(profile_distance(topic[both], later, run[both], topics, permutations, generator))
    return found


def _mean(of_users: Sequence[ProfileDistance | None], one: bool, rng: int) -> tuple[float, ...]:
    """Users, distance, expected, upper, p, low and high of one change."""
    told = [found for found in of_users if found is not None]
    nan = float("nan")
    if not told:
        return 0, nan, nan, nan, nan, nan, nan
    if one:
        return 1, told[0].distance, told[0].expected, told[0].upper, told[0].p, nan, nan
    distance, expected = (np.array([getattr(found, name) for found in told]) for name in ("distance", "expected"))
    excess = distance - expected
    low = high = nan
    if len(excess) > 1:
        drawn = np.random.default_rng(rng).integers(0, len(excess), (_RESAMPLES, len(excess)))
        low, high = np.quantile(excess[drawn].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return len(told), distance.mean(), expected.mean(), nan, nan, low, high
