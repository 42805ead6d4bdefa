"""The benchmark's command on a small folder, and the reader of its corpus where that is."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.ced_weibo import read_ced_weibo
from graphsocial.learn.cascade_size.examples import size_examples
from graphsocial.learn.cascade_size.floors.log_linear import LogLinearCounts
from graphsocial.learn.cascade_size.floors.mean_size import MeanSize
from graphsocial.learn.cascade_size.split import size_splits
from tests.learn.cascade_size.worlds import DAY, HOUR, random_cascades


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cascades = random_cascades(150)
    rows = []
    for c in range(len(cascades)):
        members = range(cascades.offsets[c], cascades.offsets[c + 1])
        events = " ".join(f"{cascades.node[m]}:{cascades.time[m]}" for m in members)
        rows.append(f"{cascades.names[c]}\ttrain\t{events}")
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "cascades.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "small"


def test_weights_of_rare_sizes_stand_beside_none(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "tail.jsonl"
    done = CliRunner().invoke(
        main, ["cascade_size", "--data", str(folder), "--long-tail", "--quick", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    found = {(line["case"], line["metric"]): line for line in map(json.loads, out.read_text().splitlines())}
    for kind in ("none", "sqrt_inverse", "inverse", "sqrt_inverse_count"):
        whole = found[kind, "mse"]
        thirds = [found[kind, f"mse/size={name}"] for name in ("low", "middle", "high")]
        assert whole["config"]["long_tail"] == kind and sum(line["n"] for line in thirds) == whole["n"]
        assert sum(line["n"] * line["value"] for line in thirds) == pytest.approx(whole["n"] * whole["value"])
        for size in ("", "/size=low", "/size=high") if kind != "none" else ():
            gap = found[kind, f"mse/difference{size}"]
            assert gap["peer"] == "none" and gap["interval"][0] <= gap["value"] <= gap["interval"][1]
            assert gap["value"] == pytest.approx(
                found[kind, f"mse{size}"]["value"] - found["none", f"mse{size}"]["value"]
            )


@pytest.mark.parametrize("protocol", ["legacy", "strict", "prequential"])
def test_floors_of_any_cascade_folder(folder: Path, tmp_path: Path, protocol: str) -> None:
    out = tmp_path / "lines.jsonl"
    arguments = ["cascade_size", "--data", str(folder), "--protocol", protocol, "--model", "none", "--quick"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(out)])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    plain = {line["case"]: line for line in lines if line["metric"] == "mse"}
    assert set(plain) == {"mean", "log_linear", "log_linear_counts", "gradient_boosting", "seismic", "hawkes"}
    assert plain["log_linear"]["value"] < plain["mean"]["value"]
    assert plain["mean"]["interval"][0] <= plain["mean"]["value"] <= plain["mean"]["interval"][1]
    assert {"coverage", "interval_width", "interval_score", "coverage/observed=low"} <= {
        line["metric"] for line in lines if line["case"] == "gradient_boosting"
    }
    assert (tmp_path / "lines_coverage.svg").stat().st_size > 1000


def test_the_model_has_its_lines_and_differences(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "lines.jsonl"
    done = CliRunner().invoke(main, ["cascade_size", "--data", str(folder), "--quick", "--out", str(out)])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    ours = {line["metric"]: line for line in lines if line["case"] == "graphsocial"}
    assert ours["mse/difference=gradient_boosting"]["peer"] == "gradient_boosting"
    assert {"mse", "mae", "spearman", "msle", "coverage", "coverage/adaptive", "mse/difference"} <= set(ours)
    assert {"mse/observed=low", "mse/size=low", "mse/size=middle", "mse/size=high"} <= set(ours)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--protocol", "strickt"], "Did you mean 'strict'"),
        (["--model", "seismik"], "Did you mean 'seismic'"),
        (["--observe", "soon"], "length of time"),
        (["--observe", "2d"], "nothing to predict"),
    ],
)
def test_a_wrong_argument_is_named_without_a_traceback(folder: Path, arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(main, ["cascade_size", "--data", str(folder), *arguments])
    assert done.exit_code != 0
    assert said in done.output and "Traceback" not in done.output


def test_a_missing_corpus_is_skipped(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "lines.jsonl"
    monkeypatch.setenv("GRAPHSOCIAL_DATA", str(folder.parent))
    done = CliRunner().invoke(main, ["cascade_size", "--data", "smal", "--out", str(out)])
    assert done.exit_code == 0 and "smal: skipped" in done.output and "Did you mean 'small'?" in done.output
    monkeypatch.delenv("GRAPHSOCIAL_DATA")
    done = CliRunner().invoke(main, ["cascade_size", "--data", "small", "--out", str(out)])
    assert done.exit_code == 0 and "GRAPHSOCIAL_DATA is not set" in done.output
    assert not out.exists()


def test_the_corpus_reader_orders_events_and_drops_what_was_measured_later(tmp_path: Path) -> None:
    header = "cascade,author,time,label,reposts,comments,likes,followers,account_created,n_events,text"
    roots = [header, '0,7,1000,rumor,9,9,9,55,500,3,"hello, you"', "1,8,900,nonrumor,9,9,9,66,,1,"]
    events = ["cascade,node,user,parent_node,dt_seconds,text_len", "0,0,1,2,50,4", "0,1,2,-1,-3,0", "0,2,3,1,20,5"]
    events += ["1,0,1,-1,10,2"]
    for name, rows in (("cascades", roots), ("events", events)):
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress("\n".join(rows).encode()))
    found = read_ced_weibo(tmp_path)
    record = found.record
    assert record.name.tolist() == ["1", "0"] and record.start.tolist() == [900, 1000]
    assert record.time.tolist() == [910, 1000, 1020, 1050]
    assert record.parent.tolist() == [-1, -1, 1, 2]
    assert record.author_since.tolist() == [-1, 500] and found.followers.tolist() == [66, 55]
    assert (found.before_root, found.bad_parents) == (1, 0)
    assert record.text.tolist() == ["", "hello, you"]


@pytest.mark.skipif("GRAPHSOCIAL_DATA" not in os.environ, reason="GRAPHSOCIAL_DATA is not set")
def test_published_floors_of_the_corpus() -> None:
    folder = Path(os.environ["GRAPHSOCIAL_DATA"]) / "ced_weibo"
    if not folder.is_dir():
        pytest.skip(f"no ced_weibo under {folder.parent}")
    found = read_ced_weibo(folder)
    assert (len(found.record), found.before_root) == (3387, 50)
    (split,) = size_splits(found.record, "legacy", HOUR, DAY)
    answers = [floor.predict(split.train, split.test) for floor in (MeanSize(), LogLinearCounts())]
    errors = [np.mean((answer - split.test.target) ** 2) for answer in answers]
    assert errors == pytest.approx([1.467, 1.435], abs=0.002)
    assert size_examples(found.record, HOUR, DAY).observed.min() >= 0
