"""CSV with line ends and quotes that every reader takes the same way."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any, TextIO

from graphsocial.schema import ColumnType
from graphsocial.store.export.graph_rows import value_text


class CsvRows:
    r"""Writes rows of a CSV file, beginning with the names of its columns.

    Attributes:
        rows: Rows so far, without the header.
        empty_texts: Texts so far that are empty, which CSV does not tell from missing values.

    >>> import io
    >>> file = io.StringIO()
    >>> CsvRows(file, {"id": "string", "bot": "bool"}).write({"id": "ann, bob", "bot": True})
    >>> file.getvalue()
    'id,bot\r\n"ann, bob",true\r\n'
    """

    def __init__(self, file: TextIO, kinds: Mapping[str, ColumnType]):
        self._kinds = kinds
        self._writer = csv.writer(file, lineterminator="\r\n")  # with which bare carriage returns are quoted too
        self._writer.writerow(kinds)
        self.rows = self.empty_texts = 0

    def write(self, row: Mapping[str, Any]) -> None:
        """One row; columns that it does not name stay empty."""
        self.empty_texts += sum(cell == "" for cell in row.values())
        texts = [value_text(row[name], kind) if name in row else "" for name, kind in self._kinds.items()]
        self._writer.writerow(texts)
        self.rows += 1
