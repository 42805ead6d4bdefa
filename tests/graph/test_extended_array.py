"""Arrays that grow in place are, to their holders, as if they had been copied."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.graph.extended_array import extended_array

numbers = st.lists(st.integers(-9, 9), max_size=6)


@given(numbers, st.lists(st.tuples(st.integers(0, 99), numbers, st.integers(0, 99)), max_size=12))
def test_every_array_stays_what_it_was(begun: list[int], steps: list[tuple[int, list[int], int]]) -> None:
    """Any array may be extended, again too, and any beginning or end of it."""
    held = [np.array(begun, dtype=np.int64)]
    expected = [list(begun)]
    for which, more, cut in steps:
        place = which % len(held)
        part = slice(cut % 3, None) if cut % 2 else slice(0, len(held[place]) - cut % 3)
        held.append(extended_array(held[place][part], np.array(more, dtype=np.int64)))
        expected.append(expected[place][part] + more)
        assert [array.tolist() for array in held] == expected
        assert not held[-1].flags.writeable and type(held[-1]) is np.ndarray


def test_nothing_is_copied_while_there_is_room() -> None:
    array = extended_array(np.arange(1000), np.arange(10))
    copies = 0
    for step in range(100):
        longer = extended_array(array, np.full(10, step))
        copies += not np.shares_memory(array, longer)
        array = longer
    assert copies <= 4, "room is a quarter of what is there"
    assert array.tolist() == [*range(1000), *range(10), *(step for step in range(100) for _ in range(10))]


def test_of_two_threads_one_copies() -> None:
    base = extended_array(np.arange(10_000), np.arange(1))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: extended_array(base, np.full(50, n)), range(64)))
    assert sum(np.shares_memory(base, array) for array in found) == 1
    for number, array in enumerate(found):
        assert (array[-50:] == number).all() and len(array) == 10_051


@pytest.mark.parametrize("kind", [np.bool_, np.int64])
def test_types_stay(kind: type) -> None:
    assert extended_array(np.zeros(3, kind), np.ones(2, kind)).dtype == kind
