"""Protocols of size prediction: which cascades train, validate and test, and what is known about each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError, TimeWindowError, did_you_mean
from graphsocial.learn.cascade_size.examples import SizeExamples, size_examples
from graphsocial.learn.cascade_size.record import SizeRecord

SIZE_PROTOCOLS = ("legacy", "strict", "prequential")
TRAIN_SHARE, VALID_SHARE = 0.70, 0.85
REFITS = 4
"""Times at which the prequential protocol fits again."""


@dataclass(frozen=True, eq=False)
class SizeSplit:
    """One fit: what trains, what validates (early stopping and calibration), what is tested.

    Attributes:
        protocol: `legacy`, `strict` or `prequential`.
        train: Training examples.
        valid: Validation examples, newer than the training examples.
        test: Test examples.
        fitted_at: Start of the first test cascade, int64 seconds: when the fit is made.
        known_until: When the last training or validation answer was complete, at most `fitted_at` unless legacy.
        immature: Cascades left out of training and validation because their answer was not complete in time.
        censored: Test cascades left out because their horizon passes the end of the record.
    """

    protocol: str
    train: SizeExamples
    valid: SizeExamples
    test: SizeExamples
    fitted_at: int
    known_until: int
    immature: int
    censored: int


def size_splits(
    record: SizeRecord, protocol: str, observe: int, horizon: int, refits: int = REFITS
) -> tuple[SizeSplit, ...]:
    """Cuts the cascades 70/15/15 in order of their start.

    Legacy counts each answer to the end of the record and uses all cascades, although answers of training cascades were
    not complete when testing starts. Strict counts within the horizon, and keeps a training or validation cascade only
    when its horizon ended before the next part starts; other cascades are looked at only before the part starts.
    Prequential cuts the test part in `refits` blocks and fits again at the start of each, from all cascades whose
    horizon had ended by then (the newest 15/85 validate); other cascades are looked at up to the prediction.

    Args:
        record: The cascades.
        protocol: `legacy`, `strict` or `prequential`.
        observe: Observation window in seconds.
        horizon: Seconds from the root to the end of what is counted; legacy does not use it.
        refits: Times at which prequential fits, the first included.

    Raises:
        SchemaError: Unknown protocol, or a part is left without an example; then it says which horizon would do.
        TimeWindowError: The window is empty or does not end before the horizon.
    """
    if protocol not in SIZE_PROTOCOLS:
        raise SchemaError(
            f"unknown protocol {protocol!r}, expected one of {', '.join(SIZE_PROTOCOLS)}."
            f"{did_you_mean(protocol, SIZE_PROTOCOLS)}"
        )
    if observe < 1:
        raise TimeWindowError(f"an observation window of {observe} s, expected at least 1 s")
    if protocol != "legacy" and observe >= horizon:
        raise TimeWindowError(f"observing {observe} s leaves nothing to predict by the horizon of {horizon} s")
    examples = size_examples(record, observe, None if protocol == "legacy" else horizon)
    first_valid, first_test = int(len(record) * TRAIN_SHARE), int(len(record) * VALID_SHARE)
    if not 0 < first_valid < first_test < len(record):
        raise SchemaError(f"{len(record)} cascades cannot be cut 70/15/15, expected at least 4")
    if protocol != "prequential":
        rows = np.arange(len(record))
        return (_split(protocol, examples, rows[:first_valid], rows[first_valid:first_test], rows[first_test:]),)
    blocks = np.array_split(np.arange(first_test, len(record)), min(refits, len(record) - first_test))
    splits = []
    for block in blocks:
        before, now = np.arange(block[0]), int(record.start[block[0]])
        ripe = _complete(examples, before, now, "training and validation", "a test block starts", fewest=3)
        newest = round(len(ripe) * TRAIN_SHARE / VALID_SHARE)
        splits.append(_split(protocol, examples, ripe[:newest], ripe[newest:], block, int(block[0])))
    return tuple(splits)


def _split(
    protocol: str,
    examples: SizeExamples,
    train: np.ndarray,
    valid: np.ndarray,
    test: np.ndarray,
    pool: int | None = None,
) -> SizeSplit:
    """Drops what is not ripe; `pool` is the number of cascades before the test block, if some were dropped before."""
    start, end, before = examples.record.start, examples.end, len(train) + len(valid) if pool is None else pool
    censored = 0
    if protocol != "legacy":
        valid = _complete(examples, valid, int(start[test[0]]), "validation", "the test part starts")
        train = _complete(examples, train, int(start[valid[0]]), "training", "the validation part starts")
        complete = _complete(examples, test, examples.record.until + 1, "test", "the record ends")
        test, censored = complete, len(test) - len(complete)
    valid_part, test_part = examples.take(valid), examples.take(test)
    fitted_at = int(start[test[0]])
    if protocol == "strict":
        valid_part = valid_part.with_known_before(int(start[valid[0]]))
        test_part = test_part.with_known_before(fitted_at)
    return SizeSplit(
        protocol=protocol,
        train=examples.take(train),
        valid=valid_part,
        test=test_part,
        fitted_at=fitted_at,
        known_until=int(max(end[train].max(), end[valid].max())),
        immature=before - len(train) - len(valid),
        censored=censored,
    )


def _complete(
    examples: SizeExamples, rows: np.ndarray, time: int, parts: str, event: str, fewest: int = 1
) -> np.ndarray:
    """The rows whose answers are complete by a time.

    Args:
        examples: One per cascade.
        rows: Candidates for a part, in order of their start.
        time: When the answers have to be complete.
        parts: What the rows are for, for the error.
        event: What happens then, for the error.
        fewest: How many rows it takes.

    Raises:
        SchemaError: They are fewer.
    """
    kept = rows[examples.end[rows] <= time]
    if len(kept) >= fewest:
        return kept
    longest, window = time - int(examples.record.start[rows[fewest - 1]]), examples.window
    if longest > window:
        remedy = f"which takes a horizon of at most {longest} s"
    elif longest > 1:
        remedy = f"which takes a horizon of at most {longest} s and a shorter observation than {window} s"
    else:
        remedy = "which no horizon allows, as they start too late"
    raise SchemaError(
        f"too few cascades for {parts}: got {len(kept)} of {len(rows)} whose answer, {examples.horizon} s after their "
        f"start, is complete when {event}; expected at least {fewest}, {remedy}"
    )
