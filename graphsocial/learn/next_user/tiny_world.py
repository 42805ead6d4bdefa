"""Ten small cascades for examples in docstrings."""

from __future__ import annotations

import numpy as np

from graphsocial.graph import CascadeSet
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.split import NextUserSplit, next_user_split


def tiny_split(protocol: str) -> NextUserSplit:
    """Ten cascades of ann, bob and cy, one per 10 s and all in that order, besides dee who is in the first only.

    >>> tiny_split("strict").table.users.tolist()
    ['ann', 'bob', 'cy', 'dee']
    """
    ids = np.array(["dee", *["ann", "bob", "cy"] * 10], dtype=object)
    time = np.concatenate([[0], np.add.outer(np.arange(10) * 10, np.arange(1, 4)).ravel()])
    offsets = np.concatenate([[0], 4 + 3 * np.arange(10)])
    names = np.array(list("abcdefghij"), dtype=object)
    table = CascadeTable.of(CascadeSet(ids, np.full(31, -1), time, offsets, names, np.zeros(10, dtype=bool)))
    return next_user_split(table, protocol)
