"""Folds that keep a group on one side, with classes as even as groups allow."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from graphsocial.errors import SchemaError


def grouped_folds(
    target: np.ndarray, group: np.ndarray, folds: int, rng: int | np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test rows of each fold.

    Args:
        target: Class codes, int64 [example].
        group: What stays on one side, compared as strings [example].
        folds: How many.
        rng: Seed of the order in which groups are dealt.

    Raises:
        SchemaError: Fewer groups than folds, or fewer than two folds.

    >>> train, test = grouped_folds(np.array([0, 1, 0, 1]), np.array(list("aabb")), 2, rng=0)[0]
    >>> len(train), len(test)
    (2, 2)
    """
    names, code = np.unique(np.asarray(group).astype(str), return_inverse=True)
    if folds < 2 or len(names) < folds:
        raise SchemaError(f"{folds} folds of {len(names)} groups, expected at least two folds and a group for each")
    seed = int(np.random.default_rng(rng).integers(2**31))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class rarer than the folds is the caller's to count
        split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(target, target, code)
        return [(train, test) for train, test in split if len(train) and len(test)]
