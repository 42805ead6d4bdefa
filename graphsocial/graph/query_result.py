"""What every answer of a query can do: show itself in a few lines, and leave as a table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Column = np.ndarray | Sequence[Any]

_SHOWN = 6


class QueryResult(ABC):
    """A small answer made of columns of equal length.

    A subclass is a frozen dataclass that states its columns and its title.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, repr=False)
    ... class Degrees(QueryResult):
    ...     node: list
    ...     degree: np.ndarray
    ...     def title(self):
    ...         return "degrees of 2 nodes"
    ...     def columns(self):
    ...         return {"node": self.node, "degree": self.degree}
    >>> answer = Degrees(["ann", "bob"], np.array([3, 1]))
    >>> answer
    degrees of 2 nodes
      node  degree
      ann   3
      bob   1
    >>> answer.to_polars().shape, len(answer)
    ((2, 2), 2)
    """

    @abstractmethod
    def title(self) -> str:
        """One line: what was asked, of which view, and the main figure."""

    @abstractmethod
    def columns(self) -> Mapping[str, Column]:
        """Values by column name, all of one length."""

    def __len__(self) -> int:
        return len(next(iter(self.columns().values())))

    def __repr__(self) -> str:
        columns, count = self.columns(), len(self)
        body = [list(columns)] + [[_cell(values[i]) for values in columns.values()] for i in range(min(count, _SHOWN))]
        width = [max(len(row[c]) for row in body) for c in range(len(columns))]
        lines = ["  " + "  ".join(cell.ljust(w) for cell, w in zip(row, width, strict=True)).rstrip() for row in body]
        more = [f"  … {count - _SHOWN:,} more"] if count > _SHOWN else []
        return "\n".join([self.title(), *(lines if count else []), *more])

    def to_arrow(self) -> pyarrow.Table:
        """The columns as an Arrow table."""
        import pyarrow as pa

        return pa.table({name: pa.array(values) for name, values in self.columns().items()})

    def to_polars(self) -> polars.DataFrame:
        """The columns as a Polars frame."""
        import polars as pl

        return pl.DataFrame(pl.from_arrow(self.to_arrow()))

    def to_pandas(self) -> pandas.DataFrame:
        """The columns as a pandas frame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas  # noqa: F401
        except ImportError as error:
            from graphsocial.errors import MissingExtraError

            raise MissingExtraError("to_pandas needs pandas: pip install pandas, or use to_polars()") from error
        return self.to_arrow().to_pandas()


def _cell(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
