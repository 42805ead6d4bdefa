"""How often a hashtag is used in the coming hours: series from texts, questions at rolling origins, forecasters."""

from graphsocial.trends.volume.arima_volume import ArimaVolume
from graphsocial.trends.volume.boosted_volume import BoostedVolume
from graphsocial.trends.volume.forecaster import VolumeForecaster
from graphsocial.trends.volume.naive_volume import NaiveVolume
from graphsocial.trends.volume.pooled_volume import PooledVolume
from graphsocial.trends.volume.smoothed_volume import SmoothedVolume
from graphsocial.trends.volume.tag_series import TagSeries, tag_series
from graphsocial.trends.volume.volume_questions import VolumeQuestions, volume_questions

__all__ = [
    "ArimaVolume",
    "BoostedVolume",
    "NaiveVolume",
    "PooledVolume",
    "SmoothedVolume",
    "TagSeries",
    "VolumeForecaster",
    "VolumeQuestions",
    "tag_series",
    "volume_questions",
]
