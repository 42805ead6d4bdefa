"""Laws of growth find planted ones; the page is what the lines give."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.scaling import scaling
from benchmarks.scaling_law import fit_law

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("fixed", "slope", "power"), [(0.0, 2.0, 1.0), (5.0, 0.5, 1.2), (1.0, 3.0, 1.44)])
def test_planted_laws_are_found(fixed, slope, power):
    law = fit_law([(e * 1e6, fixed + slope * e**power) for e in (0.5, 5, 50)])
    assert (law.fixed, law.slope, law.power) == (pytest.approx(fixed, abs=1e-6), pytest.approx(slope), power)
    assert law.worst_error < 1e-6
    assert law.at(1e9) == pytest.approx(fixed + slope * 1_000**power)


def test_a_law_that_fits_badly_says_so():
    law = fit_law([(1e6, 10.0), (1e7, 1.0), (1e8, 10.0)])
    assert law.worst_error > 0.4


def test_the_page_in_the_repository_is_what_its_lines_give(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    page = tmp_path / "page.md"
    done = CliRunner().invoke(scaling, ["--out", str(page)], catch_exceptions=False)
    assert done.exit_code == 0
    assert page.read_text() == (ROOT / "benchmarks" / "SCALING.md").read_text()
    assert "largest term" in page.read_text()


def test_missing_lines_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(scaling, ["--out", "page.md"])
    assert done.exit_code and "graph_large.jsonl is not there" in done.output
