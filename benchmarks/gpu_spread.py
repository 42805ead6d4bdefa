"""Monte-Carlo spread on the card beside the CPU's threads, and whether the two agree."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click
import numpy as np

from benchmarks.diffusion_graphs import benchmark_graph
from benchmarks.gpu_ceilings import Ceilings, Line
from graphsocial.diffusion import Activation, IndependentCascade, spread_summary
from graphsocial.scale.device_spread import spread_on_device

SEED = 7


def measure_spread(device: str, small: bool, ceilings: Ceilings) -> Iterator[Line]:
    """R-MAT of 1 M nodes and 15 M edges (75 k and 500 k if small), from the 50 nodes of highest out-degree."""
    from scipy.stats import ks_2samp

    graph = benchmark_graph("rmat_75k" if small else "rmat_1m")
    if graph is None:
        return
    spread, seeds = graph.spread, graph.seeds
    many, few, checked = (200, 200, 20) if small else (8_192, 128, 64)
    activations = {
        "uniform_p01": Activation.uniform(spread, 0.01),
        "weighted_cascade": Activation.weighted_cascade(spread),
    }
    for name, activation in activations.items():
        model = IndependentCascade(activation)
        case = f"{graph.name}/{name}"
        coupled = spread_summary(IndependentCascade(activation, coupled=True), seeds, checked, rng=SEED, threads=2)
        spread_on_device(model, seeds, min(many, 1_024), rng=SEED + 1, device=device)  # compiles
        taken = []
        for turn in range(3):
            start = time.perf_counter()
            ours = spread_on_device(model, seeds, many, rng=SEED, device=device, per_node=turn == 2)
            taken.append(time.perf_counter() - start)
        same = bool((ours.size[:checked] == coupled.size).all())
        if not same:
            click.echo(f"{case}: the card's runs are NOT those of the CPU")
        per_run = sorted(taken[:2])[0] / many
        spread_summary(model, seeds, 8, rng=SEED, threads=2)
        cpu: dict[int, float] = {}
        for threads in (1, 2):
            start = time.perf_counter()
            theirs = spread_summary(model, seeds, few, rng=SEED + 2, threads=threads)
            cpu[threads] = (time.perf_counter() - start) / few
        share = ours.node_share if ours.node_share is not None else np.zeros(spread.num_nodes)
        edges = float((share * spread.out_degree).sum())
        per_edge = 0 if model.uniform is not None else 8
        test = ks_2samp(ours.size, theirs.size)
        about = {
            "runs": many,
            "cpu_runs": few,
            "mean_spread": ours.mean,
            "cpu_mean_spread": theirs.mean,
            "edges_per_run": edges,
            "cpu_seconds_per_run": cpu,
            "same_sizes_as_coupled_cpu": same,
            "runs_checked": checked,
            "distribution_p_value": float(test.pvalue),
            "part_of_copy_ceiling": edges * per_edge / per_run / ceilings.bytes_per_second,
            "whole": "graph to the card, all runs, sums back",
        }
        yield case, "seconds_per_run", per_run, "s", about
        yield case, "edges_per_second", edges / per_run, "1/s", about
        yield case, "ratio_to_one_cpu_thread", cpu[1] / per_run, "x", about
        yield case, "ratio_to_two_cpu_threads", cpu[2] / per_run, "x", about
