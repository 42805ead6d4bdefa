"""How faithful and how stable explanations are, by method, and what each modality is worth."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.cascade_data import corpus_folder
from benchmarks.command_options import data_option, named_option, out_option
from benchmarks.multimodal_data import read_multimodal
from benchmarks.result_lines import ResultLines, data_hash

TASKS = ("sentiment", "veracity", "graph")


@click.command("explanations")
@named_option("task", "sentiment", TASKS, ", ".join(TASKS))
@data_option
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1), help="Models, for stability.")
@click.option("--quick", is_flag=True, help="Within a minute: less of everything.")
@click.option(
    "--page", type=click.Path(path_type=Path), help="Also write a page of some examples, their pictures embedded."
)
@out_option("explanations_TASK_DATA.jsonl")
def explanations(task: str, data: str, seeds: int, quick: bool, page: Path | None, out: Path | None) -> None:
    """Deletion and insertion areas of every method against random orders and attention, stability, modality values.

    Of a folder of labelled posts (sentiment, veracity: words, regions, text and image), or of a graph folder with a
    `tasks.toml` (graph: neighbours, edges, words, regions; text, image, graph and behaviour, for every head).
    """
    folder = corpus_folder(data)
    if folder is None:
        return
    suffix = "_quick" if quick else ""
    out = out or Path(f"benchmarks/results/explanations_{task}_{folder.resolve().name}{suffix}.jsonl")
    if task == "graph":
        from benchmarks.explanations_graph import explain_graph

        sums = folder / "SHA256SUMS"
        hashed = data_hash(folder) if sums.is_file() else ""
        lines = ResultLines(out, "explanations", folder.resolve().name, hashed, "strict")
        explain_graph(folder, seeds, quick, lines, page)
    else:
        from benchmarks.explanation_folds import protocol
        from benchmarks.explanations_posts import explain_posts

        read = read_multimodal(folder, task)
        click.echo(repr(read))
        lines = ResultLines(out, "explanations", read.name, read.sha256, protocol(read, task))
        explain_posts(read, task, seeds, quick, lines, page)
    click.echo(f"results in {out}")
