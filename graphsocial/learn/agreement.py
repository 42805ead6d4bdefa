"""Whether the processes of one training have the same in hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
from torch import Tensor

from graphsocial.errors import DataIntegrityError
from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.processes import Processes

_PACKAGES = ("graphsocial", "torch", "torch-geometric", "numpy")


def check_agreement(processes: Processes, facts: Mapping[str, str]) -> None:
    """Makes sure that every process states the same facts, and has the same packages.

    Raises:
        DataIntegrityError: In every process, naming what differs and who has what.
    """
    if processes.count == 1:
        return
    stated = processes.gather({**{f"{name} version": version(name) for name in _PACKAGES}, **facts})
    differing = []
    for name in sorted({name for found in stated for name in found}):
        holders: dict[str, list[int]] = {}
        for rank, found in enumerate(stated):
            holders.setdefault(found.get(name, "unknown"), []).append(rank)
        if len(holders) > 1:
            held = "; ".join(f"{value} on rank {', '.join(map(str, ranks))}" for value, ranks in holders.items())
            differing.append(f"{name} is {held}")
    if differing:
        raise DataIntegrityError(
            f"the {processes.count} processes do not have the same in hand: {'. '.join(differing)}; every machine "
            "needs the same packages, run folder and options"
        )


def data_facts(graph: SocialGraph, examples: Mapping[str, Examples]) -> dict[str, str]:
    """What a process trains on, in a few short words."""
    sizes = {
        **{n: graph.num_nodes(n) for n in graph.node_types},
        **{" ".join(e): graph.num_edges(e) for e in graph.edge_types},
    }
    asked = hashlib.blake2b(digest_size=8)
    for name in sorted(examples):
        rows = examples[name]
        for array in (rows.time, rows.target, rows.query, *(index for _, index in rows.nodes.values())):
            asked.update(np.ascontiguousarray(array).tobytes())
    return {"the graph": short_hash(sizes), "the training examples": asked.hexdigest()}


def state_facts(configuration: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """With what settings and weights a process starts, in a few short words."""
    held = hashlib.blake2b(digest_size=8)
    for name in sorted(tensors):
        held.update(name.encode())
        held.update(tensors[name].detach().cpu().contiguous().numpy().tobytes())
    return {"the configuration": short_hash(configuration), "the checkpoint": held.hexdigest()}


def short_hash(value: Any) -> str:
    """16 hex digits of a plain value.

    >>> short_hash({"a": 1, "b": 2}) == short_hash({"b": 2, "a": 1})
    True
    """
    return hashlib.blake2b(json.dumps(value, sort_keys=True, default=str).encode(), digest_size=8).hexdigest()
