"""The engine: a graph as of a time, the content of its nodes, and a trained model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from graphsocial.embed import EmbeddingTable, TextEmbedder
from graphsocial.embed.posts_within import Within
from graphsocial.errors import DataIntegrityError, LeakageError, NotFittedError
from graphsocial.explain import Attribution, Evidence, GraphQuestion, attribute, explain
from graphsocial.explain.attribution import Method
from graphsocial.graph import SocialGraph, ego_network, format_time
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.learn.activation.post_spread import PostSpread
from graphsocial.learn.alignment.alignment import FILE as ALIGNMENT
from graphsocial.learn.alignment.alignment import Alignment
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.examples import Examples
from graphsocial.learn.questions import question
from graphsocial.learn.temporal_split import time_span
from graphsocial.learn.trainer import Trainer
from graphsocial.query.answers import Embedding, Prediction, SimilarPosts
from graphsocial.query.behaviour.interest_drift import InterestDrift, interest_drift
from graphsocial.query.behaviour.interest_profile import InterestProfile, interest_profile
from graphsocial.query.behaviour.post_topics import PostTopics, fit_topics
from graphsocial.query.behaviour.similar_users import By, SimilarUsers, similar_users
from graphsocial.query.changed_post import changed_post
from graphsocial.query.choose_for_post import PostQuestion
from graphsocial.query.content_encoder import ContentEncoder
from graphsocial.query.node_vector import node_vector
from graphsocial.query.post_choice import PostChoice
from graphsocial.query.post_search import PostSearch
from graphsocial.query.what_if import WhatIf, what_if
from graphsocial.schema import NodeKey
from graphsocial.store import open_graph


class Engine:
    """Asks a trained model and its graph, as of the end of a view.

    Args:
        view: Graph or view; a graph without an end is taken as of just after its last event, or of the model's
            `known_until` when that is later.
        tokens: Content of its nodes.
        trainer: Trained model, None for an engine that only searches.
        spread: How posts spread, None for an engine that does not say.
        alignment: Learned alignment of texts and pictures, None for an engine that searches each by its like only.
        allow_future_model: Use weights fitted after the end of the view; every prediction then says so.

    Raises:
        LeakageError: When the model knows events at or after the end of the view.
    """

    def __init__(
        self,
        view: SocialGraph,
        tokens: EmbeddingTable,
        trainer: Trainer | None,
        spread: PostSpread | None = None,
        alignment: Alignment | None = None,
        *,
        allow_future_model: bool = False,
    ):
        self.tokens, self.trainer, self.spread, self.alignment = tokens, trainer, spread, alignment
        self._allow_future_model = allow_future_model
        fitted = [] if trainer is None else [trainer.known_until]
        fitted += [] if spread is None else [spread.model.known_until]
        fitted += [] if alignment is None else [alignment.known_until]
        now = max([time_span(view)[1], *fitted])
        self.graph = view if view.end is not None else view.as_of(now)
        self.future_model = trainer is not None and trainer.known_until > self.as_of
        if self.future_model and not allow_future_model:
            assert trainer is not None
            raise LeakageError(
                f"the model knows events up to {format_time(trainer.known_until)}, the view ends at "
                f"{format_time(self.as_of)}; take a later view, an earlier model, or pass allow_future_model=True"
            )
        if alignment is not None and alignment.known_until > self.as_of and not allow_future_model:
            raise LeakageError(
                f"the learned alignment knows posts up to {format_time(alignment.known_until)}, the view ends at "
                f"{format_time(self.as_of)}; take a later view, an earlier alignment, or pass allow_future_model=True"
            )
        self._content: ContentIndex | None = None
        self._encoder = ContentEncoder(tokens)
        self._search = PostSearch(self._encoder, alignment)
        self._topics: dict[tuple[int | None, str, int], PostTopics] = {}

    @classmethod
    def open(cls, path: str | Path, graph: SocialGraph | None = None, *, allow_future_model: bool = False) -> Engine:
        """Opens a run folder: `graph/`, `tokens/` and, when trained, `model.safetensors`, `spread/` and an alignment.

        Args:
            path: Run folder.
            graph: View to answer from; None is the run's own graph.
            allow_future_model: See the class.

        Raises:
            DataIntegrityError: When a part is missing or damaged.
            LeakageError: See the class.
        """
        path = Path(path)
        if not path.is_dir():
            raise DataIntegrityError(f"no run folder at {path}; `graphsocial ingest … --out {path}` makes one")
        view = open_graph(path) if graph is None else graph
        model = path / "model.safetensors"
        return cls(
            view,
            EmbeddingTable.open(path / "tokens"),
            Trainer.open(model) if model.exists() else None,
            PostSpread.open(path / "spread") if (path / "spread").exists() else None,
            Alignment.open(path / ALIGNMENT) if (path / ALIGNMENT).exists() else None,
            allow_future_model=allow_future_model,
        )

    @property
    def as_of(self) -> int:
        """Nothing at or after this time is used, int64 seconds UTC."""
        assert self.graph.end is not None
        return self.graph.end

    def __repr__(self) -> str:
        tasks = ", ".join(self.trainer.tasks) if self.trainer else "no model"
        return f"Engine({self.graph.name or 'graph'} as of {format_time(self.as_of)}; tasks: {tasks})"

    def ego_network(self, node: NodeKey, hops: int = 1) -> SocialGraph:
        """Nodes within some hops of a node and the edges among them, as of the view."""
        return ego_network(self.graph, node, hops=hops)

    def similar(
        self,
        text: str | None = None,
        *,
        image: str | Path | None = None,
        node: NodeKey | None = None,
        k: int = 10,
        window: tuple[Any, Any] | None = None,
        within: Within | None = None,
        modality: str | None = None,
    ) -> SimilarPosts:
        """Posts nearest to a text, an image file or a post, exactly, among those the view knows.

        Across modalities, both are brought into one space by the run's learned alignment. It was learned from the pairs
        of that run, so it finds what they have taught it, and similarities under it are no probabilities.

        Args:
            text: Words to look for.
            image: Image file to look for.
            node: A post whose text is looked for; it is left out of the answer.
            k: Number of posts.
            window: Only posts that became known in [start, end).
            within: Only these posts, or posts by these users: positions, ids, nodes, what `neighbourhood` or `sql`
                found, or a mask; see `posts_within`.
            modality: What of the posts is compared, "text" or "image"; None: that of the query.

        Raises:
            SchemaError: Unless exactly one of text, image and node is given, or nothing was embedded in that modality.
            NotFittedError: Across modalities, when the engine has no alignment.
            TimeWindowError: When the window reaches past the view.
            UnknownNodeError: When the view does not know a node.
        """
        return self._search.similar(self.graph, text, image, node, k=k, window=window, within=within, modality=modality)

    def embedding(self, node: NodeKey) -> Embedding:
        """The fused vector of a node as of the view, with the names of the encoders below it."""
        vector = node_vector(self._trained(), self.graph, self._tokens_of_nodes(), node)
        names = {m: t.encoder.name for m, t in self.tokens.tokens.items()}
        return Embedding(node, vector, self.as_of, names)

    def predict(self, task: str, node: NodeKey, other: NodeKey | None = None) -> Prediction:
        """The model's answer about a node, or about a pair of nodes, as of the view.

        Raises:
            NotFittedError: Without a model.
            SchemaError: On an unknown task, or a node of another type than it asks about.
            UnknownNodeError: When the view does not know the node.
        """
        trainer = self._trained()
        asked = trainer.task(task)
        row = question(asked, self.graph, node, other)
        output = trainer.outputs(self.graph, self._tokens_of_nodes(), {task: row})[task]
        classes = trainer.shape.heads[task].classes if trainer.shape else ()
        value, unit, interval, probabilities = asked.answer(output, classes)
        return Prediction(
            task, node, value, unit, interval, probabilities, self.as_of, trainer.known_until, other, self.future_model
        )

    def topics(self, count: int | None = None, *, modality: str = "text", rng: int = 0) -> PostTopics:
        """Topics of the posts the view knows; fitted once for each question. See `fit_topics`."""
        asked = (count, modality, rng)
        if asked not in self._topics:
            self._topics[asked] = fit_topics(self.graph, self.tokens, count, modality=modality, rng=rng)
        return self._topics[asked]

    def interest_profile(self, user: str, topics: PostTopics | None = None) -> InterestProfile:
        """Shares of topics and modalities among the posts a user acted on, with intervals. See `interest_profile`.

        Args:
            user: Id of the user.
            topics: Fitted before the view's end; None: those of `topics()`.
        """
        return interest_profile(self.graph, self.tokens, self.topics() if topics is None else topics, user)

    def similar_users(
        self, user: str, k: int = 10, *, by: By = "both", min_posts: int = 1, topics: PostTopics | None = None
    ) -> SimilarUsers:
        """Users whose posts are alike and who acted on the same ones, with reasons. See `similar_users`.

        Args:
            user: Id of the user.
            k: Users to return.
            by: "content", "engagement" or "both".
            min_posts: Users with fewer posts are not compared.
            topics: Fitted before the view's end; None: those of `topics()`.
        """
        chosen = self.topics() if topics is None else topics
        return similar_users(self.graph, self.tokens, chosen, user, k, by=by, min_posts=min_posts)

    def interest_drift(
        self,
        user: str | None = None,
        windows: int | Sequence[Any] = 4,
        *,
        min_posts: int = 5,
        topics: PostTopics | None = None,
        rng: int = 0,
    ) -> InterestDrift:
        """How a user's interests change between windows of time, beyond what few posts show. See `interest_drift`.

        Args:
            user: Id of the user; None: the mean over users.
            windows: Number of equal windows, or their times.
            min_posts: Fewer posts in either window: no distance.
            topics: Fitted before the view's end; None: those of `topics()`.
            rng: Seed of permutations and resamples.
        """
        chosen = self.topics() if topics is None else topics
        return interest_drift(self.graph, self.tokens, chosen, user, windows, min_posts=min_posts, rng=rng)

    def activation(self, post: NodeKey, *, contagion: float | None = None) -> LearnedActivation:
        """Chance of every candidate edge for one post as of the view, for `simulate`, `select_seeds` and blocking.

        How many act was learned at one age of posts. Where the view ends at another age of this one, `assumptions` of
        the answer name both; so do the notes of `what_if` and of what is chosen for the post.

        Args:
            post: The post.
            contagion: Factor on hazards of who has not acted yet, 0 to 1; None: what growth on validation leaves, which
                may be 0, for how much posts differ explains most of it. Whom to seed asks about those hazards: take 1.

        Raises:
            NotFittedError: Without a model of spread.
            SchemaError: Not a post, or the view knows no candidate edges.
            UnknownNodeError: When the view does not know the post.
            LeakageError: The model of spread is newer than the view.
        """
        return self._spread().activation(
            self.graph, self.tokens, post, contagion=contagion, allow_future_model=self._allow_future_model
        )

    def what_if(
        self,
        post: NodeKey,
        *,
        text: str | None = None,
        image: str | Path | None = None,
        author: str | None = None,
        time: Any = None,
        seeds: Sequence[str] = (),
        runs: int = 1_000,
        rng: int,
    ) -> WhatIf:
        """How many more would act within the horizon if a post were another one, by the model of spread.

        Both posts are simulated with common random numbers, so that no change gives exactly no difference. What further
        runs would narrow is shown apart from what hangs on the cascades that the model happened to see. It is what the
        model predicts, not what a change would cause.

        Args:
            post: The post.
            text: Other words.
            image: Another picture, a file. What pictures change is not validated: no corpus has both pictures and
                cascades.
            author: Another user who begins it.
            time: Another time at which it begins; the question moves along.
            seeds: Users who pass it on besides, just before the question.
            runs: Runs of each simulation.
            rng: Seed of the runs.

        Raises:
            NotFittedError: Without a model of spread.
            SchemaError: Changes that make no sense, or content that was not embedded when the model was fitted.
            UnknownNodeError: When the view does not know the post, the author or a seed.
            LeakageError: The model of spread is newer than the question, or the question is asked after the view's end.
        """
        spread = self._spread()
        posed = spread.pose(self.graph, self.tokens, post, allow_future_model=self._allow_future_model)
        changed = changed_post(
            self.graph,
            spread,
            self._encoder,
            posed,
            post,
            text=text,
            image=image,
            author=author,
            time=time,
            seeds=seeds,
        )
        return what_if(spread, posed, changed, runs, rng)

    def select_seeds(
        self,
        post: NodeKey,
        k: int,
        *,
        candidates: Iterable[str] | None = None,
        contagion: float = 1.0,
        samples: int = 1_000,
        runs: int = 1_000,
        rng: int,
    ) -> PostChoice:
        """Whom to seed for one post as of the view, with the choice that knows nothing of its content beside it.

        Users are chosen greedily for what they add to whom the post reaches anyway, on the chances that were learned
        for it; the content-blind ones by the same model, asked as if the post said and showed nothing. What both reach
        is simulated for this post with common random numbers. `(outside)` and whoever has acted are never chosen.

        Args:
            post: The post.
            k: How many users.
            candidates: Users who may be chosen; None: all who were in some cascade.
            contagion: See `activation`; seeds pass on by what it counts.
            samples: Sampled graphs to choose on.
            runs: Runs of each simulation, at least 2.
            rng: Seed of the choice and of the runs.

        Raises:
            NotFittedError: Without a model of spread.
            SchemaError: More seeds than candidates, a number that makes no sense, or no candidate edges.
            UnknownNodeError: The view does not know the post, or a candidate was in no cascade.
            LeakageError: The model of spread is newer than the view.
        """
        return self._question(post, candidates, contagion, samples, runs, rng).seeds(k)

    def block_nodes(
        self,
        post: NodeKey,
        k: int,
        *,
        candidates: Iterable[str] | None = None,
        contagion: float = 1.0,
        samples: int = 1_000,
        runs: int = 1_000,
        rng: int,
    ) -> PostChoice:
        """Which users to block so that one post reaches fewest, with the content-blind choice beside it.

        Greedy by dominator trees as `graphsocial.diffusion.block_nodes`; arguments and what is raised are those of
        `select_seeds`. Fewer than k where blocking one more never saves anybody.
        """
        return self._question(post, candidates, contagion, samples, runs, rng).blocking(k, edges=False)

    def block_edges(
        self,
        post: NodeKey,
        k: int,
        *,
        candidates: Iterable[str] | None = None,
        contagion: float = 1.0,
        samples: int = 1_000,
        runs: int = 1_000,
        rng: int,
    ) -> PostChoice:
        """Which edges to cut so that one post reaches fewest, with the content-blind choice beside it.

        As `block_nodes`; edges from `(outside)` cannot be cut. Candidates are users: an edge may be cut if its target
        is among them, and its source is, too, or has acted.
        """
        return self._question(post, candidates, contagion, samples, runs, rng).blocking(k, edges=True)

    def _question(
        self,
        post: NodeKey,
        candidates: Iterable[str] | None,
        contagion: float,
        samples: int,
        runs: int,
        rng: int,
    ) -> PostQuestion:
        spread = self._spread()
        posed = spread.pose(self.graph, self.tokens, post, allow_future_model=self._allow_future_model)
        return PostQuestion(spread, posed, candidates, contagion, samples, runs, rng)

    def _spread(self) -> PostSpread:
        if self.spread is None:
            raise NotFittedError("this engine has no model of spread; `graphsocial spread` makes one")
        return self.spread

    def explain(self, prediction: Prediction, top: int = 5, *, words: bool = True, rng: int = 0) -> Evidence:
        """Evidence for a prediction, every row checked by deletion; see `explain.explain`.

        Args:
            prediction: What `predict` returned.
            top: Rows to keep.
            words: Also delete the words of a post's own text, which loads the text encoder.
            rng: Seed of the deletion check.
        """
        text, embedder = self._own_words(prediction) if words else (None, None)
        return explain(*self._asked(prediction), text=text, embedder=embedder, top=top, rng=rng)

    def attribute(
        self, prediction: Prediction, method: Method = "deletion", *, words: bool = True, rng: int = 0
    ) -> Attribution:
        """What each edge, neighbour, word, region and modality does to a prediction; see `explain.attribute`.

        Args:
            prediction: What `predict` returned.
            method: `deletion`, `gradient_input`, `integrated_gradients`, or a baseline: `attention`, `random`.
            words: Also score the words of a post's own text, or of the nearest posts where another node is asked about,
                which loads the text encoder.
            rng: Seed of the random scores.

        Raises:
            SchemaError: Unknown method.
            MissingExtraError: Gradients were asked for and the extra `explain` is not installed.
        """
        words = words and "text" in self.tokens.tokens
        asked = GraphQuestion(
            *self._asked(prediction),
            text=self._stored_text(prediction.node) if words else None,
            embedder=self._encoder.embedder("text") if words else None,
            near_text=self._stored_text if words else None,
        )
        return attribute(asked, method, rng=rng)

    def _asked(self, prediction: Prediction) -> tuple[Trainer, SocialGraph, ContentIndex, Examples]:
        """Model, view, tokens and the one row that the prediction answered."""
        trainer = self._trained()
        row = question(trainer.task(prediction.task), self.graph, prediction.node, prediction.other)
        return trainer, self.graph, self._tokens_of_nodes(), row

    def _own_words(self, prediction: Prediction) -> tuple[str | None, TextEmbedder | None]:
        """Text of the post that the prediction is about, and its encoder; nothing for other nodes."""
        text = self._stored_text(prediction.node)
        return text, self._encoder.embedder("text") if text else None

    def _stored_text(self, node: NodeKey) -> str | None:
        return self._encoder.stored_text(self.graph, node)

    def _trained(self) -> Trainer:
        if self.trainer is None:
            raise NotFittedError("this engine has no model; `graphsocial train` makes one")
        return self.trainer

    def _tokens_of_nodes(self) -> ContentIndex:
        if self._content is None:
            self._content = ContentIndex.of(self.graph, self.tokens)
        return self._content
