"""Who relates to whom and how: floors, the graph's evidence, what the two ends say, and both by attention."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.relation_lines import RelationLines
from benchmarks.relation_random import RandomRelations
from benchmarks.relation_timed import timed_relations
from benchmarks.result_lines import ResultLines
from graphsocial.errors import SchemaError
from graphsocial.ingest import PostFolder
from graphsocial.learn.relations.relation_edges import RelationEdges
from graphsocial.schema import UNKNOWN_TIME

SEED = 0
"""Of the random split, part of its name."""


def run(data: PostFolder, seeds: int, quick: bool, out: Path) -> None:
    """Writes the lines of the task.

    Edges that all have times are cut by time; if some have none, all are split at random, and the protocol says so.

    Args:
        data: Edges, and posts of those whom they join, if any.
        seeds: Trainings of what is learned.
        quick: Less of everything.
        out: File of lines.

    Raises:
        SchemaError: There are no edges, or too few.
    """
    if data.edges is None or not len(data.edges):
        raise SchemaError(
            f"{data.name} has no edges, expected an edges.csv with src, dst and any of relation, time, value"
        )
    given = data.edges
    edges = RelationEdges.of(given.src, given.dst, given.relation, given.time, given.value)
    about = {"loops": edges.loops, "repeats": edges.repeats, "without_time": int((given.time == UNKNOWN_TIME).sum())}
    click.echo(
        f"{edges.nodes:,} nodes, {len(edges):,} pairs in {len(edges.names)} relations; left out: {edges.loops:,} edges "
        f"from a node to itself, {edges.repeats:,} repeats"
    )
    protocol = "strict" if edges.timed else f"random_edges_seed={SEED}"
    raw = ResultLines(out, "multimodal_relation", data.name, data.sha256, protocol)
    if edges.timed:
        timed_relations(edges, RelationLines(raw, quick, about), 1 if quick else seeds, quick, SEED)
        return
    if about["without_time"] < len(given):
        click.echo(f"{about['without_time']:,} of {len(given):,} edges have no time: all are split at random")
    RandomRelations(data, edges, raw, about, 1 if quick else seeds, quick, SEED).run()
