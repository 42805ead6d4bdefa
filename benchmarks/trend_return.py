"""Which items of a daily list stay or return, and how high."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
import numpy as np

from benchmarks.corpora.weibo_hotsearch import ARCHIVED
from benchmarks.result_lines import ResultLines
from benchmarks.trend_lines import TrendLines
from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.graph import format_time
from graphsocial.ingest import PostFolder
from graphsocial.learn.calibration import ConformalWidening
from graphsocial.learn.list_return import (
    RETURN_METRICS,
    BoostedReturn,
    ListFates,
    ListRecord,
    NearTopics,
    TextScore,
    calibration_error,
    character_vectors,
    climatology,
    list_fates,
    list_features,
    logistic,
    mean_log_odds,
    persistence,
)
from graphsocial.learn.list_return.list_features import SIMPLE
from graphsocial.learn.list_return.list_record import DAY
from graphsocial.learn.metrics import COVERAGE, PINBALL, QUANTILE_LEVELS, WIDTH, interval_score
from graphsocial.schema import UNKNOWN_TIME
from graphsocial.trends import ResidualQuantiles

QUESTIONS = {"within=1d": (1, 1), "within=3d": (1, 3), "within=7d": (1, 7), "return=2-7d": (2, 7)}
"""First and last day after the list's. The last one leaves out who only stays overnight."""
LONGEST = 7
FEWEST_DAYS = 40
COMPARED = ("average_precision", "log_score", "brier")
FLOORS = ("climatology", "persistence", "logistic", "gradient_boosting")
CALIBRATED = "/conformal"
CONTROL = "cross_modal/shuffled_text"
CAREFUL = BoostedReturn(rounds=120, leaves=8, rate=0.05, least=100)
"""Settings where words are read: small trees and slow steps."""


