"""What content says about candidates: against its definition, and only from cascades before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.content_evidence import CONTENT_CHANNELS, NEAREST, PROPOSED, STEPS, ContentEvidence
from tests.learn.next_user.brute_force import random_table


def world(seed: int = 0, cascades: int = 40) -> tuple[CascadeTable, np.ndarray, dict[str, np.ndarray]]:
    """Cascades, their events in order of time, and two modalities that not all cascades have."""
    rng = np.random.default_rng(seed)
    table = random_table(rng, cascades, 9)
    vectors = {"text": rng.normal(size=(cascades, 4)), "image": rng.normal(size=(cascades, 6))}
    vectors["image"][::3] = 0
    return table, np.argsort(table.time, kind="stable"), vectors


def unit(x: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(x)
    return x / length if length else x


def brute(table: CascadeTable, known: np.ndarray, vector: np.ndarray, cascade: int) -> np.ndarray:
    """Votes, best and profile of every user by the known events, float64 [user, 3]."""
    like = {
        int(c): float(unit(vector[c]) @ unit(vector[cascade])) for c in np.unique(table.cascade[known]) if c != cascade
    }
    near = sorted((c for c in like if like[c] > 0), key=lambda c: -like[c])[:NEAREST]
    out = np.zeros((len(table.users), 3))
    for u in range(len(table.users)):
        mine = known[table.user[known] == u]
        votes = [like[c] for c in table.cascade[mine].tolist() if c in near]
        profile = sum((unit(vector[c]) for c in table.cascade[mine]), np.zeros(vector.shape[1]))
        out[u] = sum(v**2 for v in votes), max(votes, default=0), unit(vector[cascade]) @ unit(profile)
    return out


@pytest.mark.parametrize("cascades", [40, 90])
def test_channels_are_those_of_the_definition(cascades: int) -> None:
    table, event, vectors = world(cascades=cascades)
    content = ContentEvidence(table, event, vectors)
    assert content.channels == 2 * len(CONTENT_CHANNELS)
    asked = np.array([3, 17, cascades - 2])
    for until in (len(event), len(event) // 2, len(event) // 3, len(event) * 2 // 3, 1):  # back and forth
        limit = int(content.rounded(np.array([until]))[0])
        assert until - max(1, -(-len(event) // STEPS)) < limit <= until
        found = content.read(asked, until)
        for i, cascade in enumerate(asked.tolist()):
            wanted = [brute(table, event[:limit], vectors[name], cascade) for name in ("image", "text")]
            np.testing.assert_allclose(found[i], np.concatenate(wanted, axis=1), atol=1e-5)


def test_a_cascade_without_content_has_no_likeness_to_any() -> None:
    table, event, vectors = world()
    found = ContentEvidence(table, event, vectors).read(np.array([3]), len(event))
    assert (found[0, :, :3] == 0).all()  # image
    assert (found[0, :, 3:] != 0).any()
    nothing = ContentEvidence(table, event, {"text": np.zeros((40, 4))})
    assert (nothing.read(np.arange(40), len(event)) == 0).all()
    assert (nothing.proposed(np.arange(40), len(event)) == -1).all()


def test_without_modalities_there_are_no_channels() -> None:
    table, event, _ = world()
    none = ContentEvidence(table, event, {})
    assert none.channels == 0
    assert none.read(np.arange(3), len(event)).shape == (3, 9, 0)


def test_before_the_first_event_nothing_is_known() -> None:
    table, event, vectors = world()
    content = ContentEvidence(table, event, vectors)
    assert (content.read(np.arange(4), 0) == 0).all()
    assert (ContentEvidence(table, event[:0], vectors).read(np.arange(4), 0) == 0).all()


def test_what_comes_later_and_its_content_change_nothing() -> None:
    rng = np.random.default_rng(3)
    table, event, vectors = world()
    until = len(event) // 2
    found = ContentEvidence(table, event, vectors).read(np.arange(40), until)
    user = table.user.copy()
    user[event[until:]] = rng.permutation(user[event[until:]])
    late = ~np.isin(np.arange(40), table.cascade[event[:until]])
    assert late.any()
    changed = {name: np.where(late[:, None], rng.normal(size=v.shape), v) for name, v in vectors.items()}
    other = ContentEvidence(replace(table, user=user), event, changed).read(np.arange(40), until)
    assert np.array_equal(found[~late], other[~late])
    assert not np.array_equal(found[late], other[late])  # their own content is known


def test_the_cascade_in_question_does_not_vote() -> None:
    """One cascade alone: its own users get no votes from it."""
    table, event, vectors = world()
    alone = event[table.cascade[event] == 7]
    found = ContentEvidence(table, alone, {"text": vectors["text"]}).read(np.array([7, 8]), len(alone))
    assert (found[0, :, :2] == 0).all()
    assert (found[1, :, :2] != 0).any() == (unit(vectors["text"][7]) @ unit(vectors["text"][8]) > 0)


def test_proposed_are_those_with_most_votes() -> None:
    table, event, vectors = world()
    content = ContentEvidence(table, event, vectors)
    votes = content.read(np.arange(40), len(event))[:, :, ::3].sum(axis=2)
    proposed = content.proposed(np.arange(40), len(event))
    assert proposed.shape == (40, min(PROPOSED, len(table.users)))
    for row, mine in zip(votes, proposed, strict=True):
        named = mine[mine >= 0]
        assert len(named) == (row > 0).sum()
        assert (np.diff(row[named]) <= 0).all()


def test_the_vectors_given_stay_as_they_are() -> None:
    table, event, vectors = world()
    copies = {name: vector.copy() for name, vector in vectors.items()}
    ContentEvidence(table, event, vectors).read(np.arange(5), len(event))
    assert all(np.array_equal(vectors[name], copies[name]) for name in copies)
