"""A model fitted on the first posts of a planted world, asked about posts that come later."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.bridge_recovery_world import GAP, HORIZON, OBSERVE, PlantedWorld
from graphsocial.diffusion import Activation, ExpectationMaximisation, fit_activation, simulate
from graphsocial.graph import CascadeSet
from graphsocial.learn.activation.activation_model import ActivationModel
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.candidate_edges import CandidateEdges
from graphsocial.learn.activation.learned_activation import LearnedActivation


@dataclass(frozen=True, eq=False)
class RecoveryCase:
    """A fitted model, and posts that begin after all it was fitted on.

    Attributes:
        world: Where they come from.
        learned_from: How many posts the model was fitted on.
        held_out: Posts that are asked about, int64 [post].
        observed: The former, then the latter.
        model: The model.
        edges: Its candidates as of the end of the former.
    """

    world: PlantedWorld
    learned_from: int
    held_out: np.ndarray
    observed: CascadeSet
    model: ActivationModel
    edges: CandidateEdges

    @classmethod
    def fitted(
        cls, world: PlantedWorld, posts: int, held_out: np.ndarray, config: ActivationTraining | None, rng: int
    ) -> RecoveryCase:
        """Fits a model on the first posts of a world, with the links that are seen.

        Args:
            world: The world.
            posts: How many.
            held_out: Others, which the model is asked about.
            config: Settings; None: those that a user gets.
            rng: Seed.
        """
        which = np.append(np.arange(posts), held_out)
        observed, content, end = world.posts(which), {"text": world.content[which]}, posts * GAP
        model = ActivationModel.fit(
            observed, observe=OBSERVE, horizon=HORIZON, known_until=end, content=content, links=world.links(),
            config=config, rng=rng,
        )  # fmt: skip
        return cls(world, posts, held_out, observed, model, model.candidates(observed, end, content=content))

    @cached_property
    def edge(self) -> np.ndarray:
        """Which edge of the world each candidate is, -1 for those from outside, int64 [candidate]."""
        place = {pair: edge for edge, pair in enumerate(zip(self.world.source, self.world.target, strict=True))}
        number = {name: user for user, name in enumerate(self.world.ids.tolist())}
        spread = self.edges.spread
        user = np.array([number.get(name, -1) for name in spread.ids.tolist()])
        return np.array([place.get(pair, -1) for pair in zip(user[spread.source], user[spread.target], strict=True)])

    @cached_property
    def content_blind(self) -> Activation:
        """Chances of all links, fitted on the same posts without a look at what they say."""
        end = self.learned_from * GAP
        post = np.repeat(np.arange(len(self.observed)), self.observed.size)
        before = (post < self.learned_from) & (self.observed.time < end)
        size = np.bincount(post[before], minlength=self.learned_from)
        seen = CascadeSet(
            self.observed.node[before],
            self.observed.parent[before],
            self.observed.time[before],
            np.concatenate([[0], np.cumsum(size)]),
            self.observed.names[: self.learned_from],
            np.zeros(self.learned_from, dtype=bool),
        )
        method = ExpectationMaximisation(most_iterations=200, tolerance=1e-4)
        return fit_activation(seen, self.world.links(), method, window=OBSERVE + HORIZON, observed_until=end)

    def asked(self, place: int, says: int | None = None, contagion: float | None = None) -> LearnedActivation:
        """The model's answer for a post that was held out.

        Args:
            place: Which of them.
            says: Post whose content it has instead of its own.
            contagion: See `ActivationModel.activation`.
        """
        post = int(self.held_out[place])
        return self.model.activation(
            self.observed,
            f"p{post}",
            as_of=(self.learned_from + place) * GAP + OBSERVE,
            graph=self.edges,
            content={"text": self.world.content[post if says is None else says]},
            contagion=contagion,
        )

    def simulated(self, found: LearnedActivation, runs: int, rng: Any, coupled: bool = False) -> CascadeSet:
        """Runs of an answer."""
        return simulate(found.cascade(coupled), found.seeds, runs, rng=rng, horizon=found.horizon, threads=1)

    @cached_property
    def followed(self) -> np.ndarray:
        """How often one user acted after another in the posts that the model was fitted on, int64 [user, user]."""
        place = {name: user for user, name in enumerate(self.world.ids.tolist())}
        count = np.zeros((len(place), len(place)), dtype=np.int64)
        for i in range(self.learned_from):
            members = self.observed.node[self.observed.offsets[i] : self.observed.offsets[i + 1]]
            acted = np.array([place[name] for name in members.tolist()])
            count[np.ix_(acted, acted)] += np.triu(np.ones((len(acted), len(acted)), dtype=np.int64), 1)
        return count
