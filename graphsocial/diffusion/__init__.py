"""Diffusion: how things spread over a graph, simulated, measured, fitted and steered."""

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.simulate import simulate
from graphsocial.diffusion.social_spread import spread_graph
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.spread_summary import SpreadSummary, spread_summary

__all__ = [
    "Activation",
    "IndependentCascade",
    "SpreadGraph",
    "SpreadSummary",
    "simulate",
    "spread_graph",
    "spread_summary",
]
