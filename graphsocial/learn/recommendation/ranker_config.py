"""What the learned ranking reads, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RankerConfig:
    """Settings of a `Ranker`.

    Attributes:
        of_post: Whether channels that do not depend on the user are read.
        of_pair: Whether channels of users who share posts are read.
        words: Whether words are read; only where there are some.
        hidden: Units of each layer.
        matched: Channels in which words of a user and of a post are matched.
        epochs: Passes over the training targets; the best one on validation is kept.
        learning_rate: Of AdamW, at its highest.
        weight_decay: Of AdamW.
        batch: Targets in a batch.
    """

    of_post: bool = True
    of_pair: bool = True
    words: bool = True
    hidden: int = 64
    matched: int = 32
    epochs: int = 4
    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    batch: int = 256
