"""Names and checksums of a graph folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphsocial.schema import EdgeType

CARD = "schema.json"
FORMAT = "graphsocial graph"
VERSION = 1


def node_file(node_type: str) -> str:
    """File of a node type.

    >>> node_file("user")
    'nodes_user.parquet'
    """
    return f"nodes_{node_type}.parquet"


def edge_file(edge_type: EdgeType) -> str:
    """File of an edge type.

    >>> edge_file(("user", "repost", "post"))
    'edges_user_repost_post.parquet'
    """
    return f"edges_{'_'.join(edge_type)}.parquet"


def measured_file(node_type: str) -> str:
    """File of the measurements of a node type.

    >>> measured_file("user")
    'measured_user.parquet'
    """
    return f"measured_{node_type}.parquet"


def previous(path: Path) -> Path:
    """Where the old graph stands for the moment in which a new one takes its place."""
    return path.parent / f".{path.name}.previous"


def file_checksum(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def card_checksum(card: Mapping[str, Any]) -> str:
    """SHA-256 of the card's content other than the checksum itself."""
    content = {name: value for name, value in card.items() if name != "checksum"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
