"""What people have begun to post about: clusters of post embeddings over time, as of a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from graphsocial.embed import EmbeddingTable, normalise_text
from graphsocial.embed.shown_contents import shown_contents
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import QueryResult, SocialGraph, format_time
from graphsocial.graph.query_result import Column
from graphsocial.query.topic_stream import topic_stream
from graphsocial.query.topic_words import topic_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Content = Literal["text", "image", "both"]
CONTENTS: tuple[Content, ...] = ("text", "image", "both")


@dataclass(frozen=True, repr=False, eq=False)
class EmergingTopics(QueryResult):
    """Topics, the one that grows most first.

    Attributes:
        topic: Number in order of the topics' first posts, int64 [topic].
        words: Words that tell it from the others, object [topic].
        since: When its first post became known, int64 seconds UTC [topic].
        posts: Posts so far, int64 [topic].
        now: Posts in the last window, int64 [topic].
        before: Mean per earlier window of the history, float64 [topic].
        growth: `(now - before) / sqrt(before + 1)`, see `burst_scores`, float64 [topic].
        image_share: Share of the posts that show a picture, float64 [topic].
        examples: Ids of the posts nearest to its centre, object [topic].
        volume: Posts in each window of the history, the last one at the end, int64 [topic, window].
        width_seconds: Length of a window.
        end: End of the last window.
        content: What was compared.
        searched: Posts of the view that have such content.
    """

    topic: np.ndarray
    words: np.ndarray
    since: np.ndarray
    posts: np.ndarray
    now: np.ndarray
    before: np.ndarray
    growth: np.ndarray
    image_share: np.ndarray
    examples: np.ndarray
    volume: np.ndarray
    width_seconds: int
    end: int
    content: str
    searched: int

    def title(self) -> str:
        """How many, of how many posts, by what and as of when."""
        return (
            f"{len(self):,} emerging topics of {self.searched:,} posts by {self.content}, windows of "
            f"{self.width_seconds:,} s, as of {format_time(self.end)}"
        )

    def columns(self) -> dict[str, Column]:
        """One row per topic."""
        return {
            "words": [" ".join(words) for words in self.words], "since": self.since, "posts": self.posts,
            "now": self.now, "before": self.before, "growth": self.growth, "image_share": self.image_share,
            "examples": [" ".join(ids) for ids in self.examples], "topic": self.topic,
        }  # fmt: skip

    def plot(self, ax: Axes | None = None, top: int = 6) -> Axes:
        """Posts per window of the topics that grow most; returns the axes."""
        import matplotlib.pyplot as plt  # slow to import, needed only here

        ax = plt.subplots()[1] if ax is None else ax
        windows = self.volume.shape[1]
        start = (self.end - self.width_seconds * np.arange(windows, 0, -1)).astype("datetime64[s]")
        for volume, words in zip(self.volume[:top], self.words[:top], strict=True):
            ax.plot(start, volume, "o-", ms=3, label=" ".join(words[:3]) or "no words")
        ax.set(ylabel=f"posts per {self.width_seconds:,} s")
        ax.set_title(self.title(), fontsize="small")
        if len(self):
            ax.legend(fontsize="x-small")
        return ax


def emerging_topics(
    view: SocialGraph,
    table: EmbeddingTable,
    k: int = 10,
    *,
    content: Content = "both",
    width_seconds: int = 86_400,
    history: int = 7,
    likeness: float = 0.6,
    minimum: int = 5,
    examples: int = 3,
) -> EmergingTopics:
    """The k topics that grow most in the last whole window before the view's end.

    Posts join topics as they come, see `topic_stream`: later views move no post to another topic, apart from those of
    the calendar window that the view cuts. The windows that are counted end at the view's end; of a view without one,
    after its last post.

    Args:
        view: What is known.
        table: Contents and their tokens.
        k: At most so many topics.
        content: Compare texts, pictures or both; a post without the one is compared by the other.
        width_seconds: Length of a window.
        history: Windows that the growth looks at, the last among them; also the memory of topics.
        likeness: Least cosine between a post and its topic.
        minimum: Posts that a topic must have in the last window; it must have grown, too.
        examples: Posts shown of each topic.

    Raises:
        SchemaError: Nothing of that content was embedded, or a setting is out of range.

    >>> import pyarrow as pa
    >>> from graphsocial.embed import hashing_embeddings
    >>> from graphsocial.schema import Column as Described, Schema
    >>> texts = ["calm sea", "calm sea", "storm tonight", "storm tonight", "storm tonight"]
    >>> posts = pa.table({"id": list("abcde"), "known_at": [1, 11, 12, 13, 14], "text": texts})
    >>> graph = SocialGraph.build(Schema({"post": {"text": Described("string")}}, {}), {"post": posts}, {})
    >>> found = emerging_topics(graph, hashing_embeddings(graph), content="text", width_seconds=10, minimum=2)
    >>> found.words[0], int(found.now[0]), int(found.since[0])
    (['storm', 'tonight'], 3, 12)
    """
    for name, value in (("k", k), ("width_seconds", width_seconds), ("minimum", minimum), ("examples", examples)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise SchemaError(f"got {name}={value!r}, expected a whole number of at least 1")
    if isinstance(history, bool) or not isinstance(history, int | np.integer) or history < 2:
        raise SchemaError(f"got history={history!r}, expected a whole number of at least 2: growth needs a past")
    vectors, pictured = post_vectors(view, table, content)
    known = view.known_at("post")
    end = view.end if view.end is not None else int(known.max(initial=0)) + 1
    dated = np.flatnonzero((known > np.iinfo(np.int64).min) & (known < end) & vectors.any(axis=1))
    dated = dated[np.argsort(known[dated], kind="stable")]
    time, vectors, pictured = known[dated], vectors[dated], pictured[dated]
    stream = topic_stream(vectors, time, int(width_seconds), likeness, int(history))
    back = (end - 1 - time) // int(width_seconds)
    topics = len(stream.centroid)
    volume = np.zeros((topics, history), dtype=np.int64)
    lately = back < history
    np.add.at(volume, (stream.topic[lately], history - 1 - back[lately]), 1)
    now, before = volume[:, -1], volume[:, :-1].mean(axis=1)
    growth = (now - before) / np.sqrt(before + 1)
    listed = np.flatnonzero((now >= minimum) & (growth > 0))
    listed = listed[np.lexsort((listed, -growth[listed]))]
    ids, texts = view.node_ids("post")[dated], _texts(view, dated)
    of_topic = {int(topic): np.flatnonzero((stream.topic == topic) & (back == 0)) for topic in listed}
    told = [(texts[row], number) for number, topic in enumerate(listed) for row in of_topic[int(topic)]]
    words = topic_words([text for text, _ in told], np.array([n for _, n in told], dtype=np.int64), len(listed))
    shown = listed[: int(k)]
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)[:, None]
    nearest = []
    for topic in shown:
        rows = of_topic[int(topic)]
        nearest.append(ids[rows[np.argsort(-(unit[rows] @ stream.centroid[topic]), kind="stable")][:examples]].tolist())
    first = np.full(topics, end, dtype=np.int64)
    np.minimum.at(first, stream.topic, time)
    size = np.bincount(stream.topic, minlength=topics)
    return EmergingTopics(
        topic=shown,
        words=_objects([list(each) for each in words[: int(k)]]),
        since=first[shown],
        posts=size[shown],
        now=now[shown],
        before=before[shown],
        growth=growth[shown],
        image_share=(np.bincount(stream.topic, pictured, topics) / np.maximum(size, 1))[shown],
        examples=_objects(nearest),
        volume=volume[shown],
        width_seconds=int(width_seconds),
        end=int(end),
        content=content,
        searched=len(dated),
    )


def post_vectors(view: SocialGraph, table: EmbeddingTable, content: Content) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors of what each post shows, and whether it shows a picture: float32 [post, channel], bool [post].

    Of "both", text and picture stand side by side and count the same; a post without one has zeros there.

    Args:
        view: What is known.
        table: Contents and their tokens.
        content: What to look at.

    Raises:
        SchemaError: Unknown content, or nothing of it was embedded.
    """
    if content not in CONTENTS:
        raise SchemaError(
            f"unknown content {content!r}, expected text, image or both.{did_you_mean(str(content), CONTENTS)}"
        )
    pictured = np.zeros(view.num_nodes("post"), dtype=bool)
    parts = []
    for modality in ("text", "image"):
        has = modality in table.tokens or (modality == "image" and "video" in table.tokens)
        if not has and (content == modality or not table.tokens):
            raise SchemaError(f"no {modality} was embedded; the table has {', '.join(table.tokens) or 'nothing'}")
        if not has:
            continue
        found: list[np.ndarray] = []
        for kind, rows in shown_contents(view, table, modality).items():
            row = rows.max(axis=1, initial=-1) if rows.shape[1] == 0 else rows[:, 0]
            whole = table.tokens[kind].tokens[np.maximum(row, 0), 0].astype(np.float32) * (row >= 0)[:, None]
            found.append(whole if not found else np.where(found[-1].any(axis=1, keepdims=True), found[-1], whole))
        length: np.ndarray = np.linalg.norm(found[-1], axis=1)
        vectors = found[-1] / np.maximum(length, 1e-12)[:, None]
        if modality == "image":
            pictured = np.asarray(length > 0)
        if content in (modality, "both"):
            parts.append(vectors)
    return np.concatenate(parts, axis=1), pictured


def _texts(view: SocialGraph, rows: np.ndarray) -> list[str]:
    if "text" not in view.schema.nodes["post"]:
        return [""] * len(rows)
    column = view.column("post", "text").to_pylist()
    return [normalise_text(column[row] or "") for row in rows]


def _objects(values: list[list[str]]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out
