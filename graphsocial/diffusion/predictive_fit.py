"""Predictive fit: whether each observed cascade lies among the simulated ones of its own as one of them would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.goodness_of_fit import MEASURES, Measure
from graphsocial.diffusion.holm import holm
from graphsocial.diffusion.measures.comparable_cascades import comparable_cascades
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.query_result import Column, QueryResult


@dataclass(frozen=True, repr=False, eq=False)
class PredictiveFit(QueryResult):
    """How far from even the ranks of observed cascades among simulated ones are.

    Attributes:
        measure: Names of the measures; then, as "NAME given", of those whose ranks must not hang on something.
        distance: Largest distance between the distribution function of the ranks and the even one; of the latter, the
            correlation of the ranks, as normal numbers, with what was given. nan without ranks [measure].
        p_value: Chance of such a distance, or a larger one, if cascades came from what was simulated [measure].
        p_holm: The same, Holm's correction for looking at several measures [measure]; compare with the level as it is.
        mean_rank: 0.5 for a model that fits; above, more was observed than simulated [measure].
        rank_spread: Standard deviation of the ranks as a share of what is expected; above 1 the simulated cascades of
            a beginning are too much alike, below 1 too different [measure].
        ranked: Cascades that have a rank, int64 [measure].
        rank: Each cascade's, in (0, 1); nan where it, or each of its runs, has no such number [measure, cascade].
        runs: Simulated cascades of each observed one.
        age: Both sides as they were so long after their start; None for final cascades.
    """

    measure: tuple[str, ...]
    distance: np.ndarray
    p_value: np.ndarray
    p_holm: np.ndarray
    mean_rank: np.ndarray
    rank_spread: np.ndarray
    ranked: np.ndarray
    rank: np.ndarray
    runs: int
    age: float | None

    def title(self) -> str:
        """The smallest p value, and of how many cascades."""
        when = "" if self.age is None else f" at age {self.age:g}"
        return (
            f"ranks of {self.rank.shape[1]:,} observed cascades among {self.runs:,} simulated ones each{when}: "
            f"smallest p {np.nanmin(self.p_holm, initial=1.0):.3g} after Holm"
        )

    def columns(self) -> dict[str, Column]:
        """One row per measure."""
        return {
            "measure": list(self.measure),
            "distance": self.distance,
            "p_value": self.p_value,
            "p_holm": self.p_holm,
            "mean_rank": self.mean_rank,
            "rank_spread": self.rank_spread,
            "ranked": self.ranked,
        }


def predictive_fit(
    observed: CascadeSet,
    simulated: CascadeSet,
    *,
    rng: int | np.random.Generator,
    measures: Mapping[str, Measure] = MEASURES,
    given: Mapping[str, np.ndarray] | None = None,
    age: float | None = None,
    watched: float | np.ndarray | None = None,
    horizon: float | None = None,
) -> PredictiveFit:
    """Tests that ranks of observed cascades among simulated ones are even, with Holm's correction over the measures.

    Each observed cascade has runs of its own, which go on from its beginning, or have its seeds, content or author. If
    they and what was observed come from one law, its rank among them is even, whatever the cascade and however few the
    runs: the p values (of Kolmogorov and Smirnov, exact up to 10,000 cascades) hold for every law. So differences
    between cascades, which hide those of model and world in `goodness_of_fit`, are no noise here, and a model that says
    the right thing on average, but of each cascade too narrow a thing, is found out. The idea is Dawid's (J. R. Stat.
    Soc. A 147(2), 1984); ties are split at random (Czado, Gneiting and Held, Biometrics 65(4), 2009), with as many
    places as there are runs and the cascade itself (Talts et al., arXiv:1804.06788, 2018).

    A model that says the same of all cascades what differs between them may pass: all together they look right. `given`
    finds it out: for a measure it holds numbers of each cascade that were known beforehand, such as what the post says,
    and the ranks must not hang on them. As normal numbers they are standard normal and independent where the law is
    right, so the squared length of their projection on centred columns has a chi-squared law.

    Cascades are taken as independent of each other given their beginnings. Parameters fitted on the very cascades that
    are observed here make p values too large: test on others. No fit is perfect, and enough cascades show it: read
    `distance`, `mean_rank` and `rank_spread` too.

    Args:
        observed: Cascades that happened, none of them censored.
        simulated: The runs of the first, of the second, and so on, as many of each.
        rng: Whole number or numpy generator that splits ties.
        measures: By name; `MEASURES`, `TIMINGS`, both (`{**MEASURES, **TIMINGS}`), or any other.
        given: By the name of a measure, numbers that its ranks must not hang on, [cascade] or [cascade, column].
        age: Compare what cascades were at this age, in the unit of both sides' times; None: final cascades.
        watched: How long observed cascades were watched, where `age` needs it (`watched_lengths`).
        horizon: The simulation's, where `age` needs it.

    Raises:
        SchemaError: Not as many runs of each observed cascade, censored ones, or an argument that makes no sense.

    >>> pairs = CascadeSet([*"ab"] * 30, [-1] * 60, [0, 1] * 30, 2 * np.arange(31), range(30), [False] * 30)
    >>> alone = CascadeSet([*"a"] * 90, [-1] * 90, [0] * 90, np.arange(91), range(90), [False] * 90)
    >>> fit = predictive_fit(pairs, alone, rng=0)  # three runs each: a rank among four places, and always the last
    >>> fit.runs, float(fit.rank[0].min()) > 0.75, float(fit.p_holm[0]) < 0.001
    (3, True, True)
    """
    if not isinstance(measures, Mapping) or not measures:
        raise SchemaError(f"got measures={measures!r}, expected a mapping from names to functions, such as MEASURES")
    ours, theirs = _whole("observed", observed, age, watched), _whole("simulated", simulated, age, horizon)
    runs = len(theirs) // len(ours)
    if not runs or len(theirs) != runs * len(ours):
        raise SchemaError(
            f"got {len(theirs):,} simulated cascades of {len(ours):,} observed ones, expected the same number of runs "
            f"of each, such as {max(runs, 1) * len(ours):,}"
        )
    columns = _columns(given or {}, measures, len(ours))
    generator = np.random.default_rng(rng)
    rank = {name: _ranks(*_values(name, m, ours, theirs), generator) for name, m in measures.items()}
    rows = [*rank.values(), *(rank[name] for name in columns)]
    known = [row[~np.isnan(row)] for row in rows]
    tests = [_evenness(row) for row in known[: len(rank)]] + [_hanging(rank[name], x) for name, x in columns.items()]
    distance, p_value = np.array(tests).T
    return PredictiveFit(
        (*rank, *(f"{name} given" for name in columns)),
        distance,
        p_value,
        holm(p_value),
        np.array([row.mean() if len(row) else np.nan for row in known]),
        np.array([row.std() * np.sqrt(12) if len(row) else np.nan for row in known]),
        np.array([len(row) for row in known]),
        np.array(rows),
        runs,
        age,
    )


def _columns(given: Mapping[str, np.ndarray], measures: Mapping[str, Measure], count: int) -> dict[str, np.ndarray]:
    """What is given of each cascade, [cascade, column] by measure."""
    out = {}
    for name, values in given.items():
        if name not in measures:
            known = ", ".join(measures)
            raise SchemaError(f"given names {name!r}, expected one of {known}.{did_you_mean(name, list(measures))}")
        column = np.asarray(values)
        if column.dtype.kind not in "biuf" or column.ndim not in (1, 2) or len(column) != count:
            raise SchemaError(
                f"given {name!r} got {column.dtype} {column.shape}, expected numbers, [{count}] or [{count}, column]"
            )
        out[name] = column.reshape(count, -1).astype(np.float64)
        if not np.isfinite(out[name]).all():
            raise SchemaError(f"given {name!r} has a number that is not finite, expected all to be")
    return out


def _values(name: str, measure: Measure, ours: CascadeSet, theirs: CascadeSet) -> tuple[np.ndarray, np.ndarray]:
    """The measure of each observed cascade [cascade], and of its runs [cascade, run]."""
    found = [np.asarray(measure(side), dtype=np.float64) for side in (ours, theirs)]
    for side, values in zip((ours, theirs), found, strict=True):
        if values.shape != (len(side),):
            raise SchemaError(f"measure {name!r} got {values.shape}, expected ({len(side)},), a number of each cascade")
    return found[0], found[1].reshape(len(ours), -1)


def _ranks(came: np.ndarray, drawn: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Place of each number among its runs that have one, and at random within its place, [cascade]."""
    among = np.count_nonzero(~np.isnan(drawn), axis=1)
    below, same = (relation(drawn, came[:, None]).sum(axis=1) for relation in (np.less, np.equal))
    rank = (below + generator.random(len(came)) * (same + 1)) / (among + 1)
    return np.where(np.isnan(came) | (among == 0), np.nan, rank)


