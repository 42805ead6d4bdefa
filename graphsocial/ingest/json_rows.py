"""Rows of a file with one JSON object per line; the fields of nested objects are columns with dotted names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.csv_rows import Row
from graphsocial.ingest.json_lines import json_lines, json_object

JSON_ENDINGS = (".jsonl", ".ndjson")
"""How the name of such a file ends, before the ending of a compression."""


@dataclass(frozen=True)
class JsonRowsFile:
    """A file of JSON objects, one per line, plain or compressed.

    A field that an object lacks is an empty cell, because exports leave empty fields out. Lists stay lists.

    Attributes:
        path: The file.
    """

    path: Path

    def header(self) -> list[str]:
        """Dotted names of every field that some object has; this reads the whole file.

        Raises:
            EventFormatError: No line holds an object.
        """
        names: dict[str, None] = {}
        objects = 0
        for _, line in json_lines(self.path):
            try:
                if not isinstance(line, EventFormatError):
                    names.update(dict.fromkeys(_names(json_object(line))))
                    objects += 1
            except EventFormatError:
                continue  # reading the rows lists it
        if not objects:
            raise EventFormatError(f"{self.path} holds no JSON object, expected one per line", str(self.path))
        return list(names)

    def rows(self, names: Sequence[str]) -> Iterator[Row]:
        """Values of the named fields, object by object, with the line each stands on. Blank lines are no rows."""
        nested = [place for place, name in enumerate(names) if "." in name]
        for number, line in json_lines(self.path):
            if isinstance(line, EventFormatError):
                yield number, line
                continue
            try:
                record = json_object(line)
                cells = list(map(record.get, names))
                for place in nested:
                    if cells[place] is None:
                        cells[place] = value_at(record, names[place])
                for place, cell in enumerate(cells):
                    if type(cell) is dict or type(cell) is list:
                        _check_container(cell, names[place])
            except EventFormatError as error:
                yield number, error
                continue
            yield number, cells


def value_at(record: Mapping[str, Any], name: str) -> Any:
    """What stands at a dotted name, None where nothing does; a field whose own name has the dots comes first.

    Raises:
        EventFormatError: Something on the way is no object.

    >>> value_at({"user": {"id": 7}}, "user.id"), value_at({"user.id": 8}, "user.id"), value_at({}, "user.id")
    (7, 8, None)
    >>> value_at({"user": "ann"}, "user.id")
    Traceback (most recent call last):
    graphsocial.errors.EventFormatError: got 'ann' at 'user', expected an object
    """
    found = record.get(name)
    if found is not None:
        return found
    found = record
    keys = name.split(".")
    for step, key in enumerate(keys):
        if found is None:
            return None
        if not isinstance(found, Mapping):
            raise EventFormatError(f"got {shown(found)} at {'.'.join(keys[:step])!r}, expected an object", field=name)
        found = found.get(key)
    return found


def _check_container(cell: dict[str, Any] | list[Any], name: str) -> None:
    """Raises EventFormatError for what is no cell: an object, or a list of anything but values."""
    if isinstance(cell, dict):
        expected = f"expected a value, such as one of its fields: '{name}.…'"
        raise EventFormatError(f"got an object {shown(cell)}, {expected}", field=name)
    for item in cell:
        if isinstance(item, dict | list):
            raise EventFormatError(f"got {shown(item)} in a list, expected values", field=name)


def _names(record: Mapping[str, Any]) -> Iterator[str]:
    """Names under which `value_at` finds the values of an object."""
    waiting = [("", record)]
    for prefix, found in waiting:  # grows while it is walked: objects may be nested more deeply than Python recurses
        for key, value in found.items():
            if "." in key:
                if not prefix:
                    yield key
            elif isinstance(value, dict):
                waiting.append((f"{prefix}{key}.", value))
            else:
                yield prefix + key
