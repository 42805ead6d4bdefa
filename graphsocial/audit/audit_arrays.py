"""The audit of somebody else's code, from the plain arrays that it used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphsocial.audit.array_edges import EdgeArrays, edge_findings
from graphsocial.audit.audit_cascades import checked_part
from graphsocial.audit.event_checks import (
    cascades_across_cut,
    cascades_in_several_parts,
    events_after_cut,
    rows_in_several_parts,
)
from graphsocial.audit.finding import EXAMPLES, Finding
from graphsocial.audit.label_checks import columns_measured_later, immature_labels, selection_on_test, shared_groups
from graphsocial.audit.leak_report import LeakReport
from graphsocial.audit.near_duplicates import near_duplicates
from graphsocial.audit.row_arrays import RowArrays, flat_array
from graphsocial.audit.target_checks import end_tokens, repeated_targets, unseen_users
from graphsocial.errors import SchemaError


def audit_arrays(
    time: Any,
    part: Any,
    *,
    user: Any = None,
    cascade: Any = None,
    cut: float | None = None,
    edges: Any = None,
    edge_time: Any = None,
    edge_event: Any = None,
    hyperedges: Any = None,
    hyperedge_event: Any = None,
    target_user: Any = None,
    target_cascade: Any = None,
    target_position: Any = None,
    end_token: Any = -1,
    label_time: Any = None,
    horizon: float = 0,
    columns_known_at: Mapping[str, float | None] | None = None,
    groups: Mapping[str, Any] | None = None,
    selected_on: str | None = None,
    name: str = "arrays",
    examples: int = EXAMPLES,
) -> LeakReport:
    """Lists what a model could see and should not, from what its code used.

    Everything but `time` and `part` may be left out; the checks that need it are then listed as not made. Ids may be
    numbers or strings; lists, numpy arrays and tensors are all fine. Rows are events, or examples of any kind.

    Args:
        time: When each row happens, in seconds (any origin) [row]; None when the code has lost the times.
        part: `train`, `valid` or `test` (or "" where not used) of each row [row]; or, by part, the ids of its cascades
            or a bool mask [row].
        user: Who, [row].
        cascade: Which cascade each row belongs to, [row]; the rows of a cascade in their order.
        cut: Start of the test part; None = the earliest test row.
        edges: Ids of source and target of every edge the model saw, [2, edge].
        edge_time: When each edge arose, nan where unknown, [edge].
        edge_event: Row that each edge was built from, -1 where it is none, int [edge].
        hyperedges: User and hyperedge of every membership, [2, membership].
        hyperedge_event: Row that each membership was built from, -1 where it is none, int [membership].
        target_user: Right answer of each test target, the end token included, [target].
        target_cascade: Cascade of each test target, [target].
        target_position: Length of each test target's prefix, int [target].
        end_token: Id of the end of a cascade, or a list of such ids (padding and end, for example).
        label_time: When each row's label was complete, [row]; or give `horizon`.
        horizon: Seconds from a row's time to its complete label.
        columns_known_at: When each input column was measured; None for one that is known with its row.
        groups: By kind (such as `image`), what each row shares with others, [row]; None or "" where nothing.
        selected_on: Part whose score chose the epoch and the settings: `train`, `valid`, `test` or `none`.
        name: What is audited.
        examples: How many examples each finding names.

    Raises:
        SchemaError: Arrays do not fit together, or there is no training or no test row.

    >>> report = audit_arrays(
    ...     time=[1, 9, 2, 5, 6], part=["train", "train", "train", "test", "test"], user=["a", "b", "a", "d", "c"],
    ...     cascade=[0, 0, 1, 2, 2], selected_on="test",
    ... )
    >>> [found.name for found in report.leaks]
    ['selection_on_test', 'cascades_across_cut', 'events_after_cut', 'unseen_users']
    """
    rows = RowArrays.of(time, part, user, cascade, cut)
    unchecked: dict[str, str] = {}
    findings = [*_row_findings(rows, unchecked, examples)]
    findings += edge_findings(
        rows, EdgeArrays.of(edges, edge_time, edge_event, hyperedges, hyperedge_event), unchecked, examples
    )
    findings += _target_findings(rows, target_user, target_cascade, target_position, end_token, unchecked, examples)
    findings += _label_findings(rows, label_time, horizon, columns_known_at, unchecked, examples)
    for kind, group in (groups or {}).items():
        values = rows.column(f"groups[{kind!r}]", group, object)
        values = np.array([None if v is None or v == "" else v for v in values.tolist()], dtype=object)
        findings.append(
            shared_groups(values[rows.part == "train"], values[rows.part == "test"], kind=kind, examples=examples)
        )
    if not groups:
        unchecked["shared_groups"] = "give groups, such as the image of each row"
    if selected_on is None:
        unchecked["selection_on_test"] = "give selected_on, the part that chose the epoch"
    else:
        findings.append(selection_on_test(checked_part(selected_on)))
    parts = {p: int((rows.part == p).sum()) for p in ("train", "valid", "test")}
    return LeakReport(name, "as given", rows.cut, parts, tuple(findings), unchecked, unit="rows")


def _row_findings(rows: RowArrays, unchecked: dict[str, str], examples: int) -> list[Finding]:
    found = []
    if rows.claims is not None:
        found.append(rows_in_several_parts(rows.claims, examples=examples))
    train = rows.part == "train"
    if rows.time is None or rows.cut is None:
        for check in ("events_after_cut", "cascades_across_cut"):
            unchecked[check] = "the rows have no times"
    else:
        found.append(
            events_after_cut(
                rows.time[train],
                rows.cut,
                cascade=rows.ids("cascade", train),
                user=rows.ids("user", train),
                examples=examples,
            )
        )
    if rows.cascade is None:
        for check in ("cascades_across_cut", "cascades_in_several_parts", "near_duplicates"):
            unchecked[check] = "give cascade, the cascade of each row"
        return found
    names = rows.cascade_ids
    if rows.time is not None and rows.cut is not None:
        found.append(
            cascades_across_cut(rows.time[train], rows.cascade[train], rows.cut, names=names, examples=examples)
        )
    found.append(cascades_in_several_parts(rows.cascade, rows.part, names=names, examples=examples))
    if rows.user is None:
        unchecked["near_duplicates"] = "give user, the user of each row"
        return found
    tested, trained, validated = (np.unique(rows.cascade[rows.part == p]) for p in ("test", "train", "valid"))
    tested = np.setdiff1d(tested, np.concatenate([trained, validated]))  # the others are cascades in several parts
    used = rows.part != ""
    found.append(near_duplicates(rows.user[used], rows.cascade[used], tested, trained, names=names, examples=examples))
    found.append(
        near_duplicates(
            rows.user[used],
            rows.cascade[used],
            tested,
            np.union1d(trained, validated),
            name="near_duplicates_train_valid",
            of="a training or validation cascade",
            names=names,
            examples=examples,
        )
    )
    return found


def _target_findings(
    rows: RowArrays, user: Any, cascade: Any, position: Any, end_token: Any, unchecked: dict[str, str], examples: int
) -> list[Finding]:
    tested = rows.part == "test"
    if user is None:
        unchecked["end_tokens"] = "give target_user, the right answer of each test target"
        if rows.user is None:
            unchecked["targets_that_cannot_be_hit"] = unchecked["unseen_users"] = "give user, the user of each row"
            return []
        train_users = np.unique(rows.user[rows.part == "train"])
        found = [unseen_users(rows.user[tested], train_users, names=rows.user_ids, examples=examples)]
        if rows.cascade is None:
            unchecked["targets_that_cannot_be_hit"] = "give cascade, the cascade of each row"
            return found
        place, first = rows.place_in_cascade(), rows.first_place()
        assert place is not None and first is not None
        asked = tested & (place > 0)
        cascades, users = rows.ids("cascade", asked), rows.ids("user", asked)
        found.append(repeated_targets((first < place)[asked], cascade=cascades, user=users, examples=examples))
        return found
    answer = flat_array("target_user", user)
    tokens = (
        list(end_token)
        if isinstance(end_token, Sequence | np.ndarray) and not isinstance(end_token, str)
        else [end_token]
    )
    is_end = np.isin(answer.astype(str), [str(token) for token in tokens])
    which = None if cascade is None else _same_length("target_cascade", cascade, len(answer))
    found = [end_tokens(is_end, cascade=which, examples=examples)]
    if rows.user is None:
        unchecked["unseen_users"] = "give user, the user of each row"
    else:
        train_users = np.unique(rows.user[rows.part == "train"])
        found.append(
            unseen_users(
                answer[~is_end].astype(str), np.unique(rows.user_ids.astype(str)[train_users]), examples=examples
            )
        )
    if which is None or position is None or rows.user is None or rows.cascade is None:
        unchecked["targets_that_cannot_be_hit"] = "give user, cascade, target_cascade and target_position"
        return found
    asked_at = _same_length("target_position", position, len(answer)).astype(np.int64)
    seen = rows.first_place_of(which, answer)
    repeated = (seen >= 0) & (seen < asked_at)
    found.append(repeated_targets(repeated[~is_end], cascade=which[~is_end], user=answer[~is_end], examples=examples))
    return found


def _label_findings(
    rows: RowArrays,
    label_time: Any,
    horizon: float,
    columns_known_at: Mapping[str, float | None] | None,
    unchecked: dict[str, str],
    examples: int,
) -> list[Finding]:
    found: list[Finding] = []
    train = rows.part == "train"
    if rows.cut is None:
        unchecked["immature_labels"] = unchecked["columns_measured_later"] = "the rows have no times; give cut"
        return found
    if label_time is not None:
        complete = rows.column("label_time", label_time, np.float64)[train]
        asked = complete if rows.time is None else rows.time[train]
        found.append(immature_labels(asked, complete - asked, rows.cut, ids=np.flatnonzero(train), examples=examples))
    elif horizon and rows.time is not None:
        found.append(immature_labels(rows.time[train], horizon, rows.cut, ids=np.flatnonzero(train), examples=examples))
    else:
        unchecked["immature_labels"] = "give label_time, or a horizon with the times of the rows"
    if columns_known_at is None:
        unchecked["columns_measured_later"] = "give columns_known_at, when each column was measured"
    else:
        found.append(columns_measured_later(columns_known_at, rows.cut, examples=examples))
    return found


def _same_length(name: str, values: Any, length: int) -> np.ndarray:
    array = flat_array(name, values)
    if len(array) != length:
        raise SchemaError(f"{name} has {len(array)} values, expected {length}, one per target")
    return array
