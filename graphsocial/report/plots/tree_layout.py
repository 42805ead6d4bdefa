"""Where the members of a cascade's tree stand: which of them are drawn, and in which row."""

from __future__ import annotations

import numpy as np


def earliest_members(parent: np.ndarray, time: np.ndarray, most: int) -> list[int]:
    """Members to draw, in the order to draw them: the earliest, with everyone on their way to the root.

    Args:
        parent: Position of each member's parent, before it; -1 for roots [member].
        time: [member].
        most: At most so many are drawn; the first member is always.

    >>> earliest_members(np.array([-1, 0, 0, 1]), np.array([0, 5, 2, 6]), 3)
    [0, 1, 2]
    """
    shown = {0}
    for member in sorted(range(len(parent)), key=lambda member: (time[member], member)):
        way = []
        while member >= 0 and member not in shown:
            way.append(member)
            member = int(parent[member])
        if len(shown) + len(way) > most:
            break
        shown.update(way)
    return sorted(shown)  # parents stand before their children


def tree_rows(order: list[int], parent: np.ndarray) -> tuple[dict[int, int], dict[int, float]]:
    """Generation and height of each member: leaves one below the other, a parent in the middle of its children.

    >>> tree_rows([0, 1, 2, 3], np.array([-1, 0, 0, 1]))
    ({0: 0, 1: 1, 2: 1, 3: 2}, {3: 0.0, 2: 1.0, 1: 0.0, 0: 0.5})
    """
    children: dict[int, list[int]] = {member: [] for member in order}
    depth: dict[int, int] = {}
    for member in order:
        up = int(parent[member])
        depth[member] = depth[up] + 1 if up >= 0 else 0
        if up >= 0:
            children[up].append(member)
    walk, stack = [], [member for member in reversed(order) if not depth[member]]
    while stack:
        member = stack.pop()
        walk.append(member)
        stack.extend(reversed(children[member]))
    row: dict[int, float] = {}
    for member in walk:
        if not children[member]:
            row[member] = float(len(row))  # leaves alone are in it yet
    for member in reversed(walk):
        if children[member]:
            row[member] = (row[children[member][0]] + row[children[member][-1]]) / 2
    return depth, row
