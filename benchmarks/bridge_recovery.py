"""Planted worlds: is what was planted learned, better from more posts, and does it show where it is not?"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import click
import numpy as np

from benchmarks.bridge_recovery_fit import fit_of, planted_fit
from benchmarks.bridge_recovery_lines import RecoveryLines
from benchmarks.bridge_recovery_model import RecoveryCase
from benchmarks.bridge_recovery_plot import recovery_plot, scores_of
from benchmarks.bridge_recovery_scores import (
    Effort,
    Planted,
    chance_scores,
    delay_distance,
    seed_scores,
    what_if_scores,
)
from benchmarks.bridge_recovery_world import WORLDS, PlantedWorld
from benchmarks.command_options import out_option
from benchmarks.result_lines import ResultLines
from graphsocial.diffusion import PredictiveFit
from graphsocial.learn.activation.activation_training import ActivationTraining

SIZES = {False: (150, 600, 2_400), True: (150, 400)}
HELD_OUT = {False: 300, True: 40}
EFFORT = {False: Effort(), True: Effort(chances=10, seeded=3, changed=4, runs=60, fitted=40, fit_runs=19, levels=1)}
TRAINING = {
    False: None,
    True: ActivationTraining(
        epochs=2, draws=48, judged_draws=96, virality_nets=1, virality_epochs=8, judged_posts=20, judged_runs=30
    ),
}


@click.command("bridge_recovery")
@click.option("--seeds", default=8, show_default=True, type=click.IntRange(1), help="Worlds of each kind.")
@click.option("--quick", is_flag=True, help="Within a minute: one world of each kind, few posts, a short training.")
@out_option("bridge_recovery.jsonl")
def bridge_recovery(seeds: int, quick: bool, out: Path | None) -> None:
    """Chances, seeds and what-if differences that the learned model finds again in worlds where they are known.

    In one kind of world all that the model takes for granted holds; in another the delays depend on the topic, in the
    third four in ten edges are among no links. A test of fit says of each whether later posts go on as simulated; how
    often it rejects the planted parameters themselves is its level.
    """
    out = out or Path(f"benchmarks/results/bridge_recovery{'_quick' if quick else ''}.jsonl")
    sizes, effort, worlds = SIZES[quick], EFFORT[quick], 1 if quick else seeds
    config = {"worlds": worlds, "held_out": HELD_OUT[quick], "quick": quick, **vars(effort)}
    sha256 = hashlib.sha256(Path(__file__).with_name("bridge_recovery_world.py").read_bytes()).hexdigest()
    for number, kind in enumerate(WORLDS):
        lines = RecoveryLines(kind, ResultLines(out, "bridge_recovery", kind, sha256, "planted", number > 0), config)
        for seed in range(worlds):
            last = max(sizes) + HELD_OUT[quick]
            world = PlantedWorld.drawn(kind, last + effort.levels * effort.fitted, seed)
            held_out = np.arange(max(sizes), last)
            planted = Planted.of(world, held_out, effort)
            for posts in sizes:
                began = time.perf_counter()
                case = RecoveryCase.fitted(world, posts, held_out, TRAINING[quick], seed)
                lines.add(
                    posts, scores_of_case(case, planted, effort), fits_of(case, effort), time.perf_counter() - began
                )
            began = time.perf_counter()
            later = np.arange(last, len(world.topic)).reshape(effort.levels, effort.fitted)
            fits = [planted_fit(case, some, effort.fit_runs) for some in later]
            lines.add_planted(fits, time.perf_counter() - began)
        lines.write()
    plot = out.with_suffix(".svg")
    recovery_plot(plot, scores_of(out))
    click.echo(f"\nresults in {out} and {plot}")


def scores_of_case(case: RecoveryCase, planted: Planted, effort: Effort) -> dict[str, float]:
    """All scores of a fitted model."""
    return {
        **chance_scores(case, effort.chances),
        **seed_scores(case, planted),
        **what_if_scores(case, planted, effort.runs),
        "delay_distance": delay_distance(case),
        "contagion": case.model.contagion,
    }


def fits_of(case: RecoveryCase, effort: Effort) -> dict[str, PredictiveFit]:
    """Tests of the learned hazards as they are, which are what was planted, and of what the model makes of them."""
    whole = fit_of(case, effort.fitted, effort.fit_runs, contagion=1.0)
    same = case.model.contagion == 1.0
    chosen = whole if same else fit_of(case, effort.fitted, effort.fit_runs)
    return {"rejected": whole, "rejected/chosen_contagion": chosen}
