"""Columns and labels from after the cut, groups on both sides of it, and a model selected on the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphsocial.audit.finding import EXAMPLES, Finding, finding


def columns_measured_later(
    known_at: Mapping[str, float | None], cut: float, *, removed: int = 0, examples: int = EXAMPLES
) -> Finding:
    """Columns whose values were measured when the test had begun.

    Args:
        known_at: When each column was measured, seconds; None where a value is known with its row.
        cut: Start of the test part, seconds.
        removed: How many such columns the protocol hides.
        examples: How many to name.

    >>> columns_measured_later({"text": None, "followers": 90}, cut=50).examples
    ({'column': 'followers', 'known_at': 90},)
    """
    late = {name: time for name, time in known_at.items() if time is not None and time >= cut}
    return finding(
        "columns_measured_later",
        len(late),
        len(known_at),
        "columns that were measured at or after the first test start",
        "A count from the crawl already holds what happened in the test.",
        "Hide the column before its known_at (as_of does), or name the assumption in every table.",
        removed=removed,
        high=0.0,
        examples=({"column": name, "known_at": time} for name, time in list(late.items())[:examples]),
    )


def immature_labels(
    time: np.ndarray,
    horizon: float | np.ndarray,
    cut: float,
    *,
    ids: np.ndarray | None = None,
    removed: int = 0,
    examples: int = EXAMPLES,
) -> Finding:
    """Training rows whose answer was complete only after the training part had ended.

    Args:
        time: When each training row's question is asked, int64 seconds [row].
        horizon: Seconds from the question to the complete answer, one number or [row].
        cut: End of the training part, seconds; a label complete exactly then is mature.
        ids: Id of each row, for the examples, [row].
        removed: How many such rows the protocol left out.
        examples: How many to name.

    >>> immature_labels(np.array([10, 45]), 10, cut=50).examples
    ({'row': 1, 'time': 45, 'complete': 55},)
    """
    complete = np.asarray(time) + np.asarray(horizon)
    rows = np.flatnonzero(complete > cut)
    return finding(
        "immature_labels",
        len(rows),
        len(complete),
        "training rows whose label was complete only after the training part had ended",
        "The label counts events of a later part's time, so training on it tells how active that time is.",
        "Train only on rows with t + horizon at or before the cut; count the others as dropped.",
        removed=removed,
        examples=(
            {"row": row if ids is None else ids[row], "time": time[row], "complete": complete[row]}
            for row in rows[:examples]
        ),
    )


def shared_groups(
    train: Sequence[object] | np.ndarray,
    test: Sequence[object] | np.ndarray,
    *,
    kind: str = "group",
    removed: int = 0,
    examples: int = EXAMPLES,
) -> Finding:
    """Test rows that share their group, such as the image or the text they carry, with a training row.

    Args:
        train: Group of each training row; None where a row has none.
        test: Group of each test row; None where a row has none.
        kind: What a group is, for the text.
        removed: How many such rows the protocol left out.
        examples: How many to name.

    >>> shared_groups(["cat.jpg", None], ["cat.jpg", "dog.jpg", None], kind="image").examples
    ({'image': 'cat.jpg', 'test_rows': 1},)
    """
    known = {group for group in train if group is not None}
    hit = [group for group in test if group is not None and group in known]
    counted: dict[object, int] = {}
    for group in hit:
        counted[group] = counted.get(group, 0) + 1
    most = sorted(counted.items(), key=lambda item: -item[1])[:examples]
    return finding(
        "shared_groups" if kind == "group" else f"shared_{kind}s",
        len(hit),
        len(test),
        f"test rows whose {kind} occurs in training",
        f"Where the label is a function of the {kind}, the model only has to remember it.",
        f"Keep every {kind} in one part (disjoint_by), and resample whole {kind}s for intervals.",
        removed=removed,
        examples=({kind: group, "test_rows": rows} for group, rows in most),
    )


def selection_on_test(selected_on: str) -> Finding:
    """Whether the epoch or a setting was chosen by its test score.

    Args:
        selected_on: The part whose score chose: `train`, `valid`, `test` or `none`.

    >>> selection_on_test("test").severity, selection_on_test("valid").severity
    ('high', 'none')
    """
    return finding(
        "selection_on_test",
        int(selected_on == "test"),
        1,
        f"choice of the epoch and settings made on the test part (made on: {selected_on})",
        "The reported score is the best of many draws, not what the model would earn on new data.",
        "Choose on the validation part and look at the test once.",
        high=0.0,
    )
