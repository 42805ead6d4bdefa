"""What comes at or after a time changes no bit of what is made as of then, nor does the order of the input."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import SpreadGraph
from graphsocial.learn.activation.candidate_edges import candidate_edges, links_of
from graphsocial.learn.activation.exposure_rows import Windows, exposure_rows
from graphsocial.learn.activation.spread_context import spread_context
from tests.learn.activation.worlds import Listed, random_world, record_of

AS_OF, GRAPH_AS_OF = 40, 25
OTHERS = {f"friend {i}": 7 * i % 60 for i in range(12)}


def erased(world: Listed, seed: int) -> Listed:
    """Without the future, and in another order; members of the same second stay in theirs."""
    rng = np.random.default_rng(seed)
    out = {}
    for name in rng.permutation([*world]):
        members = [member for member in world[name] if member[1] < AS_OF]
        moments = rng.permutation(sorted({when for _, when in members})).tolist()
        if members:
            out[str(name)] = sorted(members, key=lambda member, moments=moments: moments.index(member[1]))
    return out


def outputs(world: Listed, others: dict[str, int], later_content: float) -> dict[str, np.ndarray]:
    """Everything made as of the time, with the content of what begins later set to something."""
    record = record_of(world, others)
    begun = int(np.searchsorted(record.start, AS_OF))
    rows = np.array([[hash_of(name), 1.0, -hash_of(name[::-1])] for name in record.names])
    rows[begun:] = later_content
    pairs = np.random.default_rng(1).integers(
        len(names := sorted({f"u{i}" for i in range(9)} | {*OTHERS})), size=(2, 60)
    )
    links, _ = links_of(record, SpreadGraph.from_edges(*pairs, ids=names))
    made = {"ids": record.ids[: record.known(AS_OF)], "names": record.names[:begun]}
    for case, as_of, given in (("now", AS_OF, None), ("before", GRAPH_AS_OF, None), ("links", AS_OF, links)):
        edges = candidate_edges(record, as_of, {"text": rows}, given)
        made |= {f"{case} {k}": getattr(edges, k) for k in ("pair", "user", "prior")}
        made |= {f"{case} {k}": v for k, v in edges.spread.edge_values.items()}
        made |= {f"{case} {k}": getattr(edges.spread, k) for k in ("indptr", "target", "ids")}
        made[f"{case} text"] = edges.content["text"]
        if case == "before":
            cascade = np.arange(begun)
            at = np.maximum(record.start[cascade] + 2, GRAPH_AS_OF)
            windows = Windows(cascade, np.minimum(at, AS_OF), np.full(begun, AS_OF))
            made["context"] = spread_context(record, edges, windows)
            sample = exposure_rows(record, edges, windows, 30, 5)
            made |= {k: getattr(sample, k) for k in ("edge", "example", "event", "age", "until", "weight")}
            made |= {"source": record.user[sample.source], "since": record.time[sample.source]}
            made["counts"] = np.array([sample.activations, sample.acted])
    return made


def hash_of(name: str) -> float:
    return sum((i + 1) * ord(letter) for i, letter in enumerate(name)) % 17 / 17


@pytest.mark.parametrize("seed", range(15))
def test_the_future_and_the_order_of_the_input_change_nothing(seed: int) -> None:
    world = random_world(seed, cascades=20)
    known_then = {name: when for name, when in reversed(OTHERS.items()) if when < AS_OF}
    whole, rest = outputs(world, OTHERS, 1e3), outputs(erased(world, seed), known_then, 0.0)
    assert len(whole["edge"]) > 100 and whole["counts"].min() > 0 and len(whole["now together"]) > 30
    assert sum(len(members) for members in erased(world, seed).values()) < sum(map(len, world.values()))
    for name, values in whole.items():
        assert values.dtype == rest[name].dtype, name
        assert values.shape == rest[name].shape, name
        assert values.tobytes() == rest[name].tobytes() if values.dtype != object else (values == rest[name]).all(), (
            name
        )


def test_what_happens_at_the_time_itself_is_not_known() -> None:
    world = {"p": [("ann", 1), ("bob", 2), ("cy", AS_OF)]}
    assert candidate_edges(record_of(world), AS_OF, {}).spread.ids.tolist()[:-1] == ["ann", "bob"]
    assert candidate_edges(record_of(world), AS_OF + 1, {}).spread.ids.tolist()[:-1] == ["ann", "bob", "cy"]
