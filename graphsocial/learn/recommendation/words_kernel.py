"""How like the words of each candidate are to those of the posts that the user took up."""

from __future__ import annotations

from graphsocial.learn.recommendation.neighbour_kernel import FADE
from graphsocial.learn.recommendation.replay_kernel import jit

OF_WORDS = ("words_mean", "words_best", "words_faded", "words_last")
"""Cosine on average, the largest, with less weight for older posts of the user, to the last one."""


@jit
def read_words(words, offsets, post, own_offsets, own, channel, profile):  # type: ignore[no-untyped-def]
    """Writes the channels of candidates.

    Args:
        words: Of length 1, or zero where there are none [post, channel].
        offsets: First row of each target [target + 1].
        post: Candidates [row].
        own_offsets: First of each target's rows in `own` [target + 1].
        own: Posts that the user took up, the latest first [own].
        channel: Out [row, channel of words].
        profile: Mean words of the user's posts, later ones counting more, out [target, channel].
    """
    width = words.shape[1]
    for target in range(len(offsets) - 1):
        mine = own[own_offsets[target] : own_offsets[target + 1]]
        if not len(mine):
            continue
        weights = 0.0
        for i in range(len(mine)):
            weights += FADE**i
        for i in range(len(mine)):
            for j in range(width):
                profile[target, j] += FADE**i / weights * words[mine[i], j]
        for row in range(offsets[target], offsets[target + 1]):
            p = post[row]
            best, whole, faded = -1.0, 0.0, 0.0
            for i in range(len(mine)):
                like = 0.0
                for j in range(width):
                    like += words[p, j] * words[mine[i], j]
                best = max(best, like)
                whole += like
                faded += FADE**i * like
                if i == 0:
                    channel[row, 3] = like
            channel[row, 0], channel[row, 1], channel[row, 2] = whole / len(mine), best, faded / weights
