"""OPIM-C: seeds with a guarantee, drawing as many reverse-reachable sets as it takes to prove it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import ceil, e, lgamma, log, log2, sqrt

import numpy as np

from graphsocial.diffusion.seed_selection.greedy_choice import Choice, GreedyChoice
from graphsocial.diffusion.seed_selection.reverse_sampler import ReverseSampler
from graphsocial.diffusion.seed_selection.reverse_sets import ReverseSets
from graphsocial.diffusion.seed_selection.share_bounds import share_at_least, share_at_most
from graphsocial.errors import SchemaError

BEST = 1 - 1 / e
"""What greedy choice is sure to reach of the best one's coverage, the sets being given."""


@dataclass(frozen=True)
class OpimC:
    """Draws sets until the seeds found on them are proven on others; the factor that was proven is in the result.

    Tang, Tang, Xiao and Yuan, "Online processing algorithms for influence maximization", SIGMOD 2018. Three things are
    sharper than published: the bounds are those of the binomial distribution itself, the numbers of sets tried grow by
    sqrt(2), leaving out those that cannot do, and the seeds that the sets choose compete with a guess that owes the
    sets nothing (`two_hop_seeds`). While sets are few, their choice follows chance and the guess often reaches far
    more; the sets that no choice exceeds a bound on are, to the guess, new ones, which prove it. The second half of the
    sets is drawn only when the seeds that were chosen may pass, and not kept.

    Attributes:
        epsilon: Ends as soon as the factor is 1 - 1/e - epsilon; with costs also when drawing more sets could gain no
            more than epsilon.
        delta: Chance that the bounds do not hold; None: one in the number of nodes.
        shortfall: Goes on, proven or not, while the seeds reach less on new sets than on those they were chosen on, by
            more than this share: the latter is about what greedy choice by true spread (CELF) would reach, of which the
            factor knows nothing. 1: the published rule, which ends far sooner.
        most_members: Sets do not grow beyond this many members together, at most 8 bytes each, whatever is proven.
    """

    epsilon: float = 0.1
    delta: float | None = None
    shortfall: float = 0.01
    most_members: int = 500_000_000

    def __post_init__(self) -> None:
        if not isinstance(self.epsilon, int | float) or not 1e-6 <= self.epsilon < BEST:
            raise SchemaError(f"OpimC got epsilon={self.epsilon!r}, expected a number from 1e-6 to below 1 - 1/e")
        if self.delta is not None and (not isinstance(self.delta, int | float) or not 0 < self.delta < 1):
            raise SchemaError(f"OpimC got delta={self.delta!r}, expected a number between 0 and 1, or None")
        if not isinstance(self.shortfall, int | float) or not 0.001 <= self.shortfall <= 1:
            raise SchemaError(f"OpimC got shortfall={self.shortfall!r}, expected a number from 0.001 to 1")
        if not isinstance(self.most_members, int) or self.most_members < 1:
            raise SchemaError(f"OpimC got most_members={self.most_members!r}, expected a whole number, at least 1")

    def search(
        self,
        sampler: ReverseSampler,
        choice: GreedyChoice,
        guess: np.ndarray | None,
        keys: np.ndarray,
        deadline: int | None,
        threads: int | None,
    ) -> Proven:
        """The seeds of the first number of sets that proves them.

        Args:
            sampler: How sets are drawn.
            choice: What may be chosen.
            guess: Seeds that may be chosen and that no set has to do with, positions [seed]; None for none.
            keys: Keys of the streams, uint64 [at least numbers of sets to try + 2].
            deadline: Most steps.
            threads: At most this many.
        """
        delta = 1 / max(sampler.nodes, 2) if self.delta is None else self.delta
        sizes = self._sizes(sampler.nodes, choice, delta)
        error = 2 * delta / (9 * len(sizes))  # three bounds a size; the last may fail with delta / 3
        aim = BEST - self.epsilon
        sets = ReverseSets(sampler, int(keys[0]), deadline, threads)
        proofs, i, reached = 0, 0, 1.0
        while True:
            size, last = sizes[i], i + 1 == len(sizes)
            sets.extend(size)
            found = choice.on(sets.node, sets.offsets)
            most = share_at_most(found.bound, size, error)
            fitting = bisect_right(sizes, self.most_members * size / len(sets.node)) - 1
            full, enough = i >= fitting, self._enough(choice, found, aim)
            met = 0 if guess is None else sets.met_by_nodes(guess)
            guess_least = share_at_least(met, size, error)
            guessed = self._does(met, found, guess_least / most >= enough)
            hoped = min((reached * size + found.met) / 2, found.met)
            if not (last or full or guessed) and share_at_least(hoped, size, error) / most < enough:
                i = min(fitting, self._next(sizes, i, found.met / size, found.bound / size, error, aim))
                continue
            proof = ReverseSets(sampler, int(keys[1 + i]), deadline, threads)
            proofs += size
            chosen_met = proof.met_by(found.nodes, size)
            chosen_least, reached = share_at_least(chosen_met, size, error), chosen_met / size
            proven = max(guess_least, chosen_least) / most >= enough
            if last or full or guessed or self._does(chosen_met, found, chosen_least / most >= enough):
                least = chosen_least
                # without any proof at the last size, its promise is that of greedy choice alone
                if guess is not None and (proven or not last):
                    both = min(guess_least, chosen_least) / most >= enough  # then those that new sets meet more often
                    if proof.met_by(guess, size) >= chosen_met if both else guess_least > chosen_least:
                        found, least = choice.confined_to(guess).on(sets.node, sets.offsets), guess_least
                least = max(least, len(found.nodes) / sampler.nodes)
                # the sets that decided when to end were met more often than others are: a third collection tells
                share = ReverseSets(sampler, int(keys[-1]), deadline, threads).met_by(found.nodes, size) / size
                share = min(max(share, least), most)
                sets_drawn = 2 * size + proofs
                return Proven(found, share, min(least, most), most, 1 - delta, sets_drawn, full and not last)
            i = min(i + 1 + proven, fitting)

    def _does(self, met: int, found: Choice, proven: bool) -> bool:
        """Whether seeds will do that meet so many sets which did not choose them."""
        return proven and met - self._doubt(met) >= (1 - self.shortfall) * found.met

    def _enough(self, choice: GreedyChoice, found: Choice, aim: float) -> float:
        return aim if choice.cost is None else min(aim, found.met / found.bound - self.epsilon)

    def _doubt(self, met: int) -> float:
        """One standard error of a count; the published rule asks for no more than the bounds."""
        return sqrt(met) if self.shortfall < 1 else 0.0

    def _next(self, sizes: list[int], i: int, share: float, most: float, error: float, aim: float) -> int:
        """The next number of sets that could do: as they grow, the share met by seeds chosen on them only falls."""
        for j in range(i + 1, len(sizes) - 1):
            size = sizes[j]
            if share_at_least(share * size, size, error) >= aim * share_at_most(most * size, size, error):
                return j
        return min(i + 2, len(sizes) - 1)

    def _sizes(self, nodes: int, choice: GreedyChoice, delta: float) -> list[int]:
        """Numbers of sets that may be tried, ascending; the last is enough by itself (their Theorem 5)."""
        k = choice.most_seeds
        ways = lgamma(choice.candidates + 1) - lgamma(k + 1) - lgamma(choice.candidates - k + 1)
        scale = 2 * (BEST * sqrt(log(6 / delta)) + sqrt(BEST * (ways + log(6 / delta)))) ** 2
        largest = scale * nodes / (self.epsilon**2 * (k if choice.cost is None else 1))
        steps = max(1, ceil(2 * log2(max(largest / scale, 2))))
        return [ceil(scale * 2 ** (i / 2)) for i in range(steps + 1)]


@dataclass(frozen=True, eq=False)
class Proven:
    """Seeds, and what was proven of them.

    Attributes:
        choice: The seeds.
        share: Share of nodes they are expected to reach, estimated on sets that decided nothing.
        least: It is at least this.
        most: No permitted choice reaches a larger share than this.
        chance: Chance that both bounds hold.
        sets: How many sets were drawn.
        full: Whether the search ended because the sets had too many members.
    """

    choice: Choice
    share: float
    least: float
    most: float
    chance: float
    sets: int
    full: bool
