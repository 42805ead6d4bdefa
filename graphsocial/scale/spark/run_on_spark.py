"""Ibis expressions on Spark, by way of their SQL: Ibis' own connection asks for an older Spark."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis
    from pyspark.sql import DataFrame, SparkSession


def run_on_spark(spark: SparkSession, expression: ibis.Table, tables: Mapping[str, DataFrame]) -> DataFrame:
    """What an Ibis expression gives on Spark.

    Args:
        spark: The session.
        expression: Over unbound tables.
        tables: Frame of each unbound table, by its name.
    """
    sql, mark = spark_sql(expression), uuid.uuid4().hex
    for name in tables:
        sql = re.sub(rf"\b(FROM|JOIN)(\s+)`{name}` AS ", rf"\1\2`{name}_{mark}` AS ", sql)  # columns may have the name
    for name, frame in tables.items():
        # Spark drops what it keeps of a frame with a view of that very frame, and not with a view of a choice of rows
        frame.where("true").createOrReplaceTempView(f"{name}_{mark}")
    try:
        return spark.sql(sql)
    finally:
        for name in tables:  # the plan holds the frames themselves
            spark.catalog.dropTempView(f"{name}_{mark}")


def spark_sql(expression: ibis.Table) -> str:
    """The expression in Spark's SQL; needs no Spark.

    >>> import ibis
    >>> spark_sql(ibis.table({"x": "float64"}, name="t").select("x")).split()[-3:]
    ['`t`', 'AS', '`t0`']
    """
    import ibis
    from ibis.config import Config

    class Dialect(Config):
        """What Ibis asks of this dialect, which its connection would set."""

        treat_nan_as_null: bool = False

    if ibis.options.pyspark is None:
        ibis.options.pyspark = Dialect()
    return str(ibis.to_sql(expression, dialect="pyspark"))
