"""The learned ranking: the floor underneath, what it may see, what it learns, what it repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.counting import Counting
from graphsocial.learn.next_user.evidence import Questions, part_rows
from graphsocial.learn.next_user.middle_ranks import full_ranks, sampled_ranks
from graphsocial.learn.next_user.model import NextUserModel
from graphsocial.learn.next_user.sampled import Neighbourhoods, Sampled, Sources, first_until
from graphsocial.learn.next_user.size_to_come import SizeToCome
from graphsocial.learn.next_user.split import PROTOCOLS, NextUserSplit, next_user_split
from graphsocial.learn.next_user.training import NextUserTraining
from graphsocial.nn.next_user_net import NextUserNet, NextUserNetConfig
from tests.learn.next_user.brute_force import random_table
from tests.learn.next_user.planted import (
    answered_back,
    by_topic,
    circles,
    table_of,
    with_rare_users,
    without_events,
)

SMALL = NextUserNetConfig(channels=8, state=8, hidden=8)
SHORT = NextUserTraining(
    epochs=2, learning_rate=3e-2, hard=6, drawn=4, judged_hard=8, judged_drawn=8, blocks=4, neighbours=4
)
USERS_ONLY = ("users_only", "strict", "prequential")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def made(split: NextUserSplit, sources: Sources | None = None, seed: int = 0, **changed: Any) -> NextUserModel:
    return NextUserModel(split, sources, seed=seed, net=SMALL, training=replace(SHORT, **changed), device="cpu")


def fitted(split: NextUserSplit, sources: Sources | None = None, seed: int = 0, **changed: Any) -> NextUserModel:
    model = made(split, sources, seed, **changed)
    list(model.fit())
    return model


class Loud(NextUserModel):
    """Adds the whole residual, whatever validation thinks of it, and counts how often it was fitted anew."""

    refits = 0

    def _judge(self, *asked: Any) -> tuple[float, float]:
        return super()._judge(*asked)[0], 1.0

    def _retrained(self, before: int, otherwise: tuple[NextUserNet, float]) -> tuple[NextUserNet, float]:
        found = super()._retrained(before, otherwise)
        self.refits += found[0] is not otherwise[0]
        return found


def loud(split: NextUserSplit, sources: Sources | None = None, seed: int = 0, **changed: Any) -> Loud:
    """Fitted, with every residual added in full."""
    model = Loud(split, sources, seed=seed, net=SMALL, training=replace(SHORT, **changed), device="cpu")
    list(model.fit())
    assert model.share == 1.0
    return model


def table(seed: int = 0, cascades: int = 40, users: int = 12, repeats: bool = True) -> CascadeTable:
    return random_table(np.random.default_rng(seed), cascades, users, repeats)


def content(rng: np.random.Generator, cascades: int) -> Sources:
    return Sources(None, {"text": rng.normal(size=(cascades, 4)).astype(np.float32)})


# ---- the floor underneath


@pytest.mark.parametrize("protocol", USERS_ONLY)
@pytest.mark.parametrize("seed", [9, 13])
def test_without_the_residual_it_is_the_counting_rule_to_the_bit(protocol: str, seed: int) -> None:
    split = next_user_split(with_rare_users(np.random.default_rng(seed), table(seed)), protocol)
    model = loud(split, retrain=False)
    floors = {part: Counting().ranks(split, part) for part in ("valid", "test")}  # type: ignore[arg-type]
    both = np.concatenate(list(floors.values()))
    assert np.isinf(both).any()  # users who come again
    assert (both[np.isfinite(both)] % 1 == 0.5).any()  # ties
    assert not all(np.array_equal(model.ranks(split, part), floors[part]) for part in floors)  # type: ignore[arg-type]
    model.share = 0.0
    for part, floor in floors.items():
        assert np.array_equal(model.ranks(split, part), floor)  # type: ignore[arg-type]
    model.share = 1.0
    torch.nn.init.zeros_(model.model.last.weight)
    for part, floor in floors.items():
        assert np.array_equal(model.ranks(split, part), floor)  # type: ignore[arg-type]


def test_a_learning_rate_of_nothing_ends_at_the_floor_even_when_fitted_anew() -> None:
    split = next_user_split(table(3, cascades=120), "prequential", tenths=1)
    model = loud(split, learning_rate=0.0)
    assert np.array_equal(model.ranks(split, "test"), Counting().ranks(split, "test"))
    assert model.refits


def test_under_legacy_the_end_stands_among_the_users() -> None:
    split = next_user_split(table(2), "legacy")
    model, targets = fitted(split), split.targets("test")
    model.share = 0.0
    first = Counting().ranks(split, "test")  # ranks the end before all
    ends, free = targets.user < 0, np.isfinite(first)
    learned = model.ranks(split, "test")
    assert np.array_equal(np.isinf(learned), targets.repeated) and targets.repeated.any()
    assert np.isin(learned[free & ~ends] - (first[free & ~ends] - 1), [0, 0.5, 1]).all()
    left = np.array([12 - len(set(split.table.user[split.table.cascade == c].tolist())) for c in targets.cascade])
    assert (learned[ends] <= left[ends] + 1).all() and (learned[ends] >= 1).all()
    torch.nn.init.zeros_(model.model.end.weight)
    torch.nn.init.constant_(model.model.end.bias, 60.0)
    assert np.array_equal(model.ranks(split, "test"), first)
    torch.nn.init.constant_(model.model.end.bias, -60.0)
    last = model.ranks(split, "test")
    assert np.array_equal(last[~ends], first[~ends] - 1)
    assert np.array_equal(last[ends], left[ends] + 1)


# ---- what it may see


def weights_of(model: NextUserModel) -> np.ndarray:
    return torch.cat([value.flatten() for value in model.model.state_dict().values()]).numpy()


def hide(
    split: NextUserSplit, sources: Sources, late: np.ndarray, how: str, untouched: np.ndarray
) -> tuple[NextUserSplit, Sources]:
    """Late events by other users, or gone but for the first of a cascade, whose time belongs to the protocol.

    Content is changed for all cascades but the untouched ones.
    """
    rng = np.random.default_rng(9)
    users = len(split.table.users)
    other = (split.table.user + rng.integers(1, users, len(late))) % users
    changed = replace(split.table, user=np.where(late, other, split.table.user))
    if how == "erased":
        first = np.zeros(len(late), dtype=bool)
        first[split.table.offsets[:-1]] = True
        changed = without_events(changed, late & ~first)
    vectors = {
        name: np.where(untouched[:, None], vector, rng.normal(size=vector.shape)).astype(np.float32)
        for name, vector in sources.content.items()
    }
    return replace(split, table=changed), Sources(None, vectors)


@pytest.mark.parametrize("how", ["other users", "erased"])
@pytest.mark.parametrize("with_content", [False, True], ids=["ids", "content"])
def test_under_strict_what_comes_after_the_first_test_start_changes_nothing(how: str, with_content: bool) -> None:
    rng = np.random.default_rng(5)
    split = next_user_split(random_table(rng, 40, 12, repeats=False), "strict")
    sources = content(rng, 40) if with_content else Sources(None, {})
    late = (split.table.time >= split.cut("test")) & (split.table.cascade < split.valid_end)
    assert late.sum() > 10
    changed, others = hide(split, sources, late, how, np.ones(40, dtype=bool))
    ours, theirs = loud(split, sources), loud(changed, others)
    assert np.array_equal(weights_of(ours), weights_of(theirs))
    for part in ("valid", "test"):
        assert np.array_equal(ours.ranks(split, part), theirs.ranks(changed, part))  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["other users", "erased"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_test_cascades_and_their_content_teach_nothing(protocol: str, how: str) -> None:
    rng = np.random.default_rng(6)
    split = next_user_split(random_table(rng, 40, 12, repeats=False), protocol)
    sources = content(rng, 40)
    late, before = split.table.cascade >= split.valid_end, np.arange(40) < split.valid_end
    changed, others = hide(split, sources, late, how, before)
    ours, theirs = loud(split, sources), loud(changed, others)
    assert (ours.best_epoch, weights_of(ours).tolist()) == (theirs.best_epoch, weights_of(theirs).tolist())
    one, two = ours.ranks(split, "valid"), theirs.ranks(changed, "valid")
    known = split.targets("valid").time < split.cut("test") if protocol == "prequential" else np.ones(len(one), bool)
    assert np.array_equal(one[known], two[known])
    assert len(split.table.user) > len(changed.table.user) or not np.array_equal(
        ours.ranks(split, "test"), theirs.ranks(changed, "test")
    )


@pytest.mark.parametrize("how", ["other users", "erased"])
@pytest.mark.parametrize("with_content", [False, True], ids=["ids", "content"])
@pytest.mark.parametrize("tenths", [8, 1], ids=["one fit", "fitted anew"])
def test_under_prequential_a_target_sees_only_what_came_before(how: str, with_content: bool, tenths: int) -> None:
    rng = np.random.default_rng(7)
    split = next_user_split(random_table(rng, 60, 12, repeats=False), "prequential", tenths)
    sources = content(rng, 60) if with_content else Sources(None, {})
    targets = split.targets("test")
    now = int(np.quantile(targets.time, 0.6))
    late = split.table.time >= now
    changed, others = hide(split, sources, late, how, split.table.start < now)
    ours, theirs = loud(split, sources), loud(changed, others)
    assert np.array_equal(weights_of(ours), weights_of(theirs))
    before, after = ours.ranks(split, "test"), theirs.ranks(changed, "test")
    here = {(c, p): i for i, (c, p) in enumerate(_places(changed))}
    rows = np.flatnonzero(targets.time < now)
    assert len(rows) > 10
    assert (ours.refits > 0) == (tenths == 1)
    assert before[rows].tolist() == [after[here[place]] for place in (_places(split)[i] for i in rows)]


def _places(split: NextUserSplit) -> list[tuple[int, int]]:
    targets = split.targets("test")
    return list(zip(targets.cascade.tolist(), targets.position.tolist(), strict=True))


def test_prequential_weights_are_fitted_on_events_before_the_rows_they_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known events double between fits, and every row is ranked once, by weights older than itself."""
    split = next_user_split(table(1, cascades=120, repeats=False), "prequential", tenths=1)
    model = loud(split)
    asked: list[int] = []

    def noted(before: int, *rest: Any) -> Any:
        asked.append(before)
        return (model.model, 1.0)

    monkeypatch.setattr(model, "_retrained", noted)
    questions = Questions.to_predict(split, "test")
    rows = part_rows(questions.targets)
    fit = int((split.table.time < split.cut("valid")).sum())
    moments = np.sort(split.table.time)
    ranked = []
    for number, (_, mine) in enumerate(model._nets(split, questions, rows)):
        newest = asked[-1] if asked else split.cut("valid")
        assert (questions.targets.time[mine] >= newest).all()
        assert (questions.until[mine] < 2 ** (len(asked) + 1) * fit).all()
        assert number == 0 or (questions.until[mine] >= 2 ** len(asked) * fit).all()
        ranked.append(mine)
    assert asked == [int(moments[2 ** (k + 1) * fit - 1]) for k in range(len(asked))]
    assert len(asked) >= 1
    assert np.sort(np.concatenate(ranked)).tolist() == rows.tolist()
    assert [len(mine) for _, mine in fitted_without_retraining(split)._nets(split, questions, rows)] == [len(rows)]