@dataclass(frozen=True)
class Span:
    """Days of each part.

    Attributes:
        train: Before each refit.
        valid: The newest of them, which choose the number of rounds.
        test: Days asked about.
        block: Days after which everything is fitted anew.
    """

    train: int = 150
    valid: int = 20
    test: int = 120
    block: int = 60

    @classmethod
    def of(cls, days: int, quick: bool) -> Span:
        """What a record of so many days allows."""
        full = cls(60, 10, 20, 20) if quick else cls()
        test = min(full.test, days // 4)
        return cls(min(full.train, days - test), full.valid, test, min(full.block, test))


@dataclass(frozen=True, eq=False)
class Block:
    """Features of a refit.

    Attributes:
        train: Rows before the block, int64 [training row].
        valid: The newest of them, bool [training row].
        asked: Rows of the block.
        features: `SIMPLE` and `CONTEXT`, [row, feature] of all rows.
        near: `NEAR` by the words, [row, feature].
        shuffled: The same by words dealt anew among the day's items.
        vectors: Words, true and shuffled.
    """

    train: np.ndarray
    valid: np.ndarray
    asked: np.ndarray
    features: np.ndarray
    near: np.ndarray
    shuffled: np.ndarray
    vectors: tuple[Any, Any]


def is_list(data: PostFolder) -> bool:
    """Whether the labels are ranks: whole numbers from 1 on, with times."""
    known = [label for label in data.label if label is not None]
    return bool(known) and all(str(label).isdigit() for label in known) and bool((data.time != UNKNOWN_TIME).all())


def list_record(data: PostFolder) -> ListRecord:
    """The lists of a folder: text is the item, label its rank, an edge "archived" its place."""
    rank = np.array([np.nan if label is None else float(label) for label in data.label])
    place = None
    if data.edges is not None and (data.edges.relation == ARCHIVED).any():
        rows = data.edges.relation == ARCHIVED
        at = dict(zip(data.edges.src[rows].tolist(), data.edges.dst[rows].tolist(), strict=True))
        place = np.array([float(at.get(post, "inf")) for post in data.post])
    return ListRecord.of(data.text, data.time, rank, place)


def run_return(data: PostFolder, quick: bool, lines: ResultLines) -> None:
    """Writes the lines of every question.

    Raises:
        SchemaError: The record is too short.
    """
    record = list_record(data)
    days = np.unique(record.day)
    if len(days) < FEWEST_DAYS:
        raise SchemaError(f"{data.name} has lists of {len(days)} days, expected at least {FEWEST_DAYS}")
    click.echo(repr(record))
    span = Span.of(len(days), quick)
    fates = {part: list_fates(record, last, first) for part, (first, last) in QUESTIONS.items()}
    stop = int(record.day[-1]) - LONGEST + 1
    starts = [stop - span.test + at for at in range(0, span.test, span.block)]
    config = {
        "quick": quick, "train_days": span.train, "test_days": span.test, "refit_days": span.block,
        "test_from": format_time(starts[0] * DAY), "test_to": format_time(stop * DAY), "seeds": 1,
        "assumption": "the order of a day's list is that of the last crawl of the day",
    }  # fmt: skip
    features = list_features(record)
    blocks = [_block(record, features, start, min(start + span.block, stop), span) for start in starts]
    asked = np.concatenate([block.asked for block in blocks])
    for part, fate in fates.items():
        known = fate.known[asked]
        rows = asked[known]
        kept = TrendLines(
            lines, part, RETURN_METRICS, COMPARED, fate.again[rows].astype(float), record.day[rows], record.day[rows],
            {**config, "rate": float(fate.again[rows].mean()) if len(rows) else None},
        )  # fmt: skip
        cases = [*FLOORS, "tfidf", "text", "cross_modal", *([] if quick else [CONTROL])]
        held: dict[tuple[str, int], Any] = {}
        for case in cases:
            began = time.perf_counter()
            found = np.concatenate([_chances(case, record, fate, b, i, held) for i, b in enumerate(blocks)])[known]
            extra = {"calibration_error": calibration_error(found, fate.again[rows])}
            kept.case(case, found, time.perf_counter() - began, case in FLOORS, extra)
        kept.differences()
    _heights(record, fates["within=7d"], blocks, lines, config)


def _block(record: ListRecord, features: np.ndarray, start: int, stop: int, span: Span) -> Block:
    near = NearTopics()
    first, oldest = start - span.train, start - span.train - near.days
    low, high = np.searchsorted(record.day, [oldest, stop])
    part = ListRecord(*(c[low:high] for c in (record.name, record.item, record.day, record.rank, record.place)))
    train = np.flatnonzero((part.day >= first) & (part.day < start))
    vectors = character_vectors(part.name[train].tolist(), part.name.tolist())
    rng = np.random.default_rng(0)
    mixed = np.arange(len(part))
    for day in np.unique(part.day):
        rows = np.flatnonzero(part.day == day)
        mixed[rows] = rng.permutation(rows)
    expected = np.empty((len(part), 2))
    for column, last in enumerate((1, 7)):
        fate = list_fates(part, last)
        learned = train[(part.day[train] + last < start) & fate.known[train]]
        own = features[low:high]
        expected[:, column] = climatology(own[learned], fate.again[learned], own)
    found = []
    for words in (vectors, vectors[mixed]):
        out = np.full((len(record), 11), np.nan)
        out[low:high] = near.features(part, words, expected, start=first)
        found.append(out)
    rows = low + train
    asked = np.arange(*np.searchsorted(record.day, [start, stop]))
    valid = record.day[rows] >= start - span.valid - LONGEST
    shift = _Shifted(vectors, low), _Shifted(vectors[mixed], low)
    return Block(rows, valid, asked, features, found[0], found[1], shift)


@dataclass(frozen=True, eq=False)
class _Shifted:
    """Vectors of the rows from one on."""

    vectors: Any
    low: int


def _chances(
    case: str,
    record: ListRecord,
    fate: ListFates,
    block: Block,
    number: int,
    held: dict[tuple[str, int], Any],
) -> np.ndarray:
    """Chances of a block's rows by one case; `held` keeps what several cases of the question share."""
    start = record.day[block.asked[0]]
    learn = (record.day[block.train] + fate.last < start) & fate.known[block.train]
    train, valid, asked = block.train[learn], block.valid[learn], block.asked
    again, simple = fate.again[train], block.features[:, : len(SIMPLE)]
    rules: Mapping[str, Any] = {"climatology": climatology, "persistence": persistence, "logistic": logistic}
    if case in rules:
        found: np.ndarray = rules[case](simple[train], again, simple[asked])
        return found
    if case == "gradient_boosting":
        held[case, number] = BoostedReturn().chances(simple[train], again, valid, simple[asked])
        return held[case, number]
    mixed = case == CONTROL
    key = "shuffled" if mixed else "true", number
    if key not in held:
        words = block.vectors[int(mixed)]
        rows = np.arange(words.low, asked[-1] + 1)
        held[key] = TextScore().scores(
            words.vectors, fate.again[rows], record.day[rows], fate.last, train - words.low, asked - words.low
        )
    own, new = held[key]
    if case == "tfidf":
        return 1 / (1 + np.exp(-new))
    near = block.shuffled if mixed else block.near
    base = simple[:, :0] if case == "text" else simple
    parts = [np.column_stack([base[r], near[r], s]) for r, s in ((train, own), (asked, new))]
    found = CAREFUL.chances(parts[0], again, valid, parts[1])
    # beside words, the place alone keeps its say: their worth changes with the news
    return found if case == "text" else mean_log_odds(found, held["gradient_boosting", number])


def _heights(
    record: ListRecord, fate: ListFates, blocks: list[Block], lines: ResultLines, config: Mapping[str, Any]
) -> None:
    """Best rank within the longest time of those that are there again, on a scale of log2."""
    asked = np.concatenate([block.asked for block in blocks])
    kept = np.isfinite(fate.best[asked])
    rows = asked[kept]
    metrics = (PINBALL, COVERAGE, WIDTH, interval_score())
    part = TrendLines(
        lines, "height=7d", metrics, ("pinball", "interval_score"), np.log2(fate.best[rows]),
        np.arange(len(rows)), record.day[rows], {**config, "scale": "log2 of the best rank within 7 days"},
    )  # fmt: skip
    held: dict[int, np.ndarray] = {}
    for case in ("climatology", "persistence", "gradient_boosting", "cross_modal"):
        began = time.perf_counter()
        both = [_quantiles(case, record, fate, block, i, held) for i, block in enumerate(blocks)]
        seconds = time.perf_counter() - began
        for at, name in enumerate((case, case + CALIBRATED)):
            found = np.concatenate([each[at] for each in both])[kept]
            part.case(name, found, seconds, case != "cross_modal")
    part.differences()


def _quantiles(
    case: str, record: ListRecord, fate: ListFates, block: Block, number: int, held: dict[int, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of a block's rows, as fitted and calibrated on the newest training days, [row, quantile] each."""
    start = int(record.day[block.asked[0]])
    known = (record.day[block.train] + fate.last < start) & np.isfinite(fate.best[block.train])
    newest = block.train[known & block.valid]
    early = block.train[known & ~block.valid]
    train = early[record.day[early] + fate.last < record.day[newest].min()] if len(newest) else early
    found = _raw_quantiles(case, record, fate, block, train, np.concatenate([newest, block.asked]))
    if case == "gradient_boosting":
        held[number] = found
    if case == "cross_modal":
        found = (found + held[number]) / 2
    raw, answers = found[len(newest) :], np.log2(fate.best[newest])
    try:
        widening = ConformalWidening.fit(found[: len(newest)], answers, QUANTILE_LEVELS, known_until=start * DAY)
    except NotFittedError:  # too few to say
        return raw, raw
    return raw, widening.apply(raw, as_of=start * DAY)


def _raw_quantiles(
    case: str, record: ListRecord, fate: ListFates, block: Block, train: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    target = np.log2(fate.best[train])
    known = record.rank[train][np.isfinite(record.rank[train])]
    rank = np.log2(np.where(np.isfinite(record.rank), record.rank, np.median(known) if len(known) else 1.0))
    if case == "climatology":
        return np.tile(np.quantile(target, QUANTILE_LEVELS), (len(asked), 1))
    if case == "persistence":
        last = int(record.day[train].max()) * DAY
        return ResidualQuantiles.fit(rank[train], target, QUANTILE_LEVELS, last).around(rank[asked], as_of=last)
    columns = [block.features[:, : len(SIMPLE)]]
    if case == "cross_modal":
        columns = [block.features, block.near]
    both = [np.column_stack([column[r] for column in columns]) for r in (train, asked)]
    return BoostedReturn().quantiles(both[0], target, both[1], QUANTILE_LEVELS)
