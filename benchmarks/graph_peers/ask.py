"""Asks one library in a process of its own: `python -m benchmarks.graph_peers.ask FOLDER MODULE CASE…`."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
import traceback
from dataclasses import fields
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.graph_peers.questions import CASES, Questions
from benchmarks.graph_world import GraphWorld, Scale
from benchmarks.result_lines import peak_memory

_LONG, _RUNS = 20.0, 5


def main() -> None:
    """Prints one JSON object per line: the library as it was loaded, then each case, as soon as it is known."""
    folder, module, cases = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    try:
        library = import_module(f"benchmarks.graph_peers.{module}")
    except ImportError as error:
        say({"missing": str(error)})
        return
    questions = Questions.of(read_world(folder))
    before, began = _resident(), time.process_time()
    peer = library.Peer(questions)
    loaded = {"build": time.process_time() - began, "build_mb": _resident() - before}
    say({"name": library.NAME, "version": _version(library.PACKAGE), **loaded, **getattr(peer, "facts", {})})
    for case in cases:
        ask = getattr(peer, case, None)
        if ask is None:
            say({"case": case, "outcome": "not offered"})
            continue
        say({"case": case, "outcome": "begun"})
        try:
            say({"case": case, **_asked(ask, case, library.ITEMS.get(case), questions, folder, module == "ours")})
        except Exception as error:  # whatever a library raises belongs into its row, not over the others
            traceback.print_exc()
            say({"case": case, "outcome": f"failed: {type(error).__name__}: {error}"[:300]})


def _asked(ask: Any, case: str, items: int | None, questions: Questions, folder: Path, is_ours: bool) -> dict[str, Any]:
    """Seconds of one question, once its answer is right."""
    part = questions if items is None else questions.first(case, items)
    share = part.items(case) / questions.items(case)
    expected = folder / f"answer_{case}.npy"
    began = time.process_time()
    found = ask(part)
    first = time.process_time() - began
    answer = np.asarray(found() if callable(found) else found)  # turning an answer into numbers to compare is not timed
    if is_ours:
        np.save(expected, answer)
    elif expected.exists():
        wrong = _wrong(answer, np.load(expected)[: len(answer)], case)
        if wrong:
            return {"outcome": f"wrong: {wrong}", "cpu": first / share}
    cpu, wall = [], []
    while len(cpu) < (_RUNS if first < _LONG / _RUNS else 3 if first < _LONG else 1):
        began, clock = time.process_time(), time.perf_counter()
        ask(part)
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - clock)
    return {
        "outcome": "right",
        "cpu": statistics.median(cpu) / share,
        "wall": statistics.median(wall) / share,
        "cpu_first": first / share,
        "cpu_runs": [round(seconds / share, 6) for seconds in cpu],
        "items": part.items(case),
        "of_items": questions.items(case),
        "peak_mb": peak_memory(),
    }


def _wrong(answer: np.ndarray, expected: np.ndarray, case: str) -> str:
    """What is wrong with an answer, empty when nothing is."""
    if answer.shape != expected.shape:
        return f"{answer.shape} values, expected {expected.shape}"
    if case == "pagerank":
        gap = float(np.abs(answer / answer.sum() - expected).sum())
        return "" if gap < 1e-6 else f"scores differ by {gap:.2g} in all"
    different = int((answer != expected).sum())
    return f"{different} of {len(answer)} values differ" if different else ""


def write_world(world: GraphWorld, folder: Path) -> None:
    """Saves the rows of a network for processes that read them without a copy."""
    (folder / "scale.json").write_text(json.dumps(vars(world.scale)))
    for field in fields(GraphWorld):
        if field.name != "scale":
            np.save(folder / f"{field.name}.npy", getattr(world, field.name))


def read_world(folder: Path) -> GraphWorld:
    """The network that `write_world` saved, mapped into memory."""
    scale = Scale(**json.loads((folder / "scale.json").read_text()))
    names = [field.name for field in fields(GraphWorld) if field.name != "scale"]
    return GraphWorld(scale, **{name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names})


def say(line: dict[str, Any]) -> None:
    """One JSON object on standard output, at once."""
    print(json.dumps(line), flush=True)


def _resident() -> float:
    """Memory held right now, in MB; peaks of the past do not count."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


if __name__ == "__main__":
    assert set(sys.argv[3:]) <= set(CASES)
    main()
