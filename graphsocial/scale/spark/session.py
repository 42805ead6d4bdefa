"""A Spark session with settings that suit the jobs of this room, or a reason why there is none."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphsocial.errors import GraphSocialError, MissingExtraError, SchemaError
from graphsocial.scale.spark.java import check_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MASTER = re.compile(r"local|local\[(\d+|\*)(, ?\d+)?\]|local-cluster\[.*\]|spark://.+|yarn|k8s://.+")
_LOOPBACK = re.compile(r"local.*|spark://(127\.0\.0\.1|localhost)(:|,|$).*")
_MEMORY = re.compile(r"\d+[kmgt]b?", re.IGNORECASE)


def open_session(
    master: str = "local[2]",
    *,
    name: str = "graphsocial",
    memory: str = "2g",
    partitions: int = 8,
    python: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> SparkSession:
    """A new Spark session; the caller stops it with `session.stop()`.

    Without a network around it, a session on this machine talks over 127.0.0.1 only. Times are in UTC.

    Args:
        master: Where to run: `local[2]` for two threads here, `spark://host:port`, `yarn` or `k8s://…`.
        name: What the job is called.
        memory: Memory of the driver and of each executor, such as "2g".
        partitions: Parts into which rows are dealt out between steps; two to four for each core of the cluster.
        python: Python of the workers, in which this package must be installed; None for the one that runs now.
        settings: Further settings of Spark, by name; they win over all of the above.

    Raises:
        MissingExtraError: pyspark is not installed, or there is no Java that it can run on.
        SchemaError: A master, memory or number that Spark would not take, or a session is running already.
        GraphSocialError: Spark does not start, or the master cannot be reached.
    """
    if not _MASTER.fullmatch(master):
        raise SchemaError(f"got master {master!r}, expected local[2], spark://host:port, yarn or k8s://host:port")
    if not _MEMORY.fullmatch(memory):
        raise SchemaError(f"got memory {memory!r}, expected a number with its unit, such as '2g'")
    if isinstance(partitions, bool) or not isinstance(partitions, int) or partitions < 1:
        raise SchemaError(f"got partitions={partitions!r}, expected a whole number of at least 1")
    check_java()
    pyspark_sql = _pyspark()
    running = pyspark_sql.SparkSession.getActiveSession()
    if running is not None:
        raise SchemaError(
            f"a Spark session is running already, on {running.conf.get('spark.master', '?')}; "
            "pass it on, or stop it first"
        )
    chosen = {
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        "spark.sql.shuffle.partitions": str(partitions),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",  # what fails is raised here, in one line
    }
    if _LOOPBACK.fullmatch(master):
        chosen |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    builder = pyspark_sql.SparkSession.builder.master(master).appName(name)
    for key, value in (chosen | dict(settings or {})).items():
        builder = builder.config(key, value)
    try:
        session: SparkSession = builder.getOrCreate()
    except Exception as error:  # of Java, of its gateway or of the network: all mean that there is no session
        first = str(error).strip().splitlines()
        raise GraphSocialError(f"Spark does not start on {master}: {first[0] if first else error!r}") from error
    session.sparkContext.pythonExec = python or os.environ.get("PYSPARK_PYTHON") or sys.executable
    return session


def check_session(spark: Any) -> SparkSession:
    """The session, after making sure that it is one that jobs of this room can run on.

    Raises:
        MissingExtraError: pyspark is not installed.
        SchemaError: It is no session, is stopped, or talks to Spark Connect, which broadcasts nothing.
    """
    pyspark_sql = _pyspark()
    if not isinstance(spark, pyspark_sql.SparkSession):
        raise SchemaError(f"got a {type(spark).__name__}, expected a pyspark.sql.SparkSession; open_session makes one")
    context = getattr(spark, "_sc", None)
    if context is None:
        raise SchemaError("got a Spark Connect session, expected a classic one: open_session(master=...)")
    if context._jsc is None or context._jsc.sc().isStopped():
        raise SchemaError("got a Spark session that is stopped, expected a running one")
    return spark


def _pyspark() -> Any:
    try:
        from pyspark import sql
    except ImportError as error:
        raise MissingExtraError("jobs on Spark need pyspark: pip install 'graphsocial[spark]'") from error
    return sql
