"""A task file: what to learn from a graph and where to cut time, as TOML.

[split]
valid = "2012-11-01"
test = "2012-11-03"
end = "2012-11-06"

[[task]]
kind = "popularity"
column = "retweets"
labels_known = "post_time"

[[task]]
kind = "link"
edge_types = [["user", "mention", "user"]]
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from graphsocial.errors import EventFormatError, SchemaError, did_you_mean
from graphsocial.learn.link_task import LinkTask
from graphsocial.learn.next_user_task import NextUserTask
from graphsocial.learn.popularity_task import PopularityTask
from graphsocial.learn.post_label_task import PostLabelTask
from graphsocial.learn.recommendation_task import RecommendationTask
from graphsocial.learn.relation_task import RelationTask
from graphsocial.learn.task import Task
from graphsocial.learn.temporal_split import TemporalSplit
from graphsocial.learn.trend_task import TrendTask

KINDS: Mapping[str, type[Task]] = {
    kind.kind: kind
    for kind in (PostLabelTask, PopularityTask, LinkTask, RelationTask, TrendTask, NextUserTask, RecommendationTask)
}


def task_from_mapping(raw: Mapping[str, Any]) -> Task:
    """A task from plain values.

    Raises:
        SchemaError: On an unknown kind or field, or one that is missing.

    >>> task_from_mapping({"kind": "popularity", "column": "likes"}).column
    'likes'
    >>> task_from_mapping({"kind": "popularty"})
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: unknown task kind 'popularty', ... Did you mean 'popularity'?
    """
    kind = str(raw.get("kind"))
    if kind not in KINDS:
        raise SchemaError(f"unknown task kind {kind!r}, expected one of {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}")
    fields = {f.name: f for f in dataclasses.fields(KINDS[kind])}  # type: ignore[arg-type]
    given = {name: _tuples(value) for name, value in raw.items() if name != "kind"}
    for name in given:
        if name not in fields:
            raise SchemaError(
                f"task kind {kind!r} has no field {name!r}, expected one of {', '.join(fields)}."
                f"{did_you_mean(name, fields)}"
            )
    for name, hint in get_type_hints(KINDS[kind]).items():
        if name in given and not _fits(given[name], hint):
            expected = str(fields[name].type)
            expected = _READABLE.get(expected, expected)
            raise SchemaError(f"task kind {kind!r} has {name} = {raw[name]!r}, expected {expected}")
    if "name" not in given and "column" in given and kind == "post_label":
        given["name"] = given["column"]
    if "name" not in given and fields["name"].default is dataclasses.MISSING:
        given["name"] = kind
    missing = [n for n, f in fields.items() if f.default is dataclasses.MISSING and n not in given]
    if missing:
        raise SchemaError(f"task kind {kind!r} needs {', '.join(missing)}")
    return KINDS[kind](**given)


def read_task_file(path: str | Path) -> tuple[list[Task], TemporalSplit]:
    """Tasks and split of a task file.

    Raises:
        EventFormatError: When the file is missing or not TOML.
        SchemaError: When a table in it is wrong.
    """
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise EventFormatError(f"no task file at {path}", path=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EventFormatError(f"{path} is not TOML: {error}", path=str(path)) from error
    unknown = set(raw) - {"split", "task"}
    tables = raw.get("task")
    if unknown or not isinstance(raw.get("split"), dict) or not tables or not isinstance(tables, list):
        raise SchemaError(f"{path} has {', '.join(sorted(raw))}, expected a table [split] and at least one [[task]]")
    cuts = raw["split"]
    wrong = set(cuts) - {"start", "valid", "test", "end"}
    if wrong or not {"valid", "test"} <= set(cuts):
        raise SchemaError(f"[split] of {path} has {sorted(cuts)}, expected valid and test, optionally start and end")
    return [task_from_mapping(t) for t in tables], TemporalSplit(**cuts)


_READABLE = {
    "EdgeType": 'an edge type such as ["user", "mention", "user"]',
    "tuple[EdgeType, ...]": 'a list of edge types such as [["user", "mention", "user"]]',
    "tuple[Any, Any] | None": "two times",
    "LabelsKnown": "'measured' or 'post_time'",
    "int": "a whole number of at least 1",
    "str": "a text",
    "str | None": "a text",
}


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is of an annotated type, as far as fields of tasks use them; whole numbers are at least 1."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any or origin is ClassVar:
        return True
    if origin is Literal:
        return value in arguments
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in arguments)
    if origin is tuple:
        listed = isinstance(value, tuple)
        if listed and arguments[-1] is Ellipsis:
            return bool(value) and all(_fits(one, arguments[0]) for one in value)
        return listed and len(value) == len(arguments) and all(map(_fits, value, arguments))
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return isinstance(value, hint)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list | tuple) else value
