"""What one question costs: the activation of one post over a million candidate edges, and 1,000 simulations on top."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np

from benchmarks.command_options import out_option
from benchmarks.result_lines import ResultLines
from graphsocial.diffusion import SpreadGraph, simulate
from graphsocial.graph import CascadeSet
from graphsocial.learn import ActivationModel, ActivationTraining

USERS, LINKS, CASCADES, CHANNELS = 20_000, 60, 1_500, 64
HOUR, DAY = 3_600, 86_400
RUNS, TURNS = 1_000, 5


@click.command("bridge_cost")
@click.option("--quick", is_flag=True, help="Within a minute: a tenth of the users.")
@out_option("bridge_cost.jsonl")
def bridge_cost(quick: bool, out: Path | None) -> None:
    """Seconds of `activation` and of `simulate` for one post, on drawn cascades over drawn links."""
    users, count = (USERS // 10, CASCADES // 10) if quick else (USERS, CASCADES)
    out = out or Path(f"benchmarks/results/bridge_cost{'_quick' if quick else ''}.jsonl")
    config: dict[str, Any] = {"users": users, "links": users * LINKS, "cascades": count, "quick": quick}
    lines = ResultLines(out, "bridge_cost", "generated", hashlib.sha256(str(config).encode()).hexdigest(), "strict")
    links, cascades = drawn_world(users, count)
    content = {"text": np.random.default_rng(2).standard_normal((count, CHANNELS)).astype(np.float32)}
    asked = int(cascades.time[cascades.offsets[count - 1]]) + HOUR
    model = ActivationModel.fit(
        cascades,
        observe=HOUR,
        horizon=DAY,
        known_until=int(cascades.time[cascades.offsets[count - 50]]),
        content=content,
        links=links,
        config=ActivationTraining.quick(),
        rng=0,
    )
    post = cascades.names[count - 1]
    said = {name: vectors[count - 1] for name, vectors in content.items()}
    taken: dict[str, list[float]] = {"candidates": [], "activation": [], "simulate": []}
    cpu: dict[str, list[float]] = {name: [] for name in taken}

    def clock(name: str, work: Callable[[], Any]) -> Any:
        start, used = time.perf_counter(), time.process_time()
        found = work()
        taken[name].append(time.perf_counter() - start)
        cpu[name].append(time.process_time() - used)
        return found

    for _ in range(TURNS):
        graph = clock("candidates", lambda: model.candidates(cascades, asked - HOUR, content=content))
        learned = clock(
            "activation",
            lambda graph=graph: model.activation(cascades, post, as_of=asked, graph=graph, content=said),
        )
        runs = clock(
            "simulate",
            lambda act=learned: simulate(act.cascade(), act.seeds, runs=RUNS, rng=7, horizon=act.horizon),
        )
    edges = learned.spread.num_edges
    about = {**config, "edges": edges, "runs": RUNS, "mean_new": float(learned.new_adopters(runs).mean())}
    for case, seconds in taken.items():
        lines.write(case, "seconds", median(seconds), unit="s", config=about, extra={"turns": seconds})
        lines.write(case, "cpu_seconds", median(cpu[case]), unit="s", config=about, extra={"turns": cpu[case]})
        click.echo(f"{case:<12} {median(seconds):.3f} s, {median(cpu[case]):.3f} CPU s, over {edges:,} edges")
    click.echo(f"results in {out}")


def drawn_world(users: int, count: int) -> tuple[SpreadGraph, CascadeSet]:
    """Users with so many links each, and cascades that went along them, an hour apart."""
    rng = np.random.default_rng(1)
    source = np.repeat(np.arange(users), LINKS)
    stride = 1 + rng.choice(users - 1, LINKS, replace=False)  # no link twice
    target = (source + np.tile(stride, users)) % users
    names = np.array([f"u{number}" for number in range(users)], dtype=object)
    links = SpreadGraph.from_edges(source, target, ids=names)
    node: list[str] = []
    parent: list[int] = []
    when: list[int] = []
    offsets = [0]
    for cascade in range(count):
        base, begin = len(node), cascade * HOUR
        members, ages, come_from = [int(rng.integers(users))], [0], [-1]
        active = set(members)
        while len(members) < 200:
            place = int(rng.integers(len(members)))
            reached = int(target[members[place] * LINKS + rng.integers(LINKS)])
            if reached not in active:
                active.add(reached)
                members.append(reached)
                ages.append(ages[place] + 1 + int(rng.exponential(4 * HOUR)))
                come_from.append(place)
            if len(members) > 5 and rng.random() < 0.03:
                break
        order = np.argsort(ages, kind="stable")
        moved = np.empty(len(order), dtype=np.int64)
        moved[order] = np.arange(len(order))
        node += [names[members[i]] for i in order]
        parent += [-1 if come_from[i] < 0 else base + int(moved[come_from[i]]) for i in order]
        when += [begin + ages[i] for i in order]
        offsets.append(len(node))
    cascades = CascadeSet(
        np.array(node, dtype=object),
        np.array(parent),
        np.array(when, dtype=np.int64),
        np.array(offsets),
        np.array([f"post{number}" for number in range(count)], dtype=object),
        np.zeros(count, dtype=bool),
    )
    return links, cascades
