"""What the first hours of a cascade show: by hand, and the same with the future erased."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.ingest.post_folder import Post, PostEdges, PostFolder, post_folder
from graphsocial.learn.post_labels.observed_cascade import FEATURES, observed_cascades
from graphsocial.schema import UNKNOWN_TIME

COLUMN = {name: at for at, name in enumerate(FEATURES)}


def folder(events: list[tuple[str, str, int]], posts: list[tuple[str, int, str]]) -> PostFolder:
    rows: list[Post] = [(name, "u", time, text, (), None, None) for name, time, text in posts]
    src, dst = (np.array([event[at] for event in events], dtype=object) for at in (0, 1))
    time = np.array([event[2] for event in events], dtype=np.int64)
    return post_folder("tiny", rows, PostEdges(src, dst, np.full(len(events), "x", dtype=object), time))


POSTS = [("p", 1000, "root"), ("q", 5000, "other"), ("p.1", 1010, "no!"), ("p.2", 1200, "really"), ("p.3", 1300, "")]
EVENTS = [("ann", "p", 1005), ("bob", "p", 1500), ("ann", "p", 1700), ("cem", "q", 5001)]
EVENTS += [("p.1", "p", 1010), ("p.2", "p.1", 1200), ("p.3", "p.2", 1300)]


def test_by_hand():
    seen = observed_cascades(folder(EVENTS, POSTS), np.array([0, 1]), 600)
    row = seen.features[0]
    assert np.expm1(row[COLUMN["reposts"]]) == pytest.approx(2)  # the one at 1700 is too late
    assert np.expm1(row[COLUMN["reposts in the first sixth"]]) == pytest.approx(1)
    assert np.expm1(row[COLUMN["people"]]) == pytest.approx(2)
    assert np.expm1(row[COLUMN["seconds to the 5th"]]) == pytest.approx(600)
    assert np.expm1(row[COLUMN["answers with words"]]) == pytest.approx(2)
    assert np.expm1(row[COLUMN["depth"]]) == pytest.approx(3)
    assert row[COLUMN["share of answers to answers"]] == pytest.approx(2 / 3)
    assert seen.words.tolist() == ["no! really", ""]


def test_future_erased_is_the_same_to_the_bit():
    rng = np.random.default_rng(0)
    posts = [(f"p{at}", int(at * 50), "t") for at in range(5)]
    posts += [(f"a{at}", int(rng.integers(0, 2000)), f"w{at}") for at in range(60)]
    names = [name for name, _, _ in posts]
    events = [(f"u{rng.integers(9)}", names[rng.integers(20)], int(rng.integers(0, 2000))) for _ in range(200)]
    events += [(f"a{at}", names[rng.integers(40)], int(rng.integers(0, 2000))) for at in range(60)]
    window, whole = 300, observed_cascades(folder(events, posts), np.arange(5), 300)
    for asked in range(5):
        end = 50 * asked + window
        cut = folder([event for event in events if event[2] < end], posts)
        alone = observed_cascades(cut, np.array([asked]), window)
        np.testing.assert_array_equal(alone.features[0], whole.features[asked])
        assert alone.words[0] == whole.words[asked]


def test_what_cannot_be_asked():
    with pytest.raises(SchemaError, match="need edges"):
        observed_cascades(post_folder("tiny", [("p", "u", 1, "", (), None, None)]), np.array([0]), 10)
    with pytest.raises(TimeWindowError, match="1 posts without a time"):
        observed_cascades(folder(EVENTS, [("p", UNKNOWN_TIME, "")]), np.array([0]), 10)