def fitted_without_retraining(split: NextUserSplit) -> NextUserModel:
    return fitted(split, retrain=False)


def test_weights_fitted_anew_know_nothing_from_their_time_on() -> None:
    split = next_user_split(table(8, cascades=80, repeats=False), "prequential", tenths=1)
    before = int(np.quantile(split.table.time, 0.5))
    questions = Questions.to_retrain(split, before)
    assert questions.targets.time.max() < before
    assert split.table.time[questions.event].max() < before
    assert (split.table.time[questions.event] < before).sum() == (split.table.time < before).sum()
    assert (questions.targets.cascade >= split.train_end).any()
    for i in range(0, len(questions.targets), 7):
        assert questions.until[i] == (split.table.time < questions.targets.time[i]).sum()


# ---- what it learns


def gain(split: NextUserSplit, model: NextUserModel) -> tuple[float, float]:
    """Mean reciprocal rank of the model, and of the floor."""
    return float((1 / model.ranks(split, "test")).mean()), float((1 / Counting().ranks(split, "test")).mean())


@pytest.mark.parametrize("protocol", ["strict", "prequential"])
def test_an_answer_in_the_other_direction_is_learned(protocol: str) -> None:
    split = next_user_split(answered_back(np.random.default_rng(0)), protocol)
    learned, floor = gain(split, fitted(split, epochs=20, learning_rate=2e-2))
    assert learned > floor + 0.12


