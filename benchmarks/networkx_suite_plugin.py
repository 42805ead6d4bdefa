"""Pytest plugin of the runs of NetworkX's tests: which calls the backend served in which test, and how tests ended.

Loaded by `-p benchmarks.networkx_suite_plugin`; writes what it saw to the file that `NETWORKX_SUITE_OUT` names.
"""

from __future__ import annotations

import functools
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphsocial.networkx_info import FUNCTIONS

_now = ""
_outcome: dict[str, str] = {}
_served: dict[str, Counter[str]] = defaultdict(Counter)
_refused: dict[str, Counter[str]] = defaultdict(Counter)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Counts calls from here on: the backend is loaded and no test has run."""
    import graphsocial.graph.networkx_backend as backend

    for name in FUNCTIONS:
        setattr(backend, name, _counted(name, getattr(backend, name)))
    can_run = backend.can_run

    def asked(name: str, args: Any, kwargs: Any) -> bool | str:
        answer = can_run(name, args, kwargs)
        if answer is not True:
            _refused[name][_now] += 1
        return answer

    backend.can_run = asked


def _counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def counted(*args: Any, **kwargs: Any) -> Any:
        answer = function(*args, **kwargs)
        _served[name][_now] += 1
        return answer

    return counted


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remembers which test runs."""
    global _now
    _now = item.nodeid


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remembers how a test ended: passed, failed, skipped or xfailed."""
    if report.when == "call" or report.outcome != "passed":
        expected = report.outcome == "skipped" and hasattr(report, "wasxfail")
        _outcome[report.nodeid] = "xfailed" if expected else report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes outcomes by test, and calls by function and test."""
    seen = {"outcome": _outcome, "served": _served, "refused": _refused}
    Path(os.environ["NETWORKX_SUITE_OUT"]).write_text(json.dumps(seen), encoding="utf-8")
