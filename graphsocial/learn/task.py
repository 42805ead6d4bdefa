"""What is asked of the model: labels as of a time, a head, a metric, floors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from torch import Tensor, nn

from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.learn.examples import Examples
from graphsocial.learn.metrics import Metric
from graphsocial.learn.tail_weights import LongTail
from graphsocial.schema import AT_ROW, EdgeType

if TYPE_CHECKING:
    from graphsocial.learn.floors import Floor
    from graphsocial.learn.trend_task import TrendTask

LabelsKnown = Literal["measured", "post_time"]
"""`measured`: a label counts from its column's `known_at`; `post_time`: assumed known with its row, listed as such."""

Embed = Callable[[str], Tensor]
"""Role to fused vectors [example, channel] or [example, item, channel]."""


@dataclass(frozen=True)
class FittedHead:
    """What a head has to know of the training examples before it is built.

    Attributes:
        classes: Class names in code order, empty when the target is not a class.
        class_counts: Training rows of each class.
        features: Number of task features.
        questions: Number of training questions.
        center: Mean of the training targets of a numeric task, 0 otherwise.
        scale: Their standard deviation, 1 otherwise.
        tail: Weights of numeric targets in the bins of `nn.heads.tail_bins`, empty where all count the same.
    """

    classes: tuple[str, ...] = ()
    class_counts: tuple[int, ...] = ()
    features: int = 0
    questions: int = 0
    center: float = 0.0
    scale: float = 1.0
    tail: tuple[float, ...] = ()

    @classmethod
    def of(cls, train: Examples, values: np.ndarray | None = None) -> FittedHead:
        """Reads classes, their counts and the number of features off the training examples.

        Args:
            train: Training examples.
            values: Numbers the head is to predict, for their centre and scale [example]; None for other heads.
        """
        center, scale = (0.0, 1.0) if values is None else (float(values.mean()), float(values.std()) or 1.0)
        counts = np.bincount(train.target.astype(int), minlength=len(train.classes)) if train.classes else ()
        return cls(
            classes=train.classes,
            class_counts=tuple(int(n) for n in counts),
            features=0 if train.features is None else train.features.shape[1],
            questions=len(np.unique(train.query)),
            center=center,
            scale=scale,
        )


class Task(ABC):
    """A question asked of every example, with its labels, head, metric and floors.

    `examples(graph, start, end)` may look only at `graph.as_of(end)`, and holds an example at t only when
    t + horizon lies at or before `end`; horizons that cross the cut are dropped and counted.
    """

    kind: ClassVar[str]
    name: str
    metric: ClassVar[Metric]
    output_name: ClassVar[str] = "score"

    @property
    def horizon(self) -> int:
        """Seconds between a question and its complete answer."""
        return 0

    @abstractmethod
    def examples(
        self, graph: SocialGraph, start: int, end: int, rng: int, classes: tuple[str, ...] | None = None
    ) -> Examples:
        """Labelled examples whose questions lie in [start, end) and whose answers were complete by `end`.

        Args:
            graph: The graph; only its view as of `end` is used.
            start: First question, seconds UTC.
            end: Answers after it are not seen, seconds UTC.
            rng: Seed of negative sampling; the draws of an example do not depend on later ones.
            classes: Class names of the training part; None reads them off the window.
        """

    def fit_head(self, train: Examples) -> FittedHead:
        """What the head has to know of the training examples."""
        return FittedHead.of(train)

    @abstractmethod
    def build_head(self, channels: int, fitted: FittedHead) -> nn.Module:
        """The head, its its initial weights drawn from torch's stream, which the trainer seeds."""

    @abstractmethod
    def forward(self, head: nn.Module, embed: Embed, examples: Examples) -> Tensor:
        """Output of the head for the examples, from the fused vectors of their roles."""

    def for_epoch(self, train: Examples, rng: int) -> Examples:
        """The training rows to use in one epoch, all of them unless the task thins its candidates."""
        return train

    @abstractmethod
    def loss(self, head: nn.Module, output: Tensor, examples: Examples) -> Tensor:
        """Scalar training loss of a batch."""

    @abstractmethod
    def prediction(self, output: Tensor) -> np.ndarray:
        """Head output as the array the metric takes."""

    @abstractmethod
    def floors(self) -> Sequence[Floor]:
        """Rules without a network that the model stands beside."""

    def test_window(self, window: tuple[int, int]) -> tuple[int, int]:
        """Where this task is tested, the split's test part unless the task names its own."""
        return window

    def answer(
        self, output: Tensor, classes: tuple[str, ...]
    ) -> tuple[Any, str, tuple[float, float] | None, dict[str, float]]:
        """Head output [1, …] as (value, unit, 90 % interval, class probabilities)."""
        prediction = self.prediction(output)
        if classes:
            probabilities = {name: float(p) for name, p in zip(classes, prediction[0], strict=True)}
            return max(probabilities, key=lambda name: probabilities[name]), "class", None, probabilities
        return float(prediction[0]), self.output_name, None, {}

    def further_metrics(self, prediction: np.ndarray, examples: Examples) -> dict[str, float]:
        """Other metrics worth a line beside the main one."""
        return {}

    def assumptions(self) -> tuple[str, ...]:
        """What must hold for the labels to be honest, one sentence each."""
        return ()

    def to_json(self) -> dict[str, Any]:
        """Kind and fields, plain values."""
        return {"kind": self.kind, **asdict(self)}  # type: ignore[call-overload]

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> Task:
        """Inverse of `to_json`; also reads a `[[task]]` table of a task file.

        Raises:
            SchemaError: On an unknown kind or field.
        """
        from graphsocial.learn.task_file import task_from_mapping

        return task_from_mapping(raw)

    @staticmethod
    def post_label(
        column: str,
        *,
        name: str | None = None,
        labels_known: LabelsKnown = "measured",
        resample_by: str | None = None,
        disjoint_by: str | None = None,
        test: tuple[Any, Any] | None = None,
        imbalance: Literal["none", "class_balanced", "focal", "logit_adjusted"] = "class_balanced",
    ) -> Task:
        """Class of a post, from a string column; see `PostLabelTask`."""
        from graphsocial.learn.post_label_task import PostLabelTask

        return PostLabelTask(
            name=name or column,
            column=column,
            labels_known=labels_known,
            resample_by=resample_by,
            disjoint_by=disjoint_by,
            test=test,
            imbalance=imbalance,
        )

    @staticmethod
    def sentiment(column: str = "sentiment", *, labels_known: LabelsKnown = "measured") -> Task:
        """Sentiment of a post: a post label under its usual name."""
        return Task.post_label(column, name="sentiment", labels_known=labels_known)

    @staticmethod
    def popularity(
        node_type: str = "post",
        *,
        column: str = "retweets",
        name: str = "popularity",
        labels_known: LabelsKnown = "measured",
        resample_by: str | None = None,
        long_tail: LongTail = "none",
    ) -> Task:
        """Final count of a post, from an integer column; see `PopularityTask`."""
        from graphsocial.learn.popularity_task import PopularityTask

        return PopularityTask(
            name=name,
            node_type=node_type,
            column=column,
            labels_known=labels_known,
            resample_by=resample_by,
            long_tail=long_tail,
        )

    @staticmethod
    def link(*edge_types: EdgeType, name: str = "link", negatives: int = 20) -> Task:
        """Whom a node turns to next; see `LinkTask`."""
        from graphsocial.learn.link_task import LinkTask

        return LinkTask(name=name, edge_types=tuple(tuple(e) for e in edge_types), negatives=negatives)  # type: ignore[misc]

    @staticmethod
    def relation(*edge_types: EdgeType, name: str = "relation") -> Task:
        """Which relation an interaction has; see `RelationTask`."""
        from graphsocial.learn.relation_task import RelationTask

        return RelationTask(name=name, edge_types=tuple(tuple(e) for e in edge_types))  # type: ignore[misc]

    @staticmethod
    def trend(
        edge_type: EdgeType = ("post", "tag", "hashtag"), *, name: str = "trend", width: int = 3600, minimum: int = 10
    ) -> TrendTask:
        """Volume of a node in the coming window; see `TrendTask`."""
        from graphsocial.learn.trend_task import TrendTask

        return TrendTask(name=name, edge_type=tuple(edge_type), width=width, minimum=minimum)  # type: ignore[arg-type]

    @staticmethod
    def next_user(edge_type: EdgeType = ("user", "repost", "post"), *, name: str = "next_user") -> Task:
        """Who joins a cascade next; see `NextUserTask`."""
        from graphsocial.learn.next_user_task import NextUserTask

        return NextUserTask(name=name, edge_type=tuple(edge_type))  # type: ignore[arg-type]

    @staticmethod
    def recommendation(edge_type: EdgeType = ("user", "like", "post"), *, name: str = "recommendation") -> Task:
        """Which post a user engages with next; see `RecommendationTask`."""
        from graphsocial.learn.recommendation_task import RecommendationTask

        return RecommendationTask(name=name, edge_type=tuple(edge_type))  # type: ignore[arg-type]