def _evenness(rank: np.ndarray) -> tuple[float, float]:
    from scipy.stats import kstest

    if not len(rank):
        return float("nan"), float("nan")
    test = kstest(rank, "uniform")
    return float(test.statistic), float(test.pvalue)


def _hanging(rank: np.ndarray, given: np.ndarray) -> tuple[float, float]:
    """Multiple correlation of the ranks as normal numbers with the columns, and its p value."""
    from scipy.special import ndtri
    from scipy.stats import chi2

    ranked = ~np.isnan(rank)
    column = given[ranked] - given[ranked].mean(axis=0) if ranked.any() else given[ranked]
    left, scale, _ = np.linalg.svd(column, full_matrices=False)
    left = left[:, scale > 1e-9 * max(scale.max(initial=0.0), 1e-300)]  # columns of one another count once
    if not left.shape[1]:
        return float("nan"), float("nan")
    normal = ndtri(rank[ranked])
    explained = float(((left.T @ normal) ** 2).sum())
    whole = float(((normal - normal.mean()) ** 2).sum())
    return float(np.sqrt(explained / whole)) if whole else float("nan"), float(chi2.sf(explained, left.shape[1]))


def _whole(side: str, cascades: CascadeSet, age: float | None, watched: float | np.ndarray | None) -> CascadeSet:
    try:
        found, left_out = comparable_cascades(cascades, age, watched)
    except SchemaError as error:
        raise SchemaError(f"{side} cascades: {error}") from error
    if left_out:
        of = "censored" if age is None else f"not watched to age {age:g}"
        raise SchemaError(f"{side} cascades: {left_out:,} of {len(cascades):,} are {of}, expected none")
    return found
