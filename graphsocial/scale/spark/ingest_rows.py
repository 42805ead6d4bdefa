"""Rows of exports between executors: read, rid of what is known, and written as files of the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graphsocial.scale.spark.commit_files import WrittenFile, write_rows
from graphsocial.scale.spark.ingest_plan import IngestPlan
from graphsocial.scale.spark.read_slice import FILE, KEY_HIGH, KEY_LOW, PLACE, TALLY_TABLE, read_slice
from graphsocial.scale.spark.stored_frames import plain_path
from graphsocial.schema import Schema
from graphsocial.store import Store
from graphsocial.store.row_keys import row_keys
from graphsocial.store.stored_rows import NOTES, REJECT_TABLE, TABLE, arrow_schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FILE_ROWS = 1_000_000
"""About so many rows are a file."""

_SQL_TYPE = {pa.string(): "string", pa.int64(): "bigint", pa.float64(): "double", pa.bool_(): "boolean"}
_KEYS = [KEY_HIGH, KEY_LOW]


def staged_rows(spark: SparkSession, plan: IngestPlan, staging: Path) -> DataFrame:
    """Everything that the files say, read once, in a folder that all workers see."""
    schema, tasks = plan.about.schema, spark.sparkContext.broadcast(plan.tasks)

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                for table in read_slice(tasks.value[place], schema):
                    yield from table.to_batches()

    ddl = ", ".join(f"{_quoted(name)} {kind}" for name, kind in _columns(schema).items())
    parts = min(len(plan.tasks), 32 * spark.sparkContext.defaultParallelism)
    where = plain_path(staging)
    spark.range(0, len(plan.tasks), 1, parts).mapInArrow(read, ddl).write.parquet(where)
    return spark.read.schema(ddl).parquet(where)


def tallies(rows: DataFrame) -> list[tuple[int, dict[str, Any]]]:
    """Number of the file and tally of every slice, in the order of files and slices."""
    found = rows.where(rows[_quoted(TABLE)] == TALLY_TABLE).select(_quoted(FILE), _quoted(PLACE), "json").collect()
    return [(number, json.loads(text)) for number, _, text in sorted(tuple(row) for row in found)]


def kept_rows(spark: SparkSession, rows: DataFrame, store: Store, wrong: set[int]) -> DataFrame:
    """Rows that the store does not have, each once, with the first file that gives it; and all rejects."""
    from pyspark.sql import functions as f

    good = rows.where(~f.col(_quoted(FILE)).isin(list(wrong))) if wrong else rows
    name = f.col(_quoted(TABLE))
    fresh = good.where(~name.isin(TALLY_TABLE, REJECT_TABLE))
    known = _known_keys(spark, store)
    if known is not None:
        fresh = fresh.join(known, _KEYS, "left_anti")
    others = [column for column in rows.columns if column not in _KEYS]
    row = f.struct(
        *(f.col(_quoted(column)) for column in [FILE, PLACE, *(c for c in others if c not in (FILE, PLACE))])
    )
    once = fresh.groupBy(*map(_quoted, _KEYS)).agg(f.min(row).alias("row"))
    chosen = once.select(*(f.col(f"row.{_quoted(column)}").alias(column) for column in others))
    rejects = good.where(name == REJECT_TABLE).select(*map(_quoted, others))
    return chosen.unionByName(rejects)


def new_rows_of_files(kept: DataFrame) -> dict[int, int]:
    """How many of the kept rows each file gave first, notes left out."""
    counted = kept.where(kept[_quoted(TABLE)] != REJECT_TABLE).groupBy(_quoted(FILE)).count().collect()
    return {row[0]: row[1] for row in counted}


def written_files(kept: DataFrame, schema: Schema, events: Path, batch: str) -> list[WrittenFile]:
    """Writes the rows beside those of the store, in order of time, and tells the files."""
    from pyspark.sql import functions as f

    order = [
        f.col(_quoted(TABLE)),
        f.coalesce("known_at", "time", "measured_at"),
        f.col(_quoted(FILE)),
        f.col(_quoted(PLACE)),
    ]
    parts = max(1, kept.count() // FILE_ROWS)
    names = arrow_schema(schema).names

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from uuid import uuid4

        from pyspark import TaskContext

        context = TaskContext.get()
        assert context is not None
        attempt, part, number = uuid4().hex[:8], context.partitionId(), 0
        waiting: list[pa.RecordBatch] = []
        for one in batches:
            waiting.append(one)
            if sum(each.num_rows for each in waiting) >= FILE_ROWS:
                yield from _files_of(waiting, events, f"part-{batch}-{part:05d}-{number:05d}-{attempt}")
                waiting, number = [], number + 1
        if waiting:
            yield from _files_of(waiting, events, f"part-{batch}-{part:05d}-{number:05d}-{attempt}")

    sorted_rows = kept.repartitionByRange(parts, *order).sortWithinPartitions(*order).select(*map(_quoted, names))
    found = sorted_rows.mapInArrow(write, "path string, name string, size bigint, rows bigint").collect()
    return [WrittenFile(*row) for row in found]


def _files_of(waiting: list[pa.RecordBatch], events: Path, stem: str) -> Iterator[pa.RecordBatch]:
    for file in write_rows(pa.Table.from_batches(waiting), events, stem):
        yield pa.RecordBatch.from_pydict(
            {"path": [file.path], "name": [file.table], "size": [file.size], "rows": [file.rows]}
        )


def _known_keys(spark: SparkSession, store: Store) -> DataFrame | None:
    """Keys of all rows of the store's newest version, None where it has none."""
    files = [(str(path), name) for path, name in store.log.files(store.version) if name not in NOTES]
    if not files:
        return None
    sent = spark.sparkContext.broadcast(files)

    def keys_of(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                path, name = sent.value[place]
                with pq.ParquetFile(path) as file:
                    keys = np.ascontiguousarray(row_keys(name, file.read())).view(np.int64)
                columns = {KEY_HIGH: np.ascontiguousarray(keys[:, 0]), KEY_LOW: np.ascontiguousarray(keys[:, 1])}
                yield pa.RecordBatch.from_pydict({name: pa.array(array) for name, array in columns.items()})

    parts = min(len(files), 32 * spark.sparkContext.defaultParallelism)
    ddl = ", ".join(f"{_quoted(name)} bigint" for name in _KEYS)
    return spark.range(0, len(files), 1, parts).mapInArrow(keys_of, ddl).distinct()


def _columns(schema: Schema) -> dict[str, str]:
    kinds = {field.name: _SQL_TYPE[field.type] for field in arrow_schema(schema)}
    return kinds | dict.fromkeys((KEY_HIGH, KEY_LOW, FILE, PLACE), "bigint")


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
