"""Who is linked to whom in a folder of cascades, as a model that is given links reads it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.ingest import CascadeFolder
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.user_links import user_links


@dataclass(frozen=True, eq=False)
class CascadeLinks:
    """Links between the users of a table.

    Attributes:
        pairs: Codes of linked users, int64 [link, 2]; None = the model is not given any.
        assumptions: What using them takes for granted.
    """

    pairs: np.ndarray | None
    assumptions: tuple[str, ...] = ()


def cascade_links(folder: CascadeFolder, table: CascadeTable) -> CascadeLinks:
    """Links of `edges.tsv` among the users of a table; those of other users are left out and counted.

    Args:
        folder: Edges by the ids of users.
        table: Whose users.

    Raises:
        SchemaError: The folder has no edge between two users of the table.
    """
    edges = np.empty((0, 2), dtype=object) if folder.edges is None else folder.edges
    pairs = user_links(table.users, edges)
    if not len(pairs):
        got = "no edges.tsv" if folder.edges is None else f"{len(edges):,} edges, none between users of its cascades"
        raise SchemaError(f"{folder.name} has {got}, expected an edges.tsv that links users of its cascades")
    assumptions = ["links between users are read in both directions"]
    if left := len(edges) - len(pairs):
        assumptions.append(f"{left:,} of {len(edges):,} links are left out: they name a user of no ranked cascade")
    return CascadeLinks(pairs, tuple(assumptions))
