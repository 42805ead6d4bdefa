"""Hugging Face Accelerate, imported only when it is needed."""

from __future__ import annotations

from typing import Any

from graphsocial.errors import MissingExtraError


def import_accelerate() -> Any:
    """The `accelerate` package.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import accelerate
    except ImportError as error:
        raise MissingExtraError(
            "training in several processes needs Hugging Face Accelerate: pip install 'graphsocial[distributed]'"
        ) from error
    return accelerate
