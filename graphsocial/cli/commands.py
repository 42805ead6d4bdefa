"""The commands that learn from a run folder's graph and answer from it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from graphsocial.cli.group import main
from graphsocial.cli.ingest_command import ingest
from graphsocial.cli.options import RUN, SEED
from graphsocial.cli.steps import graph_part, items_bar, note, notes, part, write_json
from graphsocial.cli.train_command import train
from graphsocial.errors import SchemaError


@main.command()
@RUN
@click.option("--text", default="builtin:minilm", show_default=True, help="Text encoder: name or folder.")
@click.option("--image", default="builtin:efficientnet_lite0", show_default=True, help="Image encoder, likewise.")
@click.option("--cache", type=click.Path(path_type=Path), help="Content cache [default: RUN/../.cache/tokens].")
def embed(run: Path, text: str, image: str, cache: Path | None) -> None:
    """Encode the texts and images of a run's graph into tokens."""
    from graphsocial.embed import embed_posts
    from graphsocial.store import open_graph

    graph = open_graph(graph_part(run))
    began = time.perf_counter()
    with items_bar() as progress:
        table = embed_posts(graph, text=text, image=image, cache=cache or _default_cache(run), progress=progress)
    table.save(run / "tokens")
    posts = graph.num_nodes("post") if "post" in graph.node_types else 0
    seconds = time.perf_counter() - began
    note(
        run, embed={"seconds": seconds, "posts_per_second": posts / max(seconds, 1e-9), "problems": len(table.problems)}
    )
    click.echo(repr(table))


@main.command()
@RUN
@click.option("--resamples", default=1000, show_default=True, help="Bootstrap resamples.")
def evaluate(run: Path, resamples: int) -> None:
    """Score a run's model on its test part beside the floors; writes metrics.json."""
    from graphsocial.learn import Trainer

    graph, tokens = _graph_and_tokens(run)
    trainer = Trainer.open(part(run, "model.safetensors", "train"))
    evaluation = trainer.evaluate(graph, tokens, resamples=resamples)
    write_json(run / "metrics.json", _metrics(run, graph, tokens, trainer, evaluation))
    click.echo(repr(evaluation))


def _metrics(run: Path, graph: Any, tokens: Any, trainer: Any, evaluation: Any) -> dict[str, Any]:
    from graphsocial.graph import format_time

    split = {name: getattr(trainer.split, name) for name in ("start", "valid", "test", "end")}
    return {
        "tasks": {name: score.to_json() for name, score in evaluation.tasks.items()},
        "split": {
            **{name: None if t is None else format_time(t) for name, t in split.items()},
            "seconds": split,
            "test_windows": {
                name: [format_time(t) for t in task.test_window(trainer.split.window("test", graph))]
                for name, task in trainer.tasks.items()
            },
            "known_until": trainer.known_until,
        },
        "data": {
            "name": graph.name,
            "nodes": {n: graph.num_nodes(n) for n in graph.node_types},
            "edges": {" ".join(e): graph.num_edges(e) for e in graph.edge_types},
            **notes(run).get("ingest", {}),
        },
        "encoders": {modality: info.to_json() for modality, info in tokens.encoders.items()},
        "normalisation": {"description": tokens.normalisation.description, "hash": tokens.normalisation.hash},
        "assumptions": list(evaluation.assumptions),
        "provenance": _provenance(run),
    }


@main.command()
@RUN
@click.argument("task")
@click.argument("node")
@click.option("--other", help="Second node of a pair, such as user:u18.")
@click.option("--as-of", help="Answer as of this time [default: after the last event].")
def predict(run: Path, task: str, node: str, other: str | None, as_of: str | None) -> None:
    """Answer TASK about NODE (type:id, such as post:731) from a run's model."""
    engine, _ = _engine(run, as_of)
    click.echo(repr(engine.predict(task, _node(node), None if other is None else _node(other))))


@main.command()
@RUN
@click.argument("question", nargs=-1)
@click.option("--count", default=5, show_default=True, help="Without a QUESTION: test posts to explain.")
@click.option("--as-of", help="Answer as of this time [default: after the last event].")
@SEED
def explain(run: Path, question: tuple[str, ...], count: int, as_of: str | None, seed: int) -> None:
    """Explain one prediction (TASK NODE), or --count random test posts, into explanations.json."""
    from graphsocial.query.run_outputs import attention_shares, explained_predictions, trend_forecasts

    if question and len(question) not in (2, 3):
        raise SchemaError(f"explain takes TASK NODE [OTHER], got {' '.join(question)}")
    engine, graph = _engine(run, as_of)
    if question:
        other = _node(question[2]) if len(question) == 3 else None
        click.echo(repr(engine.explain(engine.predict(question[0], _node(question[1]), other))))
        return
    predictions, explanations = explained_predictions(engine, graph, count, seed)
    write_json(run / "predictions.json", predictions)
    write_json(run / "explanations.json", explanations)
    write_json(run / "attention.json", attention_shares(engine, graph))
    trend = trend_forecasts(engine, graph)
    if trend is not None:
        write_json(run / "trend.json", trend)
    click.echo(f"explained {len(explanations)} predictions")


