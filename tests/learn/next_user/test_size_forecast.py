"""Sizes still to come: where they are asked, what they may know, what is learned, what cannot be calibrated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.model import NextUserModel
from graphsocial.learn.next_user.size_forecast import SizeForecaster
from graphsocial.learn.next_user.size_to_come import SizeToCome, size_places
from graphsocial.learn.next_user.split import PROTOCOLS, Protocol, next_user_split
from graphsocial.learn.next_user.training import NextUserTraining
from graphsocial.nn.next_user_net import NextUserNetConfig
from tests.learn.next_user.brute_force import random_table
from tests.learn.next_user.planted import table_of, without_events

SHORT = NextUserTraining(epochs=2, hard=6, drawn=4, judged_hard=8, judged_drawn=8, blocks=4, neighbours=4)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def fitted(table: CascadeTable, protocol: str, training: NextUserTraining = SHORT) -> NextUserModel:
    small = NextUserNetConfig(channels=8, state=8, hidden=8)
    model = NextUserModel(next_user_split(table, protocol), net=small, training=training, device="cpu")
    list(model.fit())
    return model


def told_by_the_first(rng: np.random.Generator, cascades: int = 200) -> CascadeTable:
    """User 0 starts cascades of 9 to 17 in one circle of users, user 1 cascades of 2 to 4 in another."""
    rows = []
    for _ in range(cascades):
        long = rng.random() < 0.5
        circle = np.arange(2, 20) if long else np.arange(20, 38)
        rows.append(
            [
                0 if long else 1,
                *rng.choice(circle, int(rng.integers(8, 17) if long else rng.integers(1, 4)), replace=False).tolist(),
            ]
        )
    return table_of(rows, 38)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_places_and_labels_event_by_event(protocol: Protocol, part: str) -> None:
    table = random_table(np.random.default_rng(2), cascades=40)
    split = next_user_split(table, protocol)
    places = size_places(split, part)  # type: ignore[arg-type]
    labels = SizeToCome.within(table, places, np.flatnonzero(table.time < 60), horizon=7)
    limit = np.inf
    if protocol in ("strict", "prequential") and part != "test":
        limit = split.cut("valid" if part == "train" else "test")
    expected = []
    for c in split.cascades(part):  # type: ignore[arg-type]
        times = table.time[table.cascade == c]
        for i, now in enumerate(times):
            if now < limit:
                coming = (times[i + 1 :] <= now + 7).sum()
                expected.append(
                    (c, i + 1, np.float32(np.log2(1 + coming)), now + 7 < table.time[table.time < 60].max())
                )
    found = zip(places.cascade, places.position, labels.value, labels.matured, strict=True)
    assert [tuple(row) for row in found] == expected


def test_no_place_beyond_what_is_read_of_a_cascade() -> None:
    rows = [np.arange(230).tolist(), *[[0, 1, 2]] * 19]
    places = size_places(next_user_split(table_of(rows, 230), "users_only"), "train")
    assert places.position[places.cascade == 0].tolist() == list(range(1, 201))


@pytest.mark.parametrize("protocol", ["strict", "prequential", "users_only"])
def test_the_size_that_the_first_user_tells_is_learned_and_covered(protocol: str) -> None:
    longer = replace(SHORT, epochs=8, learning_rate=2e-2, size_weight=1.0)
    forecaster = SizeForecaster(fitted(told_by_the_first(np.random.default_rng(0), 400), protocol, longer), horizon=60)
    found = forecaster.forecast()
    assert (np.diff(found.quantiles, axis=1) >= 0).all()
    assert (found.quantiles >= 0).all()
    first = found.position == 1
    error = np.abs(found.quantiles[first, 1] - found.value[first])
    assert error.mean() < 0.5 * np.abs(found.value[first] - np.median(found.value[first])).mean()
    inside = (found.quantiles[:, 0] <= found.value) & (found.value <= found.quantiles[:, 2])
    assert 0.8 <= inside.mean() <= 0.98
    assert forecaster.calibrated_on >= 9


def test_under_strict_nothing_after_the_cut_but_the_own_prefix_is_seen() -> None:
    table = told_by_the_first(np.random.default_rng(1))
    split = next_user_split(table, "strict")
    cut, test = split.cut("test"), split.cascades("test")
    # what lies after the cut goes, test cascades keep half of their users
    place = np.arange(len(table.user)) - table.offsets[table.cascade]
    in_test = (table.cascade >= test.start) & (table.cascade < test.stop)
    half = np.diff(table.offsets)[table.cascade] // 2
    gone = np.where(in_test, place >= np.maximum(half, 2), (table.time >= cut) & (place > 0))
    assert gone.sum() > 50
    whole, less = (
        SizeForecaster(fitted(t, "strict"), horizon=60).forecast() for t in (table, without_events(table, gone))
    )
    there = dict(zip(zip(whole.cascade, whole.position, strict=True), whole.quantiles.tolist(), strict=True))
    for c, position, quantiles in zip(less.cascade, less.position, less.quantiles.tolist(), strict=True):
        assert there[c, position] == quantiles
    assert (whole.value.sum() - less.value.sum()) > 1


def test_what_cannot_be_forecast_says_why() -> None:
    table = told_by_the_first(np.random.default_rng(3), cascades=60)
    small = NextUserNetConfig(channels=8, state=8, hidden=8)
    with pytest.raises(NotFittedError, match=r"fit\(\)"):
        SizeForecaster(NextUserModel(next_user_split(table, "strict"), net=small, training=SHORT, device="cpu"))
    model = fitted(table, "strict")
    with pytest.raises(SchemaError, match="no training place has a size known"):
        SizeForecaster(model, horizon=10**9)
    with pytest.raises(NotFittedError, match="calibration examples, got 0"):
        SizeForecaster(model, horizon=1000)
