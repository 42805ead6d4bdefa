"""What went wrong in a job on Spark, in one line instead of two pages of Java."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from graphsocial import errors
from graphsocial.errors import DataIntegrityError, GraphSocialError

_OURS = re.compile(r"graphsocial\.errors\.(\w+): (.*)")
_MISSING = re.compile(r"ModuleNotFoundError: (.*)")
_LAST = re.compile(r"^(\w+(?:\.\w+)*(?:Error|Exception)): (.*)", re.MULTILINE)
_LOST = re.compile(r"ExecutorLostFailure.*?Reason: (.*)")


@contextmanager
def plain_errors(job: str) -> Iterator[None]:
    """Raises what a worker raised, of the class that it was there; anything else as a GraphSocialError of one line.

    Args:
        job: What was being done, such as "cascade trees".
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise plain_error(job, str(error)) from error


def plain_error(job: str, said: str) -> GraphSocialError:
    r"""The error that a report of Spark's amounts to.

    >>> plain_error("trees", "Traceback …\ngraphsocial.errors.SchemaError: got k=0, expected 1\n\tat java.x")
    SchemaError('trees on Spark: got k=0, expected 1')
    >>> plain_error("trees", "Job aborted: ExecutorLostFailure (executor 1 exited) Reason: worker lost")
    GraphSocialError('trees on Spark: executors were lost more often than Spark tries again: worker lost')
    """
    ours = _OURS.findall(said)
    if ours:
        name, message = ours[-1]
        kind = getattr(errors, name, GraphSocialError)
        return kind(f"{job} on Spark: {message}")
    missing = _MISSING.search(said)
    if missing:
        return DataIntegrityError(
            f"{job} on Spark: a worker's Python lacks something ({missing[1]}); install the same release of "
            "graphsocial in the Python of every worker, and point PYSPARK_PYTHON to it"
        )
    lost = _LOST.search(said)
    if lost:
        return GraphSocialError(f"{job} on Spark: executors were lost more often than Spark tries again: {lost[1]}")
    last = _LAST.findall(said)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = ": ".join(last[-1]) if last else (lines[0] if lines else "no reason given")
    return GraphSocialError(f"{job} on Spark failed: {told[:500]}")
