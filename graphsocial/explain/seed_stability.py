"""Whether models trained with other seeds give the same reasons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.stats import spearmanr

from graphsocial.errors import SchemaError
from graphsocial.explain.attribution import Attribution, of_kind
from graphsocial.explain.evidence import Kind
from graphsocial.explain.faithfulness_report import MEAN
from graphsocial.learn.bootstrap import BootstrapInterval, bootstrap_interval


def seed_stability(
    attributions: Sequence[Sequence[Attribution]],
    kind: Kind,
    *,
    group: Sequence[object] | None = None,
    rng: int = 0,
) -> BootstrapInterval:
    """Mean rank correlation (Spearman) of the scores between pairs of models, over examples.

    An example counts when it has at least three pieces of the kind and no model scores them all the same.

    Args:
        attributions: For each model, one attribution for each example, of the same output by the same method.
        kind: Which pieces.
        group: Unit of resampling of each example; None: each is its own.
        rng: Seed of the bootstrap.

    Raises:
        SchemaError: Fewer than two models, other examples or outputs, or no example that counts.
    """
    lengths = {len(model) for model in attributions}
    if len(attributions) < 2 or len(lengths) != 1:
        raise SchemaError(
            f"got attributions of {len(attributions)} models with {sorted(lengths)} examples, expected two models or "
            "more with the same ones"
        )
    size = lengths.pop()
    names = [str(number) for number in range(size)] if group is None else [str(name) for name in group]
    value, units = [], []
    for number in range(size):
        given = [model[number] for model in attributions]
        if any(each.pieces != given[0].pieces or each.output != given[0].output for each in given):
            raise SchemaError(f"example {number} has other pieces or another output with another model")
        own = of_kind(given[0].pieces, kind)
        scores = [each.score[own] for each in given]
        if own.sum() >= 3 and all(np.isfinite(score).all() and np.ptp(score) > 0 for score in scores):
            value.append(np.mean([spearmanr(one, other).statistic for one, other in combinations(scores, 2)]))
            units.append(names[number])
    if not value:
        raise SchemaError(f"no example has three pieces of kind {kind!r} that models score differently")
    return bootstrap_interval(
        MEAN, np.array(value), np.zeros(len(value)), np.arange(len(value)), np.array(units, dtype=object), rng
    )
