"""The learned hazards of each edge for each post, simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from benchmarks.bridge_block import Block
from benchmarks.bridge_data import BridgeData
from benchmarks.bridge_forecasts import Forecasts, strongest_edges
from graphsocial.diffusion import simulate
from graphsocial.graph import CascadeSet
from graphsocial.learn.activation.activation_model import ActivationModel
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.candidate_edges import CandidateEdges
from graphsocial.learn.activation.learned_activation import LearnedActivation

Content = Mapping[str, np.ndarray]
CHECKED = 5
"""Posts whose forecast is made twice, to see that the same input gives the same runs."""


@dataclass(frozen=True, eq=False)
class BridgeCase:
    """A model fitted on what came before the test.

    Attributes:
        model: The model.
        edges: Its candidates as of the beginning of the test.
        content: What it was fitted with, float32 [cascade, channel] by modality; empty: with none.
    """

    model: ActivationModel
    edges: CandidateEdges
    content: Content

    @classmethod
    def fitted(cls, data: BridgeData, content: Content, seed: int, quick: bool) -> BridgeCase:
        """Fits the model; the newest tenth of what came before the test chooses its settings."""
        model = ActivationModel.fit(
            data.cascades,
            observe=data.observe,
            horizon=data.horizon,
            known_until=data.test_time,
            content=content or None,
            links=data.graph,
            valid_from=data.valid_time,
            config=ActivationTraining.quick() if quick else None,
            rng=seed,
        )
        edges = model.candidates(data.cascades, data.test_time, content=content or None)
        return cls(model, edges, content)

    def forecast(self, data: BridgeData, test: Block, runs: int) -> Forecasts:
        """Simulates each post from its prefix on."""
        edges: list[sparse.csr_matrix] = []

        def run(i: int) -> CascadeSet:
            found, cascade = self._activation(data, test, i), int(test.windows.cascade[i])
            acted = data.prefix(cascade, int(test.windows.as_of[i]))[0]
            edges.append(strongest_edges(found, acted[acted < test.users], test.users))
            return simulate(found.cascade(), found.seeds, runs, rng=cascade, horizon=found.horizon, threads=1)

        found = Forecasts.of_runs(map(run, range(len(test.windows))), data, test.users)
        return replace(found, edge=sparse.vstack(edges, format="csr"))

    def changed_by_nothing(self, data: BridgeData, test: Block, runs: int) -> int:
        """Largest difference between coupled runs of some posts that are asked about twice, in adopters."""
        worst = 0
        for i in range(min(CHECKED, len(test.windows))):
            sizes = [
                simulate(found.cascade(coupled=True), found.seeds, runs, rng=i, horizon=found.horizon, threads=1).size
                for found in (self._activation(data, test, i) for _ in range(2))
            ]
            worst = max(worst, int(np.abs(sizes[0] - sizes[1]).max()))
        return worst

    def _activation(self, data: BridgeData, test: Block, i: int) -> LearnedActivation:
        cascade = int(test.windows.cascade[i])
        return self.model.activation(
            data.cascades,
            data.cascades.names[cascade],
            as_of=int(test.windows.as_of[i]),
            graph=self.edges,
            content={name: rows[cascade] for name, rows in self.content.items()} or None,
        )


def shuffled(data: BridgeData, seed: int) -> Content:
    """Contents handed round among the cascades before the test, and among those of the test."""
    rng = np.random.default_rng(seed)
    cut = data.first_test
    order = np.concatenate([rng.permutation(cut), cut + rng.permutation(len(data.record) - cut)])
    return {name: rows[order] for name, rows in data.content.items()}
