"""MS-HGAT as a ranker: what it may see, what it learns, what it repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.ms_hgat_batches import prefix_batches
from graphsocial.learn.next_user.ms_hgat_ranker import MsHgatRanker
from graphsocial.learn.next_user.ms_hgat_training import MsHgatTraining
from graphsocial.learn.next_user.ms_hgat_windows import allowed_events, window_sequence
from graphsocial.learn.next_user.split import NextUserSplit, next_user_split
from graphsocial.nn.ms_hgat_config import MsHgatConfig

SMALL = MsHgatConfig(channels=16, position_channels=8, heads=2)
SHORT = MsHgatTraining(epochs=2, batch_size=8, windows=4)
PROTOCOLS = ("legacy", "users_only", "strict", "prequential")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def random_table(cascades: int = 60, users: int = 40, seed: int = 0, ring: int = 0) -> CascadeTable:
    """Overlapping cascades of 2 to 8 users; with `ring`, user u is followed by u + 1 within circles of that size."""
    rng = np.random.default_rng(seed)
    node, time, offsets = [], [], [0]
    for number in range(cascades):
        size = int(rng.integers(2, 9))
        if ring:
            circle, first = rng.integers(0, users // ring), rng.integers(0, ring)
            chosen = circle * ring + (first + np.arange(min(size, ring))) % ring
        else:
            chosen = rng.choice(users, size, replace=False)
        node += [f"u{user:03}" for user in chosen]
        time += (number * 100 + np.cumsum(rng.integers(0, 120, len(chosen)))).tolist()
        offsets.append(len(node))
    names = np.array([f"c{i}" for i in range(cascades)], dtype=object)
    ids = np.array(node, dtype=object)
    return CascadeTable.of(CascadeSet(ids, np.full(len(ids), -1), time, offsets, names, np.zeros(cascades, dtype=bool)))


def fitted(split: NextUserSplit, edges: np.ndarray | None = None, seed: int = 0) -> MsHgatRanker:
    ranker = MsHgatRanker(split, edges, seed=seed, sizes=SMALL, training=SHORT, device="cpu")
    reports = list(ranker.fit())
    assert [report.epoch for report in reports] == [0, 1]
    return ranker


def without_events(table: CascadeTable, gone: np.ndarray) -> CascadeTable:
    """The table with events cut out; users keep their codes."""
    kept = np.bincount(table.cascade[~gone], minlength=len(table))
    offsets = np.concatenate([[0], np.cumsum(kept)])
    return replace(table, user=table.user[~gone], time=table.time[~gone], offsets=offsets)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ranks_fit_the_targets(protocol: str) -> None:
    split = next_user_split(random_table(), protocol)
    ranker = fitted(split)
    for part in ("valid", "test"):
        targets = split.targets(part)  # type: ignore[arg-type]
        ranks = ranker.ranks(split, part)  # type: ignore[arg-type]
        assert ranks.shape == (len(targets),)
        candidates = len(split.table.users) - targets.position + (protocol == "legacy")
        assert (ranks >= 1).all()
        assert (ranks <= candidates).all()
    assert ranker.config["best_epoch"] in (0, 1)
    assert ranker.config["epochs_trained"] == 2


def test_a_user_who_comes_again_is_a_miss() -> None:
    table = random_table()
    user = table.user.copy()
    first = table.offsets[next_user_split(table, "strict").cascades("test")[0]]
    user[first + 1] = user[first]
    split = next_user_split(replace(table, user=user), "strict")
    assert np.isinf(fitted(split).ranks(split, "test")[0])


def test_the_same_seed_gives_the_same_ranks_and_another_does_not() -> None:
    split = next_user_split(random_table(), "users_only")
    state = torch.get_rng_state()
    one, two, other = (fitted(split, seed=seed).ranks(split, "test") for seed in (5, 5, 6))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)
    assert torch.equal(state, torch.get_rng_state())


def test_under_strict_the_future_changes_nothing() -> None:
    table = random_table()
    split = next_user_split(table, "strict")
    cut = split.cut("test")
    late = (table.time >= cut) & (table.cascade < split.valid_end)
    assert late.sum() > 3
    erased = replace(split, table=without_events(table, late))
    user = table.user.copy()
    user[late] = np.random.default_rng(3).permutation(user[late])
    shuffled = replace(split, table=replace(table, user=user))
    ours = fitted(split)
    for other_split in (erased, shuffled):
        other = fitted(other_split)
        for name, value in ours.model.state_dict().items():
            assert torch.equal(value, other.model.state_dict()[name]), name
        for part in ("valid", "test"):
            assert np.array_equal(ours.ranks(split, part), other.ranks(other_split, part))  # type: ignore[arg-type]


def test_under_prequential_a_target_knows_only_what_came_before_it() -> None:
    table = random_table(cascades=80)
    split = next_user_split(table, "prequential")
    ranker = fitted(split)
    before = ranker.ranks(split, "test")
    targets = split.targets("test")
    now = int(np.quantile(targets.time, 0.5))
    user = table.user.copy()
    later = table.time >= now
    user[later] = np.random.default_rng(3).permutation(user[later])
    changed = replace(split, table=replace(table, user=user))
    fresh = fitted(changed)
    for name, value in ranker.model.state_dict().items():
        assert torch.equal(value, fresh.model.state_dict()[name]), name
    after = fresh.ranks(changed, "test")
    known = targets.time < now
    assert known.sum() > 5
    np.testing.assert_array_equal(after[known], before[known])
    assert not np.array_equal(after[~known], before[~known])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_hypergraphs_hold_only_what_the_protocol_allows(protocol: str) -> None:
    split = next_user_split(random_table(), protocol)
    table = split.table
    for part in ("train", "valid", "test"):
        events = allowed_events(split, part)  # type: ignore[arg-type]
        sequence = window_sequence(split, part, 4)  # type: ignore[arg-type]
        assert (np.diff(sequence.ends) > 0).all()
        for window, base, end in zip(sequence.windows, sequence.base, sequence.ends, strict=True):
            start = sequence.ends[base - 1] if base else -np.inf
            inside = events & (table.time >= start) & (table.time < end)
            assert window.member.tolist() == np.unique(table.user[inside]).tolist()
            assert len(window.pair_edge) == len(np.unique(np.stack([table.cascade, table.user])[:, inside], axis=1).T)
        if part == "train" or protocol != "prequential":
            assert sequence.base == tuple(range(len(sequence.windows)))
        if protocol == "strict":
            assert sequence.ends[-1] <= split.cut("test" if part == "test" else "valid")
        if part == "train":
            assert not events[table.cascade >= split.train_end].any()
    if protocol == "prequential":
        sequence = window_sequence(split, "test", 4)
        assert (sequence.ends > split.cut("test")).sum() > 1
        assert sequence.base != tuple(range(len(sequence.windows)))


@pytest.mark.parametrize("protocol", ["legacy", "strict"])
def test_batches_hold_every_target_once_after_its_own_prefix(protocol: str) -> None:
    split = next_user_split(random_table(), protocol)
    table, targets = split.table, split.targets("train")
    sequence = window_sequence(split, "train", 4)
    places = []
    for batch in prefix_batches(table, targets, sequence, 5, torch.device("cpu"), np.random.default_rng(0)):
        flat = batch.user.flatten()
        for number, place in enumerate(batch.place):
            first, position = table.offsets[targets.cascade[place]], targets.position[place]
            prefix = table.user[first : first + position].tolist()
            row, width = int(batch.row[number]), batch.user.shape[1]
            assert flat[row - row % width : row + 1].tolist() == prefix
            assert batch.taken[batch.start[number] : batch.start[number + 1]].tolist() == prefix
            user = targets.user[place]
            assert batch.target[number] == (len(table.users) if user < 0 else user)
            time = table.time[first : first + position]
            assert batch.closed.flatten()[row - row % width : row + 1].tolist() == [
                int((sequence.ends <= t).sum()) for t in time
            ]
        places += batch.place.tolist()
    assert sorted(places) == list(range(len(targets)))


@pytest.mark.parametrize("protocol", ["users_only", "strict"])
def test_a_planted_order_is_learned(protocol: str) -> None:
    split = next_user_split(random_table(cascades=400, users=40, ring=8), protocol)
    training = MsHgatTraining(epochs=40, patience=10, learning_rate=1e-2, windows=4)
    ranker = MsHgatRanker(split, sizes=SMALL, training=training, device="cpu")
    reports = list(ranker.fit())
    assert reports[-1].losses["next_user"] < reports[0].losses["next_user"]
    count = np.bincount(split.table.user[split.table.time < split.cut("test")], minlength=len(split.table.users))
    targets = split.targets("test")
    popular = 1 + (count[None] > count[targets.user][:, None]).sum(axis=1)
    hits, floor = (ranker.ranks(split, "test") <= 3).mean(), (popular <= 3).mean()
    assert hits > 0.8
    assert floor < 0.3


def test_friendships_are_used_and_named_and_can_be_left_out() -> None:
    split = next_user_split(random_table(), "strict")
    edges = np.array([["u001", "u002"], ["u003", "u009"], ["nobody", "u001"]], dtype=object)
    with_edges, without = fitted(split, edges), fitted(split)
    assert any("before every event" in line for line in with_edges.assumptions)
    assert without.assumptions == ()
    assert not np.array_equal(with_edges.ranks(split, "test"), without.ranks(split, "test"))
    turned = fitted(split, edges[:, ::-1])
    assert np.array_equal(turned.ranks(split, "test"), with_edges.ranks(split, "test"))
    strangers = MsHgatRanker(split, np.array([["x", "y"]], dtype=object), sizes=SMALL, device="cpu")
    assert strangers.assumptions == ()


def test_the_best_epoch_is_kept_also_when_the_loop_is_left() -> None:
    split = next_user_split(random_table(), "strict")
    ranker = MsHgatRanker(split, sizes=SMALL, training=replace(SHORT, epochs=9), device="cpu")
    for report in ranker.fit():
        best = report.score
        if report.selected and report.epoch:
            break
    ranks = ranker.ranks(split, "valid")
    assert np.where(ranks <= 100, 1 / ranks, 0).mean() == pytest.approx(best)


def test_what_cannot_be_ranked_says_why() -> None:
    split = next_user_split(random_table(), "strict")
    ranker = MsHgatRanker(split, sizes=SMALL, training=SHORT, device="cpu")
    with pytest.raises(NotFittedError, match="fit"):
        ranker.ranks(split, "test")
    list(ranker.fit())
    with pytest.raises(SchemaError, match="strict"):
        ranker.ranks(next_user_split(random_table(), "legacy"), "test")
    at_once = replace(split.table, time=np.zeros_like(split.table.time))
    with pytest.raises(SchemaError, match="train part has no place"):
        MsHgatRanker(next_user_split(at_once, "strict"), sizes=SMALL)
    with pytest.raises(SchemaError, match="expected at least 1"):
        MsHgatTraining(epochs=0)


@pytest.mark.gpu
def test_cuda_ranks_like_the_processor() -> None:
    split = next_user_split(random_table(), "strict")
    ranker = fitted(split)
    there = MsHgatRanker(split, sizes=SMALL, training=SHORT, device="cuda")
    list(there.fit())
    there.model.load_state_dict(ranker.model.state_dict())
    assert np.mean(np.abs(there.ranks(split, "test") - ranker.ranks(split, "test"))) < 0.5
