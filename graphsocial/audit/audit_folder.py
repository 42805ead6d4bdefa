"""The audit of a folder: a saved graph, a data folder, or one with cascades.tsv."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graphsocial.audit.audit_cascades import audit_cascades
from graphsocial.audit.audit_graph import audit_graph
from graphsocial.audit.finding import EXAMPLES
from graphsocial.audit.leak_report import LeakReport
from graphsocial.errors import DataIntegrityError, SchemaError, did_you_mean

if TYPE_CHECKING:
    from graphsocial.graph import SocialGraph


def audit_folder(
    path: str | os.PathLike[str],
    protocol: str = "legacy",
    *,
    task_file: str | os.PathLike[str] | None = None,
    selected_on: str | None = None,
    oracle: bool = False,
    examples: int = EXAMPLES,
) -> LeakReport:
    """Lists what a model could see under a protocol and should not, for whatever the folder holds.

    Args:
        path: Folder with `cascades.tsv`; or of a saved graph, of a run (its `graph`), or of tables that `load` reads.
        protocol: `legacy`, `users_only`, `strict` or `prequential`.
        task_file: Tasks and split of a graph; None takes the folder's own `tasks.toml` when there is one.
        selected_on: Part whose score chose the epoch and the settings.
        oracle: Whether to measure what counting the test cascades would buy; cascades only.
        examples: How many examples each finding names.

    Raises:
        DataIntegrityError: There is no such folder, it holds neither, or it is damaged.
        SchemaError: Unknown protocol or part, or too little data to cut.
    """
    from graphsocial.learn.next_user.split import PROTOCOLS

    if protocol not in PROTOCOLS:
        raise SchemaError(
            f"unknown protocol {protocol!r}, expected one of {', '.join(PROTOCOLS)}.{did_you_mean(protocol, PROTOCOLS)}"
        )
    folder = _existing(Path(path))
    if (folder / "cascades.tsv").exists():
        if task_file is not None:
            raise SchemaError(f"{folder} holds cascades, which take no task file; --tasks is for graphs")
        return _cascade_folder(folder, protocol, selected_on, oracle, examples)
    if oracle:
        raise SchemaError(f"{folder} has no cascades.tsv; the oracle counts cascades and needs one")
    from graphsocial.learn import read_task_file

    own = folder / "tasks.toml"
    file = Path(task_file) if task_file is not None else own if own.is_file() else None
    tasks, split = ([], None) if file is None else read_task_file(file)
    return audit_graph(_graph(folder), split, tasks, protocol=protocol, selected_on=selected_on, examples=examples)


def _existing(folder: Path) -> Path:
    if folder.is_dir():
        return folder
    if folder.exists():
        raise DataIntegrityError(f"{folder} is a file, expected a folder")
    beside = [p.name for p in folder.parent.iterdir() if p.is_dir()] if folder.parent.is_dir() else []
    raise DataIntegrityError(f"no folder {folder}.{did_you_mean(folder.name, beside)}")


def _graph(folder: Path) -> SocialGraph:
    from graphsocial.ingest import load
    from graphsocial.store import has_graph, open_graph

    if (folder / "mapping.toml").exists():
        return load(folder)
    if has_graph(folder):
        return open_graph(folder)
    if not any(p.is_file() for p in folder.iterdir()):
        raise DataIntegrityError(f"{folder} is empty, expected cascades.tsv, a saved graph or tables such as posts.csv")
    return load(folder)


def _cascade_folder(folder: Path, protocol: str, selected_on: str | None, oracle: bool, examples: int) -> LeakReport:
    from graphsocial.ingest.cascade_folder import read_cascade_folder
    from graphsocial.learn.cascade_table import CascadeTable
    from graphsocial.learn.next_user.split import next_user_split

    read = read_cascade_folder(folder)
    split = next_user_split(CascadeTable.of(read.cascades), protocol)
    groups: dict[str, dict[str, object]] = {}
    if read.texts:
        groups["text"] = {cascade: " ".join(text.split()) or None for cascade, text in read.texts.items()}
    if read.images:
        groups["image"] = dict(_pictures(read.images))
    report = audit_cascades(
        split,
        read.edges,
        groups=groups or None,
        selected_on=selected_on,
        oracle=oracle,
        name=read.name,
        examples=examples,
    )
    kept = len(split.table)
    said = [f"left out when the folder was read: {count:,} with {what}" for what, count in read.rejected.items()]
    said += [f"noted when the folder was read: {count:,} {what}" for what, count in read.notes.items()]
    if kept < len(read.cascades):
        said.append(f"cascades left out for having fewer than 2 or more than 500 events: {len(read.cascades) - kept:,}")
    return replace(report, assumptions=(*report.assumptions, *said))


def _pictures(images: Mapping[str, Path]) -> dict[str, object]:
    """Name of the first file with the same bytes, by cascade; copies of a picture are one picture."""
    first: dict[str, str] = {}
    found: dict[str, object] = {}
    for cascade, path in images.items():
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[cascade] = first.setdefault(digest, path.name)
    return found
