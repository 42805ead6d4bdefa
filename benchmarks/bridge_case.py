"""One real case of the bridge, told as a page with pictures: from the words of a phrase to its simulated spread."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.bridge_case_facts import (
    LETTERS,
    SEED,
    BridgeCaseFacts,
    CaseSize,
    FitFacts,
    chosen_phrase,
    named_phrase,
)
from benchmarks.bridge_case_graph import REPOST, case_graph, case_tokens
from benchmarks.bridge_case_page import Told, page
from benchmarks.bridge_case_pictures import (
    choice_picture,
    fit_picture,
    growth_picture,
    reached_picture,
    size_picture,
    written,
)
from benchmarks.bridge_data import BridgeData
from benchmarks.cascade_data import corpus_folder
from graphsocial.embed import EmbeddingTable
from graphsocial.graph import SocialGraph, format_time
from graphsocial.ingest import CascadeFolder, read_cascade_folder
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.post_spread import PostSpread
from graphsocial.query import Engine

QUICK_CASCADES = 600


@click.command("bridge_case")
@click.option(
    "--data", default="tan_memetracker_text", show_default=True, help="Folder or name of a corpus with texts."
)
@click.option("--phrase", metavar="ID", help="Which held-out phrase  [default: most sites in its first hour].")
@click.option("--refits", default=0, show_default=True, type=click.IntRange(0), help="More models, for what-if.")
@click.option("--model", type=click.Path(path_type=Path), help="Folder to keep the model in, or to take it from.")
@click.option("--quick", is_flag=True, help=f"Within a minute: {QUICK_CASCADES} of the cascades, few epochs and runs.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs/this_post.md"), show_default=True)
def bridge_case(data: str, phrase: str | None, refits: int, model: Path | None, quick: bool, out: Path) -> None:
    """Writes the page, and its pictures beside it."""
    place = corpus_folder(data)
    if place is None:
        return
    folder = read_cascade_folder(place)
    corpus = BridgeData.of(folder, QUICK_CASCADES if quick else None)
    click.echo(f"{corpus.name}: {len(corpus.record):,} phrases, model as of {format_time(corpus.test_time)}")
    graph, tokens = case_graph(folder, corpus.cascades), case_tokens(folder, corpus.cascades)
    spread = learned(corpus, graph, tokens, refits, quick, model)
    click.echo(repr(spread.model))
    command = f"python -m benchmarks bridge_case --data {corpus.name}"
    command += f" --phrase {phrase}" if phrase else ""
    command += f" --refits {refits}" if refits else ""
    command += " --quick" if quick else ""
    told = tell(corpus, folder, graph, tokens, spread, phrase, quick, command, out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(told), encoding="utf-8")
    click.echo(f"{out}, pictures in {out.parent / 'pictures'}")


def learned(
    corpus: BridgeData, graph: SocialGraph, tokens: EmbeddingTable, refits: int, quick: bool, kept: Path | None
) -> PostSpread:
    """The model of what came before the test, with the settings of the bridge benchmark; fitted unless it is kept."""
    if kept is not None and (kept / "post_spread.json").exists():
        return PostSpread.open(kept)
    spread = PostSpread.fit(
        graph.as_of(corpus.test_time),
        tokens,
        REPOST,
        observe=corpus.observe,
        horizon=corpus.horizon,
        refits=refits,
        config=ActivationTraining.quick() if quick else None,
        rng=0,
    )
    if kept is not None:
        spread.save(kept)
    return spread


def tell(
    corpus: BridgeData,
    folder: CascadeFolder,
    graph: SocialGraph,
    tokens: EmbeddingTable,
    spread: PostSpread,
    phrase: str | None,
    quick: bool,
    command: str,
    out: Path,
) -> Told:
    """Asks all questions and draws the pictures."""
    size = CaseSize.quick() if quick else CaseSize()
    cascade = chosen_phrase(corpus, folder) if phrase is None else named_phrase(corpus, phrase)
    second = chosen_phrase(corpus, folder, 1)
    other = folder.texts[str(corpus.record.names[second if second != cascade else chosen_phrase(corpus, folder)])]
    now = int(corpus.record.start[cascade]) + corpus.observe
    engine = Engine(graph.as_of(now), tokens, None, spread)
    facts = BridgeCaseFacts.of(corpus, folder, cascade, engine, size.runs)
    post = ("post", facts.post)
    click.echo(f"phrase {facts.post}: {facts.text!r}, {len(facts.early)} sites by {format_time(now)}")
    found = Told(
        facts=facts,
        fit=FitFacts.of(corpus, engine, size.posts, min(size.runs, 500)),
        same=engine.what_if(post, text=facts.text, runs=size.runs, rng=SEED),
        other=engine.what_if(post, text=other, runs=size.runs, rng=SEED),
        other_text=other,
        seeds=engine.select_seeds(post, size.seeds, samples=size.samples, runs=size.runs, rng=SEED),
        blocked=engine.block_nodes(post, size.blocked, samples=size.samples, runs=size.runs, rng=SEED),
        chosen_by=_chosen_by(len(corpus.test.windows)) if phrase is None else "It was chosen by its id.",
        command=command,
        quick=quick,
        pictures={},
    )
    drawn = {
        "growth": growth_picture(facts),
        "sizes": size_picture(facts),
        "reached": reached_picture(facts),
        "seeds": choice_picture(found.seeds, f"{len(found.seeds.chosen)} sites seeded, with 95 % intervals"),
        "fit": fit_picture(found.fit),
    }
    for name, figure in drawn.items():
        file = out.parent / "pictures" / f"{out.stem}_{name}.svg"
        written(figure, file)
        found.pictures[name] = f"pictures/{file.name}"
    return found


def _chosen_by(count: int) -> str:
    return (
        f"Of {count:,} held-out phrases that are followed up to the horizon, it is the one that most sites had within "
        f"its first hour, among those of at least {LETTERS} letters; what came later had no part in the choice."
    )
