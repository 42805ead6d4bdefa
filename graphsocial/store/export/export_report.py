"""What an export wrote, and what of the graph its format could not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType

Written = Mapping[str | EdgeType, int]
"""Nodes or edges written, by node type and edge type."""


class ExportContent(NamedTuple):
    """What a writer of one format says of its work.

    Attributes:
        files: Names of the files, without their folder.
        written: Nodes and edges in them, by type.
        lost: What of the graph is not in them, one sentence each.
    """

    files: tuple[str, ...]
    written: Written
    lost: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class ExportReport:
    """What an export wrote and what it left out.

    Attributes:
        path: File or folder that was written.
        format: Its format.
        files: Names of the files, without their folder.
        written: Nodes by node type and edges by edge type.
        lost: What of this graph the format cannot hold, one sentence each; empty where nothing is.

    >>> written = {"user": 2, ("user", "follow", "user"): 1}
    >>> ExportReport(Path("g.gexf"), "gexf", ("g.gexf",), written, ("the media folder /pictures",))
    ExportReport gexf: g.gexf
      nodes: user 2
      edges: user follow user 1
      lost:  the media folder /pictures
    """

    path: Path
    format: str
    files: tuple[str, ...]
    written: Written
    lost: tuple[str, ...]

    def __repr__(self) -> str:
        nodes = [f"{kind} {count:,}" for kind, count in self.written.items() if isinstance(kind, str)]
        edges = [f"{' '.join(kind)} {count:,}" for kind, count in self.written.items() if not isinstance(kind, str)]
        lines = [f"ExportReport {self.format}: {self.path}"]
        if self.files != (self.path.name,):
            lines.append(f"  files: {', '.join(self.files)}")
        lines.append(f"  nodes: {', '.join(nodes) or 'none'}")
        lines.append(f"  edges: {', '.join(edges) or 'none'}")
        lines += [f"{'  lost: ' if i == 0 else '        '} {sentence}" for i, sentence in enumerate(self.lost)]
        return "\n".join(lines)


def everything(graph: SocialGraph) -> Written:
    """Every node and edge of a view, by type."""
    written: dict[str | EdgeType, int] = {node_type: graph.num_nodes(node_type) for node_type in graph.node_types}
    return written | {edge_type: graph.num_edges(edge_type) for edge_type in graph.edge_types}
