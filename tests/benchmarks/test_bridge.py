"""The bridge benchmark on a small folder: what it asks, its scores, its lines and its errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmarks import bridge as command
from benchmarks import bridge_data
from benchmarks.__main__ import main
from benchmarks.bridge_data import BridgeData
from benchmarks.bridge_forecasts import Forecasts, Outcomes, Scores, strongest_edges
from benchmarks.bridge_hawkes import HawkesCase
from benchmarks.bridge_independent_cascade import CascadeChoice, FittedCascade
from benchmarks.bridge_size_head import SizeHead, TreeSettings, climatology
from benchmarks.cascade_content import CascadeContent
from benchmarks.table_layout import LAYOUTS
from graphsocial.diffusion import Activation, SpreadGraph
from graphsocial.graph import CascadeSet
from graphsocial.ingest import read_cascade_folder
from graphsocial.learn.activation.cascade_record import CascadeRecord

HOUR, DAY = 3_600, 86_400
CASES = {"climatology", "independent_cascade", "size_head", "hawkes"}
SIZED = {
    "crps",
    "crps/adopters",
    "crps/horizon=6h",
    "crps/horizon=1d",
    "coverage",
    "interval_width",
    "interval_score",
    "growth_error",
    *(f"{metric}/horizon={h}" for metric in ("coverage", "interval_width", "interval_score") for h in ("6h", "1d")),
    *(f"pit/bin={i}" for i in range(10)),
}


@pytest.fixture(scope="module", autouse=True)
def _small() -> Iterator[None]:
    """Little work where the choice does not matter."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("RUNS", 30), ("CHOICE_POSTS", 6), ("CHOICE_RUNS", 20), ("BLOCKS", 3)):
            patch.setattr(command, name, {False: value, True: value})
        patch.setattr(command, "SETTINGS", (TreeSettings(8, 0.3, 20), TreeSettings(8, 0.3, 20, content=False)))
        patch.setattr(command, "QUICK_TREES", (TreeSettings(8, 0.3, 20),))
        patch.setattr("benchmarks.bridge_independent_cascade.MULTIPLIERS", (0.25, 0.5))
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two circles of users; what one of them says spreads within it, at once or over days."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("data") / "toy"
    folder.mkdir()
    rows, texts = ["cascade\tsplit\tevents(user:time ...)"], ["cascade\ttext"]
    for i in range(300):
        circle, many = int(rng.integers(2)), int(rng.integers(3, 12))
        members = 20 * circle + rng.choice(20, many, replace=False)
        delay = np.cumsum(rng.exponential(6 * HOUR, many)) - 6 * HOUR * (many > 6)
        times = (i * 8 * HOUR + np.maximum(delay - delay[0], 0)).astype(int)
        extra = f" new{i}:{times[-1] + 5}" if i % 10 == 0 else ""
        rows.append(f"c{i}\tnone\t" + " ".join(f"u{m}:{t}" for m, t in zip(members, times, strict=True)) + extra)
        texts.append(f"c{i}\tcircle {circle}")
    (folder / "cascades.tsv").write_text("\n".join(rows) + "\n")
    (folder / "texts.tsv").write_text("\n".join(texts) + "\n")
    return folder


