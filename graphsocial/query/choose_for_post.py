"""Chooses seeds, or what to block, on the chances that were learned for a post, and compares by simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphsocial.diffusion import simulate
from graphsocial.diffusion.blocking.block_nodes import check_blocking
from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.errors import SchemaError
from graphsocial.learn.activation.candidate_edges import OUTSIDE
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.learn.activation.post_spread import PosedPost, PostSpread
from graphsocial.learn.seeds import derived_seed
from graphsocial.query.greedy_blocking import greedy_blocking
from graphsocial.query.greedy_seeds import greedy_seeds
from graphsocial.query.post_choice import BLIND, FOR_THIS, LEVEL, PostChoice
from graphsocial.query.what_if import NOT_CAUSAL

NOTES = (
    NOT_CAUSAL,
    "content-blind: the same model, asked as if the post said and showed nothing",
    "chosen on sampled graphs of what passes each edge within the horizon, compared by simulation with delays",
    "whoever has acted, and the outside, are never chosen",
)


@dataclass(frozen=True, eq=False)
class PostQuestion:
    """A post that something is chosen for.

    Attributes:
        spread: The models.
        posed: The post.
        candidates: Users who may be chosen; None: all who are known and have not acted.
        contagion: Factor on hazards of who acts after the question; what is chosen acts by those.
        samples: Sampled graphs that are chosen on.
        runs: Runs that choices are compared by, at least 2.
        rng: Seed.

    Raises:
        SchemaError: A number that makes no sense.
    """

    spread: PostSpread
    posed: PosedPost
    candidates: Iterable[Any] | None
    contagion: float
    samples: int
    runs: int
    rng: int

    def __post_init__(self) -> None:
        check_blocking(self.samples, self.runs, LEVEL)

    def seeds(self, k: int) -> PostChoice:
        """Whom to have act at the time of the question, so that most act within the horizon.

        Raises:
            SchemaError: More than may be chosen.
            UnknownNodeError: A candidate was in no cascade by then.
        """
        activation, blind = self._activations()
        allowed = self._users(activation)
        k = seed_count(k, int(allowed.sum()), "users who may be seeded")

        def chosen(of: LearnedActivation) -> tuple[tuple[Any, ...], np.ndarray]:
            place, adds = greedy_seeds(of, allowed, k, self.samples, derived_seed(self.rng, "choice"))
            return tuple(of.spread.ids[place].tolist()), adds

        def after(of: LearnedActivation, who: tuple[Any, ...]) -> np.ndarray:
            return self._new_adopters(of, who)

        return self._compared("seeds", "nobody", activation, blind, chosen, after)

    def blocking(self, k: int, edges: bool) -> PostChoice:
        """Whom, or which edges, to block from the question on, so that fewest act within the horizon.

        Edges from the outside cannot be blocked; both ends of the others have to be candidates, or the source has
        acted.

        Raises:
            SchemaError: More than may be blocked.
            UnknownNodeError: A candidate was in no cascade by then.
        """
        activation, blind = self._activations()
        graph, users = activation.spread, self._users(activation)
        acted = np.zeros(graph.num_nodes, dtype=bool)
        acted[graph.numbers([who for who in activation.seeds if who != OUTSIDE])] = True
        allowed = (users | acted)[graph.source] & users[graph.target] if edges else users
        k = seed_count(k, int(allowed.sum()), f"{'edges' if edges else 'users'} that may be blocked")

        def chosen(of: LearnedActivation) -> tuple[tuple[Any, ...], np.ndarray]:
            place, saves = greedy_blocking(of, allowed, k, self.samples, derived_seed(self.rng, "choice"), edges)
            if not edges:
                return tuple(graph.ids[place].tolist()), saves
            ends = (graph.ids[end[place]].tolist() for end in (graph.source, graph.target))
            return tuple(zip(*ends, strict=True)), saves

        def after(of: LearnedActivation, what: tuple[Any, ...]) -> np.ndarray:
            return self._new_adopters(_without(of, what, edges), ())

        return self._compared(f"{'edges' if edges else 'users'} blocked", "nothing", activation, blind, chosen, after)

    def _activations(self) -> tuple[LearnedActivation, LearnedActivation]:
        """What was learned for the post, and for one that begins like it and says and shows nothing."""
        model, post = self.spread.model, self.posed.post
        both = (self.posed.activation(model, asked, self.contagion) for asked in (post, replace(post, content={})))
        activation, blind = both
        return activation, blind

    def _users(self, activation: LearnedActivation) -> np.ndarray:
        """Who may be chosen, bool [node]."""
        if isinstance(self.candidates, str | bytes):
            raise SchemaError(f"candidates got {self.candidates!r}, expected a list of users")
        acted = activation.spread.numbers(list(activation.seeds))
        return allowed_nodes(activation.spread, self.candidates, acted)

    def _new_adopters(self, activation: LearnedActivation, seeded: tuple[Any, ...]) -> np.ndarray:
        """How many act from the question on, with those seeded, int64 [run]."""
        runs = simulate(
            activation.cascade(coupled=True),
            (*activation.seeds, *seeded),
            self.runs,
            rng=derived_seed(self.rng, "runs"),
            horizon=activation.horizon,
        )
        return activation.new_adopters(runs)

    def _compared(
        self,
        what: str,
        without: str,
        activation: LearnedActivation,
        blind: LearnedActivation,
        chosen: Callable[[LearnedActivation], tuple[tuple[Any, ...], np.ndarray]],
        after: Callable[[LearnedActivation, tuple[Any, ...]], np.ndarray],
    ) -> PostChoice:
        """Both choices, and what comes of them and of none, by what was learned for the post.

        Args:
            what: What is chosen.
            without: What no choice is called.
            activation: What was learned for the post.
            blind: The same of one without content.
            chosen: What is chosen by an activation, and the effect of each.
            after: New adopters by an activation after a choice, int64 [run].
        """
        (mine, effect), (other, _) = chosen(activation), chosen(blind)
        posed = self.posed
        refits = [posed.activation(model, posed.post, self.contagion) for model in self.spread.refits]
        return PostChoice(
            what=what,
            post=str(posed.post.name),
            as_of=posed.post.as_of,
            known_until=self.spread.model.known_until,
            chosen=mine,
            content_blind=other,
            effect=effect,
            adopters={
                without: after(activation, ()),
                FOR_THIS: after(activation, mine),
                BLIND: after(activation, other),
            },
            refits=np.array([float((after(refit, mine) - after(refit, other)).mean()) for refit in refits]),
            activation=activation,
            notes=(*NOTES, *self.spread.unusual(posed.post), *activation.assumptions),
        )


def _without(activation: LearnedActivation, blocked: tuple[Any, ...], edges: bool) -> LearnedActivation:
    """The same with nothing passing along some edges, or to some users."""
    graph = activation.spread
    if edges:
        ends = np.array([graph.numbers(pair) for pair in blocked], dtype=np.int64).reshape(-1, 2)
        key = graph.source.astype(np.int64) * graph.num_nodes + graph.target
        cut = np.isin(key, ends[:, 0] * graph.num_nodes + ends[:, 1])
    else:
        cut = np.isin(graph.target, graph.numbers(blocked))
    return replace(activation, probability=np.where(cut, 0.0, activation.probability))
