"""The audit of a next-user split: what each protocol lets a model see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.audit.edge_checks import edges_from_test_events, edges_repeat_test_pairs, edges_without_times
from graphsocial.audit.event_checks import cascades_across_cut, events_after_cut
from graphsocial.audit.finding import EXAMPLES, Finding
from graphsocial.audit.label_checks import selection_on_test, shared_groups
from graphsocial.audit.leak_report import LeakReport
from graphsocial.audit.near_duplicates import near_duplicates
from graphsocial.audit.target_checks import end_tokens, repeated_targets, unseen_users
from graphsocial.errors import SchemaError

if TYPE_CHECKING:
    from graphsocial.audit.oracle import Oracle
    from graphsocial.learn.next_user.split import NextUserSplit, Part

PARTS: tuple[Part, ...] = ("train", "valid", "test")
HONEST = ("strict", "prequential")
"""Protocols that end training where the next part starts."""


def audit_cascades(
    split: NextUserSplit,
    edges: np.ndarray | None = None,
    *,
    edge_time: np.ndarray | None = None,
    groups: dict[str, dict[str, object]] | None = None,
    selected_on: str | None = None,
    oracle: bool = False,
    name: str = "cascades",
    examples: int = EXAMPLES,
) -> LeakReport:
    """Lists what a model could see under the split's protocol and should not.

    Training events are those of the cascades that train; the cut is the start of the first test cascade. Strict and
    prequential training ends where the next part starts, so what lies at or after the cut counts as kept out.
    Near-duplicates compare whole cascades, whatever the protocol.

    Args:
        split: A cut of a table of cascades under a protocol.
        edges: Ids of the ends of the edges a model may use, object [edge, 2].
        edge_time: When each edge arose, int64 seconds [edge]; None when nobody recorded it.
        groups: By kind (such as `text`, `image`), the group of each cascade by its id; cascades may be missing.
        selected_on: Part whose score chose the epoch and the settings.
        oracle: Whether to measure what counting the test cascades would buy.
        name: What is audited.
        examples: How many examples each finding names.

    Raises:
        SchemaError: Arrays do not fit together, or there is no such part.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> report = audit_cascades(tiny_split("legacy"))
    >>> report["end_tokens"].count, report["end_tokens"].total, report["events_after_cut"].share
    (1, 3, 0.0)
    """
    findings = [*_events(split, examples), *_targets(split, examples)]
    unchecked = {}
    if edges is None:
        for check in ("edges_without_times", "edges_repeat_test_pairs"):
            unchecked[check] = "no edges were given"
    else:
        findings += _edges(split, np.asarray(edges, dtype=object), edge_time, examples)
    for kind, group in (groups or {}).items():
        train, _, test = ([group.get(n) for n in split.table.names[list(split.cascades(p))]] for p in PARTS)
        findings.append(shared_groups(train, test, kind=kind, examples=examples))
    if not groups:
        unchecked["shared_groups"] = "no texts or images were given"
    if selected_on is None:
        unchecked["selection_on_test"] = (
            "say which part chose the epoch and the settings (selected_on); published code of the legacy protocol "
            "often uses the test part"
        )
    else:
        findings.append(selection_on_test(checked_part(selected_on)))
    unchecked["columns_measured_later"] = "cascades have no columns"
    unchecked["immature_labels"] = "the next user is known the moment it joins; give label times to audit_arrays"
    parts: dict[str, int] = {part: len(split.cascades(part)) for part in PARTS}
    return LeakReport(
        name,
        split.protocol,
        split.cut("test"),
        parts,
        tuple(findings),
        unchecked,
        _assumptions(edges, edge_time),
        _oracle(split) if oracle else None,
    )


def checked_part(part: str, parts: Sequence[str] = ("train", "valid", "test", "none")) -> str:
    """The name of a part, or SchemaError."""
    from graphsocial.errors import did_you_mean

    if part not in parts:
        raise SchemaError(
            f"selected_on is {part!r}, expected one of {', '.join(parts)}.{did_you_mean(str(part), parts)}"
        )
    return part


def _events(split: NextUserSplit, examples: int) -> list[Finding]:
    table, cut = split.table, split.cut("test")
    trains = table.cascade < split.train_end
    late = trains & (table.time >= cut)
    crossing = len(np.unique(table.cascade[late]))
    kept = trains & ~late if split.protocol in HONEST else trains
    removed = split.protocol in HONEST
    test = np.arange(split.valid_end, split.test_end)
    return [
        events_after_cut(
            table.time[kept],
            cut,
            cascade=table.names[table.cascade[kept]],
            user=table.users[table.user[kept]],
            removed=int(late.sum()) if removed else 0,
            examples=examples,
        ),
        cascades_across_cut(
            table.time[kept],
            table.cascade[kept],
            cut,
            names=table.names,
            removed=crossing if removed else 0,
            examples=examples,
        ),
        near_duplicates(
            table.user, table.cascade, test, np.arange(split.train_end), names=table.names, examples=examples
        ),
        near_duplicates(
            table.user,
            table.cascade,
            test,
            np.arange(split.valid_end),
            name="near_duplicates_train_valid",
            of="a training or validation cascade",
            names=table.names,
            examples=examples,
        ),
        _counted_pairs(split, examples),
    ]


def _counted_pairs(split: NextUserSplit, examples: int) -> Finding:
    """The graph that a protocol may count: pairs of consecutive users, of which the later one gives the time."""
    table, cut, countable = split.table, split.cut("test"), split.countable("test")
    pair = np.flatnonzero(table.cascade[1:] == table.cascade[:-1])
    late = table.time[pair + 1] >= cut
    before_test = table.cascade[pair] < split.valid_end
    if countable.prequential:
        # every pair that lies before a target's own time may be counted for it; none of a later time ever is
        kept, removed = before_test & ~late, before_test & late
    else:
        allowed = table.cascade[pair] < countable.cascades
        kept = allowed if countable.before is None else allowed & (table.time[pair + 1] < countable.before)
        removed = allowed & ~kept
    kept_pairs = pair[kept]
    return edges_from_test_events(
        late[kept],
        src=table.users[table.user[kept_pairs]],
        dst=table.users[table.user[kept_pairs + 1]],
        time=table.time[kept_pairs + 1],
        what="pairs of consecutive users that a graph may be counted from, formed at or after the first test start",
        removed=int(removed.sum()),
        examples=examples,
    )


def _targets(split: NextUserSplit, examples: int) -> list[Finding]:
    table, targets = split.table, split.targets("test")
    is_end = targets.user < 0
    names = table.names[targets.cascade]
    trains = table.cascade < split.train_end
    if split.protocol in HONEST:
        trains &= table.time < split.cut("test")
    others = np.flatnonzero(~is_end)
    # a cascade of 200 events or more is cut there and never ends
    ends = int((np.diff(table.offsets)[list(split.cascades("test"))] < _positions()).sum())
    return [
        end_tokens(is_end, cascade=names, removed=0 if split.protocol == "legacy" else ends, examples=examples),
        repeated_targets(
            targets.repeated[others],
            cascade=names[others],
            user=table.users[targets.user[others]],
            examples=examples,
        ),
        unseen_users(targets.user[others], np.unique(table.user[trains]), names=table.users, examples=examples),
    ]


def _edges(split: NextUserSplit, edges: np.ndarray, time: np.ndarray | None, examples: int) -> list[Finding]:
    if edges.ndim != 2 or edges.shape[1] != 2:
        raise SchemaError(f"edges got shape {edges.shape}, expected [edge, 2] with the ids of both ends")
    if time is not None and len(time) != len(edges):
        raise SchemaError(f"got {len(time)} edge times for {len(edges)} edges, expected one each")
    table = split.table
    src, dst = edges[:, 0], edges[:, 1]
    names, code = np.unique(np.concatenate([table.users, src, dst]).astype(str), return_inverse=True)
    users, ends = code[: len(table.users)], code[len(table.users) :].reshape(2, -1)
    upto = table.cascade < split.test_end
    found = [
        edges_without_times(np.full(len(edges), time is None), src=src, dst=dst, examples=examples),
        edges_repeat_test_pairs(
            ends[0],
            ends[1],
            users[table.user[upto]],
            table.cascade[upto],
            table.cascade[upto] >= split.valid_end,
            names=names,
            examples=examples,
        ),
    ]
    if time is not None:
        late = np.asarray(time) >= split.cut("test")
        honest = split.protocol in HONEST
        kept = ~late if honest else np.ones(len(late), dtype=bool)
        found.append(
            edges_from_test_events(
                late[kept], src=src[kept], dst=dst[kept], time=time[kept], removed=int(late.sum()) if honest else 0
            )
        )
    return found


def _assumptions(edges: np.ndarray | None, time: np.ndarray | None) -> tuple[str, ...]:
    if edges is None or time is not None or not len(edges):
        return ()
    return (f"{len(edges):,} edges without times count as known before the first test start",)


def _positions() -> int:
    from graphsocial.learn.next_user.split import POSITIONS

    return POSITIONS


def _oracle(split: NextUserSplit) -> Oracle:
    from graphsocial.audit.oracle import counting_oracle

    return counting_oracle(split)
