"""Rules without a network that every learned model stands beside, one per file.

A floor sees, of each example, only what happened strictly before its time, and of the training examples their labels.
"""

from graphsocial.learn.floors.candidate_popularity import CandidatePopularity
from graphsocial.learn.floors.common_neighbours import CommonNeighbours
from graphsocial.learn.floors.exponential_smoothing import ExponentialSmoothing
from graphsocial.learn.floors.floor import Floor
from graphsocial.learn.floors.historical_mean import HistoricalMean
from graphsocial.learn.floors.majority_class import MajorityClass
from graphsocial.learn.floors.mean_count import MeanCount
from graphsocial.learn.floors.past_relations import PastRelations
from graphsocial.learn.floors.persistence import Persistence
from graphsocial.learn.floors.recency import Recency
from graphsocial.learn.floors.tfidf_count import TfidfCount
from graphsocial.learn.floors.tfidf_label import TfidfLabel

__all__ = [
    "CandidatePopularity",
    "CommonNeighbours",
    "ExponentialSmoothing",
    "Floor",
    "HistoricalMean",
    "MajorityClass",
    "MeanCount",
    "PastRelations",
    "Persistence",
    "Recency",
    "TfidfCount",
    "TfidfLabel",
]
