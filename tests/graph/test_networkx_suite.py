"""NetworkX's own tests of every function that the backend serves pass, and the backend really serves them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import networkx_suite as module
from benchmarks.networkx_suite import ENDINGS, Suite, networkx_suite, run_suite, sources_hash
from graphsocial.networkx_info import FUNCTIONS


@pytest.fixture(scope="module")
def suite() -> Suite:
    return run_suite()


def test_no_test_of_networkx_fails(suite: Suite) -> None:
    assert suite.count("failed") == 0, suite.output[-6000:]
    assert f"{suite.count('passed')} passed" in suite.output
    # nothing is excused either: what can_run refuses is answered by NetworkX itself, in the same test
    assert suite.count("xfailed") == 0 and suite.count("passed") >= 1000
    assert suite.count("skipped") <= 0.01 * len(suite.outcome)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_backend_served_it(suite: Suite, name: str) -> None:
    assert suite.calls("served", name) >= suite.count("passed", name) >= 1


def test_refusals_are_for_reasons(suite: Suite) -> None:
    # weights on paths above all: the tests of distance measures compare weighted bounds over and over
    refused = {name for name in suite.refused if suite.calls("refused", name)}
    unweighted = {"connected_components", "core_number", "degree_centrality", "descendants", "pagerank", "transitivity"}
    assert not refused & unweighted and "shortest_path_length" in refused


def test_a_backend_that_errs_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "erring_plugin.py").write_text(
        "def pytest_collection_modifyitems(items):\n"
        "    import graphsocial.graph.networkx_backend as backend\n"
        "    right = backend.out_degree_centrality\n"
        "    backend.out_degree_centrality = lambda G: {n: d / 2 for n, d in right(G).items()}\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p erring_plugin")
    found = run_suite(["centrality.tests.test_degree_centrality"])
    assert found.count("failed") == found.count("failed", "out_degree_centrality") >= 1
    assert found.count("passed", "in_degree_centrality") >= 1


def test_lines_of_the_benchmark(suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "run_suite", lambda: suite)
    done = CliRunner().invoke(networkx_suite, ["--out", str(tmp_path / "lines.jsonl")])
    assert done.exit_code == 0 and "0 failed" in done.output
    lines = [json.loads(line) for line in (tmp_path / "lines.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["case"] for line in lines} == {"all functions", *FUNCTIONS}
    assert {line["metric"] for line in lines} == {*ENDINGS, "served", "refused"}
    values = {(line["case"], line["metric"]): line["value"] for line in lines}
    assert values["all functions", "passed"] == suite.count("passed")
    assert values["pagerank", "served"] == suite.calls("served", "pagerank") > 0
    assert {line["data_sha256"] for line in lines} == {sources_hash()}
