"""How many bits the matrix products of an encoder keep."""

from __future__ import annotations

from typing import Literal

from graphsocial.errors import SchemaError, did_you_mean

Precision = Literal["float32", "bfloat16"]
_KNOWN = ("float32", "bfloat16")


def is_narrow(precision: str) -> bool:
    """Whether products are computed in bfloat16.

    Raises:
        SchemaError: Unknown precision.

    >>> is_narrow("bfloat16")
    True
    """
    if precision not in _KNOWN:
        raise SchemaError(
            f"unknown precision {precision!r}, expected one of {', '.join(_KNOWN)}."
            f"{did_you_mean(str(precision), _KNOWN)}"
        )
    return precision == "bfloat16"
