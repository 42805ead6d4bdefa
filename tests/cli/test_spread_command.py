"""`graphsocial spread` on a run folder, and the engine that opens it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphsocial.cli import main
from graphsocial.embed import hashing_embeddings
from graphsocial.query import Engine
from graphsocial.store import open_graph, save_graph
from tests.learn.activation.planted_spread import OBSERVE, PlantedSpread, planted_spread
from tests.learn.activation.post_world import ASKED, POSTS, graph_of


@pytest.fixture(scope="module")
def world() -> PlantedSpread:
    return planted_spread(POSTS)


@pytest.fixture(scope="module")
def run(world: PlantedSpread, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "planted"
    graph = graph_of(world)
    save_graph(graph, folder / "graph")
    hashing_embeddings(graph).save(folder / "tokens")
    return folder


def spread(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["spread", *map(str, arguments)], prog_name="graphsocial")


def test_the_model_is_learned_as_of_a_time_and_the_engine_asks_it(run: Path, world: PlantedSpread) -> None:
    done = spread(run, "--horizon", "1d", "--as-of", world.start(ASKED), "--refits", 1, "--quick")
    assert done.exit_code == 0, done.output
    assert "ActivationModel known until 1970-02-20" in done.output and "assumed: " in done.output
    view = open_graph(run / "graph").as_of(world.start(ASKED) + OBSERVE)
    engine = Engine.open(run, view)
    assert engine.spread is not None and len(engine.spread.refits) == 1
    acted = engine.activation(("post", f"p{ASKED}")).seeds
    idle = next(name for name in view.node_ids("user").tolist() if name not in acted)
    found = engine.what_if(("post", f"p{ASKED}"), seeds=[idle], runs=20, rng=1)
    assert len(found.refits) == 1 and found.model_interval is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--relation", "repots"), "Did you mean"),
        (("--observe", "an hour"), "an hour"),
        (("--follow", "admire"), "admire"),
        (("--as-of", "1970-01-02"), "too few cascades"),
    ],
)
def test_what_cannot_be_learned_is_one_line(run: Path, arguments: tuple[str, ...], expected: str) -> None:
    done = spread(run, *arguments)
    assert done.exit_code == 1 and done.output.startswith("error: ") and expected in done.output