def label_view(graph: SocialGraph, node_type: str, column: str, end: int, labels_known: LabelsKnown) -> SocialGraph:
    """The view as of `end` in which labels of a column may be read.

    Raises:
        LeakageError: When the column was measured at or after `end` and nobody said that it may be used.
    """
    known = graph.schema.node_column(node_type, column).known_at
    if labels_known == "post_time":
        if known != AT_ROW:
            graph = graph.assume_known(node_type, column)
    elif labels_known != "measured":
        raise SchemaError(f"labels_known is {labels_known!r}, expected 'measured' or 'post_time'")
    elif isinstance(known, int) and known >= end:
        raise LeakageError(
            f"labels {node_type}.{column} were measured at {format_time(known)}, not before the cut "
            f"{format_time(end)}; pass labels_known='post_time' to train on them, which reports list as an assumption"
        )
    return graph.as_of(end)


def groups_of(view: SocialGraph, node_type: str, nodes: np.ndarray, by: str | None) -> np.ndarray:
    """Resampling unit of each node: a column's value, the first target of a relation, else the node itself.

    Args:
        view: Where to look.
        node_type: Type of the nodes.
        nodes: Canonical indices [node].
        by: Column or relation name; None keeps nodes apart.
    """
    ids = view.node_ids(node_type)
    own = np.array([f"{node_type} {i}" for i in ids[nodes]], dtype=object)
    if by is None:
        return own
    if by in view.schema.nodes[node_type]:
        if view.schema.node_column(node_type, by).known_at != AT_ROW:
            view = view.assume_known(node_type, by)  # groups rows for resampling only, never an input
        values = view.column(node_type, by).take(pa.array(nodes)).to_pylist()
        return np.array([o if v is None else str(v) for v, o in zip(values, own, strict=True)], dtype=object)
    edge_types = [e for e in view.edge_types if e[0] == node_type and e[1] == by]
    if not edge_types:
        raise SchemaError(f"resample by {by!r}: expected a column of {node_type!r} or a relation that starts there")
    edges = view.edges(edge_types[0])
    first = np.full(view.num_nodes(node_type), -1, np.int64)
    first[edges.src[::-1]] = edges.dst[::-1]
    targets = view.node_ids(edge_types[0][2])
    return np.array(
        [o if f < 0 else f"{by} {targets[f]}" for f, o in zip(first[nodes], own, strict=True)], dtype=object
    )
