"""How alike two partitions of the same nodes are."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError


def adjusted_rand(a: np.ndarray, b: np.ndarray) -> float:
    """Adjusted Rand index of two partitions: 1 for the same, 0 on average for unrelated ones of these sizes.

    Hubert and Arabie, J. Classification 2 (1985).

    Args:
        a: Label of each node, whole numbers [node].
        b: Label of each node, whole numbers [node].

    Raises:
        SchemaError: Labels of different nodes.

    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    >>> round(adjusted_rand(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])), 9)
    -0.5
    """
    _, _, both, rows, columns = overlaps(a, b)
    nodes = rows.sum()
    same, in_a, in_b, pairs = (float((n * (n - 1) / 2).sum()) for n in (both, rows, columns, np.array([nodes])))
    expected = in_a * in_b / pairs if pairs else 0.0
    largest = (in_a + in_b) / 2
    return 1.0 if largest == expected else (same - expected) / (largest - expected)


def variation_of_information(a: np.ndarray, b: np.ndarray) -> float:
    """Variation of information of two partitions, bits: 0 for the same, at most log2 of the number of nodes.

    What either says that the other does not: H(a | b) + H(b | a) (Meilă, J. Multivariate Analysis 98, 2007).

    Args:
        a: Label of each node, whole numbers [node].
        b: Label of each node, whole numbers [node].

    Raises:
        SchemaError: Labels of different nodes.

    >>> variation_of_information(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    2.0
    """
    i, j, both, rows, columns = overlaps(a, b)
    share = both / max(rows.sum(), 1)
    return float((share * (np.log2(rows[i] / both) + np.log2(columns[j] / both))).sum())


def overlaps(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of labels that share nodes: label in a, label in b, nodes shared, int64 [pair]; sizes in a and in b.

    Labels are those given where they are 0 to n - 1, as all labels here are.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.ndim != 1:
        raise SchemaError(f"got labels {a.shape} and {b.shape}, expected one label per node in both")
    a, b = (x if x.size and x.min() == 0 else np.unique(x, return_inverse=True)[1] for x in (a, b))
    rows, columns = np.bincount(a), np.bincount(b)
    key, both = np.unique(a.astype(np.int64) * max(len(columns), 1) + b, return_counts=True)
    return key // max(len(columns), 1), key % max(len(columns), 1), both, rows, columns
