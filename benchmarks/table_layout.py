"""What a row and a column of each benchmark's table is, and what the note below says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def by_case(case: str, metric: str) -> tuple[str, str]:
    """Label and column of a line where every case is a row."""
    return case, metric


def by_part(case: str, metric: str) -> tuple[str, str]:
    """Label and column of a line where every part that is left out is a row.

    >>> by_part("graphsocial", "hits@10/part=no_graph/difference")
    ('no_graph', 'hits@10/difference')
    """
    name, _, rest = metric.partition("/")
    part, _, rest = rest.partition("/")
    return part.removeprefix("part="), f"{name}/{rest}".rstrip("/")


def by_measure(case: str, metric: str) -> tuple[str, str]:
    """Label and column of a line where every measure is a row and every history a column.

    >>> by_measure("graphsocial", "epoch_seconds/history=0.25"), by_measure("graphsocial", "a/growth/part=no_content")
    (('epoch_seconds', 'history=0.25'), ('a/part=no_content', 'growth'))
    """
    name, _, rest = metric.partition("/")
    column, _, rest = rest.partition("/")
    return f"{name}/{rest}".rstrip("/"), column


@dataclass(frozen=True)
class Layout:
    """How a benchmark's lines are shown.

    Attributes:
        columns: Shown where a marker does not choose; none = every metric without a suffix.
        note: Stands below the table.
        place: Label and column of a line by its case and metric.
        digits: Format of a value.
        by_peer: Every peer is a column of ratios, the value alone a column of its own.
    """

    columns: tuple[str, ...] = ()
    note: str = "95 % intervals."
    place: Callable[[str, str], tuple[str, str]] = by_case
    digits: str = ".3f"
    by_peer: bool = False


_RANKED = ("hits@10", "hits@100", "map@100", "hits@10/difference", "map@100/difference")
_SPREAD_COLUMNS = ("share_of_limit", "bytes_per_edge", "threads_share", "log_likelihood", "branching")
LAYOUTS = {
    "next_user": Layout(
        _RANKED,
        "95 % intervals over cascades and seeds; a difference is to the floor that is best on the same targets.",
    ),
    "next_user_parts": Layout(
        _RANKED,
        "95 % intervals over cascades and seeds; a difference is the full model minus the one without the part, "
        "trained with the same seeds: above zero the part earns something.",
        by_part,
    ),
    "graph": Layout(
        ("graphsocial", "networkx", "igraph", "networkit", "rustworkx", "duckdb", "ladybug"),
        "graphsocial: CPU seconds, or what the name of the row says; peers: how many times as long they take for the "
        "same answer, in CPU seconds of the same run, medians. Empty: not offered.",
        digits=".3g",
        by_peer=True,
    ),
    "vector_search": Layout(
        ("graphsocial", "scikit-learn", "faiss", "faiss-IVF"),
        "graphsocial: CPU seconds of a query, one thread; peers: how many times as long they take, with their recall "
        "where it is not 1. The filter is given as positions, and what an index makes of them is timed, too.",
        digits=".3g",
        by_peer=True,
    ),
    "ingest": Layout(
        ("graphsocial", "polars", "delta"),
        "graphsocial: records per CPU second (jsonl), seconds (append), MB (memory), reposts found (corpus). "
        "polars: our rate over that of Polars reading the same JSON lines "
        "and writing them to Parquet. delta: the time of its append alone, which flushes nothing to disk, over ours "
        "for append, flush, merge and a neighbourhood.",
        digits=".3g",
        by_peer=True,
    ),
    "diffusion": Layout(
        ("graphsocial", "cynetdiff", "pynetim", "pynetim_imm", "celf", "eon", "ndlib", *_SPREAD_COLUMNS),
        "graphsocial: CPU seconds of a run, or of a selection (opimc), one thread; peers: how many times as long they "
        "take, in turn in the same run, medians. share_of_limit: of the speed at which this machine reads the cache "
        "lines that a run has to touch, at random; above 1 where they lie in a cache. bytes_per_edge: all arrays that "
        "a run reads. threads_share: speed-up of two threads over that of two processes. opimc_equal_spread: the first "
        "of several epsilons whose seeds reach what PyNetIM's reach. log_likelihood: nats per activation of later "
        "cascades; branching: events that one of them triggers.",
        digits=".3g",
        by_peer=True,
    ),
    "networkx_suite": Layout(
        ("passed", "failed", "xfailed", "skipped", "served", "refused"),
        "NetworkX's own tests: of a function, those in which the backend served it. Served: calls answered by the "
        "backend; refused: calls that it left to NetworkX, nearly all with weights on paths.",
        digits=".0f",
    ),
    "next_user_cost": Layout(
        ("history=0.25", "history=0.5", "history=1", "growth"),
        "A history is a share of the cascades, the first ones, with the users of all as candidates. Growth: how many "
        "times the whole costs what the shortest history does; 1 = the cost does not depend on it. Memory in MB.",
        by_measure,
        ".3g",
    ),
    "next_user_size": Layout(
        ("size_pinball", "size_pinball/difference", "size_coverage", "size_width", "size_interval_score"),
        "Quantiles of log2(1 + users still to come within the horizon) at every place of the test cascades; 95 % "
        "intervals over cascades, all seeds of a case together. A difference is to the boosted quantiles: below zero "
        "the network is better.",
    ),
    "bridge": Layout(
        ("crps", "crps/difference", "coverage", "interval_score", "growth_error", "average_precision"),
        "CRPS of log2(1 + new adopters among known users) at the horizon; 95 % intervals over cascades (binomial for "
        "coverage), the seeds of a case averaged. A difference is the bridge minus the case of its row: below zero the "
        "bridge is better. Coverage and interval score: of the 90 % interval. Empty: the case does not say.",
    ),
    "cascade_size": Layout(
        ("mse", "mse/difference", "spearman", "coverage", "interval_width", "interval_score"),
        "95 % intervals over cascades (binomial for coverage), all seeds of a case together; a difference is to the "
        "floor that is best on the same cascades, or to the one that the column names.",
    ),
}
"""Layouts that differ from the plain one."""


def layout_of(name: str) -> Layout:
    """Layout of a benchmark, the plain one where it has none of its own."""
    return LAYOUTS.get(name, Layout())
