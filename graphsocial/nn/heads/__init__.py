"""Heads: fused vectors in, one task's output and loss out."""

from graphsocial.nn.heads.class_loss import ClassLoss
from graphsocial.nn.heads.label_head import LabelHead
from graphsocial.nn.heads.link_head import LinkHead
from graphsocial.nn.heads.next_user_head import NextUserHead
from graphsocial.nn.heads.recommendation_head import RecommendationHead
from graphsocial.nn.heads.relation_head import RelationHead
from graphsocial.nn.heads.size_head import SizeHead
from graphsocial.nn.heads.standardised import Standardised
from graphsocial.nn.heads.trend_head import TrendHead

__all__ = [
    "ClassLoss",
    "LabelHead",
    "LinkHead",
    "NextUserHead",
    "RecommendationHead",
    "RelationHead",
    "SizeHead",
    "Standardised",
    "TrendHead",
]
