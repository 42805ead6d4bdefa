"""Whether all workers of a cluster run what the driver runs: rows of two releases must not meet in one store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from graphsocial import __version__
from graphsocial.errors import DataIntegrityError
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.store.event_store import FORMAT_VERSION

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TASKS = 2
"""Tasks for every core, so that every executor most likely gets one."""

_FIELDS = "worker string, python string, package string, store string"


class Versions(NamedTuple):
    """What runs in one place.

    Attributes:
        python: Version of Python, such as "3.11".
        package: Version of this package, or why it cannot be imported.
        store: Version of the format of stores.
    """

    python: str
    package: str
    store: str


def driver_versions() -> Versions:
    """What runs here."""
    return Versions(f"{sys.version_info.major}.{sys.version_info.minor}", __version__, str(FORMAT_VERSION))


def check_workers(spark: SparkSession, tasks: int | None = None) -> Versions:
    """Asks the workers what they run; all must run what the driver does.

    Args:
        spark: The session.
        tasks: How many tasks ask; None for several for each core.

    Returns:
        What all of them run.

    Raises:
        DataIntegrityError: Some worker has another version of the package, of the store's format or of Python, or lacks
            the package; names the worker.
    """
    here = driver_versions()
    count = tasks or _TASKS * spark.sparkContext.defaultParallelism
    with plain_errors("asking workers for their versions"):
        found = spark.range(0, count, 1, count).mapInArrow(_asking(), _FIELDS).distinct().collect()
    wrong = sorted((row[0], Versions(*row[1:])) for row in found if Versions(*row[1:]) != here)
    if wrong:
        worker, theirs = wrong[0]
        differing = [n for n, a, b in zip(Versions._fields, theirs, here, strict=True) if a != b]
        said = ", ".join(f"{name} {getattr(theirs, name)} against {getattr(here, name)} here" for name in differing)
        others = f" ({len(wrong) - 1} more workers differ)" if len(wrong) > 1 else ""
        raise DataIntegrityError(
            f"mixed versions of the store across workers: {worker} runs {said}{others}; install the same release of "
            "graphsocial in the Python of every worker"
        )
    return here


def _asking():  # type: ignore[no-untyped-def]
    """The question, as a function that is sent to workers with its code: one that lacks the package can answer it."""

    def ask(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import os
        import socket
        import sys

        import pyarrow

        try:
            from graphsocial import __version__ as package
            from graphsocial.store.event_store import FORMAT_VERSION as FORMAT
        except ImportError as error:
            package, FORMAT = f"missing ({error})", -1
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        worker = f"{socket.gethostname()} ({os.environ.get('SPARK_EXECUTOR_DIRS', os.getcwd())})"
        for _ in batches:
            pass
        columns = {"worker": [worker], "python": [python], "package": [package], "store": [str(FORMAT)]}
        yield pyarrow.RecordBatch.from_pydict(columns)

    return ask
