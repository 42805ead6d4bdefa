"""The report as one page that needs no network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphsocial.audit.leak_report import LeakReport

_HERE = Path(__file__).parent

TITLES = {
    "events_after_cut": "Training events after the cut",
    "cascades_across_cut": "Cascades on both sides of the cut",
    "cascades_in_several_parts": "Cascades in several parts",
    "rows_in_several_parts": "Rows in several parts",
    "near_duplicates": "Near-duplicates of training cascades",
    "near_duplicates_train_valid": "Near-duplicates of training or validation cascades",
    "edges_from_test_events": "Graph built from test events",
    "hyperedges_from_test_events": "Hyperedges built from test events",
    "edges_without_times": "Edges without times",
    "edges_repeat_test_pairs": "Edges that repeat test pairs",
    "end_tokens": "End tokens counted as targets",
    "targets_that_cannot_be_hit": "Targets that cannot be hit",
    "unseen_users": "Users never seen in training",
    "columns_measured_later": "Columns measured later",
    "immature_labels": "Immature labels",
    "shared_groups": "Groups in several parts",
    "selection_on_test": "Selection on the test part",
}
"""How the page names a check."""

PROTOCOL_TEXT = {
    "legacy": "The published protocol: parts by the start of a cascade, whole cascades, their ends are targets.",
    "users_only": "The published split without the end token: whole training cascades may be used.",
    "strict": "Training ends where the next part starts; what lies later is kept out.",
    "prequential": "Training ends where the next part starts; at test, every event before a target's time may be used.",
    "as given": "Arrays of somebody else's code, taken as they were used.",
}


def write_page(report: LeakReport, path: Path) -> Path:
    """Writes the page of a report and returns its path; the same report gives the same bytes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.write_bytes(render(report).encode("utf-8", errors="replace"))
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def render(report: LeakReport) -> str:
    """The page of a report as text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from graphsocial.audit.leak_report import show_seconds

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(percent=percent, cell=_cell, columns=_columns)
    oracle = report.oracle
    return environment.get_template("audit.html").render(
        css=Markup((_HERE / "style.css").read_text(encoding="utf-8")),
        report=report,
        titles=TITLES,
        protocol_text=_protocol(report),
        cut="" if report.cut is None else show_seconds(report.cut),
        oracle=[] if oracle is None else [(m, oracle.honest[m], oracle.leaked[m]) for m in oracle.leaked],
        quiet=[found for found in report.findings if not found.found],
    )


def percent(share: float) -> str:
    """A share as it stands on the page: one decimal, never 0 or 100 when it is not.

    >>> percent(0.7806), percent(0.0), percent(0.0001), percent(0.9999)
    ('78.1 %', '0 %', '< 0.1 %', '> 99.9 %')
    """
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    if share < 0.0005:
        return "< 0.1 %"
    return "> 99.9 %" if share >= 0.9995 else f"{100 * share:.1f} %"


def _protocol(report: LeakReport) -> str:
    if report.unit in ("posts", "edges") and report.protocol in ("legacy", "users_only"):
        return "As published systems do: the model sees the whole graph, the test's part of it too."
    return PROTOCOL_TEXT.get(report.protocol, "")


def _cell(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _columns(examples: tuple[dict[str, Any], ...]) -> list[str]:
    return list(dict.fromkeys(key for example in examples for key in example))
