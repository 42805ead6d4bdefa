"""When a user acts: hours of the week, and how bursty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.query.behaviour.burstiness import Burstiness, burstiness
from graphsocial.query.behaviour.user_acts import user_acts
from graphsocial.schema import EdgeType

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOUR, HOURS_OF_WEEK = 3_600, 168
_MONDAY = 4 * 86_400  # 1970-01-05, the first Monday


@dataclass(frozen=True, repr=False, eq=False)
class ActivityRhythm(QueryResult):
    """Acts by hour of the week; one row per hour with acts, the busiest first, as a table.

    Attributes:
        user: Id of the user.
        count: Acts, int64 [weekday, hour], Monday and the hour from midnight on first.
        gap: Seconds between one act and the next, int64 [gap].
        burst: How uneven the gaps are.
        untimed: Acts left out because nobody recorded their time.
        utc_offset: Hours by which the clock that is shown is ahead of UTC.
        as_of: Nothing at or after this time was used; None for a view without an end.
    """

    user: str
    count: np.ndarray
    gap: np.ndarray
    burst: Burstiness
    untimed: int
    utc_offset: float
    as_of: int | None

    @property
    def acts(self) -> int:
        """Acts with a time, those of one second counted once."""
        return int(self.count.sum())

    @property
    def clock(self) -> str:
        """Whose hours they are."""
        return "UTC" if self.utc_offset == 0 else f"UTC{self.utc_offset:+g} h"

    @property
    def entropy(self) -> float:
        """Entropy of the hour of the week, bits, with Miller's correction for few acts (1955), at most log2(168).

        0 for who acts in one hour of the week only; nan without acts.
        """
        if not self.acts:
            return float("nan")
        share = self.count[self.count > 0] / self.acts
        correction = (len(share) - 1) / (2 * self.acts * np.log(2))
        return float(min(-(share * np.log2(share)).sum() + correction, np.log2(HOURS_OF_WEEK)))

    def title(self) -> str:
        """How much, how regular, and whose clock."""
        when = "" if self.as_of is None else f" as of {format_time(self.as_of)}"
        parts = [f"rhythm of user {self.user!r}{when}: {self.acts:,} acts by hour of the week ({self.clock})"]
        if self.acts:
            parts.append(f"entropy {self.entropy:.2f} of {np.log2(HOURS_OF_WEEK):.2f} bits")
        if self.burst.gaps >= 2:
            parts.append(f"burstiness {self.burst.plain:.2f} (corrected {self.burst.corrected:.2f})")
        parts += [self.burst.note] if self.burst.note else []
        parts += [f"{self.untimed:,} acts without a time left out"] if self.untimed else []
        return "; ".join(parts)

    def columns(self) -> Mapping[str, Column]:
        """`weekday`, `hour`, `acts`."""
        day, hour = np.nonzero(self.count)
        order = np.argsort(-self.count[day, hour], kind="stable")
        day, hour = day[order], hour[order]
        return {"weekday": [WEEKDAYS[d] for d in day], "hour": hour, "acts": self.count[day, hour]}


def activity_rhythm(
    view: SocialGraph, user: str, relations: Iterable[EdgeType] | None = None, *, utc_offset: float = 0
) -> ActivityRhythm:
    """When a user acted, by hour of the week, and the gaps between acts.

    Acts of one second count once: a post with two mentions leaves three edges.

    Args:
        view: Its edges count, all those of its window.
        user: Id of the user.
        relations: That start at users; None for all.
        utc_offset: Hours by which the clock to show is ahead of UTC, the same all year.

    Raises:
        UnknownNodeError: The view does not know the user.
        SchemaError: Unknown relation, or one that does not start at users.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> wrote = ("user", "author", "post")
    >>> edges = pa.table({"src": ["ann"] * 3, "dst": ["p", "q", "r"], "time": [0, 60, 7 * 86_400]})
    >>> graph = SocialGraph.build(Schema({"user": {}, "post": {}}, {wrote: {}}), {}, {wrote: edges})
    >>> activity_rhythm(graph, "ann")  # doctest: +ELLIPSIS
    rhythm of user 'ann': 3 acts by hour of the week (UTC); entropy 0.00 of 7.39 bits; burstiness -0.00 ...
      weekday   hour  acts
      Thursday  0     3
    """
    if isinstance(utc_offset, bool) or not isinstance(utc_offset, int | float) or not -24 <= utc_offset <= 24:
        raise SchemaError(f"got utc_offset={utc_offset!r}, expected hours ahead of UTC, -24 to 24")
    who = view.index_of(("user", user))
    acts = user_acts(view, relations)
    mine = acts.of(who)
    time, recorded = acts.time[mine], acts.recorded[mine]
    untimed, time = int((~recorded).sum()), np.unique(time[recorded])
    cell = hour_of_week(time, utc_offset)
    gap = np.diff(time)
    return ActivityRhythm(
        user=str(user),
        count=np.bincount(cell, minlength=HOURS_OF_WEEK).reshape(7, 24),
        gap=gap,
        burst=burstiness(gap),
        untimed=untimed,
        utc_offset=utc_offset,
        as_of=view.end,
    )


def hour_of_week(time: np.ndarray, utc_offset: float = 0) -> np.ndarray:
    """Hours since Monday midnight, 0 to 167, int64 [time].

    >>> hour_of_week(np.array([0, 4 * 86_400])).tolist()  # 1970 began on a Thursday
    [72, 0]
    """
    shifted = np.asarray(time, dtype=np.int64) + int(utc_offset * HOUR) - _MONDAY
    return shifted // HOUR % HOURS_OF_WEEK
