"""Where a layer's attention went."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from graphsocial.schema import EdgeType

OWN = "own"
"""Stands for a relation where a node's slot attended to the node's own slots."""

NONE = "none"
"""Stands for a relation where a target without neighbours attended to the learned null."""


@dataclass(frozen=True)
class AttentionShare:
    """Attention of one layer, means over heads. Descriptive: it is not the value of a modality.

    Attributes:
        mass: (target modality, relation, source modality) → mean over the seeds of the attention that the target slot
            gave to it; sums to 1 over relation × source modality for each target modality. A relation is an edge
            type, `OWN` or `NONE` (whose source modality is the target's).
        edges: For each edge type, [edge, target slot, source slot] in the batch's edge order; zero where the target
            is not computed in this layer.
        own: For each node type, [node, target slot, source slot].
        none: For each node type, [node, target slot].
    """

    mass: dict[tuple[str, EdgeType | str, str], float]
    edges: dict[EdgeType, Tensor]
    own: dict[str, Tensor]
    none: dict[str, Tensor]

    def rows(self) -> list[dict[str, str | float]]:
        """`mass` as plain rows, largest share first within each target modality.

        >>> AttentionShare({("text", ("user", "author", "post"), "image"): 1.0}, {}, {}, {}).rows()
        [{'target': 'text', 'relation': 'user author post', 'source': 'image', 'share': 1.0}]
        """
        listed = sorted(self.mass.items(), key=lambda item: (item[0][0], -item[1]))
        return [
            {
                "target": target,
                "relation": relation if isinstance(relation, str) else " ".join(relation),
                "source": source,
                "share": share,
            }
            for (target, relation, source), share in listed
        ]
