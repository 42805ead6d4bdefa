"""Contents that a column measured later names are not known before they were measured."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.embed import hashing_embeddings
from graphsocial.graph import SocialGraph
from graphsocial.learn.batching import ContentIndex
from graphsocial.schema import Column, Schema


@pytest.mark.parametrize(
    ("measured", "seen"), [("row", [True, True, False]), (6, [False, True, False]), (50, [False] * 3)]
)
def test_a_text_measured_later_is_no_token_before(measured: int, seen: list[bool]) -> None:
    schema = Schema({"post": {"text": Column("string", known_at=measured)}}, {})
    posts = pa.table({"id": ["p", "q", "r"], "known_at": [1, 2, 9], "text": ["so wet", "so dry", "so warm"]})
    graph = SocialGraph.build(schema, {"post": posts}, {})
    content = ContentIndex.of(graph, hashing_embeddings(graph))
    rows = content.as_of("post", "text", np.arange(3), np.array([6, 7, 9]))
    assert (rows[:, 0] >= 0).tolist() == seen


def test_what_is_assumed_known_with_its_row_is() -> None:
    schema = Schema({"post": {"text": Column("string", known_at=50)}}, {})
    posts = pa.table({"id": ["p"], "known_at": [1], "text": ["so wet"]})
    graph = SocialGraph.build(schema, {"post": posts}, {}).assume_known("post", "text")
    rows = ContentIndex.of(graph, hashing_embeddings(graph)).as_of("post", "text", np.array([0]), np.array([2]))
    assert rows[0, 0] >= 0
