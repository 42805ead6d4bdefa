"""Which items of a daily list stay or return, and how high: trending topics, charts, most read."""

from graphsocial.learn.list_return.boosted_return import BoostedReturn
from graphsocial.learn.list_return.list_fates import ListFates, list_fates
from graphsocial.learn.list_return.list_features import list_features
from graphsocial.learn.list_return.list_record import ListRecord
from graphsocial.learn.list_return.mean_log_odds import mean_log_odds
from graphsocial.learn.list_return.near_topics import NearTopics
from graphsocial.learn.list_return.return_floors import climatology, logistic, persistence
from graphsocial.learn.list_return.return_metrics import RETURN_METRICS, calibration_error
from graphsocial.learn.list_return.text_score import TextScore, character_vectors

__all__ = [
    "RETURN_METRICS",
    "BoostedReturn",
    "ListFates",
    "ListRecord",
    "NearTopics",
    "TextScore",
    "calibration_error",
    "character_vectors",
    "climatology",
    "list_fates",
    "list_features",
    "logistic",
    "mean_log_odds",
    "persistence",
]
