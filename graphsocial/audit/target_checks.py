"""Targets that are a gift, that cannot be hit, or that nobody could have learned."""

from __future__ import annotations

import numpy as np

from graphsocial.audit.finding import EXAMPLES, Finding, finding


def end_tokens(
    is_end: np.ndarray, *, cascade: np.ndarray | None = None, removed: int = 0, examples: int = EXAMPLES
) -> Finding:
    """Targets that are the end of a cascade and no user.

    Args:
        is_end: Whether each test target is an end token, bool [target].
        cascade: Id of each target's cascade, for the examples, [target].
        removed: How many the protocol does not count.
        examples: How many to name.

    >>> end_tokens(np.array([False, False, False, True])).share
    0.25
    """
    rows = np.flatnonzero(is_end)
    return finding(
        "end_tokens",
        len(rows),
        len(is_end),
        "test targets that are the end of a cascade",
        "Every cascade ends once, so ranking the end first everywhere earns exactly this share of hits without "
        "knowing any user.",
        "Score users only (protocols users_only, strict, prequential).",
        removed=removed,
        high=0.04,
        medium=0.005,
        examples=({"target": row} if cascade is None else {"cascade": cascade[row]} for row in rows[:examples]),
    )


def repeated_targets(
    repeated: np.ndarray,
    *,
    cascade: np.ndarray | None = None,
    user: np.ndarray | None = None,
    examples: int = EXAMPLES,
) -> Finding:
    """Targets that no ranking can hit, because the user stands in the prefix and earlier users are no candidates.

    Args:
        repeated: Whether each test target's user is already in its prefix, bool [target].
        cascade: Id of each target's cascade, for the examples, [target].
        user: Id of each target's user, for the examples, [target].
        examples: How many to name.

    >>> repeated_targets(np.array([False, True])).count
    1
    """
    rows = np.flatnonzero(repeated)
    columns = {name: values for name, values in (("cascade", cascade), ("user", user)) if values is not None}
    return finding(
        "targets_that_cannot_be_hit",
        len(rows),
        len(repeated),
        "test targets whose user is already in the prefix, and so masked",
        "They lower every model alike, but tables from loaders that repeat users do not compare with tables from "
        "loaders that do not.",
        "Keep one event per user and cascade, or count these targets as misses and say so.",
        worst="medium",
        examples=(
            {"target": row, **{name: values[row] for name, values in columns.items()}} for row in rows[:examples]
        ),
    )


def unseen_users(
    user: np.ndarray, trained: np.ndarray, *, names: np.ndarray | None = None, examples: int = EXAMPLES
) -> Finding:
    """Test targets whose user never occurs in training.

    Args:
        user: Code of each test target's user, without end tokens, int64 [target].
        trained: Codes of the users seen in training, int64.
        names: Id of each user code, for the examples.
        examples: How many to name.

    >>> unseen_users(np.array([0, 7]), np.array([0, 1])).examples
    ({'user': 7},)
    """
    rows = np.flatnonzero(~np.isin(user, trained))
    who = np.unique(user[rows])
    return finding(
        "unseen_users",
        len(rows),
        len(user),
        "test targets whose user never occurs in the training events",
        "No leak: the opposite. Nothing learned from training can rank them; dropping them flatters every model.",
        "Keep them as targets, and report how many there are.",
        worst="low",
        examples=({"user": code if names is None else names[code]} for code in who[:examples]),
    )
