"""Protocols of next-user prediction: which cascades train, validate and test, and what may be counted for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal, get_args

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.learn.cascade_table import CascadeTable

Protocol = Literal["legacy", "users_only", "strict", "prequential"]
Part = Literal["train", "valid", "test"]
PROTOCOLS: tuple[str, ...] = get_args(Protocol)
PARTS: tuple[Part, ...] = get_args(Part)
POSITIONS = 200
"""Events of a cascade that are read; a longer one has no end token."""


@dataclass(frozen=True, eq=False)
class Targets:
    """Places to predict: the user at `position` of `cascade`, after the users before it.

    Attributes:
        cascade: int64 [target].
        position: 1 = the second user; the length of the cascade for an end token, int64 [target].
        user: Code of the right user, -1 for the end of the cascade, int64 [target].
        time: When it happened (the last event's time for an end token), int64 [target].
        repeated: The right user is in the prefix, hence no candidate: a miss, bool [target].
    """

    cascade: np.ndarray
    position: np.ndarray
    user: np.ndarray
    time: np.ndarray
    repeated: np.ndarray

    def __len__(self) -> int:
        return len(self.user)

    def where(self, keep: Callable[[Targets], np.ndarray]) -> Targets:
        """The targets for which `keep` is true."""
        mask = keep(self)
        return Targets(*(getattr(self, field.name)[mask] for field in fields(self)))


@dataclass(frozen=True)
class Countable:
    """Events that may be counted for a part besides the prefix of the cascade in question.

    Attributes:
        cascades: Only the first so many cascades.
        before: Only events with an earlier time, None = all of those cascades.
        prequential: Every other event of the table before the target's own time, instead of the two above.
    """

    cascades: int
    before: int | None
    prequential: bool = False


@dataclass(frozen=True, eq=False)
class NextUserSplit:
    """One cut of a table of cascades under one protocol.

    Users are candidates whether or not they were seen in training. See `next_user_split`.

    Attributes:
        table: All retained cascades.
        protocol: One of `PROTOCOLS`.
        train_end: Cascades [0, train_end) train.
        valid_end: Cascades [train_end, valid_end) validate.
        test_end: Cascades [valid_end, test_end) test; later ones exist only for other origins.
    """

    table: CascadeTable
    protocol: str
    train_end: int
    valid_end: int
    test_end: int

    def cascades(self, part: Part) -> range:
        """Numbers of a part's cascades."""
        return {
            "train": range(0, self.train_end),
            "valid": range(self.train_end, self.valid_end),
            "test": range(self.valid_end, self.test_end),
        }[part]

    def cut(self, part: Literal["valid", "test"]) -> int:
        """Start of the part's first cascade, in seconds."""
        return int(self.table.start[self.cascades(part)[0]])

    def countable(self, part: Literal["valid", "test"]) -> Countable:
        """What may be counted when the part is predicted.

        Legacy counts all before the part, whole; users only the training cascades, whole; strict all before the part,
        only before the part's first start; prequential everything before the target.
        """
        first = self.cascades(part)[0]
        if self.protocol == "legacy":
            return Countable(first, None)
        if self.protocol == "users_only":
            return Countable(self.train_end, None)
        if self.protocol == "strict":
            return Countable(first, self.cut(part))
        return Countable(len(self.table), None, prequential=True)

    def targets(self, part: Part) -> Targets:
        """Every place of a part; under strict and prequential, training and validation end where the next part starts.

        Under legacy every cascade of fewer than 200 events has an end token besides.
        """
        table, cascades = self.table, self.cascades(part)
        limit = None
        if self.protocol in ("strict", "prequential") and part != "test":
            limit = self.cut("valid" if part == "train" else "test")
        rows: list[tuple[np.ndarray, ...]] = []
        for cascade in cascades:
            first = int(table.offsets[cascade])
            whole = int(table.offsets[cascade + 1]) - first
            length = min(whole, POSITIONS)
            user, time = table.user[first : first + length], table.time[first : first + length]
            repeated = np.ones(length, dtype=bool)
            repeated[np.unique(user, return_index=True)[1]] = False
            keep = np.ones(length, dtype=bool) if limit is None else time < limit
            keep[0] = False
            position = np.arange(length)
            if self.protocol == "legacy" and whole < POSITIONS:
                user, time = np.append(user, -1), np.append(time, time[-1])
                position, repeated, keep = np.arange(length + 1), np.append(repeated, False), np.append(keep, True)
            number = np.full(len(user), cascade)
            rows.append(tuple(column[keep] for column in (number, position, user, time, repeated)))
        columns = [np.concatenate(column) for column in zip(*rows, strict=True)] if rows else [np.zeros(0, int)] * 5
        return Targets(*columns)


def next_user_split(table: CascadeTable, protocol: str, tenths: int = 8) -> NextUserSplit:
    """Cuts a table: the first `tenths` of the cascades train, the next tenth validates, the one after tests.

    8 is the published cut (80/10/10); the rolling origins are 5, 6, 7 and 8.

    Args:
        table: Cascades in order of their start.
        protocol: `legacy`, `users_only`, `strict` or `prequential`.
        tenths: Share of the cascades that train, in tenths.

    Raises:
        SchemaError: Unknown protocol, or too few cascades for a part to hold one.

    >>> from graphsocial.graph import CascadeSet
    >>> ids = np.array(["a", "b"] * 10, dtype=object)
    >>> times, offsets = np.arange(20), np.arange(0, 21, 2)
    >>> table = CascadeTable.of(CascadeSet(ids, [-1] * 20, times, offsets, list("0123456789"), [False] * 10))
    >>> split = next_user_split(table, "strict")
    >>> split.cascades("test"), split.cut("test"), split.countable("test")
    (range(9, 10), 18, Countable(cascades=9, before=18, prequential=False))
    """
    if protocol not in PROTOCOLS:
        raise SchemaError(
            f"unknown protocol {protocol!r}, expected one of {', '.join(PROTOCOLS)}.{did_you_mean(protocol, PROTOCOLS)}"
        )
    if not 1 <= tenths <= 8:
        raise SchemaError(f"got {tenths} tenths for training, expected 1 to 8")
    count = len(table)
    ends = [count * share // 10 for share in (tenths, tenths + 1, tenths + 2)]
    split = NextUserSplit(table, protocol, *ends)
    for part in PARTS:
        if not len(split.cascades(part)):
            raise SchemaError(
                f"{count} cascades cut at {tenths}/10 leave the {part} part empty, expected at least 10 cascades"
            )
    return split
