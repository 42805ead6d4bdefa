"""The command that simulates spread over a graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from graphsocial.cli.group import main
from graphsocial.cli.steps import graph_part, items_bar
from graphsocial.errors import SchemaError


@main.command()
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--relation", required=True, metavar="REL or SRC,REL,DST", help="What it spreads along.")
@click.option("--seed-node", "seed_nodes", multiple=True, metavar="ID", help="Where it begins; again for more nodes.")
@click.option("--select", type=int, metavar="K", help="Select K seeds from which most nodes are reached, instead.")
@click.option(
    "--probability",
    default="weighted_cascade",
    show_default=True,
    help="Activation probability: a number, weighted_cascade, or fit: fitted to the relation's own cascades.",
)
@click.option("--window", type=float, help="For fit: seconds in which an exposure can activate.")
@click.option("--runs", default=1_000, show_default=True, help="Runs.")
@click.option("--horizon", type=int, help="Last step.")
@click.option("--as-of", metavar="TIME", help="Only what was known before this time.")
@click.option("--rng", default=0, show_default=True, help="Seed of everything random.")
@click.option("--out", type=click.Path(path_type=Path), help="Parquet file of all members: run, node, parent, step.")
def simulate(
    store: Path,
    relation: str,
    seed_nodes: tuple[str, ...],
    select: int | None,
    probability: str,
    window: float | None,
    runs: int,
    horizon: int | None,
    as_of: str | None,
    rng: int,
    out: Path | None,
) -> None:
    """Independent cascades over the graph of a STORE: whom they reach, how far, and with what interval."""
    from graphsocial.diffusion import IndependentCascade, select_seeds, spread_graph, summarise_cascades
    from graphsocial.diffusion import simulate as simulated
    from graphsocial.store import open_graph

    if bool(seed_nodes) == (select is not None):
        raise SchemaError("got neither or both of --seed-node and --select, expected one of them")
    graph = open_graph(graph_part(store))
    graph = graph if as_of is None else graph.as_of(as_of)
    edge_type = _edge_type(graph, relation)
    spread = spread_graph(graph, edge_type)
    model = IndependentCascade(_activation(graph, edge_type, spread, probability, window))
    click.echo(f"{spread!r}\n{repr(model.activation).splitlines()[0]}")
    for assumption in spread.assumptions:
        click.echo(f"assumed: {assumption}")
    seeds: Any = list(seed_nodes) if select is None else select_seeds(model, select, rng=rng)
    if select is not None:
        click.echo(repr(seeds))
    with items_bar() as progress:
        cascades = simulated(model, seeds, runs, rng=rng, horizon=horizon, progress=progress)
    click.echo(repr(summarise_cascades(cascades, rng=rng)))
    if out is not None:
        _write(out, cascades)


def _edge_type(graph: Any, relation: str) -> Any:
    """The edge type of three names, or of a relation between nodes of one type that only one edge type has."""
    names = tuple(relation.replace(",", " ").split())
    within = [e for e in graph.edge_types if e[0] == e[2]]
    fitting = [e for e in within if names == (e[1],)]
    if len(names) != 1 or len(fitting) == 1:
        return fitting[0] if fitting else graph.schema.check_edge_type(names)
    known = ", ".join(",".join(e) for e in fitting or within) or "(none)"
    raise SchemaError(f"got --relation {relation!r}, expected one between nodes of one type: {known}")


def _activation(graph: Any, edge_type: Any, spread: Any, probability: str, window: float | None) -> Any:
    from graphsocial.diffusion import Activation, fit_activation
    from graphsocial.graph import read_cascades

    if probability == "fit":
        return fit_activation(read_cascades(graph, edge_type), spread, window=window)
    if window is not None:
        raise SchemaError(f"--window goes with --probability fit, got {probability!r}")
    if probability == "weighted_cascade":
        return Activation.weighted_cascade(spread)
    try:
        number = float(probability)
    except ValueError:
        raise SchemaError(f"got --probability {probability!r}, expected a number, weighted_cascade or fit") from None
    return Activation.uniform(spread, number)


def _write(out: Path, cascades: Any) -> None:
    import numpy as np
    import polars as pl

    run = np.repeat(np.arange(len(cascades)), cascades.size)
    parent = [None if p < 0 else str(cascades.node[p]) for p in cascades.parent]
    table = pl.DataFrame(
        {"run": run, "node": [str(n) for n in cascades.node], "parent": parent, "step": cascades.time},
        schema_overrides={"parent": pl.String},
    )
    table.write_parquet(out)
    click.echo(f"{len(table):,} members in {out}")
