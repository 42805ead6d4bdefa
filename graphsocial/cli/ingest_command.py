"""`graphsocial ingest`: exports and data folders into a store."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from graphsocial.cli.group import main
from graphsocial.cli.steps import note, records_bar, write_lines
from graphsocial.errors import SchemaError


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", "run", required=True, type=click.Path(path_type=Path), help="Store to write or to add to.")
@click.option("--format", "format_", metavar="NAME", help="Format of the files [default: told from their beginning].")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    help="What the columns of tables mean (mapping.toml); other files are read by their own format.",
)
@click.option("--collected-at", metavar="TIME", help="When the export was made, for those that do not say.")
@click.option(
    "--server", metavar="HOST", help="Mastodon server that gave the statuses, needed where a store takes several."
)
@click.option("--pseudonymise", "key", type=click.Path(path_type=Path), help="Key file; `graphsocial key` makes one.")
@click.option("--relation", default="follow", show_default=True, help="What the edges of an edge list say.")
@click.option("--columns", metavar="NAMES", help="Columns of an edge list, such as src,dst,weight,time.")
@click.option("--header", is_flag=True, help="An edge list begins with names of columns.")
@click.option("--per-second", default=1, show_default=True, help="Parts of a second that times count.")
@click.option("--step-seconds", default=1, show_default=True, help="Seconds of one step that times count.")
@click.option("--epoch", metavar="TIME", help="Where times begin that do not begin in 1970.")
def ingest(
    paths: tuple[Path, ...],
    run: Path,
    format_: str | None = None,
    mapping: Path | None = None,
    collected_at: str | None = None,
    server: str | None = None,
    key: Path | None = None,
    relation: str = "follow",
    columns: str | None = None,
    header: bool = False,
    per_second: int = 1,
    step_seconds: int = 1,
    epoch: str | None = None,
) -> None:
    """Read exports into a store: files, folders of them, or a data folder (a mapping or conventional names).

    The same command again goes on where it was stopped, and adds nothing that is there already.
    """
    from graphsocial.graph.time import parse_time
    from graphsocial.ingest.data_folder import ingest_folder, is_data_folder
    from graphsocial.ingest.detect_format import ReaderSettings
    from graphsocial.ingest.graph_notes import graph_notes
    from graphsocial.ingest.ingest_exports import ingest_exports
    from graphsocial.ingest.pseudonymise import Pseudonymiser
    from graphsocial.ingest.readable_name import readable_name
    from graphsocial.store import Store
    from graphsocial.store.pseudonyms import Pseudonyms

    if readable_name(os.path.abspath(run)) != os.path.abspath(run):
        raise SchemaError(f"the path of a store must be UTF-8, got {readable_name(os.path.abspath(run))}")
    pseudonymiser = None if key is None else Pseudonymiser(Pseudonyms.from_file(key))
    settings = ReaderSettings(
        collected_at=None if collected_at is None else parse_time(collected_at),
        relation=relation,
        columns=None if columns is None else tuple(name.strip() for name in columns.split(",")),
        header=header,
        per_second=per_second,
        step_seconds=step_seconds,
        epoch=None if epoch is None else parse_time(epoch),
        server=server,
    )
    folders = [path for path in paths if mapping is None and format_ is None and is_data_folder(path)]
    files = [path for path in paths if path not in folders]
    store = Store.create(run)
    for folder in folders:
        report = ingest_folder(folder, store, pseudonymiser)
        click.echo(repr(report))
        counts = {"rows": report.rows, "accepted": report.accepted, "rejected": report.rejected}
        note(run, ingest={"folder": readable_name(folder.name), "sha256": report.sha256, **counts})
        if (folder / "CARD.md").exists():
            shutil.copyfile(folder / "CARD.md", run / "card.md")
    if files:
        with records_bar() as progress:
            read = ingest_exports(
                files,
                store,
                format=format_,
                mapping=mapping,
                settings=settings,
                pseudonymiser=pseudonymiser,
                progress=progress,
            )
        click.echo(repr(read))
        note(run, ingest={"files": len(read.files), "rows": read.new, "rejected": read.rejected})
    write_lines(run / "rejects.jsonl", store.rejects())
    graph = store.graph()
    told = set(store.about().assumptions)
    for sentence in (s for s in graph.assumptions if s not in told):
        click.echo(f"  assumed: {sentence}")
    for sentence in graph_notes(graph, store.conflicts()):
        click.echo(f"  noted: {sentence}")
    click.echo(repr(graph))
    store.wait()
