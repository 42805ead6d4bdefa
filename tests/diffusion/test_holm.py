from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion.holm import holm


def test_golden() -> None:
    # Holm: .01 * 4, then max(.04, .02 * 3), then max(.06, .03 * 2), then max(.06, .04 * 1)
    assert holm([0.04, 0.01, 0.03, 0.02]).tolist() == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


def test_what_was_not_looked_at_costs_nothing() -> None:
    assert holm([0.02, np.nan]).tolist() == pytest.approx([0.02, np.nan], nan_ok=True)
