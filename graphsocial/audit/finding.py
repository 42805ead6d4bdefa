"""One thing that a model could see and should not, or the statement that it was looked for and is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Severity = Literal["high", "medium", "low", "none"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "none")
EXAMPLES = 5
"""Examples that a finding lists unless told otherwise."""


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        name: The check, such as `events_after_cut`.
        severity: `high`, `medium`, `low`, or `none` where nothing was found.
        count: How many are concerned.
        total: Out of how many.
        what: What is counted, such as "training events at or after the first test start".
        meaning: What a model gains from it.
        advice: What to do about it.
        removed: How many there would be, had the protocol not removed them.
        examples: Some of them, as ids and times.

    >>> found = finding("end_tokens", 1, 20, "targets that are the end", "a gift", "leave them out")
    >>> found.share, found.severity, found
    (0.05, 'medium', medium  end_tokens: 1 of 20 targets that are the end (5.0 %))
    """

    name: str
    severity: Severity
    count: int
    total: int
    what: str
    meaning: str
    advice: str
    removed: int = 0
    examples: tuple[Mapping[str, Any], ...] = ()

    @property
    def share(self) -> float:
        """`count / total` as a fraction, 0.0 when there is nothing to count."""
        return self.count / self.total if self.total else 0.0

    @property
    def found(self) -> bool:
        """Whether there is anything."""
        return self.count > 0

    def __repr__(self) -> str:
        kept_out = f"; the protocol keeps {self.removed:,} out" if self.removed else ""
        return (
            f"{self.severity:<6}  {self.name}: {self.count:,} of {self.total:,} {self.what} "
            f"({100 * self.share:.1f} %{kept_out})"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; `share` is a fraction."""
        return {
            "name": self.name,
            "severity": self.severity,
            "count": self.count,
            "total": self.total,
            "share": self.share,
            "removed": self.removed,
            "what": self.what,
            "meaning": self.meaning,
            "advice": self.advice,
            "examples": [dict(example) for example in self.examples],
        }


def finding(
    name: str,
    count: int,
    total: int,
    what: str,
    meaning: str,
    advice: str,
    *,
    removed: int = 0,
    examples: Iterable[Mapping[str, Any]] = (),
    high: float = 0.1,
    medium: float = 0.01,
    worst: Severity = "high",
) -> Finding:
    """A finding whose severity follows from its share.

    Args:
        name: The check.
        count: How many are concerned.
        total: Out of how many.
        what: What is counted.
        meaning: What a model gains from it.
        advice: What to do about it.
        removed: How many the protocol keeps out.
        examples: Some of them; numpy scalars become plain numbers.
        high: From this share on it is high, as a fraction.
        medium: From this share on it is medium, as a fraction; below, low.
        worst: The severity is never above this one.
    """
    share = count / total if total else 0.0
    severity: Severity = "none" if not count else "high" if share >= high else "medium" if share >= medium else "low"
    if count and SEVERITIES.index(severity) < SEVERITIES.index(worst):
        severity = worst
    plain = tuple({key: _plain(value) for key, value in example.items()} for example in examples) if count else ()
    return Finding(name, severity, int(count), int(total), what, meaning, advice, int(removed), plain)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
