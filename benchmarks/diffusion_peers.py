"""Peers of the diffusion engine: each prepares a model once, then simulates as often as it is asked to.

`prepare` of each returns a function from a number of runs and a seed to the mean number of members. What a peer offers
that is faster than one run at a time is used.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.diffusion_graphs import BenchmarkGraph

Simulate = Callable[[int, int], float]


def cynetdiff_cascade(graph: BenchmarkGraph, probability: np.ndarray | float) -> Simulate:
    """CyNetDiff's independent cascade, C++."""
    from cynetdiff.models import IndependentCascadeModel

    chances: dict[str, Any] = (
        {"activation_prob": probability}
        if isinstance(probability, float)
        else {"activation_probs": array("f", probability.astype(np.float32))}
    )
    return _cynetdiff(IndependentCascadeModel(*_cynetdiff_rows(graph), **chances), graph)


def cynetdiff_threshold(graph: BenchmarkGraph) -> Simulate:
    """CyNetDiff's linear threshold, C++; 1 / in-degree is what it weighs edges with by itself."""
    from cynetdiff.models import LinearThresholdModel

    return _cynetdiff(LinearThresholdModel(*_cynetdiff_rows(graph)), graph)


def _cynetdiff_rows(graph: BenchmarkGraph) -> tuple[array, array]:
    spread = graph.spread
    return array("I", spread.indptr[:-1].astype(np.uint32)), array("I", spread.target.astype(np.uint32))


def _cynetdiff(model: Any, graph: BenchmarkGraph) -> Simulate:
    model.set_seeds(graph.seeds)

    def simulate(runs: int, seed: int) -> float:
        model.set_rng(seed)
        total = 0
        for _ in range(runs):
            model.reset_model()
            model.advance_until_completion()
            total += model.get_num_activated_nodes()
        return total / runs

    return simulate


def pynetim_graph(graph: BenchmarkGraph, probability: np.ndarray | float) -> Any:
    """PyNetIM's graph; its numbers have to run from 0 on."""
    from pynetim import IMGraph

    edges = list(zip(graph.spread.source.tolist(), graph.spread.target.tolist(), strict=True))
    weights = probability if isinstance(probability, float) else probability.tolist()
    return IMGraph(edges, weights, directed=True, renumber=False)


def pynetim_cascade(graph: BenchmarkGraph, probability: np.ndarray | float) -> Simulate:
    """PyNetIM's independent cascade, C++."""
    from pynetim import IndependentCascadeModel

    return _pynetim(IndependentCascadeModel(pynetim_graph(graph, probability), set(graph.seeds)))


def pynetim_threshold(graph: BenchmarkGraph) -> Simulate:
    """PyNetIM's linear threshold, C++."""
    from pynetim import LinearThresholdModel

    spread = graph.spread
    weights = (1 / np.maximum(spread.in_degree, 1))[spread.target]
    return _pynetim(LinearThresholdModel(pynetim_graph(graph, weights), set(graph.seeds)))


def _pynetim(model: Any) -> Simulate:
    def simulate(runs: int, seed: int) -> float:
        return float(model.run_monte_carlo_diffusion(runs, random_seed=seed))

    return simulate


def ndlib_cascade(graph: BenchmarkGraph, probability: np.ndarray | float) -> Simulate:
    """NDlib's independent cascade, Python; it draws from the global generators, which it seeds itself."""
    import ndlib.models.epidemics as epidemics
    import networkx as nx
    from ndlib.models import ModelConfig

    spread = graph.spread
    network = nx.DiGraph()
    network.add_nodes_from(range(spread.num_nodes))
    edges = list(zip(spread.source.tolist(), spread.target.tolist(), strict=True))
    network.add_edges_from(edges)
    chances = [probability] * len(edges) if isinstance(probability, float) else probability.tolist()
    config = ModelConfig.Configuration()
    config.add_model_initial_configuration("Infected", graph.seeds)
    for edge, chance in zip(edges, chances, strict=True):
        config.add_edge_configuration("threshold", edge, chance)

    def simulate(runs: int, seed: int) -> float:
        total = 0
        for run in range(runs):
            model = epidemics.IndependentCascadesModel(network, seed=seed + run)
            model.set_initial_status(config)
            while True:
                counts = model.iteration(node_status=False)["node_count"]
                if counts[1] == 0:
                    break
            total += counts[2]
        return total / runs

    return simulate


def eon_sir(graph: BenchmarkGraph, infection: float, recovery: float) -> Simulate:
    """EoN's event-driven SIR, Python, with the full curve of every run."""
    import EoN
    import networkx as nx

    spread = graph.spread
    network = nx.DiGraph()
    network.add_nodes_from(range(spread.num_nodes))
    network.add_edges_from(zip(spread.source.tolist(), spread.target.tolist(), strict=True))

    def simulate(runs: int, seed: int) -> float:
        rng, total = np.random.default_rng(seed), 0
        for _ in range(runs):
            _, _, _, recovered = EoN.fast_SIR(network, infection, recovery, initial_infecteds=graph.seeds, rng=rng)
            total += int(recovered[-1])
        return total / runs

    return simulate


def pynetim_opimc(graph: BenchmarkGraph, probability: np.ndarray | float) -> Callable[[int, float, int], list[int]]:
    """PyNetIM's OPIM-C, C++: seeds for k, epsilon and a random seed."""
    from pynetim import OPIMCAlgorithm

    network = pynetim_graph(graph, probability)

    def select(k: int, epsilon: float, seed: int) -> list[int]:
        return sorted(OPIMCAlgorithm(network, "IC", random_seed=seed).run(k, epsilon))

    return select


def pynetim_imm(graph: BenchmarkGraph, probability: np.ndarray | float) -> Callable[[int, float, int], list[int]]:
    """PyNetIM's IMM, C++: seeds for k, epsilon and a random seed."""
    from pynetim import IMMAlgorithm

    network = pynetim_graph(graph, probability)

    def select(k: int, epsilon: float, seed: int) -> list[int]:
        return sorted(IMMAlgorithm(network, "IC", epsilon=epsilon, random_seed=seed).run(k))

    return select
