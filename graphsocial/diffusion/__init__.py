"""Diffusion: how things spread over a graph, simulated, measured, fitted and steered."""

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.blocking.block_edges import block_edges
from graphsocial.diffusion.blocking.block_nodes import block_nodes
from graphsocial.diffusion.blocking.blocked_model import blocked_model
from graphsocial.diffusion.blocking.blocking_found import Blocking
from graphsocial.diffusion.competitive_cascade import Campaign, CompetitiveCascade
from graphsocial.diffusion.complex_contagion import ComplexContagion
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.diffusion.epidemics.compartment_curves import CompartmentCurves, compartment_curves
from graphsocial.diffusion.epidemics.compartments import SEIR, SI, SIR, SIS
from graphsocial.diffusion.goodness_of_fit import GoodnessOfFit, goodness_of_fit
from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.inference.activation_likelihood import ActivationLikelihood, activation_likelihood
from graphsocial.diffusion.inference.beta_prior import BetaPrior
from graphsocial.diffusion.inference.expectation_maximisation import ExpectationMaximisation
from graphsocial.diffusion.inference.fit_activation import fit_activation
from graphsocial.diffusion.inference.fitted_activation import FittedActivation
from graphsocial.diffusion.inference.infer_network import infer_network
from graphsocial.diffusion.inference.inferred_network import InferredNetwork
from graphsocial.diffusion.inference.locate_sources import locate_sources
from graphsocial.diffusion.inference.logistic_activation import LogisticActivation
from graphsocial.diffusion.inference.partial_credit import PartialCredit
from graphsocial.diffusion.inference.source_posterior import SourcePosterior
from graphsocial.diffusion.inference.transmission import (
    ExponentialTransmission,
    PowerLawTransmission,
    RayleighTransmission,
)
from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.linear_threshold import LinearThreshold
from graphsocial.diffusion.measures.age_moments import age_deviation, mean_age
from graphsocial.diffusion.measures.ages import ages, durations
from graphsocial.diffusion.measures.breadth import breadth
from graphsocial.diffusion.measures.cascade_table import cascade_table
from graphsocial.diffusion.measures.generation_sizes import generation_sizes
from graphsocial.diffusion.measures.growth import growth
from graphsocial.diffusion.measures.inter_event_times import inter_event_times
from graphsocial.diffusion.measures.mean_growth import MeanGrowth, mean_growth
from graphsocial.diffusion.measures.reproduction_numbers import ReproductionNumbers, reproduction_numbers
from graphsocial.diffusion.measures.seen_by_age import seen_by_age
from graphsocial.diffusion.measures.split_trees import split_trees
from graphsocial.diffusion.measures.structural_virality import structural_virality
from graphsocial.diffusion.measures.summarise_cascades import CascadeSummary, summarise_cascades
from graphsocial.diffusion.measures.time_to_share import time_to_share
from graphsocial.diffusion.opinions.de_groot import DeGroot
from graphsocial.diffusion.opinions.deffuant import Deffuant
from graphsocial.diffusion.opinions.friedkin_johnsen import FriedkinJohnsen
from graphsocial.diffusion.opinions.hegselmann_krause import HegselmannKrause
from graphsocial.diffusion.opinions.opinion_runs import OpinionRuns
from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
from graphsocial.diffusion.opinions.sznajd import Sznajd
from graphsocial.diffusion.opinions.voter import Voter
from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.expected_events import expected_events
from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
from graphsocial.diffusion.point_processes.fit_hawkes import fit_hawkes, fit_hawkes_each
from graphsocial.diffusion.point_processes.hawkes_fit import HawkesFit
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.infectiousness import infectiousness
from graphsocial.diffusion.point_processes.log_likelihood import log_likelihood
from graphsocial.diffusion.point_processes.power_law_kernel import PowerLawKernel
from graphsocial.diffusion.point_processes.predict_size import predict_size
from graphsocial.diffusion.point_processes.seismic import Seismic
from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
from graphsocial.diffusion.point_processes.simulate_hawkes import simulate_hawkes
from graphsocial.diffusion.point_processes.size_forecast import SizeForecast
from graphsocial.diffusion.point_processes.time_rescaling import time_rescaling
from graphsocial.diffusion.power_law_tail import PowerLawTail, power_law_tail
from graphsocial.diffusion.predictive_fit import PredictiveFit, predictive_fit
from graphsocial.diffusion.seed_selection.celf import celf
from graphsocial.diffusion.seed_selection.compare_seed_sets import SeedSetComparison, compare_seed_sets
from graphsocial.diffusion.seed_selection.degree_discount import degree_discount
from graphsocial.diffusion.seed_selection.highest_degree import highest_degree
from graphsocial.diffusion.seed_selection.opim_c import OpimC
from graphsocial.diffusion.seed_selection.pagerank_seeds import pagerank_seeds
from graphsocial.diffusion.seed_selection.random_seeds import random_seeds
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.seed_selection.select_seeds import select_seeds
from graphsocial.diffusion.seed_selection.two_hop_seeds import two_hop_seeds
from graphsocial.diffusion.simulate import simulate
from graphsocial.diffusion.social_spread import spread_graph
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.spread_summary import SpreadSummary, spread_summary
from graphsocial.diffusion.temporal.social_contacts import temporal_spread
from graphsocial.diffusion.temporal.temporal_compartments import TemporalSEIR, TemporalSI, TemporalSIR, TemporalSIS
from graphsocial.diffusion.temporal.temporal_independent_cascade import TemporalIndependentCascade
from graphsocial.diffusion.temporal.temporal_linear_threshold import TemporalLinearThreshold
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.diffusion.thresholds import Thresholds
from graphsocial.diffusion.virality_law import ViralityLaw

