"""`graphsocial train`: alone, or as one of the processes that a launcher started."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import click

from graphsocial.cli.group import main
from graphsocial.cli.options import RUN, SEED
from graphsocial.cli.steps import graph_part, note, part, write_json
from graphsocial.errors import GraphSocialError, SchemaError

CHECKPOINT = "model.safetensors"


@main.command()
@RUN
@click.option("--tasks", "task_file", required=True, type=click.Path(path_type=Path), help="Task file (TOML).")
@click.option("--epochs", type=int, help="Most epochs [default: the configuration's].")
@click.option("--batch-size", type=int, help="Rows of the largest task per step, over all processes.")
@click.option("--balance", type=click.Choice(["mean", "uncertainty", "pcgrad"]), default="mean", show_default=True)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda.")
@click.option("--processes", default=1, show_default=True, help="Start so many here; `accelerate launch` does too.")
@click.option("--accumulate", default=1, show_default=True, help="Parts of a step, one after another, to save memory.")
@click.option("--precision", default="auto", show_default=True, help="auto, float32, bfloat16.")
@click.option("--compile/--no-compile", default=False, show_default=True, help="Translate the step by torch.compile.")
@click.option("--prefetch", type=int, help="Batches made ahead by a thread [default: 2 on CUDA, else 0].")
@click.option("--mapped/--in-memory", default=False, show_default=True, help="Leave the tokens on disk.")
@click.option("--resume/--restart", default=True, show_default=True, help="Go on from an unfinished checkpoint.")
@SEED
def train(
    run: Path,
    task_file: Path,
    epochs: int | None,
    batch_size: int | None,
    balance: str,
    device: str,
    processes: int,
    accumulate: int,
    precision: str,
    compile: bool,
    prefetch: int | None,
    mapped: bool,
    resume: bool,
    seed: int,
) -> None:
    """Train a model on a run's graph and tokens; interrupt with Ctrl-C, resume with the same command."""
    from graphsocial.learn import ComputeConfig
    from graphsocial.scale.training.launch_training import launch_training, record_failure

    compute = ComputeConfig(
        precision=_precision(precision),  # type: ignore[arg-type]
        accumulate=accumulate,
        compile=compile,
        prefetch=prefetch,
    )
    if processes != 1:
        command = ["train", str(run), "--tasks", str(task_file), "--balance", balance, "--device", device]
        command += ["--accumulate", str(accumulate), "--precision", precision, "--seed", str(seed)]
        command += [f"--{'' if compile else 'no-'}compile"]
        command += ["--mapped" if mapped else "--in-memory"]
        command += ["--resume" if resume else "--restart"]
        for name, value in (("--epochs", epochs), ("--batch-size", batch_size), ("--prefetch", prefetch)):
            command += [] if value is None else [name, str(value)]
        launch_training(command, processes, device, run / CHECKPOINT)
        return
    try:
        _train(run, task_file, epochs, batch_size, balance, device, compute, mapped, resume, seed)
    except GraphSocialError as error:
        if record_failure(error):
            raise SystemExit(1) from error
        raise


def _train(
    run: Path,
    task_file: Path,
    epochs: int | None,
    batch_size: int | None,
    balance: str,
    device: str,
    compute: Any,
    mapped: bool,
    resume: bool,
    seed: int,
) -> None:
    from dataclasses import replace

    from graphsocial.embed import EmbeddingTable
    from graphsocial.embed.mapped_table import open_mapped
    from graphsocial.learn import Trainer, TrainingConfig, read_task_file
    from graphsocial.nn.balancing import balance_from_name
    from graphsocial.scale.training import launched_processes
    from graphsocial.store import open_graph

    tasks, split = read_task_file(task_file)
    graph = open_graph(graph_part(run))
    tokens = (open_mapped if mapped else EmbeddingTable.open)(part(run, "tokens", "embed"))
    config = TrainingConfig()
    config = config if epochs is None else replace(config, epochs=epochs)
    config = config if batch_size is None else replace(config, batch_size=batch_size)
    processes, device = launched_processes(device)
    leads = processes.rank == 0
    trainer = Trainer(
        tasks,
        split,
        training=config,
        balance=balance_from_name(balance, [t.name for t in tasks]),
        rng=seed,
        device=device,
        compute=compute,
        processes=processes,
    )
    checkpoint = run / CHECKPOINT
    if resume and checkpoint.exists():
        earlier = Trainer.open(checkpoint, device=device, compute=compute, processes=processes)
        if earlier.configuration() == trainer.configuration():
            trainer = earlier
            _say(f"resuming after epoch {trainer.progress.epoch - 1}", leads)
        else:
            _say("the checkpoint here has other settings; training anew", leads)
    for epoch in trainer.epochs(graph, tokens):
        trainer.save(checkpoint)
        if leads:
            write_json(run / "history.json", _history(trainer))
        _say(str(epoch), leads)
    if not leads:
        return
    shutil.copyfile(task_file, run / "tasks.toml")
    write_json(run / "history.json", _history(trainer))
    seconds = sum(h["seconds"] for h in trainer.history)
    note(run, train={"seconds": seconds, "epochs": len(trainer.history), "seed": seed})


def _say(text: str, leads: bool) -> None:
    if leads:
        click.echo(text)


def _precision(asked: str) -> str:
    """What was asked for here, else what was asked of `accelerate launch`."""
    launcher = os.environ.get("ACCELERATE_MIXED_PRECISION", "no")
    if launcher not in ("no", "bf16"):
        raise SchemaError(f"--mixed_precision {launcher} asked of the launcher, expected bf16 or no")
    return "bfloat16" if asked == "auto" and launcher == "bf16" else asked


def _history(trainer: Any) -> list[dict[str, Any]]:
    return [
        {
            **entry,
            "selected": entry["epoch"] == trainer.progress.best_epoch,
            "validation": {
                task: {"metric": trainer.tasks[task].metric.name, "value": value}
                for task, value in entry["validation"].items()
            },
        }
        for entry in trainer.history
    ]
