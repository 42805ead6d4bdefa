"""Links between users, from ids to the codes that a table of cascades uses."""

from __future__ import annotations

import numpy as np


def user_links(users: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Edges as codes, int64 [link, 2]; an edge that names somebody else is left out.

    Args:
        users: Id of each code, object [user].
        edges: Ids of two users each, object [edge, 2].

    >>> ids = np.array(["ann", "bob", "cy"], dtype=object)
    >>> user_links(ids, np.array([["cy", "ann"], ["bob", "zoe"]], dtype=object)).tolist()
    [[2, 0]]
    """
    code = {user: number for number, user in enumerate(users)}
    pairs = np.array([(code.get(str(a), -1), code.get(str(b), -1)) for a, b in edges], dtype=np.int64).reshape(-1, 2)
    return pairs[(pairs >= 0).all(axis=1)]