__all__ = [
    "Activation",
    "ActivationLikelihood",
    "BetaPrior",
    "Blocking",
    "Campaign",
    "CascadeSummary",
    "CompartmentCurves",
    "CompetitiveCascade",
    "ComplexContagion",
    "DeGroot",
    "Deffuant",
    "DelayLaw",
    "DelayedCascade",
    "EventTimes",
    "ExpectationMaximisation",
    "ExponentialKernel",
    "ExponentialTransmission",
    "FittedActivation",
    "FriedkinJohnsen",
    "GoodnessOfFit",
    "HawkesFit",
    "HawkesProcess",
    "HegselmannKrause",
    "IndependentCascade",
    "InferredNetwork",
    "Influence",
    "LinearThreshold",
    "LogisticActivation",
    "MeanGrowth",
    "OpimC",
    "OpinionRuns",
    "PartialCredit",
    "PowerLawKernel",
    "PowerLawTail",
    "PowerLawTransmission",
    "PredictiveFit",
    "RayleighTransmission",
    "ReproductionNumbers",
    "SEIR",
    "SI",
    "SIR",
    "SIS",
    "SeedSet",
    "SeedSetComparison",
    "Seismic",
    "SeismicKernel",
    "SizeForecast",
    "SourcePosterior",
    "SpreadGraph",
    "SpreadSummary",
    "Sznajd",
    "TemporalIndependentCascade",
    "TemporalLinearThreshold",
    "TemporalSEIR",
    "TemporalSI",
    "TemporalSIR",
    "TemporalSIS",
    "TemporalSpread",
    "Thresholds",
    "ViralityLaw",
    "Voter",
    "activation_likelihood",
    "age_deviation",
    "ages",
    "block_edges",
    "block_nodes",
    "blocked_model",
    "breadth",
    "cascade_table",
    "celf",
    "compare_seed_sets",
    "compartment_curves",
    "degree_discount",
    "durations",
    "expected_events",
    "fit_activation",
    "fit_hawkes",
    "fit_hawkes_each",
    "generation_sizes",
    "goodness_of_fit",
    "growth",
    "highest_degree",
    "infectiousness",
    "infer_network",
    "inter_event_times",
    "locate_sources",
    "log_likelihood",
    "mean_age",
    "mean_growth",
    "pagerank_seeds",
    "power_law_tail",
    "predict_size",
    "predictive_fit",
    "random_seeds",
    "reproduction_numbers",
    "seen_by_age",
    "select_seeds",
    "simulate",
    "simulate_hawkes",
    "simulate_opinions",
    "split_trees",
    "spread_graph",
    "spread_summary",
    "structural_virality",
    "summarise_cascades",
    "temporal_spread",
    "time_rescaling",
    "time_to_share",
    "two_hop_seeds",
]
