"""Who joins next: floors and models under four protocols, on any folder of cascades."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.cascade_data import corpus_folder
from benchmarks.command_options import data_option, model_option, out_option, protocol_option
from benchmarks.kept_ranks import KeptRanks, Training
from benchmarks.next_user_lines import NextUserLines, Origin, show
from benchmarks.next_user_models import LEARNED, check_sources, learned_ranker
from benchmarks.result_lines import ResultLines, peak_memory
from graphsocial.ingest import CascadeFolder, read_cascade_folder
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.floors import FLOORS, Ranker, next_user_floors
from graphsocial.learn.next_user.split import PROTOCOLS, next_user_split
from graphsocial.learn.next_user.tiny_world import tiny_split

MODELS = (*LEARNED, "none", *FLOORS)
ORIGINS = (8, 7, 6, 5)
"""Tenths of the cascades that train: the published cut, then the rolling origins before it."""
QUICK_TARGETS = 1_500
"""Most test targets of a learned model in a quick run: ranking all users at every place is what takes long."""


@click.command("next_user")
@data_option
@protocol_option(PROTOCOLS)
@model_option(MODELS)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1), help="Trainings of a learned model.")
@click.option("--origins", default=1, show_default=True, type=click.IntRange(1, len(ORIGINS)), help="4 = .5 to .8.")
@click.option(
    "--quick",
    is_flag=True,
    help="Within a minute: one seed, one origin, one epoch, learned models on the first test cascades alone.",
)
@out_option("next_user_DATA_PROTOCOL.jsonl")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Folder for the ranks of each training; those there are not redone."
)
def next_user(
    data: str, protocol: str, model: str, seeds: int, origins: int, quick: bool, out: Path | None, keep: Path | None
) -> None:
    """Next-user prediction: every later user of each test cascade, ranked among all users."""
    path = corpus_folder(data)
    if path is None:
        return
    folder = read_cascade_folder(path)
    click.echo(repr(folder))
    table = CascadeTable.of(folder.cascades)
    check_sources(model, folder, table)
    seeds, origins = (1, 1) if quick else (seeds, origins)
    cuts = [Origin(tenths / 10, next_user_split(table, protocol, tenths)) for tenths in ORIGINS[:origins]]
    out = out or default_out(folder.name, protocol, model, quick)
    lines = NextUserLines(ResultLines(out, "next_user", folder.name, folder.sha256, protocol), cuts, quick)
    for floor in next_user_floors(tiny_split(protocol)):
        floor.ranks(tiny_split(protocol), "test")  # compiles, which is not to be timed
    for cut in cuts:
        run_floors(cut)
    lines.write_published(FLOORS)
    lines.write_pooled(FLOORS)
    if model in LEARNED:
        if quick:
            cuts = [cuts[0].first(QUICK_TARGETS)]
            lines = NextUserLines(lines.lines, cuts, quick)
        for cut in cuts:
            run_model(cut, model, folder, seeds, quick, KeptRanks(keep, folder.sha256))
            if cut is cuts[0]:
                lines.write_published([model])
        lines.write_pooled([model])
    show(cuts, protocol, folder.name, quick)
    click.echo(f"\nresults in {out}")


def default_out(data: str, protocol: str, model: str, quick: bool) -> Path:
    """Where the lines go: quick runs, and runs without the default model, do not replace those of a full one."""
    kind = ("" if model == "graphsocial" else f"_{model}" if model in LEARNED else "_floors") + (
        "_quick" if quick else ""
    )
    return Path(f"benchmarks/results/next_user_{data}_{protocol}{kind}.jsonl")


def run_floors(cut: Origin) -> None:
    """Ranks of every floor."""
    began = time.perf_counter()
    for floor in next_user_floors(cut.split):  # under legacy this picks settings, which counts as the first one's time
        cut.add(floor.name, finished(floor, cut, began))
        began = time.perf_counter()


def run_model(cut: Origin, name: str, folder: CascadeFolder, seeds: int, quick: bool, kept: KeptRanks) -> None:
    """Ranks of a learned model, one training per seed."""
    for seed in range(seeds):
        key = f"{folder.name}_{cut.split.protocol}_{name}_{cut.share:.1f}_seed{seed}{'_quick' if quick else ''}"
        training = kept.get(key, len(cut.cascade))
        if training is None:
            began = time.perf_counter()
            training = finished(learned_ranker(name, folder, cut.split, seed, quick), cut, began)
            kept.put(key, training)
        cut.add(name, training)
        click.echo(f"{name} seed {seed}, {cut.share:.0%} training: {training.seconds:.0f} s")


def finished(ranker: Ranker, cut: Origin, began: float) -> Training:
    """Ranks of a ranker that is ready, with what it took since it was begun."""
    ranks = ranker.ranks(cut.split, "test")
    settings = getattr(ranker, "settings", None)
    config = dict(getattr(ranker, "config", {})) or ({} if settings is None else asdict(settings))
    return Training(ranks, time.perf_counter() - began, peak_memory(), config)
