"""Class of a post, such as its sentiment or an editor's verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph, parse_time
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import Floor, MajorityClass, TfidfLabel
from graphsocial.learn.metrics import ACCURACY, MACRO_F1, Metric
from graphsocial.learn.task import Embed, FittedHead, LabelsKnown, Task, groups_of, label_view
from graphsocial.nn.heads import LabelHead


@dataclass(frozen=True)
class PostLabelTask(Task):
    """Class of a post one second after it was posted.

    Args:
        name: Task name.
        column: String column of posts that holds the class; posts without a value are no examples.
        labels_known: See `LabelsKnown`.
        resample_by: Column or relation whose value is the bootstrap unit, such as the event or the shared image.
        disjoint_by: Column or relation; validation and test rows whose value occurred in training are dropped,
            because a label that is a function of the image would otherwise measure memory.
        test: Own test window (start, end) when the answer is wanted on later data than the split's test part.
        imbalance: Weighting of the loss, see `LabelHead`.
    """

    name: str
    column: str
    labels_known: LabelsKnown = "measured"
    resample_by: str | None = None
    disjoint_by: str | None = None
    test: tuple[Any, Any] | None = None
    imbalance: Literal["none", "class_balanced", "focal", "logit_adjusted"] = "class_balanced"
    kind: ClassVar[str] = "post_label"
    metric: ClassVar[Metric] = MACRO_F1

    def examples(
        self, graph: SocialGraph, start: int, end: int, rng: int, classes: tuple[str, ...] | None = None
    ) -> Examples:
        """Posts of [start, end) that have a class; see `Task.examples`."""
        view = label_view(graph, "post", self.column, end, self.labels_known)
        posted = view.row_known_at("post")
        nodes = np.flatnonzero((posted >= start) & (posted < end))
        labels = np.array(view.column("post", self.column).to_pylist(), dtype=object)[nodes]
        labelled = np.array([label is not None for label in labels], dtype=bool)
        names = tuple(sorted({str(label) for label in labels[labelled]})) if classes is None else classes
        code = {name: i for i, name in enumerate(names)}
        target = np.array([code.get(str(label), -1) for label in labels], dtype=np.int64)
        keep = labelled & (target >= 0)
        nodes, target = nodes[keep], target[keep]
        if classes is None and not len(nodes):
            raise SchemaError(f"task {self.name!r}: no post in the training part has a value in column {self.column!r}")
        return Examples(
            name=self.name,
            nodes={"node": ("post", nodes)},
            time=posted[nodes] + 1,
            target=target,
            group=groups_of(view, "post", nodes, self.resample_by),
            query=np.arange(len(nodes)),
            classes=names,
            dropped={
                "without a label": int((~labelled).sum()),
                "of a class unseen in training": int((labelled & ~keep).sum()),
            },
        )

    def build_head(self, channels: int, fitted: FittedHead) -> nn.Module:
        """A `LabelHead` over the training classes."""
        return LabelHead(channels, len(fitted.classes), self.imbalance, fitted.class_counts)

    def forward(self, head: nn.Module, embed: Embed, examples: Examples) -> Tensor:
        """Logits [example, class]."""
        return head(embed("node"))

    def loss(self, head: nn.Module, output: Tensor, examples: Examples) -> Tensor:
        """The head's classification loss."""
        return head.loss(output, torch.as_tensor(examples.target, device=output.device))  # type: ignore[operator]

    def prediction(self, output: Tensor) -> np.ndarray:
        """Class probabilities [example, class]."""
        return output.float().softmax(-1).cpu().numpy()

    def floors(self) -> Sequence[Floor]:
        """Majority class; TF-IDF with a linear model."""
        return (MajorityClass(), TfidfLabel())

    def further_metrics(self, prediction: np.ndarray, examples: Examples) -> dict[str, float]:
        """Accuracy."""
        return {"accuracy": ACCURACY(prediction, examples.target, examples.query)}

    def test_window(self, window: tuple[int, int]) -> tuple[int, int]:
        """The task's own window when it has one."""
        return window if self.test is None else (parse_time(self.test[0]), parse_time(self.test[1]))

    def assumptions(self) -> tuple[str, ...]:
        """Names labels that became known after their row."""
        if self.labels_known == "measured":
            return ()
        return (
            f"labels of {self.name!r} (post.{self.column}) are taken as known when the post was; they were given later",
        )
