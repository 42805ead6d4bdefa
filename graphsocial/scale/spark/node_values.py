"""Numbers for every node that the driver holds, written beside the nodes by the executors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SQL_TYPE = {"int64": "bigint", "float64": "double"}


def with_values(nodes: DataFrame, values: dict[str, np.ndarray]) -> DataFrame:
    """Nodes with further columns.

    Args:
        nodes: With a column `number`.
        values: Per new column the value of each node by its number, int64 or float64 [node].
    """
    sent = nodes.sparkSession.sparkContext.broadcast(values)

    def look_up(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            number = batch.column("number").to_numpy()
            new = {name: pa.array(array[number]) for name, array in sent.value.items()}
            columns = {name: batch.column(name) for name in batch.schema.names}
            yield pa.RecordBatch.from_pydict({**columns, **new})

    kinds = [f"`{field.name}` {field.dataType.simpleString()}" for field in nodes.schema.fields]
    kinds += [f"`{name}` {_SQL_TYPE[str(array.dtype)]}" for name, array in values.items()]
    return nodes.mapInArrow(look_up, ", ".join(kinds))
