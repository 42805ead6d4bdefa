"""Time to a share of the final size, such as half."""

from __future__ import annotations

import math

import numpy as np

from graphsocial.diffusion.measures.ages import ages, durations
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


def time_to_share(cascades: CascadeSet, share: float = 0.5, *, lower_bound: bool = False) -> np.ndarray:
    """Time from the start of each cascade until a share of its members were active, float64 [cascade].

    The share is rounded up to whole members, roots included: half of 5 is 3. nan where a member has no time, and for
    censored cascades: nobody knows half of what they will be.

    Args:
        cascades: Observed or simulated.
        share: In (0, 1].
        lower_bound: For censored cascades, the time until that share of what was seen; the true time is no shorter.

    Raises:
        SchemaError: The share is not in (0, 1].

    >>> cascades = CascadeSet([*"abcd"], [-1, 0, 0, 0], [10, 11, 15, 30], [0, 4], ["x"], [False])
    >>> time_to_share(cascades).tolist(), time_to_share(cascades, 0.75).tolist()
    ([1.0], [5.0])
    """
    if isinstance(share, bool) or not isinstance(share, int | float | np.number) or not 0 < share <= 1:
        raise SchemaError(f"got share={share!r}, expected a number in (0, 1], such as 0.5 for the time to half")
    of_cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    age = ages(cascades)
    ordered = age[np.lexsort((age, of_cascade))]
    wanted = np.array([math.ceil(share * size - 1e-9) for size in cascades.size.tolist()], dtype=np.int64)
    out = np.full(len(cascades), np.nan)
    filled = cascades.size > 0
    out[filled] = ordered[(cascades.offsets[:-1] + np.maximum(wanted, 1) - 1)[filled]]
    out[np.isnan(durations(cascades))] = np.nan
    if not lower_bound:
        out[cascades.censored] = np.nan
    return out
