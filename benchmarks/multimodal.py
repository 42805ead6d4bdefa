"""What each modality is worth: one command for every task, on any folder of posts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from benchmarks.cascade_data import corpus_folder
from benchmarks.command_options import data_option, named_option, out_option
from benchmarks.multimodal_data import read_multimodal

TASKS = ("sentiment", "veracity", "relation", "recommendation", "trend", "behaviour")
"""Each is `run` in the module `benchmarks.multimodal_TASK`."""


@click.command("multimodal")
@named_option("task", None, TASKS, ", ".join(TASKS))
@data_option
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1), help="Trainings of what is learned.")
@click.option("--quick", is_flag=True, help="Within a minute: less of everything.")
@out_option("multimodal_TASK_DATA.jsonl")
def multimodal(task: str, data: str, seeds: int, quick: bool, out: Path | None) -> None:
    """A task on a folder of posts: floors, each modality alone, late fusion and cross-modal attention.

    A folder has `posts.csv` (post, user, time, text, images, label, group) or `edges.csv` (src, dst, relation, time),
    or is one of the corpora that the benchmark has a reader for.
    """
    folder = corpus_folder(data)
    if folder is None:
        return
    read = read_multimodal(folder, task)
    click.echo(repr(read))
    suffix = "_quick" if quick else ""
    out = out or Path(f"benchmarks/results/multimodal_{task}_{read.name}{suffix}.jsonl")
    import_module(f"benchmarks.multimodal_{task}").run(read, seeds, quick, out)
    click.echo(f"\nresults in {out}")
