"""Learns how posts spread, and gives every candidate edge a chance for one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.simulate import Progress
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.graph.time import format_time, parse_time
from graphsocial.learn.activation.activation_fit import ActivationFit
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.asked_post import post_events, record_of_post
from graphsocial.learn.activation.candidate_edges import CandidateEdges, candidate_edges
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.contagion_choice import chosen_contagion, contagion_scores
from graphsocial.learn.activation.earlier_cascades import earlier_cascades
from graphsocial.learn.activation.factor_law import chances, factor_law
from graphsocial.learn.activation.hazard_training import fit_hazards
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.learn.activation.post_block import PostBlock
from graphsocial.learn.activation.post_content import post_content
from graphsocial.learn.activation.post_hazards import HazardReader
from graphsocial.learn.activation.social_links import SocialLinks
from graphsocial.learn.activation.training_blocks import training_blocks
from graphsocial.learn.activation.virality_training import fit_virality
from graphsocial.learn.seeds import derived_seed


@dataclass(frozen=True, eq=False)
class ActivationModel:
    """Chance of every candidate edge for this very post, learned from cascades that came before.

    Asked as of a time: a post has spread so far; who else, of those known by then, acts within the horizon? Everybody
    who acted exposes whom the candidate edges reach, and so does a node that stands for everything outside of the
    cascade (Myers, Zhu and Leskovec, KDD 2012). Each edge has a hazard, which the delay law spreads over time; how many
    act altogether is learned apart, as contagion does not account for how much posts differ.

    Attributes:
        reader: The networks.
        delays: The delay law.
        contagion: Factor on the hazards of who acts after the question.
        modalities: Channels of each modality of the content.
        observe: Seconds from a post's first event to the question that the model was fitted for.
        horizon: Seconds from there.
        known_until: Nothing at or after this second was read, int64.
        assumptions: What has to be believed, one sentence each.
        links: Social links that edges are confined to; None: who took part in cascades together.
        seed: Of the simulations that factors are found by.
        config: Settings.
        fit_report: How the fit went.
    """

    reader: HazardReader
    delays: DelayLaw
    contagion: float
    modalities: Mapping[str, int]
    observe: int
    horizon: int
    known_until: int
    assumptions: tuple[str, ...]
    links: SocialLinks | None
    seed: int
    config: ActivationTraining
    fit_report: ActivationFit = field(repr=False)

    @classmethod
    def fit(
        cls,
        cascades: CascadeSet,
        *,
        observe: int,
        horizon: int,
        known_until: int,
        content: Mapping[str, np.ndarray] | None = None,
        links: SpreadGraph | None = None,
        valid_from: int | None = None,
        config: ActivationTraining | None = None,
        resample: bool = False,
        rng: int = 0,
        progress: Progress | None = None,
    ) -> ActivationModel:
        """Learns from the events before `known_until`.

        Args:
            cascades: Observed cascades; later events are not read.
            observe: Seconds from a post's first event to the question.
            horizon: Seconds from there that are asked about.
            known_until: When the model is made.
            content: What posts say and show as vectors by modality, zero where a post has none, [cascade of the set,
                channel].
            links: Who can activate whom, in the direction of flow; None: who took part in cascades together.
            valid_from: Cascades that start from here on choose the epochs and how much goes on by itself; None: the
                newest tenth does.
            config: Settings.
            resample: Learn from cascades drawn with replacement, as a bootstrap does; what is known of pairs and users
                by their time stays as it is.
            rng: Seed; the same seed gives the same model on one machine.
            progress: Told how far it is.

        Raises:
            SchemaError: Too few cascades, or something of a wrong shape.
            LeakageError: Links that were known only later.
        """
        config = config or ActivationTraining()
        for name, value in (("observe", observe), ("horizon", horizon)):
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise SchemaError(f"{name} got {value!r}, expected a whole number of seconds, at least 1")
        known_until = parse_time(known_until)
        valid_from = None if valid_from is None else parse_time(valid_from)
        record = CascadeRecord.of(earlier_cascades(cascades, known_until))
        vectors = post_content(content, len(cascades))
        held = _by_record(record, vectors)
        social = None if links is None else SocialLinks.of(links, known_until)
        pairs = None if social is None else social.numbers(record.ids)
        draw = np.random.default_rng(derived_seed(rng, "resample")) if resample else None
        train, valid = training_blocks(record, held, pairs, observe, horizon, known_until, valid_from, config, draw)
        fitted = fit_hazards(
            train, valid, float(observe + horizon), known_until, config, derived_seed(rng, "hazards"), progress
        )
        virality = fit_virality(train, valid, config, derived_seed(rng, "virality"), progress)
        score = contagion_scores(
            valid,
            HazardReader(fitted.net, virality.judged),
            fitted.delays,
            horizon,
            config.contagion,
            config.judged_posts,
            config.judged_runs,
            derived_seed(rng, "contagion"),
            progress,
        )
        return cls(
            reader=HazardReader(fitted.net, virality.final),
            delays=fitted.delays,
            contagion=chosen_contagion(score, config.contagion),
            modalities={name: rows.shape[1] for name, rows in vectors.items()},
            observe=int(observe),
            horizon=int(horizon),
            known_until=known_until,
            assumptions=_assumptions(social, train, horizon),
            links=social,
            seed=derived_seed(rng, "factors"),
            config=config,
            fit_report=ActivationFit(
                training=sum(len(block) for block in train),
                validation=len(valid),
                judged=fitted.judged,
                frailty=fitted.shape,
                virality_epochs=virality.epochs,
                contagion=dict(zip(map(float, config.contagion), score.mean(axis=0).tolist(), strict=True)),
            ),
        )

    def candidates(
        self,
        cascades: CascadeSet,
        as_of: int,
        *,
        content: Mapping[str, np.ndarray] | None = None,
        links: SpreadGraph | None = None,
    ) -> CandidateEdges:
        """Candidate edges as of a time, so that many posts that start later can share them.

        Args:
            cascades: Only events before `as_of` are read.
            as_of: The time.
            content: Vectors of the set's posts by modality, [cascade of the set, channel]; None: nothing is known of
                what users' past posts said.
            links: Links known by then, instead of those of the fit.

        Raises:
            SchemaError: No candidate edge is known by then, or content that the model does not know.
            LeakageError: Links that were known only later.
        """
        return self._candidates(cascades, parse_time(as_of), content, links, None)

    def activation(
        self,
        cascades: CascadeSet,
        post: Any,
        *,
        as_of: int,
        graph: CandidateEdges | None = None,
        content: Mapping[str, np.ndarray] | None = None,
        past_content: Mapping[str, np.ndarray] | None = None,
        contagion: float | None = None,
        allow_future_model: bool = False,
    ) -> LearnedActivation:
        """Chance of every candidate edge for one post.

        Args:
            cascades: Only events before `as_of` are read.
            post: Name of one of them.
            as_of: The time of the question. How many act was learned at the age `observe`; asked at another, the answer
                names both ages among its assumptions.
            graph: `candidates` as of no later than the question, better of before the post; None: as of the question,
                without the post itself, from which nobody's habits are to be read.
            content: The post's vectors by modality, [channel]; None: it has none.
            past_content: What `candidates` takes as its content, where no graph is given.
            contagion: Factor on hazards of who has not acted yet, 0 to 1; None: what growth on validation leaves, which
                may be 0, for how much posts differ explains most of it. Whom to seed asks about those hazards: take 1.
            allow_future_model: Ask a model that knows what came after the question; the result says so.

        Raises:
            UnknownNodeError: The post has no event before the question.
            LeakageError: The model, or the graph, is newer than the question.
            SchemaError: No candidate edge is known, content that the model does not know, or no such factor.
        """
        as_of = parse_time(as_of)
        notes = self.assumptions
        if self.known_until > as_of:
            said = f"model known until {format_time(self.known_until)}, asked as of {format_time(as_of)}"
            if not allow_future_model:
                raise LeakageError(f"{said}; fit one on what was known then, or pass allow_future_model=True")
            notes += (f"{said}: it may know the answer.",)
        factor = self.contagion if contagion is None else contagion
        if isinstance(factor, bool) or not isinstance(factor, int | float | np.number) or not 0 <= factor <= 1:
            raise SchemaError(f"contagion got {contagion!r}, expected a number of [0, 1], or None")
        if factor != self.contagion:
            notes += (f"Contagion {factor:g} was asked for, {self.contagion:g} is what growth on validation leaves.",)
        name, user, time = post_events(cascades, post, as_of)
        vectors = {kind: rows[0] for kind, rows in post_content(content, None, self.modalities).items()}
        if graph is None:
            graph = self._candidates(cascades, as_of, past_content, None, name)
        elif graph.as_of > as_of:
            raise LeakageError(
                f"candidate edges as of {format_time(graph.as_of)}, asked as of {format_time(as_of)}; make them by then"
            )
        if as_of - time[0] != self.observe:
            notes += (
                f"Asked {as_of - time[0]:,} seconds after the first event, the model was fitted for {self.observe:,}: "
                "how many more act is known for that age alone. Ask then, or fit another model.",
            )
        own = record_of_post(name, user, time, graph)
        read = self.reader.read(own, 0, as_of, graph, vectors)
        origin = "learned for the post"
        spread = graph.spread
        if graph.as_of < self.known_until <= as_of:  # nothing newer than the question is in either of them
            spread = replace(spread, known_until=as_of)
        probability = chances(read, spread, float(factor))
        bare = Activation(spread, probability, origin)
        virality = factor_law(read, bare, self.delays, float(self.horizon), self.seed, self.known_until)
        names = tuple(spread.ids[read.seed].tolist())
        return LearnedActivation(
            spread,
            probability,
            origin,
            self.known_until,
            fitted=True,
            allow_future_model=allow_future_model,
            delays=self.delays,
            virality=virality,
            seeds=names,
            ages=dict(zip(names, read.age.tolist(), strict=True)),
            post=name,
            as_of=as_of,
            horizon=float(self.horizon),
            assumptions=notes,
        )

    def save(self, path: str | Path) -> None:
        """Writes the model to one file, which replaces an earlier one only when it is whole."""
        from graphsocial.learn.activation.activation_file import write_model

        write_model(Path(path), self)

    @classmethod
    def open(cls, path: str | Path) -> ActivationModel:
        """Reads a model back.

        Raises:
            DataIntegrityError: No such file, or it is damaged or holds something else.
        """
        from graphsocial.learn.activation.activation_file import read_model

        return read_model(Path(path))

    def __repr__(self) -> str:
        content = ", ".join(self.modalities) or "no content"
        return (
            f"ActivationModel known until {format_time(self.known_until)}: asked {self.observe:,} s after the first "
            f"event for {self.horizon:,} s, {content}, contagion {self.contagion:g}"
        )

    def _candidates(
        self,
        cascades: CascadeSet,
        as_of: int,
        content: Mapping[str, np.ndarray] | None,
        links: SpreadGraph | None,
        without: Any,
    ) -> CandidateEdges:
        vectors = post_content(content, len(cascades), self.modalities)
        earlier = earlier_cascades(cascades, as_of, without)
        if not len(earlier.node):
            raise SchemaError(f"no candidate edges: nobody else acted before {format_time(as_of)}")
        record = CascadeRecord.of(earlier)
        social = self.links if links is None else SocialLinks.of(links, as_of)
        pairs = None if social is None else social.numbers(record.ids)
        edges = candidate_edges(record, as_of, _by_record(record, vectors), pairs)
        if edges.spread.num_edges == edges.spread.num_nodes - 1:  # those from outside
            why = "no two users took part in a cascade together" if pairs is None else "no link joins two known users"
            raise SchemaError(f"no candidate edges: {why} before {format_time(as_of)}")
        return edges


def _by_record(record: CascadeRecord, vectors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Content in the order of the record."""
    return {name: rows[record.place] for name, rows in vectors.items()}


def _assumptions(links: SocialLinks | None, train: list[PostBlock], horizon: int) -> tuple[str, ...]:
    notes = ["Whoever was first seen at or after the question is out of reach."]
    if links is not None:
        known = "carry no time" if links.known_until is None else f"were known by {format_time(links.known_until)}"
        notes.append(f"The links {known} and are taken to have been there all along.")
    longest = max(int((block.windows.end - block.windows.as_of).max()) for block in train)
    if longest < horizon:
        notes.append(
            f"No training cascade was followed for more than {longest:,} of the {horizon:,} seconds; how many act is "
            "learned for the former."
        )
    return tuple(notes)
