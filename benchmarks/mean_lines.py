"""Lines of metrics that are means over questions, with intervals over the units that questions come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.result_lines import ResultLines
from graphsocial.diffusion.measures.ratio_bootstrap import ratio_bootstrap

RESAMPLES = 1000


def write_means(
    lines: ResultLines,
    metric: str,
    values: Mapping[str, np.ndarray],
    unit: np.ndarray,
    floors: Sequence[str],
    *,
    lower_is_better: bool = False,
    config: Mapping[str, Any] | None = None,
) -> str:
    """Writes each case's mean, and for what is no floor the paired difference to the best floor.

    Args:
        lines: Where they go.
        metric: Name.
        values: By case, of the same questions [question].
        unit: What is drawn with replacement, with all its questions [question].
        floors: Cases to beat.
        lower_is_better: Of the metric; a gain is then a difference below zero.
        config: Of the run; the best floor is added.

    Returns:
        The best floor.
    """
    code = np.unique(unit, return_inverse=True)[1]
    count = np.bincount(code).astype(np.float64)
    sums = {case: np.bincount(code, given) for case, given in values.items()}
    sign = -1 if lower_is_better else 1
    best = max((name for name in floors if name in values), key=lambda name: sign * sums[name].sum())
    about = dict(config or {}) | {"best_floor": best, "questions": len(unit), "units": len(count)}
    for case in values:
        _write(lines, case, metric, sums[case], count, about)
    for case in values:
        if case not in floors:
            _write(lines, case, f"{metric}/difference", sums[case] - sums[best], count, about)
    return best


def _write(
    lines: ResultLines, case: str, metric: str, total: np.ndarray, count: np.ndarray, config: Mapping[str, Any]
) -> None:
    found = ratio_bootstrap(total[:, None], count[:, None], 0, RESAMPLES)
    ends = float(found.low[0]), float(found.high[0])
    lines.write(case, metric, float(found.value[0]), interval=None if np.isnan(ends).any() else ends, config=config)
