"""Erase the future of a question: what is read of it stays the same to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.graph import CascadeSet
from graphsocial.learn.cascade_size.examples import size_examples
from graphsocial.learn.cascade_size.simple_features import simple_features
from graphsocial.learn.cascade_size.size_inputs import size_inputs
from graphsocial.learn.cascade_size.split import size_splits
from tests.learn.cascade_size.worlds import DAY, HOUR, random_cascades, record_with_texts


def erased(cascades: CascadeSet, time: int) -> CascadeSet:
    """Only what happened before a time."""
    keep = cascades.time < time
    cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    place = np.cumsum(keep) - 1
    size = np.bincount(cascade[keep], minlength=len(cascades))
    started = size > 0
    parent = cascades.parent[keep]
    return CascadeSet(
        cascades.node[keep],
        np.where(parent < 0, -1, place[parent]),
        cascades.time[keep],
        np.concatenate([[0], np.cumsum(size[started])]),
        cascades.names[started],
        cascades.censored[started],
    )


@pytest.mark.parametrize("horizon", [None, DAY])
@pytest.mark.parametrize("row", [30, 45, 59])
def test_nothing_at_or_after_the_question_is_read(row: int, horizon: int | None) -> None:
    cascades = random_cascades(60, gap=2 * HOUR)  # windows of different cascades overlap
    whole = size_examples(record_with_texts(cascades), HOUR, horizon)
    as_of = int(whole.as_of[row])
    before = size_examples(record_with_texts(erased(cascades, as_of)), HOUR, horizon)
    assert before.record.name[row] == whole.record.name[row]
    one, other = size_inputs(whole.take(np.array([row]))), size_inputs(before.take(np.array([row])))
    assert one.summary.tobytes() == other.summary.tobytes()
    assert one.slices.tobytes() == other.slices.tobytes()
    assert simple_features(one.examples).tobytes() == simple_features(other.examples).tobytes()


def test_strict_looks_at_other_cascades_only_before_its_part() -> None:
    cascades = random_cascades(60)
    (split,) = size_splits(record_with_texts(cascades), "strict", HOUR, DAY)
    row = len(split.test) - 1
    cascade = int(split.test.cascade[row])
    own = np.repeat(np.arange(60), cascades.size) == cascade
    keep = (cascades.time < split.fitted_at) | (own & (cascades.time < split.test.as_of[row]))
    latest = np.where(keep, cascades.time, cascades.time.max() + 1)  # others' later events move past everything
    moved = CascadeSet(cascades.node, cascades.parent, latest, cascades.offsets, cascades.names, cascades.censored)
    whole, other = record_with_texts(cascades), record_with_texts(moved)
    place = int(np.flatnonzero(other.name == whole.name[cascade])[0])
    known = split.fitted_at
    one = size_inputs(size_examples(whole, HOUR, DAY).take(np.array([cascade])).with_known_before(known))
    two = size_inputs(size_examples(other, HOUR, DAY).take(np.array([place])).with_known_before(known))
    assert one.summary.tobytes() == two.summary.tobytes()
    assert one.slices.tobytes() == two.slices.tobytes()


def test_order_of_the_cascades_does_not_matter() -> None:
    cascades = random_cascades(20)
    order = np.random.default_rng(3).permutation(20)
    members = np.concatenate([np.arange(cascades.offsets[c], cascades.offsets[c + 1]) for c in order])
    place = np.empty(len(members), dtype=np.int64)
    place[members] = np.arange(len(members))
    shuffled = CascadeSet(
        cascades.node[members],
        np.where(cascades.parent[members] < 0, -1, place[cascades.parent[members]]),
        cascades.time[members],
        np.concatenate([[0], np.cumsum(cascades.size[order])]),
        cascades.names[order],
        cascades.censored[order],
    )
    one = size_inputs(size_examples(record_with_texts(cascades), HOUR, DAY))
    two = size_inputs(size_examples(record_with_texts(shuffled), HOUR, DAY))
    assert one.summary.tobytes() == two.summary.tobytes()
