"""NetworkX's own tests, run against the backend: what passes, and how many calls it really served."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from benchmarks.command_options import out_option
from benchmarks.result_lines import ResultLines
from graphsocial.errors import DataIntegrityError
from graphsocial.networkx_info import FUNCTIONS

MODULES = (
    "centrality.tests.test_betweenness_centrality",
    "centrality.tests.test_closeness_centrality",
    "centrality.tests.test_degree_centrality",
    "centrality.tests.test_eigenvector_centrality",
    "centrality.tests.test_harmonic_centrality",
    "centrality.tests.test_katz_centrality",
    "components.tests.test_connected",
    "components.tests.test_strongly_connected",
    "components.tests.test_weakly_connected",
    "link_analysis.tests.test_pagerank",
    "shortest_paths.tests.test_generic",
    "shortest_paths.tests.test_unweighted",
    "tests.test_cluster",
    "tests.test_core",
    "tests.test_dag",
    "tests.test_distance_measures",
    "tests.test_efficiency",
    "tests.test_wiener",
    "traversal.tests.test_bfs",
)
"""Modules below `networkx.algorithms` that test the functions that the backend serves."""

ENDINGS = ("passed", "failed", "xfailed", "skipped")


@dataclass(frozen=True)
class Suite:
    """What a run of the tests showed.

    Attributes:
        outcome: How each test ended, by its id: passed, failed, xfailed or skipped.
        served: Calls that the backend answered, by function and test.
        refused: Calls that `can_run` left to NetworkX, by function and test.
        output: What pytest said.
    """

    outcome: Mapping[str, str]
    served: Mapping[str, Mapping[str, int]]
    refused: Mapping[str, Mapping[str, int]]
    output: str

    def count(self, ending: str, function: str | None = None) -> int:
        """Tests that ended so; of a function, those in which the backend served it."""
        tests: Iterable[str] = self.outcome if function is None else self.served.get(function, {})
        return sum(self.outcome.get(test) == ending for test in tests)

    def calls(self, kind: str, function: str | None = None) -> int:
        """Calls that were `served` or `refused`, of one function or of all."""
        seen: Mapping[str, Mapping[str, int]] = getattr(self, kind)
        return sum(sum(seen.get(name, {}).values()) for name in (seen if function is None else [function]))


def run_suite(modules: Iterable[str] = MODULES) -> Suite:
    """Runs test modules of `networkx.algorithms` with every dispatched call sent to the backend, in a fresh process.

    Raises:
        DataIntegrityError: The run ended before it could say anything.
    """
    root = Path(__file__).resolve().parent.parent
    spec = find_spec("networkx")
    installed = str(Path((spec and spec.origin) or "").parent.parent)  # ids of tests are paths below it
    names = [f"networkx.algorithms.{module}" for module in modules]
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "seen.json"
        environment = os.environ | {
            "NETWORKX_TEST_BACKEND": "graphsocial",
            "NETWORKX_FALLBACK_TO_NX": "True",
            "NETWORKX_SUITE_OUT": str(seen),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")])),
        }
        command = [
            sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", installed, "-p", "no:cacheprovider",
            "-p", "benchmarks.networkx_suite_plugin", "--pyargs", *names,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
        if not seen.exists():
            raise DataIntegrityError(f"NetworkX's tests did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(seen.read_text(encoding="utf-8"))
    return Suite(found["outcome"], found["served"], found["refused"], done.stdout)


def sources_hash(modules: Iterable[str] = MODULES) -> str:
    """sha256 of the test modules' sources, one after the other."""
    total = hashlib.sha256()
    for module in modules:
        spec = find_spec(f"networkx.algorithms.{module}")
        total.update(Path((spec and spec.origin) or "").read_bytes())
    return total.hexdigest()


@click.command()
@out_option("networkx_suite.jsonl")
def networkx_suite(out: Path | None) -> None:
    """Run NetworkX's own tests of every function that the backend serves, and count."""
    suite = run_suite()
    data = f"networkx {version('networkx')}"
    path = out or Path("benchmarks/results/networkx_suite.jsonl")
    lines = ResultLines(path, "networkx_suite", data, sources_hash(), "its own tests")
    for function in (None, *FUNCTIONS):
        case = "all functions" if function is None else function
        for ending in ENDINGS:
            lines.write(case, ending, suite.count(ending, function), unit="tests")
        for kind in ("served", "refused"):
            lines.write(case, kind, suite.calls(kind, function), unit="calls")
    ended = ", ".join(f"{suite.count(ending)} {ending}" for ending in ENDINGS)
    click.echo(f"{ended}; {suite.calls('served')} calls served, {suite.calls('refused')} left to NetworkX")
    if suite.count("failed"):
        raise DataIntegrityError(f"tests of NetworkX failed: {suite.output[-4000:]}")
