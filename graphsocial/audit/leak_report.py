"""What an audit found, to read, to store and to show."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphsocial.audit.finding import SEVERITIES, Finding
from graphsocial.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

    from graphsocial.audit.oracle import Oracle


@dataclass(frozen=True)
class LeakReport:
    """Findings of an audit, the gravest first.

    Attributes:
        name: What was audited.
        protocol: Protocol whose rules were applied, `as given` for somebody else's arrays.
        cut: Start of the test part, seconds; None where the data have no times.
        parts: How many cascades or rows each part has.
        findings: One per check that could be made.
        unchecked: Checks that could not be made, with what is missing for them.
        assumptions: What has to be believed for the figures to hold.
        oracle: What the leak would buy, None when not asked for.
        unit: What `parts` counts.
    """

    name: str
    protocol: str
    cut: float | None
    parts: Mapping[str, int]
    findings: tuple[Finding, ...]
    unchecked: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    oracle: Oracle | None = None
    unit: str = "cascades"

    def __post_init__(self) -> None:
        order = {severity: place for place, severity in enumerate(SEVERITIES)}
        ranked = sorted(self.findings, key=lambda found: (order[found.severity], -found.share))
        object.__setattr__(self, "findings", tuple(ranked))

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """The findings that found something."""
        return tuple(found for found in self.findings if found.found)

    def __getitem__(self, name: str) -> Finding:
        for found in self.findings:
            if found.name == name:
                return found
        if name in self.unchecked:
            raise SchemaError(f"{name} was not checked: {self.unchecked[name]}")
        names = [found.name for found in self.findings]
        raise SchemaError(f"no finding {name!r}, got {', '.join(names)}.{did_you_mean(name, names)}")

    def __repr__(self) -> str:
        parts = ", ".join(f"{part} {count:,}" for part, count in self.parts.items())
        lines = [f"LeakReport of {self.name!r}, protocol {self.protocol}: {self.verdict}"]
        lines.append(f"  {self.unit}: {parts}")
        if self.cut is not None:
            lines.append(f"  first test start: {show_seconds(self.cut)}")
        for found in self.findings:
            lines.append(f"  {found!r}")
            if found.examples:
                lines.append("          such as " + "; ".join(_example(e) for e in found.examples[:2]))
        for why in dict.fromkeys(self.unchecked.values()):
            names = ", ".join(name for name, reason in self.unchecked.items() if reason == why)
            lines.append(f"  not checked  {names}: {why}")
        lines += [f"  assumption  {text}" for text in self.assumptions]
        if self.oracle is not None:
            lines.append(f"  {self.oracle!r}")
        return "\n".join(lines)

    @property
    def verdict(self) -> str:
        """The findings in one line.

        >>> LeakReport("x", "strict", 5, {}, ()).verdict
        'nothing found in 0 checks'
        """
        counts = [(s, sum(found.severity == s for found in self.findings)) for s in SEVERITIES if s != "none"]
        told = ", ".join(f"{count} {severity}" for severity, count in counts if count)
        checks = f"{len(self.findings)} check{'s' * (len(self.findings) != 1)}"
        return f"{told} in {checks}" if told else f"nothing found in {checks}"

    def to_json(self) -> dict[str, Any]:
        """Plain values; shares are fractions."""
        return {
            "name": self.name,
            "protocol": self.protocol,
            "cut": self.cut,
            "parts": dict(self.parts),
            "unit": self.unit,
            "verdict": self.verdict,
            "findings": [found.to_json() for found in self.findings],
            "unchecked": dict(self.unchecked),
            "assumptions": list(self.assumptions),
            "oracle": None if self.oracle is None else self.oracle.to_json(),
        }

    def to_polars(self) -> pl.DataFrame:
        """One row per finding, without the examples."""
        import polars as pl

        rows = [{k: v for k, v in found.to_json().items() if k != "examples"} for found in self.findings]
        kinds = {"count": pl.Int64, "total": pl.Int64, "share": pl.Float64, "removed": pl.Int64}
        names = ("name", "severity", *kinds, "what", "meaning", "advice")
        return pl.DataFrame(rows, schema={name: kinds.get(name, pl.String) for name in names})

    def write_html(self, path: str | os.PathLike[str]) -> Path:
        """Writes the report as one page that loads nothing from anywhere; returns its path."""
        from graphsocial.audit.page import write_page

        return write_page(self, Path(path))


def show_seconds(time: float) -> str:
    """A time as a number, with the date it means when it is plausibly in Unix seconds.

    >>> show_seconds(350_000_000), show_seconds(1_351_987_200)
    ('350,000,000 s', '1351987200 (2012-11-04 00:00:00Z)')
    """
    from graphsocial.graph import format_time

    plausible = 631_152_000 <= time < 4_102_444_800  # 1990 to 2100: below that, seconds since some other start
    return f"{time} ({format_time(int(time))})" if plausible else f"{time:,} s"


def _example(example: Mapping[str, Any]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in example.items())
