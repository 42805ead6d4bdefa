"""Clocks that somebody states for a file: those that no file can have are refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from graphsocial.cli import main
from graphsocial.errors import TimeWindowError
from graphsocial.ingest.formats.cascade_text import CascadeTextReader
from graphsocial.ingest.formats.edge_list import EdgeListReader
from graphsocial.ingest.formats.oasis import OasisReader
from graphsocial.ingest.stated_clock import check_stated_clock


@pytest.mark.parametrize("option", ["--step-seconds", "--per-second", "--epoch"])
@pytest.mark.parametrize("digits", [20, 400, 5000])
@pytest.mark.parametrize("content", ["0 56 1,25 3,\n", "1 2\n3 4\n"])
def test_a_number_of_many_digits_is_refused_in_one_line(option: str, digits: int, content: str, tmp_path: Path) -> None:
    file = tmp_path / "steps.txt"
    file.write_text(content)
    arguments = ["ingest", str(file), "--out", str(tmp_path / "store"), "--epoch", "2022-03-09", option, "9" * digits]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code in (1, 2) and isinstance(result.exception, SystemExit), result.exception
    assert "rror: " in result.output.splitlines()[-1] and not (tmp_path / "store").exists()
    if digits < 5000 and option != "--epoch":
        assert "expected from 1 to " in result.output and len(result.output) < 200


def test_the_bounds_themselves() -> None:
    check_stated_clock(1, 1, 0)
    check_stated_clock(1_000_000_000, 4_102_444_800, 4_102_444_799)
    for wrong in (
        (0, 1, None),
        (1, 0, None),
        (1_000_000_001, 1, None),
        (1, 4_102_444_801, None),
        (1, 1, 4_102_444_800),
    ):
        with pytest.raises(TimeWindowError, match="expected"):
            check_stated_clock(*wrong)
    for reader in (CascadeTextReader, EdgeListReader):
        with pytest.raises(TimeWindowError, match=r"per_second=.*expected from 1 to 1000000000"):
            reader(per_second=10**5000)
    with pytest.raises(TimeWindowError, match="step_seconds=-1"):
        OasisReader(0, -1)
    with pytest.raises(TimeWindowError, match=r"epoch=a number of thousands of digits"):
        OasisReader(10**5000, 1)
