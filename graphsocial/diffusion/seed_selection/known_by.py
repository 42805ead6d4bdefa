"""What the choice of seeds by a model's spread knows."""

from __future__ import annotations

from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.linear_threshold import LinearThreshold
from graphsocial.diffusion.spread_model import SpreadModel


def known_by(model: SpreadModel) -> int | None:
    """The second before which all came that a model's graph and its numbers know; None for all there is.

    Numbers fitted later than the graph ends, which their loud switch allows, know more than the graph.

    >>> from graphsocial.diffusion import Activation, SpreadGraph
    >>> past = SpreadGraph([0, 1, 1], [1], known_until=100)
    >>> later = Activation(past, [0.5], known_until=120, fitted=True, allow_future_model=True)
    >>> known_by(IndependentCascade(Activation.uniform(past, 0.5))), known_by(IndependentCascade(later))
    (100, 120)
    """
    known = [model.spread.known_until]
    if isinstance(model, IndependentCascade) and model.activation.fitted:
        known.append(model.activation.known_until)
    if isinstance(model, LinearThreshold) and model.influence.fitted:
        known.append(model.influence.known_until)
    seconds = [second for second in known if second is not None]
    return max(seconds) if len(seconds) == len(known) else None
