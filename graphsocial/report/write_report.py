"""write_report: a run folder in, one offline HTML page out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from graphsocial.report.ablations_section import ablation_tables
from graphsocial.report.data_section import edge_rows, flatten, licence_line, node_rows, span, split_rows
from graphsocial.report.evidence_section import explained_predictions, prediction_rows
from graphsocial.report.pictures_section import pictures, recorded_split
from graphsocial.report.results_section import task_result
from graphsocial.report.run_folder import MADE_BY, RunFolder, read_run
from graphsocial.report.times import show_duration, show_time

_HERE = Path(__file__).parent

SECTIONS = (
    ("findings", "Findings"),
    ("data", "Data"),
    ("splits", "Splits"),
    ("encoders", "Encoders"),
    ("assumptions", "Assumptions"),
    ("results", "Results by task"),
    ("training", "Training"),
    ("ablations", "Ablations"),
    ("attention", "Attention shares"),
    ("trend", "A trend and its forecasts"),
    ("cascade", "The largest cascade"),
    ("ego", "A busy user’s ego network"),
    ("explanations", "Explained predictions"),
    ("predictions", "More predictions"),
    ("reproduce", "Reproduce"),
    ("not-claimed", "Not claimed here"),
    ("intervals", "What the intervals mean"),
)
"""Id and title of every section, in the order of the page."""


def write_report(run: Path, out: Path | None = None) -> Path:
    """Writes the report of a run as one HTML file that loads nothing from anywhere.

    The same run folder gives the same bytes. Photos are never embedded.

    Args:
        run: Run folder; `graph/` and `metrics.json` must be there, sections of other missing files say "not run".
        out: File to write, or a folder for `report.html`; the run folder itself when None.

    Returns:
        Path of the page.

    Raises:
        DataIntegrityError: The folder holds no run, or a file in it is not what it should be.
    """
    run = Path(run)
    page = render(read_run(run))
    target = Path(out) if out is not None else run
    if target.is_dir():
        target = target / "report.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(page.encode("utf-8", errors="replace"))
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def render(run: RunFolder) -> str:
    """The page of a run as text."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    css = Markup((_HERE / "style.css").read_text(encoding="utf-8"))
    return environment.get_template("report.html").render(css=css, sections=SECTIONS, **_content(run))


def _content(run: RunFolder) -> dict[str, Any]:
    """Everything the template shows, as plain values."""
    files, metrics, graph = run.files, run.metrics, run.graph
    provenance = files.get("provenance.json", {})
    return {
        "name": graph.name or run.path.resolve().name,
        "missing": {name: command for name, command in MADE_BY.items() if not _has(run, name)},
        "plots": pictures(run),
        "results": [task_result(name, task) for name, task in metrics["tasks"].items()],
        "nodes": node_rows(graph),
        "edges": edge_rows(graph),
        "span": span(graph),
        "card": run.card.strip(),
        "licence": licence_line(run.card),
        "data_rows": flatten(metrics.get("data") or {}),
        "split_rows": split_rows(recorded_split(run)),
        "known_until": _time_or_empty(provenance.get("known_until")),
        "encoder_rows": _encoders(metrics.get("encoders")),
        "assumptions": _assumptions(run),
        "epochs": len(files.get("history.json", [])),
        "training_time": _training_time(files.get("history.json", [])),
        "ablations": ablation_tables(run.ablations),
        "attention_note": str(files.get("attention.json", {}).get("note") or ""),
        "trend_node": _trend_node(files.get("trend.json", {})),
        "explained": explained_predictions(files.get("explanations.json", []), files.get("predictions.json", [])),
        "explanation_count": len(files.get("explanations.json", [])),
        "predictions": prediction_rows(files.get("predictions.json", [])),
        "prediction_count": len(files.get("predictions.json", [])),
        "command": _command(provenance.get("command")),
        "provenance": _provenance(provenance),
        "created": _time_or_empty(provenance.get("created")),
    }


def _has(run: RunFolder, name: str) -> bool:
    return bool(run.ablations) if name == "ablations.jsonl" else name in run.files


def _time_or_empty(value: Any) -> str:
    return "" if value is None else show_time(value)


def _encoders(encoders: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Name and fields of each encoder, whether they come as a list, by modality, or as bare names."""
    if isinstance(encoders, dict):
        return [
            (str(key), flatten(value, "" if isinstance(value, dict) else "name")) for key, value in encoders.items()
        ]
    if isinstance(encoders, list):
        named = [(entry, entry.get("modality") or entry.get("name")) for entry in encoders if isinstance(entry, dict)]
        return [(str(name), flatten(entry)) for entry, name in named] + [
            (str(entry), []) for entry in encoders if not isinstance(entry, dict)
        ]
    return [("encoders", [("name", str(encoders))])] if encoders else []


def _assumptions(run: RunFolder) -> list[str]:
    """What the run took for granted, then what the graph did, each once."""
    listed = run.metrics.get("assumptions") or []
    own = [str(entry) for entry in listed] if isinstance(listed, list) else [str(listed)]
    return list(dict.fromkeys([*own, *map(str, run.graph.assumptions)]))


def _training_time(history: list[dict[str, Any]]) -> str:
    seconds = [epoch.get("seconds") for epoch in history]
    known = [value for value in seconds if isinstance(value, int | float)]
    return show_duration(sum(known)) if known else ""


def _trend_node(trend: dict[str, Any]) -> tuple[str, str]:
    """Type and id of the node; the type may stand alone with the id beside it, or both in one pair."""
    node = trend.get("node")
    if isinstance(node, list) and len(node) == 2:
        return str(node[0]), str(node[1])
    return str(node or ""), str(trend.get("id") or "")


def _command(command: Any) -> str:
    lines = command if isinstance(command, list) else [command] if command else []
    return "\n".join(map(str, lines))


def _provenance(provenance: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Small tables of the reproduce box: what, and its rows."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    single = []
    for key in ("git", "created", "known_until", "seconds", "machine"):
        value = provenance.get(key)
        if value is None:
            continue
        if key in ("created", "known_until"):
            single.append((key.replace("_", " "), show_time(value)))
        elif key == "seconds" and isinstance(value, int | float):
            single.append(("duration", show_duration(value)))
        else:
            single += flatten(value, key)
    if single:
        groups.append(("Run", single))
    for key, title in (("hashes", "SHA-256"), ("versions", "Versions")):
        if provenance.get(key):
            groups.append((title, flatten(provenance[key])))
    return groups
