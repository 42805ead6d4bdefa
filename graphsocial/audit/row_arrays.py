"""Rows of somebody else's experiment: when, who, in which cascade, and in which part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean

PARTS = ("train", "valid", "test")
_SAME = {"val": "valid", "validation": "valid", "dev": "valid", "training": "train", "testing": "test", "none": ""}


@dataclass(frozen=True, eq=False)
class RowArrays:
    """Arrays that fit together, with ids turned into codes.

    Attributes:
        time: Seconds, int64 or float64 [row]; None when unknown.
        part: `train`, `valid`, `test` or "", [row].
        claims: Mask of each part where they were given as masks, bool [row].
        user: Code of the user, int64 [row].
        user_ids: Id of each user code.
        cascade: Code of the cascade, int64 [row].
        cascade_ids: Id of each cascade code.
        cut: Start of the test part, None when neither times nor a cut are known.
    """

    time: np.ndarray | None
    part: np.ndarray
    claims: dict[str, np.ndarray] | None
    user: np.ndarray | None
    user_ids: np.ndarray
    cascade: np.ndarray | None
    cascade_ids: np.ndarray
    cut: Any

    @classmethod
    def of(cls, time: Any, part: Any, user: Any, cascade: Any, cut: Any) -> RowArrays:
        """Checks and converts; see `audit_arrays`."""
        columns = {"time": time, "user": user, "cascade": cascade}
        if not isinstance(part, Mapping):
            columns["part"] = part
        arrays = {name: flat_array(name, values) for name, values in columns.items() if values is not None}
        sizes = {name: len(array) for name, array in arrays.items()}
        if isinstance(part, Mapping):
            masks = {f"part[{name!r}]": flat_array(f"part[{name!r}]", values) for name, values in part.items()}
            sizes |= {name: len(mask) for name, mask in masks.items() if mask.dtype == bool}
        if not sizes:
            raise SchemaError("got no row, expected time, user or cascade of each")
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise SchemaError(f"arrays of rows have different lengths, got {listed}, expected one value per row")
        count = next(iter(sizes.values()))
        when = None if time is None else _seconds("time", arrays["time"])
        claims = None
        if isinstance(part, Mapping):
            which, claims = _by_part(part, arrays.get("cascade"), count)
        else:
            which = _named(arrays["part"])
        for needed in ("train", "test"):
            if not (which == needed if claims is None else claims[needed]).any():
                raise SchemaError(f"part has no {needed!r} row, got {sorted(set(which.tolist()))}")
        users, who = _codes(arrays.get("user"))
        cascades, where = _codes(arrays.get("cascade"))
        tested = which == "test" if claims is None else claims["test"]
        if cut is None and when is not None:
            cut = when[tested].min()
        if cut is not None:
            cut = int(cut) if float(cut).is_integer() else float(cut)
        return cls(when, which, claims, who, users, where, cascades, cut)

    def __len__(self) -> int:
        return len(self.part)

    def column(self, name: str, values: Any, kind: Any) -> np.ndarray:
        """A further array of the rows, [row]; times, asked for as float64, may be dates."""
        array = flat_array(name, values)
        if len(array) != len(self):
            raise SchemaError(f"{name} has {len(array)} values, expected {len(self)}, one per row")
        return _seconds(name, array) if kind is np.float64 else array.astype(kind)

    def ids(self, of: str, rows: np.ndarray) -> np.ndarray | None:
        """Ids of users or cascades of some rows, None when not known."""
        code, ids = (self.user, self.user_ids) if of == "user" else (self.cascade, self.cascade_ids)
        return None if code is None else ids[code[rows]]

    def place_in_cascade(self) -> np.ndarray | None:
        """How many rows of its cascade stand before each row, int64 [row]."""
        if self.cascade is None:
            return None
        order = np.argsort(self.cascade, kind="stable")
        start = np.searchsorted(self.cascade[order], np.arange(len(self.cascade_ids)))
        place = np.empty(len(self), dtype=np.int64)
        place[order] = np.arange(len(self)) - start[self.cascade[order]]
        return place

    def first_place(self) -> np.ndarray | None:
        """Place at which each row's user first stands in its cascade, int64 [row]."""
        place = self.place_in_cascade()
        if place is None or self.user is None or self.cascade is None:
            return None
        pair = self.cascade * len(self.user_ids) + self.user
        _, index = np.unique(pair, return_inverse=True)
        first = np.full(index.max() + 1, np.iinfo(np.int64).max)
        np.minimum.at(first, index, place)
        return first[index]

    def first_place_of(self, cascade: np.ndarray, user: np.ndarray) -> np.ndarray:
        """Place at which users first stand in cascades, both given as ids, -1 where never, int64 [pair]."""
        first = self.first_place()
        if first is None:
            raise SchemaError("got no user or no cascade of the rows, expected both")
        cascades, users = self.ids("cascade", np.arange(len(self))), self.ids("user", np.arange(len(self)))
        assert cascades is not None and users is not None
        known = {(str(c), str(u)): int(p) for c, u, p in zip(cascades, users, first, strict=True)}
        return np.array([known.get((str(c), str(u)), -1) for c, u in zip(cascade, user, strict=True)], dtype=np.int64)