def test_users_of_one_circle_who_never_met_are_found_through_the_graph() -> None:
    split = next_user_split(circles(np.random.default_rng(0)), "strict")
    config = NextUserNetConfig(channels=32, state=8, hidden=16)
    training = replace(SHORT, epochs=20, learning_rate=2e-2, hard=20, drawn=20, judged_hard=20, judged_drawn=40)
    model = NextUserModel(split, net=config, training=training, device="cpu")
    list(model.fit())
    learned, floor = gain(split, model)
    assert learned > 2 * floor


def test_content_decides_who_answers_and_shuffled_content_does_not() -> None:
    rng = np.random.default_rng(0)
    cascades, text = by_topic(rng)
    split = next_user_split(cascades, "strict")

    def learned(vectors: np.ndarray | None) -> tuple[float, float]:
        sources = Sources(None, {} if vectors is None else {"text": vectors.astype(np.float32)})
        return gain(split, fitted(split, sources, epochs=20, learning_rate=2e-2, hard=12, drawn=12))

    told, floor = learned(text)
    assert told > floor + 0.15
    assert learned(rng.permutation(text))[0] < floor + 0.07
    assert learned(None)[0] < floor + 0.07


def test_links_are_learned_and_named() -> None:
    """Everybody has one friend who answers, and no pair is seen twice."""
    rng = np.random.default_rng(0)
    links = rng.permutation(240).reshape(120, 2)
    split = next_user_split(table_of(rng.permuted(links, axis=1).tolist(), 240), "strict")
    model = fitted(split, Sources(links, {}), epochs=20, learning_rate=2e-2)
    assert any("no times" in line and "before every event" in line for line in model.assumptions)
    assert model.config["links"] and model.config["assumptions"] == list(model.assumptions)
    with_links = gain(split, model)
    without = fitted(split, epochs=20, learning_rate=2e-2)
    assert without.assumptions == () and not without.config["links"]
    assert with_links[0] > gain(split, without)[0] + 0.1
    turned = fitted(split, Sources(links[:, ::-1], {}), epochs=20, learning_rate=2e-2)
    assert np.array_equal(turned.ranks(split, "test"), model.ranks(split, "test"))


