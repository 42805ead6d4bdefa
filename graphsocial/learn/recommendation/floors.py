"""What any recommender has to beat: rules that need no training, under the very same candidates."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.learn.recommendation.evidence import Candidates

FLOORS = {
    "popularity": "popularity",
    "item_knn": "item_knn",
    "most_recent": "start",
    "last_active": "activity",
    "fading_popularity": "fading_hour",
}
"""By name of the floor, the channel that it ranks by: events in the window; item-kNN (Sarwar et al. 2001, cosine of the
users of two posts, summed over the posts that the user took up, counted up to the target's time); the post that began
last; the one that was taken up last; users so far, each fading by 1/e in an hour."""


def floor_scores(name: str, candidates: Candidates) -> np.ndarray:
    """Scores, the higher the better, float32 [row].

    Raises:
        SchemaError: Unknown floor.
    """
    from graphsocial.learn.recommendation.evidence_kernel import CHANNELS

    if name not in FLOORS:
        raise SchemaError(f"unknown floor {name!r}, expected one of {', '.join(FLOORS)}.{did_you_mean(name, FLOORS)}")
    return candidates.channel[:, CHANNELS.index(FLOORS[name])]