def flat_array(name: str, values: Any) -> np.ndarray:
    """One-dimensional numpy array of whatever was given, tensors included."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    array = np.asarray(values)
    if array.ndim == 2 and 1 in array.shape:
        array = array.reshape(-1)
    if array.ndim != 1:
        raise SchemaError(f"{name} has shape {array.shape}, expected one value per row")
    return array


def _seconds(name: str, array: np.ndarray) -> np.ndarray:
    """Times in seconds, int64 when all are whole, else float64; dates become Unix seconds."""
    if np.issubdtype(array.dtype, np.datetime64):
        array = array.astype("datetime64[us]").astype(np.int64) / 1e6
    if np.issubdtype(array.dtype, np.integer):
        return array.astype(np.int64)
    try:
        seconds = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"{name} has type {array.dtype}, expected numbers (seconds) or numpy dates") from error
    if not np.isfinite(seconds).all():
        raise SchemaError(f"{name} has {int((~np.isfinite(seconds)).sum())} missing times, expected one per row")
    return seconds.astype(np.int64) if (seconds % 1 == 0).all() else seconds


def _codes(ids: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    if ids is None:
        return np.zeros(0, dtype=object), None
    if ids.dtype == object:
        ids = ids.astype(str)
    known, code = np.unique(ids, return_inverse=True)
    return known, code.astype(np.int64)


def _named(part: np.ndarray) -> np.ndarray:
    names = np.array([_part_name(p) for p in part.tolist()], dtype=object)
    return names.astype(str)


def _part_name(part: Any) -> str:
    text = "" if part is None else str(part)
    text = _SAME.get(text, text)
    if text not in (*PARTS, ""):
        raise SchemaError(f"unknown part {text!r}, expected train, valid, test or ''.{did_you_mean(text, PARTS)}")
    return text


def _by_part(
    part: Mapping[str, Any], cascade: np.ndarray | None, count: int
) -> tuple[np.ndarray, dict[str, np.ndarray] | None]:
    """Part of each row from masks of rows, or from lists of cascades."""
    found, claims = np.full(count, "", dtype="<U5"), {}
    for given, values in part.items():
        array = flat_array(f"part[{given!r}]", values)
        if array.dtype == bool:
            mask = array
        elif cascade is None:
            raise SchemaError(f"part {given!r} lists cascades, but no row has one; give cascade, or a bool mask")
        else:
            mask = np.isin(cascade.astype(str), array.astype(str))
        claims[_part_name(given)] = mask
    for name in ("train", "valid", "test"):  # a row claimed twice is counted, and treated as test
        if name in claims:
            found[claims[name]] = name
    return found, claims if {"train", "test"} <= set(claims) else None
