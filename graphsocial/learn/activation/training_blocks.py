"""The blocks of posts that an activation model learns from, and the newer one that chooses."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import format_time
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.post_block import PostBlock

LEAST_TRAINING, LEAST_VALIDATION = 50, 10
"""Cascades without which nothing is learned, or chosen."""


def training_blocks(
    record: CascadeRecord,
    content: dict[str, np.ndarray],
    links: np.ndarray | None,
    observe: int,
    horizon: int,
    known_until: int,
    valid_from: int | None,
    config: ActivationTraining,
    draw: np.random.Generator | None = None,
) -> tuple[list[PostBlock], PostBlock]:
    """Training blocks, each seen until validation begins, and the validation block, seen until the end.

    Args:
        record: Cascades before `known_until`.
        content: Their content by modality, float32 [cascade, channel].
        links: See `candidate_edges`.
        observe: Seconds from a post's first event to the question.
        horizon: Seconds from there that are asked about.
        known_until: End of the observation.
        valid_from: Cascades that start from here on are validation; None: the newest tenth is.
        config: Settings.
        draw: Draws the training cascades of each block with replacement; None: each is taken once.

    Raises:
        SchemaError: Too few cascades, or too few that went on.
    """
    asked = int(np.searchsorted(record.start, known_until - observe, side="left"))
    if valid_from is None:
        first_valid = asked - max(asked // 10, min(LEAST_VALIDATION, asked))
        valid_from = int(record.start[first_valid]) if asked else known_until
    first_valid = int(np.searchsorted(record.start, valid_from, side="left"))
    history = int(config.history * first_valid)
    train = int(np.searchsorted(record.start, valid_from - observe, side="left")) - history
    valid = asked - first_valid
    if train < LEAST_TRAINING or valid < LEAST_VALIDATION:
        raise SchemaError(
            f"too few cascades: {max(train, 0)} to learn from and {max(valid, 0)} to choose by could be followed, "
            f"expected at least {LEAST_TRAINING} and {LEAST_VALIDATION} that start {observe:,} seconds or more before "
            f"{format_time(valid_from)} and {format_time(known_until)}, beside the {history} that are evidence only"
        )
    cuts = np.linspace(history, history + train, config.blocks + 1).astype(np.int64)
    parts = [np.arange(cuts[i], cuts[i + 1]) for i in range(config.blocks) if cuts[i + 1] > cuts[i]]
    if draw is not None:
        parts = [np.sort(draw.choice(part, len(part))) for part in parts]
    blocks = [PostBlock.of(record, content, links, part, observe, horizon, valid_from) for part in parts]
    chosen = PostBlock.of(record, content, links, np.arange(first_valid, asked), observe, horizon, known_until)
    acted = sum(int(block.new_adopters.sum()) for block in blocks)
    if acted < LEAST_TRAINING:
        raise SchemaError(
            f"too few activations: {acted} of users known before, within {horizon:,} seconds of the question, expected "
            f"at least {LEAST_TRAINING}"
        )
    return blocks, chosen
