"""What a user's past says of the next act: its topic, its hour; against everyone's, and the user's last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

DAY = 86_400
STRENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 512.0)
"""Acts that everyone's shares count for beside a user's own."""
REPEATS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Chance that the last one comes again, the rest by everyone's shares."""
EVERYONE, LAST, OWN = "popularity", "last", "profile"


@dataclass(frozen=True, eq=False)
class Acts:
    """Acts of users, by user and then by time.

    Attributes:
        user: Position of the user, int64 [act].
        time: int64 seconds [act].
        kind: Topic, hour, ..., int64 [act].
        kinds: How many there are.
    """

    user: np.ndarray
    time: np.ndarray
    kind: np.ndarray
    kinds: int

    def __len__(self) -> int:
        return len(self.user)


def everyones_shares(acts: Acts, window: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the kinds among all acts of the last while, at steps of time.

    Every kind counts once more than it was seen, so that none is impossible.

    Args:
        acts: All acts.
        window: Seconds of acts that count.
        step: Seconds between one share and the next.

    Returns:
        The time of each step, ascending, int64 [step], and shares float64 [step, kind]; only acts before a step count.
    """
    first = int(acts.time.min()) // step * step
    at = np.arange(first, int(acts.time.max()) + step, step)
    count = np.zeros((len(at), acts.kinds))
    np.add.at(count, (np.searchsorted(at, acts.time, side="right") - 1, acts.kind), 1)
    upto = np.concatenate([np.zeros((1, acts.kinds)), np.cumsum(count, axis=0)])
    low = np.searchsorted(at, at - window)
    seen = upto[np.arange(len(at))] - upto[low] + 1
    return at, seen / seen.sum(axis=1, keepdims=True)


def log_losses(
    acts: Acts, valid_from: int, test_from: int, *, window: int, step: int, min_earlier: int, min_gap: int = 0
) -> tuple[dict[str, np.ndarray], np.ndarray, Mapping[str, float]]:
    """Negative log chance of what each test act was, in bits, by what only acts before it say.

    Args:
        acts: All acts.
        valid_from: From here on settings are chosen.
        test_from: From here on acts are tested.
        window: Of everyone's shares.
        step: Of everyone's shares.
        min_earlier: Earlier acts of a user whose acts are asked about.
        min_gap: Seconds since the user's act before; sooner ones are not asked about.

    Returns:
        Losses by case [question], the user of each [question], and the settings chosen.
    """
    at, shares = everyones_shares(acts, window, step)
    start = np.searchsorted(acts.user, acts.user)
    order = np.arange(len(acts))
    # acts of the same second do not know of each other
    same = np.zeros(len(acts), dtype=bool)
    same[1:] = (acts.user[1:] == acts.user[:-1]) & (acts.time[1:] == acts.time[:-1])
    before = np.maximum.accumulate(np.where(same, 0, order)) - start
    last = start + before - 1
    gap = np.where(before > 0, acts.time - acts.time[np.maximum(last, 0)], 0)
    asked = np.flatnonzero((before >= min_earlier) & (gap >= min_gap) & (acts.time >= valid_from))
    everyone = shares[np.searchsorted(at, acts.time[asked], side="right") - 1]
    own = np.stack([_before(acts, kind, asked, start, before) for kind in range(acts.kinds)], axis=1)
    repeated = np.zeros_like(everyone)
    repeated[np.arange(len(asked)), acts.kind[last[asked]]] = 1
    row, kind = np.arange(len(asked)), acts.kind[asked]
    valid, test = acts.time[asked] < test_from, acts.time[asked] >= test_from

    def profile(strength: float) -> np.ndarray:
        chance = (own + strength * everyone)[row, kind] / (own.sum(axis=1) + strength)
        return -np.log2(chance)

    def lasting(share: float) -> np.ndarray:
        return -np.log2((share * repeated + (1 - share) * everyone)[row, kind])

    def best(settings: tuple[float, ...], loss: Callable[[float], np.ndarray]) -> float:
        return min(settings, key=lambda one: loss(one)[valid].mean() if valid.any() else 0.0)

    strength, share = best(STRENGTHS, profile), best(REPEATS, lasting)
    losses = {EVERYONE: lasting(0.0)[test], LAST: lasting(share)[test], OWN: profile(strength)[test]}
    return losses, acts.user[asked][test], {"strength": strength, "repeat": share, "validation": int(valid.sum())}


def _before(acts: Acts, kind: int, asked: np.ndarray, start: np.ndarray, before: np.ndarray) -> np.ndarray:
    """A user's earlier acts of one kind, at each question."""
    upto = np.concatenate([[0], np.cumsum(acts.kind == kind)])
    return (upto[start[asked] + before[asked]] - upto[start[asked]]).astype(np.float64)
