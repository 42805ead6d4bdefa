"""Reading a run folder: the graph and metrics.json must be there, every other file may be missing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphsocial.errors import DataIntegrityError
from graphsocial.graph import SocialGraph
from graphsocial.store import has_graph, open_graph

MADE_BY = {
    "history.json": "graphsocial train",
    "attention.json": "graphsocial explain",
    "trend.json": "graphsocial explain",
    "predictions.json": "graphsocial explain",
    "explanations.json": "graphsocial explain",
    "ablations.jsonl": "python -m benchmarks demo",
    "provenance.json": "graphsocial train",
}
"""Which command writes a file, named where the page has to say "not run"."""

_LIST_KEYS = {
    "history.json": ("epoch", "losses"),
    "predictions.json": ("task", "node"),
    "explanations.json": ("task", "node", "evidence"),
}
_DICT_KEYS = {
    "attention.json": ("layers",),
    "trend.json": ("times", "counts", "forecasts"),
    "provenance.json": (),
}


@dataclass(frozen=True)
class RunFolder:
    """What one run left behind.

    Attributes:
        path: The folder.
        graph: The graph of the run, whole.
        metrics: `metrics.json`.
        files: Content of each optional JSON file that is there, by file name.
        ablations: Result lines of `ablations.jsonl`, empty when it is missing.
        card: Text of the data set's card, empty when there is none.
    """

    path: Path
    graph: SocialGraph
    metrics: dict[str, Any]
    files: dict[str, Any] = field(default_factory=dict)
    ablations: tuple[dict[str, Any], ...] = ()
    card: str = ""


def read_run(path: Path | str) -> RunFolder:
    """Reads a run folder.

    Args:
        path: Folder with a graph and `metrics.json`; every other file is optional.

    Raises:
        DataIntegrityError: The folder, its graph or `metrics.json` is missing, or a file is not what it should be.
    """
    path = Path(path)
    if not path.is_dir():
        raise DataIntegrityError(f"no run folder at {path}, expected one written by `graphsocial evaluate`")
    if not (path / "metrics.json").is_file():
        raise DataIntegrityError(f"{path} has no metrics.json, expected a run written by `graphsocial evaluate`")
    if not has_graph(path):
        raise DataIntegrityError(f"{path} has no graph, expected a run written by `graphsocial evaluate`")
    metrics = _read_json(path / "metrics.json")
    if not isinstance(metrics, dict) or not isinstance(metrics.get("tasks"), dict):
        raise DataIntegrityError(f"{path / 'metrics.json'} has no 'tasks', expected an object of tasks")
    for name, task in metrics["tasks"].items():
        if not isinstance(task, dict) or not isinstance(task.get("floors", {}), dict):
            raise DataIntegrityError(f"{path / 'metrics.json'}: task {name!r} is not an object with 'floors'")
    files = {name: _read_optional(path / name) for name in MADE_BY if name != "ablations.jsonl"}
    cards = (path / "card.md", path / "graph" / "CARD.md", path / "graph" / "card.md")
    card = next((found for found in cards if found.is_file()), None)
    return RunFolder(
        path=path,
        graph=open_graph(path),
        metrics=metrics,
        files={name: content for name, content in files.items() if content is not None},
        ablations=_read_lines(path / "ablations.jsonl"),
        card=card.read_text(encoding="utf-8", errors="replace") if card else "",
    )


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataIntegrityError(f"{path} is not JSON: {error}") from error


def _read_optional(path: Path) -> Any:
    """Content of a file whose outline has been checked, or None when the run did not write it."""
    if not path.is_file():
        return None
    content = _read_json(path)
    if path.name in _DICT_KEYS:
        _check_keys(path, "", content, _DICT_KEYS[path.name])
    elif not isinstance(content, list):
        raise DataIntegrityError(f"{path} holds {type(content).__name__}, expected a list")
    else:
        for position, entry in enumerate(content):
            _check_keys(path, f" entry {position}", entry, _LIST_KEYS[path.name])
    return content


def _read_lines(path: Path) -> tuple[dict[str, Any], ...]:
    if not path.is_file():
        return ()
    lines = []
    for number, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise DataIntegrityError(f"{path} line {number} is not JSON: {error}") from error
        _check_keys(path, f" line {number}", line, ("case", "metric", "value"))
        lines.append(line)
    return tuple(lines)


def _check_keys(path: Path, where: str, content: Any, keys: tuple[str, ...]) -> None:
    if not isinstance(content, dict):
        raise DataIntegrityError(f"{path}{where} holds {type(content).__name__}, expected an object")
    missing = [key for key in keys if key not in content]
    if missing:
        got = ", ".join(map(str, content)) or "nothing"
        raise DataIntegrityError(f"{path}{where} has no {missing[0]!r}, expected {', '.join(keys)}, got {got}")
