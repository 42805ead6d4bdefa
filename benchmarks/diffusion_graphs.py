"""Graphs that spread is measured on: public ones, one with planted communities, and R-MAT of two sizes."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from benchmarks.cascade_data import corpus_folder
from graphsocial.diffusion import SpreadGraph

SMALL = ("nethept", "wiki_vote", "ego_facebook", "lfr_10k")
LARGE = ("rmat_75k", "rmat_1m")
_FILES = {
    "nethept": ("im_graphs", "hep.txt", True),
    "wiki_vote": ("snap_small", "WikiVote.txt", False),
    "ego_facebook": ("snap_small", "facebook_combined.txt.gz", True),
}
"""Folder, file, and whether an edge stands for both directions."""
_RMAT = {"rmat_75k": (18, 509_000), "rmat_1m": (21, 15_200_000)}
"""Levels, and edges drawn before repeated ones are dropped."""


@dataclass(frozen=True, eq=False)
class BenchmarkGraph:
    """A graph with nodes 0 to n - 1, all of them touched by an edge, and its 50 nodes of highest out-degree.

    Attributes:
        name: What result lines call it.
        spread: The graph.
        seeds: Nodes, [50].
    """

    name: str
    spread: SpreadGraph
    seeds: list[int]


def benchmark_graph(name: str) -> BenchmarkGraph | None:
    """A graph by name; None, after a line that says why, where its file is not there."""
    edges = _rmat(*_RMAT[name]) if name in _RMAT else _lfr() if name.startswith("lfr") else _read(*_FILES[name])
    if edges is None:
        return None
    edges = np.unique(edges[edges[:, 0] != edges[:, 1]], axis=0)
    nodes, number = np.unique(edges, return_inverse=True)
    number = number.reshape(edges.shape)
    spread = SpreadGraph.from_edges(number[:, 0], number[:, 1], len(nodes))
    seeds = np.argsort(-spread.out_degree, kind="stable")[:50]
    return BenchmarkGraph(name, spread, seeds.tolist())


def _read(folder: str, file: str, both: bool) -> np.ndarray | None:
    root = corpus_folder(folder)
    if root is None:
        return None
    path: Path = root / file
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        rows = [line.split() for line in lines if line[:1].isdigit()]
    edges = np.array([row[:2] for row in rows[1 if folder == "im_graphs" else 0 :]], dtype=np.int64)
    return np.concatenate([edges, edges[:, ::-1]]) if both else edges


def _lfr() -> np.ndarray | None:
    """10,000 nodes in planted communities, degrees of exponent 2.5 from 10 on average 10 to at most 300."""
    try:
        import networkit
    except ImportError:
        click.echo("lfr_10k: skipped, networkit cannot be imported")
        return None
    networkit.setSeed(1, False)
    maker = networkit.generators.LFRGenerator(10_000)
    maker.generatePowerlawDegreeSequence(10, 300, -2.5)
    maker.generatePowerlawCommunitySizeSequence(20, 500, -1.5)
    maker.setMu(0.3)
    maker.run()
    edges = np.array(list(maker.getGraph().iterEdges()), dtype=np.int64)
    return np.concatenate([edges, edges[:, ::-1]])


def _rmat(levels: int, draws: int) -> np.ndarray:
    """R-MAT with .57, .19, .19, .05 (Chakrabarti, Zhan and Faloutsos, SDM 2004)."""
    rng = np.random.default_rng(levels)
    source, target = np.zeros(draws, dtype=np.int64), np.zeros(draws, dtype=np.int64)
    for _ in range(levels):
        drawn = rng.random(draws)
        source = 2 * source + (drawn > 0.76)
        target = 2 * target + ((drawn > 0.57) & (drawn <= 0.76) | (drawn > 0.95))
    place = rng.permutation(2**levels)
    return np.stack([place[source], place[target]], axis=1)
