"""A data folder, a whole that somebody keeps, into a store: when it has changed, the new whole takes its place."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from graphsocial.errors import SchemaError
from graphsocial.ingest.checksums import CHECKSUM_FILE, file_sha256, verify_checksums
from graphsocial.ingest.default_mapping import SUFFIXES
from graphsocial.ingest.folder import read_folder
from graphsocial.ingest.ingest_report import IngestReport
from graphsocial.ingest.mapping_file import MAPPING_FILE
from graphsocial.ingest.pseudonymise import Pseudonymiser
from graphsocial.ingest.readable_name import readable_name
from graphsocial.store import About, EventBatch, Store

FORMAT = "data folder"


def is_data_folder(path: Path) -> bool:
    """Whether a folder has a mapping, or a table of posts under its conventional name."""
    return (path / MAPPING_FILE).is_file() or any((path / f"posts{suffix}").is_file() for suffix in SUFFIXES)


def ingest_folder(folder: Path, store: Store, pseudonymiser: Pseudonymiser | None = None) -> IngestReport:
    """Reads a data folder into a store, after checking its checksums when it has any.

    The folder is read as a whole, as `read_folder` does. Where the store holds an earlier state of it and nothing else,
    the new state takes its place, in a version of its own; the earlier versions stay. For tables that are too large to
    be read as a whole, `ingest_exports` takes a mapping. Rows that cannot be read are listed in `rejects.jsonl` in the
    store; where nothing can be kept, that file is all that is left behind, and only where there are such rows.

    Raises:
        SchemaError: The mapping does not fit the files, or the folder is to be pseudonymised.
        DataIntegrityError: Files are not what their checksums say.
    """
    if pseudonymiser is not None:
        raise SchemaError(
            f"{folder} is a data folder, which is read as a whole; to be pseudonymised it is read file by file, "
            f"with --mapping {folder / MAPPING_FILE}"
        )
    if (folder / CHECKSUM_FILE).exists():
        verify_checksums(folder)
    digest = tree_sha256(folder)
    rejected = store.path / "rejects.jsonl"
    fresh = rejected.with_name(f".rejects.jsonl.{os.getpid()}.new")  # those of the store stay until it is another one
    made = [path for path in (store.path, *store.path.parents) if not path.exists()]
    try:
        report = _read_into(folder, store, digest, fresh)
    except BaseException:
        _clear(fresh, rejected, made)
        raise
    os.replace(fresh, rejected)
    return replace(report, sha256=digest, rejects_path=rejected)


def _read_into(folder: Path, store: Store, digest: str, rejected: Path) -> IngestReport:
    graph, report = read_folder(folder, rejects=rejected)
    notes = store.sources()
    if notes and notes[-1]["sha256"] == digest:
        return report
    media_root = None if graph.media_root is None else os.path.relpath(graph.media_root, store.path)
    about = About(graph.schema, graph.stated_assumptions, media_root)
    name = readable_name(folder.name)
    note = {"file": name, "sha256": digest, "format": FORMAT, "records": report.rows, "complete": True}
    same = all(n["format"] == FORMAT and n["file"] == name for n in notes)
    rejects = [json.loads(line) for line in rejected.read_text(encoding="utf-8").splitlines()]
    write = store.replace if notes and same else store.append
    write(EventBatch.of_graph(graph), about=about, sources=[note], rejects=rejects)
    return report


def _clear(fresh: Path, rejected: Path, made: list[Path]) -> None:
    """Leaves nothing of a reading that failed but the rows that were refused, and those only if no others are there."""
    if fresh.is_file():
        if fresh.stat().st_size and not rejected.exists():
            os.replace(fresh, rejected)
        else:
            fresh.unlink()
    for path in made:
        with suppress(OSError):  # there is something in the folder
            path.rmdir()


def tree_sha256(folder: Path) -> str:
    """SHA-256 over the folder's SHA256SUMS when it has one, else over its files."""
    if (folder / CHECKSUM_FILE).exists():
        return file_sha256(folder / CHECKSUM_FILE)
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        line = f"{path.relative_to(folder).as_posix()} {file_sha256(path)}\n"
        digest.update(line.encode("utf-8", errors="surrogateescape"))  # names are bytes, of whatever encoding
    return digest.hexdigest()
