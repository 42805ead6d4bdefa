"""Summary columns of the learned model: pace, shape, people, words and the calendar."""

from __future__ import annotations

import re

import numpy as np

from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.floors.hawkes import log_expected_more
from graphsocial.learn.cascade_size.floors.power_law_process import log_expected, rate_and_mass
from graphsocial.learn.cascade_size.observed_events import ObservedEvents, observed_events
from graphsocial.learn.cascade_size.simple_features import log_counts
from graphsocial.learn.cascade_size.user_history import author_history, earlier_participations, recent_level

SHARES = (1 / 60, 1 / 30, 1 / 12, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 5 / 6, 11 / 12, 1.0)
DAMPINGS = (0.1, 0.5, 0.9)
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_URL, _MENTION, _TAG = re.compile(r"https?://|<url>"), re.compile(r"@\w+"), re.compile(r"#[^#\s]+")
_DAY = 86400


def pace_features(examples: SizeExamples, events: ObservedEvents) -> np.ndarray:
    """Counts so far, rates late in the window, gaps [example, column]."""
    counts = log_counts(examples, SHARES)
    n, window = len(examples), examples.window
    raw = 2.0**counts - 1
    late = [np.log2(1 + raw[:, -1] - raw[:, SHARES.index(share)]) for share in (1 / 2, 3 / 4, 11 / 12)]
    ages, gaps = np.full((n, len(QUANTILES)), 1.0), np.full((n, 3), np.log2(1 + window))
    last = np.zeros(n)
    for i in range(n):
        age = events.age[events.offsets[i] : events.offsets[i + 1]]
        if len(age):
            ages[i] = np.quantile(age, QUANTILES) / window
            last[i] = age[-1] / window
            gaps[i] = np.log2(1 + np.quantile(np.diff(age, prepend=0), (0.25, 0.5, 0.9)))
    ratio = np.log2((1 + raw[:, -1]) / (1 + raw[:, SHARES.index(1 / 2)]))
    return np.column_stack([counts, *late, ages, gaps, last, ratio])


def shape_features(examples: SizeExamples, events: ObservedEvents) -> np.ndarray:
    """Depth, branching and people [example, column]."""
    n, count = len(examples), np.maximum(examples.observed, 1)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(events.example, values, n) / count

    direct = mean((events.parent < 0).astype(float))
    depth = np.zeros(n)
    np.maximum.at(depth, events.example, events.depth)
    children = np.bincount(events.parent[events.parent >= 0], minlength=len(events.age))
    top = np.zeros(n)
    np.maximum.at(top, events.example, children[: len(events.example)])
    people = np.unique(events.example * (int(events.user.max(initial=0)) + 2) + events.user + 1)
    distinct = np.bincount(people // (int(events.user.max(initial=0)) + 2), minlength=n)[:n]
    before = earlier_participations(examples, events)
    worded = np.maximum(events.text_length, 0)
    return np.column_stack(
        [
            direct,
            np.log2(1 + direct * examples.observed),
            depth,
            mean(events.depth.astype(float)),
            np.log2(1 + top),
            top / count,
            distinct / count,
            mean(np.log2(1 + before)),
            mean((before > 0).astype(float)),
            np.log2(1 + np.bincount(events.example, before, n)),
            mean(worded.astype(float)),
            mean((worded > 0).astype(float)),
            mean(np.log2(1 + worded)),
        ]
    )


def process_features(examples: SizeExamples) -> np.ndarray:
    """What self-exciting processes make of the events [example, column]."""
    rate, mass = rate_and_mass(examples)
    expected = [log_expected(rate, mass, damping) for damping in DAMPINGS]
    return np.column_stack([rate, np.log2(1 + mass), *expected, log_expected_more(examples)])


def context_features(examples: SizeExamples) -> np.ndarray:
    """The root's text in numbers, the clock, the account and its past [example, column]."""
    record, rows = examples.record, examples.cascade
    texts = record.text[rows]
    local = record.start[rows] + record.zone
    hour, weekday = local % _DAY / _DAY * 2 * np.pi, (local // _DAY + 3) % 7
    past = author_history(examples)
    known = record.author_since[rows] >= 0
    age = np.where(known, (record.start[rows] - record.author_since[rows]) / _DAY, -1.0)
    return np.column_stack(
        [
            [len(text) for text in texts],
            [bool(_URL.search(text)) for text in texts],
            [len(_MENTION.findall(text)) for text in texts],
            [len(_TAG.findall(text)) for text in texts],
            [sum(text.count(c) for c in "?？") for text in texts],
            [sum(text.count(c) for c in "!！") for text in texts],
            [text.count("[") for text in texts],
            [sum(c.isdigit() for c in text) for text in texts],
            np.sin(hour),
            np.cos(hour),
            local // 3600 % 24,
            weekday,
            weekday >= 5,
            age,
            np.log2(1 + past[:, 0]),
            past[:, 1],
            np.log2(1 + np.maximum(past[:, 2], 0)),
            np.log2(1 + past[:, 3]),
            recent_level(examples),
        ]
    )


def rich_features(examples: SizeExamples) -> np.ndarray:
    """All columns, float64 [example, column]."""
    events = observed_events(examples)
    return np.column_stack(
        [
            pace_features(examples, events),
            shape_features(examples, events),
            process_features(examples),
            context_features(examples),
        ]
    ).astype(np.float64)
