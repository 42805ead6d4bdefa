"""One held-out phrase, from what was known of it in its first hour to what came, and what the model says of both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import kstest

from benchmarks.bridge_block import evenly
from benchmarks.bridge_data import BridgeData
from benchmarks.bridge_forecasts import Outcomes, Scores
from benchmarks.bridge_model import BridgeCase
from graphsocial.diffusion import simulate
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import CascadeSet
from graphsocial.ingest import CascadeFolder
from graphsocial.learn.activation.candidate_edges import OUTSIDE
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.query import Engine

LETTERS = 40
"""Shorter texts are not chosen: they say nothing to a reader."""
SEED = 7


@dataclass(frozen=True)
class CaseSize:
    """How much of everything.

    Attributes:
        runs: Simulated spreads.
        samples: Sampled graphs that seeds are chosen on.
        posts: Held-out phrases that the fit is judged on.
        seeds: How many sites are seeded.
        blocked: How many are blocked.
    """

    runs: int = 2_000
    samples: int = 1_000
    posts: int = 300
    seeds: int = 10
    blocked: int = 5

    @classmethod
    def quick(cls) -> CaseSize:
        """For a first look."""
        return cls(runs=300, samples=100, posts=30)


def chosen_phrase(data: BridgeData, folder: CascadeFolder, place: int = 0) -> int:
    """The held-out phrase that most sites had taken up within the first hour, of those with enough letters.

    What came later has no part in the choice.

    Args:
        data: The corpus.
        folder: Its texts.
        place: 0 for the first, 1 for the next, and so on.

    Returns:
        Its number in the record.
    """
    windows = data.test.windows
    early = [len(data.prefix(int(c), int(t))[0]) for c, t in zip(windows.cascade, windows.as_of, strict=True)]
    said = [len(folder.texts.get(str(data.record.names[c]), "")) >= LETTERS for c in windows.cascade]
    order = np.argsort(-np.where(said, early, -1), kind="stable")
    return int(windows.cascade[order[place]])


def named_phrase(data: BridgeData, name: str) -> int:
    """A held-out phrase by its id.

    Raises:
        SchemaError: It is none.
    """
    names = [str(data.record.names[c]) for c in data.test.windows.cascade]
    if name not in names:
        raise SchemaError(
            f"{name!r} is no held-out phrase whose outcome is known, expected one of {len(names):,}."
            f"{did_you_mean(name, names)}"
        )
    return int(data.test.windows.cascade[names.index(name)])


@dataclass(frozen=True, eq=False)
class BridgeCaseFacts:
    """A phrase, asked about an hour after it began.

    Attributes:
        data: The corpus.
        folder: Its texts.
        cascade: Number of the phrase in the record.
        engine: As of the question.
        activation: What it says of the phrase.
        runs: Simulated from there.
    """

    data: BridgeData
    folder: CascadeFolder
    cascade: int
    engine: Engine
    activation: LearnedActivation
    runs: CascadeSet

    @classmethod
    def of(cls, data: BridgeData, folder: CascadeFolder, cascade: int, engine: Engine, runs: int) -> BridgeCaseFacts:
        """Asks the engine, and simulates."""
        activation = engine.activation(("post", str(data.record.names[cascade])))
        found = simulate(activation.cascade(), activation.seeds, runs=runs, rng=SEED, horizon=activation.horizon)
        return cls(data, folder, cascade, engine, activation, found)

    @property
    def post(self) -> str:
        """Id of the phrase."""
        return str(self.data.record.names[self.cascade])

    @property
    def text(self) -> str:
        """What it says."""
        return self.folder.texts[self.post]

    @property
    def now(self) -> int:
        """Time of the question."""
        return self.activation.as_of

    @cached_property
    def early(self) -> list[tuple[str, int]]:
        """Who had acted by then, and when, in order."""
        user, time = self.data.prefix(self.cascade, self.now)
        return list(zip(map(str, self.data.record.ids[user]), time.tolist(), strict=True))

    @cached_property
    def later(self) -> list[tuple[str, int]]:
        """Who acted within the horizon from then on, and how long after, in order."""
        part = slice(*self.data.record.offsets[self.cascade : self.cascade + 2])
        user, after = self.data.record.user[part], self.data.record.time[part] - self.now
        kept = (after >= 0) & (after < self.activation.horizon)
        return list(zip(map(str, self.data.record.ids[user[kept]]), after[kept].tolist(), strict=True))

    @cached_property
    def came(self) -> dict[str, int]:
        """Those of them who were known at the question, which is whom a forecast can name."""
        known = set(self.activation.spread.ids.tolist())
        return {who: after for who, after in self.later if who in known}

    @cached_property
    def simulated(self) -> np.ndarray:
        """New adopters in each run, int64 [run]."""
        return self.activation.new_adopters(self.runs)

    def growth(self, times: np.ndarray) -> np.ndarray:
        """New adopters by some seconds after the question in each run, int64 [run, time]."""
        run = np.repeat(np.arange(len(self.runs)), self.runs.size)
        new = self.runs.parent >= 0
        column = np.searchsorted(times, self.runs.time[new], side="left")
        cells = np.zeros((len(self.runs), len(times) + 1), dtype=np.int64)
        np.add.at(cells, (run[new], column), 1)
        return cells.cumsum(axis=1)[:, :-1]

    @cached_property
    def reached(self) -> list[tuple[str, float]]:
        """Share of runs that reach each site which had not acted, the largest first."""
        new = self.runs.parent >= 0
        name, count = np.unique(self.runs.node[new].astype(str), return_counts=True)
        order = np.lexsort((name, -count))
        return [(str(name[i]), float(count[i] / len(self.runs))) for i in order]

    def strongest(self, most: int) -> list[tuple[str, str, float, int]]:
        """Edges of the largest chance to who had not acted, from anybody but the outside, with how often the two had
        taken up the same phrase.
        """
        graph, acted = self.activation.spread, list(self.activation.seeds)
        asked = ~np.isin(graph.target, graph.numbers(acted)) & (graph.ids[graph.source] != OUTSIDE)
        chance = np.where(asked, self.activation.probability, -1)
        place = np.argsort(-chance, kind="stable")[:most]
        together = graph.edge_value("together")
        return [
            (str(graph.ids[graph.source[e]]), str(graph.ids[graph.target[e]]), float(chance[e]), int(together[e]))
            for e in place
        ]

    def average_precision(self) -> tuple[float, float]:
        """Of who is reached, and what handing out the names by chance would give."""
        from sklearn.metrics import average_precision_score

        share = dict(self.reached)
        names = [who for who in self.activation.spread.ids.tolist() if who not in self.activation.ages]
        right = np.array([who in self.came for who in names])
        score = np.array([share.get(who, 0.0) for who in names])
        return float(average_precision_score(right, score)), float(right.mean())


@dataclass(frozen=True, eq=False)
class FitFacts:
    """How good the same model is on many held-out phrases.

    Attributes:
        pit: Where each observed size stands among the simulated ones, uniform if the law is right, float64 [phrase].
        covered: Share inside of the 90 % interval.
        crps: Mean CRPS of log2(1 + new adopters).
        p_value: Of the Kolmogorov-Smirnov test that the places are uniform.
    """

    pit: np.ndarray
    covered: float
    crps: float
    p_value: float

    @classmethod
    def of(cls, data: BridgeData, engine: Engine, posts: int, runs: int) -> FitFacts:
        """Forecasts phrases evenly spread over the test, over the candidates as of its beginning."""
        assert engine.spread is not None
        model = engine.spread.model
        test = data.test.part(evenly(len(data.test.windows), posts))
        edges = model.candidates(data.cascades, data.test_time, content=data.content or None)
        scores = Scores.of(
            BridgeCase(model, edges, data.content).forecast(data, test, runs), came := Outcomes.of(data, test)
        )
        target = np.log2(1 + came.counts[:, -1])
        covered = (scores.ends[:, -1, 0] <= target) & (target <= scores.ends[:, -1, 1])
        return cls(
            scores.pit,
            float(covered.mean()),
            float(scores.crps[:, -1].mean()),
            float(kstest(scores.pit, "uniform").pvalue),
        )
