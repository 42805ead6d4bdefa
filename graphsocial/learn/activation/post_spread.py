"""An activation model of a graph's own posts: learned from the relation by which people pass them on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphsocial.diffusion.simulate import Progress
from graphsocial.diffusion.social_spread import spread_graph
from graphsocial.embed import EmbeddingTable
from graphsocial.embed.atomic_file import write_atomically
from graphsocial.errors import DataIntegrityError, LeakageError, SchemaError
from graphsocial.graph import CascadeSet, SocialGraph, format_time, read_cascades
from graphsocial.learn.activation.activation_model import ActivationModel
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.hypothetical_post import HypotheticalPost
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.temporal_split import time_span
from graphsocial.schema import EdgeType, NodeKey

SEEN = 1_000
"""Most posts that are kept to tell what is unlike them."""
_ABOUT, _MODEL, _FORMAT = "post_spread.json", "activation.safetensors", 1


@dataclass(frozen=True, eq=False)
class PostSpread:
    """How the posts of a graph spread along a relation, in the light of what they say and show.

    Attributes:
        relation: Who passes on what, such as (user, repost, post).
        follow: Social relation that edges are confined to, such as (user, follow, user); None: who passed on the same
            posts.
        encoders: Name of what made the vectors, by modality.
        model: What was learned.
        refits: The same, each from cascades drawn again with replacement and another seed: how much of what the model
            says hangs on the cascades that happened to be seen.
        seen: Vectors of posts learned from by modality, of length 1, a sample, float32 [post, channel].
        authors: Users who had acted in some cascade by the fit.
    """

    relation: EdgeType
    follow: EdgeType | None
    encoders: Mapping[str, str]
    model: ActivationModel
    refits: tuple[ActivationModel, ...]
    seen: Mapping[str, np.ndarray]
    authors: frozenset[str]

    @classmethod
    def fit(
        cls,
        graph: SocialGraph,
        tokens: EmbeddingTable,
        relation: EdgeType,
        *,
        observe: int,
        horizon: int,
        follow: EdgeType | None = None,
        refits: int = 0,
        config: ActivationTraining | None = None,
        rng: int = 0,
        progress: Progress | None = None,
    ) -> PostSpread:
        """Learns from what a view knows; a graph without an end is taken as of just after its last event.

        Args:
            graph: The view.
            tokens: Content of its posts.
            relation: Who passes on what, from users to posts.
            observe: Seconds from a post's first event to the question.
            horizon: Seconds from there that are asked about.
            follow: Social relation to confine edges to, known by the view's end and taken to have been there all along.
            refits: How many more models are fitted, on resampled cascades, for the intervals of `Engine.what_if`.
            config: Settings.
            rng: Seed.
            progress: Told how far it is.

        Raises:
            SchemaError: A relation that does not lead to posts, too few cascades.
        """
        view = graph if graph.end is not None else graph.as_of(time_span(graph)[1])
        assert view.end is not None
        cascades = post_cascades(view, relation)
        content = post_vectors(view, tokens, cascades)
        links = None if follow is None else spread_graph(view, follow)
        model, *others = (
            ActivationModel.fit(
                cascades,
                observe=observe,
                horizon=horizon,
                known_until=view.end,
                content=content,
                links=links,
                config=config,
                resample=number > 0,
                rng=rng if number == 0 else derived_seed(rng, "refit", number),
                progress=progress,
            )
            for number in range(1 + refits)
        )
        names = {modality: made.encoder.name for modality, made in tokens.tokens.items() if modality in content}
        seen = {modality: _sample(rows, derived_seed(rng, "seen")) for modality, rows in content.items()}
        return cls(relation, follow, names, model, tuple(others), seen, frozenset(map(str, cascades.node)))

    def unusual(self, post: HypotheticalPost) -> tuple[str, ...]:
        """Which parts of a post lie far from all that the model has seen, a sentence each.

        A vector does if no seen post is as near to it as all but 1 % of the seen posts have one near; a user does if
        they acted in no cascade.
        """
        found = []
        for modality, rows in self.seen.items():
            vector = post.content.get(modality)
            length = 0.0 if vector is None else float(np.linalg.norm(vector))
            if vector is None or not length or len(rows) < 2:
                continue
            among = rows @ rows.T
            np.fill_diagonal(among, -1)
            usual, nearest = float(np.quantile(among.max(axis=1), 0.01)), float((rows @ (vector / length)).max())
            if nearest < usual:
                found.append(
                    f"its {modality} is unlike what the model has seen (cosine {nearest:.2f} to the nearest, "
                    f"{usual:.2f} or more for 99 % of those)"
                )
        strange = [str(who) for who in post.user.tolist() if str(who) not in self.authors]
        if strange:
            found.append(f"{len(strange):,} of those who act, such as {strange[0]!r}, acted in no cascade it has seen")
        return tuple(found)

    def activation(
        self,
        graph: SocialGraph,
        tokens: EmbeddingTable,
        post: NodeKey,
        *,
        contagion: float | None = None,
        allow_future_model: bool = False,
    ) -> LearnedActivation:
        """Chance of every candidate edge for one post, as of the end of a view.

        Args:
            graph: The view.
            tokens: Content of its posts, by the encoders that the model was fitted with.
            post: The post, which the view has to know.
            contagion: See `ActivationModel.activation`.
            allow_future_model: Ask a model that knows what came after the view; the result says so.

        Raises:
            SchemaError: Not a post, a view without an end, other encoders, or no candidate edges.
            UnknownNodeError: The view does not know the post.
            LeakageError: The model is newer than the view.
        """
        posed = self.pose(graph, tokens, post, allow_future_model=allow_future_model)
        return posed.activation(self.model, posed.post, contagion)

    def pose(
        self, graph: SocialGraph, tokens: EmbeddingTable, post: NodeKey, *, allow_future_model: bool = False
    ) -> PosedPost:
        """A post with all that is read of the view to answer about it, as it is or as it might have been.

        The arguments and what is raised are those of `activation`.
        """
        if post[0] != self.relation[2]:
            raise SchemaError(f"got {post}, expected a post: activations are learned for what is passed on")
        if graph.end is None:
            raise SchemaError("the graph has no end, expected a view such as graph.as_of(time)")
        if self.model.known_until > graph.end and not allow_future_model:
            raise LeakageError(
                f"the model knows events up to {format_time(self.model.known_until)}, the view ends at "
                f"{format_time(graph.end)}; take a later view, an earlier model, or pass allow_future_model=True"
            )
        name = graph.node_ids(post[0])[graph.index_of(post)]  # the view has to know it
        for modality, made in tokens.tokens.items():
            wanted = self.encoders.get(modality)
            if wanted is not None and wanted != made.encoder.name:
                raise SchemaError(f"{modality} was embedded by {made.encoder.name}, the model was fitted with {wanted}")
        cascades = post_cascades(graph, self.relation)
        vectors = {
            modality: rows
            for modality, rows in post_vectors(graph, tokens, cascades).items()
            if modality in self.model.modalities
        }
        place = int(np.flatnonzero(cascades.names == name)[0])
        content = {modality: rows[place] for modality, rows in vectors.items()}
        as_it_is = HypotheticalPost.of(cascades, name, graph.end, content)
        return PosedPost(cascades, vectors, as_it_is, allow_future_model)

    def save(self, folder: str | Path) -> None:
        """Writes a folder of two files; the description comes last, so a folder with it is whole."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.model.save(folder / _MODEL)
        for number, refit in enumerate(self.refits):
            refit.save(folder / f"refit_{number}.safetensors")
        about = {
            "format": _FORMAT,
            "relation": list(self.relation),
            "follow": None if self.follow is None else list(self.follow),
            "encoders": dict(self.encoders),
            "refits": len(self.refits),
            "authors": sorted(self.authors),
            "seen": {modality: rows.tolist() for modality, rows in self.seen.items()},
        }
        write_atomically(folder / _ABOUT, json.dumps(about, indent=1).encode())

    @classmethod
    def open(cls, folder: str | Path) -> PostSpread:
        """Reads it back.

        Raises:
            DataIntegrityError: A file is missing or damaged.
        """
        path = Path(folder) / _ABOUT
        try:
            about: Any = json.loads(path.read_text())
            follow = about["follow"]
            relation, followed = tuple(about["relation"]), None if follow is None else tuple(follow)
            encoders, authors = dict(about["encoders"]), frozenset(about["authors"])
            seen = {modality: np.array(rows, dtype=np.float32) for modality, rows in about["seen"].items()}
            refits = int(about["refits"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataIntegrityError(f"{path} is missing or damaged: {error}") from None
        if about.get("format") != _FORMAT:
            raise DataIntegrityError(f"{path} has format {about.get('format')!r}, expected {_FORMAT}")
        model = ActivationModel.open(Path(folder) / _MODEL)
        others = tuple(ActivationModel.open(Path(folder) / f"refit_{number}.safetensors") for number in range(refits))
        return cls(relation, followed, encoders, model, others, seen, authors)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class PosedPost:
    """A post, and what is read of a view to answer about it.

    Attributes:
        cascades: The view's cascades.
        past_content: Content of its posts by modality, float32 [cascade, channel].
        post: The post as it is.
        allow_future_model: See `PostSpread.activation`.
    """

    cascades: CascadeSet
    past_content: Mapping[str, np.ndarray]
    post: HypotheticalPost
    allow_future_model: bool

    def activation(
        self, model: ActivationModel, post: HypotheticalPost, contagion: float | None = None
    ) -> LearnedActivation:
        """What a model says of the post, or of what it might have been.

        Raises:
            SchemaError: No candidate edges, or content that the model does not know.
            LeakageError: The model is newer than the question, or the question is asked after the view's end.
        """
        if post.as_of > self.post.as_of:
            raise LeakageError(
                f"moved there, the question would be asked as of {format_time(post.as_of)}, the view ends at "
                f"{format_time(self.post.as_of)}; take a later view"
            )
        return model.activation(
            post.put_into(self.cascades),
            post.name,
            as_of=post.as_of,
            content=post.content,
            past_content=self.past_content,
            contagion=contagion,
            allow_future_model=self.allow_future_model,
        )


def _sample(rows: np.ndarray, seed: int) -> np.ndarray:
    """Rows of length 1 of those that are not zero, at most `SEEN`."""
    length = np.linalg.norm(rows, axis=1)
    there = np.flatnonzero(length > 0)
    if len(there) > SEEN:
        there = np.sort(np.random.default_rng(seed).choice(there, SEEN, replace=False))
    return (rows[there] / length[there, None]).astype(np.float32)


def post_cascades(graph: SocialGraph, relation: EdgeType) -> CascadeSet:
    """One cascade per post, its author first.

    Raises:
        SchemaError: Unknown relation, or one that does not lead from users to posts.
    """
    relation = graph.schema.check_edge_type(relation)
    if relation[0] != "user" or relation[2] != "post":
        raise SchemaError(
            f"got {' '.join(relation)}, expected a relation from users to posts, such as user repost post"
        )
    return read_cascades(graph, relation)


def post_vectors(graph: SocialGraph, tokens: EmbeddingTable, cascades: CascadeSet) -> dict[str, np.ndarray]:
    """The token that stands for the whole of each post's text and first picture, as it began to spread, by modality.

    What was added to a post later is left out, so that nobody who acted before, and no question asked before, knows it.

    Args:
        graph: The view.
        tokens: Content of its posts.
        cascades: What `post_cascades` says of the view.

    Returns:
        Float32 [cascade, channel], zero where a post has none.
    """
    index = ContentIndex.of(graph, tokens)
    place = np.array([graph.index_of(("post", name)) for name in cascades.names], dtype=np.int64)
    begun = np.full(len(cascades), np.iinfo(np.int64).min)  # of nothing, nothing is known
    some = np.flatnonzero(cascades.size)
    begun[some] = np.minimum.reduceat(cascades.time, cascades.offsets[some]) + 1
    vectors = {}
    for node_type, modality in sorted(index.rows):
        if node_type != "post":
            continue
        row = index.as_of("post", modality, place, begun)[:, 0]
        whole = index.tokens[modality][:, 0].numpy()
        vectors[modality] = np.where(row[:, None] >= 0, whole[np.maximum(row, 0)], 0).astype(np.float32)
    return vectors
