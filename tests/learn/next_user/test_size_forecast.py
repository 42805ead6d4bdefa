"""Sizes still to come: where they are asked, what they may know, what is learned, what cannot be calibrated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.model import NextUserModel
from graphsocial.learn.next_user.size_forecast import SizeForecast, SizeForecaster
from graphsocial.learn.next_user.size_to_come import SizeToCome, size_places
from graphsocial.learn.next_user.split import PROTOCOLS, Part, Protocol, next_user_split
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


# ---- cascades that overlap: those of every part are still running when the test part starts


def overlapping(rng: np.random.Generator, cascades: int = 120, users: int = 60) -> CascadeTable:
    """One start every 8 s; every other cascade gains 8 to 14 users in up to 400 s, the others 1 to 3."""
    times, members = [], []
    for i in range(cascades):
        size = 1 + int(rng.integers(8, 15) if i % 2 == 0 else rng.integers(1, 4))
        times.append(8 * i + np.cumsum([0, *rng.integers(1, 30, size - 1)]))
        members.append(rng.choice(users, size, replace=False))
    return CascadeTable(
        user=np.concatenate(members).astype(np.int64),
        time=np.concatenate(times).astype(np.int64),
        offsets=np.cumsum([0, *map(len, members)]),
        users=np.array([f"u{i:02}" for i in range(users)], dtype=object),
        names=np.array([f"c{i}" for i in range(cascades)], dtype=object),
    )


OFTEN = replace(SHORT, epochs=1, blocks=40)
"""Neighbourhoods are looked up again within the test part."""


@cache
def forecaster(protocol: str) -> SizeForecaster:
    return SizeForecaster(fitted(overlapping(np.random.default_rng(4)), protocol, OFTEN))


def same_weights(one: SizeForecaster, two: SizeForecaster) -> bool:
    both = zip(one._net.state_dict().values(), two._net.state_dict().values(), strict=True)
    return all(torch.equal(ours, theirs) for ours, theirs in both)


def hidden(table: CascadeTable, late: np.ndarray, how: str) -> CascadeTable:
    """Late events by other users, or gone, but for the first of a cascade, whose time belongs to the protocol."""
    first = np.zeros(len(late), dtype=bool)
    first[table.offsets[:-1]] = True
    if how == "erased":
        return without_events(table, late & ~first)
    moved = np.random.default_rng(8).integers(1, len(table.users), len(late))
    return replace(table, user=np.where(late, (table.user + moved) % len(table.users), table.user))


class Constant:
    """A floor that answers nothing is to come and keeps what it was trained on."""

    def fit(self, context: np.ndarray, value: np.ndarray, levels: Sequence[float]) -> None:
        self.context, self.value, self.levels = context, value, levels

    def predict(self, context: np.ndarray) -> np.ndarray:
        return np.zeros((len(context), len(self.levels)))


def by_place(found: SizeForecast) -> dict[tuple[int, int], np.ndarray]:
    return dict(zip(zip(found.cascade.tolist(), found.position.tolist(), strict=True), found.quantiles, strict=True))


@pytest.mark.parametrize("how", ["other users", "erased"])
@pytest.mark.parametrize("protocol", ["strict", "prequential"])
def test_what_comes_later_moves_neither_weights_nor_calibration_nor_earlier_places(protocol: str, how: str) -> None:
    """Strict: everything of other cascades from the first test start on. Prequential: everything from a time on."""
    ours = forecaster(protocol)
    split, table = ours.model.split, ours.model.split.table
    places = size_places(split, "test")
    now = split.cut("test") if protocol == "strict" else int(np.quantile(places.time, 0.25))
    late = table.time >= now
    if protocol == "strict":
        late &= table.cascade < split.valid_end  # the own prefix may be seen
    assert late[table.cascade < split.valid_end].sum() > 10, "some cascade of another part must still be running"
    theirs = SizeForecaster(fitted(hidden(table, late, how), protocol, OFTEN))
    assert (ours.horizon, ours.calibrated_on) == (theirs.horizon, theirs.calibrated_on)
    assert same_weights(ours, theirs)
    rows = np.flatnonzero(places.time < now) if protocol == "prequential" else np.arange(len(places))
    assert len(rows) > 15
    floors = ours.forecast_with(Constant()), theirs.forecast_with(Constant())
    for whole, less in ((ours.forecast(), theirs.forecast()), floors):
        there = by_place(less)
        for row in rows:
            # a network answers a batch, whose other rows may move the last bit
            expected = there[int(places.cascade[row]), int(places.position[row])]
            np.testing.assert_allclose(whole.quantiles[row], expected, rtol=0, atol=1e-6)


def test_training_places_whose_horizon_is_not_over_teach_nothing() -> None:
    """Under strict nothing else reads how training cascades go on after the first validation start."""
    ours = forecaster("strict")
    split, table = ours.model.split, ours.model.split.table
    late = (table.cascade < split.train_end) & (table.time >= split.cut("valid"))
    assert (late & (table.time < split.cut("valid") + ours.horizon)).sum() > 10
    theirs = SizeForecaster(fitted(hidden(table, late, "erased"), "strict", OFTEN))
    assert ours.horizon == theirs.horizon and same_weights(ours, theirs)


def test_what_came_earlier_does_move_them() -> None:
    """The control of the tests above: what goes before the first test start is missed."""
    ours = forecaster("strict")
    split, table = ours.model.split, ours.model.split.table
    place = np.arange(len(table.user)) - table.offsets[table.cascade]
    seen = (table.time >= split.cut("valid")) & (table.time < split.cut("test")) & (place > 1)
    theirs = SizeForecaster(fitted(hidden(table, seen, "erased"), "strict", OFTEN), ours.horizon)
    assert theirs.calibrated_on < ours.calibrated_on
    one, two = by_place(ours.forecast()), by_place(theirs.forecast())
    assert max(np.abs(one[place] - two[place]).max() for place in one) > 0.05


@pytest.mark.parametrize("protocol", ["strict", "prequential"])
def test_labels_of_training_and_calibration_are_complete_when_they_are_used(protocol: str) -> None:
    """Event by event: a floor is trained on places whose horizon ended in time, and widened on such places alone."""
    ours, floor = forecaster(protocol), Constant()
    found = ours.forecast_with(floor)
    split, table = ours.model.split, ours.model.split.table
    cuts = {"train": split.cut("valid"), "valid": split.cut("test")}

    def complete(part: Part) -> list[int]:
        """Users within the horizon of each place whose horizon ended before the last event before the next part."""
        known = (table.time < cuts[part]) & (table.cascade < split.cascades(part).stop)
        came, last = [], int(table.time[known].max())
        for c in split.cascades(part):
            times = table.time[table.cascade == c]
            for i, now in enumerate(times):
                if now + ours.horizon < last:
                    came.append(int((times[i + 1 :] <= now + ours.horizon).sum()))
        return came

    assert 0 < ours.horizon <= (cuts["valid"] - cuts["train"]) // 2
    train, valid = complete("train"), complete("valid")
    assert len(train) < (table.cascade < split.train_end).sum() and len(valid) < len(size_places(split, "valid"))
    assert floor.value.tolist() == np.log2(1 + np.array(train)).astype(np.float32).tolist()
    assert ours.calibrated_on == len(valid)
    widest = np.sort(np.log2(1 + np.array(valid)).astype(np.float32))[int(np.ceil((len(valid) + 1) * 0.9)) - 1]
    assert (found.quantiles == [0, 0, widest]).all() and widest > 0
