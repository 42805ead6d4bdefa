"""The search benchmark on few vectors."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.vector_search import KEPT


def test_ours_finds_everything_and_every_peer_stands_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "lines.jsonl"
    done = CliRunner().invoke(main, ["vector_search", "--rows", "2000", "--channels", "16", "--out", str(out)])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    ours = [line for line in lines if line["peer"] is None]
    assert [line["case"] for line in ours] == [f"kept={share:g}" for share in KEPT]
    assert [line["recall"] for line in ours] == [1.0] * len(KEPT)
    exact = [line for line in lines if line["peer"] == "scikit-learn"]
    assert [line["recall"] for line in exact] == [1.0] * len(KEPT)
    assert all(line["ratio"] == line["peer_value"] / line["value"] for line in lines if line["peer"])
