"""What is about to rise: counts per window, bursts, forecasts with intervals. No torch."""

from graphsocial.trends.burst_automaton import LevelBurst, burst_states, count_costs, gap_costs, level_bursts
from graphsocial.trends.bursts import Burst, burst_scores, find_bursts
from graphsocial.trends.bursts_of_nodes import Bursts, bursts
from graphsocial.trends.forecast import exponential_smoothing, historical_mean, last_window
from graphsocial.trends.kleinberg_bursts import KleinbergBursts, kleinberg_bursts
from graphsocial.trends.recent_counts import recent_counts
from graphsocial.trends.residual_quantiles import ResidualQuantiles
from graphsocial.trends.top_per_window import TopPerWindow, top_per_window
from graphsocial.trends.window_counts import WindowCounts, counts_per_window

__all__ = [
    "Burst",
    "Bursts",
    "KleinbergBursts",
    "LevelBurst",
    "ResidualQuantiles",
    "TopPerWindow",
    "WindowCounts",
    "burst_scores",
    "burst_states",
    "bursts",
    "count_costs",
    "counts_per_window",
    "exponential_smoothing",
    "find_bursts",
    "gap_costs",
    "historical_mean",
    "kleinberg_bursts",
    "last_window",
    "level_bursts",
    "recent_counts",
    "top_per_window",
]
