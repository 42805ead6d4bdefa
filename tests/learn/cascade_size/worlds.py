"""Small records of cascades for the tests of size prediction."""

from __future__ import annotations

import numpy as np

from graphsocial.graph import CascadeSet
from graphsocial.learn.cascade_size.record import SizeRecord

HOUR = 3600
DAY = 24 * HOUR


def record_of(*cascades: tuple[int, list[int]], author_since: np.ndarray | None = None) -> SizeRecord:
    """Cascades from their start and the ages of their events; every event has a user of its own."""
    node, time, offsets = [], [], [0]
    for number, (start, ages) in enumerate(cascades):
        node += [f"root{number}", *[f"u{number}-{k}" for k in range(len(ages))]]
        time += [start, *[start + age for age in ages]]
        offsets.append(len(node))
    names = [f"c{number}" for number in range(len(cascades))]
    return SizeRecord.of(
        CascadeSet(np.array(node, dtype=object), [-1] * len(node), time, offsets, names, [False] * len(names)),
        author_since=author_since,
    )


def random_cascades(count: int, rng: int = 0, gap: int = 12 * HOUR) -> CascadeSet:
    """Cascades with parents and returning users; how many come late depends on how many came in the first hour."""
    generator = np.random.default_rng(rng)
    node, parent, time, offsets = [], [], [], [0]
    for number in range(count):
        start = number * gap + int(generator.integers(0, HOUR))
        early = int(generator.integers(0, 30))
        late = int(generator.poisson(4.0 * early**1.2 + 1))
        ages = np.sort(np.concatenate([generator.integers(0, HOUR, early), generator.integers(HOUR, 20 * HOUR, late)]))
        first = len(node)
        node += [f"a{generator.integers(0, 20)}", *[f"u{u}" for u in generator.integers(0, 300, len(ages))]]
        parent += [-1, *[first + int(generator.integers(0, k + 1)) for k in range(len(ages))]]
        time += [start, *(start + ages).tolist()]
        offsets.append(len(node))
    names = [f"c{number}" for number in range(count)]
    return CascadeSet(np.array(node, dtype=object), parent, time, offsets, names, [False] * count)


def random_record(count: int, rng: int = 0, gap: int = 12 * HOUR) -> SizeRecord:
    """`random_cascades` with texts and text lengths."""
    return record_with_texts(random_cascades(count, rng, gap))


def record_with_texts(cascades: CascadeSet) -> SizeRecord:
    """Texts by the cascade's name, lengths by the user's."""
    texts = {str(name): f"look {name} #tag @you http://x.y {'!' * (len(str(name)) % 3)}" for name in cascades.names}
    lengths = np.array([len(str(user)) * 3 for user in cascades.node])
    return SizeRecord.of(cascades, texts=texts, text_length=lengths)