@main.command()
@RUN
@click.option("--ablations", type=click.Path(path_type=Path), help="Result lines of `python -m benchmarks demo`.")
def report(run: Path, ablations: Path | None) -> None:
    """Write a run's report.html: one file that needs no network."""
    from graphsocial.report import write_report

    if ablations is not None and ablations.exists():
        shutil.copyfile(ablations, run / "ablations.jsonl")
    write_json(run / "provenance.json", _provenance(run))
    click.echo(str(write_report(run)))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--protocol",
    default="legacy",
    show_default=True,
    metavar="[legacy|users_only|strict|prequential]",
    help="Whose rules decide what may be seen; the published one hides nothing.",
)
@click.option("--tasks", "task_file", type=click.Path(path_type=Path), help="Tasks and split of a graph (TOML).")
@click.option("--selected-on", metavar="[train|valid|test|none]", help="Part whose score chose the epoch.")
@click.option("--oracle", is_flag=True, help="Also measure what counting the test cascades would buy.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, allow_dash=True), help="File, or - for stdout alone."
)
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Page to write; it needs no network.")
def audit(
    folder: Path,
    protocol: str,
    task_file: Path | None,
    selected_on: str | None,
    oracle: bool,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """List what a model on FOLDER (a graph, or cascades.tsv) could see and should not; leaks are no failure."""
    from graphsocial.audit import audit_folder

    found = audit_folder(folder, protocol, task_file=task_file, selected_on=selected_on, oracle=oracle)
    if html_file is not None:
        found.write_html(html_file)
    if json_file is not None and str(json_file) == "-":
        click.echo(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
        return
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        write_json(json_file, found.to_json())
    click.echo(repr(found))


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder with tasks.toml [default: the first in data/].")
@click.option("--out", "run", default=Path("runs/demo"), show_default=True, type=click.Path(path_type=Path))
@click.option("--epochs", type=int, help="Most epochs.")
@SEED
@click.pass_context
def demo(context: click.Context, data: Path | None, run: Path, epochs: int | None, seed: int) -> None:
    """Everything on the shipped corpus: ingest, embed, train, evaluate, explain, report."""
    folder = data or _shipped_data()
    results = Path("benchmarks/results/demo.jsonl")
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("ingest", lambda: context.invoke(ingest, paths=(folder,), run=run)),
        ("embed", lambda: context.invoke(embed, run=run)),
        ("train", lambda: context.invoke(train, run=run, task_file=folder / "tasks.toml", epochs=epochs, seed=seed)),
        ("evaluate", lambda: context.invoke(evaluate, run=run)),
        ("explain", lambda: context.invoke(explain, run=run, seed=seed)),
        ("report", lambda: context.invoke(report, run=run, ablations=results)),
    ]
    for name, step in steps:
        click.secho(f"== {name}", bold=True)
        step()


def _shipped_data() -> Path:
    found = sorted(Path("data").glob("*/tasks.toml"))
    if not found:
        raise SchemaError("no data folder with a tasks.toml under ./data; run from the repository or pass --data")
    return found[0].parent


def _graph_and_tokens(run: Path) -> tuple[Any, Any]:
    from graphsocial.embed import EmbeddingTable
    from graphsocial.store import open_graph

    return open_graph(graph_part(run)), EmbeddingTable.open(part(run, "tokens", "embed"))


def _engine(run: Path, as_of: str | None) -> tuple[Any, Any]:
    """The run's engine as of a time, and the graph it answers from."""
    from graphsocial.query import Engine
    from graphsocial.store import open_graph

    graph = open_graph(graph_part(run))
    graph = graph if as_of is None else graph.as_of(as_of)
    return Engine.open(run, graph), graph


def _node(text: str) -> tuple[str, str]:
    node_type, colon, node = text.partition(":")
    if not colon or not node:
        raise SchemaError(f"node {text!r}, expected type:id such as post:731")
    return node_type, node


def _default_cache(run: Path) -> Path:
    return run.parent / ".cache" / "tokens"


def _provenance(run: Path) -> dict[str, Any]:
    import hashlib
    import importlib.metadata
    import subprocess

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    commit, changes = git("rev-parse", "HEAD"), git("status", "--porcelain")
    packages = ("graphsocial", "torch", "torch-geometric", "sentence-transformers", "timm", "numpy", "numba")
    files = [p for name in ("model.safetensors", "tasks.toml") if (p := run / name).exists()]
    return {
        "command": " ".join(["graphsocial", *sys.argv[1:]]),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": None if commit is None else commit + ("-dirty" if changes else ""),
        "versions": {name: importlib.metadata.version(name) for name in packages},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "store": _store_version(run),
        "hashes": {p.relative_to(run).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files},
        "seconds": {name: step["seconds"] for name, step in notes(run).items() if "seconds" in step},
        "steps": notes(run),
    }


def _store_version(run: Path) -> int | None:
    """Version of the run's store, None where its graph is none."""
    from graphsocial.store import Store, is_store

    return Store.open(run).version if is_store(run) else None
