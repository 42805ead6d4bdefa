"""The command that simulates spread: what it says, what it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from graphsocial.cli import main

EDGES = "src,dst,time\n" + "".join(f"u{b},u{a},{1646092800 + 86400 * b}\n" for a in range(6) for b in range(a, 9))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulate")
    (folder / "edges.csv").write_text(EDGES)
    out = folder / "store"
    done = run(
        "ingest",
        folder / "edges.csv",
        "--format",
        "edge_list",
        "--relation",
        "repost",
        "--columns",
        "src,dst,time",
        "--out",
        out,
    )
    assert done.exit_code == 0, done.output
    return out


def test_it_simulates_and_writes_members(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "members.parquet"
    arguments = ("simulate", store, "--relation", "repost", "--seed-node", "u0", "--probability", "0.5")
    done = run(*arguments, "--runs", "50", "--out", out)
    assert done.exit_code == 0, done.output
    assert "50 cascades" in done.output and "uniform 0.5" in done.output
    members = pl.read_parquet(out)
    assert members["run"].n_unique() == 50 and members.filter(pl.col("parent").is_null())[
        "node"
    ].unique().to_list() == ["u0"]
    assert run(*arguments, "--runs", "50").output in done.output.replace(f"{len(members):,} members in {out}\n", "")


def test_it_selects_seeds_and_fits(store: Path) -> None:
    done = run("simulate", store, "--relation", "user,repost,user", "--select", "2", "--runs", "20")
    assert done.exit_code == 0 and "2 seeds by OPIM-C" in done.output and "weighted cascade" in done.output
    fitted = run(
        "simulate", store, "--relation", "repost", "--seed-node", "u0", "--probability", "fit", "--window", "86400",
        "--as-of", "2022-03-08", "--runs", "20",
    )  # fmt: skip
    assert fitted.exit_code == 0, fitted.output
    assert "as of 2022-03-08" in fitted.output and "EM for independent cascade" in fitted.output


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--relation", "repost"), "expected one of them"),
        (("--relation", "repost", "--seed-node", "u0", "--select", "2"), "expected one of them"),
        (("--relation", "folow", "--seed-node", "u0"), "user,repost,user"),
        (("--relation", "repost", "--seed-node", "u99"), "no node 'u99'"),
        (("--relation", "repost", "--seed-node", "u0", "--probability", "much"), "weighted_cascade or fit"),
        (("--relation", "repost", "--seed-node", "u0", "--probability", "1.5"), "expected a number of [0, 1]"),
        (("--relation", "repost", "--seed-node", "u0", "--window", "5"), "--window goes with"),
        (("--relation", "repost", "--select", "99"), "99"),
        (("--relation", "repost", "--seed-node", "u0", "--runs", "0"), "runs=0"),
    ],
)
def test_what_it_refuses(store: Path, more: tuple[str, ...], message: str) -> None:
    done = run("simulate", store, *more)
    assert done.exit_code == 1 and "error: " in done.output and message in done.output, done.output
