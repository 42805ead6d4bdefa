"""Training events from after the cut, cascades on both sides of it, rows in more than one part."""

from __future__ import annotations

import numpy as np

from graphsocial.audit.finding import EXAMPLES, Finding, finding


def events_after_cut(
    time: np.ndarray,
    cut: float,
    *,
    cascade: np.ndarray | None = None,
    user: np.ndarray | None = None,
    removed: int = 0,
    examples: int = EXAMPLES,
) -> Finding:
    """Training events that happen when the test has begun.

    Args:
        time: When each training event happens, seconds [event].
        cut: Start of the test part, seconds.
        cascade: Id of each event's cascade, for the examples, object [event].
        user: Id of each event's user, for the examples, object [event].
        removed: How many such events the protocol left out before.
        examples: How many to name.

    >>> events_after_cut(np.array([1, 5, 9]), 5)
    high    events_after_cut: 2 of 3 training events at or after the first test start (66.7 %)
    """
    late = np.flatnonzero(time >= cut)
    return finding(
        "events_after_cut",
        len(late),
        len(time),
        "training events at or after the first test start",
        "The model is trained on what happens while the test runs: who is active then, and with whom. A split by the "
        "start of a cascade lets the rest of every training cascade through.",
        "Train and count only on events before the first test start; cut longer cascades there (protocol strict).",
        removed=removed,
        examples=(_event(row, time, cascade, user) for row in late[:examples]),
    )


def cascades_across_cut(
    time: np.ndarray,
    cascade: np.ndarray,
    cut: float,
    *,
    names: np.ndarray | None = None,
    removed: int = 0,
    examples: int = EXAMPLES,
) -> Finding:
    """Training cascades that begin before the cut and go on after it.

    Args:
        time: When each training event happens, seconds [event].
        cascade: Code of each event's cascade, int64 [event].
        cut: Start of the test part, seconds.
        names: Id of each cascade code, for the examples.
        removed: How many cascades the protocol cut off at the cut.
        examples: How many to name.

    >>> cascades_across_cut(np.array([1, 9, 2, 3]), np.array([0, 0, 1, 1]), 5).examples
    ({'cascade': 0, 'events_before': 1, 'events_after': 1, 'last_time': 9},)
    """
    codes, index = np.unique(cascade, return_inverse=True)
    after = np.bincount(index, time >= cut, minlength=len(codes)).astype(np.int64)
    before = np.bincount(index, time < cut, minlength=len(codes)).astype(np.int64)
    across = np.flatnonzero((after > 0) & (before > 0))
    order = np.lexsort((time, index))
    last = np.asarray(time)[order[np.cumsum(before + after) - 1]]
    return finding(
        "cascades_across_cut",
        len(across),
        len(codes),
        "training cascades with events on both sides of the first test start",
        "Such a cascade counts as training by its start, yet its later part belongs to the time of the test.",
        "Cut the cascade at the first test start, or leave it out and say how many were.",
        removed=removed,
        examples=(
            {
                "cascade": codes[row] if names is None else names[codes[row]],
                "events_before": before[row],
                "events_after": after[row],
                "last_time": last[row],
            }
            for row in across[:examples]
        ),
    )


def cascades_in_several_parts(
    cascade: np.ndarray, part: np.ndarray, *, names: np.ndarray | None = None, examples: int = EXAMPLES
) -> Finding:
    """Cascades whose rows are divided among training, validation and test.

    Args:
        cascade: Code of each row's cascade, int64 [row].
        part: Part of each row: `train`, `valid`, `test`, or empty where the row is not used, [row].
        names: Id of each cascade code, for the examples.
        examples: How many to name.

    >>> cascades_in_several_parts(np.array([0, 0, 1]), np.array(["train", "test", "test"])).examples
    ({'cascade': 0, 'parts': 'train, test'},)
    """
    used = part != ""
    codes, index = np.unique(cascade[used], return_inverse=True)
    parts = [p for p in ("train", "valid", "test") if (part == p).any()]
    present = (
        np.stack([np.bincount(index, part[used] == p, minlength=len(codes)) > 0 for p in parts]) if parts else None
    )
    several = np.zeros(0, dtype=np.int64) if present is None else np.flatnonzero(present.sum(0) > 1)
    return finding(
        "cascades_in_several_parts",
        len(several),
        len(codes),
        "cascades with rows in more than one part",
        "Rows of one cascade are nearly copies of each other: what is learned from one is asked of the next.",
        "Keep every cascade in one part, or cut all of them at one moment.",
        examples=(
            {
                "cascade": codes[row] if names is None else names[codes[row]],
                "parts": ", ".join(p for p, has in zip(parts, present[:, row], strict=True) if has),
            }
            for row in several[:examples]
            if present is not None
        ),
    )


def rows_in_several_parts(masks: dict[str, np.ndarray], *, examples: int = EXAMPLES) -> Finding:
    """Rows that more than one of the masks claims.

    Args:
        masks: Bool [row] by part.
        examples: How many to name.

    >>> rows_in_several_parts({"train": np.array([True, True]), "test": np.array([False, True])}).count
    1
    """
    claimed = np.sum([np.asarray(mask, dtype=np.int64) for mask in masks.values()], axis=0)
    twice = np.flatnonzero(claimed > 1)
    return finding(
        "rows_in_several_parts",
        len(twice),
        int((claimed > 0).sum()),
        "rows that stand in more than one part",
        "The model is tested on rows it was trained or selected on.",
        "Make the masks disjoint.",
        worst="high",
        high=0.0,
        examples=(
            {"row": row, "parts": ", ".join(name for name, mask in masks.items() if mask[row])}
            for row in twice[:examples]
        ),
    )


def _event(row: int, time: np.ndarray, cascade: np.ndarray | None, user: np.ndarray | None) -> dict[str, object]:
    named = {name: ids[row] for name, ids in (("cascade", cascade), ("user", user)) if ids is not None}
    return {**(named or {"event": row}), "time": time[row]}
