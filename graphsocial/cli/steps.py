"""What commands share: parts of a run folder, notes on finished steps, progress bars."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphsocial.errors import SchemaError


def part(run: Path, name: str, command: str) -> Path:
    """A part of a run folder; raises SchemaError naming the command that makes it."""
    if not (run / name).exists():
        raise SchemaError(f"{run} has no {name}; `graphsocial {command}` makes it")
    return run / name


def graph_part(run: Path) -> Path:
    """The run folder, after checking that it has a graph."""
    from graphsocial.store import has_graph

    if not has_graph(run):
        raise SchemaError(f"{run} has no graph; `graphsocial ingest` makes it")
    return run


@contextmanager
def items_bar() -> Iterator[Callable[[int, int, str], None]]:
    """A bar for each thing that is worked on."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def progress(done: int, total: int, what: str) -> None:
        if what not in bars:
            bars[what] = tqdm(total=total, desc=what, unit="it", disable=None)
        bars[what].total = total
        bars[what].update(done - bars[what].n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()


def write_json(path: Path, value: Any) -> None:
    """One JSON file, in one step."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=True), encoding="utf-8")
    os.replace(temporary, path)


def notes(run: Path) -> dict[str, Any]:
    """What earlier steps remembered."""
    path = run / "steps.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
    except ValueError:
        return {}  # a damaged note is rewritten by the next step


def note(run: Path, **step: Any) -> None:
    """Remembers what a step did, for the provenance of the report."""
    write_json(run / "steps.json", {**notes(run), **step})


@contextmanager
def records_bar() -> Iterator[Callable[[str, int], None]]:
    """A bar that counts records, file by file."""
    from tqdm import tqdm

    with tqdm(unit=" records", disable=None) as bar:

        def progress(file: str, count: int) -> None:
            bar.set_description(file[-40:], refresh=False)
            bar.update(count)

        yield progress


def write_lines(path: Path, rows: Iterable[Any]) -> None:
    """One JSON object per line, in one step."""
    temporary = path.with_name(f".{path.name}.part")
    with open(temporary, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
    os.replace(temporary, path)
