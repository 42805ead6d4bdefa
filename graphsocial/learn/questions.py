"""A single question put to a trained model: the example of one node as of a time."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.learn.examples import Examples
from graphsocial.learn.link_task import LinkTask
from graphsocial.learn.popularity_task import PopularityTask
from graphsocial.learn.post_label_task import PostLabelTask
from graphsocial.learn.relation_task import RelationTask
from graphsocial.learn.task import Task
from graphsocial.learn.trend_task import TrendTask
from graphsocial.schema import NodeKey


def question(task: Task, view: SocialGraph, node: NodeKey, other: NodeKey | None = None) -> Examples:
    """The unanswered example for a node (and, for pairs, another one), as of the end of the view.

    Posts are asked about one second after they were posted, which is what their heads were trained for and lies
    before the end of the view; pairs and trends are asked at the end of the view.

    Args:
        task: A task of the model.
        view: A view with an end; nothing at or after it is used.
        node: The node asked about; the source of a pair.
        other: The target of a pair.

    Raises:
        SchemaError: When the node has another type than the task asks about, or `other` is missing or too many.
        UnknownNodeError: When the view does not know the node.
        LeakageError: When the view has no end.
    """
    if view.end is None:
        raise LeakageError("a question needs a time: pass graph.as_of(t)")
    place = view.index_of(node)
    if isinstance(task, PostLabelTask | PopularityTask):
        expected = "post" if isinstance(task, PostLabelTask) else task.node_type
        _check(task, node, expected, other, None)
        known = int(view.row_known_at(expected)[place])
        if known >= view.end:
            raise UnknownNodeError(
                f"{node} is only a placeholder as of {format_time(view.end)}: its own row is not known yet"
            )
        return _single(task, {"node": (expected, place)}, known + 1, None)
    if isinstance(task, TrendTask):
        _check(task, node, task.edge_type[2], other, None)
        features = task.features(view, np.array([place]), np.array([view.end]))
        return _single(task, {"node": (task.edge_type[2], place)}, view.end, features)
    if isinstance(task, LinkTask | RelationTask):
        source, _, target = task.edge_types[0]
        _check(task, node, source, other, target)
        assert other is not None
        pair = np.array([place]), np.array([view.index_of(other)]), np.array([view.end])
        roles = {"src": (source, place), "dst": (target, int(pair[1][0]))}
        return _single(task, roles, view.end, task.pair_features(view, *pair))
    raise SchemaError(
        f"task {task.name!r} of kind {task.kind!r} takes no single question; score examples with the trainer"
    )


def _check(task: Task, node: NodeKey, expected: str, other: NodeKey | None, expected_other: str | None) -> None:
    if node[0] != expected:
        raise SchemaError(f"task {task.name!r} asks about a {expected}, got {node}")
    if (other is None) != (expected_other is None) or (other is not None and other[0] != expected_other):
        raise SchemaError(f"task {task.name!r} takes {expected_other or 'no'} second node, got {other}")


def _single(task: Task, roles: dict[str, tuple[str, int]], time: int, features: np.ndarray | None) -> Examples:
    return Examples(
        name=task.name,
        nodes={role: (node_type, np.array([index])) for role, (node_type, index) in roles.items()},
        time=np.array([time]),
        target=np.zeros(1),
        group=np.array(["question"], dtype=object),
        query=np.zeros(1, np.int64),
        features=features,
    )
