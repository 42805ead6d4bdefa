"""graphsocial: time-honest multimodal learning and diffusion analysis on social graphs.

Names are loaded on first use, so `import graphsocial` costs no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphsocial.embed import EmbeddingTable, embed_posts
    from graphsocial.graph import (
        CascadeSet,
        SocialGraph,
        ego_network,
        from_networkx,
        read_cascades,
        to_networkx,
    )
    from graphsocial.ingest import load
    from graphsocial.learn import Task, TemporalSplit, Trainer
    from graphsocial.nn import from_pyg, to_pyg
    from graphsocial.query import Engine
    from graphsocial.store import open_graph as open
    from graphsocial.store import save_graph

_HOME = {
    "CascadeSet": "graph",
    "EmbeddingTable": "embed",
    "Engine": "query",
    "SocialGraph": "graph",
    "Task": "learn",
    "TemporalSplit": "learn",
    "Trainer": "learn",
    "ego_network": "graph",
    "embed_posts": "embed",
    "from_networkx": "graph",
    "from_pyg": "nn",
    "load": "ingest",
    "open": "store",
    "read_cascades": "graph",
    "save_graph": "store",
    "to_networkx": "graph",
    "to_pyg": "nn",
}

__version__ = "0.1.0"
__all__ = [
    "CascadeSet",
    "EmbeddingTable",
    "Engine",
    "SocialGraph",
    "Task",
    "TemporalSplit",
    "Trainer",
    "__version__",
    "ego_network",
    "embed_posts",
    "from_networkx",
    "from_pyg",
    "load",
    "open",
    "read_cascades",
    "save_graph",
    "to_networkx",
    "to_pyg",
]


def __getattr__(name: str) -> Any:
    """Imports the room that holds `name` when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'graphsocial' has no attribute {name!r}")
    room = importlib.import_module(f"graphsocial.{_HOME[name]}")
    value = getattr(room, "open_graph" if name == "open" else name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
