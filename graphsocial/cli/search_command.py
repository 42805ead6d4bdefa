"""The command that finds posts by words, by a picture or by a post."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from graphsocial.cli.group import main
from graphsocial.cli.options import RUN
from graphsocial.cli.steps import graph_part, part
from graphsocial.errors import SchemaError

_SHOWN = 60
"""Characters of a text on a line."""


@main.command()
@RUN
@click.argument("words", nargs=-1)
@click.option("--image", type=click.Path(path_type=Path), help="Look for this picture instead of WORDS.")
@click.option("--post", metavar="ID", help="Look for the text of this post instead.")
@click.option("--modality", metavar="[text|image]", help="What of the posts is compared [default: that of the query].")
@click.option("--count", default=10, show_default=True, type=click.IntRange(1), help="Posts to list.")
@click.option("--once", is_flag=True, help="Of posts that show the same files, or say the same, only the first.")
@click.option("--window", nargs=2, metavar="START END", help="Only posts of [START, END).")
@click.option("--as-of", metavar="TIME", help="Only what was known before this time.")
@click.option(
    "--alignment", type=click.Path(path_type=Path), help="From `align --out` [default: RUN/alignment.safetensors]."
)
def search(
    run: Path,
    words: tuple[str, ...],
    image: Path | None,
    post: str | None,
    modality: str | None,
    count: int,
    once: bool,
    window: tuple[str, str] | None,
    as_of: str | None,
    alignment: Path | None,
) -> None:
    """List the posts of a run nearest to WORDS, a picture or a post; words find pictures by `--modality image`."""
    from graphsocial.embed.shown_files import shown_files
    from graphsocial.graph import format_time

    text = " ".join(words).strip() or None
    if sum(asked is not None for asked in (text, image, post)) != 1:
        raise SchemaError("search looks for exactly one of WORDS, --image FILE and --post ID")
    if image is not None and not image.is_file():
        raise SchemaError(f"no picture at {image}")
    asked = "text" if image is None else "image"
    engine = _engine(run, as_of, alignment, asked != (modality or asked))
    node = None if post is None else ("post", post.removeprefix("post:"))
    wanted = count
    while True:
        found = engine.similar(text, image=image, node=node, k=wanted, window=window, modality=modality)
        files = shown_files(engine.graph, found.ids)
        said = [" ".join((each or "").split()) for each in found.text]
        first: dict[object, int] = {}
        for at in range(len(found)):
            same = (files[at] if (modality or asked) == "image" else said[at]) if once else at
            first.setdefault(same, at)
        if len(first) >= count or len(found) < wanted:
            break
        wanted *= 4
    click.echo(repr(found).partition("\n")[0])
    for at in list(first.values())[:count]:
        when = format_time(int(found.time[at]))
        shown = [f"  {found.similarity[at]:.3f}", f"post:{found.ids[at]}", when, *files[at], said[at][:_SHOWN]]
        click.echo("  ".join(shown).rstrip())
    for sentence in engine.tokens.assumptions(engine.as_of):
        click.echo(f"assumed: {sentence}")


def _engine(run: Path, as_of: str | None, file: Path | None, across: bool) -> Any:
    """An engine that only searches: a model that the run has too may be newer than the time asked about."""
    from graphsocial.embed import EmbeddingTable
    from graphsocial.learn.alignment.alignment import FILE, Alignment
    from graphsocial.query import Engine
    from graphsocial.store import open_graph

    graph = open_graph(graph_part(run))
    graph = graph if as_of is None else graph.as_of(as_of)
    tokens = EmbeddingTable.open(part(run, "tokens", "embed"))
    learned = None
    if across or file is not None:
        learned = Alignment.open(part(run, FILE, "align") if file is None else file)
    return Engine(graph, tokens, None, alignment=learned)
