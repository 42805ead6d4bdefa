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


def by_question(case: str, metric: str) -> tuple[str, str]:
    """Label and column of a line where every case of every question is a row.

    >>> by_question("graph", "auc/part=follow_uniform/difference")
    ('follow_uniform: graph', 'auc/difference')
    """
    part, column = by_part(case, metric)
    return f"{part}: {case}", column


def by_task(case: str, metric: str) -> tuple[str, str]:
    """Label and column of a line where every metric of every task is a row and every case a column.

    >>> by_task("beside_trend", "gain_over_alone/part=link")
    ('link/gain_over_alone', 'beside_trend')
    """
    name, _, part = metric.partition("/part=")
    return f"{part}/{name}", case


def by_engine(case: str, metric: str) -> tuple[str, str]:
    """Label and column of a line where every job is a row and the seconds of every engine a column.

    >>> by_engine("pagerank/spark", "seconds"), by_engine("pagerank", "ratio")
    (('pagerank', 'spark'), ('pagerank', 'ratio'))
    """
    job, _, engine = case.partition("/")
    if not engine:
        return job, metric
    return job, engine if metric == "seconds" else f"{engine}/{metric}"


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
        "are kept for a run. threads_share: speed-up of two threads over that of two processes. opimc_equal_spread: "
        "the first of several epsilons whose seeds reach what those of PyNetIM's OPIM-C (epsilon .1) reach; "
        "opimc_spread_of_imm: what those of its IMM (epsilon .5) do. log_likelihood: nats per activation of later "
        "cascades; branching: events that one of them triggers.",
        digits=".3g",
        by_peer=True,
    ),
    "multimodal_behaviour": Layout(
        (
            "next_topic/log_loss",
            "next_topic/log_loss/difference",
            "next_hour/log_loss",
            "next_hour/log_loss/difference",
            "same_user/hits@10",
            "same_user/mrr",
            "same_user/mrr/difference",
        ),
        "95 % intervals over users; a difference is to the best floor. Log losses in bits, of acts in the last three "
        "tenths of all acts, by what only earlier acts say: below zero the user's own past tells something. Floors: "
        "everyone's shares of late (popularity), and the user's last one with the chance to come again that fits best "
        "(last). Same user: odd posts ask, even posts answer, whenever they were.",
    ),
    "multimodal_alignment": Layout(
        (
            "text_to_image/recall@1",
            "text_to_image/recall@10",
            "text_to_image/recall@10/difference",
            "image_to_text/recall@1",
            "image_to_text/recall@10",
            "image_to_text/recall@10/difference",
        ),
        "Every fold is searched whole; 95 % intervals over groups of posts that share a text or a picture, all seeds "
        "together; a difference is to the best floor. permuted_pairs: learned from texts with other posts' pictures.",
    ),
    "explanations": Layout(
        (
            "faithfulness",
            "faithfulness/over_random",
            "faithfulness/over_attention",
            "stability",
            "shapley",
        ),
        "95 % intervals over groups of examples. Faithfulness: area under the insertion curve minus that under the "
        "deletion curve, about zero for an order without sense; differences are paired. Stability: rank correlation of "
        "the scores between models of other seeds. Shapley: share of the metric that a modality brings, from one model "
        "with modalities taken away (masked) or from a model for each set of modalities (retrained).",
        by_question,
    ),
    "spark": Layout(
        ("one_machine", "spark", "ratio", "one_machine/cpu_seconds", "spark/cpu_seconds", "equal", "l1_distance"),
        "Seconds on two cores that other work was using, too, and CPU seconds of all processes. ratio: how many times "
        "as long Spark takes. equal: 1 = the same rows in the same order, to the last bit; PageRank, which either side "
        "solves to a tolerance of 1e-6, by the summed difference. The first size of the session also pays for what "
        "Spark compiles.",
        by_engine,
        ".3g",
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
        "times the whole costs what the shortest history does; 1 = the cost does not depend on it. Training: the "
        "evidence, read once, and all epochs of the model's settings. Memory in MB.",
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
        (
            "crps",
            "crps/difference",
            "coverage",
            "interval_score",
            "growth_error",
            "average_precision",
            "calibration_error",
            "expected_over_observed",
        ),
        "CRPS of log2(1 + new adopters among known users) at the horizon; 95 % intervals over cascades (binomial for "
        "coverage), the seeds of a case averaged. A difference is the bridge minus the case of its row: below zero the "
        "bridge is better. Coverage and interval score: of the 90 % interval. calibration_error: known users who act "
        "too many or too few for their chance, over six bins of the chance, for each who acts (0 is best, and noise "
        "alone is above it); expected_over_observed: how many are expected to act for each who does. Empty: the case "
        "does not say.",
    ),
    "bridge_recovery": Layout(
        (
            "log_odds_error",
            "log_odds_error/content_blind",
            "chance_calibration",
            "seeds",
            "seeds/content_blind",
            "what_if_error",
            "what_if_error/content_blind",
            "what_if_sign",
            "rejected",
            "rejected/chosen_contagion",
        ),
        "Means over worlds with 95 % intervals (Student's t; binomial for rejected). log_odds_error: RMSE of the log "
        "odds of the chances; chance_calibration: in ten bins of edges by what was learned, how far their mean true "
        "chance is off, over the mean of all; seeds: reach of the five seeds selected for a post, as a share of the "
        "best; what_if: "
        "difference in new adopters when the content is another. content_blind: chances fitted without a look at the "
        "content; for what_if, no difference. rejected: share of tests on 300 later posts that reject the learned "
        "hazards at .05, Holm's correction over the ranks of size, mean and deviation of ages, duration and who had "
        "followed whom without a link, and of the first two given the content; planted: the same of the true "
        "parameters, which is the level; chosen_contagion: with the contagion that growth on validation leaves.",
    ),
    "multimodal_sentiment": Layout(
        ("macro_f1", "accuracy", "worst_f1", "macro_f1/difference", "macro_f1/gain_over_text"),
        "95 % intervals over groups of posts for a value, over folds with the corrected resampled t-test (Nadeau and "
        "Bengio 2003) for a difference; a difference is to the floor that is best on the same posts. worst_f1: F1 of "
        "the class where it is lowest. lost_NAME=P: P % of the posts come without it in test, drop_NAME=P: in training "
        "and test. No post of the fold that settings were found on is tested.",
    ),
    "multimodal_veracity": Layout(
        ("macro_f1", "macro_f1/difference", "roc_auc", "worst_f1", "group_accuracy", "group_accuracy/difference"),
        "95 % intervals over pictures, or posts where there are none; of group_accuracy, where every event counts the "
        "same, over events; a difference is to the floor that is best on the same posts. worst_f1: F1 of the class "
        "where it is lowest.",
    ),
    "multitask": Layout(
        ("alone", "all_mean", "all_uncertainty", "all_pcgrad"),
        "95 % intervals over examples and seeds, drawn apart from each other; of gradients the lowest and highest "
        "seed. gain_over_alone, gain_over_mean: above 0 is better whichever way the metric counts; over the task "
        "trained by itself, and over all tasks with the mean of their losses. mean_cosine: between two tasks' "
        "gradients on the shared parameters; conflicting: share of steps with a cosine below 0.",
        by_task,
    ),
    "multimodal_relation": Layout(
        ("auc", "auc/difference", "average_precision", "macro_f1", "macro_f1/difference", "mae", "mae/difference"),
        "95 % intervals over the sources of edges (nodes for label) and seeds, drawn together; a difference is to the "
        "floor that is best on the same pairs. RELATION_uniform: against as many pairs drawn evenly; RELATION_two_hop: "
        "pairs two hops apart, on both sides.",
        by_question,
    ),
    "cascade_size": Layout(
        ("mse", "mse/difference", "spearman", "coverage", "interval_width", "interval_score"),
        "95 % intervals over cascades (binomial for coverage), all seeds of a case together; a difference is to the "
        "floor that is best on the same cascades, or to the one that the column names.",
    ),
    "cascade_size_tail": Layout(
        (
            "mse",
            "mse/difference",
            "mse/size=high",
            "mse/difference/size=high",
            "mse/difference/size=middle",
            "mse/difference/size=low",
            "over/size=high",
        ),
        "95 % intervals over cascades, all seeds together; a difference is to the model without weights, below zero "
        "where weights help. Thirds by what the test cascades came to, which nobody knows beforehand; over: mean of "
        "the answer minus the truth, log2.",
    ),
    "multimodal_trend": Layout(
        (
            "average_precision",
            "average_precision/difference",
            "auc",
            "log_score",
            "log_score/difference",
            "calibration_error",
            "crps",
            "crps/difference",
            "pinball",
            "interval_coverage",
            "interval_width",
            "interval_score",
            "interval_score/difference",
            "nmi",
            "ari",
            "found_in_a_day",
            "delay_hours",
        ),
        "95 % intervals over days, of topics over events; a difference is to the floor that is best on the same rows. "
        "within, return: whether an item of a daily list is there again; precision and auc are means over the days' "
        "lists. height: log2 of the best rank of those that are. ahead: log1p of a hashtag's posts in the hour so far "
        "ahead; CRPS by seven quantiles. Intervals are of 90 %. topics: agreement with known events, the later half.",
        by_question,
    ),
    "multimodal_recommendation": Layout(
        ("hr@10", "ndcg@10", "hr@10/difference", "ndcg@10/difference", "hr@10/cold", "coverage@10", "novelty@10"),
        "95 % intervals over users, the seeds of a case averaged. A difference is to the floor that is best on the "
        "same targets. Cold: right posts with fewer than ten events so far. Coverage: share of all posts that were a "
        "candidate and were shown to somebody; novelty: bits of the shown posts by their share of the last seven days.",
    ),
}
"""Layouts that differ from the plain one."""


def layout_of(name: str) -> Layout:
    """Layout of a benchmark, the plain one where it has none of its own."""
    return LAYOUTS.get(name, Layout())
