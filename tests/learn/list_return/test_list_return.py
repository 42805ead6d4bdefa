"""Daily lists: fates by brute force, features of the past alone, a planted signal of the words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.list_return import (
    RETURN_METRICS,
    BoostedReturn,
    ListRecord,
    NearTopics,
    TextScore,
    calibration_error,
    character_vectors,
    climatology,
    list_fates,
    list_features,
    logistic,
    persistence,
)
from graphsocial.learn.list_return.list_features import CONTEXT, SIMPLE
from graphsocial.learn.list_return.list_record import DAY

rows_of_lists = st.sets(st.tuples(st.integers(0, 9), st.sampled_from("abcd")), min_size=1, max_size=25)


def record_of(rows) -> ListRecord:
    rows = sorted(rows)
    names = np.array([name for _, name in rows], dtype=object)
    return ListRecord.of(names, np.array([day for day, _ in rows]) * DAY, np.array([1.0 + ord(n) % 3 for _, n in rows]))


@settings(max_examples=60, deadline=None)
@given(rows_of_lists, st.integers(1, 3), st.integers(0, 3))
def test_fates_are_what_a_loop_finds(rows, first, more):
    record, last = record_of(rows), first + more
    fates, days = list_fates(record, last, first), {day for day, _ in rows}
    for row in range(len(record)):
        name, day = record.name[row], int(record.day[row])
        ahead = range(day + first, day + last + 1)
        known = all(one in days for one in ahead)
        there = known and any((one, name) in rows for one in ahead)
        assert (fates.known[row], fates.again[row]) == (known, there)
        assert np.isnan(fates.best[row]) != there


@settings(max_examples=30, deadline=None)
@given(rows_of_lists, st.integers(1, 8))
def test_features_of_a_day_are_the_same_when_later_days_are_erased(rows, day):
    record = record_of(rows)
    past = record.before(day)
    erased = record_of([row for row in rows if row[0] < day]) if len(past) else past
    assert np.array_equal(list_features(past), list_features(record)[: len(past)], equal_nan=True)
    assert past.item.tolist() == erased.item.tolist() and past.name.tolist() == erased.name.tolist()


def test_features_of_a_tiny_record():
    record = ListRecord.of(
        np.array(list("abaca"), dtype=object), np.array([0, 0, 1, 1, 3]) * DAY, np.array([1.0, 2, 5, 3, 4])
    )
    found = dict(zip((*SIMPLE, *CONTEXT), list_features(record).T, strict=True))
    of_a = np.flatnonzero(record.name == "a")
    assert found["days_so_far"][of_a].tolist() == [1, 2, 3] and found["run"][of_a].tolist() == [1, 2, 1]
    assert found["gap"][of_a].tolist() == [999, 1, 2]
    assert found["best_before"][of_a][1:].tolist() == [1, 1] and found["rank_before"][of_a][1:].tolist() == [1, 5]
    assert found["rise"][of_a][1:].tolist() == [-4, 1] and found["stayed"][of_a][1] == 0.5
    assert np.isnan(found["stayed"][of_a][2])  # nobody recorded the day before


def planted(days=60, rng=0):
    """Lists of 20: items named after a show return two days later, the others never; the place says nothing."""
    rng = np.random.default_rng(rng)
    rows: list[tuple[int, str]] = []
    for day in range(days):
        kinds = rng.permutation(20)
        for at in kinds:
            name = f"show number {day}-{at}" if at < 6 else f"{rng.integers(10**9)} other news {day}"
            rows.append((day, name))
            if at < 6 and day + 2 < days:
                rows.append((day + 2, name))
    rows = sorted(set(rows), key=lambda row: (row[0], hash_of(row[1])))
    place = np.arange(len(rows), dtype=float)
    times = np.array([day for day, _ in rows]) * DAY
    return ListRecord.of(np.array([name for _, name in rows], dtype=object), times, place=place)


def hash_of(name: str) -> int:
    import zlib

    return zlib.crc32(name.encode())


def test_words_and_the_fate_of_similar_items_tell_who_returns():
    record = planted()
    fate, features = list_fates(record, 7, 2), list_features(record)
    first = features[:, SIMPLE.index("days_so_far")] == 1
    train = np.flatnonzero((record.day < 35) & (record.day + 7 < 40) & first)
    asked = np.flatnonzero((record.day >= 40) & fate.known & first)
    vectors = character_vectors(record.name[train].tolist(), record.name.tolist())
    own, new = TextScore().scores(vectors, fate.again, record.day, 7, train, asked)
    scored = np.isfinite(own)
    assert 0.5 < scored.mean() < 0.9 and roc_auc_score(fate.again[asked], new) > 0.95
    assert roc_auc_score(fate.again[train][scored], own[scored]) > 0.95
    expected = np.full((len(record), 2), fate.again[train].mean())
    near = NearTopics().features(record, vectors, expected)
    columns = np.column_stack([features, near])
    chance = BoostedReturn(rounds=20).chances(columns[train], fate.again[train], record.day[train] > 25, columns[asked])
    assert roc_auc_score(fate.again[asked], chance) > 0.9
    simple = BoostedReturn(rounds=20).chances(
        features[train], fate.again[train], record.day[train] > 25, features[asked]
    )
    assert roc_auc_score(fate.again[asked], simple) < 0.75
    # erase the future: what is near a day's items does not change
    cut = 45
    past = record.before(cut)
    again = NearTopics().features(past, vectors[: len(past)], expected[: len(past)])
    assert np.array_equal(again, near[: len(past)], equal_nan=True)


def test_training_scores_do_not_change_when_later_answers_do():
    record = planted()
    fate = list_fates(record, 7, 2)
    train = np.flatnonzero(record.day < 40)
    vectors = character_vectors(record.name[train].tolist(), record.name.tolist())
    other = fate.again.copy()
    other[record.day >= 20] ^= True
    found, changed = (
        TextScore().scores(vectors, answers, record.day, 7, train, train[:0])[0] for answers in (fate.again, other)
    )
    early = record.day[train] < 27  # a fold of ten days: that of days 20 to 29 knows answers of days before 13
    assert np.array_equal(found[early], changed[early], equal_nan=True)
    assert not np.array_equal(found, changed, equal_nan=True)


def test_training_scores_come_from_models_that_did_not_see_the_row():
    rng = np.random.default_rng(1)
    names = [f"{rng.integers(10**12)}" for _ in range(400)]
    again, day = rng.random(400) < 0.5, np.repeat(np.arange(40), 10)
    own, _ = TextScore(weight=100.0).scores(
        character_vectors(names, names), again, day, 1, np.arange(400), np.zeros(0, dtype=int)
    )
    scored = np.isfinite(own)
    assert 0.35 < roc_auc_score(again[scored], own[scored]) < 0.65  # noise that it would know by heart otherwise


def test_floors_are_rates():
    features = np.zeros((6, len(SIMPLE) + len(CONTEXT)))
    features[:, SIMPLE.index("place")] = [0, 1, 2, 10, 11, 12]
    features[:, SIMPLE.index("run")] = [1, 1, 1, 2, 2, 2]
    features[:, SIMPLE.index("days_so_far")] = 1
    again = np.array([True, True, True, False, False, False])
    for floor in (climatology, persistence):
        found = floor(features, again, features[[0, 5]])
        assert found == pytest.approx([(3 + 2.5) / 8, 2.5 / 8])
    high, low = logistic(features, again, features[[0, 5]])
    assert high > 0.5 > low
    assert logistic(features[:3], again[:3], features[:1]).tolist() == [0.8]
    for floor in (climatology, persistence, logistic):
        with pytest.raises(NotFittedError):
            floor(features[:0], again[:0], features)


def test_daily_metrics_are_means_over_days():
    rng = np.random.default_rng(3)
    chance, target, day = rng.random(60), (rng.random(60) < 0.4).astype(float), np.repeat([3, 5, 9], 20)
    target[day == 9] = 0  # a day without a positive says nothing of the order
    by_name = {metric.name: metric(chance, target, day) for metric in RETURN_METRICS}
    for name, score in (("average_precision", average_precision_score), ("auc", roc_auc_score)):
        assert by_name[name] == pytest.approx(np.mean([score(target[day == d], chance[day == d]) for d in (3, 5)]))
    assert by_name["brier"] == pytest.approx(np.mean((chance - target) ** 2))
    right = np.where(target > 0, chance, 1 - chance)
    assert by_name["log_score"] == pytest.approx(-np.log(right).mean())
    for metric in RETURN_METRICS:
        sums = metric.sums.rows(chance, target, day).sum(axis=0)
        assert float(metric.sums.value(sums)) == pytest.approx(by_name[metric.name])
    assert calibration_error(np.full(10, 0.5), np.tile([0, 1], 5), bins=5) == pytest.approx(0.0)


def test_quantiles_ascend_and_follow_the_rank():
    rng = np.random.default_rng(0)
    features = rng.random((300, 2))
    target = 4 * features[:, 0] + rng.normal(0, 0.1, 300)
    found = BoostedReturn().quantiles(features, target, np.array([[0.1, 0], [0.9, 0]]), (0.05, 0.5, 0.95))
    assert (np.diff(found, axis=1) >= 0).all() and found[0, 1] == pytest.approx(0.4, abs=0.3)
    assert found[1, 1] == pytest.approx(3.6, abs=0.3)


def test_bad_input_is_named():
    names = np.array(["a", "a"], dtype=object)
    with pytest.raises(SchemaError, match="twice on the list"):
        ListRecord.of(names, np.zeros(2))
    with pytest.raises(SchemaError, match="expected as many"):
        ListRecord.of(names, np.zeros(3))
    assert len(ListRecord.of(np.array(["", "b"], dtype=object), np.zeros(2))) == 1
    empty = ListRecord.of(np.zeros(0, dtype=object), np.zeros(0))
    assert len(list_fates(empty, 1).again) == 0 and list_features(empty).shape == (0, len(SIMPLE) + len(CONTEXT))
    with pytest.raises(SchemaError, match="first <= last"):
        list_fates(empty, 1, first=2)
    with pytest.raises(NotFittedError):
        TextScore().scores(
            character_vectors(["ab"], ["ab"]), np.ones(1), np.zeros(1), 1, np.zeros(0, int), np.zeros(1, int)
        )
    assert character_vectors(["a"], ["a", "bc"]).shape[0] == 2
