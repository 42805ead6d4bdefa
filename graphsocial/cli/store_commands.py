"""Commands on a store: its versions, joining its files, its export to other formats, and keys for pseudonyms."""

from __future__ import annotations

from pathlib import Path

import click

from graphsocial.cli.group import main
from graphsocial.cli.steps import graph_part


@main.command()
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--format", "format_", required=True, metavar="NAME", help="gexf, graphml, parquet, raphtory, tgb, …")
@click.option("--relation", metavar="REL or SRC,REL,DST", help="Edge type, for formats that hold one.")
@click.option("--as-of", metavar="TIME", help="Only what was known before this time.")
@click.option("--version", type=int, help="Version of the store [default: the newest].")
def export(store: Path, out: Path, format_: str, relation: str | None, as_of: str | None, version: int | None) -> None:
    """Write the graph of a STORE to OUT in a format that other tools read; says what the format cannot hold."""
    from graphsocial.store import open_graph
    from graphsocial.store.export import export_graph

    graph = open_graph(graph_part(store), version)
    graph = graph if as_of is None else graph.as_of(as_of)
    names = None if relation is None else tuple(relation.replace(",", " ").split())
    chosen = names if names is None else names[0] if len(names) == 1 else graph.schema.check_edge_type(names)
    click.echo(repr(export_graph(graph, out, format_, relation=chosen)))


@main.command()
@click.argument("store", type=click.Path(path_type=Path))
def versions(store: Path) -> None:
    """List the versions of a STORE, newest first; each can be opened again."""
    from graphsocial.store import Store

    opened = Store.open(store)
    for version in opened.versions():
        click.echo(repr(version))


@main.command()
@click.argument("store", type=click.Path(path_type=Path))
def compact(store: Path) -> None:
    """Join the small files of a STORE into large ones, in a version of its own that holds the same rows."""
    from graphsocial.store import Store

    opened = Store.open(store)
    before = len(opened.log.files(opened.version))
    opened.log.compact()
    click.echo(f"{store}: {before} files became {len(opened.log.files(opened.version))}, version {opened.version}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def key(file: Path) -> None:
    """Make a key FILE for `ingest --pseudonymise`. Keep it, and keep it apart from the store."""
    from graphsocial.store.pseudonyms import new_key

    new_key(file)
    click.echo(f"{file}: whoever has it can tell which pseudonym stands for whom")
