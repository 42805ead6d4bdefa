"""Tables of the README, from result lines written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks import next_user_models, table_rows
from benchmarks.__main__ import main
from benchmarks.next_user_cost import HISTORIES
from benchmarks.result_lines import ResultLines
from benchmarks.table_layout import LAYOUTS

README = "# x\n\n<!-- table: next_user columns=hits@10,hits@10/difference -->\nold\n<!-- /table -->\n\nend\n"
Lines = list[tuple[str, str, float, dict[str, Any]]]
"""Case, metric, value and what else `ResultLines.write` is told."""

NEXT_USER: Lines = [
    ("counting", "hits@10", 0.25, {"interval": (0.2, 0.3)}),
    ("popularity", "hits@10", 0.125, {}),
    ("popularity", "hits@10/difference", -0.125, {"interval": (-0.2, -0.1), "extra": {"p": 0.001}}),
    ("graphsocial", "hits@10", 0.5, {"interval": (0.4, 0.6)}),
    ("graphsocial", "hits@10/difference", 0.25, {"interval": (0.2, 0.3), "extra": {"p": 0.01}}),
]


def write(
    readme: Path, lines: Lines, *, benchmark: str = "next_user", data: str = "toy", file: str = "", quick: bool = False
) -> Path:
    path = readme.parent / "results" / f"{file or benchmark}.jsonl"
    out = ResultLines(path, benchmark, data, "0" * 64, "strict")
    for case, metric, value, more in lines:
        out.write(case, metric, value, **{"config": {"quick": quick}, **more})
    return path


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(README)
    write(tmp_path / "README.md", NEXT_USER)
    return tmp_path / "README.md"


def table(readme: Path, *more: str) -> Result:
    arguments = ["table", "--readme", str(readme), "--results", str(readme.parent / "results"), *more]
    return CliRunner().invoke(main, arguments)


def body(readme: Path, marker: str) -> list[str]:
    """Lines of the table of a marker, its note last."""
    readme.write_text(f"<!-- table: {marker} -->\n<!-- /table -->\n")
    done = table(readme)
    assert done.exit_code == 0, done.output
    return [line for line in readme.read_text().splitlines()[1:-1] if line]


def test_a_table_is_written_once(readme: Path) -> None:
    stale = table(readme, "--check")
    assert stale.exit_code == 1 and "stale" in stale.output and readme.read_text() == README
    assert table(readme).exit_code == 0
    text = readme.read_text()
    assert text.startswith("# x\n\n<!-- table: next_user") and text.endswith("<!-- /table -->\n\nend\n")
    assert "old" not in text
    assert table(readme, "--check").exit_code == 0
    assert table(readme).exit_code == 0 and readme.read_text() == text


def test_learned_cases_come_first_and_only_theirs_are_corrected(readme: Path) -> None:
    assert body(readme, "next_user columns=hits@10,hits@10/difference") == [
        "| corpus | protocol |  | hits@10 | hits@10/difference |",
        "| --- | --- | --- | --- | --- |",
        "| toy | strict | graphsocial | 0.500 [0.400, 0.600] | +0.250 [+0.200, +0.300], p = 0.01 |",
        "| toy | strict | counting | 0.250 [0.200, 0.300] |  |",
        "| toy | strict | popularity | 0.125 | -0.125 [-0.200, -0.100] |",
        "95 % intervals over cascades and seeds; a difference is to the floor that is best on the same targets. "
        "p of graphsocial: Holm-corrected over its only cell of this table.",
    ]


def test_p_values_are_corrected_over_the_cells_that_are_shown(readme: Path) -> None:
    write(readme, [(*NEXT_USER[-1][:3], {"extra": {"p": 0.04}})], data="other", file="next_user_other")
    text = "\n".join(body(readme, "next_user columns=hits@10/difference"))
    assert "p = 0.02 |" in text and "p = 0.04 |" in text and "over its 2 cells" in text
    text = "\n".join(body(readme, "next_user columns=hits@10/difference data=toy"))
    assert "p = 0.01 |" in text and "over its only cell" in text


def test_every_learned_case_is_known() -> None:
    assert set(table_rows.LEARNED) == set(next_user_models.LEARNED)


def test_quick_runs_and_other_benchmarks_stay_out(readme: Path) -> None:
    write(readme, NEXT_USER, data="hidden", file="next_user_quick", quick=True)
    write(readme, NEXT_USER, data="hidden", file="next_user_speed", benchmark="next_user_speed")
    assert "hidden" not in "".join(body(readme, "next_user"))


# ---- lines with a suffix


POOLED: Lines = [
    ("graphsocial", "hits@10/pooled", 0.4, {"interval": (0.3, 0.5), "config": {"origins": 4}}),
    ("graphsocial", "hits@10/pooled/difference", 0.1, {"config": {"origins": 4}, "extra": {"p": 0.01}}),
    ("graphsocial", "map@100/pooled/difference", 0.2, {"config": {"origins": 4}, "extra": {"p": 0.04}}),
    ("counting", "hits@10/pooled", 0.3, {"config": {"origins": 4}}),
]


def test_the_pooled_origins_have_a_table_of_their_own(readme: Path) -> None:
    write(readme, NEXT_USER + POOLED)
    assert body(readme, "next_user suffix=pooled") == [
        "| corpus | protocol |  | hits@10 | hits@100 | map@100 | hits@10/difference | map@100/difference |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| toy | strict | graphsocial | 0.400 [0.300, 0.500] |  |  | +0.100, p = 0.02 | +0.200, p = 0.04 |",
        "| toy | strict | counting | 0.300 |  |  |  |  |",
        f"{LAYOUTS['next_user'].note} Suffix `/pooled`: 4 rolling origins as one. "
        "p of graphsocial: Holm-corrected over its 2 cells of this table.",
    ]


def test_what_has_no_line_with_the_suffix_is_left_out(readme: Path) -> None:
    assert body(readme, "next_user suffix=pooled") == ["No results yet; `python -m benchmarks next_user` makes them."]
    write(readme, [("counting", "hits@10/no_near_duplicates", 0.2, {})], data="other", file="next_user_other")
    _, _, row, note = body(readme, "next_user suffix=no_near_duplicates columns=hits@10")
    assert row == "| other | strict | counting | 0.200 |" and note.endswith("Suffix `/no_near_duplicates`.")


# ---- parts and costs


def test_the_parts_are_rows_and_their_differences_are_to_the_full_model(readme: Path) -> None:
    lines: Lines = [
        ("graphsocial", "hits@10/part=full", 0.5, {}),
        ("graphsocial", "hits@10/part=no_graph", 0.4, {}),
        ("graphsocial", "hits@10/part=no_graph/difference", 0.1, {"extra": {"p": 0.01}}),
        ("graphsocial", "hits@10/part=no_content", 0.6, {}),
        ("graphsocial", "hits@10/part=no_content/difference", -0.1, {"extra": {"p": 0.04}}),
    ]
    write(readme, lines, benchmark="next_user_parts")
    marker = "next_user_parts columns=hits@10,hits@10/difference"
    *table, note = body(readme, marker)
    assert table[2:] == [
        "| toy | strict | full | 0.500 |  |",
        "| toy | strict | no_graph | 0.400 | +0.100, p = 0.02 |",
        "| toy | strict | no_content | 0.600 | -0.100, p = 0.04 |",
    ]
    assert "full model minus the one without the part" in note and "floor" not in note
    assert "p of graphsocial: Holm-corrected over its 2 cells" in note
    assert [row.split(" | ")[2] for row in body(readme, f"{marker} case=full,no_graph")[2:-1]] == ["full", "no_graph"]
    assert "no_graph" not in "".join(body(readme, "next_user"))


def test_a_case_is_chosen_with_all_that_is_asked_of_it(readme: Path) -> None:
    lines: Lines = [
        ("popularity", "auc/part=like", 0.5, {}),
        ("graph", "auc/part=like", 0.7, {}),
        ("graph", "auc/part=reply", 0.6, {}),
    ]
    write(readme, lines, benchmark="multimodal_relation")
    marker = "multimodal_relation columns=auc"
    for name, labels in (("graph", ["like: graph", "reply: graph"]), ("popularity", ["like: popularity"])):
        assert [row.split(" | ")[2] for row in body(readme, f"{marker} case={name}")[2:-1]] == labels
    assert body(readme, f"{marker} case=nobody")[0].startswith("No results yet")


def test_the_histories_are_columns_beside_their_growth(readme: Path) -> None:
    lines: Lines = [
        *((("graphsocial", f"seconds/history={share:g}", 1e-5 * share, {})) for share in HISTORIES),
        ("graphsocial", "seconds/history=1/part=no_content", 2e-5, {}),
        *((("graphsocial", f"peak_memory/history={share:g}", 1234.5, {})) for share in HISTORIES),
        ("graphsocial", "seconds/growth", 4.0, {}),
        ("graphsocial", "seconds/growth/part=no_content", 1.0625, {}),
    ]
    write(readme, lines, benchmark="next_user_cost")
    assert body(readme, "next_user_cost") == [
        "| corpus | protocol |  | history=0.25 | history=0.5 | history=1 | growth |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| toy | strict | seconds | 2.5e-06 | 5e-06 | 1e-05 | 4 |",
        "| toy | strict | seconds/part=no_content |  |  | 2e-05 | 1.06 |",
        "| toy | strict | peak_memory | 1,234 | 1,234 | 1,234 |  |",
        LAYOUTS["next_user_cost"].note,
    ]
    assert LAYOUTS["next_user_cost"].columns == (*(f"history={share:g}" for share in HISTORIES), "growth")


def test_each_note_is_that_of_its_benchmark(readme: Path) -> None:
    write(readme, [("mean", "mse", 1.0, {})], benchmark="cascade_size")
    write(readme, [("fast", "rate", 1.0, {})], benchmark="unheard_of")
    assert "seeds of a case together" in body(readme, "cascade_size")[-1]
    assert body(readme, "unheard_of")[2:] == ["| toy | strict | fast | 1.000 |", "95 % intervals."]


# ---- errors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- table: next_user colums=mrr -->\n<!-- /table -->\n", "Did you mean 'columns'?"),
        ("<!-- table: next_user columns=hit@10 -->\n<!-- /table -->\n", "Did you mean 'hits@10'?"),
        ("<!-- table: next_user -->\nno end\n", "table marker"),
    ],
)
def test_broken_markers(readme: Path, text: str, message: str) -> None:
    readme.write_text(text)
    done = table(readme)
    assert done.exit_code == 1 and message in done.output and readme.read_text() == text


def test_a_benchmark_without_results_says_how_to_get_them(readme: Path) -> None:
    assert body(readme, "unheard_of") == ["No results yet; `python -m benchmarks unheard_of` makes them."]


def test_a_broken_result_line_is_named(readme: Path) -> None:
    (readme.parent / "results" / "next_user_bad.jsonl").write_text(json.dumps({}) + "\n")
    done = table(readme)
    assert done.exit_code == 1 and "next_user_bad.jsonl line 1" in done.output


def test_where_peers_are_columns_they_show_how_many_times_as_long_they_take(readme: Path) -> None:
    lines: Lines = [
        ("pagerank", "cpu_seconds", 0.5, {}),
        ("pagerank", "cpu_seconds", 0.5, {"peer": "igraph", "ratio": 2.34567, "extra": {"outcome": "right"}}),
        ("pagerank", "cpu_seconds", 0.5, {"peer": "duckdb", "extra": {"outcome": "wrong: 3 of 9 values differ"}}),
    ]
    write(readme, lines, benchmark="graph", data="generated")
    found = body(readme, "graph columns=graphsocial,igraph,duckdb")
    assert found[0] == "| corpus | protocol |  | graphsocial | igraph | duckdb |"
    assert found[2] == "| generated | strict | pagerank | 0.5 | 2.35× | wrong |"
