"""What is about to rise: counts per window, bursts, forecasts with intervals. No torch."""

from graphsocial.trends.bursts import Burst, burst_scores, find_bursts
from graphsocial.trends.bursts_of_nodes import Bursts, bursts
from graphsocial.trends.forecast import exponential_smoothing, historical_mean, last_window
from graphsocial.trends.recent_counts import recent_counts
from graphsocial.trends.residual_quantiles import ResidualQuantiles
from graphsocial.trends.top_per_window import TopPerWindow, top_per_window
from graphsocial.trends.window_counts import WindowCounts, counts_per_window

__all__ = [
    "Burst",
    "Bursts",
    "ResidualQuantiles",
    "TopPerWindow",
    "WindowCounts",
    "burst_scores",
    "bursts",
    "counts_per_window",
    "exponential_smoothing",
    "find_bursts",
    "historical_mean",
    "last_window",
    "recent_counts",
    "top_per_window",
]
