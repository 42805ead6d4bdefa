"""What users had done in other cascades before a question was asked."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.observed_events import ObservedEvents


def known_before(examples: SizeExamples) -> np.ndarray:
    """Events of other cascades count when they are earlier than this, int64 seconds [example]."""
    return np.minimum(examples.as_of, examples.known_before)


def earlier_participations(examples: SizeExamples, events: ObservedEvents) -> np.ndarray:
    """How often each observed event's user had taken part in other cascades, int64 [observed]; 0 for unknown users."""
    record, limit = examples.record, known_before(examples)[events.example]
    everywhere = _count_before(record.user, record.time, events.user, limit)
    pair = record.cascade * (int(record.user.max(initial=0)) + 2) + record.user + 1
    asked = examples.cascade[events.example] * (int(record.user.max(initial=0)) + 2) + events.user + 1
    here = _count_before(pair, record.time, asked, limit)
    return np.where(events.user < 0, 0, everywhere - here)


def author_history(examples: SizeExamples) -> np.ndarray:
    """What is known of the author's earlier cascades.

    Returns:
        Number of them, mean log2(1 + events so far) of them, seconds since the last one (-1 = none), and how often the
        author had taken part in other cascades, float64 [example, 4].
    """
    record, limit = examples.record, known_before(examples)
    author, start = record.author[examples.cascade], record.start[examples.cascade]
    order = np.lexsort((record.start, record.author))
    out = np.zeros((len(examples), 4))
    out[:, 2] = -1
    first = np.searchsorted(record.author[order], author, side="left")
    last = np.searchsorted(record.author[order], author, side="right")
    for i in range(len(examples)):
        own = order[first[i] : last[i]] if author[i] >= 0 else order[:0]
        own = own[(record.start[own] < min(limit[i], start[i])) & (own != examples.cascade[i])]
        if len(own):
            so_far = [
                np.searchsorted(record.time[record.offsets[c] : record.offsets[c + 1]], limit[i], side="left")
                for c in own
            ]
            out[i, :3] = len(own), np.log2(1 + np.array(so_far)).mean(), start[i] - record.start[own].max()
    took_part = _count_before(record.user, record.time, author, limit)
    pair = record.cascade * (int(record.user.max(initial=0)) + 2) + record.user + 1
    here = _count_before(
        pair, record.time, examples.cascade * (int(record.user.max(initial=0)) + 2) + author + 1, limit
    )
    out[:, 3] = np.where(author < 0, 0, took_part - here)
    return out


def recent_level(examples: SizeExamples, cascades: int = 50) -> np.ndarray:
    """How large the cascades before turned out so far.

    Returns:
        Mean of log2(1 + observed) and of log2(1 + events after the observation) over the last so many cascades whose
        horizon (24 windows, where there is none) had passed; of all of them where there are fewer, 0 where there are
        none, float64 [example, 2].
    """
    record, limit, window = examples.record, known_before(examples), examples.window
    complete = 24 * window if examples.horizon is None else examples.horizon
    out = np.zeros((len(examples), 2))
    ripe = np.searchsorted(record.start, limit - complete, side="right")
    ripe = np.minimum(ripe, examples.cascade)
    observed = record.events_before(record.start + window)
    later = record.events_before(record.start + complete) - observed
    totals = [np.concatenate([[0.0], np.cumsum(np.log2(1 + column))]) for column in (observed, later)]
    first = np.maximum(ripe - cascades, 0)
    count = ripe - first
    for k, total in enumerate(totals):
        whole = total[ripe] / np.maximum(ripe, 1)
        out[:, k] = np.where(count > 0, (total[ripe] - total[first]) / np.maximum(count, 1), whole)
    return out


def _count_before(code: np.ndarray, time: np.ndarray, asked: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Events with a code and an earlier time than asked for, int64 [question]."""
    order = np.lexsort((time, code))
    known, first = np.unique(code[order], return_index=True)
    last = np.append(first[1:], len(code))
    place = np.clip(np.searchsorted(known, asked), 0, max(len(known) - 1, 0))
    if not len(known):
        return np.zeros(len(asked), dtype=np.int64)
    # one ascending key: rank of the code, then time
    base = int(time.min())
    width = int(time.max()) - base + 2
    key = np.repeat(np.arange(len(known)), last - first) * width + (time[order] - base)
    shifted = place * width + np.clip(before - base, 0, width - 1)
    found = np.searchsorted(key, shifted, side="left") - first[place]
    return np.where(known[place] == asked, found, 0)
