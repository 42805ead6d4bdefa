"""Running out of memory, told in terms of what can be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from graphsocial.errors import JobError

_SIGNS = ("out of memory", "can't allocate memory", "cannot allocate memory")


@contextmanager
def telling_memory_limit(where: Callable[[], str]) -> Iterator[None]:
    """Turns every kind of running out of memory inside into one `JobError`.

    Args:
        where: What was being done and what to lower, made only when it is needed.

    Raises:
        JobError: Memory ran out.

    >>> with telling_memory_limit(lambda: "in step 3; lower batch_size"):
    ...     raise MemoryError
    Traceback (most recent call last):
    graphsocial.errors.JobError: out of memory in step 3; lower batch_size
    """
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise JobError(f"out of memory {where()}") from error
    except RuntimeError as error:  # torch has no class of its own for memory that the CPU lacks
        if not any(sign in str(error).lower() for sign in _SIGNS):
            raise
        raise JobError(f"out of memory {where()}") from error
