"""Exports into a store, read by many machines and committed by one."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from graphsocial.errors import EventFormatError
from graphsocial.ingest.detect_format import ReaderSettings
from graphsocial.ingest.export_reader import ExportReader
from graphsocial.ingest.export_report import ExportIngest
from graphsocial.ingest.rejects import EXAMPLES
from graphsocial.scale.spark.file_slices import SLICE_BYTES
from graphsocial.scale.spark.ingest_plan import IngestPlan, plan_ingest
from graphsocial.scale.spark.ingest_rows import kept_rows, new_rows_of_files, staged_rows, tallies, written_files
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.scale.spark.session import check_session
from graphsocial.scale.spark.worker_versions import check_workers
from graphsocial.store import EventBatch, Store
from graphsocial.store.stored_rows import SOURCE_TABLE, note_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def ingest_exports(
    spark: SparkSession,
    paths: Iterable[str | Path],
    store: Store,
    *,
    format: str | None = None,
    reader: ExportReader | None = None,
    mapping: str | Path | None = None,
    settings: ReaderSettings | None = None,
    slice_bytes: int = SLICE_BYTES,
) -> ExportIngest:
    """Reads files into a store as `graphsocial.ingest.ingest_exports` does: the store then holds the same rows.

    Executors read whole files, or slices of large ones whose lines or row groups stand for themselves (X, Reddit,
    Mastodon, Bluesky, mapped JSON lines and Parquet), take out what the store knows and what stands there twice, and
    write Parquet beside the store's. The driver then makes all of it part of the store in one commit, through
    `deltalake` and without a row passing through it. Killed before that, nothing was added, and the same call does it
    anew. Records that cannot be read are noted in the store as ever.

    Ids stay the source's own: exports that must be pseudonymised on the way in are read by one machine, which has the
    key. Exports and the store's folder must have the same path on every worker.

    Args:
        spark: The session.
        paths: Files, or folders whose files are read.
        store: Where the events go.
        format: Format of all files; told from each file's beginning when None.
        reader: A reader of your own.
        mapping: `mapping.toml` that says what the columns of tables mean.
        settings: What the exports do not say of themselves.
        slice_bytes: About so many bytes of a file are one task's.

    Raises:
        SchemaError: There is nothing to read, or an export does not fit what is in the store; nothing was added.
        EventFormatError: No file can be read.
        DataIntegrityError: The store holds pseudonyms, workers run other releases or do not see the files, or the
            mapping names a file that is missing.
    """
    spark = check_session(spark)
    check_workers(spark)
    with plain_errors("ingest"):
        plan = plan_ingest(spark, paths, store, format, reader, mapping, settings, slice_bytes)
        if plan.tasks:
            _add(spark, plan, store)
    outcomes = tuple(plan.outcomes)
    if not any(outcome.format for outcome in outcomes):
        notes = "; ".join(outcome.note for outcome in outcomes[:3])
        raise EventFormatError(f"none of {len(outcomes):,} files can be read: {notes}")
    examples = tuple(plan.examples[:EXAMPLES])
    return ExportIngest(store.path, store.version, outcomes, examples, dict(plan.fields), plan.told())


def _add(spark: SparkSession, plan: IngestPlan, store: Store) -> None:
    batch = uuid.uuid4().hex
    staging = store.path / f".staging-{batch}"
    made = not store.path.exists()
    written = []
    try:
        rows = staged_rows(spark, plan, staging)
        wrong = plan.take(tallies(rows))
        if len(wrong) < plan.num_read:
            # nothing of the files is in this; it makes the store, and raises where they do not fit what is there
            store.append(EventBatch(plan.about.schema), about=plan.about)
            kept = kept_rows(spark, rows, store, wrong).persist()
            plan.count(new_rows_of_files(kept))
            written = written_files(kept, plan.about.schema, store.log.path, batch)
            kept.unpersist()
            from graphsocial.scale.spark.commit_files import commit_files, write_rows

            notes = note_rows(SOURCE_TABLE, plan.source_notes(wrong))
            written += write_rows(notes, store.log.path, f"part-{batch}-notes")
            commit_files(store, written, batch)
    except BaseException:
        written = []
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        _tidy(store, written, batch, made)


def _tidy(store: Store, written: list, batch: str, made: bool) -> None:  # type: ignore[type-arg]
    """Removes what was written and is in no version, and the folder where it was made for nothing."""
    from graphsocial.scale.spark.commit_files import drop_uncommitted

    drop_uncommitted(store, written, batch)
    if made and not store.version and store.path.is_dir() and not any(store.path.iterdir()):
        store.path.rmdir()
