"""`graphsocial spark`: data and graph jobs on Apache Spark, over a store that all workers see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from graphsocial.cli.group import main
from graphsocial.cli.steps import note, write_lines
from graphsocial.errors import SchemaError

Command = Callable[..., None]

_RELATION = ("user", "repost", "post")


@main.group()
def spark() -> None:
    """Jobs on Apache Spark, for what no longer fits into one machine; the rows are those of one machine."""


def _session_options(command: Command) -> Command:
    for option in (
        click.option("--partitions", default=8, show_default=True, help="Parts into which rows are dealt out."),
        click.option("--memory", default="2g", show_default=True, help="Of the driver and of each executor."),
        click.option("--master", default="local[2]", show_default=True, help="local[N], spark://HOST:PORT, yarn, …"),
    ):
        command = option(command)
    return command


def _view_options(command: Command) -> Command:
    for option in (
        click.option("--as-of", metavar="TIME", help="Only what was known before this time."),
        click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of Parquet to write."),
        click.argument("store", type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return _session_options(command)


def _edge_type(context: click.Context, option: click.Parameter, value: str) -> tuple[str, str, str]:
    parts = tuple(value.replace(",", " ").split())
    if len(parts) != 3:
        raise click.BadParameter(f"got {value!r}, expected three names, such as 'user repost post'")
    return parts[0], parts[1], parts[2]


def _relation(name: str, default: str) -> Callable[[Command], Command]:
    return click.option(name, default=default, show_default=True, callback=_edge_type, metavar="'SRC REL DST'")


@contextmanager
def _session(master: str, memory: str, partitions: int) -> Iterator[Any]:
    from graphsocial.scale.spark import open_session

    session = open_session(master, memory=memory, partitions=partitions)
    try:
        yield session
    finally:
        session.stop()


def _write(
    store: Path, out: Path, as_of: str | None, master: str, memory: str, partitions: int, job: Callable[[Any], Any]
) -> None:
    """Writes the rows that a job makes of a view; what else it returns, after the frame, is said."""
    from graphsocial.scale.spark import spark_graph
    from graphsocial.scale.spark.plain_errors import plain_errors
    from graphsocial.scale.spark.stored_frames import plain_path

    if out.exists():
        raise SchemaError(f"{out} exists; rows are written into a new folder")
    with _session(master, memory, partitions) as session:
        graph = spark_graph(session, store)
        with plain_errors("the job"):
            frame, *said = job(graph if as_of is None else graph.as_of(as_of))
            frame.write.parquet(plain_path(out.absolute()))
    for sentence in said:
        click.echo(sentence)
    click.echo(f"wrote {out}")


@spark.command()
@_view_options
@_relation("--relation", " ".join(_RELATION))
@_relation("--follow", "user follow user")
@click.option("--parents", type=click.Choice(["latest", "first"]), default="latest", show_default=True)
@click.option("--unexposed", type=click.Choice(["author", "root"]), default="author", show_default=True)
@click.option("--assume-always", is_flag=True, help="Follows of unknown time are older than everything.")
def trees(relation: Any, follow: Any, parents: str, unexposed: Any, assume_always: bool, **where: Any) -> None:
    """Cascade trees: who took an item up through whom."""
    from graphsocial.scale.spark import cascade_trees

    _write(job=lambda graph: (cascade_trees(graph, relation, follow, parents, unexposed, assume_always),), **where)


@spark.command()
@_view_options
@_relation("--relation", "post tag hashtag")
@click.option("--width", default=3_600, show_default=True, help="Seconds of a window.")
@click.option("--threshold", default=3.0, show_default=True, help="Least score of every window in a burst.")
@click.option("--minimum", default=5, show_default=True, help="Least count of every window in a burst.")
def bursts(relation: Any, width: int, threshold: float, minimum: int, **where: Any) -> None:
    """Runs of windows in which nodes are named far more often than just before."""
    from graphsocial.scale.spark import bursts

    _write(job=lambda graph: (bursts(graph, relation, width, threshold=threshold, minimum=minimum),), **where)


@spark.command()
@_view_options
@_relation("--relation", "post tag hashtag")
@click.option("--width", default=3_600, show_default=True, help="Seconds of a window.")
@click.option("--k", default=10, show_default=True, help="Nodes per window.")
@click.option("--by", type=click.Choice(["count", "score"]), default="count", show_default=True)
def top(relation: Any, width: int, k: int, by: Any, **where: Any) -> None:
    """The nodes that are named most in each window, with burst scores."""
    from graphsocial.scale.spark import top_per_window

    _write(job=lambda graph: (top_per_window(graph, relation, width, k, by=by),), **where)


@spark.command()
@_view_options
@_relation("--relation", " ".join(_RELATION))
@click.option("--width", default=3_600, show_default=True, help="Seconds of a window.")
@click.option("--k", default=10, show_default=True, help="Fewest people behind a count.")
def counts(relation: Any, width: int, k: int, **where: Any) -> None:
    """Counts per node and window that at least K people stand behind; says how much was withheld."""
    from graphsocial.scale.spark import k_anonymous_counts

    def job(graph: Any) -> tuple[Any, str]:
        found = k_anonymous_counts(graph, relation, k, width)
        return found.rows, repr(found)

    _write(job=job, **where)


@spark.command()
@_view_options
@_relation("--relation", " ".join(_RELATION))
@click.option("--min-shared", default=2, show_default=True, help="Fewest items that a pair shares.")
@click.option("--fdr", default=0.05, show_default=True, help="Largest expected share of false finds.")
@click.option("--max-actors", default=1_000, show_default=True, help="Items with more actors are left out.")
def pairs(relation: Any, min_shared: int, fdr: float, max_actors: int, **where: Any) -> None:
    """Pairs that acted on the same things more often than chance would have it."""
    from graphsocial.scale.spark import co_engagement

    _write(job=lambda graph: (co_engagement(graph, relation, min_shared, "bicm", fdr, max_actors),), **where)


@spark.command()
@_view_options
@_relation("--relation", "user follow user")
@click.option("--walk", type=click.Choice(["out", "in", "both", "flow"]), default="out", show_default=True)
@click.option("--tolerance", default=1e-9, show_default=True, help="Largest error, summed over all nodes.")
def pagerank(relation: Any, walk: Any, tolerance: float, **where: Any) -> None:
    """PageRank of every node."""
    from graphsocial.scale.spark import pagerank

    _write(job=lambda graph: (pagerank(graph, [relation], walk, tolerance=tolerance),), **where)


@spark.command()
@_view_options
@_relation("--relation", "user follow user")
def components(relation: Any, **where: Any) -> None:
    """Which nodes hang together, either way."""
    from graphsocial.scale.spark import components

    _write(job=lambda graph: (components(graph, [relation]),), **where)


@spark.command()
@_session_options
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", "run", required=True, type=click.Path(path_type=Path), help="Store to write or to add to.")
@click.option("--format", "format_", metavar="NAME", help="Format of the files [default: told from their beginning].")
@click.option("--mapping", type=click.Path(path_type=Path), help="What the columns of tables mean (mapping.toml).")
def ingest(
    paths: tuple[Path, ...],
    run: Path,
    format_: str | None,
    mapping: Path | None,
    master: str,
    memory: str,
    partitions: int,
) -> None:
    """Read exports into a store on all workers; one commit, and the same rows as `graphsocial ingest`."""
    from graphsocial.scale.spark import ingest_exports
    from graphsocial.store import Store

    store = Store.create(run)
    with _session(master, memory, partitions) as session:
        found = ingest_exports(session, paths, store, format=format_, mapping=mapping)
    click.echo(repr(found))
    note(run, ingest={"files": len(found.files), "rows": found.new, "rejected": found.rejected})
    write_lines(run / "rejects.jsonl", store.rejects())


@spark.command()
@_session_options
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--cache", required=True, type=click.Path(path_type=Path), help="Folder of the token cache.")
@click.option("--text", default="builtin:minilm", show_default=True, help="Encoder, a model name or a folder.")
@click.option("--image", default="builtin:efficientnet_lite0", show_default=True, help="Image encoder, likewise.")
@click.option("--media", type=click.Path(path_type=Path), help="Folder that paths start from [default: the store's].")
@click.option("--shards", type=int, help="Tasks to encode in [default: one for each core].")
def embed(
    store: Path,
    cache: Path,
    text: str,
    image: str,
    media: Path | None,
    shards: int | None,
    master: str,
    memory: str,
    partitions: int,
) -> None:
    """Encode texts, pictures and clips of a store into a token cache, each once; goes on where it was stopped."""
    from graphsocial.scale.spark import embed_clips, embed_pictures, embed_texts

    with _session(master, memory, partitions) as session:
        texts = embed_texts(session, store, cache, text, shards=shards)
        click.echo(
            f"{texts.encoder}: {texts.texts:,} texts, {texts.known:,} in the cache before, {texts.encoded:,} encoded"
        )
        for what, embed_files in (("pictures", embed_pictures), ("clips", embed_clips)):
            seen = embed_files(session, store, cache, image, media_root=media, shards=shards)
            click.echo(
                f"{seen.encoder}: {seen.contents:,} {what}, {seen.known:,} in the cache before, "
                f"{seen.encoded:,} encoded, {seen.broken:,} damaged; {seen.unread:,} paths lead to no file"
            )