@pytest.fixture(scope="module")
def plain(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without texts."""
    folder = tmp_path_factory.mktemp("plain") / "toy"
    folder.mkdir()
    (folder / "cascades.tsv").write_text((corpus / "cascades.tsv").read_text())
    return folder


@pytest.fixture(scope="module")
def data(plain: Path) -> BridgeData:
    return BridgeData.of(read_cascade_folder(plain))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["bridge", *(str(a) for a in arguments)], prog_name="benchmarks")


def lines_of(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    found = {(line["case"], line["metric"]): line for line in lines}
    assert len(found) == len(lines), "a case has a metric twice"
    return found


# ---- what is asked


def test_the_cut_and_what_came(data: BridgeData) -> None:
    record, test = data.record, data.test
    assert data.first_test == 270 and test.edges.as_of == record.start[270] == data.test_time
    assert (test.windows.as_of == record.start[test.windows.cascade] + HOUR).all()
    last = record.time.max()
    assert (test.windows.as_of + 7 * DAY <= last).all()
    assert data.without_outcome == (record.start[270:] + HOUR + 7 * DAY > last).sum() > 0
    moments = data.asked.moments
    assert moments[:3].tolist() == [6 * HOUR, DAY, 7 * DAY] and moments[-1] == pytest.approx(7 * DAY)
    came, horizon = data.came(test, moments), 7 * DAY
    for i, cascade in enumerate(test.windows.cascade):
        t = test.windows.as_of[i]
        part = slice(record.offsets[cascade], record.offsets[cascade + 1])
        times = [s for u, s in zip(record.user[part], record.time[part], strict=True) if u < test.users and s >= t]
        assert came[i].tolist() == [sum(s < t + m for s in times) for m in moments]
        assert set(record.ids[data.adopters(int(cascade), int(t))]) == {
            name
            for name, s in zip(record.ids[record.user[part]], record.time[part], strict=True)
            if t <= s < t + horizon
        }
    assert came[:, 2].sum() > 0


def test_training_blocks_know_nothing_later_and_choices_need_outcomes(data: BridgeData) -> None:
    blocks = data.training(4)
    cascades = np.concatenate([block.windows.cascade for block in blocks])
    assert cascades.tolist() == list(range(int(0.2 * 240), 240))
    for block in blocks:
        assert block.edges.as_of == data.record.start[block.windows.cascade[0]] < block.windows.as_of.min()
    assert data.choice_horizon == 7 * DAY >> 1, "with all of it only 3 of 30 validation cascades would have an outcome"
    assert len(data.valid.by(data.test_time, data.choice_horizon).windows) >= 15
    known = [block.by(data.test_time, data.horizon) for block in blocks]
    assert all((block.windows.end <= data.test_time).all() for block in known)


def test_out_of_reach(data: BridgeData) -> None:
    came, spread = Outcomes.of(data, data.test), data.test.edges.spread
    edges = set(zip(spread.source.tolist(), spread.target.tolist(), strict=True))
    record, unreached, unknown = data.record, 0, 0
    for cascade, as_of in zip(data.test.windows.cascade, data.test.windows.as_of, strict=True):
        part = slice(record.offsets[cascade], record.offsets[cascade + 1])
        acted = list(zip(record.user[part].tolist(), record.time[part].tolist(), strict=True))
        for user, time in acted:
            if as_of <= time < as_of + data.horizon:
                unknown += user >= data.test.users
                before = [u for u, s in acted if s < time and u < data.test.users]
                unreached += user < data.test.users and not any((u, user) in edges for u in before)
    assert came.unknown.sum() == unknown > 0 and came.unreached.sum() == unreached
    few = np.array([u * spread.num_nodes + v for u, v in sorted(edges) if v % 3])
    from benchmarks.bridge_forecasts import _unreached

    some = int(data.test.windows.cascade[0])
    members = data.prefix(some, 2**60)[0]
    assert _unreached(data, some, members[1:], few, spread.num_nodes) >= sum(v % 3 == 0 for v in members[1:])


# ---- scores


def test_simulated_runs_become_counts(data: BridgeData) -> None:
    users = data.test.users
    known, stranger = data.record.ids[:3].tolist(), "nobody"
    runs = CascadeSet(
        np.array([known[0], known[1], stranger, known[0], known[1], known[2], known[0]], dtype=object),
        np.array([-1, 0, 0, -1, 3, 3, -1]),
        np.array([-9.0, HOUR, 5.0, -9.0, 2 * DAY, HOUR, -9.0]),
        np.array([0, 3, 6, 7]),
        np.arange(3),
        np.ones(3, dtype=bool),
    )
    found = Forecasts.of_runs([runs], data, users)
    assert found.counts[0].tolist() == [[1, 1, 0], [1, 1, 0], [1, 2, 0]]
    assert found.growth is not None and found.reached is not None
    assert found.growth[0, -1] == 1 and found.growth[0, 0] == 0
    assert found.reached[0].toarray()[0, :4].tolist() == [0, 2, 1, 0] and found.reached.shape == (1, users)


def test_a_sure_and_right_forecast_has_no_error(data: BridgeData) -> None:
    came = Outcomes.of(data, data.test)
    reached = np.zeros((len(came), came.users))
    for i, adopters in enumerate(came.adopters):
        reached[i, adopters] = 1
    from scipy import sparse

    sure = Forecasts(np.repeat(came.counts[:, :, None], 20, axis=2), came.growth, sparse.csr_matrix(reached))
    scores = Scores.of(sure, came)
    assert (
        np.abs(scores.crps).max() < 1e-12 and np.abs(scores.adopters).max() < 1e-9 and scores.growth_error is not None
    )
    assert (scores.growth_error == 0).all() and (scores.ends == np.log2(1 + came.counts)[:, :, None]).all()
    precision = scores.average_precision
    assert precision is not None and (precision[~np.isnan(precision)] == 1).all()
    assert (np.isnan(precision) == (came.counts[:, -1] == 0)).all()
    more = Forecasts(sure.counts * 2 + 1)
    worse = Scores.of(more, came)
    assert np.allclose(worse.crps, 1) and worse.growth_error is None and worse.average_precision is None
    assert (worse.pit == 0).all()


def test_the_outside_is_a_member_of_each_cascade(data: BridgeData) -> None:
    with_it, without = (FittedCascade.of(data, data.valid, 2 * DAY, outside) for outside in (True, False))
    assert with_it.activation.spread.num_nodes == without.activation.spread.num_nodes + 1 == data.valid.users + 1
    assert with_it.activation.known_until == without.delays.known_until == data.valid_time
    users = data.valid.users
    outside = with_it.activation.probability[with_it.activation.spread.indptr[users] :]
    assert len(outside) == users and outside.max() > 0.01
    assert without.delays.quantile[-1] <= 2 * DAY
    rare, often = (without.forecast(data, data.test, m, 40).counts[:, -1].mean() for m in (0.05, 2.0))
    assert rare < often


def test_nothing_that_comes_later_changes_a_forecast(data: BridgeData) -> None:
    record = data.record
    begun = record.start[record.cascade]
    kept = record.time < np.where(record.cascade < data.first_test, data.test_time, begun + HOUR)
    size = np.bincount(record.cascade[kept], minlength=len(record))
    assert size.min() >= 1 and kept.sum() < len(kept)
    past = CascadeSet(
        record.ids[record.user[kept]],
        np.full(int(kept.sum()), -1),
        record.time[kept],
        np.concatenate([[0], np.cumsum(size)]),
        record.names,
        np.ones(len(record), dtype=bool),
    )
    erased = replace(data, cascades=past, record=CascadeRecord.of(past))
    made = []
    for some in (data, erased):
        test = some.block(some.first_test, len(record), some.test_time)
        training = [*some.training(3), some.valid]
        fitted = FittedCascade.of(some, test, some.horizon, True)
        forecasts = [
            climatology(some, training, test),
            fitted.forecast(some, test, 0.3, 20),
            SizeHead(some, training, command.QUICK_TREES).forecast(test),
            HawkesCase.chosen(some, training, 20).forecast(some, test, 20),
        ]
        made.append((CascadeChoice.on(some, 20, 6), forecasts))
    assert made[0][0] == made[1][0]
    for ours, theirs in zip(made[0][1], made[1][1], strict=True):
        assert (ours.counts == theirs.counts).all()
        assert (ours.growth == theirs.growth).all()  # type: ignore[union-attr]
        assert (ours.reached is None) == (theirs.reached is None)
        assert ours.reached is None or abs(ours.reached - theirs.reached).nnz == 0


# ---- the command


@pytest.fixture(scope="module")
def floors(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, Any]]:
    out = tmp_path_factory.mktemp("out") / "floors.jsonl"
    done = run("--data", plain, "--floors", "--quick", "--out", out)
    assert done.exit_code == 0, done.output
    assert "test cascades after 1970" in done.output and "left out, as the record ends" in done.output
    return lines_of(out)


def test_the_lines_of_the_comparisons(floors: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert {case for case, _ in floors} == CASES
    for case in CASES:
        mine = {metric for name, metric in floors if name == case and not metric.startswith("share")}
        reached = {"average_precision"} if case in ("climatology", "independent_cascade") else set()
        out_of_reach = {"out_of_reach", "out_of_reach/no_edge"} if case == "independent_cascade" else set()
        calibrated = {"calibration_error", "expected_over_observed"} if case == "independent_cascade" else set()
        assert mine == SIZED | reached | out_of_reach | calibrated | {f"{metric}/edge" for metric in calibrated}
    for (case, metric), line in floors.items():
        assert (line["benchmark"], line["data"], line["protocol"], line["task"]) == (
            "bridge",
            "toy",
            "strict",
            "bridge",
        )
        assert line["seconds"] >= 0 and line["n"] > 0 and line["config"]["quick"] is True
        assert line["interval"][0] <= line["value"] <= line["interval"][1], (case, metric)
        assert line["config"]["edges"] == "co-participation" and line["config"]["content"] == []
    for case in CASES:
        assert sum(floors[case, f"pit/bin={i}"]["value"] for i in range(10)) == pytest.approx(1)
        assert floors[case, "coverage"]["nominal"] == floors[case, "coverage/horizon=6h"]["nominal"] == 0.9
        assert floors[case, "interval_score"]["value"] != floors[case, "interval_score/horizon=6h"]["value"]
    assert 0 < floors["independent_cascade", "out_of_reach"]["value"] < 0.5
    assert floors["independent_cascade", "crps"]["config"]["settings"]["multiplier"] > 0
    assert "HawkesFit" in floors["hawkes", "crps"]["config"]["settings"]["process"]


def test_shares_are_of_known_users_who_had_not_acted(
    floors: dict[tuple[str, str], dict[str, Any]], data: BridgeData
) -> None:
    came = Outcomes.of(data, data.test)
    asked = sum(came.users - len(others) for others in came.others)
    adopters = sum(map(len, came.adopters))
    for kind in ("share/", "share/edge/"):
        bins = [line for (case, metric), line in floors.items() if case == "independent_cascade" and kind in metric]
        bins = [line for line in bins if line["metric"].startswith(f"{kind}bin")]
        assert sum(line["cases"] for line in bins) == asked
        assert sum(line["cases"] * line["value"] for line in bins) == pytest.approx(adopters)
        said = sum(line["cases"] * line["said"] for line in bins)
        error = sum(line["cases"] * abs(line["said"] - line["value"]) for line in bins) / adopters
        suffix = kind.removeprefix("share").rstrip("/")
        assert floors["independent_cascade", f"expected_over_observed{suffix}"]["value"] == pytest.approx(
            said / adopters
        )
        assert floors["independent_cascade", f"calibration_error{suffix}"]["value"] == pytest.approx(error)
        assert all(line["from"] <= line["to"] for line in bins)


def test_the_strongest_edge_to_each_user() -> None:
    spread = SpreadGraph.from_edges(np.array([0, 1, 0, 2, 3]), np.array([2, 2, 1, 1, 0]), num_nodes=4)
    order = dict(zip(zip(spread.source.tolist(), spread.target.tolist(), strict=True), range(5), strict=True))
    chance = np.zeros(5)
    for edge, p in {(0, 2): 0.1, (1, 2): 0.3, (0, 1): 0.2, (2, 1): 0.9, (3, 0): 0.5}.items():
        chance[order[edge]] = p
    found = strongest_edges(Activation(spread, chance), np.array([0, 1]), 3).toarray()[0]
    assert found == pytest.approx([0.0, 0.2, 0.3]), "of edges from those who acted, to known users"


def test_every_case_beats_a_forecast_of_nothing(
    floors: dict[tuple[str, str], dict[str, Any]], data: BridgeData
) -> None:
    nothing = Forecasts(np.zeros((len(data.test.windows), 3, 2)))
    worst = Scores.of(nothing, Outcomes.of(data, data.test)).crps[:, -1].mean()
    for case in CASES:
        assert floors[case, "crps"]["value"] < 0.7 * worst, case


class Stand:
    """A stand-in for the learned model: with the right content it is off by its seed, else by 5."""

    asked: list[tuple[tuple[str, ...], int, bool]] = []  # noqa: RUF012

    def __init__(self, off: int):
        self._off, self.model = off, "a stand-in"

    @classmethod
    def fitted(cls, data: BridgeData, content: Any, seed: int, quick: bool) -> Stand:
        cls.asked.append((tuple(content), seed, quick))
        right = all((rows == data.content[name]).all() for name, rows in content.items())
        return cls(seed if content and right else 5)

    def forecast(self, data: BridgeData, test: Any, runs: int) -> Forecasts:
        came = Outcomes.of(data, test)
        return Forecasts(np.repeat(came.counts[:, :, None], runs, axis=2) + self._off, came.growth)

    def changed_by_nothing(self, data: BridgeData, test: Any, runs: int) -> int:
        return 0


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> type[Stand]:
    pytest.importorskip("benchmarks.bridge_model")
    monkeypatch.setattr("benchmarks.bridge_model.BridgeCase", Stand)
    Stand.asked.clear()
    return Stand


def test_the_bridge_beside_its_controls(
    corpus: Path, tmp_path: Path, stand: type[Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    tokens: dict[str, np.ndarray] = {}

    def content(folder: Any, table: Any) -> CascadeContent:
        for name in table.names.tolist():
            tokens.setdefault(folder.texts[name], rng.standard_normal(8))
        rows = np.array([tokens[folder.texts[name]] for name in table.names.tolist()], dtype=np.float32)
        return CascadeContent({"text": rows}, ("a text was known at its first event",))

    monkeypatch.setattr(bridge_data, "cascade_content", content)
    out = tmp_path / "out.jsonl"
    done = run("--data", corpus, "--seeds", 2, "--cascades", 8, "--out", out)
    assert done.exit_code == 0, done.output
    assert "coupled runs: largest difference 0 adopters" in done.output
    assert stand.asked == [(kind, seed, False) for kind in (("text",), ("text",), ()) for seed in (0, 1)]
    lines = lines_of(out)
    bridges = {"bridge", "bridge/shuffled_content", "bridge/no_content"}
    assert {case for case, _ in lines} == CASES | bridges
    mine = {metric for name, metric in lines if name == "bridge"}
    assert mine == (SIZED | {"crps/seed=0", "crps/seed=1", "crps/pooled"}) | {
        "unchanged_difference",
        "out_of_reach",
        "out_of_reach/no_edge",
    }
    assert lines["bridge", "unchanged_difference"]["value"] == 0
    for suffix in ("/horizon=6h", "/horizon=1d", ""):  # seed 0 is right by every horizon, seed 1 by none
        assert lines["bridge", f"coverage{suffix}"]["value"] == 0.5
        assert lines["bridge", f"interval_width{suffix}"]["value"] == 0
    assert abs(lines["bridge", "crps/seed=0"]["value"]) < 1e-12 < lines["bridge", "crps/seed=1"]["value"]
    assert lines["bridge", "crps"]["value"] == pytest.approx(lines["bridge", "crps/seed=1"]["value"] / 2)
    for case in (CASES | bridges) - {"bridge"}:
        gap = lines[case, "crps/difference"]
        assert gap["peer"] == "bridge" and gap["interval"][0] <= gap["value"] <= gap["interval"][1]
        assert gap["value"] == pytest.approx(lines["bridge", "crps"]["value"] - lines[case, "crps"]["value"])
        assert gap["ratio"] == pytest.approx(lines[case, "crps"]["value"] / lines["bridge", "crps"]["value"])
    assert lines["bridge/no_content", "crps/difference"]["value"] < 0
    assert lines["bridge", "crps"]["n"] == 8 and lines["bridge", "crps"]["config"]["content"] == ["text"]
    assert lines["bridge", "crps"]["config"]["assumptions"] == ["a text was known at its first event"]
    assert lines["bridge", "crps"]["config"]["quick"] is False


@pytest.fixture
def linked(plain: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "cascades.tsv").write_text((plain / "cascades.tsv").read_text())
    rows = [f"u{a}\tu{b}" for a in range(40) for b in range(a) if (a * 7 + b) % 5 == 0]
    (folder / "edges.tsv").write_text("\n".join(["src\tdst", *rows, "u1\tfar_away"]) + "\n")
    return folder


def test_links_are_the_candidates_both_ways(linked: Path, tmp_path: Path, stand: type[Stand]) -> None:
    data = BridgeData.of(read_cascade_folder(linked))
    spread = data.test.edges.spread
    inner = spread.source < data.test.users
    names = spread.ids
    pairs = {(names[u], names[v]) for u, v in zip(spread.source[inner], spread.target[inner], strict=True)}
    assert pairs == {(b, a) for a, b in pairs} and all((int(a[1:]) + int(b[1:])) >= 0 for a, b in pairs)
    assert len(pairs) == 2 * sum((a * 7 + b) % 5 == 0 for a in range(40) for b in range(a))
    out = tmp_path / "out.jsonl"
    done = run("--data", linked, "--quick", "--out", out)
    assert done.exit_code == 0, done.output
    lines = lines_of(out)
    assert {case for case, _ in lines} == {*CASES, "bridge"}, "no content, no controls"
    config = lines["bridge", "crps"]["config"]
    assert config["edges"] == "links" and "no times" in config["assumptions"][0] and config["quick"] is True
    assert ("bridge", "out_of_reach") in lines


def test_two_corpora_stand_in_one_file(plain: Path, linked: Path, tmp_path: Path, stand: type[Stand]) -> None:
    out = tmp_path / "out.jsonl"
    done = run("--data", plain, "--data", linked, "--floors", "--quick", "--out", out)
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert {line["config"]["edges"] for line in lines} == {"co-participation", "links"}


@pytest.mark.slow
def test_the_learned_model_itself(plain: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = run("--data", plain, "--quick", "--out", out)
    assert done.exit_code == 0, done.output
    lines = lines_of(out)
    assert lines["bridge", "unchanged_difference"]["value"] == 0
    assert "average_precision" in {metric for case, metric in lines if case == "bridge"}
    assert lines["bridge", "crps"]["value"] < 1.2 * lines["climatology", "crps"]["value"]


# ---- what is refused


def test_folders_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out.jsonl"
    done = run("--data", tmp_path / "nowhere", "--out", out)
    assert done.exit_code == 1 and "no folder" in done.output
    done = run("--data", tmp_path, "--out", out)
    assert done.exit_code == 1 and "no cascades.tsv" in done.output and "Traceback" not in done.output
    (tmp_path / "cascades.tsv").write_text("\n".join(f"c{i}\t\ta:{i} b:{i}" for i in range(9)))
    done = run("--data", tmp_path, "--out", out)
    assert done.exit_code == 1 and "has 9 cascades of 2 to 500 users, expected at least 20" in done.output
    (tmp_path / "cascades.tsv").write_text("\n".join(f"c{i}\t\ta:{i} b:{i}" for i in range(40)))
    done = run("--data", tmp_path, "--out", out)
    assert (
        done.exit_code == 1 and "no test cascade is followed for 7d" in done.output and "Traceback" not in done.output
    )
    assert not out.exists()
    monkeypatch.delenv("GRAPHSOCIAL_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    done = run("--out", out)
    assert done.exit_code == 0 and done.output.count("GRAPHSOCIAL_DATA is not set") == 2 and not out.exists()


def test_its_table_has_the_columns_that_are_written(floors: dict[tuple[str, str], dict[str, Any]]) -> None:
    written = {metric for _, metric in floors} | {"crps/difference"}
    assert set(LAYOUTS["bridge"].columns) <= written
