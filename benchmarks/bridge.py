"""Who else acts: the learned model simulated, beside a fitted cascade, a size head and a self-exciting process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from benchmarks.bridge_block import Block, evenly
from benchmarks.bridge_data import BridgeData
from benchmarks.bridge_hawkes import HawkesCase
from benchmarks.bridge_independent_cascade import CascadeChoice, FittedCascade
from benchmarks.bridge_lines import OURS, BridgeLines
from benchmarks.bridge_size_head import SETTINGS, SizeHead, TreeSettings, climatology
from benchmarks.cascade_data import corpus_folder
from benchmarks.command_options import out_option
from benchmarks.result_lines import ResultLines
from graphsocial.graph import format_time
from graphsocial.ingest import read_cascade_folder
from graphsocial.report.drawing import plot_style
from graphsocial.report.plots.reliability import reliability_plot

CORPORA = ("tan_memetracker_text", "android")
RUNS = {False: 500, True: 50}
CHOICE_POSTS = {False: 200, True: 12}
CHOICE_RUNS = {False: 100, True: 30}
BLOCKS = {False: 10, True: 3}
QUICK_CASCADES, QUICK_POSTS = 1_200, 40
DRAWN = (OURS, "independent_cascade")
QUICK_TREES = (TreeSettings(30, 0.15, 40),)


@click.command("bridge")
@click.option("--data", multiple=True, help=f"Folder or name of a corpus, may be repeated.  [default: {CORPORA}]")
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1), help="Trainings of the learned model.")
@click.option("--cascades", type=click.IntRange(2), help="At most this many test cascades, evenly spread.")
@click.option(
    "--quick",
    is_flag=True,
    help="Within a minute: one seed, few epochs, 1,200 of the cascades, 40 of them in the test.",
)
@click.option("--floors", is_flag=True, help="The comparisons alone, without the learned model.")
@out_option("bridge.jsonl")
def bridge(
    data: tuple[str, ...], seeds: int, cascades: int | None, quick: bool, floors: bool, out: Path | None
) -> None:
    """New adopters of the last tenth of the cascades, forecast from a first window, all fitted on what came before.

    A corpus with texts or images has its content read, one with links has them as candidate edges; otherwise candidates
    are those who took part in a cascade together.
    """
    out = out or Path(f"benchmarks/results/bridge{'_floors' if floors else ''}{'_quick' if quick else ''}.jsonl")
    append = False
    for name in data or CORPORA:
        folder = corpus_folder(name)
        if folder is not None:
            read = read_cascade_folder(folder)
            click.echo(repr(read))
            compare(
                BridgeData.of(read, QUICK_CASCADES if quick else None),
                1 if quick else seeds,
                cascades,
                quick,
                not floors,
                out,
                append,
            )
            append = True
    if append:
        click.echo(f"\nresults in {out}")


def compare(
    data: BridgeData, seeds: int, cascades: int | None, quick: bool, model: bool, out: Path, append: bool
) -> None:
    """Every case on one corpus.

    Args:
        data: The corpus.
        seeds: Trainings of the learned model.
        cascades: At most this many test cascades; None: all.
        quick: Less of everything.
        model: Whether the learned model runs.
        out: File of the lines.
        append: Whether lines that are there stay.
    """
    most = min(cascades or len(data.record), QUICK_POSTS if quick else len(data.record))
    test = data.test.part(evenly(len(data.test.windows), most))
    training = [*data.training(BLOCKS[quick]), data.valid]
    config = config_of(data, quick)
    lines = BridgeLines(ResultLines(out, "bridge", data.name, data.sha256, "strict", append), data, test, config)
    click.echo(
        f"{data.name}: {len(test.windows):,} test cascades after {format_time(data.test_time)}, observed for "
        f"{data.asked.observe}, {data.asked.horizons[-1]} ahead; {data.without_outcome:,} left out, as the record ends "
        "before their horizon"
    )
    run_floors(data, training, test, lines, quick)
    if model:
        run_model(data, test, lines, seeds, quick)
    lines.reach(OURS if model else "independent_cascade")
    lines.differences()
    lines.show()
    picture(lines, out.with_name(f"{out.stem}_{data.name}_reliability.svg"))


def picture(lines: BridgeLines, path: Path) -> None:
    """Draws the chances of the learned and of the fitted cascade against what came of them."""
    titles = {"": "by the chance to act", "/edge": "by the chance of the strongest edge"}
    drawn = {
        title: {name: found for name, found in lines.reliability.get(kind, {}).items() if name in DRAWN}
        for kind, title in titles.items()
    }
    if all(drawn.values()):
        with plot_style():
            reliability_plot(drawn).savefig(path, metadata={"Date": None})
        click.echo(f"picture in {path}")


def config_of(data: BridgeData, quick: bool) -> dict[str, Any]:
    """What every line says about the cut."""
    return {
        "observe": data.asked.observe,
        "horizon": data.asked.horizons[-1],
        "chosen_at_horizon": f"{data.choice_horizon}s",
        "fitted_at": format_time(data.test_time),
        "without_outcome": data.without_outcome,
        "runs": RUNS[quick],
        "cascades": len(data.record),
        "edges": "links" if data.graph is not None else "co-participation",
        "content": sorted(data.content),
        "assumptions": list(data.assumptions),
        "quick": quick,
    }


def run_floors(data: BridgeData, training: Sequence[Block], test: Block, lines: BridgeLines, quick: bool) -> None:
    """Every comparison."""
    runs, choice_runs = RUNS[quick], CHOICE_RUNS[quick]
    began = time.perf_counter()
    lines.case("climatology", [climatology(data, training, test)], time.perf_counter() - began)

    began = time.perf_counter()
    choice = CascadeChoice.on(data, choice_runs, CHOICE_POSTS[quick])
    fitted = FittedCascade.of(data, test, data.horizon, choice.outside)
    found = fitted.forecast(data, test, choice.multiplier, runs)
    lines.case("independent_cascade", [found], _told("independent_cascade", began), {"settings": asdict(choice)})

    began = time.perf_counter()
    head = SizeHead(data, training, QUICK_TREES if quick else SETTINGS)
    config = {"settings": {**asdict(head.settings), "valid_crps": head.valid_crps}}
    lines.case("size_head", [head.forecast(test)], _told("size_head", began), config)

    began = time.perf_counter()
    process = HawkesCase.chosen(data, training, choice_runs)
    config = {"settings": {"process": repr(process.fit), "valid_crps": process.valid_crps}}
    lines.case("hawkes", [process.forecast(data, test, runs)], _told("hawkes", began), config)


def run_model(data: BridgeData, test: Block, lines: BridgeLines, seeds: int, quick: bool) -> None:
    """The learned model over seeds; where there is content, also with contents handed round, and with none."""
    from benchmarks.bridge_model import BridgeCase, shuffled  # torch

    for name in (OURS, *((f"{OURS}/shuffled_content", f"{OURS}/no_content") if data.content else ())):
        began, found = time.perf_counter(), []
        for seed in range(seeds):
            content = {OURS: data.content, f"{OURS}/no_content": {}}
            fitted = BridgeCase.fitted(data, content[name] if name in content else shuffled(data, seed), seed, quick)
            found.append(fitted.forecast(data, test, RUNS[quick]))
            if name == OURS and seed == 0:
                lines.unchanged(fitted.changed_by_nothing(data, test, RUNS[quick]))
        lines.case(name, found, _told(name, began), {"seeds": seeds, "model": repr(fitted.model)})


def _told(name: str, began: float) -> float:
    """Seconds since a case began, which are told."""
    seconds = time.perf_counter() - began
    click.echo(f"{name}: {seconds:.0f} s")
    return seconds