# ---- what it repeats


@pytest.mark.parametrize("protocol", ["legacy", "prequential"])
def test_the_seed_decides_and_nobody_elses_random_numbers_are_used(protocol: str) -> None:
    split = next_user_split(table(9, cascades=60), protocol, tenths=4)
    state, numbers = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002
    one, two, other = (loud(split, seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(one.ranks(split, "test"), two.ranks(split, "test"))
    assert np.array_equal(weights_of(one), weights_of(two))
    assert not np.array_equal(weights_of(one), weights_of(other))
    assert not np.array_equal(one.ranks(split, "test"), other.ranks(split, "test"))
    assert torch.equal(state, torch.get_rng_state())
    now = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(numbers, now, strict=True))


def test_a_second_fit_starts_anew() -> None:
    split = next_user_split(table(), "strict")
    model = fitted(split)
    once = weights_of(model)
    list(model.fit())
    assert np.array_equal(once, weights_of(model))


def test_evidence_does_not_depend_on_threads() -> None:
    split = next_user_split(table(11), "strict")
    sources = content(np.random.default_rng(0), 40)
    sampled = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        sampled.append(made(split, sources)._sample(Questions.to_train(split, 4), 6, 4, "train")[0])
    for name in ("row", "candidate", "score", "base", "channel", "weight", "neighbourhood"):
        assert np.array_equal(getattr(sampled[0], name), getattr(sampled[1], name)), name


# ---- ranks by hand


def test_full_ranks_by_hand() -> None:
    score = np.array([[5.0, 3.0, 3.0, 1.0, -1.0]] * 3)
    assert full_ranks(score, np.array([0, 2, 3]), None).tolist() == [1.0, 2.5, 4.0]
    close = np.array([[1.0, 1.0 + 1e-14, 1.0 - 1e-14, 2.0]])
    assert full_ranks(close, np.array([0]), None).tolist() == [3.0]  # rounding ties: 1 + 1 + 2 / 2


def test_full_ranks_with_the_end_by_hand() -> None:
    """Candidates add up to 8. At even odds the end scores 8, at 1 : 3 it scores 8 / 3, at 1 : 99 less than all."""
    score = np.array([[4.0, 2.0, 2.0, -1.0]] * 3)
    for odds, wanted in ((1, [2.0, 3.5, 1.0]), (1 / 3, [1.0, 3.5, 2.0]), (1 / 99, [1.0, 2.5, 4.0])):
        assert full_ranks(score, np.array([0, 1, -1]), np.full(3, np.log(odds))).tolist() == wanted
    alone = np.array([[4.0, -1.0]] * 2)  # one candidate, level with the end
    assert full_ranks(alone, np.array([0, -1]), np.zeros(2)).tolist() == [1.5, 1.5]


@pytest.mark.parametrize("end", [None, np.zeros(1)])
def test_scores_that_are_no_numbers_have_no_ranks(end: np.ndarray | None) -> None:
    with pytest.raises(SchemaError, match="diverged"):
        full_ranks(np.array([[1.0, np.nan]]), np.array([0]), end)


def test_an_end_that_is_no_number_has_no_rank() -> None:
    with pytest.raises(SchemaError, match="diverged"):
        full_ranks(np.array([[1.0, 2.0]]), np.array([-1]), np.array([np.nan]))


@pytest.mark.parametrize("protocol", USERS_ONLY)
def test_sampled_ranks_are_the_full_ones_when_everyone_is_sampled(protocol: str) -> None:
    split = next_user_split(table(12), protocol)
    questions = Questions.to_predict(split, "test")
    rows = part_rows(questions.targets)
    around = Neighbourhoods.of(split.table, questions.event, np.array([0]), 2)
    everyone = Sampled.of(split, questions, rows, Sources(None, {}), around, 4, 8, 0)
    unchanged = sampled_ranks(everyone, np.zeros(everyone.score.shape))
    assert np.array_equal(unchanged, Counting().ranks(split, "test")[rows])
    residual = np.random.default_rng(0).normal(size=(len(rows), 12))
    score = np.full((len(rows), 12), -1.0)
    for i in range(len(rows)):
        used = np.isfinite(everyone.weight[i])
        chosen = everyone.candidate[i][used]
        base = np.where(everyone.score[i] > 0, everyone.score[i], np.exp(everyone.base[i].astype(float)))[used]
        score[i, chosen] = base * np.exp(residual[i, chosen])
    mixed = sampled_ranks(everyone, np.take_along_axis(residual, everyone.candidate.astype(int), axis=1))
    np.testing.assert_allclose(mixed, full_ranks(score, questions.targets.user[rows], None))


def test_drawn_candidates_stand_for_those_not_drawn() -> None:
    """By hand: right 1; two hard, one above; a drawn one above that stands for 4, a drawn tie that stands for 4."""
    sampled = Sampled(
        row=np.zeros(1, int),
        candidate=np.arange(6)[None],
        score=np.array([[1.0, 2.0, 0.5, 3.0, 1.0, 0.0]]),
        base=np.log(np.array([[1.0, 2.0, 0.5, 3.0, 1.0, 1e-9]])),
        channel=np.zeros((1, 6, 0)),
        weight=np.array([[0, 0, 0, np.log(4), np.log(4), -np.inf]]),
        neighbourhood=np.zeros(1, int),
    )
    assert sampled_ranks(sampled, np.zeros((1, 6)))[0] == pytest.approx(1 + 1 + 4 + 4 / 2)


def test_neighbourhoods_know_only_what_their_cascades_first_target_may_use() -> None:
    split = next_user_split(table(13), "prequential")
    for questions in (Questions.to_train(split, 4), Questions.to_predict(split, "test")):
        earliest = first_until(questions)
        for cascade in np.unique(questions.targets.cascade):
            mine = questions.targets.cascade == cascade
            assert (earliest[mine] == questions.until[mine].min()).all()
        around = made(split)._neighbourhoods(questions)
        assert (around.limit[around.latest(earliest)] <= earliest).all()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_size_to_come_is_learned_only_where_it_is_over_in_time(protocol: str) -> None:
    """Labels of the size quantiles, once more event by event; the horizon knows no event that is not countable."""
    split = next_user_split(table(14), protocol)
    questions, cascades = Questions.to_train(split, 4), split.table
    labels = SizeToCome.of(cascades, questions.targets, questions.event, split.train_end)
    remaining, matured = labels.value, labels.matured
    countable = np.isin(np.arange(len(cascades.user)), questions.event)
    known = [cascades.time[countable & (cascades.cascade == c)] for c in range(split.train_end)]
    horizon = int(np.median([times.max() - times.min() if len(times) else 0 for times in known]))
    assert horizon > 0
    assert matured.any() and not matured.all()
    for i, (c, position) in enumerate(zip(questions.targets.cascade, questions.targets.position, strict=True)):
        times = cascades.time[cascades.cascade == c]
        now = times[position - 1]
        assert matured[i] == (now + horizon < cascades.time[countable].max())
        if matured[i]:
            coming = (times[position:] <= now + horizon).sum()
            assert remaining[i] == pytest.approx(np.log2(1 + coming), rel=1e-6)
            assert countable[cascades.cascade == c][position : position + coming].all()


# ---- what cannot be ranked


def test_what_cannot_be_ranked_says_why() -> None:
    split = next_user_split(table(), "strict")
    model = made(split)
    with pytest.raises(NotFittedError, match=r"fit\(\)"):
        model.ranks(split, "test")
    list(model.fit())
    with pytest.raises(SchemaError, match="strict"):
        model.ranks(next_user_split(table(), "legacy"), "test")
    with pytest.raises(SchemaError, match="users"):
        model.ranks(next_user_split(table(users=13), "strict"), "test")
    with pytest.raises(SchemaError, match="expected"):  # the same users in other cascades
        model.ranks(next_user_split(table(seed=1), "strict"), "test")


def test_other_origins_of_the_same_cascades_are_ranked() -> None:
    model = loud(next_user_split(table(), "strict", 5))
    other = next_user_split(table(), "strict", 8)
    assert len(model.ranks(other, "test")) == len(other.targets("test"))


def test_parts_without_a_target_say_so() -> None:
    at_once = replace(table(), time=np.zeros_like(table().time))
    with pytest.raises(SchemaError, match="train part has no place"):
        fitted(next_user_split(at_once, "strict"))
    alone = table_of([[0, 0, 0]] * 20, 1)
    for protocol in PROTOCOLS:
        with pytest.raises(SchemaError, match="train part has no place"):
            fitted(next_user_split(alone, protocol))
    late = table(repeats=False)
    valid = np.isin(late.cascade, range(32, 36))  # validation starts with the test part and has nothing before
    start = int(late.start[36])
    with pytest.raises(SchemaError, match="valid part has no place"):
        fitted(next_user_split(replace(late, time=np.where(valid, start, late.time)), "strict"))


def test_two_users_are_enough() -> None:
    for protocol in PROTOCOLS:
        split = next_user_split(table_of([[0, 1], [1, 0]] * 15, 2), protocol)
        ranks = loud(split).ranks(split, "test")
        assert (ranks <= 1 + (protocol == "legacy")).all()


def test_a_test_part_of_repeated_users_only_has_no_ranks() -> None:
    rows = [[0, 1, 2], [2, 1, 0]] * 15
    split = next_user_split(table_of([*rows[:-3], [0, 0], [1, 1], [2, 2]], 3), "strict")
    assert np.isinf(loud(split, content(np.random.default_rng(0), 30)).ranks(split, "test")).all()


def test_a_training_that_diverges_says_so_and_is_not_selected() -> None:
    split = next_user_split(table(), "strict")
    sources = Sources(None, {"text": np.full((40, 3), np.nan, dtype=np.float32)})
    with pytest.raises(SchemaError, match="diverged"):
        fitted(split, sources)
    model = loud(split)
    torch.nn.init.constant_(model.model.last.weight, np.nan)
    with pytest.raises(SchemaError, match="diverged"):
        model.ranks(split, "test")


def test_cascades_may_lack_content() -> None:
    split = next_user_split(table(), "strict")
    vectors = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    vectors[::2] = 0
    for zero in (vectors, np.zeros_like(vectors)):
        model = loud(split, Sources(None, {"text": zero, "image": vectors}))
        assert model.config["content"] == ["image", "text"]
        ranks = model.ranks(split, "test")
        assert (np.isfinite(ranks) == ~split.targets("test").repeated).all()


def test_leaving_the_loop_early_keeps_the_best_weights() -> None:
    split = next_user_split(answered_back(np.random.default_rng(0), 120, 30, 30), "users_only")
    model = made(split, epochs=30, learning_rate=0.1)
    seen, best = [], None
    for report in model.fit():
        assert report.epoch == len(seen)
        seen.append(report.score)
        if report.selected:
            best = weights_of(model)
        if report.epoch > 1 and not report.selected:
            break
    assert model.best_epoch < len(seen) - 1 < 29
    assert model.best_epoch == int(np.argmax(seen))
    assert best is not None and np.array_equal(best, weights_of(model))
    assert len(model.ranks(split, "test")) == len(split.targets("test"))


def test_leaving_before_the_first_epoch_is_not_fitted() -> None:
    split = next_user_split(table(), "strict")
    model = made(split)
    model.fit()  # nothing is done before the first report is asked for
    with pytest.raises(NotFittedError):
        model.ranks(split, "test")


def test_config_says_what_came_of_it() -> None:
    split = next_user_split(table(), "strict")
    model = fitted(split)
    config = model.config
    assert config["best_epoch"] in (0, 1) and 0 <= config["share"] <= 1
    assert config["examples"]["train"] == len(
        [i for i in part_rows(split.targets("train")) if Questions.to_train(split, 4).until[i] > 0]
    )
    assert config["parameters"] == sum(p.numel() for p in model.model.parameters())
    assert config["device"] == "cpu"


def test_of_many_targets_the_latest_train_and_some_judge() -> None:
    split = next_user_split(table(), "users_only")
    config = fitted(split, most_rows=30, judged_rows=5).config
    assert config["examples"]["train"] == 30
    assert 3 <= config["examples"]["valid"] <= 5


@pytest.mark.gpu
def test_cuda_ranks_like_the_processor() -> None:
    split = next_user_split(table(), "strict")
    model = loud(split)
    there = NextUserModel(split, net=SMALL, training=SHORT, device="cuda")
    list(there.fit())
    there.model.load_state_dict(model.model.state_dict())
    there.share = 1.0
    free = ~split.targets("test").repeated
    assert np.mean(np.abs(there.ranks(split, "test")[free] - model.ranks(split, "test")[free])) < 0.5
