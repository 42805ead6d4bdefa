"""What a lost modality may still tell, and which posts a held-out group leaves to train on."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.multimodal_veracity import GROUP_FOLDS, MOST_EVENTS, _folds
from benchmarks.post_label_cases import Case, Fold, evidence_of, fit_case
from graphsocial.errors import SchemaError
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.schema import UNKNOWN_TIME

CONFIG = PostLabelConfig(channels=8, heads=2, epochs=2, nets=1)


def fold_with(pictures: np.ndarray) -> Fold:
    """Texts say a little of the class; the pictures are given."""
    rng = np.random.default_rng(0)
    target = np.arange(120) % 2
    text = rng.normal(size=(120, 2, 4)).astype(np.float32)
    text[:, :, 0] += target[:, None]
    words = np.array([("sun" if c and at % 5 else "rain") + f" w{at % 7}" for at, c in enumerate(target)], dtype=object)
    mask = np.ones((120, 2), dtype=bool)
    inputs = PostInputs({"text": text, "image": pictures}, {"text": mask, "image": mask}, {"text": words})
    rows = np.arange(120)
    return Fold(inputs, target, rows, 2, rows[:80], rows[80:], 0)


def answer(fold: Fold, drop: tuple[str, float] | None) -> np.ndarray:
    case = Case("cross_modal", ("text", "image"), (CONFIG,), drop=drop)
    return fit_case(case, fold, evidence_of(fold, fold.inputs)).probability()


def test_a_lost_picture_tells_nothing_by_any_way():
    rng = np.random.default_rng(1)
    telling = rng.normal(size=(120, 2, 4)).astype(np.float32)
    telling[:, :, 1] += 5 * (np.arange(120) % 2)[:, None]
    one, other = fold_with(telling), fold_with(rng.normal(size=(120, 2, 4)).astype(np.float32))
    assert np.array_equal(answer(one, ("image", 1.0)), answer(other, ("image", 1.0)))
    assert not np.array_equal(answer(one, None), answer(other, None))
    assert not np.array_equal(answer(one, ("image", 0.5)), answer(other, ("image", 0.5)))


class Posts:
    """What the cut looks at."""

    def __init__(self, group: list[str | None], time: np.ndarray):
        self.folder = SimpleNamespace(name="toy", group=np.array(group, dtype=object), time=time)
        self.target = np.arange(len(group)) % 2

    def __len__(self) -> int:
        return len(self.target)


@pytest.mark.parametrize("events", [4, MOST_EVENTS + 5])
def test_no_event_is_on_both_sides_and_each_is_asked_about_once(events):
    group = [f"e{at % events}" for at in range(events * 6)] + [None]
    protocol, cuts = _folds(Posts(group, np.full(len(group), UNKNOWN_TIME)), 0)
    assert protocol == "leave_groups_out" and len(cuts) == (events if events <= MOST_EVENTS else GROUP_FOLDS)
    names = np.array(group, dtype=object)
    for train, test in cuts:
        assert not set(names[train]) & set(names[test])
        assert len(train) + len(test) == len(group) - 1  # the post without an event is on no side
    asked = np.concatenate([test for _, test in cuts])
    assert sorted(asked.tolist()) == list(range(len(group) - 1))


def test_by_time_no_training_window_reaches_the_test():
    time = np.arange(40) * 10
    protocol, cuts = _folds(Posts([None] * 40, time), window=25)
    assert protocol == "by_time_4_origins" and [len(test) for _, test in cuts] == [5, 5, 5, 5]
    for train, test in cuts:
        first = time[test].min()
        assert (time[train] + 25 < first).all() and len(train) == first // 10 - 2
    assert sorted(np.concatenate([test for _, test in cuts]).tolist()) == list(range(20, 40))
    with pytest.raises(SchemaError, match="no time at which"):
        _folds(Posts([None] * 20, np.full(20, 7)), 25)


def test_neither_times_nor_groups_is_refused():
    with pytest.raises(SchemaError, match="20 of 20 posts have no time"):
        _folds(Posts([None] * 20, np.full(20, UNKNOWN_TIME)), 0)
